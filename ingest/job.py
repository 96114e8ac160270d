"""From a manifest, or a file of one's own, to tables that may be published. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.harmonize import harmonise
from ingest.readers import RawTables, get_reader
from ingest.recognise import Recognised
from ingest.sources import NO_TRUST, Trust, provide, provide_files
from ingest.validate import check_rows, check_tables
from schemas.records import DatasetManifest, SourceFile
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
    trust: Trust = NO_TRUST,
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
    trust : Trust, optional
        What counts for files whose manifest has no checksum.

    Raises
    ------
    SourceUnavailable
        If the bytes cannot be had.
    InputError
        If they are not what the manifest says.
    """
    files, sources = provide(manifest, cache=cache, mirror=mirror, progress=progress, trust=trust)
    options = dict(manifest.reader.options)
    if manifest.seed is not None:  # only readers that draw take one
        options["seed"] = manifest.seed
    raw = get_reader(manifest.reader.format)(files, options)
    return finish(raw, manifest, sources)


def prepare_understood(
    manifest: DatasetManifest, known: Recognised
) -> tuple[DatasetManifest, Prepared]:
    """Read and validate files that were understood; the manifest learns what they tell.

    Raises
    ------
    InputError
        If a file is bad: all problems with file, row and column.
    """
    files, sources = provide_files(known.files, known.members)
    raw = get_reader(known.format)(files, known.options)
    if raw.weight is not None:
        manifest = manifest.model_copy(update={"weight": raw.weight})
    if raw.frame is not None:
        manifest = manifest.model_copy(update={"frame": raw.frame})
    if raw.caveats:
        manifest = manifest.model_copy(update={"caveats": [*manifest.caveats, *raw.caveats]})
    return manifest, finish(raw, manifest, sources)


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
