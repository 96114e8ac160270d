"""The language: what texts mean, where mistakes are, and what hostile texts do."""

import time

import pytest

from schemas.errors import UsageError
from schemas.patterns import Comparison, Condition, Connection, PatternError, read
from schemas.patterns.attributes import resolved
from schemas.patterns.building import MOST_STATEMENTS
from schemas.patterns.pattern import MOST_NEURONS
from schemas.patterns.symmetry import Symmetry
from tests.motifs_asked import OURS, SHARED

COLUMNS = {"type": "text", "soma_x": "number", "cell_class": "text", "spiny": "truth"}


def test_connections_and_absences():
    pattern = read("A -> B\nB !> C; C ~> A")
    assert pattern.neurons == ("A", "B", "C")
    assert pattern.present == (Connection("A", "B"),)
    assert pattern.absent == (Connection("B", "C"), Connection("C", "A"))
    assert not pattern.induced


def test_layout_means_nothing():
    """Blanks, lines, semicolons and comments separate; they say nothing."""
    plain = read("A -> B [weight >= 5]; B -> C; A.type = x")
    assert read("# first\nA->B[weight>=5]\n\n  B->C # A -> C\nA.type=x;;") == plain
    assert read('A -> B [weight >= 5] B -> C A["type"] == "x"') == plain


@pytest.mark.parametrize("token", ["->", "-+", "--", "-|"])
def test_polarity_of_tokens(token):
    polarity = {"->": None, "-+": "excitatory", "--": "inhibitory", "-|": "inhibitory"}[token]
    assert read(f"A {token} B").present == (Connection("A", "B", polarity),)
    assert read(f"A -> B; B !{token[1]} A").absent == (Connection("B", "A", polarity),)


def test_values():
    pattern = read(
        'A -> B; A.t = "a # b"; A.t != word; A.n >= -5; A.n < 1.5e2; A.n = .5; '
        "A.t in ['x', y, \"z\"]; A.n !in [1, 2.0]"
    )
    values = [condition.value for _, condition in pattern.conditions]
    assert values == ["a # b", "word", -5, 150.0, 0.5, ("x", "y", "z"), (1, 2.0)]
    assert type(values[2]) is int


def test_what_is_said_twice_holds_together():
    pattern = read("A -> B [weight > 1]; A -+ B [weight < 9] as e; e.weight != 4")
    wanted = {
        Condition("weight", ">", 1),
        Condition("weight", "<", 9),
        Condition("weight", "!=", 4),
    }
    assert pattern.present == (Connection("A", "B", "excitatory", frozenset(wanted)),)


def test_macros_are_written_out_with_their_callers_names():
    pattern = read(
        "f(a, b) { a -> b as e; e.weight > 3; g(b, a) }\ng(x, y) { x !> y }\nf(P, Q)\nf(Q, R)"
    )
    assert [link.pair for link in pattern.present] == [("P", "Q"), ("Q", "R")]
    assert all(link.conditions == {Condition("weight", ">", 3)} for link in pattern.present)
    assert [link.pair for link in pattern.absent] == [("Q", "P"), ("R", "Q")]


def test_comparisons():
    pattern = read("A -> B as e; B -> C as f; A.x > C.y; e.weight <= f.weight")
    assert pattern.comparisons == (
        Comparison("A", "x", ">", "C", "y"),
        Comparison(("A", "B"), "weight", "<=", ("B", "C"), "weight"),
    )


def test_alike_neurons_share_their_conditions():
    pattern = read('A -> B; A -> C; A -> D; B === C; C === D; D.type = "x"')
    assert {name for name, _ in pattern.conditions} == {"B", "C", "D"}
    assert Symmetry(pattern).size == 6


SYMMETRIES = {
    "A -> B": 1,
    "A -> B; B -> A": 2,
    "A -> B; B -> C; C -> A": 3,
    "A -> C; A -> D; B -> C; B -> D": 4,
    "A -> B; A -> C; A -> D; A -> E": 24,
    "A -> B; A -> C [weight > 2]": 1,
    "A -> B; A -+ C": 1,
    "A -> B; A -> C; B.type = x": 1,
    "A -> B; A -> C; B.x > C.x": 1,
    "A -> B; A -> C; B.x = C.x": 2,
    "A -> B as e; A -> C as f; e.weight = f.weight": 2,
    "A -> B as e; A -> C as f; e.weight < f.weight": 1,
    "A -> B; C -> D": 2,
}


@pytest.mark.parametrize("text", SYMMETRIES)
def test_number_of_symmetries(text):
    assert Symmetry(read(text)).size == SYMMETRIES[text]


def test_induced_pattern_says_every_absence():
    closed = read("A -> B; B -> C; C !> A [weight > 2]; A !+ B").closed(induced=True)
    assert {link.pair for link in closed.absent if link.plain} == {
        ("B", "A"), ("C", "B"), ("A", "C"), ("C", "A"),
    }  # fmt: skip
    assert Connection("A", "B", "excitatory") in closed.absent


