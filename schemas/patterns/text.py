"""From text in DotMotif's language to a pattern, with the place of every mistake."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from schemas.patterns.building import Builder
from schemas.patterns.pattern import Pattern, PatternError, Place

LONGEST = 20_000  # characters
_PHRASES = {
    "NAME": "a name",
    "RELATION": "a connection such as -> or !>",
    "OPERATOR": "a comparison such as = or >=",
    "NUMBER": "a number",
    "QUOTED": 'a text in quotes, "…"',
    "SEMICOLON": "`;`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "COMMA": "`,`",
    "DOT": "`.`",
    "SAME": "`===`",
    "AS": "`as`",
    "$END": "the end",
}
_REMEDY = 'write for example: A -> B; B -> C; A -> C [weight >= 5]; A.type = "PC"'


def parse(text: str) -> Pattern:
    """Read a pattern: what `schemas.patterns.read` does."""
    if len(text) > LONGEST:
        raise PatternError(
            f"the pattern is {len(text):,} characters long, more than {LONGEST:,}",
            remedy="look for its parts",
        )
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as wrong:
        raise _mistake(text, wrong) from None
    return Builder().build(tree)


@cache
def _parser() -> Lark:
    grammar = (files("schemas") / "patterns" / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _mistake(text: str, wrong: UnexpectedInput) -> PatternError:
    expected: Any = ()
    if isinstance(wrong, UnexpectedToken):
        expected = wrong.accepts or wrong.expected
        token = wrong.token
        ended = token.type == "$END"
        place = _end_of(text) if ended else Place(token.line or 1, token.column or 1)
        found = "the end" if ended else repr(str(token))
    elif isinstance(wrong, UnexpectedCharacters):
        expected = wrong.allowed or ()
        place = Place(wrong.line, wrong.column)
        found = repr(text[wrong.pos_in_stream or 0])
    else:
        place, found = _end_of(text), "the end"
    wanted = sorted({_PHRASES.get(name, name) for name in expected} - {_PHRASES["SEMICOLON"]})
    *most, last = wanted or ["a name"]
    said = f"{', '.join(most)} or {last}" if most else last
    return PatternError(f"{place}: {found} where {said} was expected", remedy=_REMEDY)


def _end_of(text: str) -> Place:
    lines = text.rstrip().split("\n")
    return Place(len(lines), len(lines[-1]) + 1)
