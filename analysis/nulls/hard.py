"""Hard (microcanonical) ensembles: graphs that keep what a null keeps exactly.

Nulls of pairs in cells (by distance, by class) are shuffled within the cells, every sample an
independent draw (`analysis.nulls.cells`). Degrees, and dyad degrees, are kept by Markov chains:

`degree` keeps every out- and in-degree: in dense circuits by trades of targets between two neurons
(`analysis.nulls.trades`), in others by switching the targets of two connections. `reciprocal` keeps
every one-way out-, one-way in- and mutual degree by switching one-way and mutual pairs apart. All
also reverse directed 3-cycles, which trades and switches alone cannot reach (Berger &
Müller-Hannemann 2010, arXiv:0912.0685). Where few pairs are unconnected, `reciprocal` gets no
further by these; there it makes excursions (`analysis.nulls.excursions`). A rejected proposal is a
step of the chain that stays where it is; without that the sample would not be uniform. Every
proposal is as likely as the one that undoes it, so the stationary distribution is uniform.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, trailing_zeros
from analysis.motifs import MAN
from analysis.motifs.census import triad_census
from analysis.nulls import Null, get_null, nulls
from analysis.nulls.excursions import LONGEST, excursions
from analysis.nulls.stream import State, below, stream, uniform
from analysis.nulls.switches import ONE, Ints, Places, Words, flip, linked, reverse_cycle
from analysis.nulls.trades import trade_targets
from schemas.errors import UsageError
from schemas.registry import unknown

BURN_IN = 10  # attempts per connection before the first sample
THINNING = 2  # attempts per connection between samples
MOVING = 0.25  # share of attempts that these numbers are meant for; a chain that moves less often…
MOST_PATIENT = 5.0  # …is given more attempts, at most so many times
CYCLE_SHARE = 0.1  # of the attempts that try to reverse a 3-cycle
EXCURSIONS = 1_200  # by the number of neurons: of a small circuit, after a round of attempts
EXCURSION_SHARE = 0.1  # of a large one: steps of excursions per attempt, at most
FEWEST = 500  # attempts between samples of however small a circuit
ROUNDS = 5  # of trades, for one attempt per connection
TRADED = 0.05  # density from which trades are quicker: hubs seldom meet a neuron of many targets
LARGEST = 20_000  # the chain keeps n² bits

HARD = ("degree", "reciprocal")  # by a chain; others by shuffling, if they have cells


def has_hard_form(null: Null) -> bool:
    """Whether the constraint of a null can be kept exactly."""
    return null.name in HARD or null.exact is not None


def hard_names() -> tuple[str, ...]:
    """Nulls with a hard form, in ladder order."""
    return tuple(name for name, null in nulls().items() if has_hard_form(null))


def sample_censuses(
    circuit: Circuit,
    null: str,
    samples: int,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None = None,
) -> npt.NDArray[np.int64]:
    """Triad censuses of graphs drawn from a hard ensemble.

    Parameters
    ----------
    circuit : Circuit
    null : str
        Name of a null that has a hard form.
    samples : int
    rng : Generator
    progress : callable, optional
        Called with (done, total).

    Returns
    -------
    int64, shape (samples, 16)
        Counts in the order of `MAN`.
    """
    counts = np.empty((samples, len(MAN)), np.int64)
    for place, graph in enumerate(sample_graphs(circuit, null, samples, rng)):
        census = triad_census(graph)
        counts[place] = [census[code] for code in MAN]
        if progress is not None:
            progress(place + 1, samples)
    return counts


def sample_graphs(
    circuit: Circuit, null: str, samples: int, rng: np.random.Generator
) -> Iterator[Circuit]:
    """Yield `samples` graphs of the hard ensemble `null`.

    Degrees are kept along one chain, burnt in and thinned; cells are dealt anew for every sample.

    Raises
    ------
    UsageError
        If there is no such ensemble, or the circuit is too large for it.
    """
    if null not in HARD:
        exact = get_null(null).exact
        if exact is None:
            raise unknown("hard ensemble", null, hard_names())
        yield from exact(circuit).samples(samples, rng)
        return
    chain, stride = burnt_in(circuit, null, rng)
    for _ in range(samples):
        chain.advance(stride)
        yield chain.graph()


def burnt_in(circuit: Circuit, null: str, rng: np.random.Generator) -> tuple[Chain, int]:
    """Return a chain of `null`, one of `HARD`, that has left the circuit behind.

    Where few attempts move the chain, as in dense circuits, it is given more of them. How many is
    decided while it burns in, and not changed between samples: a chain stopped by its own moves
    would not be uniform.

    Returns
    -------
    chain : Chain
    stride : int
        Attempts to make between samples.

    Raises
    ------
    UsageError
        If the circuit is too large.
    NullUnavailable
        If single pairs were tested: degrees are then not known.
    """
    if circuit.frame.tested is not None:
        get_null(null).check(circuit)
    if circuit.n > LARGEST:
        raise UsageError(
            f"hard ensembles are sampled up to {LARGEST:,} neurons, not {circuit.n:,}",
            remedy="compare with the canonical ensemble, or cut a smaller circuit",
        )
    chain = Chain(circuit, stream(rng), keep_mutual=null == "reciprocal")
    attempts = max(BURN_IN * circuit.m, FEWEST)
    moved = chain.advance(attempts)
    patience = min(MOST_PATIENT, max(1.0, MOVING * attempts / max(moved, 1)))
    chain.advance(round((patience - 1) * attempts))
    return chain, max(round(patience * THINNING * circuit.m), FEWEST)


class Chain:
    """State of one Markov chain over graphs.

    Parameters
    ----------
    circuit : Circuit
        Where the chain starts.
    state : State
        Random numbers.
    keep_mutual : bool
        Whether one-way and mutual degrees are kept apart.
    """

    def __init__(self, circuit: Circuit, state: State, *, keep_mutual: bool) -> None:
        self._state = state
        self._circuit = circuit
        self._bits = _packed(circuit.indptr, circuit.indices)
        self._keep_mutual = keep_mutual
        self._trades = not keep_mutual and circuit.density >= TRADED
        if not self._trades:
            self._list()

    def _list(self) -> None:
        """List what is switched: connections, or one-way and mutual pairs apart."""
        indptr = self._circuit.indptr
        source, target = self._circuit.sources(), _unpacked(self._bits, indptr)
        self._sources, self._targets, self._starts = source, target, indptr
        if not self._keep_mutual:
            return
        both = _mutual(self._bits, source, target)
        # Targets by source: a switch changes the target of a connection, never its source.
        self._sources, self._targets = source[~both], target[~both]
        self._starts = np.zeros(indptr.size, np.int64)
        np.cumsum(np.bincount(self._sources, minlength=indptr.size - 1), out=self._starts[1:])
        once = both & (source < target)
        self._mutual = np.stack([source[once], target[once]], axis=1)

    def advance(self, attempts: int) -> int:
        """Make `attempts` steps, moves or not; return how many moved.

        A step of trades is one connection's share of `ROUNDS` rounds. It moved if the connection
        went to the other neuron, in the mean of the rounds.
        """
        m, n = self._circuit.m, self._circuit.n
        if m == 0:
            return 0
        if self._trades:
            trades = -(-ROUNDS * attempts * (n // 2) // m)
            return (trade_targets(self._bits, trades, self._state) + ROUNDS // 2) // ROUNDS
        if self._keep_mutual:
            moved = _switch_dyads(
                self._sources, self._targets, self._starts, self._mutual, self._bits,
                attempts, CYCLE_SHARE, self._state,
            )  # fmt: skip
            self._go_out(attempts)
            return moved
        return _switch_connections(
            self._sources, self._targets, self._starts, self._bits,
            attempts, CYCLE_SHARE, self._state,
        )  # fmt: skip

    def _go_out(self, attempts: int) -> None:
        """Make the excursions that belong to so many attempts."""
        times = max(EXCURSIONS // self._circuit.n, round(EXCURSION_SHARE * attempts / LONGEST))
        indptr = self._circuit.indptr
        targets = _unpacked(self._bits, indptr)
        sources = self._circuit.sources()
        if excursions(sources, targets, indptr, self._bits, times, CYCLE_SHARE, self._state):
            self._list()

    def graph(self) -> Circuit:
        """Return the graph the chain is at."""
        circuit = self._circuit
        indices = _unpacked(self._bits, circuit.indptr)  # out-degrees are kept, so rows fit
        return Circuit(
            "sample",
            circuit.neurons,
            circuit.indptr,
            indices,
            np.ones_like(indices),
            observed=circuit.observed,
        )


@kernel
def _packed(indptr: Ints, indices: Places) -> Words:
    """Adjacency in bits, row = pre."""
    n = indptr.size - 1
    bits = np.zeros((n, (n + 63) // 64), np.uint64)
    for i in range(n):
        for k in range(indptr[i], indptr[i + 1]):
            flip(bits, i, indices[k])
    return bits


@kernel
def _unpacked(bits: Words, indptr: Ints) -> Places:
    indices = np.empty(indptr[-1], np.int32)
    for i in range(bits.shape[0]):
        end = indptr[i]
        for w in range(bits.shape[1]):
            word = bits[i, w]
            while word:
                indices[end] = (w << 6) + trailing_zeros(word)
                end += 1
                word &= word - ONE
    return indices


@kernel
def _mutual(bits: Words, source: Places, target: Places) -> npt.NDArray[np.bool_]:
    both = np.zeros(source.size, np.bool_)
    for k in range(source.size):
        both[k] = linked(bits, target[k], source[k])
    return both


@kernel
def _switch_connections(
    sources: Places,
    targets: Places,
    starts: Ints,
    bits: Words,
    attempts: int,
    cycle_share: float,
    state: State,
) -> int:
    """Turn a → b, c → d into a → d, c → b where neither is there; count the turns."""
    m, n = targets.size, starts.size - 1
    moved = 0
    for _ in range(attempts):
        first = below(state, m)
        a, b = sources[first], targets[first]
        if uniform(state) < cycle_share:
            moved += reverse_cycle(targets, starts, bits, first, a, b, below(state, n))
            continue
        second = below(state, m)
        c, d = sources[second], targets[second]
        if a == d or b == c or linked(bits, a, d) or linked(bits, c, b):
            continue
        targets[first], targets[second] = d, b
        flip(bits, a, b)
        flip(bits, c, d)
        flip(bits, a, d)
        flip(bits, c, b)
        moved += 1
    return moved


@kernel
def _switch_dyads(
    sources: Places,
    targets: Places,
    starts: Ints,
    mutual: Places,
    bits: Words,
    attempts: int,
    cycle_share: float,
    state: State,
) -> int:
    """Switch one-way pairs among themselves and mutual pairs among themselves; count the moves.

    A pair moves only to two neurons that are not connected in either direction, so no pair changes
    its kind.
    """
    u, w, n = targets.size, mutual.shape[0], starts.size - 1
    moved = 0
    for _ in range(attempts):
        first = below(state, u + w)
        one_way = first < u
        if one_way:
            a, b = sources[first], targets[first]
            if uniform(state) < cycle_share:
                moved += reverse_cycle(targets, starts, bits, first, a, b, below(state, n))
                continue
            second = below(state, u)
            c, d = sources[second], targets[second]
        else:
            first -= u
            a, b = mutual[first, 0], mutual[first, 1]
            second = below(state, w)
            # Either end may stay: the three pairings of four neurons are reached alike.
            turned = below(state, 2)
            c, d = mutual[second, turned], mutual[second, 1 - turned]
        if a == d or b == c:
            continue
        if linked(bits, a, d) or linked(bits, d, a) or linked(bits, c, b) or linked(bits, b, c):
            continue
        flip(bits, a, b)
        flip(bits, c, d)
        flip(bits, a, d)
        flip(bits, c, b)
        if one_way:
            targets[first], targets[second] = d, b
        else:
            flip(bits, b, a)
            flip(bits, d, c)
            flip(bits, d, a)
            flip(bits, b, c)
            mutual[first, 0], mutual[first, 1] = a, d
            mutual[second, 0], mutual[second, 1] = c, b
        moved += 1
    return moved
