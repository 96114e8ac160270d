"""What the console refuses by words alone, and what it lets pass."""

import contextlib
import time

import pytest

from schemas.errors import QueryRefused
from schemas.graph import query_names, query_template
from store.refusals import check, names_of
from store.tokens import LONGEST, position, tokens_of
from tests.contract.store.statements import BOMBS, HARMLESS, HOSTILE, REFUSED, VALUES


def test_the_corpus_is_large():
    assert len(set(HOSTILE)) >= 150
    assert len(set(HARMLESS)) >= 50


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text)[:60])
def test_hostile_statement_is_refused(text):
    with pytest.raises(QueryRefused):
        check(text, VALUES)


@pytest.mark.parametrize("text", [*HARMLESS, *BOMBS], ids=lambda text: ascii(text)[:60])
def test_harmless_statement_passes(text):
    assert check(text, VALUES) in ("", "EXPLAIN", "PROFILE")


@pytest.mark.parametrize("name", query_names())
def test_templates_pass(name):
    assert check(query_template(name).text) == ""


@pytest.mark.parametrize(
    ("text", "line", "column", "why"),
    [
        ("MATCH (n) SET n.x = 1", 1, 11, "SET writes"),
        ("MATCH (n)\n  DETACH DELETE n", 2, 3, "DETACH writes"),
        ("// é\nLOAD CSV FROM 'x' AS r RETURN r", 2, 1, "reads files and addresses"),
        ("RETURN 1 AS x\nUNION\n SHOW USERS", 3, 2, "tells about the server"),
        ("CALL db.ping()", 1, 1, "the procedure db.ping"),
        ("RETURN 'x", 1, 8, "this string is not closed"),
        ("RETURN (1", 1, 8, "this ( is not closed"),
        ("RETURN 1; RETURN 2", 1, 9, "one statement at a time"),
        ("HELLO", 1, 1, "does not begin with 'HELLO'"),
        ("RETURN '\\u0027'", 1, 9, "could end a string"),
        ("RETURN a\u200bb", 1, 9, "U+200B"),
    ],
)
def test_refusal_names_the_place(text, line, column, why):
    with pytest.raises(QueryRefused) as refused:
        check(text)
    assert str(refused.value).startswith(f"line {line}, column {column}: ")
    assert why in str(refused.value)


def test_refused_name_can_be_quoted():
    with pytest.raises(QueryRefused, match="`set` in backticks"):
        check("MATCH (n) WITH n, 1 AS x set RETURN 1")


def test_tokens_know_strings_from_the_rest():
    found = tokens_of("RETURN 'a//b', `c``d` /* 'e' */ + 1.5 // f\n, \"g\\\"\"")
    assert [(token.kind, token.text) for token in found] == [
        ("word", "RETURN"),
        ("string", "'a//b'"),
        ("symbol", ","),
        ("quoted", "`c``d`"),
        ("symbol", "+"),
        ("number", "1"),
        ("symbol", "."),
        ("number", "5"),
        ("symbol", ","),
        ("string", '"g\\""'),
    ]
    assert found[3].name == "c`d"


def test_words_are_names_or_clauses_by_their_place():
    text = "MATCH (set:Use {call: 1}) WITH set AS load, load.show AS x CALL"
    tokens = tokens_of(text)
    names = {t.text for t, name in zip(tokens, names_of(tokens), strict=True) if name}
    assert names == {"set", "Use", "call", "load", "show", "x"}


def test_position_counts_lines_and_columns_from_one():
    assert position("ab\ncd", 0) == (1, 1)
    assert position("ab\ncd", 3) == (2, 1)
    assert position("ab\ncd", 4) == (2, 2)


@pytest.mark.parametrize(
    "part", ["NOT BY ", "(", "'", "`", "/*", "a.", "CASE ", "* ", "{", "\\u0041"]
)
def test_checking_takes_no_longer_than_the_text(part):
    text = "RETURN " + part * ((LONGEST - 10) // len(part))
    started = time.process_time()
    with contextlib.suppress(QueryRefused):
        check(text)
    assert time.process_time() - started < 5.0
