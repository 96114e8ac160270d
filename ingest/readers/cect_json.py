"""Worm connectomes as the package `cect` caches them: nodes and dense matrices in JSON.

`connections["Generic_CS"]` holds chemical synapses, row = pre. Muscles and other cells are nodes
too; what is a neuron, and which kind, is told by the package's cell table.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from string import ascii_letters
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.matrices import connections_of
from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.readers.salova_graph import GET_AGAIN
from schemas.errors import InputError, Problem

SYNAPSES = "Generic_CS"
# Column `Type` of the cell table → cell class; a type that is not here is no neuron.
CLASS_OF_TYPE = {
    **dict.fromkeys(
        (
            "Amphid", "Amphid, nociceptive", "Cephalic", "Mechanosensory", "Phasmid", "Touch",
            "O2, CO2, social signals, touch", "Male sensory neuron", "Male head sensory neuron",
        ),
        "sensory",
    ),
    **dict.fromkeys(
        (
            "Layer 1 interneuron", "Layer 2 interneuron", "Layer 3 interneuron",
            "Category 4 interneuron", "Pharyngeal interneuron", "Male interneuron",
            "Male head interneuron", "Layer 1 interneuron; motorneuron in White et al., 1986",
            "Linker to pharynx",
        ),
        "interneuron",
    ),
    **dict.fromkeys(
        (
            "Head motor neuron", "Ventral cord motor neuron", "Sublateral motor neuron",
            "Sublateral motor neuron; interneuron in White et al., 1986",
            "Hermaphrodite specific motor neuron", "Pharyngeal motor neuron",
        ),
        "motor",
    ),
    **dict.fromkeys(("Pharyngeal polymodal neuron", "Canal neuron"), "neuron"),
}  # fmt: skip


@register("cect_json")
def read_cect_json(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the chemical synapses between neurons of one animal.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `matrix`, `cells`: names of the JSON file and of the cell table.

    Returns
    -------
    RawTables
        `neuron_id` is the rank of the name among all neuron names of the cell table, so that the
        same neuron has the same id in every animal. `partners` is the number of neurons connected
        with it, `name_letters` the number of letters that its name begins with (I2L: 1, AVAL: 4),
        `partners_without_pharynx` that of partners among neurons with two letters or more.

    Raises
    ------
    InputError
        If a file is damaged or a node is in no cell table.
    """
    matrix_name, cells_name = str(options["matrix"]), str(options["cells"])
    kinds = _cells(files, cells_name)
    nodes, matrix = _matrix(files, matrix_name)
    strange = [name for name in nodes if name not in kinds]
    if strange:
        raise InputError(
            [_problem(matrix_name, f"unknown cells {', '.join(strange)}", f"names in {cells_name}")]
        )
    neurons = sorted(name for name, kind in kinds.items() if kind in CLASS_OF_TYPE)
    ids = {name: place for place, name in enumerate(neurons, start=1)}
    place = [k for k, name in enumerate(nodes) if name in ids]
    inner = matrix[np.ix_(place, place)]
    names = [nodes[k] for k in place]
    own = np.array([ids[name] for name in names], np.int64)
    pre, post = np.nonzero(inner)
    linked = (inner > 0) | (inner.T > 0)
    np.fill_diagonal(linked, val=False)
    letters = np.array([len(name) - len(name.lstrip(ascii_letters)) for name in names], np.int64)
    core = letters >= 2
    frame = pd.DataFrame(
        {
            "neuron_id": own,
            "instance": names,
            "type": [kinds[name] for name in names],
            "cell_class": [CLASS_OF_TYPE[kinds[name]] for name in names],
            "side": [_side(name, kinds) for name in names],
            "partners": linked.sum(1).astype(np.int64),
            "partners_without_pharynx": np.where(core, linked[:, core].sum(1), 0),
            "name_letters": letters,
        }
    )
    connections = pd.DataFrame(
        {"pre": own[pre], "post": own[post], "weight": inner[pre, post].astype(np.int64)}
    )
    return RawTables(frame, connections, connections_file=matrix_name, neurons_file=cells_name)


def _cells(files: SourceFiles, name: str) -> dict[str, str]:
    """Cell name → type; rows of the table are ragged."""
    with files.open(name) as stream, reading(name, "a cell table", GET_AGAIN):
        rows = list(csv.reader(io.TextIOWrapper(stream, encoding="utf-8", newline="")))
    if not rows or rows[0][:2] != ["Cell name", "Type"]:
        raise InputError([_problem(name, "no cell table", "columns Cell name, Type")])
    return {row[0]: row[1] for row in rows[1:] if len(row) > 1}


def _matrix(files: SourceFiles, name: str) -> tuple[list[str], npt.NDArray[np.float64]]:
    with files.open(name) as stream, reading(name, f"nodes and {SYNAPSES!r}", GET_AGAIN):
        content = json.load(stream)
        nodes = [str(node) for node in content["nodes"]]
        matrix = np.asarray(content["connections"][SYNAPSES], dtype=np.float64)
        if len(set(nodes)) != len(nodes):
            raise ValueError("a node is there twice")
    connections_of(matrix, len(nodes), name, remedy=GET_AGAIN)
    return nodes, matrix


def _side(name: str, kinds: Mapping[str, str]) -> str | None:
    """Side of a neuron that has a partner of the same name on the other side."""
    other = {"L": "R", "R": "L"}.get(name[-1:])
    if other is None or name[:-1] + other not in kinds:
        return None
    return "left" if name[-1] == "L" else "right"


def _problem(file: str, what: str, expected: str) -> Problem:
    return Problem(file=file, what=what, expected=expected, remedy=GET_AGAIN)
