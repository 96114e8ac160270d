"""From a parsed text to a pattern: macros are written out, names sorted into neurons and edges."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lark import Token, Tree

from schemas.patterns.pattern import (
    OPPOSITE,
    Comparison,
    Condition,
    Connection,
    Pair,
    Pattern,
    PatternError,
    Place,
    Value,
)

MOST_STATEMENTS = 2_000  # after macros were written out
DEEPEST = 20  # macros that call macros
LONGEST_NAME = 64
LONGEST_TEXT = 1_000
LARGEST = 2**63
POLARITY = {">": None, "+": "excitatory", "-": "inhibitory", "|": "inhibitory"}
_SAME = {"==": "=", "<>": "!="}
_MEMBERSHIP = ("in", "!in")
_TEXTUAL = ("contains", "!contains", *_MEMBERSHIP)


@dataclass
class Scope:
    """What names mean while statements are read: those of a macro are its caller's.

    `names` is None outside of macros, where a name is what it says.
    """

    names: Mapping[str, str] | None = None
    macro: str = ""
    edges: dict[str, Edge] = field(default_factory=dict)

    def neuron(self, token: Token) -> str:
        """Name of a neuron in the pattern."""
        if self.names is None:
            return str(token)
        if token not in self.names:
            raise wrong(token, f"{token} is no parameter of the macro {self.macro}")
        return self.names[token]


@dataclass
class Edge:
    """A connection as it was written."""

    link: Connection
    present: bool
    place: Place


class Builder:
    """Collects the statements of a text into a pattern."""

    def __init__(self) -> None:
        self.macros: dict[str, Tree[Token]] = {}
        self.neurons: dict[str, None] = {}  # in the order of their appearance
        self.edges: list[Edge] = []
        self.aliases: dict[str, Edge] = {}
        self.conditions: list[tuple[str, Condition]] = []
        self.comparisons: list[Comparison] = []
        self.alike: list[tuple[str, str, Place]] = []
        self.deferred: list[tuple[Tree[Token], Scope]] = []
        self.read = 0

    def build(self, tree: Tree[Token]) -> Pattern:
        """Return the pattern that a parsed text says.

        Raises
        ------
        PatternError
        """
        for macro in _trees(tree):
            if macro.data == "macro":
                self._define(macro)
        top = Scope(edges=self.aliases)
        for statement in _trees(tree):
            self._statement(statement, top, ())
        for statement, scope in self.deferred:  # neurons and edges are all known now
            self._about(statement, scope)
        if not self.neurons:
            raise PatternError(
                "the pattern is empty",
                remedy="write at least one connection, such as A -> B, or a motif's code (030T)",
            )
        pattern = Pattern(
            tuple(self.neurons),
            tuple(self._present()),
            tuple(self._absent()),
            tuple(dict.fromkeys(self._shared())),
            tuple(dict.fromkeys(self.comparisons)),
        )
        self._check_alike(pattern)
        return pattern

    def _define(self, macro: Tree[Token]) -> None:
        name = _name(macro.children[0])
        if name in self.macros:
            raise wrong(name, f"the macro {name} is there twice")
        self.macros[name] = macro

    def _statement(self, statement: Tree[Token], scope: Scope, calls: tuple[str, ...]) -> None:
        self.read += 1
        if self.read > MOST_STATEMENTS:
            raise wrong(statement, f"macros write out more than {MOST_STATEMENTS:,} statements")
        if statement.data == "edge":
            self._edge(statement, scope)
        elif statement.data == "call":
            self._call(statement, scope, calls)
        elif statement.data != "macro":
            self.deferred.append((statement, scope))

    def _edge(self, statement: Tree[Token], scope: Scope) -> None:
        pre, relation, post, *rest = statement.children
        ends = [scope.neuron(_name(end)) for end in (pre, post)]
        if ends[0] == ends[1]:
            raise wrong(statement, f"{ends[0]} is connected to itself; circuits leave those out")
        self.neurons |= dict.fromkeys(ends)
        clauses = frozenset(self._clause(child) for child in rest if isinstance(child, Tree))
        sign = str(relation)
        link = Connection(ends[0], ends[1], POLARITY[sign[1]], clauses)
        edge = Edge(link, sign[0] == "-", _place(statement))
        self.edges.append(edge)
        if isinstance(rest[-1] if rest else None, Token):
            alias = _name(rest[-1])
            if alias in scope.edges:
                raise wrong(alias, f"two connections are called {alias}")
            scope.edges[alias] = edge

    def _call(self, statement: Tree[Token], scope: Scope, calls: tuple[str, ...]) -> None:
        name, given = statement.children
        macro = self.macros.get(_name(name))
        if macro is None:
            known = f"; there are {', '.join(self.macros)}" if self.macros else ""
            raise wrong(name, f"there is no macro {name}{known}")
        if name in calls or len(calls) == DEEPEST:
            raise wrong(name, f"the macro {name} calls itself, or others {DEEPEST} deep")
        parameters = [_name(child) for child in macro.children[1].children]  # type: ignore[union-attr]
        arguments = [scope.neuron(_name(child)) for child in given.children]  # type: ignore[union-attr]
        if len(parameters) != len(arguments):
            raise wrong(
                name, f"the macro {name} takes {len(parameters)} names, not {len(arguments)}"
            )
        inner = Scope(dict(zip(parameters, arguments, strict=True)), str(name))
        for child in macro.children[2:]:
            if isinstance(child, Tree):
                self._statement(child, inner, (*calls, str(name)))

    def _about(self, statement: Tree[Token], scope: Scope) -> None:
        """Read a condition, a comparison or a symmetry."""
        place = _place(statement)
        if statement.data == "symmetry":
            first, _, second = statement.children
            names = [self._neuron(scope, _name(child)) for child in (first, second)]
            self.alike.append((names[0], names[1], place))
            return
        name, attribute, operator, *rest = statement.children
        subject = self._subject(scope, _name(name))
        said = _SAME.get(str(operator), str(operator))
        if statement.data == "condition":
            condition = _condition(_key(attribute), said, rest[0], place)
            if isinstance(subject, Edge):
                link = subject.link
                subject.link = replace(link, conditions=link.conditions | {condition})
            else:
                self.conditions.append((subject, condition))
            return
        if said not in OPPOSITE:
            raise wrong(statement, f"{said} compares with a value, not with another attribute")
        other = self._subject(scope, _name(rest[0]))
        edges = [one if isinstance(one, Edge) else None for one in (subject, other)]
        if (edges[0] is None) != (edges[1] is None):
            raise wrong(statement, "a neuron cannot be compared with a connection")
        if any(edge is not None and not edge.present for edge in edges):
            raise wrong(statement, "a connection that is not there has no attributes to compare")
        ends = [one.link.pair if isinstance(one, Edge) else one for one in (subject, other)]
        comparison = Comparison(ends[0], _key(attribute), said, ends[1], _key(rest[1]), place)
        self.comparisons.append(comparison)

    def _subject(self, scope: Scope, name: Token) -> str | Edge:
        """Return what a name on the left of an operator means: an edge, or a neuron."""
        if scope.names is not None and name in scope.names:
            return self._neuron(scope, name)
        edge = scope.edges.get(name) or self.aliases.get(name)
        if edge is not None:
            if scope.names is None and name in self.neurons:
                raise wrong(name, f"{name} is the name of a neuron and of a connection")
            return edge
        return self._neuron(scope, name)

    def _neuron(self, scope: Scope, name: Token) -> str:
        neuron = scope.neuron(name)
        if neuron not in self.neurons:
            raise wrong(name, f"no connection of the pattern has {neuron} in it")
        return neuron

    def _clause(self, clause: Tree[Token]) -> Condition:
        attribute, operator, value = clause.children
        said = _SAME.get(str(operator), str(operator))
        return _condition(_name(attribute), said, value, _place(clause))

    def _present(self) -> Iterator[Connection]:
        """Yield connections that are there, one a pair whatever is said in several places."""
        found: dict[Pair, Connection] = {}
        for edge in self.edges:
            if not edge.present:
                continue
            link, before = edge.link, found.get(edge.link.pair)
            if before is not None:
                if None not in (signs := (before.polarity, link.polarity)) and len(set(signs)) == 2:
                    raise PatternError(
                        f"{edge.place}: {link.pre} -> {link.post} is excitatory and inhibitory"
                    )
                link = replace(
                    link,
                    polarity=before.polarity or link.polarity,
                    conditions=before.conditions | link.conditions,
                )
            found[link.pair] = link
        yield from found.values()

    def _absent(self) -> Iterator[Connection]:
        there = {edge.link.pair for edge in self.edges if edge.present}
        seen: set[Connection] = set()
        for edge in self.edges:
            if edge.present or edge.link in seen:
                continue
            if edge.link.plain and edge.link.pair in there:
                raise PatternError(
                    f"{edge.place}: {edge.link.pre} -> {edge.link.post} is there and is not"
                )
            seen.add(edge.link)
            yield edge.link

    def _shared(self) -> Iterator[tuple[str, Condition]]:
        """Conditions on neurons; those on one of `A === B` are on the other too."""
        groups = {name: {name} for name in self.neurons}
        for first, second, _ in self.alike:
            joined = groups[first] | groups[second]
            for name in joined:
                groups[name] = joined
        for name, condition in self.conditions:
            yield from ((other, condition) for other in self.neurons if other in groups[name])

    def _check_alike(self, pattern: Pattern) -> None:
        from schemas.patterns.symmetry import Symmetry

        if not self.alike:
            return
        symmetry = Symmetry(pattern)
        for first, second, place in self.alike:
            if not symmetry.takes(first, second):
                raise PatternError(
                    f"{place}: {first} === {second}, but no symmetry of the pattern takes "
                    f"{first} to {second}",
                    remedy="leave it out, or give both the same connections and comparisons",
                )


def wrong(found: Token | Tree[Token], what: str) -> PatternError:
    """Make the error of something that stands in the text."""
    return PatternError(f"{_place(found)}: {what}")


def _place(found: Token | Tree[Token]) -> Place:
    where = found if isinstance(found, Token) else found.meta
    return Place(where.line or 1, where.column or 1)


def _trees(tree: Tree[Token]) -> Iterator[Tree[Token]]:
    yield from (child for child in tree.children if isinstance(child, Tree))


def _name(found: Token | Tree[Token]) -> Token:
    assert isinstance(found, Token)
    if len(found) > LONGEST_NAME:
        raise wrong(found, f"a name of {len(found):,} characters; at most {LONGEST_NAME}")
    return found


def _key(found: Token | Tree[Token]) -> str:
    token = str(found)
    return token[1:-1] if token[:1] in ("'", '"') else token


def _condition(
    attribute: str, operator: str, given: Token | Tree[Token], place: Place
) -> Condition:
    listed = isinstance(given, Tree) and given.data == "list"
    value: Value
    if isinstance(given, Tree) and listed:
        value = tuple(_value(child, place) for child in given.children)
    else:
        value = _value(given, place)
    if listed and operator not in _MEMBERSHIP:
        raise PatternError(f"{place}: {operator} compares with one value, not with a list")
    if not listed and operator in _TEXTUAL and not isinstance(value, str):
        raise PatternError(
            f"{place}: {operator} needs a text" + (" or a list" if "in" in operator[-2:] else "")
        )
    return Condition(str(attribute), operator, value, place)


def _value(given: Token | Tree[Token], place: Place) -> int | float | str:
    token = given.children[0] if isinstance(given, Tree) else given
    assert isinstance(token, Token)
    text = str(token)
    if token.type == "QUOTED":
        text = text[1:-1]
    if token.type != "NUMBER":
        if len(text) > LONGEST_TEXT:
            raise PatternError(f"{place}: a text of {len(text):,} characters; at most 1,000")
        return text
    if text.lstrip("+-").isdigit():
        whole = int(text) if len(text) < 22 else LARGEST
        if abs(whole) >= LARGEST:
            raise PatternError(f"{place}: {text[:22]} is larger than a 64-bit integer")
        return whole
    number = float(text)
    if not math.isfinite(number):
        raise PatternError(f"{place}: {text} is too large")
    return number
