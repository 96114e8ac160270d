"""Rat somatosensory column, type to type: connection probability by distance, contacts, cells.

Two tables of one model (the NetPyNE port of the column of Markram et al. 2015). The first has a row
for every ordered pair of morphological types: mean probability (`pmat`), mean number of connections
in the column (`connNumber`), mean and SD of the synapses of a connection (`synperconnNumber…`), and
the probability at 16 distances in the plane of the cortex (`pmat12um` … `pmat375um`). The second
lists the cells of every type, without a header: morpho-electrical type, morphological type,
electrical type, cells of the first, cells of the second.

Pairs without any connection have empty cells in the first table: their probability is 0. What is
fitted to the figures (`lmat`, `a0mat`, …) and the physiology of the synapses are left alone.

DOI: 10.3389/fninf.2022.884245 (port), 10.1016/j.cell.2015.09.029 (model).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ingest.columns import numbers, require, text_of
from ingest.readers import RawTables, SourceFiles, pathways_alone, register
from ingest.readers.nbs1_matrix import CLASS_OF_MORPHOLOGY
from ingest.report import Report
from ingest.tables import Table, read_table
from schemas.errors import InputError, Problem

DOI = "10.3389/fninf.2022.884245"
REMEDY = "use the two files of one version of the model, unchanged"
DISTANCES = (12.5, *map(float, range(25, 400, 25)))
"""µm; the first column is called 12um and used by the authors at 12.5 µm."""
FIGURES = {
    "pmat": "probability",
    "connNumber": "connections",
    "synperconnNumber": "synapses",
    "synperconnNumberStd": "synapses_sd",
}
CURVE = tuple(f"pmat{int(distance)}um" for distance in DISTANCES)
# Abbreviations that the other release of the same laboratory writes otherwise.
CLASSES = CLASS_OF_MORPHOLOGY | {
    "PC": "pyramidal",
    "SP": "pyramidal",
    "SS": "spiny-stellate",
    "STPC": "pyramidal",
    "TTPC": "pyramidal",
    "UTPC": "pyramidal",
    "CHC": "chandelier",
    "DLAC": "inhibitory",
    "SLAC": "inhibitory",
}
FIELDS_OF_A_LINE = 5


@register("netpyne_pathways")
def read_netpyne_pathways(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the pathways and the numbers of cells named in `options`.

    Parameters
    ----------
    files : SourceFiles
        The dataset's files.
    options : mapping
        `pathways`, `cells`: names of the two files.

    Returns
    -------
    RawTables
        Pathways alone, one for every ordered pair of types.

    Raises
    ------
    InputError
        If a table is damaged or not square, or the two know different types.
    """
    name = str(options["pathways"])
    table = read_table(files, name)
    require(table, ("pre", "post", *FIGURES, *CURVE), remedy=REMEDY)
    types = _types(table)
    cells = read_cells(files, str(options["cells"]))
    if set(types) != set(cells):
        odd = sorted(set(types) ^ set(cells))
        what = f"{odd[0]} is in one of the two files only"
        raise InputError([_problem(str(options["cells"]), what, "the types of the pathways")])
    report = Report()
    made: dict[str, Any] = {
        "pre_type": text_of(table, "pre").to_pylist(),
        "post_type": text_of(table, "post").to_pylist(),
    }
    for column, ours in FIGURES.items():
        made[ours] = numbers(table, column, report)
    curves = np.column_stack([numbers(table, column, report) for column in CURVE])
    report.settle()
    unconnected = made["connections"] == 0
    made["probability"] = np.where(unconnected, 0.0, made["probability"])
    made["distance_um"] = [None if none else list(DISTANCES) for none in unconnected]
    made["probability_at"] = [
        None if none else curve for none, curve in zip(unconnected, curves.tolist(), strict=True)
    ]
    for end in ("pre", "post"):
        labels = made[f"{end}_type"]
        made[f"{end}_class"] = [_class(label) for label in labels]
        made[f"{end}_layer"] = [_layer(label) for label in labels]
        made[f"{end}_cells"] = [cells[label] for label in labels]
    return pathways_alone(pd.DataFrame(made).assign(doi=DOI), name)


def read_cells(files: SourceFiles, name: str) -> dict[str, int]:
    """Read the number of cells of every morphological type.

    Raises
    ------
    InputError
        If a line is damaged, or the parts of a type do not add up to it.
    """
    with files.open(name) as stream:
        lines = stream.read().decode("utf-8", errors="replace").splitlines()
    totals: dict[str, int] = {}
    parts: dict[str, int] = {}
    for row, line in enumerate(lines, 1):
        words = line.split()
        counts = words[3:]
        if len(words) != FIELDS_OF_A_LINE or not all(
            re.fullmatch(r"[0-9]{1,9}", c) for c in counts
        ):
            expected = "three names and two numbers of cells"
            raise InputError([_problem(name, f"found {line[:60]!r}", expected, row)])
        label, part, total = words[1], int(counts[0]), int(counts[1])
        parts[label] = parts.get(label, 0) + part
        if totals.setdefault(label, total) != total:
            what = f"{label} has {total:,} cells here and {totals[label]:,} above"
            raise InputError([_problem(name, what, "one number of cells of a type", row)])
    wrong = [label for label in totals if parts[label] != totals[label]]
    if wrong or not totals:
        label = wrong[0] if wrong else ""
        what = f"the parts of {label} add up to {parts[label]:,}" if wrong else "it is empty"
        expected = f"{totals[label]:,} cells" if wrong else "a line for every type"
        raise InputError([_problem(name, what, expected)])
    return totals


def _types(table: Table) -> list[str]:
    """All types; the table holds every ordered pair of them once."""
    pairs = list(
        zip(text_of(table, "pre").to_pylist(), text_of(table, "post").to_pylist(), strict=True)
    )
    types = sorted({pre for pre, _ in pairs} | {post for _, post in pairs})
    if len(set(pairs)) != len(pairs) or len(pairs) != len(types) ** 2:
        what = f"{len(pairs):,} rows for {len(types):,} types"
        raise InputError([_problem(table.name, what, "every ordered pair of types once")])
    return types


def _class(label: str) -> str | None:
    """Cell class of a morphological type: `L23_LBC`, `L5_TTPC2`, `L6_TPC_L1`, `L1_NGC-DA`."""
    match = re.match(r"L\d+_([A-Za-z]+)", label)
    return CLASSES.get(match[1].upper()) if match else None


def _layer(label: str) -> str | None:
    match = re.match(r"L(\d+)_", label)
    return None if match is None else "L" + "/".join(match[1])


def _problem(file: str, what: str, expected: str, row: int | None = None) -> Problem:
    return Problem(file=file, row=row, what=what, expected=expected, remedy=REMEDY)
