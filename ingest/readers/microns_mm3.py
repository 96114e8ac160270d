"""MICrONS cubic millimetre: the graph of Salova & Kovács with cell types and areas joined.

The graph itself has no cell types. They come from a table of all nuclei of the same volume, by
*exact equality of the soma position in nm*: root ids change with every edit of the
segmentation (only a quarter of them agree between the two tables), nucleus positions do not.
Positions are unique in both tables, so that a match is one to one. Rows without a match keep
null labels, and glia stay in the table under their own `type`; circuits select by `layer`,
`area` and `type` and so contain neither.

What is derived here, and how:

- `layer`: excitatory types are named after their layer (23P, 4P, 5P-…, 6P-…). Inhibitory cells are
  put into L4 if their soma lies between the 10 % and the 90 % quantile of the depth (y) of all 4P
  somata in the nucleus table (568.8–687.1 µm), and into no layer otherwise.
- `area`: the table's region, V1, RL, AL or LM.
- `cortical_depth`: the volume lies at an angle. Its axis is documented by the package
  standard-transform of the consortium: positions are turned by 5° about z, and depth is counted
  from a point on the pia. The white matter begins 716.6 µm below, by the layers of the consortium's
  package cortical-layers at the column of V1. Both are rigid and those of the column: the cortex is
  curved, so that far from it the share is off by some hundredths.

DOI: 10.1162/netn_a_00428 (graph), 10.1038/s41586-025-08790-w (volume).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ingest.columns import integers, labels, numbers, require
from ingest.readers import RawTables, SourceFiles, register
from ingest.readers.salova_graph import (
    GET_AGAIN,
    NM_PER_UM,
    SOMA_NM,
    read_connections,
    read_info,
)
from ingest.report import Report
from ingest.tables import read_table

NUCLEUS_NM = ("pt_position_x", "pt_position_y", "pt_position_z")
NUCLEUS_LABELS = ("coarse_cell_type_auto", "cell_type_auto", "region", "proofreading_strategy")
LAYER_OF_TYPE = {
    "23P": "L2/3",
    "4P": "L4",
    "5P-IT": "L5",
    "5P-ET": "L5",
    "5P-NP": "L5",
    "6P-IT": "L6",
    "6P-CT": "L6",
}
CLASS_OF_TYPE = {
    **dict.fromkeys(LAYER_OF_TYPE, "pyramidal"),
    "4P": "l4-excitatory",  # spiny stellate and pyramidal cells are not told apart
    "BC": "basket",
    "MC": "martinotti",
    "BPC": "bipolar",
    "NGC": "neurogliaform",
}
INHIBITORY_TYPES = ("BC", "MC", "BPC", "NGC")
POLARITY_OF_COARSE_TYPE = {"E": "excitatory", "I": "inhibitory"}
BAND = (0.10, 0.90)
PIA_NM = (183_013 * 4.0, 83_535 * 4.0)
"""x and y of the point on the pia (standard-transform, minnie65, versions 1.0 to 2.0)."""
TILT = np.deg2rad(5.0)
"""Angle about z that turns y into depth (standard-transform, minnie65)."""
WHITE_MATTER_UM = 716.6
"""Depth at which the white matter begins (cortical-layers, minnie65, at the column)."""


@register("microns_mm3")
def read_microns_mm3(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the graph, its neurons and the nucleus table named in `options`.

    Parameters
    ----------
    files : SourceFiles
        The dataset's files.
    options : mapping
        `neurons`, `connections`, `nuclei`: names of the three files.

    Returns
    -------
    RawTables
        One neuron per row of the graph's neuron table, with `root_id_v1300` (the cell's id in
        the nucleus table) and `proofreading` beside the columns of every dataset.

    Raises
    ------
    InputError
        If a file is damaged, lacks columns, or the tables do not belong together.
    """
    info, info_table = read_info(files, str(options["neurons"]))
    nuclei = read_nuclei(files, str(options["nuclei"]))
    connections, edge_table = read_connections(
        files, str(options["connections"]), info["neuron_id"]
    )
    neurons = label(info, nuclei)
    return RawTables(
        neurons=neurons,
        connections=connections,
        connections_file=str(options["connections"]),
        neurons_file=str(options["neurons"]),
        connection_rows=edge_table.rows,
        neuron_rows=info_table.rows,
    )


def read_nuclei(files: SourceFiles, name: str) -> pd.DataFrame:
    """Read the nucleus table; blank labels become null.

    Raises
    ------
    InputError
        If the file is no Feather file, lacks columns or has other types in them.
    """
    table = read_table(files, name)
    require(table, (*NUCLEUS_NM, "pt_root_id", *NUCLEUS_LABELS), remedy=GET_AGAIN)
    report = Report()
    made = {column: numbers(table, column, report) for column in NUCLEUS_NM}
    roots = integers(table, "pt_root_id", report, remedy=GET_AGAIN)
    report.settle()
    nuclei = pd.DataFrame({**made, **{name: labels(table, name) for name in NUCLEUS_LABELS}})
    # nullable: a plain int64 would pass through a float where the join finds no nucleus
    nuclei["pt_root_id"] = pd.array(roots, dtype="Int64")
    return nuclei


def label(info: pd.DataFrame, nuclei: pd.DataFrame) -> pd.DataFrame:
    """Join types and areas by exact soma position and derive class, polarity and layer."""
    unique = nuclei.drop_duplicates(list(NUCLEUS_NM), keep=False)
    joined = info.merge(
        unique, how="left", left_on=list(SOMA_NM), right_on=list(NUCLEUS_NM), validate="m:1"
    )
    kind = joined["cell_type_auto"]
    layer = kind.map(LAYER_OF_TYPE)
    low, high = l4_band(nuclei)
    in_band = kind.isin(INHIBITORY_TYPES) & joined["soma_y"].between(low, high)
    return pd.DataFrame(
        {
            "neuron_id": joined["neuron_id"],
            "type": kind,
            "cell_class": kind.map(CLASS_OF_TYPE),
            "polarity": joined["coarse_cell_type_auto"].map(POLARITY_OF_COARSE_TYPE),
            "layer": layer.mask(in_band, "L4"),
            "area": joined["region"].str.lower(),
            "soma_x": joined["soma_x"],
            "soma_y": joined["soma_y"],
            "soma_z": joined["soma_z"],
            "cortical_depth": depth_um(joined) / WHITE_MATTER_UM,
            "root_id_v1300": joined["pt_root_id"],
            "proofreading": joined["proofreading_strategy"],
        }
    )


def depth_um(somata: pd.DataFrame) -> pd.Series[float]:
    """Return the depth of somata below the pia, in µm; negative above it."""
    x, y = (somata[f"soma_{axis}"] - PIA_NM[i] / NM_PER_UM for i, axis in enumerate("xy"))
    depth: pd.Series[float] = np.sin(TILT) * x + np.cos(TILT) * y
    return depth


def l4_band(nuclei: pd.DataFrame) -> tuple[float, float]:
    """Return the 10 % and 90 % quantile of the depth of all 4P nuclei, in µm (NaN if none)."""
    depth = nuclei.loc[nuclei["cell_type_auto"] == "4P", "pt_position_y"].to_numpy() / NM_PER_UM
    if not len(depth):
        return float("nan"), float("nan")
    low, high = np.quantile(depth, BAND)
    return float(low), float(high)
