"""Common neighbours of connected pairs: how many third neurons, by their states to the two.

Two ways to the same numbers: bit rows of every connected pair, or triangles met once at their
first neuron, hubs last.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.compiled import kernel
from analysis.motifs.four.build import Dyads
from analysis.motifs.four.cliques import TURN
from analysis.motifs.four.dense import state_rows
from analysis.motifs.four.vectors import nine_counts
from analysis.motifs.vectors import WORDS

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
States = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]

ROW_BYTES = 256 << 20  # of all bit rows: 26,000 neurons
PAIR_LOOKUPS = 5  # a pair of rows costs as much as five look-ups, and each of its blocks one


def shared(dyads: Dyads) -> Indices:
    """Count the common neighbours of every connected pair.

    Returns
    -------
    int32, shape (dyads, 9)
        Pairs in the order in which they stand under their earlier neuron. Entry 3x + y counts
        third neurons in state x to the earlier and y to the later one; states count from 0.
    """
    blocks = -(-dyads.n // (64 * WORDS))
    fits = dyads.n * blocks * 3 * WORDS * 8 <= ROW_BYTES
    pairs = dyads.partners.size // 2
    if fits and pairs * (PAIR_LOOKUPS + blocks) < later_lookups(dyads):
        return by_rows(dyads)
    return by_triangles(dyads)


def by_rows(dyads: Dyads) -> Indices:
    """Count by bit rows; see `shared`."""
    rows = state_rows(dyads.starts, dyads.partners, dyads.states)
    return _by_rows(rows, dyads.starts, dyads.middle, dyads.partners)


def by_triangles(dyads: Dyads) -> Indices:
    """Count by triangles; see `shared`."""
    return _by_triangles(dyads.starts, dyads.middle, dyads.partners, dyads.states)


def later_lookups(dyads: Dyads) -> int:
    """Return how many look-ups it takes to meet every triangle at its first neuron."""
    return _lookups(dyads.starts, dyads.middle, dyads.partners)


@kernel
def _lookups(starts: Ints, middle: Ints, partners: Indices) -> int:
    total = 0
    for i in range(middle.size):
        for e in range(middle[i], starts[i + 1]):
            k = partners[e]
            total += starts[k + 1] - middle[k]
    return total


@kernel
def _by_rows(rows: Words, starts: Ints, middle: Ints, partners: Indices) -> Indices:
    n, blocks = rows.shape[0], rows.shape[1]
    counts = np.zeros((partners.size // 2, 9), np.int32)
    v = np.zeros(9)
    v_at, rows_at = np.uint64(v.ctypes.data), np.uint64(rows.ctypes.data)
    size = np.uint64(blocks * 3 * WORDS * 8)
    d = 0
    for i in range(n):
        mine = rows_at + np.uint64(i) * size
        for e in range(middle[i], starts[i + 1]):
            nine_counts(mine, rows_at + np.uint64(partners[e]) * size, blocks, v_at)
            for q in range(9):
                counts[d, q] = np.int32(v[q])
            d += 1
    if rows.size == 0 and v.size == 0:  # addresses are used up to here
        counts[0, 0] = 0
    return counts


# This walk stands again in `lists`, `typed`, `weighted` and `four.sparse`. Inlined by numba from
# one function it is as fast (measured: .92 and 1.01 of the time), but only this kernel does nothing
# else at a neuron. The others mark bytes instead of places, fetch ahead, fill bit rows of partners
# or empty sums in between: three hooks for a dozen lines. And numba keeps compiled kernels by the
# file they stand in, so that after a change of a walk in another file the old code would run.
@kernel
def _by_triangles(starts: Ints, middle: Ints, partners: Indices, states: States) -> Indices:
    n = middle.size
    first = np.zeros(n + 1, np.int64)
    for i in range(n):
        first[i + 1] = first[i] + starts[i + 1] - middle[i]
    counts = np.zeros((first[n], 9), np.int32)
    entry = np.zeros(n, np.int64)  # 1 + place of a partner of i in the lists
    for i in range(n):
        begin, end = middle[i], starts[i + 1]
        if end - begin < 2:
            continue
        for e in range(begin, end):
            entry[partners[e]] = e + 1
        for e in range(begin, end):
            k, ik = partners[e], states[e]
            for f in range(middle[k], starts[k + 1]):
                g = entry[partners[f]] - 1
                if g < 0:
                    continue
                kl, il = states[f], states[g]
                counts[first[i] + e - begin, 3 * il + kl - 4] += 1
                counts[first[i] + g - begin, 3 * ik + TURN[kl] - 4] += 1
                counts[first[k] + f - middle[k], 3 * TURN[ik] + TURN[il] - 4] += 1
        for e in range(begin, end):
            entry[partners[e]] = 0
    return counts
