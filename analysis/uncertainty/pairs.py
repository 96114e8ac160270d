"""What neurons and pairs contribute to the effect of a motif, refit of the null included.

The effect is log(T/E) with E fitted to the circuit. A pair contributes its share of the observed
instances, less its share of the expected ones, less what its own state shifts the fit by: with
T_ij, E_ij the counts over the pair, Q_ij = T_ij/T − E_ij/E − R_ij. Only Σ Q_ij² and the sums over
the pairs of each neuron are kept, so memory is that of the bit rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, popcount, sum_kernel
from analysis.nulls.bands import Bands, Products
from analysis.nulls.dyads import DyadModel
from analysis.nulls.parameters import Parameters
from analysis.uncertainty.fitted import Expectation
from analysis.uncertainty.gains import NUMBER, STATES, empty_gains, fill_expected, fill_gains
from analysis.uncertainty.slopes import Slopes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]
ONE = np.uint64(1)


@dataclass(frozen=True, eq=False)
class Contributions:
    """Sums over pairs; the last axis is `MOTIFS`.

    Attributes
    ----------
    observed : float64, shape (n, 14)
        T_i: instances that a neuron is part of.
    influence : float64, shape (n, 14)
        Σ_j Q_ij.
    square : float64, shape (14,)
        Σ_{i<j} Q_ij².
    """

    observed: Floats
    influence: Floats
    square: Floats


def contributions(
    circuit: Circuit,
    model: DyadModel,
    bands: Bands,
    parameters: Parameters,
    expected: Expectation,
    slopes: Slopes,
    counts: Floats,
) -> Contributions:
    """Run through all pairs of neurons, class by class.

    Parameters
    ----------
    circuit : Circuit
        All of whose pairs are observable.
    model, bands, parameters, expected, slopes
        The fitted null.
    counts : float64, shape (14,)
        T of every motif.
    """
    order = np.argsort(model.classes, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    rows, degrees = _bit_rows(circuit.indptr, circuit.indices, place)
    starts = np.concatenate([[0], np.cumsum(model.sizes)]).astype(np.int64)
    cells = np.zeros((0, 0), np.int32) if parameters.cells is None else parameters.cells
    observed, influence = np.zeros((2, circuit.n, NUMBER))
    square = np.zeros(NUMBER)
    inverse_t, inverse_e = (
        np.divide(1.0, x, out=np.zeros_like(x), where=x > 0) for x in (counts, expected.total)
    )
    for start, stop, products in bands:
        _add_band(
            start, bands.one_way[start:stop], bands.back[start:stop], bands.mutual[start:stop],
            products, bands.own_one_way, bands.own_mutual, bands.out, bands.into, bands.both,
            cells, parameters.cells is not None, slopes.forth, slopes.back, slopes.mutual,
            starts, rows, degrees, inverse_t, inverse_e, empty_gains(), empty_gains(),
            observed, influence, square,
        )  # fmt: skip
    observed[:, :-1] /= 2  # a neuron of a triad sees it in two pairs
    return Contributions(observed[place], influence[place], square)


@kernel
def _bit_rows(indptr: Ints, indices: Places, place: Ints) -> tuple[Words, Floats]:
    """Bit rows of one-way outputs, inputs and mutual partners, shape (n, 3, words), and degrees."""
    n = indptr.size - 1
    rows = np.zeros((n, 3, (n + 63) // 64), np.uint64)
    for i in range(n):
        a = place[i]
        for k in range(indptr[i], indptr[i + 1]):
            b = place[indices[k]]
            rows[a, 0, b >> 6] |= ONE << np.uint64(b & 63)
            rows[b, 1, a >> 6] |= ONE << np.uint64(a & 63)
    degrees = np.zeros((n, 3))
    for a in range(n):
        for w in range(rows.shape[2]):
            both = rows[a, 0, w] & rows[a, 1, w]
            rows[a, 0, w] ^= both
            rows[a, 1, w] ^= both
            rows[a, 2, w] = both
            for kind in range(3):
                degrees[a, kind] += popcount(rows[a, kind, w])
    return rows, degrees


@sum_kernel
def _fill_base(
    base: Floats,
    table: Floats,
    f: float,
    b: float,
    r: float,
    forth: Floats,
    back: Floats,
    mutual: Floats,
    inverse_e: Floats,
) -> None:
    """Fill −E_ij/E − R_ij of a pair of classes by state of the pair, shape (4, 14)."""
    e = max(0.0, 1 - f - b - r)
    for k in range(inverse_e.size):
        mean = e * table[0, k] + f * table[1, k] + b * table[2, k] + r * table[3, k]
        none = f * forth[k] + b * back[k] + r * mutual[k] - mean * inverse_e[k]
        base[0, k] = none
        base[1, k] = none - forth[k]
        base[2, k] = none - back[k]
        base[3, k] = none - mutual[k]


@sum_kernel
def _add_band(
    start: int,
    u: Floats,
    v: Floats,
    m: Floats,
    products: Products,
    own_u: Floats,
    own_m: Floats,
    out: Floats,
    into: Floats,
    both: Floats,
    cells: Places,
    by_cell: bool,
    slope_forth: Floats,
    slope_back: Floats,
    slope_mutual: Floats,
    starts: Ints,
    rows: Words,
    degrees: Floats,
    inverse_t: Floats,
    inverse_e: Floats,
    table: Floats,
    gains: Floats,
    observed: Floats,
    influence: Floats,
    square: Floats,
) -> None:
    """Add the pairs of the neurons of a band of classes with all later neurons."""
    uu, uu_t, uut, utu, um, um_t, mu, mu_t, mm = products
    classes, number = starts.size - 1, inverse_t.size
    words = rows.shape[2]
    base = np.empty((STATES, number))
    forth, back, mutual = np.empty(number), np.empty(number), np.empty(number)
    for row in range(u.shape[0]):
        a = start + row
        for b in range(a, classes):
            c = b - start
            fill_expected(
                table, u[row, b], v[row, b], m[row, b],
                own_u[a], own_u[b], own_m[a], own_m[b],
                out[a], into[a], both[a], out[b], into[b], both[b],
                uu[row, c], uu_t[row, c], uut[row, c], utu[row, c], um[row, c], um_t[row, c],
                mu[row, c], mu_t[row, c], mm[row, c],
            )  # fmt: skip
            if by_cell:
                ab, ba = cells[a, b], cells[b, a]
                for k in range(number):
                    forth[k], back[k] = slope_forth[ab, k], slope_forth[ba, k]
                    mutual[k] = slope_mutual[ab, k] + slope_mutual[ba, k]
            else:
                for k in range(number):
                    forth[k] = slope_forth[a, k] + slope_back[b, k]
                    back[k] = slope_forth[b, k] + slope_back[a, k]
                    mutual[k] = slope_mutual[a, k] + slope_mutual[b, k]
            _fill_base(base, table, u[row, b], v[row, b], m[row, b], forth, back, mutual, inverse_e)
            for i in range(starts[a], starts[a + 1]):
                for j in range(max(i + 1, starts[b]), starts[b + 1]):
                    x = y = s = d = p = q = g = h = t = 0
                    for w in range(words):
                        oi, ni, mi = rows[i, 0, w], rows[i, 1, w], rows[i, 2, w]
                        oj, nj, mj = rows[j, 0, w], rows[j, 1, w], rows[j, 2, w]
                        x += popcount(oi & nj)
                        y += popcount(oj & ni)
                        s += popcount(oi & oj)
                        d += popcount(ni & nj)
                        p += popcount(oi & mj)
                        q += popcount(oj & mi)
                        g += popcount(mi & nj)
                        h += popcount(mj & ni)
                        t += popcount(mi & mj)
                    bit, word = np.uint64(j & 63), j >> 6
                    f = (rows[i, 0, word] >> bit) & ONE
                    n = (rows[i, 1, word] >> bit) & ONE
                    r = (rows[i, 2, word] >> bit) & ONE
                    state = np.int64(f + n + n + r + r + r)
                    fill_gains(
                        gains,
                        degrees[i, 0] - f, degrees[i, 1] - n, degrees[i, 2] - r,
                        degrees[j, 0] - n, degrees[j, 1] - f, degrees[j, 2] - r,
                        x, y, s, d, p, q, g, h, t,
                    )  # fmt: skip
                    for k in range(number):
                        count = gains[state, k]
                        share = count * inverse_t[k] + base[state, k]
                        square[k] += share * share
                        observed[i, k] += count
                        observed[j, k] += count
                        influence[i, k] += share
                        influence[j, k] += share
