r"""The words of a Cypher statement: strings, quoted names and comments told apart from the rest.

The server replaces `\uXXXX` before it reads anything else, in comments and strings too, so an
escape may end a string. Statements whose structure depends on such an escape are refused rather
than guessed at; so are invisible characters outside strings.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from schemas.errors import QueryRefused

LONGEST = 100_000  # characters of a statement
DEEPEST = 200  # brackets within brackets: the server's parser is recursive

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>//[^\r\n]* | /\*.*?\*/)
    | (?P<string>'(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*")
    | (?P<quoted>`(?:[^`]|``)*`)
    | (?P<word>[^\W\d]\w*)
    | (?P<number>\d+)
    | (?P<symbol>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([uU]))")
_STRUCTURAL = frozenset("'\"`\\/*\n\r")
_UNCLOSED = {"'": "string", '"': "string", "`": "quoted name"}
_OPENING = {"(": ")", "[": "]", "{": "}"}
_LAYOUT = frozenset("\t\n\r\v\f")


@dataclass(frozen=True)
class Token:
    """One token; `kind` is string, quoted, word, number or symbol."""

    kind: str
    text: str
    offset: int

    @cached_property
    def keyword(self) -> str:
        """Upper case of a bare word, as a server that ignores case may read it; else empty."""
        # Long s, Kelvin sign and dotless i have ASCII partners in one direction only.
        return self.text.lower().upper() if self.kind == "word" else ""

    @property
    def is_name(self) -> bool:
        """Whether it can be a name: a bare word or a quoted one."""
        return self.kind in ("word", "quoted")

    @property
    def name(self) -> str:
        """The name without its quotes."""
        return self.text[1:-1].replace("``", "`") if self.kind == "quoted" else self.text


def tokens_of(text: str) -> list[Token]:
    """Split a statement into tokens; white space and comments are left out.

    Raises
    ------
    QueryRefused
        If the text is not closed, too long, too deep, or reads differently to different readers.
    """
    if len(text) > LONGEST:
        raise QueryRefused(
            f"the statement has {len(text):,} characters; at most {LONGEST:,} are read",
            remedy="pass long lists as parameters",
        )
    _check_escapes(text)
    found = []
    for match in _TOKEN.finditer(text):
        kind, part, offset = str(match.lastgroup), match.group(), match.start()
        if kind in ("space", "symbol"):
            _check_visible(text, part, offset)
        if kind == "symbol" and (part in _UNCLOSED or text.startswith("/*", offset)):
            what = _UNCLOSED.get(part, "comment")
            raise refusal(text, offset, f"this {what} is not closed")
        if kind not in ("space", "comment"):
            found.append(Token(kind, part, offset))
    _check_depth(text, found)
    return found


def refusal(text: str, offset: int, why: str, remedy: str | None = None) -> QueryRefused:
    """Make the error that says what is refused and where in the statement it stands."""
    line, column = position(text, offset)
    return QueryRefused(f"line {line}, column {column}: {why}", remedy=remedy)


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both counted from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _check_escapes(text: str) -> None:
    for match in _ESCAPE.finditer(text):
        four, eight, torn = match.groups()
        if torn:
            raise refusal(
                text, match.start(), f"\\{torn} without its digits", "write the character itself"
            )
        code = int(four or eight, 16)
        character = chr(code) if code < 0x110000 else "\\"
        if character in _STRUCTURAL or unicodedata.category(character) in ("Cc", "Cf"):
            raise refusal(
                text,
                match.start(),
                f"the escape {match.group()} could end a string, a name or a comment",
                "pass the value as a parameter",
            )
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "symbol" and match.group() == "\\":
            raise refusal(
                text,
                match.start(),
                "a backslash outside a string",
                "write the character itself instead of its escape",
            )


def _check_visible(text: str, part: str, offset: int) -> None:
    for place, character in enumerate(part, start=offset):
        category = unicodedata.category(character)
        if category in ("Cc", "Cf") and character not in _LAYOUT:
            raise refusal(
                text, place, f"the invisible character U+{ord(character):04X}", "remove it"
            )


def _check_depth(text: str, found: list[Token]) -> None:
    waiting: list[Token] = []
    for token in found:
        if token.kind != "symbol":
            continue
        if token.text in _OPENING:
            waiting.append(token)
            if len(waiting) > DEEPEST:
                raise refusal(text, token.offset, f"more than {DEEPEST} brackets within brackets")
        elif token.text in _OPENING.values() and (
            not waiting or _OPENING[waiting.pop().text] != token.text
        ):
            raise refusal(text, token.offset, f"a {token.text} that closes nothing")
    if waiting:
        raise refusal(text, waiting[-1].offset, f"this {waiting[-1].text} is not closed")
