"""How many instances of each kind a pair of neurons completes, for each state it could be in.

For a pair i, j in one of its states (none, i → j, j → i, mutual), the gain of a kind is the number
of third neurons that complete it. Third neurons are told apart by their states towards i and j and
by their label; which kind they make with a pair of given labels is in the table of `Kinds`. Their
numbers follow from nine numbers of common neighbours and the degrees, whether these are counts (of
a circuit) or expectations (of a null).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.compiled import sum_kernel
from analysis.uncertainty.kinds import PAIR, STATES, THIRDS, TRIADS, WITH_BOTH, Columns

Table = npt.NDArray[np.float64]

MOTIFS = (*TRIADS, PAIR)
NUMBER = len(MOTIFS)
# How often a sum over pairs counts a motif, and how many neurons it has.
PAIRS_OF = np.array([3.0] * (NUMBER - 1) + [1.0])
NEURONS_OF = np.array([3.0] * (NUMBER - 1) + [2.0])


@sum_kernel
def fill_thirds(
    thirds: Table, label: int,
    oi: float, ni: float, bi: float, oj: float, nj: float, bj: float,
    x: float, y: float, s: float, d: float, p: float, q: float, g: float, h: float, t: float,
) -> None:  # fmt: skip
    """Fill the numbers of third neurons k of a label by their states: 4 · (i, k) + (j, k).

    Parameters
    ----------
    thirds : float64, shape (L, 16)
        The first, of those without a connection to either, is not filled.
    label : int
    oi, ni, bi, oj, nj, bj : float
        One-way out-, one-way in- and mutual degrees, each without the other neuron of the pair.
    x, y, s, d, p, q, g, h, t : float
        Third neurons k with i → k → j, j → k → i, i → k ← j, i ← k → j, i → k ↔ j, j → k ↔ i,
        i ↔ k → j, j ↔ k → i, i ↔ k ↔ j.
    """
    k = label
    thirds[k, 1], thirds[k, 2], thirds[k, 3] = oj - y - s - q, nj - x - d - g, bj - p - h - t
    thirds[k, 4], thirds[k, 5], thirds[k, 6], thirds[k, 7] = oi - x - s - p, s, x, p
    thirds[k, 8], thirds[k, 9], thirds[k, 10], thirds[k, 11] = ni - y - d - h, y, d, h
    thirds[k, 12], thirds[k, 13], thirds[k, 14], thirds[k, 15] = bi - q - g - t, q, g, t


@sum_kernel
def add_gains(
    gains: Table, thirds: Table, columns: Columns, a: int, b: int, state: int | np.int64
) -> None:
    """Add what a pair completes in one state.

    Parameters
    ----------
    gains : float64, shape (C + 1,)
    thirds : float64, shape (L, 16)
    columns : Columns
    a, b, state : int
        Labels of the two, and their state.
    """
    place, pair = columns
    if state == 0:
        for k in range(thirds.shape[0]):
            for third in WITH_BOTH:
                gains[place[a, b, k, 0, third]] += thirds[k, third]
        return
    if state == STATES - 1:
        gains[pair[a, b]] += 1
    for k in range(thirds.shape[0]):
        for third in range(1, THIRDS):
            gains[place[a, b, k, state, third]] += thirds[k, third]
