"""Neurons (`gid, x, y, z`) and connections (`from, to, contacts`) as `netsci` ships them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.columns import typed
from ingest.readers import RawTables, SourceFiles, register
from ingest.readers.salova_graph import GET_AGAIN
from ingest.tables import read_table

NEURON_COLUMNS = {"gid": "int64", "x": "float64", "y": "float64", "z": "float64"}
CONNECTION_COLUMNS = {"from": "int64", "to": "int64", "contacts": "int64"}


@register("netsci_csv")
def read_netsci_csv(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read one m-type of a Markram-2015 column.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `neurons`, `connections`: names of the gzipped CSV files; `type`, `cell_class`: of all
        neurons.

    Returns
    -------
    RawTables
        Positions in µm; `weight` is the number of contacts.

    Raises
    ------
    InputError
        If a file is damaged.
    """
    table = read_table(files, str(options["neurons"]))
    rows = read_table(files, str(options["connections"]))
    neurons = typed(table, NEURON_COLUMNS, remedy=GET_AGAIN).rename(
        columns={"gid": "neuron_id", "x": "soma_x", "y": "soma_y", "z": "soma_z"}
    )
    connections = typed(rows, CONNECTION_COLUMNS, remedy=GET_AGAIN).rename(
        columns={"from": "pre", "to": "post", "contacts": "weight"}
    )
    return RawTables(
        neurons.assign(type=options["type"], cell_class=options["cell_class"]),
        connections,
        connections_file=rows.name,
        neurons_file=table.name,
        connection_rows=rows.rows,
        neuron_rows=table.rows,
    )
