"""Connectivity matrices as `conntility` stores them (pandas in HDF5), read with h5py alone.

Connections are pairs of rows of the vertex table, pre → post, without a number of synapses. Columns
of the vertex table lie in typed blocks; which column is where is fixed by the release that a
manifest pins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.readers.salova_graph import GET_AGAIN

EDGES = "connectivity/full_matrix/edge_indices/block0_values"
VERTICES = "connectivity/full_matrix/vertex_properties"


@register("conntility_h5")
def read_conntility_h5(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the layer 2/3 excitatory subcircuit of the rat non-barrel S1 model.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `file`: name of the HDF5 file; `tiles`: number of module tiles along each flat-map axis.

    Returns
    -------
    RawTables
        `module` is the tile `tile-<row>-<column>` of the flat map that the soma lies in, tiles of
        equal width over the range of the somata; `flat_x`, `flat_y`, `depth` in µm.

    Raises
    ------
    InputError
        If the file is damaged or laid out otherwise.
    """
    name = str(options["file"])
    with (
        files.open(name) as stream,
        reading(name, f"HDF5 with {EDGES} and {VERTICES}", GET_AGAIN),
        h5py.File(stream, "r") as store,
    ):
        edges = np.asarray(store[EDGES][()]).astype(np.int64, casting="safe").reshape(-1, 2)
        table = store[f"{VERTICES}/table"][()]
        names = store[f"{VERTICES}/meta/values_block_2/meta/table"]["values"].ravel()
        types = np.array([value.decode("utf-8") for value in names], dtype=object)
        layer = table["values_block_1"][:, 0]
        mtype = types[table["values_block_2"][:, 0]]
        x, y, z, flat_x, depth, flat_y = np.asarray(table["values_block_4"], np.float64).T
        if edges.size and not 0 <= edges.min() <= edges.max() < layer.size:
            raise ValueError("connections point outside the vertex table")
        if not np.isfinite([flat_x, flat_y]).all():
            raise ValueError("a position in the flat map is no number")
    tiles = int(options["tiles"])
    row, column = _tile(flat_y, tiles), _tile(flat_x, tiles)
    ids = np.arange(1, layer.size + 1, dtype=np.int64)
    neurons = pd.DataFrame(
        {
            "neuron_id": ids,
            "type": mtype,
            "cell_class": "pyramidal",
            "layer": [f"L{number}" for number in layer],
            "module": [f"tile-{r}-{c}" for r, c in zip(row + 1, column + 1, strict=True)],
            "soma_x": x,
            "soma_y": y,
            "soma_z": z,
            "flat_x": flat_x,
            "flat_y": flat_y,
            "depth": depth,
        }
    )
    connections = pd.DataFrame({"pre": ids[edges[:, 0]], "post": ids[edges[:, 1]], "weight": 1})
    return RawTables(neurons, connections, connections_file=name, neurons_file=name)


def _tile(position: npt.NDArray[np.float64], tiles: int) -> npt.NDArray[np.int64]:
    """Place of each position among `tiles` stretches of equal width."""
    low, high = position.min(), position.max()
    if high == low:
        return np.zeros(position.size, np.int64)
    place = ((position - low) / (high - low) * tiles).astype(np.int64)
    return np.asarray(np.clip(place, 0, tiles - 1), dtype=np.int64)
