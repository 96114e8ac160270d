"""The pair of CSV files in which Salova & Kovács publish neuron-level connectomes.

`*_extended_neuron_info.csv` has one row per neuron: `id` (segment or root id), soma position in
nm and shape statistics. `*_directed_connectome.csv` has one row per connection: `i`, `j`
(0-based rows of the info file, pre → post) and `weight` (number of synapses).
DOI: 10.1162/netn_a_00428.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.columns import typed
from ingest.readers import SourceFiles
from ingest.report import Report
from ingest.tables import Table, read_table

NM_PER_UM = 1000.0
SOMA_NM = ("x_soma", "y_soma", "z_soma")
INFO_COLUMNS = {"id": "int64", "x_soma": "float64", "y_soma": "float64", "z_soma": "float64"}
EDGE_COLUMNS = {"i": "int64", "j": "int64", "weight": "int64"}
GET_AGAIN = "fetch the file again: its bytes are not those of the catalog"


def _outside(places: npt.NDArray[np.int64], row: int) -> str:
    return f"{places[row]} is no row of the neuron table"


def read_info(files: SourceFiles, name: str) -> tuple[pd.DataFrame, Table]:
    """Read the neuron table: neuron_id (int64), soma_x, soma_y, soma_z (µm) and raw nm.

    The untouched positions in nm stay beside the others because tables of the same volume are
    joined by exact equality on them.

    Raises
    ------
    InputError
        If the file is damaged or an id occurs twice: an id names one cell.
    """
    table = read_table(files, name)
    info = typed(table, INFO_COLUMNS, remedy=GET_AGAIN)
    report = Report()
    report.cells(
        info["id"].duplicated().to_numpy(),
        lambda place: f"id {info['id'].iloc[place]} occurs more than once",
        file=name,
        rows=table.rows,
        column="id",
        expected="one row per neuron",
        remedy=GET_AGAIN,
    )
    report.settle()
    named = info.rename(columns={"id": "neuron_id"})
    for axis, column in zip("xyz", SOMA_NM, strict=True):
        named[f"soma_{axis}"] = info[column] / NM_PER_UM
    return named, table


def read_connections(
    files: SourceFiles, name: str, neuron_ids: pd.Series[int]
) -> tuple[pd.DataFrame, Table]:
    """Read the connections and turn row numbers into neuron ids: pre, post, weight.

    Raises
    ------
    InputError
        If the file is damaged, or a row number lies outside the neuron table.
    """
    table = read_table(files, name)
    edges = typed(table, EDGE_COLUMNS, remedy=GET_AGAIN)
    n = len(neuron_ids)
    report = Report()
    for column in ("i", "j"):
        places = edges[column].to_numpy()
        report.cells(
            (places < 0) | (places >= n),
            partial(_outside, places),
            file=name,
            rows=table.rows,
            column=column,
            expected=f"0 … {n - 1:,}",
            remedy="use the neuron table and the connections of the same release",
        )
    report.settle()
    ids = neuron_ids.to_numpy(dtype=np.int64)
    rows = pd.DataFrame(
        {
            "pre": ids[edges["i"].to_numpy()],
            "post": ids[edges["j"].to_numpy()],
            "weight": edges["weight"].to_numpy(),
        }
    )
    return rows, table
