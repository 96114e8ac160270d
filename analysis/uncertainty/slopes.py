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
from analysis.uncertainty.fitted import Expectation

Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-6  # of the solution, in the norm of H
STEPS = 500
BLOCK = 1_000_000  # entries of a block of rows


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


def _degrees(bands: Bands) -> tuple[Multiply, Floats]:
    """Covariance of out- and in-degrees: w = p (1 − p) links outputs of one end to inputs."""
    sizes = bands.sizes[:, None]
    chance = bands.one_way + bands.mutual
    weight = chance * (1 - chance)
    own = np.diag(weight).copy()[:, None]
    diagonal = np.stack([weight @ sizes - own, weight.T @ sizes - own])

    def times(given: Floats) -> Floats:
        image: Floats = diagonal * given
        image[0] += weight @ (sizes * given[1]) - own * given[1]
        image[1] += weight.T @ (sizes * given[0]) - own * given[0]
        return image

    return times, diagonal


def _dyad_degrees(bands: Bands) -> tuple[Multiply, Floats]:
    """Covariance of one-way out-, one-way in- and mutual degrees: pairs are multinomial."""
    sizes = bands.sizes[:, None]
    k = sizes.size
    step = max(8, BLOCK // k)
    rows = [slice(first, min(first + step, k)) for first in range(0, k, step)]

    def linked(these: slice) -> tuple[Floats, Floats, Floats, Floats]:
        u, v, m = bands.one_way[these], bands.back[these], bands.mutual[these]
        return u - u * u, u * v, u * m, m - m * m

    # Of U with itself, of U with Uᵀ and with M, of M with itself: over all partners of a neuron,
    # outgoing and incoming; and what its own class has within, for it is not its own partner.
    outgoing, incoming, own = np.zeros((3, 4, k, 1))
    for these in rows:
        at = np.arange(these.start, these.stop)
        for place, part in enumerate(linked(these)):
            outgoing[place, these] = part @ sizes
            incoming[place] += part.T @ sizes[these]
            own[place, these, 0] = part[at - these.start, at]
    outgoing -= own
    incoming -= own
    diagonal = np.stack([outgoing[0], incoming[0], outgoing[3]])

    def times(given: Floats) -> Floats:
        out, into, both = given
        image: Floats = diagonal * given
        # Numbers of the same neuron: a pair is in one state at a time.
        image[0] -= outgoing[1] * into + outgoing[2] * both
        image[1] -= outgoing[1] * out + incoming[2] * both
        image[2] -= outgoing[2] * out + incoming[2] * into
        image[0] -= own[0] * into - own[1] * out - own[2] * both
        image[1] -= own[0] * out - own[1] * into - own[2] * both
        image[2] -= own[3] * both - own[2] * (out + into)
        weighted = np.concatenate(list(sizes * given), axis=1)  # one product for all that it takes
        number = given.shape[2]
        first, second, third = (slice(number * p, number * (p + 1)) for p in range(3))
        for these in rows:
            uu, uv, um, mm = linked(these)
            image[0, these] += uu @ weighted[:, second] - um @ weighted[:, third]
            image[1] += uu.T @ weighted[these, first] - um.T @ weighted[these, third]
            image[2, these] += mm @ weighted[:, third] - um @ weighted[:, second]
            image[2] -= um.T @ weighted[these, first]
            crossed = uv @ weighted[:, : 2 * number]
            image[0, these] -= crossed[:, first]
            image[1, these] -= crossed[:, second]
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
