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
from analysis.uncertainty.kinds import PAIR, STATES, THIRDS, TRIADS, Columns

Table = npt.NDArray[np.float64]

MOTIFS = (*TRIADS, PAIR)
NUMBER = len(MOTIFS)
# How often a sum over pairs counts a motif, and how many neurons it has.
PAIRS_OF = np.array([3.0] * (NUMBER - 1) + [1.0])
NEURONS_OF = np.array([3.0] * (NUMBER - 1) + [2.0])


@sum_kernel
def fill_thirds(
    thirds: Table,
    oi: float, ni: float, bi: float, oj: float, nj: float, bj: float,
    x: float, y: float, s: float, d: float, p: float, q: float, g: float, h: float, t: float,
) -> None:  # fmt: skip
    """Fill the numbers of third neurons k by their states, shape (16,): 4 · (i, k) + (j, k).

    Parameters
    ----------
    thirds : float64, shape (16,)
        The first, of those without a connection to either, is not filled.
    oi, ni, bi, oj, nj, bj : float
        One-way out-, one-way in- and mutual degrees, each without the other neuron of the pair.
    x, y, s, d, p, q, g, h, t : float
        Third neurons k with i → k → j, j → k → i, i → k ← j, i ← k → j, i → k ↔ j, j → k ↔ i,
        i ↔ k → j, j ↔ k → i, i ↔ k ↔ j.
    """
    thirds[1], thirds[2], thirds[3] = oj - y - s - q, nj - x - d - g, bj - p - h - t
    thirds[4], thirds[5], thirds[6], thirds[7] = oi - x - s - p, s, x, p
    thirds[8], thirds[9], thirds[10], thirds[11] = ni - y - d - h, y, d, h
    thirds[12], thirds[13], thirds[14], thirds[15] = bi - q - g - t, q, g, t


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
            thirds[k],
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
        for state in range(STATES):
            add_gains(table[state], thirds[k], place[a, b, k, state])


@sum_kernel
def add_gains(gains: Table, thirds: Table, place: npt.NDArray[np.int32]) -> None:
    """Add the third neurons of one label to the gains of a pair in one state.

    Parameters
    ----------
    gains : float64, shape (C + 1,)
    thirds : float64, shape (16,)
    place : int32, shape (16,)
        Column of each.
    """
    for k in range(1, THIRDS):
        gains[place[k]] += thirds[k]
