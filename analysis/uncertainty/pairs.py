"""What neurons and pairs contribute to the effect of a motif, refit of the null included.

The effect is log(T/E) with E fitted to the circuit. A pair contributes its share of the observed
instances, less its share of the expected ones, less what its own state shifts the fit by: with
T_ij, E_ij the counts over the pair, Q_ij = T_ij/T − E_ij/E − R_ij. Only Σ Q_ij² and the sums over
the pairs of each neuron are kept, so memory is that of the bit rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, popcount, sum_kernel
from analysis.nulls.bands import Bands, Products
from analysis.nulls.dyads import DyadModel
from analysis.nulls.parameters import Parameters
from analysis.uncertainty.fitted import Expectation
from analysis.uncertainty.gains import add_gains, fill_all_thirds, fill_gains, fill_thirds
from analysis.uncertainty.kinds import STATES, THIRDS, Columns, Kinds, untyped
from analysis.uncertainty.slopes import Slopes
from analysis.uncertainty.sparse import correct_touched, enter_untouched, neighbours

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]
ONE = np.uint64(1)
Path = Literal["dense", "sparse"]

# Seconds, as measured: of the dense path for a neuron cubed and for a pair; of the sparse path for
# a step between neighbours and for a pair that is reached.
CUBE, PAIR, STEP, REACHED = 2.6e-11, 2e-8, 3e-9, 6e-8


class _Band(NamedTuple):
    """Rows `start` … of the matrices of a model, and their nine products with later columns."""

    start: int
    u: Floats
    v: Floats
    m: Floats
    products: Products


class _Fitted(NamedTuple):
    """A fitted null and its slopes by class or cell, and 1/T and 1/E; class a begins at starts[a].

    The other names are those of `Bands` and `Slopes`.
    """

    own_u: Floats
    own_m: Floats
    degrees: tuple[Floats, Floats, Floats]
    sizes: Floats
    labels: Ints
    columns: Columns
    cells: Places
    by_cell: bool
    forth: Floats
    back: Floats
    mutual: Floats
    starts: Ints
    inverse_t: Floats
    inverse_e: Floats


@dataclass(frozen=True, eq=False)
class Contributions:
    """Sums over pairs; the last axis are C kinds of instances.

    Attributes
    ----------
    observed : float64, shape (n, C)
        T_i: instances that a neuron is part of.
    influence : float64, shape (n, C)
        Σ_j Q_ij.
    square : float64, shape (C,)
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
    path: Path | None = None,
    kinds: Kinds | None = None,
) -> Contributions:
    """Run through all pairs of neurons, class by class.

    Parameters
    ----------
    circuit : Circuit
        All of whose pairs are observable.
    model, bands, parameters, expected, slopes
        The fitted null.
    counts : float64, shape (C,)
        T of every kind.
    path : str, optional
        `dense` (bit rows of all neurons) or `sparse` (pairs that share a neighbour); default the
        quicker one. The numbers are the same.
    kinds : Kinds, optional
        Of the labels of the bands; default `MOTIFS`.
    """
    kinds = kinds or untyped()
    order = np.argsort(model.classes, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    observed, influence = np.zeros((2, circuit.n, kinds.number))
    square = np.zeros(kinds.number)
    inverse_t, inverse_e = (
        np.divide(1.0, x, out=np.zeros_like(x), where=x > 0) for x in (counts, expected.total)
    )
    fitted = _Fitted(
        bands.own_one_way, bands.own_mutual, (bands.out, bands.into, bands.both), bands.sizes,
        bands.labels, kinds.columns,
        np.zeros((0, 0), np.int32) if parameters.cells is None else parameters.cells,
        parameters.cells is not None, slopes.forth, slopes.back, slopes.mutual,
        np.concatenate([[0], np.cumsum(model.sizes)]).astype(np.int64), inverse_t, inverse_e,
    )  # fmt: skip
    rows = (
        _Band(
            start, bands.one_way[start:stop], bands.back[start:stop], bands.mutual[start:stop],
            products,
        )
        for start, stop, products in bands
    )  # fmt: skip
    if (path or quicker(circuit)) == "dense":
        words = _words(bands.labels[model.classes[order]], len(bands.out))
        bits, degrees = _bit_rows(circuit.indptr, circuit.indices, place, *words)
        for band in rows:
            _add_band(band, fitted, bits, *words, degrees, observed, influence, square)
    else:
        label_of = bands.labels[model.classes[order]]
        lists = neighbours(circuit.indptr, circuit.indices, order, place, label_of, len(bands.out))
        by_class = np.zeros((bands.sizes.size, kinds.number))
        reached = np.zeros(circuit.n, np.int64)
        class_of = model.classes[order]
        for band in rows:
            _correct_band(
                band,
                fitted,
                class_of,
                label_of,
                lists,
                reached,
                by_class,
                observed,
                influence,
                square,
            )
        influence += by_class[class_of]
    observed /= np.maximum(kinds.pairs - 1, 1)  # a neuron of a triad sees it in two pairs
    return Contributions(observed[place], influence[place], square)


def quicker(circuit: Circuit) -> Path:
    """Path that takes less time, from what each has to count."""
    dense, sparse = seconds(circuit)
    return "dense" if dense <= sparse else "sparse"


def seconds(circuit: Circuit) -> tuple[float, float]:
    """Estimate the time of the dense and of the sparse path, s, from the circuit alone."""
    n = circuit.n
    degrees = np.diff(circuit.indptr) + np.bincount(circuit.indices, minlength=n)
    steps = float((degrees.astype(np.float64) ** 2).sum()) / 2
    return n**3 * CUBE + n**2 / 2 * PAIR, steps * STEP + min(steps, n**2 / 2) * REACHED


def _words(label_of: Ints, labels: int) -> tuple[Ints, Ints]:
    """Give every neuron a bit, so that neurons of different labels are in different words.

    Parameters
    ----------
    label_of : int64, shape (n,)

    Returns
    -------
    bit_of : int64, shape (n,)
    begins : int64, shape (labels + 1,)
        First word of every label.
    """
    sizes = np.bincount(label_of, minlength=labels)
    begins = np.concatenate([[0], np.cumsum((sizes + 63) // 64)]).astype(np.int64)
    order = np.argsort(label_of, kind="stable")
    bit_of = np.empty(label_of.size, np.int64)
    firsts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    bit_of[order] = np.arange(label_of.size) - firsts + 64 * begins[label_of[order]]
    return bit_of, begins


@kernel
def _bit_rows(
    indptr: Ints, indices: Places, place: Ints, bit_of: Ints, begins: Ints
) -> tuple[Words, Floats]:
    """Bit rows of one-way outputs, inputs and mutual partners, shape (n, 3, words), and degrees.

    Degrees are towards partners of every label, shape (n, 3, L).
    """
    n = indptr.size - 1
    rows = np.zeros((n, 3, begins[-1]), np.uint64)
    for i in range(n):
        a = place[i]
        for k in range(indptr[i], indptr[i + 1]):
            b = place[indices[k]]
            rows[a, 0, bit_of[b] >> 6] |= ONE << np.uint64(bit_of[b] & 63)
            rows[b, 1, bit_of[a] >> 6] |= ONE << np.uint64(bit_of[a] & 63)
    degrees = np.zeros((n, 3, begins.size - 1))
    for a in range(n):
        for label in range(begins.size - 1):
            for w in range(begins[label], begins[label + 1]):
                both = rows[a, 0, w] & rows[a, 1, w]
                rows[a, 0, w] ^= both
                rows[a, 1, w] ^= both
                rows[a, 2, w] = both
                for kind in range(3):
                    degrees[a, kind, label] += popcount(rows[a, kind, w])
    return rows, degrees


@sum_kernel
def _fill_base(
    base: Floats,
    band: _Band,
    row: int,
    b: int,
    fitted: _Fitted,
    table: Floats,
    thirds: Floats,
    slopes: Floats,
) -> None:
    """Fill −E_ij/E − R_ij of a pair of classes by state of the pair, shape (4, C)."""
    a = band.start + row
    f, w, r = band.u[row, b], band.v[row, b], band.m[row, b]
    labels = fitted.labels
    fill_all_thirds(
        thirds, labels[a], labels[b], f, w, r,
        fitted.own_u[a], fitted.own_u[b], fitted.own_m[a], fitted.own_m[b],
        a, b, fitted.degrees, row, b - band.start, band.products,
    )  # fmt: skip
    fill_gains(table, thirds, fitted.columns, labels[a], labels[b])
    number = fitted.inverse_e.size
    forth, back, mutual = slopes[1], slopes[2], slopes[3]
    if fitted.by_cell:
        ab, ba = fitted.cells[a, b], fitted.cells[b, a]
        for k in range(number):
            forth[k], back[k] = fitted.forth[ab, k], fitted.forth[ba, k]
            mutual[k] = fitted.mutual[ab, k] + fitted.mutual[ba, k]
    else:
        for k in range(number):
            forth[k] = fitted.forth[a, k] + fitted.back[b, k]
            back[k] = fitted.forth[b, k] + fitted.back[a, k]
            mutual[k] = fitted.mutual[a, k] + fitted.mutual[b, k]
    e = max(0.0, 1 - f - w - r)
    for k in range(number):
        mean = e * table[0, k] + f * table[1, k] + w * table[2, k] + r * table[3, k]
        none = f * forth[k] + w * back[k] + r * mutual[k] - mean * fitted.inverse_e[k]
        base[0, k] = none
        base[1, k] = none - forth[k]
        base[2, k] = none - back[k]
        base[3, k] = none - mutual[k]


@sum_kernel
def _add_band(
    band: _Band,
    fitted: _Fitted,
    bits: Words,
    bit_of: Ints,
    begins: Ints,
    degrees: Floats,
    observed: Floats,
    influence: Floats,
    square: Floats,
) -> None:
    """Add the pairs of the neurons of a band of classes with all later neurons."""
    starts, inverse_t, labels = fitted.starts, fitted.inverse_t, fitted.labels
    classes, number, kinds = starts.size - 1, inverse_t.size, begins.size - 1
    base, slopes = np.empty((STATES, number)), np.empty((STATES, number))
    table, thirds = np.empty((STATES, number + 1)), np.zeros((kinds, THIRDS))
    gains, found = np.empty(number + 1), np.zeros((kinds, THIRDS))
    for row in range(band.u.shape[0]):
        a = band.start + row
        for b in range(a, classes):
            _fill_base(base, band, row, b, fitted, table, thirds, slopes)
            of_a, of_b = labels[a], labels[b]
            for i in range(starts[a], starts[a + 1]):
                for j in range(max(i + 1, starts[b]), starts[b + 1]):
                    bit, word = np.uint64(bit_of[j] & 63), bit_of[j] >> 6
                    f = (bits[i, 0, word] >> bit) & ONE
                    n = (bits[i, 1, word] >> bit) & ONE
                    r = (bits[i, 2, word] >> bit) & ONE
                    state = np.int64(f + n + n + r + r + r)
                    for label in range(kinds):
                        x = y = s = d = p = q = g = h = t = 0
                        # Places that cannot be negative: the loop takes several words at once.
                        for w in range(np.uint64(begins[label]), np.uint64(begins[label + 1])):
                            oi, ni, mi = bits[i, 0, w], bits[i, 1, w], bits[i, 2, w]
                            oj, nj, mj = bits[j, 0, w], bits[j, 1, w], bits[j, 2, w]
                            x += popcount(oi & nj)
                            y += popcount(oj & ni)
                            s += popcount(oi & oj)
                            d += popcount(ni & nj)
                            p += popcount(oi & mj)
                            q += popcount(oj & mi)
                            g += popcount(mi & nj)
                            h += popcount(mj & ni)
                            t += popcount(mi & mj)
                        # The two are not third neurons of their own.
                        with_i, with_j = of_a == label, of_b == label
                        fill_thirds(
                            found, label,
                            degrees[i, 0, label] - f * with_j, degrees[i, 1, label] - n * with_j,
                            degrees[i, 2, label] - r * with_j, degrees[j, 0, label] - n * with_i,
                            degrees[j, 1, label] - f * with_i, degrees[j, 2, label] - r * with_i,
                            x, y, s, d, p, q, g, h, t,
                        )  # fmt: skip
                    gains[:] = 0
                    add_gains(gains, found, fitted.columns, of_a, of_b, state)
                    for k in range(number):
                        count = gains[k]
                        share = count * inverse_t[k] + base[state, k]
                        square[k] += share * share
                        observed[i, k] += count
                        observed[j, k] += count
                        influence[i, k] += share
                        influence[j, k] += share


@sum_kernel
def _correct_band(
    band: _Band,
    fitted: _Fitted,
    class_of: Ints,
    label_of: Ints,
    lists: tuple[Ints, Ints, Floats],
    reached: Ints,
    by_class: Floats,
    observed: Floats,
    influence: Floats,
    square: Floats,
) -> None:
    """Add the pairs of a band of classes, visiting those with a common neighbour."""
    begins, entries, degrees = lists
    starts, inverse_t = fitted.starts, fitted.inverse_t
    classes, number, n = starts.size - 1, inverse_t.size, class_of.size
    kinds = degrees.shape[2]
    base, slopes = np.empty((classes, STATES, number)), np.empty((STATES, number))
    table, thirds = np.empty((STATES, number + 1)), np.zeros((kinds, THIRDS))
    counters, state_of = np.zeros((n, kinds, THIRDS), np.int32), np.zeros(n, np.uint8)
    touched = np.empty(n, np.int32)
    for row in range(band.u.shape[0]):
        a = band.start + row
        for b in range(a, classes):
            _fill_base(base[b], band, row, b, fitted, table, thirds, slopes)
        enter_untouched(a, base, fitted.sizes, by_class, square)
        for i in range(starts[a], starts[a + 1]):
            correct_touched(
                i, begins, entries, reached, degrees, class_of, label_of, counters, state_of,
                touched, fitted.columns, base, inverse_t, observed, influence, square,
            )  # fmt: skip
