"""What a census of four neurons will cost, before it is begun.

Seconds of one thread of the machine on which docs/four-node.md was measured; an order of size, not
a promise. Triangles are estimated from some pairs of connections with a common neuron.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.compiled import kernel
from analysis.motifs.four.build import Dyads
from analysis.motifs.vectors import WORDS
from analysis.nulls.stream import State, stream, uniform

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
States = npt.NDArray[np.uint8]

DENSE_LIMIT = 20_000  # neurons: the dense path keeps n² bytes
DEGREE_LIMIT = 46_340  # partners: the sparse path sums 16-bit counters of one neuron in 32 bits
WEDGES = 20_000  # looked at to estimate how many are closed
# Seconds for each step.
ROW = 1.0e-9  # a byte of the matrix of states, gathered
EXTENSION = 5.0e-9  # a triangle and a block of 512 later partners
PAIR, PAIR_BLOCK = 2.0e-8, 5.0e-9  # a pair of neurons, and a block of its bit rows
TRIANGLE = 4.0e-8  # and its entries in the vectors of three dyads
WING = 5.0e-8  # a triangle, as parts of diamonds at each of its neurons
CACHED = 32_768  # neurons whose counters stay in the second cache; of them, and of more:
LOOKUP = (2.5e-9, 5.5e-9)  # a later partner of a later partner
WEDGE = (2.5e-9, 7.0e-9)  # a path to an earlier neuron, in search of 4-cycles


@dataclass(frozen=True)
class Cost:
    """Seconds that a path takes.

    Attributes
    ----------
    sums : float
        For everything but the 4-cliques.
    cliques : float
        For all 4-cliques.
    """

    sums: float
    cliques: float

    @property
    def total(self) -> float:
        """Seconds of an exact census."""
        return self.sums + self.cliques


def costs(dyads: Dyads) -> dict[str, Cost]:
    """Estimate the cost of the paths that the circuit fits into: `dense`, `sparse`, or none."""
    lists = (dyads.starts, dyads.middle, dyads.partners, dyads.states)
    rows, lookups, wedges = _steps(*lists)
    closed, extensions = _sampled(*lists, WEDGES, stream(np.random.default_rng(0)))
    triangles = closed / WEDGES * lookups
    cliques = extensions / WEDGES * lookups * EXTENSION
    found = {}
    if dyads.n <= DENSE_LIMIT:
        blocks = -(-dyads.n // (64 * WORDS))
        pairs = dyads.n**2 / 2 * (PAIR + blocks * PAIR_BLOCK)
        found["dense"] = Cost(pairs + rows * ROW, cliques)
    if dyads.degrees.sum(1).max(initial=0) <= DEGREE_LIMIT:
        far = dyads.n > CACHED
        sums = lookups * LOOKUP[far] + triangles * TRIANGLE + wedges * WEDGE[far]
        found["sparse"] = Cost(sums, cliques)
    return found


def participation_seconds(dyads: Dyads) -> float:
    """Estimate what counting motifs of four by neuron costs, in seconds."""
    lists = (dyads.starts, dyads.middle, dyads.partners, dyads.states)
    closed, _ = _sampled(*lists, WEDGES, stream(np.random.default_rng(0)))
    triangles = closed / WEDGES * _steps(*lists)[1]
    partners = dyads.degrees.sum(1).astype(np.float64)
    # Cliques are extended from every triangle three times, among all partners of a neuron.
    blocks = 1 + float((partners**2).sum()) / max(float(partners.sum()), 1.0) / (64 * WORDS)
    around = float((partners**2).sum()) * WEDGE[dyads.n > CACHED]
    return triangles * (WING + 3 * blocks * EXTENSION / 2) + around


@kernel
def _steps(starts: Ints, middle: Ints, partners: Indices, states: States) -> tuple[int, int, int]:
    """Count bytes of rows, look-ups for triangles and steps for 4-cycles."""
    rows, lookups, wedges = 0, 0, 0
    for i in range(middle.size):
        later = starts[i + 1] - middle[i]
        rows += later * later
        for e in range(middle[i], starts[i + 1]):
            k = partners[e]
            lookups += starts[k + 1] - middle[k]
            wedges += e - starts[i]
    return rows, lookups, wedges


@kernel
def _sampled(
    starts: Ints, middle: Ints, partners: Indices, states: States, wedges: int, state: State
) -> tuple[int, float]:
    """Count triangles, and blocks to extend them, in look-ups drawn with the same chance."""
    n = middle.size
    ends = np.zeros(partners.size + 1, np.int64)  # look-ups up to every entry
    base = np.zeros(partners.size, np.int32)
    for i in range(n):
        for e in range(starts[i], starts[i + 1]):
            base[e] = i
            k = partners[e]
            ends[e + 1] = ends[e] + (starts[k + 1] - middle[k] if e >= middle[i] else 0)
    if ends[-1] == 0:
        return 0, 0.0
    closed, extensions = 0, 0.0
    for _ in range(wedges):
        number = np.int64(uniform(state) * ends[-1])
        entry = np.searchsorted(ends, number, side="right") - 1
        i, k = base[entry], partners[entry]
        third = partners[middle[k] + number - ends[entry]]
        row = partners[middle[i] : starts[i + 1]]
        place = np.searchsorted(row, third)
        if place < row.size and row[place] == third:
            closed += 1
            counts = np.zeros(4, np.int64)
            for f in range(middle[i], starts[i + 1]):
                counts[states[f]] += 1
            words = 0
            for s in range(1, 4):
                words += (counts[s] + 63) >> 6
            extensions += ((words + WORDS - 1) // WORDS + 1) / 2
    return int(closed), extensions
