"""The main job: catalog → lake → graph → results of every circuit → graph.

Each step is complete or absent, so a run that was killed is finished by the next one, with
the same numbers, and a repeated run does nothing twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import isocortex
from isocortex.measure import Parameters
from isocortex.measurements import Measurements
from isocortex.operations import write_results
from isocortex.workers import ClusterWorkers
from isocortex.workspace import Workspace
from schemas.errors import InputError, SourceUnavailable, UsageError
from schemas.graph import SEVERAL
from schemas.records import FileSource

if TYPE_CHECKING:
    from ingest.job import Prepared
    from isocortex.settings import Settings
    from schemas.records import AnalysisRecord, DatasetManifest, Provenance

Progress = Callable[[str, int, int], None]


@dataclass
class DatasetOutcome:
    """What became of one dataset in a run."""

    dataset: str
    state: str  # new | unchanged | skipped | failed
    version: str | None = None
    reason: str | None = None


@dataclass
class RunSummary:
    """What a run did."""

    datasets: list[DatasetOutcome] = field(default_factory=list)
    projected: list[str] = field(default_factory=list)
    computed: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, dict[str, str]] = field(default_factory=dict)
    not_converged: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Public JSON form (`docs/cli.md`)."""
        return {
            "format": "isocortex.run/1",
            "datasets": [vars(outcome) for outcome in self.datasets],
            "projected": self.projected,
            "computed": self.computed,
            "reused": self.reused,
            "refused": self.refused,
            "left_out": self.left_out,
            "not_converged": self.not_converged,
            "seconds": self.seconds,
        }


def run(
    settings: Settings,
    *,
    only: Iterable[str] = (),
    progress: Progress | None = None,
    parameters: Parameters | None = None,
    workers: int | None = None,
    cluster: str | None = None,
) -> RunSummary:
    """Ingest the catalog, project it, measure every projected circuit, store the results.

    Parameters
    ----------
    settings : Settings
    only : iterable of str, optional
        Datasets to restrict the run to; default all.
    progress : callable, optional
        Called with (what, done, total).
    parameters : Parameters, optional
        Parameters of the census.
    workers : int, optional
        Processes that measure; default the number of processors, at most 4.
    cluster : str, optional
        Address of a Dask scheduler, whose workers draw the larger ensembles.

    Raises
    ------
    UsageError
        If `only` names an unknown dataset.
    WorkersUnavailable
        If the cluster cannot be reached, or would give other numbers.
    IsocortexError
        If ingest, the server or an analysis fails.
    """
    workspace = Workspace(settings)
    summary = RunSummary()
    chosen = choose(only, workspace)
    clock = _Clock(summary.seconds)
    if cluster is not None:
        with ClusterWorkers(cluster) as remote:
            remote.connect()  # what is wrong with it is said before hours of other work
    with _server_files(workspace, progress):
        for number, manifest in enumerate(chosen):
            _tell(progress, f"ingest {manifest.dataset}", number, len(chosen))
            summary.datasets.append(_ingest_or_report(workspace, manifest, progress))
        _tell(progress, "ingest", len(chosen), len(chosen))
        clock.lap("ingest")
    clock.lap("server files")
    present = [o.dataset for o in summary.datasets if o.state not in ("skipped", "failed")]
    if not only:
        # What the user ingested belongs to the job as much as the catalog does.
        present = workspace.lake.datasets()
    # The measurements read the lake only, so they run beside the load of the graph.
    chosen_parameters = parameters or Parameters()
    with Measurements(workspace, present, chosen_parameters, progress, workers, cluster) as jobs:
        with workspace.graph(progress) as graph:
            clock.lap("server")
            before = graph.projected()
            summary.projected = [d for d in present if before.get(d) != workspace.lake.latest(d)]
            graph.project(workspace.lake, summary.projected, progress)
            clock.lap("graph")
        finished = jobs.results()
        summary.computed, summary.reused = jobs.computed, jobs.reused
        summary.refused, summary.left_out = jobs.refused, jobs.left_out
        summary.not_converged = _not_converged(record for record, _ in finished)
        clock.lap("analysis")
    with workspace.graph(progress) as graph:
        there = graph.projected_results()
        graph.write_results([pair for pair in finished if pair[0].key not in there], progress)
        # What commands computed since, such as `census --typed`, is only written.
        write_results(workspace, graph, progress, SEVERAL)
    clock.lap("results")
    return summary


def _not_converged(records: Iterable[AnalysisRecord]) -> dict[str, list[str]]:
    """Circuits and those of their hard ensembles whose chains have not converged."""
    found: dict[str, list[str]] = {}
    for record in sorted(records, key=lambda record: record.circuit):
        for null, diagnostics in record.diagnostics.items():
            if diagnostics["converged"] is False:
                found.setdefault(record.circuit, []).append(null)
    return found


