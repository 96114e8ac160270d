"""From a manifest, or a file of one's own, to tables that may be published. Writes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingest.harmonize import harmonise
from ingest.readers import RawTables, get_reader
from ingest.recognise import recognise
from ingest.sources import provide, provide_files, readable
from ingest.validate import check_rows, check_tables
from schemas.records import (
    CircuitSelection,
    Citation,
    DatasetManifest,
    Evidence,
    FileSource,
    Individual,
    Reader,
    SourceFile,
)
from schemas.tables import CircuitTables

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Prepared:
    """Validated tables of one dataset and what they were made from."""

    tables: CircuitTables
    sources: list[SourceFile]
    reader: str
    dropped_self_loops: int
    merged_parallel: int
    unmapped: dict[str, dict[str, int]]


def prepare(
    manifest: DatasetManifest,
    *,
    cache: Path,
    mirror: Path | None = None,
    progress: Progress | None = None,
) -> Prepared:
    """Fetch, read, harmonise and validate a dataset.

    Parameters
    ----------
    manifest : DatasetManifest
    cache : Path
        Directory of downloads.
    mirror : Path or None, optional
        Directory that holds `<dataset>/<file>`.
    progress : callable, optional

    Raises
    ------
    SourceUnavailable
        If the bytes cannot be had.
    InputError
        If they are not what the manifest says.
    """
    files, sources = provide(manifest, cache=cache, mirror=mirror, progress=progress)
    options = dict(manifest.reader.options)
    if manifest.seed is not None:  # only readers that draw take one
        options["seed"] = manifest.seed
    raw = get_reader(manifest.reader.format)(files, options)
    return finish(raw, manifest, sources)


def prepare_file(
    path: Path,
    neurons: Path | None = None,
    *,
    name: str | None = None,
    species: str = "mouse",
    evidence: Evidence = Evidence.SIMULATED,
    self_loops: Literal["drop", "keep", "error"] = "drop",
) -> tuple[DatasetManifest, Prepared]:
    """Read and validate a circuit of the user's; its content tells the format.

    Parameters
    ----------
    path : Path
        File of connections, of any format of docs/formats.md.
    neurons : Path or None, optional
        Neuron table.
    name : str, optional
        Name of the dataset; default from the file name.
    species : str, optional
    evidence : Evidence, optional
        How the connections are known; matters when the dataset is kept.
    self_loops : str, optional
        What becomes of connections from a neuron to itself.

    Raises
    ------
    InputError
        If a file is bad: all problems with file, row and column.
    """
    dataset = slug(name or path.name.split(".")[0])
    readable([p for p in (path, neurons) if p is not None])
    known = recognise(path, neurons)
    files, sources = provide_files(known.files)
    manifest = DatasetManifest(
        dataset=dataset,
        title=name or path.name,
        description=f"Read from {path.name} ({known.what}).",
        individual=Individual(name=dataset, species=species),
        evidence=evidence,
        source=FileSource(paths=[str(p) for p in known.files]),
        reader=Reader(format=known.format, options=known.options),
        self_loops=self_loops,
        circuits=[CircuitSelection(name="all", title=name or path.name)],
        completeness="not stated",
        licence="not stated",
        citation=Citation(text="own data"),
    )
    raw = get_reader(known.format)(files, known.options)
    if raw.weight is not None:
        manifest = manifest.model_copy(update={"weight": raw.weight})
    if raw.frame is not None:
        manifest = manifest.model_copy(update={"frame": raw.frame})
    return manifest, finish(raw, manifest, sources)


def slug(text: str) -> str:
    """Make a dataset name of any text: small letters, digits and hyphens."""
    made = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-")
    return made if len(made) > 1 else f"circuit-{made or 'unnamed'}"


def finish(raw: RawTables, manifest: DatasetManifest, sources: list[SourceFile]) -> Prepared:
    """Validate what a reader returned, harmonise it and check the result.

    Raises
    ------
    InputError
        All failures of one step in one report.
    """
    check_rows(raw, manifest)
    done = harmonise(raw, manifest)
    check_tables(done.tables, manifest)
    return Prepared(
        tables=done.tables,
        sources=sources,
        reader=manifest.reader.format,
        dropped_self_loops=done.dropped_self_loops,
        merged_parallel=done.merged_parallel,
        unmapped=done.unmapped,
    )
