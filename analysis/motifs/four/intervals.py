"""95 % intervals of estimated counts that hold as often as they say, of rare classes too.

The cliques that a class counts are never taken off in one class and added in another, so what was
drawn of a class is one weighted count X, its parts of the weights w. The limits of such a count are
quantiles of gamma distributions with its mean and variance, one as it is, one with the largest
weight added (Fay & Feuer 1997, Stat Med 16: 791–801), half of each for the mid-p (Fay & Kim 2017,
DOI 10.1002/bimj.201600111). With one weight they are those of a Poisson number of that weight;
with many parts they are X ± 1.96 standard errors.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.motifs.four.combine import clique_weights
from analysis.motifs.four.drawing import Drawing

Floats = npt.NDArray[np.float64]
TAIL = 0.025
PRIOR = 10.0  # degrees of freedom of the variance without strata
HALVINGS = 32


def clique_limits(drawing: Drawing) -> tuple[Floats, Floats]:
    """Limits of what cliques add to each of the 218 classes, less its estimate.

    Parameters
    ----------
    drawing : Drawing
        With what was found.

    Returns
    -------
    low, high : float64, shape (218,)
        At most and at least 0. Both are 0 where every clique was looked at.
    """
    total, seen, variance, squares, crude, largest = drawing.tallies.T
    if drawing.pairs[2] <= 1:
        return np.zeros_like(total), np.zeros_like(total)
    freedom = np.divide(2 * variance**2, squares, out=np.zeros_like(total), where=squares > 0)
    # Differences within few strata tell little, and none if each has as many cliques twice.
    trusted = freedom * variance + PRIOR * np.maximum(variance, crude)
    spread = trusted / (freedom + PRIOR)
    once = np.abs(clique_weights()).max(1) * float(drawing.pairs[2])  # a clique that was missed
    weight = np.maximum(largest, once)
    low, high = (_quantile(share, total, spread, weight) for share in (TAIL, 1 - TAIL))
    signs = np.sign(clique_weights().sum(1))
    below, above = np.maximum(low, seen) - total, high - total
    return np.where(signs < 0, -above, below), np.where(signs < 0, -below, above)


def count_intervals(counts: list[int], drawing: Drawing) -> list[tuple[int, int]]:
    """Whole numbers that the exact count of each class lies between; none is below zero."""
    low, high = clique_limits(drawing)
    return [
        (max(0, count + _up(a)), max(0, count + _down(b)))
        for count, a, b in zip(counts, low.tolist(), high.tolist(), strict=True)
    ]


def set_intervals(found: list[int], sets: int, every: int) -> list[tuple[int, int]]:
    """Exact limits of a share (Clopper & Pearson 1934), as whole numbers of all sets of four.

    DOI 10.1093/biomet/26.4.404.

    Parameters
    ----------
    found : list of int
        Sets of each class.
    sets : int
        Sets drawn.
    every : int
        Sets there are.
    """
    from scipy.special import betaincinv

    number = np.array(found, float)
    with np.errstate(invalid="ignore"):
        low = np.where(number > 0, betaincinv(number, sets - number + 1, TAIL), 0.0)
        high = np.where(number < sets, betaincinv(number + 1, sets - number, 1 - TAIL), 1.0)
    low, high = every * np.nan_to_num(low), every * np.nan_to_num(high, nan=1.0)
    return [
        (_up(a), min(every, _down(b))) for a, b in zip(low.tolist(), high.tolist(), strict=True)
    ]


def _quantile(share: float, total: Floats, variance: Floats, weight: Floats) -> Floats:
    """Quantile of the equal mixture of two gamma distributions, halving between those of each."""
    from scipy.special import gammainc, gammaincinv

    some = (total > 0) & (variance > 0)
    shape = np.where(some, total**2 / np.where(some, variance, 1), 1)
    scale = np.where(some, variance / np.where(some, total, 1), 1)
    more, spread = total + weight, variance + weight**2
    other_shape, other_scale = more**2 / spread, spread / more
    first = np.where(some, scale * gammaincinv(shape, share), total)  # a point, if none varies
    second = other_scale * gammaincinv(other_shape, share)
    low, high = np.minimum(first, second), np.maximum(first, second)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        held = np.where(some, gammainc(shape, middle / scale), middle >= total)
        held = (held + gammainc(other_shape, middle / other_scale)) / 2
        low, high = np.where(held < share, middle, low), np.where(held < share, high, middle)
    found: Floats = np.where(some | (share > 0.5), (low + high) / 2, total)
    return found


def _up(value: float) -> int:
    """Return the least whole number that is not below, but for rounding."""
    return int(np.ceil(value - 1e-9 * max(1.0, abs(value))))


def _down(value: float) -> int:
    return -_up(-value)
