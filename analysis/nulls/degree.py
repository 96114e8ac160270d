"""`degree`: the directed configuration model, canonical.

p_ij = x_i y_j / (1 + x_i y_j), with x and y such that expected out- and in-degrees are the observed
ones (Squartini & Garlaschelli 2011, DOI 10.1088/1367-2630/13/8/083001). Neurons with the same
degrees have the same parameters, so the fit runs over distinct pairs of degrees.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import sum_kernel
from analysis.nulls import get_null, null
from analysis.nulls.dyads import DyadModel, Matrix, check_size, independent
from analysis.nulls.newton import HIGHEST, Point, Vector, maximise
from analysis.nulls.parameters import Parameters


def check(circuit: Circuit) -> None:
    """Refuse circuits with too many different degrees for matrices of them.

    Raises
    ------
    NullUnavailable
    """
    check_size(len(np.unique(_degrees(circuit), axis=0)))


def parameters(_circuit: Circuit) -> Parameters:
    """One for the outputs and one for the inputs of every neuron."""
    return Parameters("degrees")


@null(
    "degree",
    rung=4,
    keeps="the out- and in-degree of every neuron",
    needs=check,
    parameters=parameters,
)
def fit(circuit: Circuit) -> DyadModel:
    """Fit the model.

    Raises
    ------
    ConvergenceError
        If the degrees are not met.
    NullUnavailable
        If single pairs were tested, or there are too many different degrees.
    """
    get_null("degree").check(circuit)
    distinct, classes = np.unique(_degrees(circuit), axis=0, return_inverse=True)
    classes = classes.ravel().astype(np.int64)
    return independent(classes, _probabilities(distinct, np.bincount(classes)))


def _degrees(circuit: Circuit) -> npt.NDArray[np.int64]:
    into = np.bincount(circuit.indices, minlength=circuit.n)
    return np.stack([np.diff(circuit.indptr), into], axis=1)


def _probabilities(degrees: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> Matrix:
    """Fit the connection probability between classes, shape (K, K)."""
    certain, left = _certain(degrees, sizes)
    return certain + _uncertain(left, sizes)


def _certain(
    degrees: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]
) -> tuple[Matrix, npt.NDArray[np.int64]]:
    """Take off neurons connected with all that are left, whose strengths would be infinite.

    Returns
    -------
    float64, shape (K, K)
        1 between classes that every graph with these degrees connects, else 0.
    int64, shape (K, 2)
        The degrees without those connections.
    """
    certain = np.zeros((len(degrees), len(degrees)))
    left = degrees.copy()
    found = True
    while found:
        found = False
        for side, chance in ((0, certain), (1, certain.T)):
            other = 1 - side
            partners = int(sizes[left[:, other] > 0].sum()) - (left[:, other] > 0)
            for kind in np.flatnonzero((left[:, side] > 0) & (left[:, side] == partners)):
                open_ = left[:, other] > 0
                if left[kind, side] != sizes[open_].sum() - open_[kind]:
                    continue  # another neuron was the last partner of some
                open_[kind] &= sizes[kind] > 1
                chance[kind, open_] = 1
                left[open_, other] -= sizes[kind]
                left[kind, other] += open_[kind]
                left[kind, side] = 0
                found = True
    return certain, left


def _uncertain(degrees: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> Matrix:
    k = len(degrees)
    wanted = degrees.astype(np.float64).T.ravel()
    weight = sizes.astype(np.float64)
    number = np.tile(weight, 2)
    free = wanted > 0
    target = wanted * number

    def strengths(parameters: Vector) -> tuple[Vector, Vector]:
        full = np.zeros(2 * k)
        full[free] = np.exp(np.minimum(parameters, HIGHEST))
        return full[:k], full[k:]

    def evaluate(parameters: Vector) -> Point:
        x, y = strengths(parameters)
        out, out_spread, value = _row_sums(x, y, weight)
        into, in_spread, _ = _row_sums(y, x, weight)
        gradient = (target - np.concatenate([out, into]))[free]
        diagonal = np.concatenate([out_spread, in_spread])[free]

        def times(vector: Vector) -> Vector:
            full = np.zeros(2 * k)
            full[free] = vector
            a, b = full[:k], full[k:]
            image: Vector = np.concatenate(
                [_row_products(x, y, weight, a, b), _row_products(y, x, weight, b, a)]
            )
            return image[free]

        return Point(float(target[free] @ parameters) - value, gradient, diagonal, times)

    total = max(1.0, float(target[:k].sum()))
    start = np.log(np.maximum(wanted[free], 1e-9) / np.sqrt(total))
    scale = (number * np.maximum(1.0, wanted))[free]
    x, y = strengths(maximise(evaluate, start, scale, "degree"))
    odds: Matrix = np.outer(x, y)
    return odds / (1 + odds)


@sum_kernel
def _row_sums(x: Vector, y: Vector, sizes: Vector) -> tuple[Vector, Vector, float]:
    """Sum, over the partners of a class, p and p (1 − p); over all pairs, log(1 + x y)."""
    k = x.size
    mean, spread = np.zeros(k), np.zeros(k)
    value = 0.0
    for i in range(k):
        xi = x[i]
        first = second = logs = 0.0
        for j in range(k):
            inverse = 1 / (1 + xi * y[j])
            p = xi * y[j] * inverse
            first += sizes[j] * p
            second += sizes[j] * p * inverse
        for j in range(k):
            logs += sizes[j] * np.log(1 + xi * y[j])
        inverse = 1 / (1 + xi * y[i])  # a neuron is not its own partner
        p = xi * y[i] * inverse
        first -= p
        second -= p * inverse
        logs -= np.log(1 + xi * y[i])
        mean[i], spread[i] = sizes[i] * first, sizes[i] * second
        value += sizes[i] * logs
    return mean, spread, value


@sum_kernel
def _row_products(x: Vector, y: Vector, sizes: Vector, a: Vector, b: Vector) -> Vector:
    """Multiply the covariance of the degrees of one side with (a, b)."""
    k = x.size
    image = np.zeros(k)
    for i in range(k):
        xi, ai = x[i], a[i]
        total = 0.0
        for j in range(k):
            inverse = 1 / (1 + xi * y[j])
            total += sizes[j] * (xi * y[j] * inverse) * inverse * (ai + b[j])
        inverse = 1 / (1 + xi * y[i])
        total -= (xi * y[i] * inverse) * inverse * (ai + b[i])
        image[i] = sizes[i] * total
    return image
