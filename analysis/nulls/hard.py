"""Hard (microcanonical) ensembles: graphs that keep what a null keeps exactly.

Nulls of pairs in cells (by distance, by class) are shuffled within the cells, every sample an
independent draw (`analysis.nulls.cells`). Degrees, and dyad degrees, are kept by Markov chains:

`degree` keeps every out- and in-degree by switching the targets of two connections; `reciprocal`
keeps every one-way out-, one-way in- and mutual degree by switching one-way and mutual pairs
apart. Both also reverse directed 3-cycles, which switches alone cannot reach (Berger &
Müller-Hannemann 2010, arXiv:0912.0685). A rejected proposal is a step of the chain that stays
where it is; without that the sample would not be uniform. Every proposal is as likely as the one
that undoes it, so the stationary distribution is uniform.
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
from analysis.nulls.stream import State, below, stream, uniform
from schemas.errors import UsageError
from schemas.registry import unknown

BURN_IN = 10  # attempts per connection before the first sample
THINNING = 2  # attempts per connection between samples
MOVING = 0.25  # share of attempts that these numbers are meant for; a chain that moves less often…
MOST_PATIENT = 5.0  # …is given more attempts, at most so many times
CYCLE_SHARE = 0.1  # of the attempts that try to reverse a 3-cycle
LARGEST = 20_000  # the chain keeps n² bits

HARD = ("degree", "reciprocal")  # by a chain; others by shuffling, if they have cells

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]
ONE = np.uint64(1)


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
    """
    if circuit.n > LARGEST:
        raise UsageError(
            f"hard ensembles are sampled up to {LARGEST:,} neurons, not {circuit.n:,}",
            remedy="compare with the canonical ensemble, or cut a smaller circuit",
        )
    chain = Chain(circuit, stream(rng), keep_mutual=null == "reciprocal")
    attempts = BURN_IN * circuit.m
    moved = chain.advance(attempts)
    patience = min(MOST_PATIENT, max(1.0, MOVING * attempts / max(moved, 1)))
    chain.advance(round((patience - 1) * attempts))
    return chain, round(patience * THINNING * circuit.m)


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
        source, target = circuit.sources(), circuit.indices
        moves = np.ones(circuit.m, np.bool_)
        if keep_mutual:
            moves = ~_mutual(self._bits, source, target)
        # Targets by source: a switch changes the target of a connection, never its source.
        self._sources = source[moves]
        self._targets = target[moves]
        self._starts = np.zeros(circuit.n + 1, np.int64)
        np.cumsum(np.bincount(self._sources, minlength=circuit.n), out=self._starts[1:])
        once = ~moves & (source < target)
        self._mutual = np.stack([source[once], target[once]], axis=1)
        self._keep_mutual = keep_mutual

    def advance(self, attempts: int) -> int:
        """Make `attempts` steps, moves or not; return how many moved."""
        if len(self._targets) + len(self._mutual) == 0:
            return 0
        if self._keep_mutual:
            return _switch_dyads(
                self._sources, self._targets, self._starts, self._mutual, self._bits,
                attempts, CYCLE_SHARE, self._state,
            )  # fmt: skip
        return _switch_connections(
            self._sources, self._targets, self._starts, self._bits,
            attempts, CYCLE_SHARE, self._state,
        )  # fmt: skip

    def graph(self) -> Circuit:
        """Return the graph the chain is at."""
        circuit = self._circuit
        indices = _unpacked(self._bits, circuit.indptr)  # out-degrees are kept, so rows fit
        return Circuit("sample", circuit.neurons, circuit.indptr, indices, np.ones_like(indices))


@kernel
def _packed(indptr: Ints, indices: Places) -> Words:
    """Adjacency in bits, row = pre."""
    n = indptr.size - 1
    bits = np.zeros((n, (n + 63) // 64), np.uint64)
    for i in range(n):
        for k in range(indptr[i], indptr[i + 1]):
            _flip(bits, i, indices[k])
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
        both[k] = _linked(bits, target[k], source[k])
    return both


@kernel
def _linked(bits: Words, a: int, b: int) -> bool:
    return bool((bits[a, b >> 6] >> np.uint64(b & 63)) & ONE)


@kernel
def _flip(bits: Words, a: int, b: int) -> None:
    bits[a, b >> 6] ^= ONE << np.uint64(b & 63)


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
            moved += _reverse_cycle(targets, starts, bits, first, a, b, below(state, n))
            continue
        second = below(state, m)
        c, d = sources[second], targets[second]
        if a == d or b == c or _linked(bits, a, d) or _linked(bits, c, b):
            continue
        targets[first], targets[second] = d, b
        _flip(bits, a, b)
        _flip(bits, c, d)
        _flip(bits, a, d)
        _flip(bits, c, b)
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
                moved += _reverse_cycle(targets, starts, bits, first, a, b, below(state, n))
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
        if _linked(bits, a, d) or _linked(bits, d, a) or _linked(bits, c, b) or _linked(bits, b, c):
            continue
        _flip(bits, a, b)
        _flip(bits, c, d)
        _flip(bits, a, d)
        _flip(bits, c, b)
        if one_way:
            targets[first], targets[second] = d, b
        else:
            _flip(bits, b, a)
            _flip(bits, d, c)
            _flip(bits, d, a)
            _flip(bits, b, c)
            mutual[first, 0], mutual[first, 1] = a, d
            mutual[second, 0], mutual[second, 1] = c, b
        moved += 1
    return moved


@kernel
def _reverse_cycle(
    targets: Places, starts: Ints, bits: Words, first: int, a: int, b: int, c: int
) -> int:
    """Turn a → b → c → a into a → c → b → a if all three pairs are one-way; 1 if turned."""
    if c in (a, b) or not _linked(bits, b, c) or not _linked(bits, c, a):
        return 0
    if _linked(bits, b, a) or _linked(bits, c, b) or _linked(bits, a, c):
        return 0
    targets[first] = c
    targets[_position(targets, starts, b, c)] = a
    targets[_position(targets, starts, c, a)] = b
    _flip(bits, a, b)
    _flip(bits, b, c)
    _flip(bits, c, a)
    _flip(bits, a, c)
    _flip(bits, c, b)
    _flip(bits, b, a)
    return 1


@kernel
def _position(targets: Places, starts: Ints, source: int, target: int) -> int:
    """Return where source → target stands in the list; it is there."""
    place = starts[source]
    while targets[place] != target:
        place += 1
    return int(place)
