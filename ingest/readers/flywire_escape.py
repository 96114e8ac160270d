"""Escape and steering circuit of the FlyWire brain, as the package flywire-coding-cortex has it.

One JSON object: `neurons` with root id, type, role, side and a place to draw them at; `edges`, rows
[place of pre, place of post, weight]. A row is a connection within one neuropil, so that a pair may
have several. Its weight is no number of synapses: the package's own program multiplies that number
by a factor of the transmitter predicted for the row, 1 for acetylcholine and for a transmitter
without a factor, -1 for GABA and glutamate, 0.5 for dopamine, serotonin and octopamine. A weight of
4 is 4 synapses or 8, so connections are binary here, and weights are measures of their own.

DOI: 10.1038/s41586-024-07558-y (FlyWire).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.report import Report

EXPECTED = "the escape circuit as JSON: neurons and edges"
REMEDY = "take the file from the pinned wheel"
FIELDS = ("id", "type", "role", "side", "pos")
# Cell types, and FlyWire's super classes where the file has no type; the others have no class of
# ours, and their word stays in `type`.
CLASS_OF = {
    "sensory": "sensory",
    "visual_projection": "projection",
    "LC4": "projection",
    "LPLC2": "projection",
}
STEP = 0.5
"""Weights are multiples of it: the smallest factor of a transmitter."""


@register("flywire_escape")
def read_flywire_escape(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the circuit named in `options`.

    Parameters
    ----------
    files : SourceFiles
        The dataset's files.
    options : mapping
        `circuit`: name of the file.

    Returns
    -------
    RawTables
        A connection of weight 1 for every row, with two measures in arbitrary units (`_au`) that
        add up over the rows of a pair: `scaled_weight_au` without, `signed_weight_au` with the
        sign. `polarity` is given to neurons whose rows are of one sign and unhalved;
        `output_signs` says which signs they have. `display_x`, `display_y`, `display_z` are places
        for drawing, without a unit.

    Raises
    ------
    InputError
        If the file is damaged, or a neuron or an edge cannot be what it should be.
    """
    name = str(options["circuit"])
    with files.open(name) as stream, reading(name, EXPECTED, REMEDY):
        content = json.load(stream)
        cells = pd.DataFrame([[cell[field] for field in FIELDS] for cell in content["neurons"]])
        cells.columns = pd.Index(FIELDS)
        edges = [(pre, post, weight) for pre, post, weight in content["edges"]]
        places = np.array(cells["pos"].to_list(), np.float64)
        if places.shape != (len(cells), 3):
            raise ValueError("a place has not three numbers")
    report = Report()
    _check_neurons(cells, places, name, report)
    _check_edges(edges, len(cells), name, report)
    report.settle()
    ids = cells["id"].map(int).to_numpy(np.int64)
    pre, post = (np.array([edge[side] for edge in edges], np.int64) for side in (0, 1))
    weight = np.array([edge[2] for edge in edges], np.float64)
    connections = pd.DataFrame(
        {
            "pre": ids[pre],
            "post": ids[post],
            "weight": np.ones(len(edges), np.int64),
            "scaled_weight_au": np.abs(weight),
            "signed_weight_au": weight,
        }
    )
    signs = _output_signs(pre, weight, len(cells))
    neurons = pd.DataFrame(
        {
            "neuron_id": ids,
            "type": cells["type"],
            "cell_class": cells["type"].map(CLASS_OF),
            "polarity": signs.map({"plus": "excitatory", "minus": "inhibitory"}),
            "side": cells["side"].replace("", None),
            "role": cells["role"],
            "output_signs": signs,
        }
    )
    for axis, values in zip("xyz", places.T, strict=True):
        neurons[f"display_{axis}"] = values
    return RawTables(
        neurons, connections, connections_file=name, neurons_file=name, weight="binary"
    )


def _output_signs(
    pre: npt.NDArray[np.int64], weight: npt.NDArray[np.float64], neurons: int
) -> pd.Series[str]:
    """Say of every neuron which signs its rows have: one of them tells of its effect, both do not.

    Halved weights are those of amines, whose effect a sign does not say.
    """
    plus, minus, halved = (
        np.bincount(pre[there], minlength=neurons) > 0
        for there in (weight > 0, weight < 0, weight % 1 != 0)
    )
    meant = {"both": plus & minus, "plus, halved": plus & halved, "plus": plus, "minus": minus}
    said = np.select(list(meant.values()), list(meant), "none")
    return pd.Series(said, dtype=object)


def _check_neurons(
    cells: pd.DataFrame, places: npt.NDArray[np.float64], name: str, report: Report
) -> None:
    """Report neurons without a root id or a type, those there twice, and places that are none."""
    is_id = cells["id"].map(
        lambda cell: isinstance(cell, str) and cell.isascii() and cell.isdigit() and len(cell) == 18
    )
    checks = {
        "id": (~is_id, "a root id of 18 digits, as text"),
        "type": (~cells["type"].map(_is_word), "a cell type or super class"),
        "role": (~cells["role"].map(_is_word), "a role"),
        "side": (~cells["side"].map(lambda cell: isinstance(cell, str)), "left, right or center"),
    }
    for column, (bad, expected) in checks.items():

        def says(place: int, words: pd.Series[Any] = cells[column]) -> str:
            return f"neuron {place} has {str(words[place])[:40]!r}"

        report.cells(
            bad.to_numpy(np.bool_),
            says,
            file=name,
            rows=None,
            column=column,
            expected=expected,
            remedy=REMEDY,
        )
    report.cells(
        (cells["id"].astype(str).duplicated() & is_id).to_numpy(np.bool_),
        lambda place: f"neuron {cells['id'][place]} is there already",
        file=name,
        rows=None,
        column="id",
        expected="every neuron once",
        remedy=REMEDY,
    )
    report.cells(
        ~np.isfinite(places).all(1),
        lambda place: f"neuron {place} is at no place",
        file=name,
        rows=None,
        column="pos",
        expected="three finite numbers",
        remedy=REMEDY,
    )


def _is_word(cell: object) -> bool:
    return isinstance(cell, str) and bool(cell.strip())


def _check_edges(
    edges: list[tuple[Any, Any, Any]], neurons: int, name: str, report: Report
) -> None:
    """Report edges whose ends are no neurons, and weights that no number of synapses can give."""
    checks = {
        "edges": (
            [not all(_is_place(end, neurons) for end in edge[:2]) for edge in edges],
            f"places of two neurons, 0 to {neurons - 1}",
        ),
        "weight": (
            [not _is_weight(edge[2]) for edge in edges],
            "a number of synapses times 1, -1 or 0.5",
        ),
    }
    for column, (bad, expected) in checks.items():
        report.cells(
            np.array(bad, np.bool_),
            lambda place: f"edge {place} is {str(list(edges[place]))[:60]}",
            file=name,
            rows=None,
            column=column,
            expected=expected,
            remedy=REMEDY,
        )


def _is_place(end: object, neurons: int) -> bool:
    return isinstance(end, int) and not isinstance(end, bool) and 0 <= end < neurons


def _is_weight(weight: object) -> bool:
    """Whether factors of transmitters can make it: halves are positive."""
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not np.isfinite(weight):
        return False
    return weight != 0 and weight % STEP == 0 and (weight > 0 or weight % 1 == 0)
