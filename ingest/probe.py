"""What can be told of a file without reading it: its first bytes, columns, members, keys."""

from __future__ import annotations

import json
import re
import zipfile
from functools import cached_property
from pathlib import Path

import h5py

from ingest.archives import NOT_A_ZIP
from ingest.sqlite import MAGIC, table_names
from ingest.tables import OTHER_KINDS, column_names
from schemas.errors import InputError

HEAD = 4_096
JSON_LIMIT = 512 * 2**20


class Probe:
    """One file of a user's, looked at from several sides, each only if somebody asks.

    Parameters
    ----------
    path : Path
        A regular, readable file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def head(self) -> bytes:
        """First bytes."""
        with self.path.open("rb") as stream:
            return stream.read(HEAD)

    def is_xml(self, root: str) -> bool:
        """Whether it begins as an XML document with this root element, behind any prolog."""
        text = self.head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return text.startswith(b"<") and re.search(rb"<(?:\w+:)?" + root.encode(), text) is not None

    @property
    def has_doctype(self) -> bool:
        """Whether it is XML with a document type, behind which the root element may be far."""
        text = self.head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return text.startswith(b"<") and b"<!DOCTYPE" in text

    @property
    def is_hdf5(self) -> bool:
        """Whether it is HDF5, also with a user block in front as MATLAB writes it."""
        return self.head.startswith(b"\x89HDF\r\n\x1a\n") or (
            self.head.startswith(b"MATLAB 7.3") and h5py.is_hdf5(self.path)
        )

    @cached_property
    def hdf5_names(self) -> frozenset[str]:
        """Names of groups and datasets down to the third level; empty if it is no HDF5."""
        if not self.is_hdf5:
            return frozenset()
        try:
            with h5py.File(self.path, "r") as file:
                return frozenset(_names(file, 3))
        except (OSError, RuntimeError, KeyError, ValueError):
            return frozenset()

    @cached_property
    def zip_names(self) -> frozenset[str]:
        """Names of the members; empty if it is no zip archive."""
        if not self.head.startswith(b"PK"):
            return frozenset()
        try:
            with zipfile.ZipFile(self.path) as archive:
                return frozenset(archive.namelist())
        except NOT_A_ZIP:
            return frozenset()

    @cached_property
    def sqlite_tables(self) -> frozenset[str]:
        """Names of the tables; empty if it is no SQLite database."""
        return table_names(self.path) if self.head.startswith(MAGIC) else frozenset()

    @cached_property
    def json_keys(self) -> frozenset[str]:
        """Keys of the object that a JSON file holds; empty if it holds none."""
        if not self.head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            return frozenset()
        if self.path.stat().st_size > JSON_LIMIT:
            return frozenset()
        try:
            content = json.loads(self.path.read_bytes())
        except (ValueError, RecursionError):
            return frozenset()
        return frozenset(content)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns of a CSV, TSV, Parquet or Feather file; empty if it is none."""
        if any(self.head.startswith(magic) for magic in OTHER_KINDS):
            return ()
        try:
            return tuple(column_names(self.path))
        except (InputError, OSError):
            return ()


def _names(group: h5py.Group, depth: int, prefix: str = "") -> list[str]:
    """Names below a group; links are not followed, so that a circle of them ends nowhere."""
    found = []
    for name in group:
        if isinstance(group.get(name, getlink=True), h5py.HardLink):
            found.append(prefix + name)
            below = group[name]
            if depth > 1 and isinstance(below, h5py.Group):
                found += _names(below, depth - 1, f"{prefix}{name}/")
    return found
