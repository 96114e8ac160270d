"""Sets of four neurons drawn with the same chance: what is left when a circuit is too large."""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.motifs.four.classes import CLASSES, class_table
from analysis.nulls.stream import State, below, stream

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
SETS = 10_000_000


def uniform_sets(circuit: Circuit, sets: int, seed: int) -> list[int]:
    """Draw sets of four neurons, with replacement, and count those of each of the 218 classes.

    Parameters
    ----------
    circuit : Circuit
        Of at least four neurons.
    sets : int
        Number of sets drawn.
    seed : int
    """
    state = stream(np.random.default_rng(seed))
    drawn = _drawn(circuit.indptr, circuit.indices, class_table()[0], sets, state)
    found: list[int] = drawn.tolist()
    return found


def share_errors(found: list[int], sets: int, every: int) -> list[float]:
    """Return binomial standard errors of the share of each class, times all sets there are.

    Half a set is added to those found, so that a class that was not met has one too.
    """
    chances = [(number + 0.5) / (sets + 1) for number in found]
    return [every * sqrt(chance * (1 - chance) / sets) for chance in chances]


@kernel
def _drawn(indptr: Ints, indices: Indices, classes: Ints, sets: int, state: State) -> Ints:
    n = indptr.size - 1
    found = np.zeros(CLASSES, np.int64)
    four = np.zeros(4, np.int64)
    for _ in range(sets):
        size = 0
        while size < 4:
            four[size] = below(state, n)
            new = True
            for other in range(size):
                new &= four[other] != four[size]
            size += new
        graph, q = 0, 0
        for a in range(3):
            for b in range(a + 1, 4):
                graph |= _linked(indptr, indices, four[a], four[b]) << q
                graph |= _linked(indptr, indices, four[b], four[a]) << (q + 1)
                q += 2
        found[classes[graph]] += 1
    return found


@kernel
def _linked(indptr: Ints, indices: Indices, pre: int, post: int) -> int:
    low, high = indptr[pre], indptr[pre + 1]
    end = high
    while low < high:
        half = (low + high) // 2
        if indices[half] < post:
            low = half + 1
        else:
            high = half
    return int(low < end and indices[low] == post)
