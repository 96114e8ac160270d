"""MICrONS phase 1 (pinky100, v185): synapses among proofread layer 2/3 pyramidal cells.

A table of synapses by root id and a table of cells with soma position and valence. The columns
`soma_*_nm` of the latter are wrong (y and z are copies of x): positions come from `pt_position`, in
voxels of 4 × 4 × 40 nm.

DOI: 10.1016/j.cell.2022.01.023.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ingest.columns import typed
from ingest.readers import RawTables, SourceFiles, register
from ingest.readers.salova_graph import GET_AGAIN
from ingest.report import Report
from ingest.tables import Table, read_table

SYNAPSE_COLUMNS = {"pre_root_id": "int64", "post_root_id": "int64", "spine_vol_um3": "string"}
CELL_COLUMNS = {"pt_root_id": "int64", "cell_type": "string", "pt_position": "string"}
VOXEL_UM = np.array([0.004, 0.004, 0.040])
EXCITATORY = "e"


@register("microns_l23")
def read_microns_l23(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the synapses and the excitatory cells of the volume.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`, `neurons`: names of the table of synapses and of that of cells.

    Returns
    -------
    RawTables
        All excitatory cells, with `partners` (cells connected with it) and `output_synapses`; a
        row per synapse.

    Raises
    ------
    InputError
        If a file is damaged or a cell is there twice.
    """
    table = read_table(files, str(options["connections"]))
    synapses = typed(table, SYNAPSE_COLUMNS, remedy=GET_AGAIN)
    cells = read_table(files, str(options["neurons"]))
    neurons = _cells(cells)
    pre, post = synapses["pre_root_id"], synapses["post_root_id"]
    apart = pre != post
    both = pd.DataFrame({"own": [*pre[apart], *post[apart]], "other": [*post[apart], *pre[apart]]})
    partners = both.drop_duplicates().groupby("own").size()
    outputs = pre.value_counts()
    for column, counts in (("partners", partners), ("output_synapses", outputs)):
        neurons[column] = neurons["neuron_id"].map(counts).fillna(0).astype(np.int64)
    return RawTables(
        neurons,
        pd.DataFrame({"pre": pre, "post": post, "weight": 1}),
        connections_file=table.name,
        neurons_file=cells.name,
        connection_rows=table.rows,
    )


def _cells(table: Table) -> pd.DataFrame:
    cells = typed(table, CELL_COLUMNS, remedy=GET_AGAIN)
    points = cells["pt_position"].str.extract(r"^\[\s*(\d{1,9})\s+(\d{1,9})\s+(\d{1,9})\s*\]$")
    report = Report()
    report.cells(
        points[0].isna().to_numpy(),
        lambda place: f"found {cells['pt_position'].iloc[place][:40]!r}",
        file=table.name,
        rows=table.rows,
        column="pt_position",
        expected="[x y z] in voxels",
        remedy=GET_AGAIN,
    )
    # some glia share a segment; they are not read
    chosen = (cells["cell_type"] == EXCITATORY).to_numpy()
    report.cells(
        chosen & cells["pt_root_id"].duplicated(keep=False).to_numpy(),
        lambda place: f"cell {cells['pt_root_id'].iloc[place]} is there already",
        file=table.name,
        rows=table.rows,
        column="pt_root_id",
        expected="every cell once",
        remedy=GET_AGAIN,
    )
    report.settle()
    micrometres = points.to_numpy(dtype=np.float64) * VOXEL_UM
    return pd.DataFrame(
        {
            "neuron_id": cells["pt_root_id"][chosen].to_numpy(),
            "type": cells["cell_type"][chosen].to_numpy(),
            "cell_class": "pyramidal",
            "soma_x": micrometres[chosen, 0],
            "soma_y": micrometres[chosen, 1],
            "soma_z": micrometres[chosen, 2],
        }
    )
