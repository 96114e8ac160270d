"""Find or count the placements of a pattern in a circuit, within a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.frame import FrameError
from analysis.motifs.matching.kernel import LEVEL, ROOTS, advance
from analysis.motifs.matching.plan import Plan, plan
from schemas.errors import IsocortexError
from schemas.patterns import Pattern
from schemas.patterns.symmetry import Symmetry

Ints = npt.NDArray[np.int64]
SECONDS = 30.0
STEPS = 3_000_000  # between looks at the clock: some tens of milliseconds
_run: Callable[..., int] = advance  # its arrays come from the plan, in its order
CHUNK = 4_096  # placements fetched at once
NEAR = 1_000  # placements among which one is drawn


class SearchStopped(IsocortexError):
    """A search that ran out of time."""


@dataclass(frozen=True, eq=False)
class Placements:
    """Where a pattern lies in a circuit.

    Attributes
    ----------
    neurons : tuple of str
        Names in the pattern.
    rows : int64, shape (f, k)
        Node index of each name, one row a placement, sorted.
    complete : bool
        Whether there are no others.
    """

    neurons: tuple[str, ...]
    rows: Ints
    complete: bool


def find_placements(
    circuit: Circuit,
    pattern: Pattern,
    *,
    limit: int,
    once: bool = True,
    seconds: float = SECONDS,
) -> Placements:
    """Find placements of a pattern.

    Parameters
    ----------
    circuit : Circuit
    pattern : Pattern
        With resolved attributes. What is not named may be there: `Pattern.closed` makes the
        induced one.
    limit : int
        Most placements; which ones are found first is not defined.
    once : bool, optional
        Whether placements that a symmetry of the pattern exchanges are one.
    seconds : float, optional

    Raises
    ------
    SearchStopped
        If it is not done in time.
    FrameError
        If the pairs of the pattern could not have been observed.
    """
    prepared = _prepared(circuit, pattern, once)
    search = _Search(prepared, prepared.roots, seconds)
    kept: list[Ints] = []
    total = 0
    while not search.done and total <= limit:
        chunk = search.fetch(min(CHUNK, limit + 1 - total))
        kept.append(chunk)
        total += len(chunk)
    if not total:
        _need_observable(circuit, pattern, seconds)
    return _placements(circuit, pattern, prepared, kept, limit, complete=total <= limit)


def draw_placements(
    circuit: Circuit, pattern: Pattern, number: int, *, seed: int, seconds: float = SECONDS
) -> Placements:
    """Draw placements that begin at different neurons, to look at.

    One neuron after the other is drawn, then one of the first placements that begin there. They
    are no random sample of all placements: neurons that begin many are not drawn more often.

    Parameters
    ----------
    circuit : Circuit
    pattern : Pattern
        As for `find_placements`; each placement once.
    number : int
        How many; if fewer neurons begin one, the first that are found.
    seed : int
    seconds : float, optional

    Raises
    ------
    SearchStopped, FrameError
        As `find_placements`.
    """
    rng = np.random.default_rng(seed)
    prepared = _prepared(circuit, pattern, True)
    kept: list[Ints] = []
    end = time.monotonic() + seconds
    for root in rng.permutation(prepared.roots).tolist():
        search = _Search(prepared, np.array([root]), max(0.0, end - time.monotonic()))
        here = np.zeros((0, pattern.size), np.int64)
        while not search.done and not len(here):
            here = search.fetch(NEAR)
        if len(here):
            kept.append(here[rng.integers(len(here))][None])
        if len(kept) == number:
            return _placements(circuit, pattern, prepared, kept, number, complete=False)
    return find_placements(circuit, pattern, limit=number, seconds=seconds)


def _placements(
    circuit: Circuit,
    pattern: Pattern,
    prepared: Plan,
    kept: list[Ints],
    limit: int,
    *,
    complete: bool,
) -> Placements:
    """Put what was found into the order of the pattern, sorted by neuron ids."""
    every = np.concatenate([np.zeros((0, pattern.size), np.int64), *kept])[:limit]
    rows = np.empty_like(every)
    rows[:, list(prepared.order)] = every
    by_id = np.lexsort(circuit.neuron_ids[rows].T[::-1])
    return Placements(pattern.neurons, rows[by_id], complete)


def count_placements(
    circuit: Circuit, pattern: Pattern, *, once: bool = True, seconds: float = SECONDS
) -> int:
    """Count placements of a pattern, as `find_placements` finds them.

    Raises
    ------
    SearchStopped
        If it is not done in time.
    FrameError
        If the pairs of the pattern could not have been observed.
    """
    prepared = _prepared(circuit, pattern, True)
    search = _Search(prepared, prepared.roots, seconds)
    total = 0
    while not search.done:
        total += search.count()
    if not total:
        _need_observable(circuit, pattern, seconds)
    return total if once else total * Symmetry(pattern).size


def _prepared(circuit: Circuit, pattern: Pattern, once: bool) -> Plan:
    return plan(circuit, pattern, Symmetry(pattern).order if once else ())


def _need_observable(circuit: Circuit, pattern: Pattern, seconds: float) -> None:
    """Refuse to say `none` where single pairs were tested and none of the pattern could be seen.

    The pattern is looked for among the tested pairs: those that are to be connected and those that
    are not have to be there.
    """
    tested = circuit.frame.tested
    if tested is None:
        return
    could = Circuit.from_edges("tested", circuit.n, tested[:, 0], tested[:, 1])
    pairs = {link.pair: replace(link, polarity=None, conditions=frozenset()) for link in
             (*pattern.present, *pattern.absent)}  # fmt: skip
    asked = Pattern(pattern.neurons, tuple(pairs.values()))
    prepared = plan(could, asked)
    search = _Search(prepared, prepared.roots, seconds)
    while not search.done:
        if search.count(1):
            return
    raise FrameError(
        f"no neurons of {circuit.name} were tested in all pairs of the pattern, so that none "
        "could have been found",
        remedy="ask for less: the pairs of two neurons, or of one and its targets",
    )


class _Search:
    """A search under way."""

    def __init__(self, prepared: Plan, roots: Ints, seconds: float) -> None:
        k = len(prepared.order)
        self.arrays = prepared.arrays
        self.roots = np.ascontiguousarray(roots)
        self.state = np.zeros(1, np.int64)
        self.lists = np.zeros((k, 3), np.int64)
        self.lists[0] = ROOTS, 0, roots.size
        self.placed = np.zeros(k, np.int64)
        self.slots = np.zeros(max(1, prepared.slots), np.int64)
        self.seconds = seconds
        self.end = time.monotonic() + seconds
        self.total = 0

    @property
    def done(self) -> bool:
        """Whether everything was looked at."""
        return bool(self.state[LEVEL] < 0)

    def fetch(self, most: int) -> Ints:
        """Return some of the next placements, shape (f, k) in the order of the levels."""
        found = np.empty((most, self.placed.size), np.int64)
        return found[: self._advance(found)]

    def count(self, most: int = 0) -> int:
        """Count some of the next placements, at most `most` if that is not 0."""
        return self._advance(np.empty((most, self.placed.size), np.int64))

    def _advance(self, found: Ints) -> int:
        if time.monotonic() > self.end:
            raise SearchStopped(
                f"the search was stopped after {self.seconds:g} s with {self.total:,} placements",
                remedy="give it more time (--timeout), ask for fewer (--limit), or add conditions",
            )
        number: int = _run(
            self.state,
            self.lists,
            self.placed,
            self.slots,
            self.roots,
            *self.arrays,
            found,
            STEPS,
        )
        self.total += number
        return number
