"""Expected counts of a canonical null by neuron, and how they change with its parameters.

Every null here is an exponential family over dyads: the log-odds of a state of a pair is a sum of
parameters, each of which holds one number of the circuit (a degree, the connections of a cell) at
its mean. The derivative of a mean count by a parameter is its covariance with that number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.compiled import line_kernel
from analysis.nulls.bands import Bands
from analysis.nulls.parameters import Parameters
from analysis.uncertainty.kinds import STATES, THIRDS, Columns, Kinds, untyped
from analysis.uncertainty.lanes import (
    Band,
    Means,
    Rows,
    add_kinds,
    aligned,
    band_of,
    empty_rows,
    fill_classes,
    fill_expected,
    means_of,
    runs,
)
from analysis.uncertainty.vectors import LANES, everywhere, row, set_row, total

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Cells = npt.NDArray[np.int32]
TOGETHER = 16  # classes that go through a run of others while its sums are in the cache
ROUNDING = 1e-15  # of the triples


@dataclass(frozen=True, eq=False)
class Expectation:
    """Means under a null and their derivatives; the last axis are C kinds of instances.

    Attributes
    ----------
    total : float64, shape (C,)
        Mean count E.
    by_class : float64, shape (K, C)
        Mean number of instances with one given neuron of each class, E_i.
    forth, back, mutual : float64, shape (P, C)
        Derivatives of E. For parameters of neurons, P = K: by those of one neuron's outputs, inputs
        and mutual pairs. For parameters of cells, P is their number: by those of one-way pairs
        (`back` is empty) and of mutual pairs, each pair entered from both of its ends.
    """

    total: Floats
    by_class: Floats
    forth: Floats
    back: Floats
    mutual: Floats


def expectation(bands: Bands, parameters: Parameters, kinds: Kinds | None = None) -> Expectation:
    """Sum means and derivatives over all pairs of classes.

    Parameters
    ----------
    bands : Bands
        Of the fitted model.
    parameters : Parameters
        What the null has parameters for.
    kinds : Kinds, optional
        Of the labels of the bands; default `MOTIFS`.
    """
    kinds = kinds or untyped()
    k, cells = bands.sizes.size, parameters.cells
    by_cell = cells is not None
    places = np.zeros((0, 0), np.int32) if cells is None else cells
    number = 0 if cells is None else int(cells.max(initial=0)) + 1
    sums = _Sums(
        np.zeros((4, k, kinds.number)),
        np.zeros((4, kinds.number, k + LANES)),
        np.zeros((2, number, kinds.number)),
    )
    parts, weights = aligned(STATES, kinds.number, LANES), aligned(3, LANES)
    means, rows, starts = means_of(bands), empty_rows(len(bands.out)), runs(bands.labels)
    for band in bands:
        _add_band(
            band_of(bands, *band), means, bands.sizes, starts, kinds.columns, places, by_cell,
            rows, parts, weights, sums,
        )  # fmt: skip
    by_class, *changes = sums.of_one + sums.of_others[:, :, :k].transpose(0, 2, 1)
    # A triad is entered from its three pairs; from each neuron it is seen in two of them.
    mean = bands.sizes @ by_class / 2 / kinds.pairs
    by_class /= np.maximum(kinds.pairs - 1, 1)
    if by_cell:
        changes = [sums.of_cells[0], np.zeros((0, kinds.number)), sums.of_cells[1]]
    return Expectation(_cleared(mean, bands), by_class, *changes)


class _Sums(NamedTuple):
    """Sums over pairs of classes, and derivatives by their outputs, inputs and mutual pairs.

    Attributes
    ----------
    of_one : float64, shape (4, K, C)
        Means and derivatives of the earlier class of each pair.
    of_others : float64, shape (4, C, K + LANES)
        Those of the later one.
    of_cells : float64, shape (2, P, C)
        Derivatives by one-way and by mutual pairs of cells.
    """

    of_one: Floats
    of_others: Floats
    of_cells: Floats


@line_kernel
def _add_band(
    band: Band,
    means: Means,
    sizes: Floats,
    starts: Ints,
    columns: Columns,
    cells: Cells,
    by_cell: bool,
    rows: Rows,
    parts: Floats,
    weights: Floats,
    sums: _Sums,
) -> None:
    """Add the pairs of a band of classes with all later ones.

    `parts`, (4, C, LANES), and `weights`, (3, LANES), are room to work in.
    """
    lines = band.one_way.shape[0]
    for begin in range(0, lines, TOGETHER):
        end = min(begin + TOGETHER, lines)
        for run in range(starts.size - 1):
            for line in range(begin, end):
                a = band.start + line
                if starts[run + 1] <= a:
                    continue
                first = max(starts[run], a)
                fill_classes(rows, first, sizes.size)
                fill_expected(rows, band, means, line)
                _fill_weights(weights, sizes, a, first, starts[run + 1])
                _fill_parts(parts, rows, columns, means.labels[a], means.labels[first])
                _add_row(rows, parts, weights, sums, a, first, by_cell)
                if by_cell:
                    others = min(LANES, starts[run + 1] - first)
                    _add_cells(parts, sums.of_cells, cells, a, first, others)


@line_kernel
def _fill_parts(parts: Floats, rows: Rows, columns: Columns, of_a: int, of_b: int) -> None:
    """Fill the expected instances by the state of the pair."""
    for state in range(STATES):
        for c in range(parts.shape[1]):
            set_row(parts, (state * parts.shape[1] + c) * LANES, everywhere(0.0))
        add_kinds(parts, state, rows, columns, of_a, of_b, state)


@line_kernel
def _add_cells(
    parts: Floats, of_cells: Floats, cells: Cells, a: int, first: int, others: int
) -> None:
    """Add what `_add_row` left to the cells of the pairs."""
    for lane in range(others):
        ab, ba = cells[a, first + lane], cells[first + lane, a]
        for c in range(parts.shape[1]):
            two = parts[3, c, lane]
            of_cells[0, ab, c] += parts[1, c, lane]
            of_cells[0, ba, c] += parts[2, c, lane]
            of_cells[1, ab, c] += two
            of_cells[1, ba, c] += two


@line_kernel
def _fill_weights(weights: Floats, sizes: Floats, a: int, first: int, stop: int) -> None:
    """Fill how many partners neurons of `a` and of the others have in the other class, and pairs.

    Classes from `stop` on are of another label: 0.
    """
    for lane in range(LANES):
        b = first + lane
        size = sizes[b] if b < stop else 0.0
        of_one, of_others = (size - 1, 0.0) if b == a else (size, sizes[a] if b < stop else 0.0)
        weights[0, lane], weights[1, lane] = of_one, of_others
        weights[2, lane] = sizes[a] * of_one / 2 if b == a else sizes[a] * of_one


@line_kernel
def _add_row(
    rows: Rows, parts: Floats, weights: Floats, sums: _Sums, a: int, first: int, by_cell: bool
) -> None:
    """Add the pairs of a class with some others; by cell, leave what is to be added in `parts`."""
    number, classes = parts.shape[1], sums.of_others.shape[2]
    of_one, of_others, pairs = row(weights, 0), row(weights, LANES), row(weights, 2 * LANES)
    f, w, r = row(rows.chance, LANES), row(rows.chance, 2 * LANES), row(rows.chance, 3 * LANES)
    one, others, step = sums.of_one, sums.of_others, number * LANES
    for c in range(number):
        at = c * LANES
        forth, back, both = (
            row(parts, at + step),
            row(parts, at + 2 * step),
            row(parts, at + 3 * step),
        )
        mean = row(parts, at) + forth + back + both
        up, down, two = forth - f * mean, back - w * mean, both - r * mean
        one[0, a, c] += total(of_one * mean)
        to = c * classes + first
        set_row(others, to, row(others, to) + of_others * mean)
        if by_cell:
            set_row(parts, at + step, pairs * up)
            set_row(parts, at + 2 * step, pairs * down)
            set_row(parts, at + 3 * step, pairs * two)
            continue
        one[1, a, c] += total(of_one * up)
        one[2, a, c] += total(of_one * down)
        one[3, a, c] += total(of_one * two)
        next_one = number * classes
        # What is forth from the one is back from the others.
        to += next_one
        set_row(others, to, row(others, to) + of_others * down)
        to += next_one
        set_row(others, to, row(others, to) + of_others * up)
        to += next_one
        set_row(others, to, row(others, to) + of_others * two)


def expected_counts(bands: Bands, kinds: Kinds) -> Floats:
    """Mean counts alone, shape (C,): for more kinds than derivatives are wanted of.

    Parameters
    ----------
    bands : Bands
        Of the fitted model.
    kinds : Kinds
        Of the labels of the bands.
    """
    counts, weights = np.zeros(kinds.number + 1), aligned(3, LANES)
    means, rows, starts = means_of(bands), empty_rows(len(bands.out)), runs(bands.labels)
    for band in bands:
        _count_band(
            band_of(bands, *band), means, bands.sizes, starts, kinds.columns, rows, weights, counts
        )
    return _cleared(counts[:-1] / kinds.pairs, bands)


def _cleared(mean: Floats, bands: Bands) -> Floats:
    """Set to 0 what is left of means that are none: they come from differences."""
    found: Floats = np.where(mean > ROUNDING * float(bands.sizes.sum()) ** 3, mean, 0.0)
    return found


@line_kernel
def _count_band(
    band: Band,
    means: Means,
    sizes: Floats,
    starts: Ints,
    columns: Columns,
    rows: Rows,
    weights: Floats,
    counts: Floats,
) -> None:
    """Add the instances over the pairs of a band of classes with all later ones."""
    place, pair, thirds = columns.place, columns.pair, rows.thirds
    for line in range(band.one_way.shape[0]):
        a = band.start + line
        for run in range(starts.size - 1):
            if starts[run + 1] <= a:
                continue
            first = max(starts[run], a)
            fill_classes(rows, first, sizes.size)
            fill_expected(rows, band, means, line)
            _fill_weights(weights, sizes, a, first, starts[run + 1])
            of_a, of_b = means.labels[a], means.labels[first]
            for state in range(STATES):
                chance = row(weights, 2 * LANES) * row(rows.chance, state * LANES)
                if state == STATES - 1:
                    counts[pair[of_a, of_b]] += total(chance)
                for k in range(thirds.shape[0]):
                    for third in range(1, THIRDS):
                        c = place[of_a, of_b, k, state, third]
                        if c < counts.size - 1:
                            found = chance * row(thirds, (k * THIRDS + third) * LANES)
                            counts[c] += total(found)
