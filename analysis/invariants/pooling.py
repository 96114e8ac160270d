"""The mean effect of circuits, how much it varies between them, and where a further one would lie.

y_i = μ + (deviation of SD τ) + (error of SD σ_i, known). Arrays may have leading axes: the last is
over circuits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.invariants.estimates import Estimates, check_independent, check_number
from schemas.errors import UsageError

Floats = npt.NDArray[np.float64]

TAIL = 0.025
PRIOR = 0.25  # scale of the half-normal prior of τ, in natural logarithms
FURTHEST = 6.0  # scales of the prior up to which τ is followed
STEPS = 3_000
HALVINGS = 80  # of the interval that holds τ²


@dataclass(frozen=True)
class Pooled:
    """Mean effect of k independent circuits.

    Attributes
    ----------
    k : int
    mean, se : float
        Weighted mean by Paule & Mandel's τ² and its standard error by Hartung & Knapp.
    low, high : float
        95 % interval of the mean, t with k − 1 degrees of freedom.
    tau : float
        SD between circuits.
    mean_low, mean_high : float
        95 % interval of the mean by Bayes, with a half-normal prior of scale .25 for τ: to be read
        beside the other one for two or three circuits, of which τ cannot be known.
    predicted_low, predicted_high : float
        Where the effect of a further circuit would lie (95 %), by Bayes.
    """

    k: int
    mean: float
    se: float
    low: float
    high: float
    tau: float
    mean_low: float
    mean_high: float
    predicted_low: float
    predicted_high: float


def pooled(
    estimates: Estimates, units: Sequence[str] | None = None, *, nesting: str = "individual"
) -> Pooled:
    """Pool the effects of independent circuits.

    Parameters
    ----------
    estimates : Estimates
    units : sequence of str, optional
        The individual that each circuit lies in; default each in one of its own.
    nesting : str, optional
        Name of the column that these come from, for the error.

    Raises
    ------
    UsageError
        If a unit occurs twice, there is one circuit only, or one of them supports no claim.
    """
    check_number(estimates)
    check_independent(estimates, units, nesting)
    # Hartung & Knapp take the error from the spread: it matters little how each is known.
    if why := estimates.unusable(least_freedom=0.0):
        raise UsageError(f"the effects cannot be pooled: {why}", remedy="leave it out")
    from scipy.special import stdtrit

    y, v = estimates.effects, estimates.variances
    tau2 = paule_mandel(y, v)
    mean, se = hartung_knapp(y, v, tau2)
    reach = float(stdtrit(estimates.k - 1, 1 - TAIL)) * float(se)
    bayes = posterior(y, v)
    return Pooled(
        estimates.k,
        float(mean),
        float(se),
        float(mean) - reach,
        float(mean) + reach,
        math.sqrt(float(tau2)),
        *bayes.interval(),
        *bayes.interval(further=True),
    )


def weighted(effects: Floats, variances: Floats, tau2: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return the weighted mean and Q(τ²), the weighted sum of squares around it, shapes (…)."""
    weights = 1 / (variances + np.asarray(tau2, np.float64)[..., None])
    mean = (weights * effects).sum(-1) / weights.sum(-1)
    q: Floats = (weights * (effects - mean[..., None]) ** 2).sum(-1)
    return mean, q


def profiled(effects: Floats, variances: Floats, target: float) -> Floats:
    """τ² at which Q(τ²) falls to `target`, 0 if it is never above, shape (…).

    Viechtbauer 2007 (DOI 10.1002/sim.2514). Q falls with τ², and is at most Σ (y − ȳ)² / τ².
    """
    squares = ((effects - effects.mean(-1, keepdims=True)) ** 2).sum(-1)
    low, high = np.zeros(squares.shape), squares / target
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = weighted(effects, variances, middle)[1] > target
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    spread = weighted(effects, variances, np.zeros(squares.shape))[1] > target
    found: Floats = np.where(spread, (low + high) / 2, 0.0)
    return found


def paule_mandel(effects: npt.ArrayLike, variances: npt.ArrayLike) -> Floats:
    """τ² at which Q has its expectation, k − 1 (Paule & Mandel 1982, DOI 10.6028/jres.087.022)."""
    y, v = _arrays(effects, variances)
    return profiled(y, v, y.shape[-1] - 1)


def dersimonian_laird(effects: npt.ArrayLike, variances: npt.ArrayLike) -> Floats:
    """τ² by moments of Q(0) (DerSimonian & Laird 1986, DOI 10.1016/0197-2456(86)90046-2)."""
    y, v = _arrays(effects, variances)
    weights = 1 / v
    scale = weights.sum(-1) - (weights**2).sum(-1) / weights.sum(-1)
    q = weighted(y, v, np.zeros(y.shape[:-1]))[1]
    found: Floats = np.maximum(0.0, (q - (y.shape[-1] - 1)) / scale)
    return found


def hartung_knapp(
    effects: npt.ArrayLike, variances: npt.ArrayLike, tau2: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """Return the weighted mean and its standard error, for t with k − 1 degrees of freedom.

    Hartung & Knapp 2001 (DOI 10.1002/sim.791), not cut at the error of a fixed effect.
    """
    y, v = _arrays(effects, variances)
    mean, q = weighted(y, v, tau2)
    total = (1 / (v + np.asarray(tau2, np.float64)[..., None])).sum(-1)
    return mean, np.sqrt(q / ((y.shape[-1] - 1) * total))


@dataclass(frozen=True, eq=False)
class Posterior:
    """What is known of mean and spread, on a grid of τ.

    Attributes
    ----------
    tau, chance : float64, shape (s,)
    mean, variance : float64, shape (s,)
        Of μ given τ, which is normal.
    """

    tau: Floats
    chance: Floats
    mean: Floats
    variance: Floats

    def interval(self, *, further: bool = False) -> tuple[float, float]:
        """95 % interval of the mean, or of the effect of a `further` circuit."""
        from scipy.special import ndtr

        spread = np.sqrt(self.variance + (self.tau**2 if further else 0.0))

        def below(x: float) -> float:
            return float(self.chance @ ndtr((x - self.mean) / spread))

        return _quantile(below, TAIL, self.mean, spread), _quantile(
            below, 1 - TAIL, self.mean, spread
        )


def posterior(effects: Floats, variances: Floats, scale: float = PRIOR) -> Posterior:
    """Posterior for a flat prior of μ and a half-normal one of τ.

    Parameters
    ----------
    effects, variances : float64, shape (k,)
    scale : float, optional
        Of the prior, in natural logarithms.
    """
    tau = (np.arange(STEPS) + 0.5) * (FURTHEST * scale / STEPS)
    given = variances + tau[:, None] ** 2
    total = (1 / given).sum(-1)
    mean, q = weighted(effects[None, :], variances[None, :], tau**2)
    log = -0.5 * (np.log(given).sum(-1) + np.log(total) + q + (tau / scale) ** 2)
    chance = np.exp(log - log.max())
    return Posterior(tau, chance / chance.sum(), mean, 1 / total)


def _quantile(
    below: Callable[[float], float], chance: float, mean: Floats, spread: Floats
) -> float:
    """Where a mixture of normal distributions reaches a chance."""
    from scipy.optimize import brentq

    reach = 10 * float(spread.max())
    return float(
        brentq(lambda x: below(x) - chance, float(mean.min()) - reach, float(mean.max()) + reach)
    )


def _arrays(effects: npt.ArrayLike, variances: npt.ArrayLike) -> tuple[Floats, Floats]:
    return np.asarray(effects, np.float64), np.asarray(variances, np.float64)
