"""Contributions of all pairs of a circuit by bit rows, one neuron with `LANES` others at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, line_kernel, popcount
from analysis.uncertainty.bases import Bases, Fitted, empty_bases, fill_bases
from analysis.uncertainty.kinds import STATES, THIRDS
from analysis.uncertainty.lanes import (
    Band,
    Means,
    Rows,
    add_kinds,
    aligned,
    empty_rows,
    fill_ends,
    fill_expected,
    runs,
)
from analysis.uncertainty.vectors import (
    LANES,
    bits,
    everywhere,
    row,
    set_row,
    shared_by_kind,
    total,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]
ONE = np.uint64(1)
TOGETHER = 16  # classes that go through a run while it is in the cache


class _Seen(NamedTuple):
    """A circuit as bits, the neurons in order of class.

    Attributes
    ----------
    starts : int64, shape (K + 1,)
        First neuron of each class.
    class_of : int64, shape (n,)
    runs : int64, shape (R + 1,)
        Where runs of at most `LANES` neurons of one label begin.
    bit_of : int64, shape (n,)
        Bit of each neuron in the words.
    begins : int64, shape (L + 1,)
        First word of every label.
    mine : uint64, shape (n, words + 1, 3)
        Bits of one-way outputs, inputs and mutual partners; the last word is empty.
    theirs : uint64, shape (R, words, 3, LANES)
        The same run by run.
    degrees : float64, shape (n, 3, L)
        Towards partners of every label.
    of_runs : float64, shape (R, L, 3, LANES)
        The same run by run.
    """

    starts: Ints
    class_of: Ints
    runs: Ints
    bit_of: Ints
    begins: Ints
    mine: Words
    theirs: Words
    degrees: Floats
    of_runs: Floats


class _Room(NamedTuple):
    """Room to work in, and sums of what is observed and contributed.

    Attributes
    ----------
    expected, observed : Rows
    bases : Bases
    found : float64, shape (1, C, LANES)
        Instances over every pair.
    of_one, of_others : float64, shapes (2, n, C) and (2, R, C, LANES)
        Sums over the pairs of the earlier and of the later neurons.
    squares : float64, shape (C, LANES)
    """

    expected: Rows
    observed: Rows
    bases: Bases
    found: Floats
    of_one: Floats
    of_others: Floats
    squares: Floats


def dense_contributions(
    circuit: Circuit,
    classes: Ints,
    order: Ints,
    bands: Iterable[Band],
    means: Means,
    fitted: Fitted,
) -> tuple[Floats, Floats, Floats]:
    """Run through all pairs of neurons.

    Parameters
    ----------
    circuit : Circuit
    classes : int64, shape (n,)
    order : int64, shape (n,)
        The neurons by class.
    bands, means, fitted
        The fitted null.

    Returns
    -------
    observed, influence : float64, shape (n, C)
        By place in the order: instances over the pairs of a neuron, and what these contribute.
    square : float64, shape (C,)
        Sum of the squares of contributions.
    """
    labels, kinds = means.degrees.shape[1], fitted.inverse_t.size
    seen = _seen(circuit, classes[order], order, means.labels, labels)
    turns = seen.runs.size - 1
    room = _Room(
        empty_rows(labels), empty_rows(labels), empty_bases(kinds), aligned(1, kinds, LANES),
        np.zeros((2, circuit.n, kinds)), aligned(2, turns, kinds, LANES), aligned(kinds, LANES),
    )  # fmt: skip
    for band in bands:
        _add_band(band, means, fitted, seen, room)
    run = np.repeat(np.arange(turns), np.diff(seen.runs))
    lane = np.arange(circuit.n) - seen.runs[run]
    observed, influence = room.of_one + room.of_others[:, run, :, lane].transpose(1, 0, 2)
    return observed, influence, room.squares.sum(1)


def _seen(
    circuit: Circuit, class_of: Ints, order: Ints, label_of_class: Ints, labels: int
) -> _Seen:
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    label_of = label_of_class[class_of]
    bit_of, begins = _words(label_of, labels)
    first = runs(label_of)
    mine = _bit_rows(circuit.indptr, circuit.indices, place, bit_of, int(begins[-1]))
    degrees = _degrees(mine, begins)
    theirs, of_runs = _by_run(mine, degrees, first)
    starts = np.searchsorted(class_of, np.arange(label_of_class.size + 1)).astype(np.int64)
    return _Seen(starts, class_of, first, bit_of, begins, mine, theirs, degrees, of_runs)


def _words(label_of: Ints, labels: int) -> tuple[Ints, Ints]:
    """Give every neuron a bit, so that neurons of different labels are in different words.

    Neurons of a label have successive bits.

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
def _bit_rows(indptr: Ints, indices: Places, place: Ints, bit_of: Ints, words: int) -> Words:
    """Return `_Seen.mine`."""
    n = indptr.size - 1
    rows = np.zeros((n, words + 1, 3), np.uint64)
    for i in range(n):
        a = place[i]
        for k in range(indptr[i], indptr[i + 1]):
            b = place[indices[k]]
            rows[a, bit_of[b] >> 6, 0] |= ONE << np.uint64(bit_of[b] & 63)
            rows[b, bit_of[a] >> 6, 1] |= ONE << np.uint64(bit_of[a] & 63)
    for a in range(n):
        for w in range(words):
            both = rows[a, w, 0] & rows[a, w, 1]
            rows[a, w, 0] ^= both
            rows[a, w, 1] ^= both
            rows[a, w, 2] = both
    return rows


