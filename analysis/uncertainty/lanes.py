"""Pairs of one neuron with `LANES` others at once: their third neurons, and what these make.

The others have the same label, and every number of the pairs stands in a row of lanes. Third
neurons are told apart by label and by their states towards both neurons of the pair, 4 · (i, k) +
(j, k). Their numbers follow from nine numbers of common neighbours and the degrees, whether these
are counts (of a circuit) or expectations (of a null).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.compiled import line_kernel
from analysis.nulls.bands import Bands, Products
from analysis.uncertainty.kinds import STATES, THIRDS, Columns
from analysis.uncertainty.vectors import LANES, everywhere, item, positive, row, set_row

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LINE = 8  # numbers of a line of the cache


class Band(NamedTuple):
    """Rows `start` … of the matrices of a model, and their nine products with later columns."""

    start: int
    one_way: Floats
    back: Floats
    mutual: Floats
    products: Products


class Means(NamedTuple):
    """What is expected of single neurons, as in `Bands`.

    Attributes
    ----------
    own : float64, shape (2, K)
        One-way and mutual probabilities within classes.
    degrees : float64, shape (3, L, K)
        One-way out-, one-way in- and mutual degrees towards partners of every label.
    labels : int64, shape (K,)
    """

    own: Floats
    degrees: Floats
    labels: Ints


class Rows(NamedTuple):
    """Numbers of the pairs of one class or neuron with `LANES` others.

    Attributes
    ----------
    at : int64, shape (LANES,)
        Classes of the others, all of one label and none before that of the one.
    chance : float64, shape (4, LANES)
        Of each state of the pair: none, forth, back, mutual; 0 or 1 if it was observed.
    thirds : float64, shape (L, 16, LANES)
        Third neurons; the first row, of those connected with neither, is not filled.
    spare : float64, shape (LANES,)
    """

    at: Ints
    chance: Floats
    thirds: Floats
    spare: Floats


def band_of(bands: Bands, start: int, stop: int, products: Products) -> Band:
    """Return what belongs to the rows that a turn of `Bands` gives the products of."""
    these = slice(start, stop)
    return Band(start, bands.one_way[these], bands.back[these], bands.mutual[these], products)


def means_of(bands: Bands) -> Means:
    """Return what is expected of single neurons."""
    own = np.stack([bands.own_one_way, bands.own_mutual])
    return Means(own, np.stack([bands.out, bands.into, bands.both]), bands.labels)


def empty_rows(labels: int) -> Rows:
    """Return rows to be filled."""
    at = np.zeros(LANES, np.int64)
    return Rows(at, aligned(STATES, LANES), aligned(labels, THIRDS, LANES), aligned(LANES))


def aligned(*shape: int) -> Floats:
    """Return zeros that begin with a line of the cache, so that no vector is in two lines."""
    size = int(np.prod(shape))
    whole = np.zeros(size + LINE)
    first = -(whole.ctypes.data // whole.itemsize) % LINE
    return whole[first : first + size].reshape(shape)


def runs(labels: Ints) -> Ints:
    """Return where runs of at most `LANES` equal labels begin, and the end of the last."""
    bounds = np.flatnonzero(np.diff(labels, prepend=-1, append=-1))
    parts = [np.arange(a, b, LANES) for a, b in pairwise(bounds)]
    return np.concatenate([*parts, [labels.size]]).astype(np.int64)


@line_kernel
def taken(array: Floats, first: int, rows: Rows) -> Any:
    """Return the numbers of the others: items `first` + class of a contiguous array."""
    at, spare = rows.at, rows.spare
    if at[LANES - 1] - at[0] == LANES - 1:
        return row(array, first + at[0])
    for lane in range(LANES):
        spare[lane] = item(array, first + at[lane])
    return row(spare, 0)


@line_kernel
def fill_classes(rows: Rows, first: int, classes: int) -> None:
    """Let the others be of consecutive classes, the last of all as often as there are no more."""
    for lane in range(LANES):
        rows.at[lane] = min(first + lane, classes - 1)


@line_kernel
def fill_expected(rows: Rows, band: Band, means: Means, line: int) -> None:
    """Fill chances and third neurons that a null expects of the pairs of a class.

    Parameters
    ----------
    rows : Rows
        With the classes of the others.
    band : Band
    means : Means
    line : int
        The class as a row of the band.
    """
    chance, thirds, own, degrees = rows.chance, rows.thirds, means.own, means.degrees
    a, classes, labels = band.start + line, means.labels.size, thirds.shape[0]
    label_a, label_b = means.labels[a], means.labels[rows.at[0]]
    f = taken(band.one_way, line * classes, rows)
    w = taken(band.back, line * classes, rows)
    r = taken(band.mutual, line * classes, rows)
    set_row(chance, 0, positive(everywhere(1.0) - f - w - r))
    set_row(chance, LANES, f)
    set_row(chance, 2 * LANES, w)
    set_row(chance, 3 * LANES, r)
    uu, uu_t, uut, utu, um, um_t, mu, mu_t, mm = band.products
    for k in range(labels):
        # Terms of products whose third neuron is one of the pair are taken out: among third
        # neurons of the label of i is i itself, of that of j is j.
        of_a, of_b = 1.0 if label_a == k else 0.0, 1.0 if label_b == k else 0.0
        u_a, m_a = everywhere(of_a * own[0, a]), everywhere(of_a * own[1, a])
        u_b = everywhere(of_b) * taken(own, 0, rows)
        m_b = everywhere(of_b) * taken(own, classes, rows)
        first = (k * uu.shape[1] + line) * uu.shape[2] - band.start
        to = k * THIRDS * LANES
        set_row(thirds, to + 5 * LANES, taken(uut, first, rows) - u_a * w - f * u_b)
        set_row(thirds, to + 6 * LANES, taken(uu, first, rows) - f * (u_a + u_b))
        set_row(thirds, to + 7 * LANES, taken(um, first, rows) - u_a * r - f * m_b)
        set_row(thirds, to + 9 * LANES, taken(uu_t, first, rows) - w * (u_a + u_b))
        set_row(thirds, to + 10 * LANES, taken(utu, first, rows) - u_a * f - w * u_b)
        set_row(thirds, to + 11 * LANES, taken(mu_t, first, rows) - u_a * r - w * m_b)
        set_row(thirds, to + 13 * LANES, taken(um_t, first, rows) - m_a * w - r * u_b)
        set_row(thirds, to + 14 * LANES, taken(mu, first, rows) - m_a * f - r * u_b)
        set_row(thirds, to + 15 * LANES, taken(mm, first, rows) - r * (m_a + m_b))
        fill_ends(
            rows, k, degrees[0, k, a], degrees[1, k, a], degrees[2, k, a],
            taken(degrees, k * classes, rows), taken(degrees, (labels + k) * classes, rows),
            taken(degrees, (2 * labels + k) * classes, rows), of_a, of_b,
        )  # fmt: skip


@line_kernel
def fill_ends(
    rows: Rows, label: int, out: float, into: float, both: float,
    outs: Any, intos: Any, boths: Any, of_one: float, of_others: float,
) -> None:  # fmt: skip
    """Fill the third neurons of a label that are connected with one of the pair only.

    Parameters
    ----------
    rows : Rows
        With chances and with third neurons connected with both.
    label : int
    out, into, both : float
        Degrees of the one towards partners of the label.
    outs, intos, boths : values of `vectors`
        Those of the others.
    of_one, of_others : float
        1 if the one, or the others, have the label: they are not third neurons of their own.
    """
    thirds, to = rows.thirds, label * THIRDS * LANES
    f, w, r = row(rows.chance, LANES), row(rows.chance, 2 * LANES), row(rows.chance, 3 * LANES)
    s, x, p = (
        row(thirds, to + 5 * LANES),
        row(thirds, to + 6 * LANES),
        row(thirds, to + 7 * LANES),
    )
    y, d, h = (
        row(thirds, to + 9 * LANES),
        row(thirds, to + 10 * LANES),
        row(thirds, to + 11 * LANES),
    )
    q, g, t = (
        row(thirds, to + 13 * LANES),
        row(thirds, to + 14 * LANES),
        row(thirds, to + 15 * LANES),
    )
    mine, theirs = everywhere(of_one), everywhere(of_others)
    set_row(thirds, to + LANES, outs - mine * w - s - y - q)
    set_row(thirds, to + 2 * LANES, intos - mine * f - x - d - g)
    set_row(thirds, to + 3 * LANES, boths - mine * r - p - h - t)
    set_row(thirds, to + 4 * LANES, everywhere(out) - theirs * f - s - x - p)
    set_row(thirds, to + 8 * LANES, everywhere(into) - theirs * w - y - d - h)
    set_row(thirds, to + 12 * LANES, everywhere(both) - theirs * r - q - g - t)


@line_kernel
def add_kinds(
    to: Floats, part: int, rows: Rows, columns: Columns, a: int, b: int, state: int
) -> None:
    """Add the instances that pairs make in one state.

    Parameters
    ----------
    to : float64, shape (parts, C, LANES)
        What is of no kind is left out.
    part : int
        Where to add them.
    rows : Rows
    columns : Columns
    a, b, state : int
        Labels of the one and of the others, and the state.
    """
    place, pair = columns
    none, thirds = np.uint64(to.shape[1]), rows.thirds
    first = part * to.shape[1]
    chance = row(rows.chance, state * LANES)
    if state == STATES - 1 and pair[a, b] < none:
        at = (first + np.int64(pair[a, b])) * LANES
        set_row(to, at, row(to, at) + chance)
    for k in range(thirds.shape[0]):
        for third in range(1, THIRDS):
            c = place[a, b, k, state, third]
            if c < none:
                at = (first + np.int64(c)) * LANES
                found = chance * row(thirds, (k * THIRDS + third) * LANES)
                set_row(to, at, row(to, at) + found)
