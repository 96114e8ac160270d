"""How many triads of each kind a pair of neurons completes, for each state the pair could be in.

For a pair i, j in one of its states (none, i → j, j → i, mutual), a motif's gain is the number of
third neurons that complete it. It follows from nine numbers of common neighbours and the degrees,
whether these are counts (of a circuit) or expectations (of a null). The fourteenth motif is the
pair itself: mutual.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.compiled import sum_kernel
from analysis.motifs.triads import CLOSED, OPEN

Table = npt.NDArray[np.float64]

PAIR = "mutual"
MOTIFS = (*OPEN, *CLOSED, PAIR)
NUMBER = len(MOTIFS)
# How often a sum over pairs counts a motif, and how many neurons it has.
PAIRS_OF = np.array([3.0] * (NUMBER - 1) + [1.0])
NEURONS_OF = np.array([3.0] * (NUMBER - 1) + [2.0])
STATES = 4  # none, forth, back, mutual


def empty_gains() -> Table:
    """Return a table for `fill_gains`, shape (4, 14): what it never fills is right already."""
    table = np.zeros((STATES, NUMBER))
    table[3, NUMBER - 1] = 1
    return table


@sum_kernel
def fill_gains(
    table: Table,
    oi: float, ni: float, bi: float, oj: float, nj: float, bj: float,
    x: float, y: float, s: float, d: float, p: float, q: float, g: float, h: float, t: float,
) -> None:  # fmt: skip
    """Fill the gains of a pair i, j, shape (4, 14): state of the pair, motif in `MOTIFS`.

    Parameters
    ----------
    table : float64, shape (4, 14)
        From `empty_gains`.
    oi, ni, bi, oj, nj, bj : float
        One-way out-, one-way in- and mutual degrees, each without the other neuron of the pair.
    x, y, s, d, p, q, g, h, t : float
        Third neurons k with i → k → j, j → k → i, i → k ← j, i ← k → j, i → k ↔ j, j → k ↔ i,
        i ↔ k → j, j ↔ k → i, i ↔ k ↔ j.
    """
    # Third neurons with a connection to one end only.
    un, un_t = oi - x - s - p, oj - y - s - q  # i → k, j → k
    nu, nu_t = nj - x - d - g, ni - y - d - h  # k → j, k → i
    mn, nm = bi - q - g - t, bj - p - h - t  # i ↔ k, j ↔ k
    none, forth, back, mutual = table[0], table[1], table[2], table[3]
    none[0], forth[0], back[0] = d, un, un_t  # 021D
    none[1], forth[1], back[1] = s, nu, nu_t  # 021U
    none[2], forth[2], back[2] = x + y, un_t + nu_t, un + nu  # 021C
    none[3], forth[3], back[3], mutual[3] = p + q, nm, mn, nu + nu_t  # 111D
    none[4], forth[4], back[4], mutual[4] = g + h, mn, nm, un + un_t  # 111U
    none[5], mutual[5] = t, mn + nm  # 201
    forth[6], back[6] = x + s + d, y + s + d  # 030T
    forth[7], back[7] = y, x  # 030C
    forth[8], back[8], mutual[8] = p, q, d  # 120D
    forth[9], back[9], mutual[9] = g, h, s  # 120U
    forth[10], back[10], mutual[10] = q + h, p + g, x + y  # 120C
    forth[11], back[11], mutual[11] = t, t, p + q + g + h  # 210
    mutual[12] = t  # 300


@sum_kernel
def fill_expected(
    table: Table,
    f: float, b: float, r: float, ui: float, uj: float, mi: float, mj: float,
    oi: float, ni: float, bi: float, oj: float, nj: float, bj: float,
    uu: float, uu_t: float, uut: float, utu: float,
    um: float, um_t: float, mu: float, mu_t: float, mm: float,
) -> None:  # fmt: skip
    """Fill the expected gains of a pair of neurons of two classes from products of probabilities.

    Parameters
    ----------
    table : float64, shape (4, 14)
    f, b, r : float
        Probabilities of the pair: forth only, back only, mutual.
    ui, uj, mi, mj : float
        One-way and mutual probabilities within the class of each neuron.
    oi, ni, bi, oj, nj, bj : float
        Expected degrees over all partners.
    uu, uu_t, uut, utu, um, um_t, mu, mu_t, mm : float
        Entries of the nine products; their terms whose third neuron is i or j are taken out here.
    """
    fill_gains(
        table,
        oi - f, ni - b, bi - r, oj - b, nj - f, bj - r,
        uu - f * (ui + uj), uu_t - b * (ui + uj),
        uut - ui * b - f * uj, utu - ui * f - b * uj,
        um - ui * r - f * mj, um_t - mi * b - r * uj,
        mu - mi * f - r * uj, mu_t - ui * r - b * mj,
        mm - r * (mi + mj),
    )  # fmt: skip
