"""Ensembles of many samples, cut into batches that can be drawn anywhere, in any order.

Batch k of a null is drawn from the seed with spawn key (null, k): along a Markov chain of its own,
with its own burn-in, or by deals of its own. Its numbers do not depend on who draws it, on how many
draw beside, or on what was drawn before, so an ensemble is the same in one process, in many, on a
cluster, and when it was interrupted and resumed. The size of a batch is fixed: it must not depend
on the machine.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from analysis import code_version
from analysis.circuit import Circuit
from analysis.frame import observable
from analysis.motifs import MAN
from analysis.motifs.census import census_seconds, triad_census
from analysis.nulls import get_null
from analysis.nulls.convergence import diagnose
from analysis.nulls.hard import HARD, LARGEST, TRADED, burnt_in, has_hard_form, sample_graphs
from schemas.errors import WorkersUnavailable

BATCH = 50  # samples; the burn-in of a chain is then 9 % of its attempts
COLUMNS = len(MAN) + 2  # of a batch: the counts, then moves and attempts of the chain
HELD = "held"  # sent in place of a circuit: the one that the worker holds

CHAIN_SECONDS = 8e-8  # per connection and sample, one thread, roughly
TRADES_SECONDS = 2.5e-8  # the same of trades…
ROW_SECONDS = 1.5e-10  # …and per pair of neurons
DEAL_SECONDS = 1e-8  # per pair and sample
USUAL = 600  # samples: p by rank reaches .05 for 13 motifs from 520 on
ALWAYS = 1_000  # neurons up to which hard ensembles are sampled, whatever that takes
WORTH_SECONDS = 10.0  # of `USUAL` samples of one null in larger circuits

Ints = npt.NDArray[np.int64]
Tell = Callable[[int, int], None]
Known = Callable[[int], Ints | None]
Take = Callable[[int, Ints], None]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Triad counts of the samples of a hard ensemble.

    Attributes
    ----------
    null : str
    counts : int64, shape (samples, 16)
        In the order of `MAN`. More samples of the same seed begin with those of fewer.
    diagnostics : dict or None
        Whether the chains have converged (`analysis.nulls.convergence.diagnose`); None where the
        samples are independent draws.
    beside : int64, shape (samples, k), or None
        What was counted beside the triads.
    """

    null: str
    counts: Ints
    diagnostics: dict[str, Any] | None
    beside: Ints | None = None


class Counter(Protocol):
    """What is counted of every sample beside its triads; it is sent to workers."""

    @property
    def number(self) -> int:
        """How many counts there are."""

    def __call__(self, graph: Circuit) -> Ints:
        """Count them, shape (number,)."""


class Sampler(Protocol):
    """What draws an ensemble, as `sample_ensemble` does."""

    def __call__(
        self,
        circuit: Circuit,
        null: str,
        samples: int,
        seed: int,
        *,
        progress: Tell | None = None,
        beside: Counter | None = None,
    ) -> Ensemble:
        """Return `samples` samples of `null`."""


class Source:
    """Where the batches of one null of one circuit are drawn.

    Parameters
    ----------
    circuit : Circuit
    null : str
    """

    def __init__(self, circuit: Circuit, null: str) -> None:
        self._circuit, self._null = circuit, null
        exact = None if null in HARD else get_null(null).exact
        self._cells = None if exact is None else exact(circuit)

    def batch(
        self,
        index: int,
        size: int,
        seed: int,
        progress: Tell | None = None,
        beside: Counter | None = None,
    ) -> Ints:
        """Draw batch `index`.

        Parameters
        ----------
        index, size, seed : int
        progress : callable, optional
            Called with (done, size).
        beside : callable, optional
            Counts more of every sample; the samples do not depend on it.

        Returns
        -------
        int64, shape (size, 18 + k)
            Counts in the order of `MAN`, then moves and attempts of the chain since the sample
            before, then k counts of `beside`.
        """
        key = (zlib.crc32(self._null.encode()), index)
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
        rows = np.zeros((size, _width(beside)), np.int64)
        for place, (graph, *steps) in enumerate(self._graphs(size, rng)):
            census = triad_census(graph)
            rows[place, :COLUMNS] = [*(census[code] for code in MAN), *steps]
            if beside is not None:
                rows[place, COLUMNS:] = beside(graph)
            if progress is not None:
                progress(place + 1, size)
        return rows

    def _graphs(self, size: int, rng: np.random.Generator) -> Iterator[tuple[Circuit, int, int]]:
        if self._null in HARD:
            chain, stride = burnt_in(self._circuit, self._null, rng)
            for _ in range(size):
                moved = chain.advance(stride)
                yield chain.graph(), moved, stride
            return
        if self._cells is None:
            drawn = sample_graphs(self._circuit, self._null, size, rng)  # says what is wrong
        else:
            drawn = self._cells.samples(size, rng)
        for graph in drawn:
            yield graph, 0, 0


