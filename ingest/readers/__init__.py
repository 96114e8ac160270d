"""Readers: one file per format, found by name.

A reader is a function `(files, options) → RawTables`, registered with `@register("format")`. It
gets the files of the dataset and the options of its manifest, and returns tables in our column
names (`schemas.tables`): ids int64, positions in µm, labels of the source kept as they are in
`type` or in columns of their own. It writes nothing, and the same bytes give the same tables. It
does not clean up: parallel connections, self-connections and vocabulary are the business of
`ingest.harmonize`, contracts that of `ingest.validate`. Broken bytes are an `InputError` that names
the file; wrap the code that takes bytes apart into `reading`, which turns whatever a parser says
into one.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import pandas as pd

from ingest.report import Rows
from schemas.errors import InputError, IsocortexError, Problem, UsageError
from schemas.records import Evidence, ObservationFrame
from schemas.registry import Registry, modules_of

if TYPE_CHECKING:
    from ingest.probe import Probe


class SourceFiles:
    """The files of one dataset: members of a wheel, or files on disk.

    Parameters
    ----------
    given : mapping of str to Path or bytes
        Name as in the manifest → where it is.
    """

    def __init__(self, given: Mapping[str, Path | bytes]) -> None:
        self._given = dict(given)

    @property
    def names(self) -> list[str]:
        """Names of the files, as in the manifest."""
        return list(self._given)

    def joined(self, more: Mapping[str, Path | bytes]) -> SourceFiles:
        """Return these files and some more."""
        return SourceFiles({**self._given, **more})

    def on_disk(self, name: str) -> Path | None:
        """Return where a file lies, for libraries that take no streams; None if in memory."""
        found = self._given.get(name)
        return found if isinstance(found, Path) else None

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading.

        Raises
        ------
        UsageError
            If the manifest's reader options name a file that its source does not list.
        """
        try:
            found = self._given[name]
        except KeyError:
            raise UsageError(
                f"the source has no file {name!r}", remedy=f"it has {', '.join(self.names)}"
            ) from None
        return io.BytesIO(found) if isinstance(found, bytes) else found.open("rb")


@dataclass(frozen=True)
class RawTables:
    """What a reader returns.

    Attributes
    ----------
    neurons : DataFrame or None
        None where the source has connections only; then every id that occurs is a neuron.
    connections : DataFrame
        Columns pre, post, weight; rows may repeat a pair.
    connections_file, neurons_file : str, optional
        Names for messages about rows.
    weight : str or None, optional
        What `weight` counts, where the file tells: one of the manifest's words.
    tested : DataFrame or None, optional
        Columns pre, post: the ordered pairs that were tested, where single pairs were; every
        other pair says nothing.
    frame : ObservationFrame or None, optional
        Which pairs were observable, where the format tells.
    pathways : DataFrame or None, optional
        One row per pathway from type to type, some of `schemas.tables.PATHWAY_FIELDS`. A dataset
        of pathways alone has neurons and connections without rows.
    connection_rows, neuron_rows : Rows, optional
        Row numbers of the two tables in their files; None where rows of a table are not rows of
        a file.
    caveats : tuple of str, optional
        What the file holds and these tables do not, for people; one sentence each.
    """

    neurons: pd.DataFrame | None
    connections: pd.DataFrame
    connections_file: str = "connections"
    neurons_file: str = "neurons"
    weight: WeightKind | None = None
    tested: pd.DataFrame | None = None
    frame: ObservationFrame | None = None
    pathways: pd.DataFrame | None = None
    connection_rows: Rows | None = None
    neuron_rows: Rows | None = None
    caveats: tuple[str, ...] = ()


def pathways_alone(pathways: pd.DataFrame, file: str) -> RawTables:
    """Tables of a dataset that tells of types of neurons, and of no single one."""
    return RawTables(
        pd.DataFrame({"neuron_id": pd.array([], dtype="int64")}),
        pd.DataFrame({name: pd.array([], dtype="int64") for name in ("pre", "post", "weight")}),
        connections_file=file,
        neurons_file=file,
        pathways=pathways,
    )


WeightKind = Literal["synapse_count", "contact_count", "section_count", "binary"]
Reader = Callable[[SourceFiles, Mapping[str, Any]], RawTables]
Recogniser = Callable[["Probe"], Mapping[str, Any] | None]


@dataclass(frozen=True)
class UserFormat:
    """A format in which people have files of their own.

    Attributes
    ----------
    name : str
        Format of the reader.
    what : str
        For people: "GraphML graph".
    recognise : callable
        Probe of a file → options beyond its name, or None if it is another format.
    evidence : Evidence or None
        How the connections of such a file are known, where there is no doubt.
    """

    name: str
    what: str
    recognise: Recogniser
    evidence: Evidence | None = None


_look = modules_of(__name__)
_READERS = Registry[Reader]("format", _look)
_USER_FORMATS = Registry[UserFormat]("format of users' files", _look)


@contextmanager
def reading(
    name: str, expected: str, remedy: str = "give the complete, unchanged file"
) -> Iterator[None]:
    """Turn what a parser raises about broken bytes into an `InputError` that names the file.

    Parsers of foreign formats raise whatever their insides run into: struct.error, KeyError,
    RuntimeError, MemoryError. To a person all of it means that the file is damaged. Only code
    that takes bytes apart belongs inside.

    Parameters
    ----------
    name : str
        Name of the file.
    expected : str
        What it should be.
    remedy : str, optional

    Raises
    ------
    InputError
    """
    try:
        yield
    except IsocortexError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        problem = Problem(
            file=name, what=f"cannot be read: {said}", expected=expected, remedy=remedy
        )
        raise InputError([problem]) from error


def register(
    name: str,
    *,
    recognise: Recogniser | None = None,
    what: str | None = None,
    evidence: Evidence | None = None,
) -> Callable[[Reader], Reader]:
    """Register the reader of a format, and how a file of it is known if users have such files."""

    def keep(reader: Reader) -> Reader:
        _READERS.add(name, reader, reader.__module__)
        if recognise is not None:
            known = UserFormat(name, what or name, recognise, evidence)
            _USER_FORMATS.add(name, known, reader.__module__)
        return reader

    return keep


def user_formats() -> dict[str, UserFormat]:
    """All formats of users' files by name."""
    return _USER_FORMATS.all()


def readers() -> dict[str, Reader]:
    """All readers by format; a new file in this package is a new format."""
    return _READERS.all()


def get_reader(name: str) -> Reader:
    """Return the reader of a format.

    Raises
    ------
    UsageError
        If there is none.
    """
    return _READERS.get(name)
