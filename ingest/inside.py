"""A user's archive: which of its members is meant, and what it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

from ingest.archives import beginnings, members
from ingest.assemble import POST, PRE
from ingest.columns import find
from ingest.recognise import Recognised, recognise
from ingest.sources import unpacked
from ingest.tables import CHUNK, header_names
from schemas.errors import InputError, Problem

READ = (
    ".csv", ".tsv", ".txt", ".gz", ".parquet", ".pq", ".feather", ".arrow", ".graphml", ".xml",
    ".nml", ".json", ".npy", ".npz", ".mat", ".xlsx", ".h5", ".hdf5", ".sqlite", ".db",
)  # fmt: skip
TEXT = (".csv", ".tsv", ".txt")
ABOUT = ("readme", "license", "licence", "changelog", "datapackage.json", "ro-crate-metadata.json")
MOST_LOOKED_AT = 200
NAMED = 12


def recognise_inside(
    archive: Path, member: str | None = None, neurons: Path | None = None
) -> tuple[Recognised, list[str]]:
    """Tell the format of the member of an archive that is meant.

    Parameters
    ----------
    archive : Path
    member : str or None, optional
        The one that is meant; by default the one that can only be.
    neurons : Path or None, optional
        The file of neurons that goes with it.

    Returns
    -------
    Recognised
        With the archive as its first file.
    list of str
        Other members that may hold data.

    Raises
    ------
    InputError
        If the archive is bad, or more than one member may be meant.
    """
    data = [one.name for one in members(archive) if _may_be_data(one.name)]
    chosen = member or _meant(archive, data)
    (path,) = unpacked(archive, [chosen]).values()
    known = recognise(path, neurons)
    own = {str(path): chosen}
    return (
        replace(
            known,
            options={key: own.get(str(value), value) for key, value in known.options.items()},
            files=[archive, *(file for file in known.files if file != path)],
            members=[chosen],
        ),
        [name for name in data if name != chosen],
    )


def _may_be_data(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in READ and not hidden and not path.name.lower().startswith(ABOUT)


def _meant(archive: Path, data: list[str]) -> str:
    """Return the one file of data, or of several the one with the columns of connections."""
    found = data
    if 1 < len(data) <= MOST_LOOKED_AT:
        text = [name for name in data if name.lower().endswith(TEXT)]
        heads = beginnings(archive, text, CHUNK)
        found = [name for name, head in heads.items() if _holds_connections(head, name)] or data
    if len(found) == 1:
        return found[0]
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    what = f"it holds {len(found):,} files that may be meant: {', '.join(found[:NAMED])}{more}"
    if not found:
        what = "it holds no file of a kind that is read"
    raise InputError(
        [
            Problem(
                file=str(archive),
                what=what,
                expected="an archive with one file of connections",
                remedy="unpack it, or name the member: isocortex ingest ARCHIVE --member NAME",
            )
        ]
    )


def _holds_connections(head: bytes, name: str) -> bool:
    try:
        columns = header_names(head, name)
        return all(find(columns, names, name) for names in (PRE, POST))
    except InputError:
        return False
