"""Sets of four neurons drawn with the same chance: what is left when a circuit is too large."""

from __future__ import annotations

from math import comb, sqrt

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.motifs.four.classes import CLASSES, class_table
from analysis.nulls.stream import State, below, stream

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
SETS = 10_000_000


def uniform_sets(circuit: Circuit, sets: int, seed: int) -> tuple[list[int], list[float]]:
    """Estimate the counts of the 218 classes from sets of four neurons, and their standard errors.

    The chance of a class is estimated by its share of the sets; its standard error is binomial
    with half a set added to those found, so that a class that was not met has one too.

    Parameters
    ----------
    circuit : Circuit
        Of at least four neurons.
    sets : int
        Number of sets drawn, with replacement.
    seed : int
    """
    state = stream(np.random.default_rng(seed))
    drawn = _drawn(circuit.indptr, circuit.indices, class_table()[0], sets, state).tolist()
    every = comb(circuit.n, 4)
    counts = [(2 * every * found + sets) // (2 * sets) for found in drawn]  # to the nearest
    errors = []
    for found in drawn:
        chance = (found + 0.5) / (sets + 1)
        errors.append(every * sqrt(chance * (1 - chance) / sets))
    return counts, errors


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
