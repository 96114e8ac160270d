"""Brain of a fruit fly larva: edges `pre post synapses` without a header, and a table of neurons.

DOI: 10.1126/science.add9330.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.columns import require, typed
from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.readers.salova_graph import GET_AGAIN
from ingest.report import Report
from ingest.tables import read_table

LABELS = {"name": "string", "merge_class": "string", "class1": "string", "hemisphere": "string",
          "lineage": "string", "pair": "int64"}  # fmt: skip
CLASS_OF = {
    "KC": "kenyon",
    "sens": "sensory",
    "PN": "projection",
    "uPN": "projection",
    "mPN": "projection",
    "MBON": "mushroom-body-output",
    "MBIN": "mushroom-body-input",
}


@register("larva_brain")
def read_larva_brain(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the edges and the labels of the neurons that occur in them.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`, `neurons`: names of the list of edges and of the table of neurons.

    Returns
    -------
    RawTables
        `pair` is the neuron's partner on the other side where it has one; `class1` and `lineage`
        as in the source.

    Raises
    ------
    InputError
        If a file is damaged, a neuron has no row, or a row is there twice.
    """
    name = str(options["connections"])
    with files.open(name) as stream, reading(name, "rows `pre post synapses`", GET_AGAIN):
        ends, weight = _edges(stream.read())
    table = read_table(files, str(options["neurons"]))
    require(table, LABELS, remedy=GET_AGAIN)
    ids = typed(table, {table.columns[0]: "int64"}, remedy=GET_AGAIN)[table.columns[0]]
    labels = typed(table, LABELS, remedy=GET_AGAIN).assign(neuron_id=ids)
    there = np.unique(ends)
    report = Report()
    report.cells(
        ids.duplicated().to_numpy(),
        lambda place: f"neuron {ids.iloc[place]} is there already",
        file=table.name,
        rows=table.rows,
        column="neuron_id",
        expected="every neuron once",
        remedy=GET_AGAIN,
    )
    missing = there[~np.isin(there, ids)]
    if missing.size:
        what = f"{missing.size:,} neurons have no row, {missing[0]} the first"
        report.whole(table.name, what, f"a row for each neuron of {name}", GET_AGAIN)
    report.settle()
    chosen = labels[labels["neuron_id"].isin(there)].reset_index(drop=True)
    neurons = pd.DataFrame(
        {
            "neuron_id": chosen["neuron_id"],
            "instance": chosen["name"],
            "type": chosen["merge_class"].replace("", None),
            "cell_class": chosen["class1"].map(CLASS_OF),
            "side": chosen["hemisphere"],
            "class1": chosen["class1"].replace("", None),
            "lineage": chosen["lineage"].replace("", None),
            "pair": chosen["pair"].astype("Int64").mask(chosen["pair"] < 0),
        }
    )
    connections = pd.DataFrame({"pre": ends[:, 0], "post": ends[:, 1], "weight": weight})
    return RawTables(neurons, connections, connections_file=name, neurons_file=table.name)


def _edges(content: bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return both ends (n × 2) and the synapses of every row."""
    cells = content.split()
    if len(cells) != 3 * (content.count(b"\n") + (not content.endswith(b"\n"))):
        raise ValueError("a row has not three cells")
    ends = np.array([cells[0::3], cells[1::3]]).astype(np.int64).T
    weight = np.array(cells[2::3]).astype(np.float64)
    if not (np.isfinite(weight) & (weight % 1 == 0) & (abs(weight) < 2**31)).all():
        raise ValueError("a weight is no whole number")
    return ends.reshape(-1, 2), weight.astype(np.int64)
