r"""Mean and standard deviation of the 16 triad counts over independent dyads.

Every triad has three dyads, so a mean is a third of the sum, over dyads, of the triads that the
dyad is expected to complete. Variances are Hoeffding's decomposition over independent dyads. Any
two triples share at most one dyad, so

.. math:: Var T = Σ_{dyads} Var(Σ_k g_k) + Σ_{triples} [Var f − Σ_{dyads} Var g],

with g the expectation of a triple's indicator f given one of its dyads. The first sum comes from
products of the probability matrices. The second is enumerated for up to `ENUMERATED` classes;
above, its leading term E[T] is used, which is exact for rare triads and vanishes beside the first
sum for frequent ones.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analysis.compiled import kernel, sum_kernel
from analysis.motifs.naming import triad_of
from analysis.motifs.triads import CLOSED, MAN, OPEN
from analysis.nulls.bands import Bands
from analysis.nulls.products import Matrix

if TYPE_CHECKING:
    from analysis.nulls.dyads import DyadModel

Vector = npt.NDArray[np.float64]
ENUMERATED = 220


def triad_moments(model: DyadModel) -> tuple[dict[str, float], dict[str, float]]:
    """Return mean and standard deviation of every triad count.

    Parameters
    ----------
    model : DyadModel

    Returns
    -------
    expected, sd : dict of str to float
        MAN code → number.
    """
    expected, variance = _over_dyads(model)
    if model.sizes.size <= ENUMERATED:
        empty = np.maximum(1 - model.one_way - model.one_way.T - model.mutual, 0)
        variance += _second_order(model.one_way, model.mutual, empty, model.sizes, _CLASS_OF)
    else:
        variance += np.where(_CONNECTED, expected, 0.0)
    # Differences of large numbers may end a rounding error below zero.
    sd = np.sqrt(np.maximum(variance, 0))
    means = np.maximum(expected, 0)
    return (
        dict(zip(MAN, means.tolist(), strict=True)),
        dict(zip(MAN, sd.tolist(), strict=True)),
    )


def _over_dyads(model: DyadModel) -> tuple[Vector, Vector]:
    """Sum means and first-order variances over dyads, each of shape (16,), band by band."""
    bands = Bands(model)
    mean, variance = np.zeros(len(MAN)), np.zeros(len(MAN))
    for start, stop, products in bands:
        _add_band(
            start, bands.one_way[start:stop], bands.back[start:stop], bands.mutual[start:stop],
            tuple(product[0] for product in products), bands.own_one_way, bands.own_mutual,
            bands.out[0], bands.into[0], bands.both[0], bands.sizes, mean, variance,
        )  # fmt: skip
    return mean / 3, variance


@sum_kernel
def _add_band(
    start: int,
    u: Matrix,
    v: Matrix,
    m: Matrix,
    products: tuple[Matrix, ...],
    own_u: Vector,
    own_m: Vector,
    out: Vector,
    into: Vector,
    both: Vector,
    sizes: Vector,
    means: Vector,
    variances: Vector,
) -> None:
    """Add the dyads of a band of rows with all later columns, from which the products start.

    For each state of the dyad (none, forth, back, mutual) a triad's gain is the expected number of
    third neurons that complete it; its variance over the states is what the dyad contributes.
    """
    uu, uu_t, uut, utu, um, um_t, mu, mu_t, mm = products
    k = sizes.size
    third = sizes.sum() - 2.0
    partners = sizes.copy()
    for row in range(u.shape[0]):
        i = start + row
        # A class has pairs among its own neurons.
        partners[i] = (sizes[i] - 1) / 2
        oi, ni, bi, ui, mi = out[i], into[i], both[i], own_u[i], own_m[i]
        e003 = e012 = e102 = e21d = e21u = e21c = e11d = e11u = 0.0
        e30t = e30c = e201 = e20d = e20u = e20c = e210 = e300 = 0.0
        v003 = v012 = v102 = v21d = v21u = v21c = v11d = v11u = 0.0
        v30t = v30c = v201 = v20d = v20u = v20c = v210 = v300 = 0.0
        for j in range(i, k):
            w = sizes[i] * partners[j]
            f, b, r = u[row, j], v[row, j], m[row, j]
            e = max(0.0, 1 - f - b - r)
            # Products, without the terms whose third neuron is one of the two.
            c = j - start
            uj, mj = own_u[j], own_m[j]
            x, y = uu[row, c] - f * (ui + uj), uu_t[row, c] - b * (ui + uj)
            s, d = uut[row, c] - ui * b - f * uj, utu[row, c] - ui * f - b * uj
            p, q = um[row, c] - ui * r - f * mj, um_t[row, c] - mi * b - r * uj
            g, h = mu[row, c] - mi * f - r * uj, mu_t[row, c] - ui * r - b * mj
            t = mm[row, c] - r * (mi + mj)
            # Third neurons without a connection to one end follow from the row sums.
            un = oi - f - x - s - p  # i → k, none to j
            un_t = out[j] - b - y - s - q  # j → k, none to i
            nu = into[j] - f - x - d - g  # k → j
            nu_t = ni - b - y - d - h  # k → i
            nm = both[j] - r - p - h - t  # k ↔ j
            mn = bi - r - q - g - t  # k ↔ i
            nn = third - (oi - f) - (ni - b) - (bi - r) - nu - un_t - nm
            for_012 = un + nu + un_t + nu_t
            mean = e * nn
            e003 += w * mean
            v003 += w * (e * nn * nn - mean * mean)
            mean = (f + b) * nn + e * for_012
            e012 += w * mean
            v012 += w * ((f + b) * nn * nn + e * for_012 * for_012 - mean * mean)
            one = mn + nm
            mean = r * nn + e * one
            e102 += w * mean
            v102 += w * (r * nn * nn + e * one * one - mean * mean)
            mean = f * un + b * un_t + e * d
            e21d += w * mean
            v21d += w * (f * un * un + b * un_t * un_t + e * d * d - mean * mean)
            mean = f * nu + b * nu_t + e * s
            e21u += w * mean
            v21u += w * (f * nu * nu + b * nu_t * nu_t + e * s * s - mean * mean)
            one, two, three = un_t + nu_t, un + nu, x + y
            mean = f * one + b * two + e * three
            e21c += w * mean
            v21c += w * (f * one * one + b * two * two + e * three * three - mean * mean)
            one, two = nu + nu_t, p + q
            mean = f * nm + b * mn + r * one + e * two
            e11d += w * mean
            v11d += w * (f * nm * nm + b * mn * mn + r * one * one + e * two * two - mean * mean)
            one, two = un + un_t, g + h
            mean = f * mn + b * nm + r * one + e * two
            e11u += w * mean
            v11u += w * (f * mn * mn + b * nm * nm + r * one * one + e * two * two - mean * mean)
            one, two = x + s + d, y + s + d
            mean = f * one + b * two
            e30t += w * mean
            v30t += w * (f * one * one + b * two * two - mean * mean)
            mean = f * y + b * x
            e30c += w * mean
            v30c += w * (f * y * y + b * x * x - mean * mean)
            one = mn + nm
            mean = r * one + e * t
            e201 += w * mean
            v201 += w * (r * one * one + e * t * t - mean * mean)
            mean = f * p + b * q + r * d
            e20d += w * mean
            v20d += w * (f * p * p + b * q * q + r * d * d - mean * mean)
            mean = f * g + b * h + r * s
            e20u += w * mean
            v20u += w * (f * g * g + b * h * h + r * s * s - mean * mean)
            one, two, three = q + h, p + g, x + y
            mean = f * one + b * two + r * three
            e20c += w * mean
            v20c += w * (f * one * one + b * two * two + r * three * three - mean * mean)
            one = p + q + g + h
            mean = (f + b) * t + r * one
            e210 += w * mean
            v210 += w * ((f + b) * t * t + r * one * one - mean * mean)
            mean = r * t
            e300 += w * mean
            v300 += w * (r * t * t - mean * mean)
        partners[i] = sizes[i]
        means += np.array(
            [e003, e012, e102, e21d, e21u, e21c, e11d, e11u,
             e30t, e30c, e201, e20d, e20u, e20c, e210, e300]
        )  # fmt: skip
        variances += np.array(
            [v003, v012, v102, v21d, v21u, v21c, v11d, v11u,
             v30t, v30c, v201, v20d, v20u, v20c, v210, v300]
        )  # fmt: skip


@kernel
def _second_order(
    u: Matrix,
    m: Matrix,
    e: Matrix,
    sizes: npt.NDArray[np.int64],
    class_of: npt.NDArray[np.int64],
) -> Vector:
    """Sum Var f − Σ over dyads Var g over triples, shape (16,)."""
    k = sizes.size
    total = np.zeros(16)
    p, q, r = np.zeros(4), np.zeros(4), np.zeros(4)
    f = np.zeros(16)
    given = np.zeros((3, 4, 16))
    for a in range(k):
        for b in range(a, k):
            for c in range(b, k):
                number = float(sizes[a])
                number *= sizes[b] if b != a else (sizes[b] - 1) / 2
                if c == a:
                    number *= (sizes[c] - 2) / 3
                elif c == b:
                    number *= (sizes[c] - 1) / 2
                else:
                    number *= sizes[c]
                if number <= 0:
                    continue
                p[0], p[1], p[2], p[3] = e[a, b], u[a, b], u[b, a], m[a, b]
                q[0], q[1], q[2], q[3] = e[b, c], u[b, c], u[c, b], m[b, c]
                r[0], r[1], r[2], r[3] = e[a, c], u[a, c], u[c, a], m[a, c]
                f[:] = 0
                given[:] = 0
                for x in range(4):
                    for y in range(4):
                        xy = p[x] * q[y]
                        for z in range(4):
                            t = class_of[x, y, z]
                            f[t] += xy * r[z]
                            given[0, x, t] += q[y] * r[z]
                            given[1, y, t] += p[x] * r[z]
                            given[2, z, t] += xy
                for t in range(16):
                    spread = f[t] * (1 - f[t])
                    for x in range(4):
                        spread -= p[x] * (given[0, x, t] - f[t]) ** 2
                        spread -= q[x] * (given[1, x, t] - f[t]) ** 2
                        spread -= r[x] * (given[2, x, t] - f[t]) ** 2
                    total[t] += number * spread
    return total


def _class_table() -> npt.NDArray[np.int64]:
    """Triad of three neurons by the states of the pairs ab, bc, ac, shape (4, 4, 4)."""
    table = np.zeros((4, 4, 4), np.int64)
    for states in product(range(4), repeat=3):
        table[states] = MAN.index(triad_of(*states))
    return table


_CLASS_OF = _class_table()
_CONNECTED = np.array([code in {*CLOSED, *OPEN} for code in MAN])