def choose(only: Iterable[str], workspace: Workspace) -> list[DatasetManifest]:
    """Return the manifests that `only` names; if it names none, all that are not optional."""
    from ingest import catalog_manifests

    catalog = catalog_manifests()
    wanted = list(only)
    unknown = [name for name in wanted if name not in catalog]
    if unknown:
        raise UsageError(
            f"no dataset is called {', '.join(unknown)}",
            remedy="`isocortex datasets` lists them all",
        )
    if wanted:
        return [catalog[name] for name in wanted]
    return [manifest for manifest in catalog.values() if not manifest.optional]


def _ingest_or_report(
    workspace: Workspace, manifest: DatasetManifest, progress: Progress | None
) -> DatasetOutcome:
    """Ingest a dataset; bad input of one does not keep the others from the graph."""
    try:
        return ingest_dataset(workspace, manifest, progress=progress)
    except InputError as error:
        return DatasetOutcome(manifest.dataset, "failed", None, str(error))


def ingest_dataset(
    workspace: Workspace,
    manifest: DatasetManifest,
    *,
    accept_checksum: bool = False,
    progress: Progress | None = None,
) -> DatasetOutcome:
    """Bring one dataset of the catalog into the lake, unless it is there unchanged.

    With `accept_checksum`, files whose manifest has no checksum are taken as they come; without,
    only those that were accepted before (their checksums are in the provenance of the lake).
    """
    from ingest.job import prepare
    from ingest.sources import Trust

    lake, dataset = workspace.lake, manifest.dataset
    latest = lake.latest(dataset)
    if latest is not None:
        known = lake.provenance(dataset, latest)
        same = known.manifest_sha256 == manifest.digest() and _same_files(manifest, known)
        if same and known.code_version == ingest_version():
            return DatasetOutcome(dataset, "unchanged", latest)
    accepted = {}
    if latest is not None and not accept_checksum:
        accepted = {one.name: one.sha256 for one in lake.provenance(dataset, latest).sources}
    try:
        prepared = prepare(
            manifest,
            cache=workspace.settings.cache,
            mirror=workspace.settings.mirror,
            progress=progress,
            trust=Trust(accepted, accept_checksum),
        )
    except SourceUnavailable as missing:
        if latest is not None:
            return DatasetOutcome(dataset, "unchanged", latest, f"kept: {missing.message}")
        return DatasetOutcome(dataset, "skipped", None, str(missing))
    return publish(workspace, manifest, prepared)


def _same_files(manifest: DatasetManifest, known: Provenance) -> bool:
    """Whether the user's own files are still those that were read; others have checksums."""
    from ingest.sources import provide_files

    if not isinstance(manifest.source, FileSource):
        return True
    _, sources = provide_files([Path(path) for path in manifest.source.paths])
    return [one.sha256 for one in sources] == [one.sha256 for one in known.sources]


def publish(workspace: Workspace, manifest: DatasetManifest, prepared: Prepared) -> DatasetOutcome:
    """Publish prepared tables in the lake; equal contents are the version that is there."""
    before = workspace.lake.latest(manifest.dataset)
    provenance = workspace.lake.publish(
        manifest,
        prepared.tables,
        sources=prepared.sources,
        reader=prepared.reader,
        code_version=ingest_version(),
        dropped_self_loops=prepared.dropped_self_loops,
        merged_parallel=prepared.merged_parallel,
        unmapped=prepared.unmapped,
    )
    state = "unchanged" if provenance.version == before else "new"
    return DatasetOutcome(manifest.dataset, state, provenance.version)


def ingest_version() -> str:
    """Release plus digest of the sources that make the tables."""
    from ingest import code_version

    return f"{isocortex.__version__}+{code_version()}"


def _tell(progress: Progress | None, what: str, done: int, total: int) -> None:
    if progress is not None:
        progress(what, done, total)


class _Clock:
    """Writes down how long each step took."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self._seconds[step] = round(now - self._last, 2)
        self._last = now


@contextmanager
def _server_files(workspace: Workspace, progress: Progress | None) -> Iterator[None]:
    """Download what the local server needs beside other work; leaving waits for it."""
    if workspace.settings.neo4j_uri:
        yield
        return
    stopped = threading.Event()

    def report(what: str, done: int, total: int) -> None:
        if stopped.is_set():
            raise _Stopped  # the only way into a download that is under way
        _tell(progress, what, done, total)

    with ThreadPoolExecutor(1) as pool:
        download = pool.submit(workspace.local_server.provide, report)
        try:
            yield
        except BaseException:
            stopped.set()
            raise
        download.result()


class _Stopped(Exception):
    """The run ended for another reason."""
