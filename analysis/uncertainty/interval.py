"""Intervals of an effect, its p against no effect, and how large it had to be to be seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis.uncertainty.variance import Variance

LEVEL = 0.95
TAIL = (1 - LEVEL) / 2
POWER = 0.8
FEWEST = 10  # instances below which log(T/E) is too skewed for an interval around it
GARWOOD = "garwood"


@dataclass(frozen=True)
class Interval:
    """An effect log(T/E) with its uncertainty.

    Attributes
    ----------
    se : float
        Standard error; nan if the motif was not observed.
    df : float
        Degrees of freedom of the standard error.
    rule : str
        `V` or `J1`, the variance that was taken, or `garwood`.
    low, high : float
        95 % interval; `low` is −inf if the motif was not observed.
    p : float
        Two-sided p of no effect: the interval of level 1 − p ends at 0.
    mde : float
        Smallest effect that an interval like this one tells from 0 in four of five circuits.
    """

    se: float
    df: float
    rule: str
    low: float
    high: float
    p: float
    mde: float


def effect_interval(
    observed: float, expected: float, variance: Variance | None, error: float = 0.0
) -> Interval:
    """Interval of log(observed/expected).

    Parameters
    ----------
    observed, expected : float
        `expected` above 0.
    variance : Variance or None
        None if the motif was not observed.
    error : float, optional
        Standard error of `expected` where it is a mean of samples.
    """
    if variance is None:
        return _of_few(observed, expected, 0.0, math.nan, math.nan)
    spread = (error / expected) ** 2
    se = math.sqrt(variance.value + spread)
    if observed < FEWEST:
        return _of_few(observed, expected, variance.decomposed + spread, se, variance.df)
    from scipy.special import stdtr, stdtrit

    middle = math.log(observed / expected)
    reach = float(stdtrit(variance.df, 1 - TAIL)) * se
    power = float(stdtrit(variance.df, POWER)) * se
    p = 2 * float(stdtr(variance.df, -abs(middle) / se)) if se > 0 else math.nan
    return Interval(
        se, variance.df, variance.rule, middle - reach, middle + reach, p, reach + power
    )


def _of_few(observed: float, expected: float, variance: float, se: float, df: float) -> Interval:
    """Exact limits of a Poisson mean (Garwood 1936, DOI 10.1093/biomet/28.3-4.437), scaled.

    A count that varies φ times more than a Poisson number is taken for φ times one of T/φ.
    """
    from scipy.special import gammainc, gammaincc, gammaincinv, pdtrik

    scale = max(1.0, variance * observed)
    few, mean = observed / scale, expected / scale
    low, above = -math.inf, 1.0
    if few > 0:
        low = math.log(float(gammaincinv(few, TAIL)) / mean)
        above = float(gammainc(few, mean))
    high = math.log(float(gammaincinv(few + 1, 1 - TAIL)) / mean)
    below = float(gammaincc(few + 1, mean))
    # As many as are seen in one of forty graphs of this mean at most.
    needed = math.ceil(float(pdtrik(1 - TAIL, mean))) + 1
    mde = math.log(float(gammaincinv(needed, POWER)) / mean)
    return Interval(se, df, GARWOOD, low, high, min(1.0, 2 * min(above, below)), mde)
