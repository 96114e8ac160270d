"""`reciprocal`: the reciprocal configuration model, canonical.

Every pair is one-way with weight x_i y_j, mutual with weight z_i z_j, or none with weight 1; x, y
and z are such that every neuron's expected one-way out-, one-way in- and mutual degree is the
observed one (Squartini & Garlaschelli 2012, DOI 10.1007/978-3-642-28792-3_25; Garlaschelli &
Loffredo 2006, DOI 10.1103/PhysRevE.73.015101).
"""

from __future__ import annotations

import numpy as np

from analysis.circuit import Circuit
from analysis.compiled import kernel, sum_kernel
from analysis.nulls import get_null, null
from analysis.nulls.dyads import DyadModel, Matrix, check_size, dyad_counts
from analysis.nulls.newton import HIGHEST, Point, Vector, maximise
from analysis.nulls.parameters import Parameters


def check(circuit: Circuit) -> None:
    """Refuse circuits with too many different degrees for matrices of them.

    Raises
    ------
    NullUnavailable
    """
    check_size(len(np.unique(dyad_counts(circuit), axis=0)))


def parameters(_circuit: Circuit) -> Parameters:
    """One each for the one-way outputs, one-way inputs and mutual pairs of every neuron."""
    return Parameters("dyad_degrees")


@null(
    "reciprocal",
    rung=5,
    keeps="the one-way out-, one-way in- and mutual degree of every neuron",
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
    get_null("reciprocal").check(circuit)
    distinct, classes = np.unique(dyad_counts(circuit), axis=0, return_inverse=True)
    classes = classes.ravel().astype(np.int64)
    sizes = np.bincount(classes, minlength=max(1, len(distinct))).astype(np.int64)
    wanted = distinct.astype(np.float64).T.ravel() if len(distinct) else np.zeros(3)
    one_way, mutual = _fit(wanted, sizes.astype(np.float64))
    return DyadModel(classes, sizes, one_way, mutual)


def _fit(wanted: Vector, sizes: Vector) -> tuple[Matrix, Matrix]:
    k = sizes.size
    number = np.tile(sizes, 3)
    free = wanted > 0
    target = wanted * number

    def strengths(parameters: Vector) -> tuple[Vector, Vector, Vector]:
        full = np.zeros(3 * k)
        full[free] = np.exp(np.minimum(parameters, HIGHEST))
        return full[:k], full[k : 2 * k], full[2 * k :]

    def evaluate(parameters: Vector) -> Point:
        x, y, z = strengths(parameters)
        mean, spread, value = _row_sums(x, y, z, sizes)

        def times(vector: Vector) -> Vector:
            full = np.zeros(3 * k)
            full[free] = vector
            a, b, c = full[:k], full[k : 2 * k], full[2 * k :]
            return _row_products(x, y, z, sizes, a, b, c)[free]

        return Point(
            float(target[free] @ parameters) - value, (target - mean)[free], spread[free], times
        )

    total = np.maximum(1.0, [target[:k].sum(), target[:k].sum(), target[2 * k :].sum()])
    start = np.log(np.maximum(wanted, 1e-9) / np.sqrt(np.repeat(total, k)))[free]
    scale = (number * np.maximum(1.0, wanted))[free]
    return _dyads(*strengths(maximise(evaluate, start, scale, "reciprocal")))


@kernel
def _dyads(x: Vector, y: Vector, z: Vector) -> tuple[Matrix, Matrix]:
    """Return one-way and mutual probabilities, each of shape (K, K)."""
    k = x.size
    one_way, mutual = np.zeros((k, k)), np.zeros((k, k))
    for i in range(k):
        for j in range(k):
            forth, back, both = x[i] * y[j], x[j] * y[i], z[i] * z[j]
            partition = 1 + both + (forth + back)  # the same number seen from j
            one_way[i, j] = forth / partition
            mutual[i, j] = both / partition
    return one_way, mutual


@sum_kernel
def _row_sums(x: Vector, y: Vector, z: Vector, sizes: Vector) -> tuple[Vector, Vector, float]:
    """Sum degrees and their variances over a class, each of shape (3 K,), and log partitions."""
    k = sizes.size
    mean, spread = np.zeros(3 * k), np.zeros(3 * k)
    value = 0.0
    for i in range(k):
        xi, yi, zi = x[i], y[i], z[i]
        out = into = mutual = out_spread = in_spread = mutual_spread = logs = 0.0
        for j in range(k):
            forth, back, both = xi * y[j], yi * x[j], zi * z[j]
            share = 1 / (1 + forth + back + both)
            u, v, m = forth * share, back * share, both * share
            out += sizes[j] * u
            into += sizes[j] * v
            mutual += sizes[j] * m
            out_spread += sizes[j] * u * (1 - u)
            in_spread += sizes[j] * v * (1 - v)
            mutual_spread += sizes[j] * m * (1 - m)
        for j in range(k):
            logs += sizes[j] * np.log(1 + xi * y[j] + yi * x[j] + zi * z[j])
        forth, both = xi * yi, zi * zi  # a neuron is not its own partner
        share = 1 / (1 + 2 * forth + both)
        u, m = forth * share, both * share
        mean[i] = sizes[i] * (out - u)
        mean[k + i] = sizes[i] * (into - u)
        mean[2 * k + i] = sizes[i] * (mutual - m)
        spread[i] = sizes[i] * (out_spread - u * (1 - u))
        spread[k + i] = sizes[i] * (in_spread - u * (1 - u))
        spread[2 * k + i] = sizes[i] * (mutual_spread - m * (1 - m))
        value += sizes[i] * (logs - np.log(1 + 2 * forth + both)) / 2
    return mean, spread, value


@sum_kernel
def _row_products(
    x: Vector, y: Vector, z: Vector, sizes: Vector, a: Vector, b: Vector, c: Vector
) -> Vector:
    """Multiply the covariance of the degrees with (a, b, c), shape (3 K,)."""
    k = sizes.size
    image = np.zeros(3 * k)
    for i in range(k):
        xi, yi, zi, ai, bi, ci = x[i], y[i], z[i], a[i], b[i], c[i]
        out = into = mutual = 0.0
        for j in range(k):
            forth, back, both = xi * y[j], yi * x[j], zi * z[j]
            share = 1 / (1 + forth + back + both)
            u, v, m = forth * share, back * share, both * share
            mean = u * (ai + b[j]) + v * (bi + a[j]) + m * (ci + c[j])
            out += sizes[j] * u * (ai + b[j] - mean)
            into += sizes[j] * v * (bi + a[j] - mean)
            mutual += sizes[j] * m * (ci + c[j] - mean)
        forth, both = xi * yi, zi * zi
        share = 1 / (1 + 2 * forth + both)
        u, m = forth * share, both * share
        mean = 2 * u * (ai + bi) + m * 2 * ci
        image[i] = sizes[i] * (out - u * (ai + bi - mean))
        image[k + i] = sizes[i] * (into - u * (ai + bi - mean))
        image[2 * k + i] = sizes[i] * (mutual - m * (2 * ci - mean))
    return image
