"""Saturated reconstruction of mouse neocortex: a workbook, one row per synapse, axon → dendrite.

Axons and dendrites are pieces of neurons whose somata lie outside; their numbers are disjoint, so
that the graph is bipartite: nothing recurs in it.

DOI: 10.1016/j.cell.2015.06.054.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xlrd

from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.readers.salova_graph import GET_AGAIN

EXPECTED = "an Excel workbook (.xls) of synapses: axon, dendrite and their types"
# Place of a column, and how its name begins; names are printed over several lines.
COLUMNS = {
    "axon": (8, "Axon No"),
    "dendrite": (9, "Dendrite No"),
    "axon_type": (10, "Axon type"),
    "spine": (17, "Spine synapse"),
    "dendrite_type": (18, "Dendrite type"),
}
FIRST_ROW = 2
AXONS = {0: ("axon, excitatory", "excitatory"), 1: ("axon, inhibitory", "inhibitory"),
         2: ("axon, myelinated", None), -1: ("axon", None)}  # fmt: skip
DENDRITES = {0: ("dendrite, spiny", "excitatory"), 1: ("dendrite, smooth", "inhibitory")}


@register("kasthuri_xls")
def read_kasthuri_xls(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the synapses.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `file`: name of the workbook.

    Returns
    -------
    RawTables
        `type` tells axons from dendrites, `polarity` follows the source's types; a row per synapse.

    Raises
    ------
    InputError
        If the workbook is damaged or laid out otherwise.
    """
    name = str(options["file"])
    with files.open(name) as stream, reading(name, EXPECTED, GET_AGAIN):
        content = stream.read()
        # quietly: the parser prints what it thinks of a damaged file
        book = xlrd.open_workbook(file_contents=content, logfile=_Nowhere(), on_demand=True)
        columns = _columns(book.sheet_by_index(0))
        neurons = pd.concat(
            [
                _ends(columns["axon"], columns["axon_type"], AXONS),
                _ends(columns["dendrite"], columns["dendrite_type"], DENDRITES),
            ],
            ignore_index=True,
        )
        if neurons["neuron_id"].duplicated().any():
            raise ValueError("a number is that of an axon and of a dendrite")
    connections = pd.DataFrame({"pre": columns["axon"], "post": columns["dendrite"], "weight": 1})
    return RawTables(neurons, connections, connections_file=name, neurons_file=name)


class _Nowhere:
    """A stream that swallows what is written to it."""

    def write(self, _: str) -> None:
        """Do nothing."""

    def flush(self) -> None:
        """Do nothing."""


def _columns(sheet: Any) -> dict[str, npt.NDArray[np.int64]]:
    found = {}
    for label, (place, begins) in COLUMNS.items():
        if not str(sheet.cell_value(0, place)).startswith(begins):
            raise ValueError(f"column {place + 1} is not {begins!r}")
        values = np.array(sheet.col_values(place, FIRST_ROW), dtype=np.float64)
        if not np.isfinite(values).all() or (values % 1 != 0).any() or (abs(values) > 2**31).any():
            raise ValueError(f"column {begins!r} holds something that is no whole number")
        found[label] = values.astype(np.int64)
    return found


def _ends(
    ids: npt.NDArray[np.int64],
    types: npt.NDArray[np.int64],
    meanings: Mapping[int, tuple[str, str | None]],
) -> pd.DataFrame:
    """Return one row per axon or dendrite, with the type that most of its synapses give."""
    counts = pd.DataFrame({"id": ids, "type": types}).value_counts().reset_index()
    first = counts.sort_values(["id", "count", "type"], ascending=[True, False, True])
    chosen = first.drop_duplicates("id")
    told = [meanings[int(kind)] for kind in chosen["type"]]
    return pd.DataFrame(
        {
            "neuron_id": chosen["id"].to_numpy(),
            "type": [label for label, _ in told],
            "polarity": [polarity for _, polarity in told],
            "part": next(iter(meanings.values()))[0].partition(",")[0],
        }
    )
