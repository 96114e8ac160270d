"""How the logarithm of a fitted mean count follows the numbers that its null is fitted to.

Parameters follow the numbers by the inverse of their covariance (the Fisher matrix H of the fit),
means follow the parameters by their derivatives, so the slope is λ = H⁻¹ (∂E/∂θ) / E. Cells have
closed forms; degrees of neurons need one linear system, solved for all motifs at once by conjugate
gradients, in which H is only ever multiplied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.nulls.bands import Bands
from analysis.nulls.newton import ConvergenceError
from analysis.nulls.parameters import Parameters
from analysis.nulls.products import Factors, factors
from analysis.uncertainty.fitted import Expectation

Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-6  # of the solution, in the norm of H
STEPS = 500
BLOCK = 1_000_000  # entries of a block of rows
HELD = 36_000_000  # entries of a matrix that is held for the time of looking for factors


@dataclass(frozen=True, eq=False)
class Slopes:
    """Change of log E for one more of each kept number; the last axis is `MOTIFS`.

    Attributes
    ----------
    forth, back, mutual : float64, shape (P, 14)
        What a one-way pair i → j adds is forth[i] + back[j], or forth[cell of i, j]; what a mutual
        pair adds is mutual[i] + mutual[j], or mutual[cell of i, j] + mutual[cell of j, i].
    """

    forth: Floats
    back: Floats
    mutual: Floats


def slopes(bands: Bands, parameters: Parameters, expected: Expectation) -> Slopes:
    """Return ∂ log E / ∂ (kept numbers); motifs that are not expected have slope 0.

    Raises
    ------
    ConvergenceError
        If the linear system of a null of degrees is not solved.
    """
    inverse = np.divide(
        1.0, expected.total, out=np.zeros_like(expected.total), where=expected.total > 0
    )
    forth, back, mutual = (
        part * inverse for part in (expected.forth, expected.back, expected.mutual)
    )
    if parameters.kind == "connections":
        return _of_connections(bands, parameters, forth + mutual)
    if parameters.kind == "dyads":
        return _of_dyads(bands, parameters, forth, mutual)
    if parameters.kind == "degrees":
        out, into = _solve(np.stack([forth + mutual, back + mutual]), *_degrees(bands), bands.sizes)
        return Slopes(out, into, out + into)
    return Slopes(*_solve(np.stack([forth, back, mutual]), *_dyad_degrees(bands), bands.sizes))


def _of_connections(bands: Bands, parameters: Parameters, derivative: Floats) -> Slopes:
    """Cells of independent connections: H is N p (1 − p)."""
    number, one_way, mutual = _of_cells(bands, parameters, len(derivative))
    linked = one_way + mutual
    spread = linked * (1 - np.divide(linked, number, out=np.zeros_like(linked), where=number > 0))
    slope = _divided(derivative, spread)
    return Slopes(slope, np.zeros((0, slope.shape[1])), slope)


def _of_dyads(bands: Bands, parameters: Parameters, forth: Floats, mutual: Floats) -> Slopes:
    """Cells of dyads: H is N (diag π − ππᵀ) over the states other than none."""
    number, one_way, both = _of_cells(bands, parameters, len(forth))
    turned = _turned(parameters, len(forth))
    none = number - one_way - one_way[turned] - both
    common = _divided(forth + forth[turned] + mutual, np.where(none > 1e-9 * number, none, 0))
    slope = np.where(one_way[:, None] > 0, _divided(forth, one_way) + common, 0)
    of_mutual = np.where(both[:, None] > 0, _divided(mutual, both) + common, 0)
    return Slopes(slope, np.zeros((0, slope.shape[1])), of_mutual / 2)


def _of_cells(bands: Bands, parameters: Parameters, cells: int) -> tuple[Floats, Floats, Floats]:
    """Sum, over the ordered pairs of every cell, their number, one-way and mutual chances."""
    assert parameters.cells is not None
    sums = np.zeros((3, cells))
    for i, row in enumerate(parameters.cells):
        partners = bands.sizes * bands.sizes[i]
        partners[i] -= bands.sizes[i]
        for found, chance in zip(sums, (None, bands.one_way[i], bands.mutual[i]), strict=True):
            weights = partners if chance is None else partners * chance
            found += np.bincount(row, weights, minlength=cells)
    return sums[0], sums[1], sums[2]


def _turned(parameters: Parameters, number: int) -> npt.NDArray[np.int64]:
    """Cell of the pairs of every cell turned around."""
    assert parameters.cells is not None
    turned = np.arange(number)
    turned[parameters.cells.ravel()] = parameters.cells.T.ravel()
    return turned


def _divided(values: Floats, by: Floats) -> Floats:
    """Divide rows, with 0 where there is nothing to divide by."""
    inverse = np.divide(1.0, by, out=np.zeros_like(by), where=by > 0)
    found: Floats = values * inverse[:, None]
    return found


Multiply = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class _Matrix:
    """A matrix that is multiplied with few columns over and over.

    Its entries are smooth functions of a few numbers of both neurons, so it mostly has factors of
    low rank. A large one without is made anew a block of rows at a time, for it would be one more
    to hold.

    Attributes
    ----------
    rows : callable
        Makes some of its rows.
    of_rows, of_columns, own : float64, shape (K, 1)
        Sums weighted by the sizes of classes, less what a neuron has with itself, and diagonal.
    """

    rows: Callable[[slice], Floats]
    factors: Factors | None
    of_rows: Floats
    of_columns: Floats
    own: Floats

    def times(self, columns: Floats) -> Floats:
        """Multiply with columns, shape (K, c)."""
        if self.factors is None:
            return np.concatenate([self.rows(part) @ columns for part in _blocks(len(columns))])
        found: Floats = self.factors.right @ columns
        return found if self.factors.left is None else self.factors.left @ found

    def turned(self, columns: Floats) -> Floats:
        """Multiply its transpose with columns, shape (K, c)."""
        found: Floats = np.zeros_like(columns)
        if self.factors is None:
            for part in _blocks(len(columns)):
                found += self.rows(part).T @ columns[part]
            return found
        left, right = self.factors.left, self.factors.right
        found += right.T @ (columns if left is None else left.T @ columns)
        return found


def _matrix(rows: Callable[[slice], Floats], sizes: Floats) -> _Matrix:
    k = len(sizes)
    of_rows, of_columns, own = np.zeros((3, k, 1))
    whole = np.empty((k, k)) if k * k <= HELD else None
    for these in _blocks(k):
        part = rows(these)
        of_rows[these] = part @ sizes
        of_columns += part.T @ sizes[these]
        own[these, 0] = part[:, these].diagonal()
        if whole is not None:
            whole[these] = part
    found = None if whole is None else factors(whole)
    if found is not None and found.left is None and k * k > BLOCK:
        found = None
    return _Matrix(rows, found, of_rows - own, of_columns - own, own)


def _blocks(k: int) -> list[slice]:
    step = max(8, BLOCK // k)
    return [slice(first, min(first + step, k)) for first in range(0, k, step)]


def _degrees(bands: Bands) -> tuple[Multiply, Floats]:
    """Covariance of out- and in-degrees: w = p (1 − p) links outputs of one end to inputs."""
    sizes = bands.sizes[:, None]

    def rows(these: slice) -> Floats:
        chance = bands.one_way[these] + bands.mutual[these]
        weight: Floats = chance * (1 - chance)
        return weight

    linked = _matrix(rows, sizes)
    diagonal = np.stack([linked.of_rows, linked.of_columns])

    def times(given: Floats) -> Floats:
        image: Floats = diagonal * given
        image[0] += linked.times(sizes * given[1]) - linked.own * given[1]
        image[1] += linked.turned(sizes * given[0]) - linked.own * given[0]
        return image

    return times, diagonal


def _dyad_degrees(bands: Bands) -> tuple[Multiply, Floats]:
    """Covariance of one-way out-, one-way in- and mutual degrees: pairs are multinomial."""
    u, v, m, sizes = bands.one_way, bands.back, bands.mutual, bands.sizes[:, None]
    # Of U with itself, of U with Uᵀ and with M, of M with itself.
    uu = _matrix(lambda these: u[these] * (1 - u[these]), sizes)
    uv = _matrix(lambda these: u[these] * v[these], sizes)
    um = _matrix(lambda these: u[these] * m[these], sizes)
    mm = _matrix(lambda these: m[these] * (1 - m[these]), sizes)
    diagonal = np.stack([uu.of_rows, uu.of_columns, mm.of_rows])

    def times(given: Floats) -> Floats:
        out, into, both = given
        image: Floats = diagonal * given
        # Numbers of the same neuron: a pair is in one state at a time.
        image[0] -= uv.of_rows * into + um.of_rows * both
        image[1] -= uv.of_rows * out + um.of_columns * both
        image[2] -= um.of_rows * out + um.of_columns * into
        image[0] -= uu.own * into - uv.own * out - um.own * both
        image[1] -= uu.own * out - uv.own * into - um.own * both
        image[2] -= mm.own * both - um.own * (out + into)
        # Numbers of partners.
        first, second, third = sizes * given
        image[0] += uu.times(second)
        image[1] += uu.turned(first)
        image[2] += mm.times(third)
        for product, (one, other), (place, next_place) in (
            (uv.times, (first, second), (0, 1)),
            (um.times, (third, second), (0, 2)),
            (um.turned, (third, first), (1, 2)),
        ):
            columns = product(np.concatenate([one, other], axis=1))
            image[place] -= columns[:, : one.shape[1]]
            image[next_place] -= columns[:, one.shape[1] :]
        return image

    return times, diagonal


def _solve(wanted: Floats, times: Multiply, diagonal: Floats, sizes: Floats) -> Floats:
    """Solve H λ = wanted for every motif by preconditioned conjugate gradients.

    The scalar product weighs classes by their sizes. Strengths x → c x, y → y / c are the same
    null, so H has one direction of zeros; `wanted` has no part in it and neither has the solution.
    """
    firm = diagonal > 1e-13 * max(1.0, float(diagonal.max(initial=0.0)))
    inverse = np.divide(1.0, diagonal, out=np.zeros_like(diagonal), where=firm)
    residual = np.where(firm, wanted, 0)

    def dot(one: Floats, other: Floats) -> Floats:
        found: Floats = np.einsum("pkt,pkt,k->t", one, other, sizes)
        return found

    solution = np.zeros_like(wanted)
    z = inverse * residual
    direction = z.copy()
    norm = dot(residual, z)
    enough = norm * TOLERANCE**2
    for _ in range(STEPS):
        if (norm <= enough).all():
            return solution
        image = np.where(firm, times(direction), 0)
        curvature = dot(direction, image)
        going = (norm > enough) & (curvature > 0)
        length = np.divide(norm, curvature, out=np.zeros_like(norm), where=going)
        solution += length * direction
        residual -= length * image
        z = inverse * residual
        following = dot(residual, z)
        direction = z + np.divide(following, norm, out=np.zeros_like(norm), where=going) * direction
        norm = np.where(going, following, 0)
    raise ConvergenceError(
        "the slopes of a null of degrees do not converge",
        remedy="leave this null out with --nulls, and please report the circuit",
    )
