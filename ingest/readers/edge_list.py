"""Edge lists of one's own: CSV, TSV, Parquet or Feather, with or without a neuron table.

What neuPrint, CAVE, Codex, SONATA and connecto export as tables differs in the names of its columns
only, see `ingest.assemble`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.assemble import POST, PRE, assemble
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, register
from ingest.skeletons import read_neurons
from ingest.tables import read_table


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for a table with a column for each end."""
    columns = {column.lower() for column in probe.columns}
    ends = [
        {n.lower() for n in (names.ours, *names.systems, *names.plain)} for names in (PRE, POST)
    ]
    return {} if all(columns & names for names in ends) else None


@register("edge_list", recognise=recognise, what="edge list")
def read_edge_list(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read an edge list.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the edge list; `neurons`, optional: name of the neuron table or
        of skeletons;
        `strangers`, optional: whether neurons may be missing in the neuron table.

    Raises
    ------
    InputError
        Every problem of both files, with row and column.
    """
    edges = read_table(files, str(options["connections"]))
    given = read_neurons(files, str(options["neurons"])) if options.get("neurons") else None
    return assemble(edges, given, strangers=bool(options.get("strangers")))
