"""A column of the rat non-barrel S1 model: sparse matrix (.npz) and node table (.h5).

The matrix is a scipy CSR archive; row = presynaptic (inferred from known pathways, not stated in
the file), values are True: the number of synapses of a connection is not given. The node table
is a pandas "frame table" written by PyTables. It is read with h5py alone: a pandas reader would
need PyTables and would unpickle what the file says. The names of its columns stand in pickled
lists of protocol 0, which is plain text, and are found there without unpickling.

DOI: 10.7554/eLife.99688 (model).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.readers.salova_graph import GET_AGAIN
from schemas.errors import InputError, Problem

CATEGORICAL = ("mtype", "synapse_class")
NODE_COLUMNS = ("gid", "x", "y", "z", "depth", "layer", *CATEGORICAL)
POLARITY = {"EXC": "excitatory", "INH": "inhibitory"}
# What follows the layer in a morphological type, e.g. L23_NBC, L4_TPC, L5_TPC:A, L1_NGC-DA.
CLASS_OF_MORPHOLOGY = {
    "LBC": "basket",
    "NBC": "basket",
    "SBC": "basket",
    "MC": "martinotti",
    "BP": "bipolar",
    "CHC": "chandelier",
    "NGC": "neurogliaform",
    "DBC": "inhibitory",
    "BTC": "inhibitory",
    "DAC": "inhibitory",
    "HAC": "inhibitory",
    "LAC": "inhibitory",
    "SAC": "inhibitory",
    "SSC": "spiny-stellate",
    "TPC": "pyramidal",
    "UPC": "pyramidal",
    "BPC": "pyramidal",
    "HPC": "pyramidal",
    "IPC": "pyramidal",
}


@register("nbs1_matrix")
def read_nbs1_matrix(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read a column of the model.

    Parameters
    ----------
    files : SourceFiles
        The dataset's files.
    options : mapping
        `connections` (.npz), `neurons` (.h5): names of the files; `module`: name of the column;
        `area`: its area.

    Returns
    -------
    RawTables
        Neuron id = gid of the circuit; `depth` (µm below the pia) beside the usual columns;
        every weight is 1.

    Raises
    ------
    InputError
        If a file is damaged, or matrix and table differ in size.
    """
    nodes = read_nodes(files, str(options["neurons"]))
    name = str(options["connections"])
    pre, post = read_csr(files, name, len(nodes))
    gid = nodes["gid"].to_numpy(dtype=np.int64)
    connections = pd.DataFrame(
        {"pre": gid[pre], "post": gid[post], "weight": np.ones(len(pre), dtype=np.int32)}
    )
    morphology = nodes["mtype"].str.extract(r"^L\d+_([A-Z]+)", expand=False)
    neurons = pd.DataFrame(
        {
            "neuron_id": gid,
            "type": nodes["mtype"],
            "cell_class": morphology.map(CLASS_OF_MORPHOLOGY),
            "polarity": nodes["synapse_class"].map(POLARITY),
            "layer": "L" + nodes["layer"].astype(int).astype(str),
            "area": options.get("area"),
            "module": options.get("module"),
            "soma_x": nodes["x"],
            "soma_y": nodes["y"],
            "soma_z": nodes["z"],
            "depth": nodes["depth"],
        }
    )
    return RawTables(
        neurons=neurons,
        connections=connections,
        connections_file=name,
        neurons_file=str(options["neurons"]),
    )


def read_csr(
    files: SourceFiles, name: str, n: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Read the row and column index of every entry of an n × n CSR archive.

    Raises
    ------
    InputError
        If the archive is damaged, is not CSR, is not n × n, or points outside the matrix.
    """
    expected = f"a scipy CSR matrix of {n:,} × {n:,}"
    with (
        files.open(name) as stream,
        reading(name, expected, GET_AGAIN),
        np.load(stream, allow_pickle=False) as archive,
    ):
        kind = bytes(archive["format"].item())
        shape = tuple(int(k) for k in archive["shape"])
        indptr = archive["indptr"].astype(np.int64, casting="safe")
        indices = archive["indices"].astype(np.int64, casting="safe")
        entries = len(archive["data"])
    what = None
    if kind != b"csr":
        what = f"the matrix is stored as {kind.decode(errors='replace')!r}"
    elif shape != (n, n):
        what = f"the matrix is {' × '.join(f'{k:,}' for k in shape)}"
    elif (
        len(indptr) != n + 1
        or indptr[0] != 0
        or indptr[-1] != len(indices)
        or entries != len(indices)
        or (np.diff(indptr) < 0).any()
    ):
        what = "its index arrays contradict each other"
    elif len(indices) and not 0 <= indices.min() <= indices.max() < n:
        what = "it has entries outside the matrix"
    if what is not None:
        remedy = "use the matrix and the node table of the same column"
        raise InputError([Problem(file=name, what=what, expected=expected, remedy=remedy)])
    return np.repeat(np.arange(n), np.diff(indptr)), indices


def read_nodes(files: SourceFiles, name: str) -> pd.DataFrame:
    """Read the node table: one row per neuron, `NODE_COLUMNS`.

    Raises
    ------
    InputError
        If the file is no pandas frame table or lacks columns.
    """
    with (
        files.open(name) as stream,
        reading(name, "an HDF5 file with one pandas frame table", GET_AGAIN),
        h5py.File(stream, "r") as file,
    ):
        group = file[next(iter(file))]
        table = group["table"][:]
        blocks = _blocks(group["table"])
        columns: dict[str, Any] = {
            label: table[block][:, k]
            for block, labels in blocks.items()
            for k, label in enumerate(labels)
        }
        for label in CATEGORICAL:
            if label in columns:
                block = next(b for b, labels in blocks.items() if label in labels)
                names = group[f"meta/{block}/meta/table"]["values"].astype(str)
                columns[label] = names[columns[label]].astype(object)
        missing = [column for column in NODE_COLUMNS if column not in columns]
        if missing:
            raise KeyError(f"the columns {', '.join(map(repr, missing))} are missing")
        return pd.DataFrame({column: columns[column] for column in NODE_COLUMNS}).astype(
            {"gid": "int64", "layer": "int64", **dict.fromkeys(("x", "y", "z", "depth"), "float64")}
        )


def _blocks(table: h5py.Dataset) -> dict[str, list[str]]:
    """Names of the columns in each block, from `values_block_<k>_kind`.

    A pickled list of str in protocol 0 has one line `V<text>` per element (`aV<text>` from the
    second one on).
    """
    blocks = {}
    for field in table.dtype.names:
        if field.startswith("values_block_"):
            kind = table.attrs[f"{field}_kind"]
            text = kind.decode() if isinstance(kind, bytes) else str(kind)
            blocks[field] = re.findall(r"^a?V(\w+)$", text, flags=re.MULTILINE)
    return blocks
