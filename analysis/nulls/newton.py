"""Maximise a concave log-likelihood by Newton steps solved with conjugate gradients.

The gradient is observed minus expected degrees; the Hessian is only ever multiplied with a vector.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.nulls.dyads import NullUnavailable

Vector = npt.NDArray[np.float64]
TOLERANCE = 1e-7
STEPS = 300
HIGHEST = 300.0  # parameter, so that a product of two strengths stays finite
LONGEST = 4.0  # of one parameter in one step: saturated degrees send theirs to infinity


class ConvergenceError(NullUnavailable):
    """A null could not be fitted to its constraint."""


@dataclass(frozen=True)
class Point:
    """The likelihood at one parameter vector.

    Attributes
    ----------
    value : float
    gradient : Vector
    diagonal : Vector
        Diagonal of the negative Hessian.
    times : callable
        Vector → negative Hessian times vector.
    """

    value: float
    gradient: Vector
    diagonal: Vector
    times: Callable[[Vector], Vector]


def maximise(
    evaluate: Callable[[Vector], Point], start: Vector, scale: Vector, what: str
) -> Vector:
    """Return the parameters where every |gradient| is below `TOLERANCE` · `scale`.

    Raises
    ------
    ConvergenceError
        If that is not reached in `STEPS` steps.
    """
    parameters = start
    here = evaluate(parameters)
    for _ in range(STEPS):
        residual = float(np.max(np.abs(here.gradient) / scale, initial=0.0))
        if residual < TOLERANCE:
            return parameters
        step = _solve(here, min(0.1, residual))
        step = np.clip(step, -LONGEST, LONGEST)
        slope = float(here.gradient @ step)
        length = 1.0
        while True:
            there = evaluate(parameters + length * step)
            if there.value >= here.value + 1e-4 * length * slope or length < 1e-6:
                break
            # Near the optimum rounding hides the rise: a falling gradient is as good.
            if np.abs(there.gradient).max() < 0.9 * np.abs(here.gradient).max():
                break
            length /= 2
        parameters = parameters + length * step
        here = there
    raise ConvergenceError(
        f"the {what} null does not converge: degrees differ by a share of {residual:.1e}",
        remedy="leave this null out with --nulls, and please report the circuit",
    )


def _solve(point: Point, tolerance: float) -> Vector:
    """Preconditioned conjugate gradients for (negative Hessian) step = gradient."""
    ridge = 1e-12 * (1 + point.diagonal)
    inverse = 1 / (point.diagonal + ridge + 1e-300)
    step = np.zeros_like(point.gradient)
    residual = point.gradient.copy()
    z = inverse * residual
    direction = z.copy()
    norm = float(residual @ z)
    enough = norm * tolerance**2
    for _ in range(200):
        if norm <= enough:
            break
        image = point.times(direction) + ridge * direction
        curvature = float(direction @ image)
        if curvature <= 0:
            break
        length = norm / curvature
        step += length * direction
        residual -= length * image
        z = inverse * residual
        following = float(residual @ z)
        direction = z + (following / norm) * direction
        norm = following
    return step if step.any() else inverse * point.gradient
