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
    seed: int | None = None,
    per_neuron: int = 0,
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
    seed : int, optional
        Try the neurons to begin with in random order.
    per_neuron : int, optional
        Most placements that begin with the same neuron; 0 = all.

    Raises
    ------
    SearchStopped
        If it is not done in time.
    FrameError
        If the pairs of the pattern could not have been observed.
    """
    prepared = _prepared(circuit, pattern, once)
    roots = prepared.roots
    if seed is not None:
        roots = np.random.default_rng(seed).permutation(roots)
    search = _Search(prepared, roots, per_neuron, seconds)
    kept: list[Ints] = []
    total = 0
    while not search.done and total <= limit:
        chunk = search.fetch(min(CHUNK, limit + 1 - total))
        kept.append(chunk)
        total += len(chunk)
    if not total:
        _need_observable(circuit, pattern, seconds)
    every = np.concatenate([np.zeros((0, pattern.size), np.int64), *kept])[:limit]
    rows = np.empty_like(every)
    rows[:, list(prepared.order)] = every
    ids = circuit.neuron_ids[rows]
    by_id = np.lexsort(ids.T[::-1])
    return Placements(pattern.neurons, rows[by_id], complete=total <= limit and not per_neuron)


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
    search = _Search(prepared, prepared.roots, 0, seconds)
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
    search = _Search(prepared, prepared.roots, 0, seconds)
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

    def __init__(self, prepared: Plan, roots: Ints, most_below: int, seconds: float) -> None:
        k = len(prepared.order)
        self.arrays = prepared.arrays
        self.roots = np.ascontiguousarray(roots)
        self.most_below = most_below
        self.state = np.zeros(2, np.int64)
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
            self.most_below,
            STEPS,
        )
        self.total += number
        return number