MISTAKES = {
    "": "empty",
    "# nothing": "empty",
    "A ->": "line 1, column 5: the end where a name",
    "A -> B\nB =>": r"line 2, column 3: '=' where .*a connection",
    "A -> B [weight 5]": "line 1, column 16: '5' where a comparison",
    "A -> B [weight > ]": r"line 1, column 18: '\]'",
    'A -> B; A.type = "x': "line 1, column 18: '\"'",
    "A -> B; é -> B": "line 1, column 9: 'é'",
    "A -> B; A.w = 5x": "line 1, column 15: '5'",
    "A -> B; C.x = 4": "line 1, column 9: no connection of the pattern has C",
    "A -> B\n A -> A": "line 2, column 2: A is connected to itself",
    "A -> B; A !> B": "line 1, column 9: A -> B is there and is not",
    "A -+ B; A -| B": "line 1, column 9: A -> B is excitatory and inhibitory",
    "f(a) { a -> b }\nf(X)": "line 1, column 13: b is no parameter of the macro f",
    "f(A)": "line 1, column 1: there is no macro f",
    "f(a, b) { a -> b }\nf(A)": "line 2, column 1: the macro f takes 2 names, not 1",
    "f(a) { a -> a }; f(a) { }": "line 1, column 18: the macro f is there twice",
    "f(a, b) { f(a, b) }\nf(A, B)": "line 1, column 11: the macro f calls itself",
    "A -> B as e; B -> A as e": "line 1, column 24: two connections are called e",
    "A -> B as e; e.weight > A.x": "cannot be compared with a connection",
    "A -> B; B !> A as e; A -> C as f; e.weight > f.weight": "not there has no attributes",
    "A -> B; A.x contains B.x": "contains compares with a value",
    "A -> B; A.x contains 5": "contains needs a text",
    "A -> B; A.x = [1]": "with one value, not with a list",
    "A -> B; B -> C; A === C": "no symmetry of the pattern takes A to C",
    "A -> B; A.x = 9223372036854775808": "64-bit",
    "A -> B; A.x = 1e999": "too large",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_are_said_with_their_place(text):
    with pytest.raises(PatternError, match=MISTAKES[text]):
        read(text)


ATTRIBUTES = {
    "A.foo = 1": "line 1, column 9: the neurons of c have no 'foo'",
    "A.type = 5": r"type is a text, and 5 is none(.|\n)*\"5\" in quotes",
    "A.x = five": "soma_x is a number, and 'five' is none",
    'A.x contains "5"': "contains asks a text",
    "A.x = B.type": "soma_x is a number and type a text",
    "A.spiny = yes": "spiny is true or false",
    "A -> B [strength > 2]": "connections have no 'strength'",
    "A['type` OR true //'] = x": "have no 'type` OR true //'",
}


@pytest.mark.parametrize("text", ATTRIBUTES)
def test_attributes_are_those_of_the_circuit(text):
    with pytest.raises(PatternError, match=ATTRIBUTES[text]):
        resolved(read(f"A -> B; {text}"), COLUMNS, "c")


def test_attributes_by_any_of_their_names():
    for name in ("x", "somaX", "soma_x"):
        pattern = resolved(read(f"A -> B; A.{name} > 1; A.spiny = True"), COLUMNS, "c")
        assert [one.attribute for _, one in pattern.conditions] == ["soma_x", "spiny"]
    with pytest.raises(PatternError, match="there are cell_class, soma_x, spiny, type"):
        resolved(read("A -> B; A.layer = L4"), COLUMNS, "c")


HOSTILE = {
    "long": "A -> B;" * 10_000,
    "long name": f"{'A' * 70} -> B",
    "long text": f'A -> B; A.type = "{"x" * 1_001}"',
    "many neurons": ";".join(f"A -> B{k}" for k in range(MOST_NEURONS)),
    "deep": (
        "".join(f"f{k}(a, b) {{ f{k + 1}(a, b) }} " for k in range(30))
        + "f30(a, b) { a -> b } f0(A, B)"
    ),
    "wide": (
        "".join(f"f{k}(a, b) {{ f{k + 1}(a, b) f{k + 1}(a, b) }} " for k in range(15))
        + "f15(a, b) { a -> b } f0(A, B)"
    ),
    "round": "f(a, b) { g(a, b) } g(a, b) { f(a, b) } f(A, B)",
    "brackets": "A -> B " + "[" * 5_000,
    "backtick": "A`) DETACH DELETE n // -> B",
    "brace": "A -> B}) RETURN 1 //",
    "statement": "MATCH (n) DETACH DELETE n",
    "quote in a key": "A -> B; A[\"x\"]'] = 1",
    "null byte": "A -> B\0",
    "right to left": "A -> \u202eB",
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_is_refused_quickly(what):
    started = time.monotonic()
    with pytest.raises(UsageError) as refused:
        read(HOSTILE[what])
    assert time.monotonic() - started < 5
    assert len(str(refused.value)) < 500


def test_most_statements_are_read():
    pairs = [(a, b) for a in "ABCDEFGHIJKL" for b in "ABCDEFGHIJKL" if a != b]
    pattern = read(";".join(f"{a}->{b}" for a, b in pairs))
    assert Symmetry(pattern).size == 479_001_600
    assert len(pairs) < MOST_STATEMENTS


def test_corpus_is_read():
    for text in (SHARED | OURS).values():
        assert read(text).size >= 2
