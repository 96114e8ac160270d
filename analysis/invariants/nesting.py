"""Modules that lie in individuals: one estimate per individual, its modules' spread in the error.

The modules of one animal are no further animals. Pooled as if they were, 95 % intervals hold the
truth in as little as half of all cases.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.invariants.estimates import Estimates

Floats = npt.NDArray[np.float64]


def collapse(
    estimates: Estimates, units: Sequence[str], *, nesting: str = "individual"
) -> Estimates:
    """Average the effects of the modules of every individual.

    Parameters
    ----------
    estimates : Estimates
        Of modules, which share no neurons within an individual.
    units : sequence of str
        The individual that each module lies in.
    nesting : str, optional
        Name of the column that these come from; the `unit` of what is returned.

    Returns
    -------
    Estimates
        One per individual, in the order in which they first occur: the mean effect of its J
        modules, with the variance Σ V / J² + τ_b² / J. τ_b², the variance between the modules of
        an individual beyond their errors, is pooled over individuals, and the degrees of freedom
        are its, Σ (J − 1), or those of the errors if fewer. `observed` is the least of its
        modules'. Where no individual has two modules there is nothing to average, and the
        estimates are returned as they are, each under its individual's name.
    """
    if len(units) != estimates.k:
        raise ValueError(f"there are {len(units)} units and {estimates.k} estimates")
    names = tuple(dict.fromkeys(units))
    place = np.array([names.index(name) for name in units])
    counts = np.bincount(place)
    y, v = estimates.effects, estimates.variances
    within = len(place) - len(names)
    if within == 0:
        return _with(estimates, y, estimates.se, estimates.df, estimates.observed, names, nesting)
    means = np.bincount(place, y) / counts
    between = max(
        0.0, float(((y - means[place]) ** 2).sum()) / within - _own_error(v, counts[place])
    )
    variances = np.bincount(place, v) / counts**2 + between / counts
    freedom = np.bincount(place, v) ** 2 / np.bincount(place, v**2 / estimates.df)
    least = np.full(len(names), np.inf)
    np.minimum.at(least, place, np.where(np.isnan(y), 0.0, estimates.observed))
    return _with(
        estimates, means, np.sqrt(variances), np.minimum(freedom, within), least, names, nesting
    )


def _own_error(variances: Floats, modules: npt.NDArray[np.int64]) -> float:
    """Part of the variance between the modules of an individual that their errors make."""
    several = modules > 1
    # E Σ_j (y_j − ȳ)² = (1 − 1/J) Σ_j V_j within an individual.
    share = 1 - 1 / modules[several]
    return float((share * variances[several]).sum() / share.sum())


def _with(
    estimates: Estimates,
    effects: Floats,
    se: Floats,
    df: Floats,
    observed: Floats,
    names: tuple[str, ...],
    nesting: str,
) -> Estimates:
    averaged = len(names) < estimates.k
    return Estimates(
        effects,
        se,
        df,
        observed,
        ("modules",) * len(names) if averaged else estimates.rules,
        tuple(map(str, names)),
        nesting,
        estimates.null,
        estimates.ensemble,
        shared=averaged or estimates.shared,
    )
