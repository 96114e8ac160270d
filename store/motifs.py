"""From a pattern to Cypher: every value a parameter, every name in backticks or from a list.

Names of a pattern are letters, digits and underscores, so that backticks hold them; attributes are
columns that have a property in the graph; our own variables have a blank in their names, which no
name of a pattern can have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from schemas.errors import UsageError
from schemas.patterns import Condition, Connection, Pair, Pattern
from schemas.patterns.symmetry import Symmetry
from store.properties import NEURON_PROPERTIES

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CIRCUIT = "`the circuit`"
_BEGIN = (
    f"MATCH ({_CIRCUIT}:Circuit {{name: $circuit}})-[:InDataset]->(:Dataset {{version: $version}})"
)
# What a condition becomes: the attribute, then its value.
_OPERATORS = {
    "=": "{0} = {1}",
    "!=": "{0} <> {1}",
    "<": "{0} < {1}",
    "<=": "{0} <= {1}",
    ">": "{0} > {1}",
    ">=": "{0} >= {1}",
    "in": "{0} IN {1}",
    "!in": "NOT {0} IN {1}",
    "contains": "{0} CONTAINS {1}",
    "!contains": "NOT {0} CONTAINS {1}",
}
_PART_OF = {"in": "{1} CONTAINS {0}", "!in": "NOT {1} CONTAINS {0}"}


@dataclass(frozen=True)
class Statement:
    """Cypher with its parameters.

    Attributes
    ----------
    text : str
    values : dict
        Value of each `$name` in the text.
    """

    text: str
    values: dict[str, Any] = field(default_factory=dict)


def not_in_graph(pattern: Pattern) -> list[str]:
    """Return the attributes of a resolved pattern that neurons of the graph do not have."""
    asked = [condition.attribute for _, condition in pattern.conditions]
    for one in pattern.comparisons:
        if isinstance(one.left, str):
            asked += [one.attribute, one.other]
    return sorted({name for name in asked if name not in NEURON_PROPERTIES})


def compile_pattern(
    pattern: Pattern,
    *,
    circuit: str,
    version: str,
    limit: int | None,
    once: bool = True,
    count: bool = False,
) -> Statement:
    """Write the statement that finds, or counts, a pattern in a circuit of the graph.

    Parameters
    ----------
    pattern : Pattern
        With resolved attributes and absences written out (`Pattern.closed`).
    circuit, version : str
        Key of the circuit, and the version that its dataset has to have.
    limit : int or None
        Most rows; None = all.
    once : bool, optional
        Whether placements that a symmetry of the pattern exchanges are one.
    count : bool, optional
        Return one row, `count`, instead of one row a placement with the `bodyId` of every name.

    Raises
    ------
    UsageError
        If the graph lacks an attribute.
    """
    missing = not_in_graph(pattern)
    if missing:
        raise UsageError(
            f"neurons of the graph have no {', '.join(missing)}",
            remedy="it is a column of the source: search the arrays (--by matcher)",
        )
    return _Compiler(pattern).statement(circuit, version, limit, once, count)


class _Compiler:
    """Collects the parts of one statement."""

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        self.values: dict[str, Any] = {}
        self.variables: dict[Pair, str] = {}
        for one in pattern.comparisons:
            for side in (one.left, one.right):
                if not isinstance(side, str):
                    self._variable(side)
        for link in pattern.present:
            if link.conditions:
                self._variable(link.pair)

    def statement(
        self, circuit: str, version: str, limit: int | None, once: bool, count: bool
    ) -> Statement:
        self.values |= {"circuit": circuit, "version": version}
        where = [*self._members(), *self._apart(), *self._conditions(), *self._absences()]
        if once:
            where += [
                f"{_neuron(a)}.bodyId < {_neuron(b)}.bodyId"
                for a, b in Symmetry(self.pattern).order
            ]
        lines = [_BEGIN, "MATCH " + ",\n      ".join(self._paths())]
        if where:
            lines.append("WHERE " + "\n  AND ".join(where))
        if count:
            lines.append("RETURN count(*) AS count")
        else:
            rows = ", ".join(
                f"{_neuron(name)}.bodyId AS {_quoted(name)}" for name in self.pattern.neurons
            )
            lines.append(f"RETURN {rows}")
            if limit is not None:
                self.values["limit"] = limit
                lines.append("LIMIT $limit")
        return Statement("\n".join(lines) + "\n", self.values)

    def _paths(self) -> Iterator[str]:
        """Yield connections that are there, and neurons that have none."""
        first = self.pattern.neurons[0]
        yield f"({_CIRCUIT})<-[:InCircuit]-({_neuron(first)}:Neuron)"
        linked = {first}
        for link in self.pattern.present:
            linked |= {link.pre, link.post}
            ends = [f"({_neuron(end)}:Neuron)" for end in link.pair]
            yield f"{ends[0]}-[{self.variables.get(link.pair, '')}:ConnectsTo]->{ends[1]}"
        for name in self.pattern.neurons:
            if name not in linked:
                yield f"({_CIRCUIT})<-[:InCircuit]-({_neuron(name)}:Neuron)"

    def _members(self) -> Iterator[str]:
        for name in self.pattern.neurons[1:]:
            if any(name in link.pair for link in self.pattern.present):
                yield f"({_neuron(name)})-[:InCircuit]->({_CIRCUIT})"

    def _apart(self) -> Iterator[str]:
        """Different names are different neurons; ends of a connection always are."""
        linked = {frozenset(link.pair) for link in self.pattern.present}
        for a, b in combinations(self.pattern.neurons, 2):
            if frozenset((a, b)) not in linked:
                yield f"{_neuron(a)} <> {_neuron(b)}"

    def _conditions(self) -> Iterator[str]:
        for name, condition in self.pattern.conditions:
            yield self._condition(_property(name, condition.attribute), condition)
        for link in self.pattern.present:
            if link.polarity is not None:
                yield f"{_neuron(link.pre)}.polarity = {self._parameter(link.polarity)}"
            for condition in _sorted(link):
                yield self._condition(f"{self.variables[link.pair]}.weight", condition)
        for one in self.pattern.comparisons:
            left, right = (
                _property(side, attribute)
                if isinstance(side, str)
                else f"{self.variables[side]}.weight"
                for side, attribute in ((one.left, one.attribute), (one.right, one.other))
            )
            yield _OPERATORS[one.operator].format(left, right)

    def _absences(self) -> Iterator[str]:
        for link in self.pattern.absent:
            pre, post = (f"({_neuron(end)})" for end in link.pair)
            if link.plain:
                yield f"NOT {pre}-[:ConnectsTo]->{post}"
                continue
            asked = [
                self._condition("`a connection`.weight", condition) for condition in _sorted(link)
            ]
            if link.polarity is not None:
                asked.append(f"{_neuron(link.pre)}.polarity = {self._parameter(link.polarity)}")
            yield (
                f"NOT EXISTS {{ {pre}-[`a connection`:ConnectsTo]->{post} "
                f"WHERE {' AND '.join(asked)} }}"
            )

    def _condition(self, what: str, condition: Condition) -> str:
        form = _OPERATORS[condition.operator]
        value = condition.value
        if isinstance(value, tuple):
            return form.format(what, self._parameter(list(value)))
        if condition.operator in _PART_OF:
            form = _PART_OF[condition.operator]
        return form.format(what, self._parameter(value))

    def _parameter(self, value: Any) -> str:
        name = f"value{len(self.values) - 1}"  # beside circuit and version
        self.values[name] = value
        return f"${name}"

    def _variable(self, pair: Pair) -> None:
        self.variables.setdefault(pair, _quoted(f"{pair[0]} to {pair[1]}", blank=True))


def _neuron(name: str) -> str:
    return _quoted(name)


def _property(name: str, column: str) -> str:
    return f"{_neuron(name)}.{NEURON_PROPERTIES[column]}"


def _quoted(name: str, *, blank: bool = False) -> str:
    """Put a name in backticks; one that could leave them is no name of a pattern."""
    parts = name.split(" ") if blank else [name]
    if not all(_NAME.fullmatch(part) for part in parts):
        raise ValueError(f"{name!r} is no name of a pattern")
    return f"`{name}`"


def _sorted(link: Connection) -> list[Condition]:
    return sorted(link.conditions, key=lambda one: (one.operator, str(one.value)))