def sample_ensemble(
    circuit: Circuit,
    null: str,
    samples: int,
    seed: int,
    *,
    progress: Tell | None = None,
    executor: Executor | None = None,
    shipped: Any = None,
    at_once: int | None = None,
    known: Known | None = None,
    keep: Take | None = None,
    beside: Counter | None = None,
) -> Ensemble:
    """Draw a hard ensemble in batches; same seed, same numbers, whoever draws them.

    Parameters
    ----------
    circuit : Circuit
    null : str
        Name of a null that has a hard form.
    samples, seed : int
    progress : callable, optional
        Called with (samples done, samples).
    executor : Executor, optional
        Draws the batches; default this process does.
    shipped : object, optional
        What is sent with every batch in place of the circuit where the workers have that already:
        `HELD` after `hold`, or what the executor turns into it. Default the circuit.
    at_once : int, optional
        Most batches that the executor has at a time; default all.
    known : callable, optional
        Index → rows of a batch that was drawn before, or None.
    keep : callable, optional
        Called with index and rows of every batch as it is done, in any order; when drawing is
        interrupted, also with those that workers have done by then.
    beside : callable, optional
        Counts more of every sample; the samples do not depend on it.

    Raises
    ------
    UsageError
        If there is no such ensemble, or the circuit is too large for it.
    WorkersUnavailable
        If a worker is lost or has another version of the code.
    """
    plan = _Plan(circuit, null, seed, samples, progress, keep, beside)
    plan.recall(known)
    if executor is None:
        plan.draw_here()
    else:
        sent = circuit if shipped is None else shipped
        plan.draw_elsewhere(executor, sent, at_once)
    counts, steps, more = np.hsplit(plan.rows(), [len(MAN), COLUMNS])
    diagnostics = diagnose(counts, MAN, BATCH, *steps.T) if null in HARD else None
    return Ensemble(null, counts, diagnostics, None if beside is None else more)


def expected_seconds(circuit: Circuit, null: str, samples: int) -> float:
    """Say roughly how long one process draws, to decide whether others are worth starting."""
    pairs = circuit.n**2
    if null == "degree" and circuit.density >= TRADED:
        each = TRADES_SECONDS * circuit.m + ROW_SECONDS * pairs
    else:
        each = CHAIN_SECONDS * circuit.m if null in HARD else DEAL_SECONDS * pairs
    return (each + census_seconds(circuit.n, circuit.m)) * samples


def worth_sampling(
    circuit: Circuit, names: Iterable[str], hard_limit: int | None = None
) -> list[str]:
    """Return those of the nulls whose hard ensemble is sampled unasked.

    Parameters
    ----------
    circuit : Circuit
    names : iterable of str
        Names of nulls.
    hard_limit : int, optional
        Most neurons for which any is. Default: all in circuits of up to `ALWAYS` neurons, in larger
        ones (up to `LARGEST`) those that would take no more than `WORTH_SECONDS`, by an estimate
        from the numbers of neurons and connections: the same on every machine.
    """
    if circuit.frame.tested is not None:
        return []
    part = observable(circuit)
    hard = [name for name in names if has_hard_form(get_null(name))]
    if hard_limit is not None or part.n <= ALWAYS or part.n > LARGEST:
        return hard if part.n <= (ALWAYS if hard_limit is None else hard_limit) else []
    return [name for name in hard if expected_seconds(part, name, USUAL) <= WORTH_SECONDS]


