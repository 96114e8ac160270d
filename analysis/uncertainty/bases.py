"""What the pairs of a class contribute by the fitted null alone, whatever is observed of them.

With T_ij and E_ij the instances over a pair, it contributes T_ij/T − E_ij/E − R_ij, where R_ij is
the sum, over the states of the pair, of the slope of log E times (observed − fitted).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.compiled import line_kernel
from analysis.nulls.parameters import Parameters
from analysis.uncertainty.fitted import Expectation
from analysis.uncertainty.kinds import STATES, Columns, Kinds
from analysis.uncertainty.lanes import Means, Rows, add_kinds, aligned, taken
from analysis.uncertainty.slopes import Slopes
from analysis.uncertainty.vectors import LANES, everywhere, item, row, set_row

Floats = npt.NDArray[np.float64]
Cells = npt.NDArray[np.int32]


class Fitted(NamedTuple):
    """Slopes of a fitted null, shape (C, P), and 1/T and 1/E."""

    columns: Columns
    cells: Cells
    by_cell: bool
    forth: Floats
    back: Floats
    mutual: Floats
    inverse_t: Floats
    inverse_e: Floats


class Bases(NamedTuple):
    """Contributions of the pairs of one class with `LANES` others, before anything is observed.

    Attributes
    ----------
    none : float64, shape (C, LANES)
        Of an unconnected pair without a common neighbour.
    slopes : float64, shape (3, C, LANES)
        What less it is of a pair that is connected forth, back or both ways.
    mean : float64, shape (1, C, LANES)
        Expected instances.
    """

    none: Floats
    slopes: Floats
    mean: Floats


def fitted_of(
    parameters: Parameters, expected: Expectation, slopes: Slopes, counts: Floats, kinds: Kinds
) -> Fitted:
    """Return what is taken of a fitted null."""
    cells = np.zeros((0, 0), np.int32) if parameters.cells is None else parameters.cells
    forth, back, mutual = (
        np.ascontiguousarray(part.T) for part in (slopes.forth, slopes.back, slopes.mutual)
    )
    inverse_t, inverse_e = (
        np.divide(1.0, x, out=np.zeros_like(x), where=x > 0) for x in (counts, expected.total)
    )
    by_cell = parameters.cells is not None
    return Fitted(kinds.columns, cells, by_cell, forth, back, mutual, inverse_t, inverse_e)


def empty_bases(kinds: int) -> Bases:
    """Return room for them."""
    return Bases(aligned(kinds, LANES), aligned(3, kinds, LANES), aligned(1, kinds, LANES))


@line_kernel
def fill_bases(bases: Bases, rows: Rows, means: Means, fitted: Fitted, a: int) -> None:
    """Fill them for pairs of a class `a` whose expectations are in `rows`."""
    none, mean = bases.none, bases.mean
    number, at = none.shape[0], rows.at
    label_a, label_b = means.labels[a], means.labels[at[0]]
    for c in range(number):
        set_row(mean, c * LANES, everywhere(0.0))
    for state in range(STATES):
        add_kinds(mean, 0, rows, fitted.columns, label_a, label_b, state)
    if fitted.by_cell:
        _fill_by_cell(bases.slopes, rows, fitted, a)
    else:
        _fill_by_class(bases.slopes, rows, fitted, a)
    f, w, r = row(rows.chance, LANES), row(rows.chance, 2 * LANES), row(rows.chance, 3 * LANES)
    step = number * LANES
    for c in range(number):
        to = c * LANES
        forth, back = row(bases.slopes, to), row(bases.slopes, to + step)
        shift = f * forth + w * back + r * row(bases.slopes, to + 2 * step)
        set_row(none, to, shift - everywhere(fitted.inverse_e[c]) * row(mean, to))


@line_kernel
def _fill_by_class(slopes: Floats, rows: Rows, fitted: Fitted, a: int) -> None:
    number, classes = fitted.forth.shape
    for c in range(number):
        first, to = c * classes, c * LANES
        one, others = everywhere(item(fitted.forth, first + a)), taken(fitted.back, first, rows)
        set_row(slopes, to, one + others)
        to += number * LANES
        one, others = everywhere(item(fitted.back, first + a)), taken(fitted.forth, first, rows)
        set_row(slopes, to, one + others)
        to += number * LANES
        one, others = everywhere(item(fitted.mutual, first + a)), taken(fitted.mutual, first, rows)
        set_row(slopes, to, one + others)


@line_kernel
def _fill_by_cell(slopes: Floats, rows: Rows, fitted: Fitted, a: int) -> None:
    for lane in range(LANES):
        ab, ba = fitted.cells[a, rows.at[lane]], fitted.cells[rows.at[lane], a]
        for c in range(slopes.shape[1]):
            slopes[0, c, lane] = fitted.forth[c, ab]
            slopes[1, c, lane] = fitted.forth[c, ba]
            slopes[2, c, lane] = fitted.mutual[c, ab] + fitted.mutual[c, ba]
