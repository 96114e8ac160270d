"""Connectivity matrices of `conntility` (pandas in HDF5), whatever their columns.

Read with h5py alone: a pandas reader would need PyTables and would unpickle what the file says.
Names of columns stand in pickles; they are taken out of them as text, nothing is ever unpickled.
"""

from __future__ import annotations

import pickletools
import re
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ingest import hdf5
from ingest.assemble import NEURON_ID, neuron_table
from ingest.columns import find
from ingest.matrices import bad_counts
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.tables import Table
from schemas.errors import InputError, Problem

EXPECTED = "HDF5 with <name>/edge_indices, edges and vertex_properties"
INDICES = "/edge_indices/block0_values"
_OF_NUMPY = re.compile(r"U\d+|[<>=|]|latin1")
PREFERRED = ("condensed", "full_matrix", "full")


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for an HDF5 file with indices of edges."""
    found = any(f"{name}/".endswith("/edge_indices/") for name in probe.hdf5_names)
    return {} if found else None


@register("conntility", recognise=recognise, what="conntility connectivity matrix")
def read_conntility(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read one matrix.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the file; `matrix`, optional: which of several.

    Returns
    -------
    RawTables
        Neurons are the vertices with all their columns; ids are those of a system if a column has
        them, else the places from 1.

    Raises
    ------
    InputError
        If the file is laid out otherwise, or holds several matrices and none is chosen.
    """
    name = str(options["connections"])
    with files.open(name) as stream, reading(name, EXPECTED), hdf5.opened(stream) as file:
        matrix = _chosen(file, options.get("matrix"), name)
        ends = hdf5.integers(matrix, "edge_indices/block0_values").reshape(-1, 2)
        vertices = _frame(hdf5.group(matrix, "vertex_properties"))
        values = _default_edge(matrix, len(ends))
        size = len(next(iter(vertices.values())))
        if ends.size and not 0 <= ends.min() <= ends.max() < size:
            raise ValueError("edges point outside the vertices")
    arrow = pa.table({key: pa.array(column) for key, column in vertices.items()})
    if find(arrow.column_names, _SYSTEMS, name) is None:
        arrow = arrow.append_column(NEURON_ID.ours, pa.array(np.arange(1, size + 1)))
    neurons = neuron_table(Table(name, arrow, None))
    ids = neurons["neuron_id"].to_numpy(dtype=np.int64)
    there = values != 0
    counted = values.dtype.kind in "iu" and not bad_counts(values[there]).any()
    connections = pd.DataFrame(
        {
            "pre": ids[ends[there, 0]],
            "post": ids[ends[there, 1]],
            "weight": values[there].astype(np.int64) if counted else 1,
        }
    )
    if not counted:
        connections["weight_of_source"] = values[there].astype(np.float64)
    binary = not counted or bool((values[there] == 1).all())
    return RawTables(
        neurons,
        connections,
        connections_file=name,
        neurons_file=name,
        weight="binary" if binary else "synapse_count",
    )


_SYSTEMS = type(NEURON_ID)(NEURON_ID.ours, NEURON_ID.systems)


def _chosen(file: h5py.File, wanted: Any, name: str) -> h5py.Group:
    """Return the one matrix of the file, or the one that is wanted."""
    found: dict[str, h5py.Group] = {}
    for outer in hdf5.names(file):
        if isinstance(file[outer], h5py.Group):
            for inner in hdf5.names(file[outer]):
                group = file[outer][inner]
                if isinstance(group, h5py.Group) and "edge_indices" in group:
                    found[f"{outer}/{inner}"] = group
    if wanted is not None:
        found = {key: group for key, group in found.items() if wanted in (key, key.split("/")[0])}
    outers = {key.partition("/")[0] for key in found}
    if len(outers) != 1:
        what = f"it holds {len(outers)} matrices ({', '.join(found)})"
        remedy = "write the one matrix that is meant into a file of its own"
        raise InputError([Problem(file=name, what=what, expected="one matrix", remedy=remedy)])
    return found[min(found, key=lambda key: _rank(key.partition("/")[2]))]


