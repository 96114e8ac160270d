"""4-cliques from some of the pairs: an estimate without bias, and how far it may be off.

The cliques of a base neuron i are met at its later partners j. The partners in one state to i are
cut into strata of neighbours in rank, and two of each stratum are drawn without replacement. Their
sum stands for the stratum, their difference tells its variance (Cochran 1977, Sampling Techniques,
ch. 5). Strata have an even number of pairs, so that all estimates are whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.compiled import kernel, trailing_zeros
from analysis.motifs.four.classes import CLASSES
from analysis.motifs.four.cliques import BLOCK, ONE
from analysis.motifs.four.combine import clique_classes, clique_places, clique_weights
from analysis.motifs.four.vectors import GROUP, extend_triangles
from analysis.motifs.vectors import WORDS
from analysis.nulls.stream import State, below, stream

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]
Shares = tuple[Ints, Ints, Floats]
TALLIES = 6
Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Drawing:
    """How pairs are drawn, and what was found in them.

    Attributes
    ----------
    every : int
        One in so many pairs is drawn; two of every stratum.
    state : State
        Random numbers.
    totals : int64, shape (42,)
        Estimated number of cliques of each class, in the order of `combine.clique_classes`.
    shares : tuple of int64, int64 and float64
        Of one clique of class a: the classes of four neurons that it is counted in,
        `shares[1][shares[0][a]:shares[0][a + 1]]`, and how often.
    tallies : float64, shape (218, 6)
        Of each of these classes: cliques that are counted in it as estimated, as many of them as
        were looked at, the variance of the estimate, the sum of its squares over strata, the
        variance if there were no strata, and the most that one pair stands for.
    pairs : int64, shape (3,)
        Pairs looked at, and all; and how many one of them stands for at most.
    """

    every: int
    state: State
    totals: Ints
    shares: Shares
    tallies: Floats
    pairs: Ints

    @classmethod
    def from_seed(cls, every: int, seed: int) -> Drawing:
        """Return one with nothing found yet."""
        size = len(clique_classes())
        return cls(
            every,
            stream(np.random.default_rng(seed)),
            np.zeros(size, np.int64),
            _shares(),
            np.zeros((CLASSES, TALLIES)),
            np.zeros(3, np.int64),
        )

    def cliques(self) -> Ints:
        """Estimated cliques by six states, shape (729,): each class at one of its places."""
        found = np.zeros(clique_places().size, np.int64)
        first = np.unique(clique_places(), return_index=True)[1]
        found[first] = self.totals
        return found


def _shares() -> Shares:
    """Return how often a clique of each class is counted in which of the 218, without signs."""
    weights = np.abs(clique_weights()).T
    of, members = np.nonzero(weights)
    starts = np.searchsorted(of, np.arange(len(weights) + 1))
    return starts, members, weights[of, members].astype(np.float64)


@kernel
def draw_extensions(
    rows: Words,
    nodes: Places,
    nobody: int,
    blocks: int,
    bounds: Ints,
    sums: Words,
    places: Places,
    every: int,
    state: State,
    classes: Ints,
    totals: Ints,
    shares: Shares,
    tallies: Floats,
    pairs: Ints,
) -> None:
    """Estimate the 4-cliques of one base neuron; arguments as in `count_extensions`, `Drawing`."""
    size = totals.size
    first, second = np.zeros(size, np.int64), np.zeros(size, np.int64)
    starts, members, weights = shares
    both = np.zeros((tallies.shape[0], 2))
    for ij in range(3):
        begin = bounds[ij] << 6
        end = begin
        while end < bounds[ij + 1] << 6 and nodes[end] != nobody:
            end += 1
        pairs[1] += end - begin
        while begin < end:
            left = end - begin
            stratum = min(left, 2 * every)
            if stratum < 2 * every and stratum % 2:
                stratum = 1
            first[:] = 0
            second[:] = 0
            one, other = 0, 1
            if stratum > 2:
                one = below(state, stratum)
                other = below(state, stratum - 1)
                other += other >= one
            _of_pair(rows, begin + one, ij, blocks, bounds, sums, places, classes, first)
            pairs[0] += 1
            if stratum > 1:
                _of_pair(rows, begin + other, ij, blocks, bounds, sums, places, classes, second)
                pairs[0] += 1
            times = max(1, stratum // 2)
            both[:] = 0.0
            for a in range(size):
                totals[a] += times * (first[a] + second[a])
                if first[a] == 0 and second[a] == 0:
                    continue
                for t in range(starts[a], starts[a + 1]):
                    both[members[t], 0] += weights[t] * first[a]
                    both[members[t], 1] += weights[t] * second[a]
            for c in range(both.shape[0]):
                if both[c, 0] + both[c, 1] > 0:
                    _tally(tallies[c], both[c, 0], both[c, 1], times)
            pairs[2] = max(pairs[2], times)
            begin += stratum


@kernel
def _tally(tally: Floats, one: float, other: float, times: int) -> None:
    """Enter what the two pairs of a stratum add to a class; see `Drawing.tallies`."""
    weight = times * (times - 1.0)
    variance = weight * (one - other) ** 2
    tally[0] += times * (one + other)
    tally[1] += one + other
    tally[2] += variance
    tally[3] += variance**2
    tally[4] += weight * (one**2 + other**2)
    if times > 1:
        tally[5] = max(tally[5], times * max(one, other))


@kernel
def _of_pair(
    rows: Words,
    j: int,
    ij: int,
    blocks: int,
    bounds: Ints,
    sums: Words,
    places: Places,
    classes: Ints,
    counts: Ints,
) -> None:
    """Count the cliques of the base neuron and the partner at position j, by class."""
    empty = rows.shape[1] - 1
    row_bytes = np.uint64(3 * WORDS * 8)
    block_bytes = np.uint64(rows.shape[1]) * row_bytes
    rows_at = np.uint64(rows.ctypes.data)
    sums_at = np.uint64(sums.ctypes.data)
    places_at = np.uint64(places.ctypes.data)
    cell = np.uint64(9 * WORDS * 8)
    for ik in range(3):
        for jk in range(3):
            length = 0
            for word in range(max(bounds[ik], j >> 6), bounds[ik + 1]):
                bits = rows[word // WORDS, j, jk, word % WORDS]
                while bits:
                    places[length] = (word << 6) + trailing_zeros(bits)
                    length += 1
                    bits &= bits - ONE
            if length == 0:
                continue
            for q in range(length, length + GROUP):
                places[q] = empty
            ready = 0
            for b in range(j // BLOCK, blocks):
                while ready < length and places[ready] < (b + 1) * BLOCK:
                    ready += 1
                offset = np.uint64(b) * block_bytes
                extend_triangles(
                    rows_at + offset + np.uint64(j) * row_bytes,
                    rows_at + offset,
                    places_at,
                    (ready + GROUP - 1) // GROUP,
                    sums_at + np.uint64(b) * cell,
                )
            start = ((ij * 3 + ik) * 3 + jk) * 27
            for b in range(j // BLOCK, blocks):
                for w in range(WORDS):
                    word = b * WORDS + w
                    il = (word >= bounds[1]) + (word >= bounds[2])
                    for c in range(9):
                        at = (b * 9 + c) * WORDS + w
                        counts[classes[start + il * 9 + c]] += np.int64(sums[at])
                        sums[at] = 0
    if rows.size == 0 and sums.size == 0 and places.size == 0:  # addresses are used up to here
        return
