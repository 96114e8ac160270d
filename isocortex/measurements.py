"""Measure many circuits in worker processes, beside whatever else is going on."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from analysis.frame import FrameError
from isocortex.circuit_results import circuit_results, keep
from isocortex.measure import Parameters, measure, result_key
from isocortex.workers import (
    MOST_WORKERS,
    WORTH_STARTING,
    ClusterWorkers,
    Workers,
    bound_threads,
    follow_parent,
    processors,
)
from isocortex.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from isocortex.settings import Settings
    from schemas.records import AnalysisRecord

    Result = tuple[AnalysisRecord, pd.DataFrame]

Progress = Callable[[str, int, int], None]


class Measurements:
    """The measurements of all projected circuits of some datasets, started on entering.

    Of each circuit the motif effects and all of `circuit_results`. Every finished result is stored
    at once, so a run that was killed loses at most what was under way.

    Parameters
    ----------
    workspace : Workspace
    datasets : list of str
    parameters : Parameters
    progress : callable or None
        Called with (what, done, total), from another thread.
    workers : int or None
        Processes; None = the number of processors, at most 4.
    cluster : str or None
        Address of a Dask scheduler, whose workers draw the larger ensembles.

    Attributes
    ----------
    computed, reused : list of str
        Circuits of which something was computed now, and those whose results were all there.
    refused : dict of str to str
        Circuits without a triad that could have been observed, and why.
    left_out : dict of str to dict
        Circuit → analysis → why it is left out, of the others of `circuit_results`.
    """

    def __init__(
        self,
        workspace: Workspace,
        datasets: list[str],
        parameters: Parameters,
        progress: Progress | None = None,
        workers: int | None = None,
        cluster: str | None = None,
    ) -> None:
        self.computed: list[str] = []
        self.reused: list[str] = []
        self.refused: dict[str, str] = {}
        self.left_out: dict[str, dict[str, str]] = {}
        self._workspace = workspace
        self._parameters = parameters
        self._progress = progress
        self._cluster = cluster
        self._known: list[Result] = []
        self._jobs: dict[Future[list[Result]], str] = {}
        self._done = 0
        self._counting = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        waiting = self._waiting(datasets)
        if waiting:
            self._start(waiting, min(workers or min(MOST_WORKERS, processors()), len(waiting)))

    def __enter__(self) -> Self:
        """Return the measurements under way."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the workers; after an error, without starting what still waits."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=kind is not None)

    def results(self) -> list[Result]:
        """Wait for all and return them, those that were there already first."""
        found = list(self._known)
        for job in as_completed(self._jobs):
            found += job.result()
            self.computed.append(self._jobs[job])
        for record, _ in found:
            if record.refused is not None and record.circuit not in self.refused:
                self.left_out.setdefault(record.circuit, {})[record.analysis] = record.refused
        return found

    def _waiting(self, datasets: list[str]) -> list[str]:
        """Circuits that lack a result, largest first: the last one to end should be a small one."""
        lake, results = self._workspace.lake, self._workspace.results
        waiting: list[tuple[int, str]] = []
        for dataset in datasets:
            version = lake.latest(dataset) or ""
            for name, neurons in lake.projected_circuits(dataset, version).items():
                identifier = f"{dataset}/{name}"
                keys = [
                    kind.work(identifier, version, self._parameters.seed).key
                    for kind in circuit_results()
                ]
                if (why := self._refusal(identifier)) is None:
                    keys.append(result_key(identifier, version, self._parameters))
                else:
                    self.refused[identifier] = why
                known = [results.get(key) for key in keys]
                there = [one for one in known if one is not None]
                if len(there) < len(keys):
                    waiting.append((neurons, identifier))
                else:
                    self._known += there
                    self.reused.append(identifier)
        return [identifier for _, identifier in sorted(waiting, reverse=True)]

    def _refusal(self, identifier: str) -> str | None:
        """Why the frame of a circuit holds no triad; None where it does."""
        _, manifest, _ = self._workspace.find(identifier)
        if manifest.frame.kind in ("volume", "block"):
            return None
        try:
            self._workspace.circuit(identifier).frame.need_triples(identifier)
        except FrameError as refusal:
            return refusal.message
        return None

    def _start(self, waiting: list[str], workers: int) -> None:
        # spawn: a forked child would inherit the driver's sockets and threads
        self._pool = ProcessPoolExecutor(
            max_workers=workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
        )
        self._report("measure", len(waiting))
        for identifier in waiting:
            job = self._pool.submit(
                _measure_one,
                self._workspace.settings,
                identifier,
                self._parameters,
                self._cluster,
                identifier not in self.refused,
            )
            self._jobs[job] = identifier
            job.add_done_callback(partial(self._count, identifier, len(waiting)))

    def _count(self, name: str, total: int, _job: Future[list[Result]]) -> None:
        with self._counting:
            self._done += 1
            self._report(f"measure {name}", total)

    def _report(self, what: str, total: int) -> None:
        if self._progress is not None:
            self._progress(what, self._done, total)


def _begin() -> None:
    follow_parent()
    bound_threads()


def _measure_one(
    settings: Settings,
    identifier: str,
    parameters: Parameters,
    cluster: str | None,
    triads: bool,
) -> list[Result]:
    """Compute what a circuit lacks, and return all of its results; `triads`: it has some."""
    workspace = Workspace(settings)
    circuit = workspace.circuit(identifier)
    version = circuit.attributes["version"]
    results = workspace.results
    found = [keep(kind, circuit, version, parameters.seed, results) for kind in circuit_results()]
    if triads:
        # A circuit has one process here; the processes beside it have circuits of their own.
        with ClusterWorkers(cluster, least=WORTH_STARTING) if cluster else Workers() as workers:
            record, effects, _ = measure(circuit, version, parameters, results, workers=workers)
        found.append((record, effects))
    return found