def _rank(inner: str) -> tuple[int, str]:
    return (PREFERRED.index(inner) if inner in PREFERRED else len(PREFERRED)), inner


def _default_edge(matrix: h5py.Group, rows: int) -> npt.NDArray[Any]:
    """Return the edges' default property, 1 for each where there is none."""
    if "edges" not in matrix:
        return np.ones(rows, np.int64)
    columns = _frame(hdf5.group(matrix, "edges"))
    default = matrix.attrs.get("NEUROTOP_DEFAULT_EDGE", next(iter(columns)))
    label = _text(default)
    if label not in columns and len(columns) == 1:
        (label,) = columns
    elif label not in columns:
        raise ValueError(f"its default property {label!r} is none of {', '.join(columns)[:200]}")
    values = np.asarray(columns[label])
    if len(values) != rows or values.dtype.kind not in "buif":
        raise ValueError(f"the property {label!r} is not one number for each edge")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError(f"the property {label!r} holds something that is no finite number")
    return values.astype(np.int64) if values.dtype.kind in "bui" else values


def _frame(group: h5py.Group) -> dict[str, npt.NDArray[Any]]:
    """Columns of a pandas frame, of its table or of its fixed layout."""
    columns = _from_table(group) if "table" in group else _from_blocks(group)
    if not columns or len({len(values) for values in columns.values()}) != 1:
        raise ValueError(f"{group.name} has no columns, or some of different lengths")
    return columns


def _from_blocks(group: h5py.Group) -> dict[str, npt.NDArray[Any]]:
    found: dict[str, npt.NDArray[Any]] = {}
    for key in hdf5.names(group):
        if not key.endswith("_items"):
            continue
        values = hdf5.array(group, key.replace("_items", "_values"))
        if values.ndim != 2 or values.dtype == object:
            continue  # pickled objects
        items = [v.decode() if isinstance(v, bytes) else str(v) for v in hdf5.array(group, key)]
        found |= {item: _plain(values[:, k]) for k, item in enumerate(items)}
    return found


def _from_table(group: h5py.Group) -> dict[str, npt.NDArray[Any]]:
    dataset = group["table"]
    table = hdf5.array(group, "table")
    found: dict[str, npt.NDArray[Any]] = {}
    for block in table.dtype.names or ():
        if not block.startswith("values_block_"):
            continue
        values = table[block].reshape(len(table), -1)
        for k, label in enumerate(_labels(dataset.attrs[f"{block}_kind"], values.shape[1])):
            column = values[:, k]
            if f"meta/{block}" in group:  # a category: numbers of words
                words = _plain(hdf5.array(group, f"meta/{block}/meta/table")["values"].ravel())
                column = np.array([words[k] if k >= 0 else None for k in column], dtype=object)
            found[label] = _plain(column)
            if found[label].dtype == object:
                missing = _text(group.attrs.get("nan_rep", "nan"))
                found[label] = np.array([None if v == missing else v for v in found[label]], object)
    return found


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _plain(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Bytes become text."""
    if values.dtype.kind == "S":
        return np.array([v.decode("utf-8") for v in values], dtype=object)
    return values


def _labels(pickled: Any, count: int) -> list[str]:
    """Take the names of columns out of a pickled list, without unpickling it.

    Names are the text in it, plain or, as numpy keeps it, with four bytes for each letter; beside
    the latter stand words that numpy needs.
    """
    content = pickled if isinstance(pickled, bytes) else str(pickled).encode("latin-1")
    texts = [
        argument
        for code, argument, _ in pickletools.genops(content)
        if code.name.endswith("UNICODE") and isinstance(argument, str)
    ]
    if any("\0" in text for text in texts):
        texts = [text for text in texts if not _OF_NUMPY.fullmatch(text)]
    names = [
        text.encode("latin-1").decode("utf-32-le").rstrip("\0") if "\0" in text else text
        for text in texts
    ]
    if len(names) != count:
        raise ValueError(f"{count} columns have {len(names)} names")
    return [name.strip() for name in names]
