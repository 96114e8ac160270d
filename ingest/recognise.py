"""Which format a user's file has, by its content alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.assemble import NEURON_ID, POST, PRE, WEIGHT
from ingest.columns import Names, find
from ingest.probe import Probe
from ingest.readers import user_formats
from schemas.errors import InputError
from schemas.records import Evidence

# A table may be several things; the more particular one is meant.
FALLBACK = "edge_list"


@dataclass(frozen=True)
class Recognised:
    """What a file was taken for.

    Attributes
    ----------
    format : str
        Name of the reader.
    what : str
        The same for people.
    options : dict
        Options of the reader: `connections`, `neurons` and what the format needs.
    files : list of Path
        Every file that is read: also those that a format keeps beside the one that was given.
    columns : dict
        Meaning → column of the file, for tables.
    evidence : Evidence or None
        How the connections are known, where the format implies it.
    members : list of str
        Members of the first file, an archive, that are read in its place.
    """

    format: str
    what: str
    options: dict[str, Any]
    files: list[Path]
    columns: dict[str, str] = field(default_factory=dict)
    evidence: Evidence | None = None
    members: list[str] = field(default_factory=list)

    def words(self) -> str:
        """Say what was understood: the format, and which column means what."""
        meanings = ", ".join(f"{ours} = {theirs!r}" for ours, theirs in self.columns.items())
        return f"{self.what}; {meanings}" if meanings else self.what


def recognise(path: Path, neurons: Path | None = None) -> Recognised:
    """Tell the format of a file of connections.

    What is nothing else is taken for an edge list, whose reader says what is wrong with it.

    Parameters
    ----------
    path : Path
        A readable file.
    neurons : Path or None, optional
        The file of neurons that goes with it.
    """
    probe = Probe(path)
    formats = user_formats()
    found: Mapping[str, Any] | None = None
    chosen = formats[FALLBACK]
    for name, candidate in formats.items():
        if name != FALLBACK and (found := candidate.recognise(probe)) is not None:
            chosen = candidate
            break
    given = {"connections": path, **(found or {})}
    if neurons is not None:
        given["neurons"] = neurons
    files = [value for value in given.values() if isinstance(value, Path)]
    options = {key: str(v) if isinstance(v, Path) else v for key, v in given.items()}
    columns = _meanings(probe, {"pre": PRE, "post": POST, "weight": WEIGHT})
    if neurons is not None:
        columns |= _meanings(Probe(neurons), {"neuron": NEURON_ID})
    return Recognised(chosen.name, chosen.what, options, files, columns, chosen.evidence)


def _meanings(probe: Probe, wanted: Mapping[str, Names]) -> dict[str, str]:
    meanings = {}
    for meaning, names in wanted.items():
        try:
            column = find(probe.columns, names, probe.path.name)
        except InputError:
            continue
        if column is not None:
            meanings[meaning] = column
    return meanings
