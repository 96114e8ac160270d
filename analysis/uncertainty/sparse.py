"""Contributions of pairs in large sparse circuits: only pairs that share a neighbour are visited.

A pair that is not connected and has no common neighbour is part of no connected triad; what it
contributes depends on the classes of its neurons only. All pairs are entered as if they were such,
class by class, and those that are not are corrected one by one. They are found neuron by neuron,
walking from i to k to later j, and counted by the states of both steps.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, line_kernel, sum_kernel
from analysis.uncertainty.bases import Bases, Fitted, empty_bases, fill_bases
from analysis.uncertainty.gains import add_gains, fill_thirds
from analysis.uncertainty.kinds import STATES, THIRDS, WITH_BOTH, Columns
from analysis.uncertainty.lanes import (
    Band,
    Means,
    Rows,
    empty_rows,
    fill_classes,
    fill_expected,
    runs,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
States = npt.NDArray[np.uint8]

APART = 4  # state of an unconnected pair with common neighbours


def sparse_contributions(
    circuit: Circuit,
    classes: Ints,
    order: Ints,
    bands: Iterable[Band],
    means: Means,
    sizes: Floats,
    fitted: Fitted,
) -> tuple[Floats, Floats, Floats]:
    """Enter all pairs of neurons, and visit those with a common neighbour.

    Parameters
    ----------
    circuit : Circuit
    classes : int64, shape (n,)
    order : int64, shape (n,)
        The neurons by class.
    bands, means, fitted
        The fitted null.
    sizes : float64, shape (K,)
        Of its classes.

    Returns
    -------
    observed, influence : float64, shape (n, C)
        By place in the order: instances over the pairs of a neuron, and what these contribute.
    square : float64, shape (C,)
        Sum of the squares of contributions.
    """
    labels, kinds = means.degrees.shape[1], fitted.inverse_t.size
    class_of = classes[order]
    label_of = means.labels[class_of]
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    lists = neighbours(circuit.indptr, circuit.indices, order, place, label_of, labels)
    rows, bases, first = empty_rows(labels), empty_bases(kinds), runs(means.labels)
    base, by_class = np.empty((sizes.size, STATES, kinds)), np.zeros((sizes.size, kinds))
    observed, influence = np.zeros((2, circuit.n, kinds))
    square, reached = np.zeros(kinds), np.zeros(circuit.n, np.int64)
    counters = np.zeros((circuit.n, labels, THIRDS), np.int32)
    state_of, touched = np.zeros(circuit.n, np.uint8), np.empty(circuit.n, np.int32)
    i = 0
    for band in bands:
        for line in range(len(band.one_way)):
            a = band.start + line
            _fill_base(base, band, means, fitted, first, rows, bases, line)
            enter_untouched(a, base, sizes, by_class, square)
            following = i + int(sizes[a])
            _correct(
                i, following, lists, reached, class_of, label_of, counters, state_of, touched,
                fitted.columns, base, fitted.inverse_t, observed, influence, square,
            )  # fmt: skip
            i = following
    return observed, influence + by_class[class_of], square


@line_kernel
def _fill_base(
    base: Floats,
    band: Band,
    means: Means,
    fitted: Fitted,
    first: Ints,
    rows: Rows,
    bases: Bases,
    line: int,
) -> None:
    """Fill −E_ij/E − R_ij of a class with all later ones by state of the pair, (K, 4, C)."""
    a = band.start + line
    for run in range(first.size - 1):
        begin, stop = max(a, first[run]), first[run + 1]
        if stop <= begin:
            continue
        fill_classes(rows, begin, base.shape[0])
        fill_expected(rows, band, means, line)
        fill_bases(bases, rows, means, fitted, a)
        for lane in range(stop - begin):
            for k in range(base.shape[2]):
                none = bases.none[k, lane]
                base[begin + lane, 0, k] = none
                for state in range(1, STATES):
                    base[begin + lane, state, k] = none - bases.slopes[state - 1, k, lane]


@sum_kernel
def _correct(
    i: int,
    following: int,
    lists: tuple[Ints, Ints, Floats],
    reached: Ints,
    class_of: Ints,
    label_of: Ints,
    counters: Places,
    state_of: States,
    touched: Places,
    columns: Columns,
    base: Floats,
    inverse_t: Floats,
    observed: Floats,
    influence: Floats,
    square: Floats,
) -> None:
    """Correct the pairs of the neurons from i on with later ones."""
    begins, entries, degrees = lists
    for one in range(i, following):
        correct_touched(
            one, begins, entries, reached, degrees, class_of, label_of, counters, state_of,
            touched, columns, base, inverse_t, observed, influence, square,
        )  # fmt: skip


@kernel
def neighbours(
    indptr: Ints, indices: Places, order: Ints, place: Ints, label_of: Ints, labels: int
) -> tuple[Ints, Ints, Floats]:
    """List the partners of every neuron in order of class.

    Returns
    -------
    begins : int64, shape (n + 1,)
    entries : int64
        Partner << 2 | state seen from the owner of the list (1 to it, 2 from it, 3 both), rising.
    degrees : float64, shape (n, 3, labels)
        One-way out-, one-way in- and mutual degree towards partners of every label.
    """
    n = indptr.size - 1
    begins = np.zeros(n + 1, np.int64)
    for a in range(n):
        i = order[a]
        begins[a + 1] += indptr[i + 1] - indptr[i]
        for k in range(indptr[i], indptr[i + 1]):
            begins[place[indices[k]] + 1] += 1
    for a in range(n):
        begins[a + 1] += begins[a]
    ends = begins[:-1].copy()
    entries = np.empty(begins[n], np.int64)
    for a in range(n):  # rising sources: all lists of sources rise
        i = order[a]
        for k in range(indptr[i], indptr[i + 1]):
            b = place[indices[k]]
            entries[ends[b]] = (a << 2) | 2
            ends[b] += 1
    for a in range(n):
        i = order[a]
        for k in range(indptr[i], indptr[i + 1]):
            entries[ends[a]] = (place[indices[k]] << 2) | 1
            ends[a] += 1
    degrees = np.zeros((n, 3, labels))
    last = 0
    for a in range(n):
        mine = np.sort(entries[begins[a] : begins[a + 1]])
        begins[a] = last
        k = 0
        while k < mine.size:
            both = k + 1 < mine.size and mine[k] >> 2 == mine[k + 1] >> 2
            entries[last] = mine[k] | 3 if both else mine[k]
            degrees[a, (entries[last] & 3) - 1, label_of[entries[last] >> 2]] += 1
            last += 1
            k += 2 if both else 1
    begins[n] = last
    return begins, entries[:last].copy(), degrees


@sum_kernel
def enter_untouched(
    first: int, base: Floats, sizes: Floats, influence: Floats, square: Floats
) -> None:
    """Enter all pairs of a class with itself and later ones as if they were part of no triad.

    Parameters
    ----------
    first : int
        The class.
    base : float64, shape (K, 4, C)
        What is in the row of the class for every state of a pair.
    sizes : float64, shape (K,)
    influence : float64, shape (K, C)
        By class of neuron; changed.
    square : float64, shape (C,)
        Changed.
    """
    for b in range(first, sizes.size):
        of_first = sizes[b] - 1 if b == first else sizes[b]
        of_later = 0.0 if b == first else sizes[first]
        pairs = sizes[first] * of_first / 2 if b == first else sizes[first] * of_first
        for k in range(square.size):
            none = base[b, 0, k]
            square[k] += pairs * none * none
            influence[first, k] += of_first * none
            influence[b, k] += of_later * none


@sum_kernel
def correct_touched(
    i: int,
    begins: Ints,
    entries: Ints,
    reached: Ints,
    degrees: Floats,
    class_of: Ints,
    label_of: Ints,
    counters: Places,
    state_of: States,
    touched: Places,
    columns: Columns,
    base: Floats,
    inverse_t: Floats,
    observed: Floats,
    influence: Floats,
    square: Floats,
) -> None:
    """Correct the pairs of neuron i with later ones that are connected or share a neighbour.

    Parameters
    ----------
    i : int
        Neurons are given in rising order: `reached` holds how far each list was followed.
    reached : int64, shape (n,)
    counters : int32, shape (n, L, 16)
        Third neurons by label and the states of both steps.
    state_of : uint8, shape (n,)
        0 apart, 1 to 3 connected, 4 unconnected with common neighbours.
    touched : int32, shape (n,)
    """
    number = 0
    kinds, labels = inverse_t.size, degrees.shape[2]
    place_of = columns.place
    gains, found = np.empty(kinds + 1), np.zeros((labels, THIRDS))
    for e in range(begins[i], begins[i + 1]):
        j = entries[e] >> 2
        if j > i:
            state_of[j] = entries[e] & 3
            touched[number] = j
            number += 1
    for e in range(begins[i], begins[i + 1]):
        k, step = entries[e] >> 2, (entries[e] & 3) << 2
        reached[k] += 1  # i itself: what follows in the list of k is later
        for f in range(begins[k] + reached[k], begins[k + 1]):
            j = entries[f] >> 2
            if state_of[j] == 0:
                state_of[j] = APART
                touched[number] = j
                number += 1
            seen = entries[f] & 3  # from k: from j it is turned around
            counters[j, label_of[k], step | ((seen << 1 | seen >> 1) & 3)] += 1
    for place in range(number):
        j = touched[place]
        a, b = label_of[i], label_of[j]
        state = state_of[j]
        row = base[class_of[j]]
        if state == APART:
            # Few kinds: those that some third neuron makes with the pair.
            for label in range(labels):
                for third in WITH_BOTH:
                    gains[place_of[a, b, label, 0, third]] = 0
            for label in range(labels):
                for third in WITH_BOTH:
                    gains[place_of[a, b, label, 0, third]] += counters[j, label, third]
            gains[kinds] = 0
            for label in range(labels):
                for third in WITH_BOTH:
                    k = place_of[a, b, label, 0, third]
                    count = gains[k]
                    if count == 0:
                        continue
                    gains[k] = 0  # entered once, though several thirds make it
                    share = count * inverse_t[k]
                    square[k] += share * (share + 2 * row[0, k])
                    observed[i, k] += count
                    observed[j, k] += count
                    influence[i, k] += share
                    influence[j, k] += share
        else:
            f, n, r = state == 1, state == 2, state == 3
            for label in range(labels):
                line = counters[j, label]
                # The two are not third neurons of their own.
                of_i, of_j = a == label, b == label
                fill_thirds(
                    found, label,
                    degrees[i, 0, label] - f * of_j, degrees[i, 1, label] - n * of_j,
                    degrees[i, 2, label] - r * of_j, degrees[j, 0, label] - n * of_i,
                    degrees[j, 1, label] - f * of_i, degrees[j, 2, label] - r * of_i,
                    line[1 << 2 | 2], line[2 << 2 | 1], line[1 << 2 | 1], line[2 << 2 | 2],
                    line[1 << 2 | 3], line[3 << 2 | 1], line[3 << 2 | 2], line[2 << 2 | 3],
                    line[3 << 2 | 3],
                )  # fmt: skip
            gains[:] = 0
            add_gains(gains, found, columns, a, b, state)
            for k in range(kinds):
                share = gains[k] * inverse_t[k] + row[state, k]
                none = row[0, k]
                square[k] += share * share - none * none
                observed[i, k] += gains[k]
                observed[j, k] += gains[k]
                influence[i, k] += share - none
                influence[j, k] += share - none
        counters[j] = 0
        state_of[j] = 0
