"""Expected counts of a canonical null by neuron, and how they change with its parameters.

Every null here is an exponential family over dyads: the log-odds of a state of a pair is a sum of
parameters, each of which holds one number of the circuit (a degree, the connections of a cell) at
its mean. The derivative of a mean count by a parameter is its covariance with that number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.compiled import sum_kernel
from analysis.nulls.bands import Bands, Products
from analysis.nulls.parameters import Parameters
from analysis.uncertainty.gains import fill_all_thirds, fill_gains
from analysis.uncertainty.kinds import STATES, THIRDS, Columns, Kinds, untyped

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Cells = npt.NDArray[np.int32]
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
    columns = kinds.number
    k = bands.sizes.size
    cells = parameters.cells
    by_cell = cells is not None
    places = np.zeros((0, 0), np.int32) if cells is None else cells
    number = k if cells is None else int(cells.max(initial=0)) + 1
    total, by_class = np.zeros(columns), np.zeros((k, columns))
    forth, mutual = np.zeros((2, number, columns))
    back = np.zeros((0 if by_cell else number, columns))
    for start, stop, products in bands:
        _add_band(
            start, bands.one_way[start:stop], bands.back[start:stop], bands.mutual[start:stop],
            products, bands.own_one_way, bands.own_mutual, (bands.out, bands.into, bands.both),
            bands.sizes, bands.labels, kinds.columns, places, by_cell,
            total, by_class, forth, back, mutual,
        )  # fmt: skip
    # A triad is entered from its three pairs; from each neuron it is seen in two of them.
    by_class /= np.maximum(kinds.pairs - 1, 1)
    return Expectation(_cleared(total / kinds.pairs, bands), by_class, forth, back, mutual)


@sum_kernel
def _add_band(
    start: int,
    u: Floats,
    v: Floats,
    m: Floats,
    products: Products,
    own_u: Floats,
    own_m: Floats,
    degrees: tuple[Floats, Floats, Floats],
    sizes: Floats,
    labels: Ints,
    columns: Columns,
    cells: Cells,
    by_cell: bool,
    total: Floats,
    by_class: Floats,
    forth: Floats,
    back: Floats,
    mutual: Floats,
) -> None:
    """Add the pairs of a band of classes with all later ones."""
    number = total.size
    table = np.zeros((STATES, number + 1))
    thirds = np.zeros((degrees[0].shape[0], THIRDS))
    up, down, two = np.zeros(number), np.zeros(number), np.zeros(number)
    mean = np.zeros(number)
    for row in range(u.shape[0]):
        i = start + row
        for j in range(i, sizes.size):
            c = j - start
            f, b, r = u[row, j], v[row, j], m[row, j]
            e = max(0.0, 1 - f - b - r)
            fill_all_thirds(
                thirds, labels[i], labels[j], f, b, r, own_u[i], own_u[j], own_m[i], own_m[j],
                i, j, degrees, row, c, products,
            )  # fmt: skip
            fill_gains(table, thirds, columns, labels[i], labels[j])
            # Partners that a neuron of either class has in the other.
            of_i = sizes[j] - 1 if i == j else sizes[j]
            of_j = 0.0 if i == j else sizes[i]
            pairs = sizes[i] * of_i / 2 if i == j else sizes[i] * of_i
            for k in range(number):
                mean[k] = e * table[0, k] + f * table[1, k] + b * table[2, k] + r * table[3, k]
                up[k] = f * (table[1, k] - mean[k])
                down[k] = b * (table[2, k] - mean[k])
                two[k] = r * (table[3, k] - mean[k])
            for k in range(number):
                total[k] += pairs * mean[k]
                by_class[i, k] += of_i * mean[k]
                by_class[j, k] += of_j * mean[k]
            if by_cell:
                ij, ji = cells[i, j], cells[j, i]
                for k in range(number):
                    forth[ij, k] += pairs * up[k]
                    forth[ji, k] += pairs * down[k]
                    mutual[ij, k] += pairs * two[k]
                    mutual[ji, k] += pairs * two[k]
            else:
                for k in range(number):
                    forth[i, k] += of_i * up[k]
                    back[i, k] += of_i * down[k]
                    mutual[i, k] += of_i * two[k]
                    forth[j, k] += of_j * down[k]
                    back[j, k] += of_j * up[k]
                    mutual[j, k] += of_j * two[k]


def expected_counts(bands: Bands, kinds: Kinds) -> Floats:
    """Mean counts alone, shape (C,): for more kinds than derivatives are wanted of.

    Parameters
    ----------
    bands : Bands
        Of the fitted model.
    kinds : Kinds
        Of the labels of the bands.
    """
    total = np.zeros(kinds.number + 1)
    for start, stop, products in bands:
        _count_band(
            start, bands.one_way[start:stop], bands.back[start:stop], bands.mutual[start:stop],
            products, bands.own_one_way, bands.own_mutual, (bands.out, bands.into, bands.both),
            bands.sizes, bands.labels, kinds.columns, total,
        )  # fmt: skip
    return _cleared(total[:-1] / kinds.pairs, bands)


def _cleared(total: Floats, bands: Bands) -> Floats:
    """Set to 0 what is left of means that are none: they come from differences."""
    found: Floats = np.where(total > ROUNDING * float(bands.sizes.sum()) ** 3, total, 0.0)
    return found


@sum_kernel
def _count_band(
    start: int,
    u: Floats,
    v: Floats,
    m: Floats,
    products: Products,
    own_u: Floats,
    own_m: Floats,
    degrees: tuple[Floats, Floats, Floats],
    sizes: Floats,
    labels: Ints,
    columns: Columns,
    total: Floats,
) -> None:
    """Add the instances over the pairs of a band of classes with all later ones."""
    room, chance = np.zeros((degrees[0].shape[0], THIRDS)), np.zeros(STATES)
    place, pair = columns
    for row in range(u.shape[0]):
        i = start + row
        for j in range(i, sizes.size):
            a, b = labels[i], labels[j]
            pairs = sizes[i] * (sizes[j] - 1) / 2 if i == j else sizes[i] * sizes[j]
            f, w, r = u[row, j], v[row, j], m[row, j]
            chance[0], chance[1], chance[2], chance[3] = max(0.0, 1 - f - w - r), f, w, r
            fill_all_thirds(
                room, a, b, f, w, r, own_u[i], own_u[j], own_m[i], own_m[j],
                i, j, degrees, row, j - start, products,
            )  # fmt: skip
            total[pair[a, b]] += pairs * r
            for third in range(room.shape[0]):
                for state in range(STATES):
                    for k in range(1, THIRDS):
                        total[place[a, b, third, state, k]] += (
                            pairs * chance[state] * room[third, k]
                        )
