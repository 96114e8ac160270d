"""A claim about circuits like these: that the spread between them is bounded, or is not.

The margin says how much 19 of 20 pairs of circuits may differ: with an SD of τ between circuits,
pairs differ by τ √2 · 1.96 at most in so many cases, so that τ is tested against δ / 2.772. Q(τ*)
has a χ² distribution with k − 1 degrees of freedom if τ is τ*, and both of its tails are used
(Viechtbauer 2007, DOI 10.1002/sim.2514).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.invariants.estimates import (
    Estimates,
    check_independent,
    check_margin,
    check_number,
)
from analysis.invariants.pooling import paule_mandel, weighted
from analysis.invariants.verdict import LEVEL, POWER, Claim, Verdict, claimed, words

Floats = npt.NDArray[np.float64]

FEWEST_OF_POPULATION = 5  # of fewer, the spread cannot be bounded
PAIR_SPREAD = 2.771807648699136  # 1.96 √2: within this many τ lie 95 % of differences
MOST = 10_000  # circuits; if so many do not suffice, no number is said


def population_verdict(
    estimates: Estimates,
    margin: float,
    units: Sequence[str] | None = None,
    *,
    nesting: str = "individual",
) -> Verdict:
    """Say whether circuits like these agree in the effect of a motif.

    Parameters
    ----------
    estimates : Estimates
        Of independent circuits; of fewer than five nothing is decided.
    margin : float
        δ, natural logarithm of a ratio above 1: what 95 % of pairs of circuits differ by at most.
    units : sequence of str, optional
        The individual that each circuit lies in; default each in one of its own.
    nesting : str, optional
        Name of the column that these come from, for the error.

    Raises
    ------
    UsageError
        If a unit occurs twice, there is one circuit only, or the margin is not above 0.
    """
    check_margin(margin)
    check_number(estimates)
    check_independent(estimates, units, nesting)
    if why := estimates.unusable():
        return Verdict(Claim.UNDETERMINED, "population", margin, estimates, reason=why)
    k, y, v = estimates.k, estimates.effects, estimates.variances
    bound = margin / PAIR_SPREAD
    middle = float(v.mean())
    provable, seen = _decidable(k, middle, bound)
    p_inv = p_div = math.nan
    if k >= FEWEST_OF_POPULATION:
        p_inv, p_div = map(float, spread_p(y, v, bound))
    claim = claimed(p_inv, p_div)
    reason = words(claim, "population", margin, provable, seen)
    if k < FEWEST_OF_POPULATION:
        reason = (
            f"the spread between circuits cannot be bounded with {k}; a claim about circuits like "
            f"these needs {FEWEST_OF_POPULATION}"
        )
    return Verdict(
        claim,
        "population",
        margin,
        estimates,
        p_inv,
        p_div,
        smallest_margin=provable,
        mde=seen,
        further=_further(estimates, bound),
        reason=reason,
    )


def spread_p(effects: Floats, variances: Floats, bound: float) -> tuple[Floats, Floats]:
    """Return the p of τ being `bound` or more, and of it being `bound` or less, shapes (…).

    Parameters
    ----------
    effects, variances : float64, shape (…, k)
    bound : float
        τ*.
    """
    from scipy.special import chdtr, chdtrc

    q = weighted(effects, variances, np.full(effects.shape[:-1], bound**2))[1]
    return chdtr(effects.shape[-1] - 1, q), chdtrc(effects.shape[-1] - 1, q)


def _further(estimates: Estimates, bound: float) -> int | None:
    """Circuits that are needed in addition, if the spread between them is what it seems."""
    v = estimates.variances
    spread = math.sqrt(float(paule_mandel(estimates.effects, v)))
    needed = circuits_needed(bound, math.sqrt(float(v.mean())), spread)
    return None if needed is None else max(0, max(needed, FEWEST_OF_POPULATION) - estimates.k)


def circuits_needed(bound: float, error: float, spread: float = 0.0) -> int | None:
    """Smallest number of circuits of which INVARIANT is said in four of five cases.

    Parameters
    ----------
    bound : float
        τ*, the margin over 2.772.
    error : float
        Standard error of one circuit's effect.
    spread : float, optional
        True τ.

    Returns
    -------
    int or None
        None if the spread is not below the bound, or 10,000 circuits do not suffice.
    """
    from scipy.special import chdtr, chdtri

    if spread >= bound:
        return None
    df = np.arange(1, MOST)
    ratio = (error**2 + bound**2) / (error**2 + spread**2)
    enough = chdtr(df, chdtri(df, 1 - LEVEL) * ratio) >= POWER
    return int(df[enough.argmax()]) + 1 if enough.any() else None


def _decidable(k: int, variance: float, bound: float) -> tuple[float, float]:
    """Smallest margin provable without spread, and smallest spread seen beyond a bound.

    In four of five cases; both as differences of pairs, errors taken for equal.
    """
    from scipy.special import chdtri

    df = k - 1
    provable = variance * (chdtri(df, 1 - POWER) / chdtri(df, 1 - LEVEL) - 1)
    seen = (variance + bound**2) * chdtri(df, LEVEL) / chdtri(df, POWER) - variance
    return PAIR_SPREAD * math.sqrt(provable), PAIR_SPREAD * math.sqrt(seen)
