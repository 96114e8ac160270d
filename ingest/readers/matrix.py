"""Matrices with a row and a column for each neuron: numpy, scipy.sparse, MATLAB, Excel; row = pre.

Entries that are whole numbers are numbers of synapses, entries of 0 and 1 connections. Anything
else, such as a probability, a conductance or a signed weight, is no count: the connections are then
binary, and the entries are kept beside them as a measure under the matrix's own name.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import scipy.io
import scipy.sparse

from ingest import hdf5
from ingest.assemble import NEURON_ID, neuron_table
from ingest.columns import find
from ingest.matrices import LARGEST
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.skeletons import read_neurons
from ingest.tables import Table
from schemas.errors import InputError, Problem
from schemas.tables import CONNECTION_FIELDS

EXPECTED = "one square matrix of numbers, a row and a column for each neuron"
UNPACKED = 2 * 2**30
Matrix = Any  # scipy.sparse.coo_array


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for a numpy, MATLAB or Excel file."""
    if probe.head.startswith(b"\x93NUMPY"):
        return {"kind": "npy"}
    members = probe.zip_names
    if members and all(member.endswith(".npy") for member in members):
        return {"kind": "npz"}
    if "xl/workbook.xml" in members:
        return {"kind": "xlsx"}
    if probe.head.startswith(b"MATLAB 5.0"):
        return {"kind": "mat"}
    return {"kind": "mat73"} if probe.head.startswith(b"MATLAB 7.3") else None


