"""Cypher of patterns: values are parameters, names are quoted, the console lets it pass."""

import re

import pytest

from schemas.errors import UsageError
from schemas.patterns import Connection, Pattern, read
from schemas.patterns.attributes import resolved
from store.motifs import compile_pattern, not_in_graph
from store.refusals import check
from tests.motifs_asked import OURS, SHARED

COLUMNS = {
    name: "text" if name in ("type", "cell_class", "polarity", "instance") else "number"
    for name in ("type", "cell_class", "polarity", "instance", "soma_x", "soma_y", "neuron_id")
}
POISON = "x' OR 1=1 // ` }) DETACH DELETE n $limit \\u0027"
IN_GRAPH = {name: text for name, text in (SHARED | OURS).items() if ".kind" not in text}


def compiled(text, *, induced=False, once=True, count=False):
    pattern = resolved(read(text).closed(induced=induced), COLUMNS, "c")
    return compile_pattern(pattern, circuit="d/c", version="v", limit=5, once=once, count=count)


@pytest.mark.parametrize("what", IN_GRAPH)
@pytest.mark.parametrize("induced", [False, True])
def test_console_lets_it_pass_and_parameters_match(what, induced):
    made = compiled(IN_GRAPH[what], induced=induced)
    assert check(made.text, made.values) == ""
    assert set(re.findall(r"\$(\w+)", made.text)) == set(made.values)
    assert made.values["circuit"] == "d/c"


def test_no_value_stands_in_the_text():
    text = (
        f'A -> B [weight >= 4242]; B -> C; A.type = "{POISON}"; B.type contains "{POISON}"; '
        f'A.type in ["{POISON}"]; C.type !in "{POISON}"; A.x > 77.25; C !> A [weight = 991]'
    )
    made = compiled(text)
    for value in ("DETACH", "4242", "77.25", "991", "OR 1"):
        assert value not in made.text
    assert sum(value == POISON for value in made.values.values()) == 3
    assert [POISON] in made.values.values()
    check(made.text, made.values)


@pytest.mark.parametrize("name", ["A`", "A B", "A)", "", "k}) RETURN 1 //", "Ä"])
def test_a_name_that_could_leave_its_quotes_is_no_name(name):
    """The language has no such names; a pattern made by hand could."""
    with pytest.raises(ValueError, match="no name of a pattern"):
        compile_pattern(
            Pattern((name, "B"), (Connection(name, "B"),)), circuit="c", version="v", limit=1
        )


def test_names_that_are_words_of_cypher_are_only_names():
    made = compiled("MATCH -> RETURN; RETURN -> the; the -> circuit; DELETE -> MATCH")
    check(made.text, made.values)
    assert "`DELETE`.bodyId AS `DELETE`" in made.text


def test_attributes_that_the_graph_lacks_are_refused():
    columns = COLUMNS | {"hair": "text"}
    pattern = resolved(read("A -> B; A.hair = long; A.type = B.type"), columns, "c")
    assert not_in_graph(pattern) == ["hair"]
    with pytest.raises(UsageError, match="have no hair"):
        compile_pattern(pattern, circuit="c", version="v", limit=1)


def test_count_has_no_limit():
    made = compiled("A -> B; B -> A", count=True)
    assert "LIMIT" not in made.text
    assert "limit" not in made.values
    assert "`A`.bodyId < `B`.bodyId" in made.text
    assert "`A`.bodyId < `B`.bodyId" not in compiled("A -> B; B -> A", once=False).text