class _Plan:
    """The batches of one ensemble: those that are done, and those that wait."""

    def __init__(
        self,
        circuit: Circuit,
        null: str,
        seed: int,
        samples: int,
        progress: Tell | None,
        keep: Take | None,
        beside: Counter | None,
    ) -> None:
        self._circuit, self._null, self._seed, self._samples = circuit, null, seed, samples
        self._sizes = [min(BATCH, samples - begin) for begin in range(0, samples, BATCH)]
        self._progress, self._keep, self._beside = progress, keep, beside
        self._found: dict[int, Ints] = {}

    def recall(self, known: Known | None) -> None:
        """Take the batches that were drawn before; one of another shape is none."""
        if known is None:
            return
        for index, size in enumerate(self._sizes):
            rows = known(index)
            if (
                rows is not None
                and rows.shape == (size, _width(self._beside))
                and rows.dtype == np.int64
            ):
                self._found[index] = rows
        if self._found:
            self._tell(self._done())

    def draw_here(self) -> None:
        waiting = self._waiting()
        source = Source(self._circuit, self._null) if waiting else None
        for index in waiting:
            assert source is not None
            tell = partial(self._tell_more, self._done())
            rows = source.batch(index, self._sizes[index], self._seed, tell, self._beside)
            self._take(index, rows)

    def draw_elsewhere(self, executor: Executor, sent: Any, at_once: int | None) -> None:
        queue = deque(self._waiting())
        most = at_once or len(queue)
        jobs: dict[Future[tuple[str, Ints]], int] = {}
        try:
            while queue or jobs:
                while queue and len(jobs) < most:
                    index = queue.popleft()
                    size = self._sizes[index]
                    job = executor.submit(
                        draw_batch, sent, self._null, index, size, self._seed, self._beside
                    )
                    jobs[job] = index
                for job in wait(jobs, return_when=FIRST_COMPLETED).done:
                    self._take(jobs[job], _checked(*job.result()))
                    del jobs[job]
                    self._tell(self._done())
        except BaseException as failure:
            self._abandon(jobs)
            if isinstance(failure, BrokenExecutor | CancelledError):
                raise WorkersUnavailable(
                    f"the workers were lost while they drew samples of {self._null}",
                    remedy="a process may have run out of memory, a cluster may have ended; run "
                    "again: what was drawn of a circuit of the lake is kept",
                ) from failure
            raise

    def rows(self) -> Ints:
        parts = [self._found[index] for index in range(len(self._sizes))]
        return np.concatenate([np.empty((0, _width(self._beside)), np.int64), *parts])

    def _abandon(self, jobs: dict[Future[tuple[str, Ints]], int]) -> None:
        """Cancel what waits, and keep what is done."""
        for job in jobs:
            job.cancel()
        for job, index in jobs.items():
            if job.done() and not job.cancelled() and job.exception() is None:
                version, rows = job.result()
                if version == code_version():
                    self._take(index, rows)

    def _waiting(self) -> list[int]:
        return [index for index in range(len(self._sizes)) if index not in self._found]

    def _done(self) -> int:
        return sum(map(len, self._found.values()))

    def _take(self, index: int, rows: Ints) -> None:
        self._found[index] = rows
        if self._keep is not None:
            self._keep(index, rows)

    def _tell_more(self, before: int, more: int, _size: int) -> None:
        self._tell(before + more)

    def _tell(self, done: int) -> None:
        if self._progress is not None:
            self._progress(done, self._samples)


def _width(beside: Counter | None) -> int:
    return COLUMNS + (0 if beside is None else beside.number)


def _checked(version: str, rows: Ints) -> Ints:
    if version != code_version():
        raise WorkersUnavailable(
            f"a worker has isocortex with the code {version}, here it is {code_version()}; "
            "their numbers must not be mixed",
            remedy="install the same isocortex on all workers, and start them again",
        )
    return rows


_held: list[Circuit] = []


def hold(circuit: Circuit) -> None:
    """Keep a circuit in this process, for batches that are sent with `HELD`."""
    _held[:] = [circuit]


def draw_batch(
    sent: Any, null: str, index: int, size: int, seed: int, beside: Counter | None = None
) -> tuple[str, Ints]:
    """Draw one batch in a worker.

    Parameters
    ----------
    sent : Circuit or str
        The circuit, or `HELD`.
    null : str
    index, size, seed : int
    beside : callable, optional

    Returns
    -------
    version : str
        Of the code that drew it.
    rows : int64, shape (size, 18 + k)
        As `Source.batch` returns.
    """
    circuit = _held[0] if isinstance(sent, str) else sent
    return code_version(), _source(circuit, null).batch(index, size, seed, None, beside)


@lru_cache(maxsize=2)
def _source(circuit: Circuit, null: str) -> Source:
    """Prepare a source once for all batches that this process draws of it."""
    return Source(circuit, null)
