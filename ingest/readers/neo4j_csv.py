"""CSV files for `neo4j-admin import`, as neuPrint's databases are built from them.

Headers carry roles and types: `:START_ID(Body-ID)`, `weight:int`, `:END_ID(Body-ID)`, and for nodes
`:ID(Body-ID)`, `bodyId:long`, `type:string`, `:LABEL`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ingest.assemble import assemble
from ingest.columns import text_of
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, register
from ingest.tables import Table, read_table
from schemas.errors import InputError, Problem

ENDS = ("START_ID", "END_ID")
ROLES = {"START_ID": "pre", "END_ID": "post", "ID": "neuron_id"}
LEFT_OUT = ("LABEL", "TYPE", "IGNORE")  # of the graph, not of the neuron
_FIELD = re.compile(r"(?P<name>[^:]*):(?P<kind>\w+)(?:\[\])?(?:\((?P<space>.*)\))?(?:\{.*\})?")


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for a table whose header names a start and an end."""
    kinds = {match["kind"].upper() for c in probe.columns if (match := _FIELD.fullmatch(c))}
    return {} if set(ENDS) <= kinds else None


@register("neo4j_csv", recognise=recognise, what="relationships for neo4j-admin import")
def read_neo4j_csv(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read relationships and, if there are, nodes.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the relationships; `neurons`, optional: name of the nodes.

    Raises
    ------
    InputError
        Every problem of both files, with row and column.
    """
    relationships = read_table(files, str(options["connections"]))
    _check_one_kind(relationships)
    edges = _renamed(relationships)
    given = None
    if options.get("neurons"):
        given = _renamed(read_table(files, str(options["neurons"])))
    return assemble(edges, given)


def _check_one_kind(table: Table) -> None:
    """Refuse relationships that are not all of one type, or lead from one kind of node to another.

    Bodies contain synapse sets, and their numbers may be those of other bodies.
    """
    spaces: dict[str, str] = {}
    types: list[str] = []
    for column in table.columns:
        match = _FIELD.fullmatch(column)
        if match and match["kind"].upper() in ENDS:
            spaces[match["kind"].upper()] = match["space"] or ""
        elif match and match["kind"].upper() == "TYPE":
            types = sorted(set(text_of(table, column).to_pylist()))
    what = None
    if len(types) > 1:
        what = f"it holds relationships of the types {', '.join(types)[:200]}"
    elif len(set(spaces.values())) > 1:
        what = f"it leads from {spaces['START_ID']!r} to {spaces['END_ID']!r}"
    if what is not None:
        expected = "relationships of one type, between neurons"
        remedy = "give the file of the connections between neurons, or leave out all other rows"
        raise InputError(
            [Problem(file=table.name, row=1, what=what, expected=expected, remedy=remedy)]
        )


def _renamed(table: Table) -> Table:
    """Bring `name:type` to `name` and roles to our names; a role goes before a name."""
    roles: dict[str, str] = {}
    others: dict[str, str] = {}
    for column in table.columns:
        match = _FIELD.fullmatch(column)
        kind = match["kind"].upper() if match else ""
        if kind in ROLES:
            roles[column] = ROLES[kind]
        elif kind not in LEFT_OUT:
            others[column] = match["name"] if match else column
    if "neuron_id" in roles.values():  # neuPrint's nodes have it once more as a property
        others = {column: name for column, name in others.items() if name != "bodyId"}
    names = roles | {c: name for c, name in others.items() if name not in roles.values()}
    arrow = table.arrow.select(list(names)).rename_columns(list(names.values()))
    return Table(table.name, arrow, table.rows)