@register("matrix", recognise=recognise, what="connectivity matrix, row = presynaptic")
def read_matrix(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read a square matrix.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the file; `kind`: npy, npz, mat, mat73 or xlsx; `variable`, optional:
        which matrix of several; `neurons`, optional: name of a neuron table in the order of the
        rows, with or without ids.

    Returns
    -------
    RawTables
        Neurons are the rows of the table, else numbered from 1; names of an Excel sheet's rows are
        kept in `instance`.

    Raises
    ------
    InputError
        If there is no square matrix or several, an entry is no number, or the table has another
        number of rows.
    """
    name = str(options["connections"])
    with files.open(name) as stream:
        content = stream.read()
    labels: list[str] | None = None
    with reading(name, EXPECTED):
        if options["kind"] == "xlsx":
            found, labels = _excel(content)
        else:
            found = _READ[str(options["kind"])](content)
    variable, matrix = _only_square(found, options.get("variable"), name)
    entries = _entries(matrix, name)
    size = matrix.shape[0]
    given = read_neurons(files, str(options["neurons"])) if options.get("neurons") else None
    if given is not None and len(given) != size:
        raise _error(
            given.name,
            f"{len(given):,} neurons",
            f"{size:,}, one for each row of {name}",
            "give the neuron table that belongs to the matrix, in the order of its rows",
        )
    return _tables(name, variable, entries, size, given, labels)


def _tables(
    name: str,
    variable: str,
    entries: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[Any]],
    size: int,
    given: Table | None,
    labels: list[str] | None,
) -> RawTables:
    pre, post, values = entries
    counted = bool(((values > 0) & (values <= LARGEST) & (values % 1 == 0)).all())
    neurons = pd.DataFrame({"neuron_id": np.arange(1, size + 1, dtype=np.int64)})
    if labels is not None:
        neurons["instance"] = labels
    if given is not None:
        neurons = _labelled(given)
    ids = neurons["neuron_id"].to_numpy(dtype=np.int64)
    connections = pd.DataFrame({"pre": ids[pre], "post": ids[post]})
    connections["weight"] = values.astype(np.int64) if counted else 1
    if not counted:
        connections[_measure_name(variable)] = values.astype(np.float64)
    binary = not counted or bool((values == 1).all())
    return RawTables(
        neurons,
        connections,
        connections_file=name,
        neurons_file=name if given is None else given.name,
        weight="binary" if binary else "synapse_count",
        neuron_rows=None if given is None else given.rows,
    )


def _labelled(given: Table) -> pd.DataFrame:
    """Neurons of a table in the order of its rows; numbered from 1 if it has no ids."""
    if find(given.columns, NEURON_ID, given.name) is None:
        numbers = pa.array(np.arange(1, len(given) + 1, dtype=np.int64))
        given = Table(given.name, given.arrow.append_column(NEURON_ID.ours, numbers), given.rows)
    return neuron_table(given)


def _entries(
    matrix: Matrix, name: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[Any]]:
    """Return row, column and value of every entry that is not 0."""
    values = matrix.data
    if values.dtype.kind == "b":
        values = values.astype(np.int8)
    bad = ~np.isfinite(values)
    if bad.any():
        place = int(np.argmax(bad))
        raise InputError(
            [
                Problem(
                    file=name,
                    row=int(matrix.row[place]) + 1,
                    column=str(int(matrix.col[place]) + 1),
                    what=f"the entry is {values[place]}",
                    expected="a finite number, 0 where there is no connection",
                    remedy="correct the entry",
                )
            ],
            found=int(bad.sum()),
        )
    there = values != 0
    return (
        matrix.row[there].astype(np.int64),
        matrix.col[there].astype(np.int64),
        values[there],
    )


def _only_square(found: Mapping[str, Any], wanted: Any, name: str) -> tuple[str, Matrix]:
    if wanted is not None:
        found = {key: value for key, value in found.items() if key == wanted}
    square = {
        key: value
        for key, value in found.items()
        if getattr(value, "ndim", 0) == 2 and value.shape[0] == value.shape[1] > 1
    }
    if len(square) != 1:
        listed = ", ".join(f"{key} {'×'.join(map(str, np.shape(v)))}" for key, v in found.items())
        what = "it holds no square matrix" if not square else "it holds several square matrices"
        raise _error(
            name,
            f"{what} ({listed[:200] or 'nothing'})",
            EXPECTED,
            "write the one matrix that is meant into a file of its own",
        )
    variable, matrix = next(iter(square.items()))
    if matrix.dtype.kind not in "buif":
        raise _error(name, f"the entries are {matrix.dtype}", EXPECTED, "write plain numbers")
    return variable, scipy.sparse.coo_array(matrix)


def _measure_name(variable: str) -> str:
    plain = re.sub(r"\W+", "_", variable).strip("_") or "entry"
    return f"{plain}_of_source" if plain.lower() in CONNECTION_FIELDS else plain


def _npy(content: bytes) -> dict[str, Any]:
    return {"entry": _array(content)}


def _array(content: bytes) -> npt.NDArray[Any]:
    """Read a .npy file whose header promises no more than there is."""
    stream = io.BytesIO(content)
    layout: Any = np.lib.format  # has no types
    version = layout.read_magic(stream)
    read_header = {
        (1, 0): layout.read_array_header_1_0,
        (2, 0): layout.read_array_header_2_0,
    }.get(version)
    if read_header is None:
        raise ValueError(f"version {version} of the format is not known")
    shape, _, kind = read_header(stream)
    if min(shape, default=1) < 0 or math.prod(shape) * kind.itemsize > len(content):
        raise ValueError(f"its header promises {shape} entries that are not there")
    found: npt.NDArray[Any] = np.load(io.BytesIO(content), allow_pickle=False)
    return found


def _npz(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > UNPACKED:
            raise ValueError(f"unpacks to more than {UNPACKED:,} bytes")
        found = {
            member.removesuffix(".npy"): _array(archive.read(member))
            for member in archive.namelist()
        }
    if {"format", "shape", "data"} <= set(found):
        return {"entry": _sparse(found)}
    return found


def _sparse(parts: Mapping[str, npt.NDArray[Any]]) -> Any:
    """Put a matrix together that `scipy.sparse.save_npz` took apart."""
    kind = bytes(parts["format"].item()).decode("ascii")
    shape = tuple(int(side) for side in parts["shape"])
    wanted = {"coo": ("row", "col"), "csr": ("indices", "indptr"), "csc": ("indices", "indptr")}
    if kind not in wanted:
        raise ValueError(f"a sparse matrix of the kind {kind!r} is not read; convert it to csr")
    first, second = (parts[name] for name in wanted[kind])
    if first.dtype.kind not in "iu" or second.dtype.kind not in "iu":
        raise ValueError("its indices are no integers")
    data = parts["data"]
    if kind == "coo":
        return _checked(scipy.sparse.coo_array((data, (first, second)), shape=shape))
    if len(second) != shape[0 if kind == "csr" else 1] + 1:
        raise ValueError("its index arrays do not fit its shape")
    make = scipy.sparse.csr_array if kind == "csr" else scipy.sparse.csc_array
    return _checked(make((data, first, second), shape=shape))


def _checked(matrix: Any) -> Any:
    """Refuse a sparse matrix whose indices lead out of it."""
    if hasattr(matrix, "check_format"):
        matrix.check_format(full_check=True)
    found = matrix.tocoo()
    if found.data.size and not (
        0 <= found.row.min() <= found.row.max() < found.shape[0]
        and 0 <= found.col.min() <= found.col.max() < found.shape[1]
    ):
        raise ValueError("its indices lead out of the matrix")
    found.sum_duplicates()
    return found


def _mat(content: bytes) -> dict[str, Any]:
    found = scipy.io.loadmat(io.BytesIO(content), spmatrix=False)
    return {
        key: _checked(value) if scipy.sparse.issparse(value) else value
        for key, value in found.items()
        if not key.startswith("__")
    }


def _mat73(content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with hdf5.opened(io.BytesIO(content)) as file:
        for key in hdf5.names(file):
            item = file[key]
            if "MATLAB_sparse" in item.attrs:
                rows = int(item.attrs["MATLAB_sparse"])
                ends = hdf5.integers(item, "jc")
                data = hdf5.array(item, "data") if "data" in item else np.zeros(0)
                inner = hdf5.integers(item, "ir") if "ir" in item else np.zeros(0, np.int64)
                found[key] = _checked(
                    scipy.sparse.csc_array((data, inner, ends), shape=(rows, ends.size - 1))
                )
            elif not key.startswith("#") and hasattr(item, "dtype") and item.dtype.kind in "buif":
                found[key] = hdf5.array(file, key).T  # MATLAB counts columns first
    return found


def _excel(content: bytes) -> tuple[dict[str, Any], list[str] | None]:
    """Read the first sheet: numbers, with or without a row and a column of names."""
    import openpyxl

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > UNPACKED // 4:
            raise ValueError("the workbook is too large for a matrix")
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    finally:
        book.close()
    rows = [row for row in rows if any(cell is not None for cell in row)]
    labels = None
    if any(isinstance(cell, str) for cell in rows[0]):
        labels = [str(row[0]).strip() for row in rows[1:]]
        above = [str(cell).strip() for cell in rows[0][1:] if cell is not None]
        if labels != above:
            raise ValueError("names of rows and of columns are not the same, in the same order")
        if len(set(labels)) != len(labels):
            raise ValueError("a name is there twice")
        rows = [row[1 : len(labels) + 1] for row in rows[1:]]
    numbers = [[0 if cell is None else cell for cell in row] for row in rows]
    for number, row in enumerate(numbers, start=1):
        for cell in row:
            if isinstance(cell, bool) or not isinstance(cell, int | float):
                raise ValueError(f"row {number} of the matrix holds {str(cell)[:40]!r}")
    return {"entry": np.array(numbers, dtype=np.float64)}, labels


_READ = {"npy": _npy, "npz": _npz, "mat": _mat, "mat73": _mat73}


def _error(name: str, what: str, expected: str, remedy: str) -> InputError:
    return InputError([Problem(file=name, what=what, expected=expected, remedy=remedy)])
