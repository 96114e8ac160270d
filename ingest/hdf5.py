"""HDF5 files of strangers: only what lies in the file itself, and only as much as fits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import h5py
import numpy as np
import numpy.typing as npt

LARGEST = 2 * 2**30
"""Bytes of one dataset: a tenth of it is a large circuit, far more is a bomb or a mistake."""


@contextmanager
def opened(stream: BinaryIO) -> Iterator[h5py.File]:
    """Open a file for reading; belongs inside `ingest.readers.reading`."""
    with h5py.File(stream, "r") as file:
        yield file


def group(parent: h5py.Group, path: str) -> h5py.Group:
    """Return the group at a path.

    Raises
    ------
    KeyError
        If there is none.
    """
    found = _inside(parent, path)
    if not isinstance(found, h5py.Group):
        raise KeyError(f"{path} is no group")
    return found


def array(parent: h5py.Group, path: str) -> npt.NDArray[Any]:
    """Return the dataset at a path as an array.

    Raises
    ------
    KeyError
        If there is none.
    ValueError
        If it is larger than 2 GiB, or its contents are kept outside the file.
    """
    found = _inside(parent, path)
    if not isinstance(found, h5py.Dataset):
        raise KeyError(f"{path} is no dataset")
    if found.external or found.is_virtual:
        raise ValueError(f"{path} keeps its contents in another file")
    if found.size is not None and found.size * found.dtype.itemsize > LARGEST:
        raise ValueError(f"{path} has {found.size:,} values, more than this program takes at once")
    values = np.asarray(found[()])
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def integers(parent: h5py.Group, path: str) -> npt.NDArray[np.int64]:
    """Return a dataset of integers as int64.

    Raises
    ------
    ValueError
        If it holds anything else, or an unsigned number beyond int64.
    """
    found = array(parent, path)
    if found.dtype.kind not in "iu":
        raise ValueError(f"{path} holds {found.dtype}, not integers")
    if found.dtype == np.uint64 and found.size and found.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{path} holds numbers beyond 64 bits")
    return found.astype(np.int64)


def texts(parent: h5py.Group, path: str) -> list[str]:
    """Return a dataset of strings."""
    return [v.decode("utf-8") if isinstance(v, bytes) else str(v) for v in array(parent, path)]


def names(parent: h5py.Group) -> list[str]:
    """Names in a group, links to elsewhere left out."""
    return [name for name in parent if isinstance(parent.get(name, getlink=True), h5py.HardLink)]


def _inside(parent: h5py.Group, path: str) -> Any:
    """Walk down a path over hard links only: others may lead in a circle or out of the file."""
    found: Any = parent
    for step in path.strip("/").split("/"):
        if not isinstance(found, h5py.Group) or step not in found:
            raise KeyError(f"there is no {path}")
        if not isinstance(found.get(step, getlink=True), h5py.HardLink):
            raise KeyError(f"{path} is a link")
        found = found[step]
    return found
