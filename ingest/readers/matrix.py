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

from ingest import hdf5, workbook
from ingest.assemble import NEURON_ID, neuron_table
from ingest.columns import Names, find, text_of
from ingest.matrices import LARGEST
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.skeletons import read_neurons
from ingest.tables import Table
from schemas.errors import InputError, Problem
from schemas.tables import CONNECTION_FIELDS

EXPECTED = "one square matrix of numbers, a row and a column for each neuron"
SAVE_AGAIN = "correct the sheet, and save the workbook again"
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
    if options["kind"] == "xlsx":
        with reading(name, EXPECTED, SAVE_AGAIN):
            entries, labels = workbook.matrix_of(content)
            found: Mapping[str, Any] = {"entry": entries}
    else:
        with reading(name, EXPECTED):
            found = _READ[str(options["kind"])](content)
    variable, matrix = _only_square(found, options.get("variable"), name)
    connections = _entries(matrix, name)
    size = matrix.shape[0]
    given = read_neurons(files, str(options["neurons"])) if options.get("neurons") else None
    if given is not None and len(given) != size:
        raise _error(
            given.name,
            f"{len(given):,} neurons",
            f"{size:,}, one for each row of {name}",
            "give the neuron table that belongs to the matrix, in the order of its rows",
        )
    if given is not None and labels is not None:
        _check_order(given, labels, name)
    return _tables(name, variable, connections, size, given, labels)


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


def _check_order(given: Table, labels: list[str], name: str) -> None:
    """Refuse a neuron table that has the names of a sheet's rows, but in another order."""
    for names in (NEURON_ID, Names("instance")):
        column = find(given.columns, names, given.name)
        if column is None:
            continue
        called = text_of(given, column).to_pylist()
        differ = [
            place
            for place, pair in enumerate(zip(called, labels, strict=True))
            if len(set(pair)) > 1
        ]
        shared = set(called) & set(labels)
        # numbers may be shared by chance: rows counted from 0 beside neurons counted from 1
        if differ and (len(shared) == len(labels) or not all(map(str.isdigit, shared))):
            place = differ[0]
            raise InputError(
                [
                    Problem(
                        file=given.name,
                        row=given.rows(np.array([place]))[0] if given.rows else place + 1,
                        column=column,
                        what=f"found {called[place]!r}",
                        expected=f"{labels[place]!r}, as row {place + 1} of {name} is called",
                        remedy="bring the neurons into the order of the matrix's rows",
                    )
                ],
                found=len(differ),
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
    kind = matrix.dtype.newbyteorder("=")
    if kind.kind == "f" and kind.itemsize not in (4, 8):
        kind = np.dtype(np.float64)
    return variable, scipy.sparse.coo_array(matrix.astype(kind, copy=False))


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
            elif not key.startswith("#") and _is_numeric(item):
                found[key] = hdf5.array(file, key).T  # MATLAB counts columns first
    return found


def _is_numeric(item: Any) -> bool:
    """Whether it is an array of numbers; letters are numbers as well, but of the class char."""
    letters = item.attrs.get("MATLAB_class") in (b"char", "char")
    return not letters and getattr(item, "dtype", np.dtype(object)).kind in "buif"


_READ = {"npy": _npy, "npz": _npz, "mat": _mat, "mat73": _mat73}


def _error(name: str, what: str, expected: str, remedy: str) -> InputError:
    return InputError([Problem(file=name, what=what, expected=expected, remedy=remedy)])
