"""Where statements and parameters come from."""

import io

import pytest

from isocortex.asking import parameters_of, statement_of
from schemas.errors import UsageError
from schemas.graph import query_names


def test_parameters_are_json_or_text():
    assert parameters_of(["a=1", "b=x y", 'c=["k"]', "d=", "e=9007199254740993"]) == {
        "a": 1,
        "b": "x y",
        "c": ["k"],
        "d": "",
        "e": 9007199254740993,
    }


@pytest.mark.parametrize("pair", ["a", "=1", "a b=1"])
def test_malformed_parameter_is_refused(pair):
    with pytest.raises(UsageError, match="name=value"):
        parameters_of([pair])


def test_statement_from_argument_stdin_and_file(tmp_path):
    assert statement_of("RETURN 1", None, io.StringIO()) == ("RETURN 1", {})
    assert statement_of("-", None, io.StringIO("RETURN 2")) == ("RETURN 2", {})
    path = tmp_path / "q.cypher"
    path.write_text("RETURN 3")
    assert statement_of(str(path), None, io.StringIO()) == ("RETURN 3", {})


@pytest.mark.parametrize(
    ("cypher", "template"), [(None, None), ("RETURN 1", "x"), (None, "nope"), ("no.cypher", None)]
)
def test_missing_statement_is_usage(cypher, template):
    with pytest.raises(UsageError):
        statement_of(cypher, template, io.StringIO())


def test_every_template_is_offered():
    for name in query_names():
        text, _ = statement_of(None, name, io.StringIO())
        assert "MATCH" in text
