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
def fill_all_thirds(
    thirds: Table,
    a: int, b: int,
    f: float, w: float, r: float, ui: float, uj: float, mi: float, mj: float,
    i: int, j: int,
    degrees: tuple[Table, Table, Table],
    row: int, c: int,
    products: tuple[npt.NDArray[np.float64], ...],
) -> None:  # fmt: skip
    """Fill the expected third neurons of every label from products of probabilities.

    Parameters
    ----------
    thirds : float64, shape (L, 16)
    a, b : int
        Labels of two neurons i, j.
    f, w, r : float
        Probabilities of the pair: forth only, back only, mutual.
    ui, uj, mi, mj : float
        One-way and mutual probabilities within the class of each neuron.
    i, j : int
        Their classes.
    degrees : tuple of float64, shape (L, K)
        Expected one-way out-, one-way in- and mutual degrees towards partners of every label.
    row, c : int
        Place of the pair in the products.
    products : tuple of float64, shape (L, rows, columns)
        Nine; their terms whose third neuron is i or j are taken out here.
    """
    uu, uu_t, uut, utu, um, um_t, mu, mu_t, mm = products
    out, into, both = degrees
    for k in range(thirds.shape[0]):
        # Among third neurons of the label of i is i itself, of that of j is j.
        of_i, of_j = np.float64(a == k), np.float64(b == k)
        xi, zi, xj, zj = of_i * ui, of_i * mi, of_j * uj, of_j * mj
        fill_thirds(
            thirds, k,
            out[k, i] - of_j * f, into[k, i] - of_j * w, both[k, i] - of_j * r,
            out[k, j] - of_i * w, into[k, j] - of_i * f, both[k, j] - of_i * r,
            uu[k, row, c] - f * (xi + xj), uu_t[k, row, c] - w * (xi + xj),
            uut[k, row, c] - xi * w - f * xj, utu[k, row, c] - xi * f - w * xj,
            um[k, row, c] - xi * r - f * zj, um_t[k, row, c] - zi * w - r * xj,
            mu[k, row, c] - zi * f - r * xj, mu_t[k, row, c] - xi * r - w * zj,
            mm[k, row, c] - r * (zi + zj),
        )  # fmt: skip


@sum_kernel
def fill_gains(table: Table, thirds: Table, columns: Columns, a: int, b: int) -> None:
    """Fill the gains of a pair in every state.

    Parameters
    ----------
    table : float64, shape (4, C + 1)
        The last column takes what is of no kind.
    thirds : float64, shape (L, 16)
    columns : Columns
    a, b : int
        Labels of the two.
    """
    place, pair = columns
    table[:] = 0
    table[3, pair[a, b]] = 1  # a mutual pair is one
    for k in range(thirds.shape[0]):
        for third in WITH_BOTH:  # a pair that is not connected needs both
            table[0, place[a, b, k, 0, third]] += thirds[k, third]
        for state in range(1, STATES):
            for third in range(1, THIRDS):
                table[state, place[a, b, k, state, third]] += thirds[k, third]


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
