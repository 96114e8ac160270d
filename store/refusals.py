"""What the read-only console does not send to a server.

READ access mode makes the server refuse every write, but it lets pass what reads files, other
addresses, other databases and the server's own administration. Those are refused here, by their
words at the place of a clause; the same words as names, in strings or comments are nobody's harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from schemas.errors import QueryRefused
from store.tokens import Token, refusal, tokens_of

PROCEDURES = frozenset(
    {
        "db.labels",
        "db.relationshipTypes",
        "db.propertyKeys",
        "db.schema.visualization",
        "db.schema.nodeTypeProperties",
        "db.schema.relTypeProperties",
        "dbms.components",
    }
)
LONGEST_RANGE = 1_000_000
# First parts of built-in functions with a dotted name. Plug-ins have others that run statements
# or reach the network.
NAMESPACES = frozenset(
    {"date", "datetime", "localdatetime", "localtime", "time", "duration", "point", "vector"}
)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_FIRST = _words("MATCH OPTIONAL UNWIND WITH RETURN CALL FILTER LET FOR WHEN")
_WRITES = _words("CREATE MERGE SET DELETE DETACH NODETACH REMOVE FOREACH DROP INSERT ALTER")
_REACHES = {
    "LOAD": "LOAD CSV reads files and addresses",
    "SHOW": "SHOW tells about the server and its users",
    "TERMINATE": "TERMINATE ends other people's queries",
    "USE": "USE reaches other databases",
}
_READ_ONLY = "the console only reads"
# An expression begins after these, so a word that follows is a name.
_OPENERS = _words(
    "RETURN WITH WHERE AND OR XOR NOT BY DISTINCT UNWIND IN CASE WHEN THEN ELSE LIMIT SKIP OFFSET",
    "CONTAINS MATCH FILTER LET YIELD",
)
_AFTER_OPENER = _words("DISTINCT NOT CASE")
# A name in an expression may be followed by these words, and by no other.
_FOLLOWERS = _words(
    "AS ORDER LIMIT SKIP OFFSET WHERE RETURN WITH MATCH OPTIONAL UNWIND UNION CALL AND OR XOR IN",
    "IS STARTS ENDS CONTAINS ASC DESC ASCENDING DESCENDING WHEN THEN ELSE END YIELD NOT FILTER LET",
)
_BEFORE_NAME = frozenset("$([,|&!=<>+-/%^~:.")


def check(text: str, values: Mapping[str, Any] | None = None) -> str:
    """Refuse a statement that does more than read the graph.

    Parameters
    ----------
    text : str
    values : mapping, optional
        Its parameters.

    Returns
    -------
    str
        `EXPLAIN` or `PROFILE` if the statement asks for its plan, else the empty string.

    Raises
    ------
    QueryRefused
        With line, column and reason.
    """
    tokens = tokens_of(text)
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    plan, start = _options(text, tokens)
    if start == len(tokens):
        raise QueryRefused("the statement is empty")
    first = tokens[start]
    if first.keyword not in _FIRST:
        why = _REACHES.get(first.keyword, f"a query does not begin with {first.text!r}")
        if first.keyword in _WRITES:
            why = f"{first.keyword} writes"
        raise refusal(text, first.offset, f"{why}; {_READ_ONLY}")
    names = names_of(tokens)
    for place in range(start, len(tokens)):
        _check_word(text, tokens, names, place)
        _check_function(text, tokens, place)
        _check_range(text, tokens, values or {}, place)
    return plan


def names_of(tokens: Sequence[Token]) -> list[bool]:
    """Tell for each token whether it is a word used as a name, not as the beginning of a clause."""
    names: list[bool] = []
    opens: list[bool] = []  # whether it is a keyword that an expression follows
    for place, token in enumerate(tokens):
        name = token.is_name and _is_name(tokens, names, opens, place)
        opener = token.keyword in _OPENERS and (
            not name or (token.keyword in _AFTER_OPENER and opens[-1])
        )
        names.append(name and not opener)
        opens.append(opener)
    return names


def _is_name(
    tokens: Sequence[Token], names: Sequence[bool], opens: Sequence[bool], place: int
) -> bool:
    if place == 0:
        return False
    before = tokens[place - 1]
    if before.kind != "symbol":
        if before.keyword == "AS" and not names[place - 1]:
            return True
        return opens[place - 1] and _may_follow(tokens, place + 1)
    if before.text in (":", "$"):
        return True
    if before.text == ".":
        return tokens[place - 2].kind != "number"
    if before.text == "{":  # a map, or a subquery
        return _text(tokens, place + 1) in (":", "}", ",")
    if before.text == "*":  # a product, or all columns
        factor = tokens[place - 2]
        return (
            (factor.is_name and not opens[place - 2])
            or factor.kind == "number"
            or factor.text in (")", "]", "}")
        ) and _may_follow(tokens, place + 1)
    return before.text in _BEFORE_NAME and _may_follow(tokens, place + 1)


def _may_follow(tokens: Sequence[Token], place: int) -> bool:
    """Whether a name in an expression can stand before the token at `place`."""
    if place >= len(tokens):
        return True
    token = tokens[place]
    return (token.kind == "symbol" and token.text != "$") or token.keyword in _FOLLOWERS


def _options(text: str, tokens: Sequence[Token]) -> tuple[str, int]:
    """Read EXPLAIN, PROFILE and CYPHER n before the statement; return the plan asked for."""
    plan, place = "", 0
    while place < len(tokens):
        word = tokens[place].keyword
        if word in ("EXPLAIN", "PROFILE"):
            plan = word
        elif word == "CYPHER":
            if place + 1 < len(tokens) and tokens[place + 1].kind == "number":
                place += 1
            following = tokens[place + 1 : place + 3]
            if len(following) == 2 and following[1].text == "=":
                raise refusal(text, following[0].offset, "options of the planner are not taken")
        else:
            break
        place += 1
    return plan, place


def _check_word(text: str, tokens: Sequence[Token], names: Sequence[bool], place: int) -> None:
    token = tokens[place]
    word = token.keyword
    if token.text == ";":
        raise refusal(text, token.offset, "one statement at a time")
    if names[place]:
        return
    if word in ("TRANSACTIONS", "TRANSACTION") and "IN" in [
        earlier.keyword for earlier in tokens[max(0, place - 4) : place]
    ]:
        raise refusal(text, token.offset, f"IN TRANSACTIONS writes; {_READ_ONLY}")
    meant = f"if it is meant as a name, write `{token.text}` in backticks"
    if word in _WRITES:
        raise refusal(text, token.offset, f"{word} writes; {_READ_ONLY}", meant)
    if word in _REACHES:
        raise refusal(text, token.offset, _REACHES[word], meant)
    if word == "CALL":
        _check_call(text, tokens, place)


def _check_call(text: str, tokens: Sequence[Token], place: int) -> None:
    """Let a subquery pass, and a procedure of the list."""
    if _text(tokens, place + 1) in ("{", "("):
        return
    name = ".".join(_dotted(tokens, place + 1))
    if name not in PROCEDURES:
        raise refusal(
            text,
            tokens[place].offset,
            f"CALL of the procedure {name or '?'}",
            f"the console calls {', '.join(sorted(PROCEDURES))}",
        )


def _check_function(text: str, tokens: Sequence[Token], place: int) -> None:
    """Refuse functions with a dotted name that are not built in."""
    if not tokens[place].is_name or _text(tokens, place - 1) == ".":
        return
    if place and tokens[place - 1].keyword == "CALL":
        return
    parts = list(_dotted(tokens, place))
    end = place + 2 * len(parts) - 1
    if len(parts) > 1 and _text(tokens, end) == "(" and parts[0].lower() not in NAMESPACES:
        raise refusal(text, tokens[place].offset, f"the function {'.'.join(parts)} of a plug-in")


def _check_range(text: str, tokens: Sequence[Token], values: Mapping[str, Any], place: int) -> None:
    """Refuse a list of numbers that the server could not stop making.

    It looks at its clock between rows, so UNWIND of a range can be stopped; a range within an
    expression, or sent as one value, cannot.
    """
    if tokens[place].keyword != "RANGE" or _text(tokens, place + 1) != "(":
        return
    if place and tokens[place - 1].keyword == "UNWIND":
        return
    depth = 0
    for token, following in pairwise(tokens[place + 1 :]):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0:
            return
        bound = int(token.text) if token.kind == "number" else 0
        if token.text == "$" and isinstance(values.get(following.name), int):
            bound = abs(values[following.name])
        if bound > LONGEST_RANGE:
            raise refusal(
                text,
                tokens[place].offset,
                f"a range of more than {LONGEST_RANGE:,} numbers within an expression",
                "UNWIND the range, or make it shorter",
            )


def _dotted(tokens: Sequence[Token], place: int) -> Iterator[str]:
    while place < len(tokens) and tokens[place].is_name:
        yield tokens[place].name
        if _text(tokens, place + 1) != ".":
            return
        place += 2


def _text(tokens: Sequence[Token], place: int) -> str:
    return tokens[place].text if 0 <= place < len(tokens) else ""
