"""Node-and-edge formats (GraphML, node-link JSON): attributes of nodes and edges → raw tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ingest.assemble import (
    KINDS,
    NEURON_ID,
    WEIGHT,
    assemble,
    check_chemical,
    check_unread,
    table_of,
)
from ingest.columns import find
from ingest.measures import is_measure
from ingest.readers import RawTables
from schemas.errors import InputError, Problem

Attributes = Mapping[str, Any]
OF_SOURCE = "weight_of_source"


def graph_tables(
    name: str,
    nodes: Sequence[tuple[Any, Attributes]],
    edges: Sequence[tuple[Any, Any, Attributes]],
) -> RawTables:
    """Make raw tables of a directed graph.

    A weight that is no number of synapses is kept as the measure `weight_of_source`, and the
    connections are then binary. If nodes carry an id of a system (`bodyId`, `root_id` …), that is
    the neuron's id, else the node's own.

    Parameters
    ----------
    name : str
        Name of the file.
    nodes : sequence of (id, attributes)
    edges : sequence of (source, target, attributes)

    Raises
    ------
    InputError
        If ids are missing, repeated or of the wrong kind, or an edge leads nowhere.
    """
    known = {node for node, _ in nodes}
    lost = [end for source, target, _ in edges for end in (source, target) if end not in known]
    if lost:
        raise InputError(
            [
                Problem(
                    file=name,
                    what=f"an edge leads to node {lost[0]!r}, which is not there",
                    expected="a node for both ends of every edge",
                    remedy="add the node, or remove the edge",
                )
            ],
            found=len(lost),
        )
    node_columns = _columns(attributes for _, attributes in nodes)
    own = {node: node for node, _ in nodes}
    system = find(list(node_columns), _SYSTEMS, name)
    if system is None:
        node_columns = {"neuron_id": list(own), **_without(node_columns, "neuron_id")}
    else:
        own = dict(zip(own, node_columns[system], strict=True))
        node_columns = {"neuron_id": list(own.values()), **_without(node_columns, system)}
    edge_columns = _columns(attributes for _, _, attributes in edges)
    taken = {"pre": [own[s] for s, _, _ in edges], "post": [own[t] for _, t, _ in edges]}
    measures: list[str] = [column for column in edge_columns if is_measure(column)]
    weight = find(list(edge_columns), WEIGHT, name)
    for column in edge_columns:
        if column.lower() in KINDS:
            check_chemical(name, column, edge_columns[column])
    if weight is None:
        check_unread(name, [column for column in edge_columns if column not in measures])
    else:
        counts = _counts(edge_columns[weight])
        if counts is None:
            taken[OF_SOURCE] = edge_columns[weight]
            measures.append(OF_SOURCE)
        else:
            taken["weight"] = counts
    taken |= {column: edge_columns[column] for column in measures if column in edge_columns}
    if len(taken) == 2:  # nothing said: one connection each
        return assemble(table_of(name, taken), table_of(name, node_columns))
    binary = weight is not None and "weight" not in taken
    return assemble(
        table_of(name, taken),
        table_of(name, node_columns),
        measures=measures,
        counts="binary" if binary else None,
    )


_SYSTEMS = type(NEURON_ID)(NEURON_ID.ours, NEURON_ID.systems)


def _columns(rows: Iterable[Attributes]) -> dict[str, list[Any]]:
    """Attributes of all nodes or edges by name, None where one is missing."""
    listed = list(rows)
    names = dict.fromkeys(name for row in listed for name in row)
    return {name: [row.get(name) for row in listed] for name in names}


def _without(columns: Mapping[str, list[Any]], *names: str) -> dict[str, list[Any]]:
    return {name: values for name, values in columns.items() if name not in names}


def _counts(values: Sequence[Any]) -> list[Any] | None:
    """Return the weights if they may be numbers of synapses, None if they measure something else.

    Whole numbers that were written as floats count; a single fraction or a negative number means
    that none of them does. What is no number at all is left to the checks of the table.
    """
    made: list[Any] = []
    for value in values:
        number = value
        if isinstance(value, str):
            try:
                number = float(value) if "." in value or "e" in value.lower() else int(value)
            except ValueError:
                number = value
        if isinstance(number, bool) or not isinstance(number, int | float):
            made.append(value)
            continue
        if not math.isfinite(number) or number != int(number) or number < 0:
            return None
        made.append(int(number))
    return made
