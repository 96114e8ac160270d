"""A claim about these circuits: that every pair agrees within a margin, or one does not.

INVARIANT by intersection and union of two one-sided tests: each pair has to be shown to differ by
less than the margin, each at the full level, and the error of the whole is that of one (Berger
1982, DOI 10.1080/00401706.1982.10487790; Schuirmann 1987, DOI 10.1007/BF01068419). DIVERGENT by the
studentized range: at least one pair differs by more than the margin, whichever it is (Tukey).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from analysis.invariants.estimates import Estimates, check_margin, check_number
from analysis.invariants.verdict import LEVEL, POWER, Claim, Verdict, claimed, words

Floats = npt.NDArray[np.float64]

DRAWS = 20_000  # of circuits without a difference, for the smallest margin with unequal errors
SAME = 1e-9  # relative difference up to which errors are equal


@dataclass(frozen=True, eq=False)
class Pairs:
    """All pairs of k circuits; the last axis is k (k − 1) / 2.

    Attributes
    ----------
    apart : float64
        Absolute difference of the effects.
    se : float64
        Standard error of the difference.
    df : float64
        Degrees of freedom of `se` (Satterthwaite 1946, DOI 10.2307/3002019).
    k : int
        Number of circuits.
    """

    apart: Floats
    se: Floats
    df: Floats
    k: int


def pairs_of(
    effects: npt.ArrayLike, variances: npt.ArrayLike, df: npt.ArrayLike, *, shared: bool = False
) -> Pairs:
    """Compare every circuit with every other.

    Parameters
    ----------
    effects, variances, df : float, shape (…, k)
        `df` may be infinite.
    shared : bool, optional
        As in `Estimates`.
    """
    y, v, f = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (effects, variances, df)))
    k = y.shape[-1]
    one, other = np.triu_indices(k, 1)
    total = v[..., one] + v[..., other]
    if shared:
        freedom = np.minimum(f[..., one], f[..., other])
    else:
        with np.errstate(divide="ignore"):
            freedom = total**2 / (
                v[..., one] ** 2 / f[..., one] + v[..., other] ** 2 / f[..., other]
            )
    return Pairs(np.abs(y[..., one] - y[..., other]), np.sqrt(total), freedom, k)


def same_p(pairs: Pairs, margin: float) -> Floats:
    """Return the p of the largest true difference being `margin` or more, shape (…)."""
    from scipy.special import stdtr

    by_pair = stdtr(pairs.df, (pairs.apart - margin) / pairs.se)
    found: Floats = by_pair.max(-1)
    return found


def excess(pairs: Pairs, margin: float) -> Floats:
    """Largest difference beyond `margin` in standard errors, shape (…); c_k is its critical value.

    A difference with few degrees of freedom counts for less by t(.975, df) / 1.96.
    """
    found: Floats = ((pairs.apart - margin) / (pairs.se * _widened(pairs.df))).max(-1)
    return found


def apart_p(beyond: float, k: int) -> float:
    """Return the p of the largest true difference being the margin or less, given `excess`."""
    from scipy.stats import studentized_range

    if beyond <= 0:
        return 1.0
    return float(studentized_range.sf(beyond * math.sqrt(2), k, np.inf))


@lru_cache(maxsize=64)
def critical(k: int) -> float:
    """c_k, the critical value of `excess`: q(.95; k, ∞) / √2."""
    return _range_quantile(1 - LEVEL, k) / math.sqrt(2)


def set_verdict(estimates: Estimates, margin: float) -> Verdict:
    """Say whether these circuits, and no others, agree in the effect of a motif.

    Parameters
    ----------
    estimates : Estimates
        Of two circuits and more, which share no neurons.
    margin : float
        δ, natural logarithm of a ratio above 1.

    Returns
    -------
    Verdict
        A false INVARIANT and a false DIVERGENT have a chance of 5 % at most each, however many
        circuits there are. Further circuits never make INVARIANT likelier: they add pairs.

    Raises
    ------
    UsageError
        If there is one circuit only, or the margin is not above 0.
    """
    check_margin(margin)
    check_number(estimates)
    if why := estimates.unusable():
        return Verdict(Claim.UNDETERMINED, "set", margin, estimates, reason=why)
    pairs = pairs_of(estimates.effects, estimates.variances, estimates.df, shared=estimates.shared)
    p_inv = float(same_p(pairs, margin))
    p_div = apart_p(float(excess(pairs, margin)), pairs.k)
    claim = claimed(p_inv, p_div)
    provable = smallest_margin(estimates)
    seen = margin + smallest_excess(pairs)
    reason = words(claim, "set", margin, provable, seen)
    if claim is Claim.DIVERGENT:
        one, other = _furthest(pairs, margin)
        names = f"{estimates.labels[one]} and {estimates.labels[other]}"
        reason = f"effects of {names} differ by more than ×{math.exp(margin):.3g}"
    return Verdict(
        claim,
        "set",
        margin,
        estimates,
        p_inv,
        p_div,
        smallest_margin=provable,
        mde=seen,
        reason=reason,
    )


def _furthest(pairs: Pairs, margin: float) -> tuple[int, int]:
    """Return the pair that is furthest beyond a margin."""
    beyond = (pairs.apart - margin) / (pairs.se * _widened(pairs.df))
    one, other = np.triu_indices(pairs.k, 1)
    place = int(beyond.argmax())
    return int(one[place]), int(other[place])


def smallest_margin(estimates: Estimates) -> float:
    """Smallest margin at which circuits without a difference are called invariant in 4 of 5 cases.

    Exact for two circuits and for equal errors, else of 20,000 draws.
    """
    from scipy.special import ndtri, stdtrit

    se = estimates.se
    pairs = pairs_of(np.zeros_like(se), se**2, estimates.df, shared=estimates.shared)
    reach = stdtrit(pairs.df, 1 - LEVEL) * pairs.se
    if pairs.k == 2:
        return float(reach[0] + ndtri((1 + POWER) / 2) * pairs.se[0])
    if np.ptp(se) <= SAME * se.max() and np.ptp(reach) <= SAME * reach.max():
        return float(se[0] * _range_quantile(POWER, pairs.k) + reach[0])
    # A seed of its own: the same errors give the same margin.
    drawn = np.random.default_rng(0).standard_normal((DRAWS, pairs.k)) * se
    needed = pairs_of(drawn, se**2, estimates.df, shared=estimates.shared).apart + reach
    return float(np.quantile(needed.max(-1), POWER))


def smallest_excess(pairs: Pairs) -> float:
    """Smallest difference beyond a margin that is seen in 4 of 5 cases, whichever pair has it."""
    from scipy.special import ndtri

    return float(((critical(pairs.k) * _widened(pairs.df) + ndtri(POWER)) * pairs.se).max())


def _widened(df: Floats) -> Floats:
    """How much wider an interval is by t than by the normal distribution."""
    from scipy.special import ndtri, stdtrit

    found: Floats = stdtrit(df, 1 - LEVEL / 2) / ndtri(1 - LEVEL / 2)
    return found


@lru_cache(maxsize=64)
def _range_quantile(chance: float, k: int) -> float:
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(chance, k, np.inf))
