"""Which attributes of neurons and connections a pattern may ask for, and of what kind they are.

Names come from three worlds: the columns of our tables, the properties of the graph (neuPrint's),
and what people type. Only names of this list and columns of the circuit's own neuron table get
further than here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from schemas.patterns.pattern import Comparison, Condition, Connection, Pattern, PatternError

Kind = Literal["number", "text", "truth"]
COLUMNS = {
    "id": "neuron_id",
    "bodyId": "neuron_id",
    "name": "instance",
    "cellClass": "cell_class",
    "x": "soma_x",
    "y": "soma_y",
    "z": "soma_z",
    "somaX": "soma_x",
    "somaY": "soma_y",
    "somaZ": "soma_z",
}
OF_CONNECTIONS: Mapping[str, Kind] = {"weight": "number"}
_TEXTUAL = ("contains", "!contains")


def resolved(pattern: Pattern, columns: Mapping[str, Kind], circuit: str) -> Pattern:
    """Return a pattern whose attributes are columns, and whose values are of their kind.

    Parameters
    ----------
    pattern : Pattern
    columns : mapping of str to {"number", "text", "truth"}
        Columns of the neuron table that hold anything, with their kinds.
    circuit : str
        Its name, for errors.

    Raises
    ------
    PatternError
        If an attribute is unknown, empty in this circuit, or of another kind than its value.
    """
    of_neurons = _Resolver(columns, f"the neurons of {circuit}")
    of_links = _Resolver(OF_CONNECTIONS, "connections")

    def link(one: Connection) -> Connection:
        return replace(one, conditions=frozenset(map(of_links.condition, one.conditions)))

    def comparison(one: Comparison) -> Comparison:
        return (of_neurons if isinstance(one.left, str) else of_links).comparison(one)

    return replace(
        pattern,
        present=tuple(map(link, pattern.present)),
        absent=tuple(map(link, pattern.absent)),
        conditions=tuple((name, of_neurons.condition(one)) for name, one in pattern.conditions),
        comparisons=tuple(map(comparison, pattern.comparisons)),
    )


class _Resolver:
    """Attributes of one sort of thing."""

    def __init__(self, columns: Mapping[str, Kind], owner: str) -> None:
        self.columns = columns
        self.owner = owner

    def column(self, attribute: str, place: object) -> str:
        column = attribute if attribute in self.columns else COLUMNS.get(attribute, attribute)
        if column not in self.columns:
            raise PatternError(
                f"{_at(place)}{self.owner} have no {attribute!r}",
                remedy=f"there are {', '.join(sorted(self.columns))}",
            )
        return column

    def condition(self, condition: Condition) -> Condition:
        column = self.column(condition.attribute, condition.place)
        kind, operator = self.columns[column], condition.operator
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        at = _at(condition.place)
        if operator in _TEXTUAL and kind != "text":
            raise PatternError(f"{at}{operator} asks a text, and {column} is a {kind}")
        if kind == "truth":
            return replace(condition, attribute=column, value=_truth(column, condition))
        wanted = str if kind == "text" else (int, float)
        for value in values:
            if not isinstance(value, wanted):
                raise PatternError(
                    f"{at}{column} is a {kind}, and {value!r} is none",
                    remedy=f'write "{value}" in quotes' if kind == "text" else "write a number",
                )
        return replace(condition, attribute=column)

    def comparison(self, one: Comparison) -> Comparison:
        left, right = (self.column(name, one.place) for name in (one.attribute, one.other))
        kinds = [self.columns[column] for column in (left, right)]
        if kinds[0] != kinds[1]:
            raise PatternError(
                f"{_at(one.place)}{left} is a {kinds[0]} and {right} a {kinds[1]}; "
                "they cannot be compared"
            )
        return replace(one, attribute=left, other=right)


def _truth(column: str, condition: Condition) -> int:
    said = str(condition.value).lower()
    if condition.operator not in ("=", "!=") or said not in ("true", "false"):
        raise PatternError(
            f"{_at(condition.place)}{column} is true or false", remedy=f"write {column} = true"
        )
    return int(said == "true")


def _at(place: object) -> str:
    return "" if place is None else f"{place}: "