@kernel
def _degrees(rows: Words, begins: Ints) -> Floats:
    """Return `_Seen.degrees`."""
    degrees = np.zeros((rows.shape[0], 3, begins.size - 1))
    for a in range(rows.shape[0]):
        for label in range(begins.size - 1):
            for w in range(begins[label], begins[label + 1]):
                for kind in range(3):
                    degrees[a, kind, label] += popcount(rows[a, w, kind])
    return degrees


def _by_run(mine: Words, degrees: Floats, first: Ints) -> tuple[Words, Floats]:
    """Return `_Seen.theirs` and `_Seen.of_runs`: lanes after the last neuron are empty."""
    turns, words = first.size - 1, mine.shape[1] - 1
    theirs = aligned(turns, words, 3, LANES).view(np.uint64)
    of_runs = aligned(turns, degrees.shape[2], 3, LANES)
    for turn in range(turns):
        these = slice(first[turn], first[turn + 1])
        size = these.stop - these.start
        theirs[turn, :, :, :size] = mine[these, :-1].transpose(1, 2, 0)
        of_runs[turn, :, :, :size] = degrees[these].transpose(2, 1, 0)
    return theirs, of_runs


@line_kernel
def _add_band(band: Band, means: Means, fitted: Fitted, seen: _Seen, room: _Room) -> None:
    """Add the pairs of the neurons of a band of classes with all later neurons."""
    lines = band.one_way.shape[0]
    for begin in range(0, lines, TOGETHER):
        end = min(begin + TOGETHER, lines)
        for run in range(seen.runs.size - 1):
            for line in range(begin, end):
                if seen.runs[run + 1] > seen.starts[band.start + line]:
                    _add_class(line, run, band, means, fitted, seen, room)


@line_kernel
def _add_class(
    line: int, run: int, band: Band, means: Means, fitted: Fitted, seen: _Seen, room: _Room
) -> None:
    """Add the pairs of the neurons of a class with the later ones of a run."""
    a, at = band.start + line, room.expected.at
    first, stop = seen.runs[run], seen.runs[run + 1]
    for lane in range(LANES):
        # Of earlier classes nothing is expected here; those lanes are left out below.
        at[lane] = max(a, seen.class_of[min(first + lane, stop - 1)])
    fill_expected(room.expected, band, means, line)
    fill_bases(room.bases, room.expected, means, fitted, a)
    for i in range(seen.starts[a], min(seen.starts[a + 1], stop - 1)):
        _add_pairs(i, run, means.labels[a], means.labels[at[0]], fitted, seen, room)


@line_kernel
def _add_pairs(
    i: int, run: int, of_i: int, of_others: int, fitted: Fitted, seen: _Seen, room: _Room
) -> None:
    """Add the pairs of a neuron with the later ones of a run."""
    rows, begins = room.observed, seen.begins
    kept = _fill_states(i, run, rows, seen)
    words = seen.mine.shape[1]
    labels = begins.size - 1
    for label in range(labels):
        shared_by_kind(
            seen.mine, 3 * (i * words + begins[label]),
            seen.theirs, 3 * LANES * (run * (words - 1) + begins[label]),
            begins[label + 1] - begins[label],
            rows.thirds, label * THIRDS * LANES,
        )  # fmt: skip
        at, degrees = 3 * LANES * (run * labels + label), seen.degrees
        fill_ends(
            rows, label, degrees[i, 0, label], degrees[i, 1, label], degrees[i, 2, label],
            row(seen.of_runs, at), row(seen.of_runs, at + LANES), row(seen.of_runs, at + 2 * LANES),
            1.0 if of_i == label else 0.0, 1.0 if of_others == label else 0.0,
        )  # fmt: skip
    number = room.found.shape[1]
    for c in range(number):
        set_row(room.found, c * LANES, everywhere(0.0))
    for state in range(STATES):
        add_kinds(room.found, 0, rows, fitted.columns, of_i, of_others, state)
    f, w, r = row(rows.chance, LANES), row(rows.chance, 2 * LANES), row(rows.chance, 3 * LANES)
    slopes, step = room.bases.slopes, number * LANES
    one, others = room.of_one, room.of_others
    for c in range(number):
        at = c * LANES
        count = row(room.found, at)
        shift = f * row(slopes, at) + w * row(slopes, at + step) + r * row(slopes, at + 2 * step)
        share = count * everywhere(fitted.inverse_t[c]) + kept * row(room.bases.none, at) - shift
        set_row(room.squares, at, row(room.squares, at) + share * share)
        one[0, i, c] += total(count)
        one[1, i, c] += total(share)
        to = (run * number + c) * LANES
        set_row(others, to, row(others, to) + count)
        to += others.shape[1] * step
        set_row(others, to, row(others, to) + share)


@line_kernel
def _fill_states(i: int, run: int, rows: Rows, seen: _Seen) -> Any:
    """Fill the states of the pairs of a neuron with a run; return 1 for those that are later.

    The others have no state.
    """
    first, mine = seen.runs[run], seen.mine
    lanes = np.uint64(seen.runs[run + 1] - first)
    later = (ONE << lanes) - ONE
    if i >= first:
        gone = np.uint64(i - first + 1)
        later = (later >> gone) << gone
    bit = np.uint64(seen.bit_of[first] & 63)
    word = seen.bit_of[first] >> 6
    linked = np.uint64(0)
    for kind in range(3):
        # The lanes may begin within a word and end in the next.
        low, high = mine[i, word, kind] >> bit, mine[i, word + 1, kind]
        state = (low | ((high << ONE) << (np.uint64(63) - bit))) & later
        linked |= state
        set_row(rows.chance, (kind + 1) * LANES, bits(state))
    set_row(rows.chance, 0, bits(later & ~linked))
    return bits(later)
