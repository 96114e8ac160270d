"""One way to take the effects of a circuit, so that every curve and correction means the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.motifs import MAN
from analysis.nulls import get_null
from analysis.nulls.hard import has_hard_form, sample_censuses
from analysis.reconstruction.kernel import census_of

Floats = npt.NDArray[np.float64]
# Variance of a mean over a thinned chain, in that over independent samples: found 0.8–1.6 (median
# 1.1) for 12 chains of 60 samples (n = 100, 300; docs/methods.md).
CORRELATED = 1.2


@dataclass(frozen=True)
class Measured:
    """Counts of one circuit and what the null expects.

    Attributes
    ----------
    observed, expected : float64, shape (16,)
    noise : float64, shape (16,)
        Variance of `expected` by sampling; 0 for a canonical ensemble.
    """

    observed: Floats
    expected: Floats
    noise: Floats


def ensemble_of(null: str, n: int, hard_limit: int) -> str:
    """Return `hard` where a null has a hard form and n neurons allow it, else `canonical`."""
    return "hard" if has_hard_form(get_null(null)) and n <= hard_limit else "canonical"


def measured(
    circuit: Circuit, null: str, ensemble: str, samples: int, rng: np.random.Generator
) -> Measured:
    """Count the triads of a circuit and take what a null expects.

    Parameters
    ----------
    circuit : Circuit
    null : str
    ensemble : {"hard", "canonical"}
    samples : int
        Of the hard ensemble.
    rng : Generator
    """
    observed = census_of(circuit)
    if ensemble == "canonical":
        model = get_null(null).fit(circuit)
        expected = np.array([model.expected[code] for code in MAN])
        return Measured(observed, expected, np.zeros(len(MAN)))
    drawn = sample_censuses(circuit, null, samples, rng)
    return Measured(observed, drawn.mean(0), CORRELATED * drawn.var(0, ddof=1) / samples)


@dataclass(frozen=True)
class Pooled:
    """The effect over several draws of an error: the ratio of the means.

    Attributes
    ----------
    effect : float64, shape (16,)
        log(mean observed / mean expected); nan where either is zero.
    variance : float64, shape (16,)
        Of `effect` by the number of draws and samples.
    noise : float64, shape (16,)
        The part of it that is the sampling of the hard ensemble.
    each : float64, shape (draws, 16)
        log(observed / expected) of every draw; nan where either is zero.
    """

    effect: Floats
    variance: Floats
    noise: Floats
    each: Floats


def pool(draws: Sequence[Measured]) -> Pooled:
    """Pool the draws of one level; an empty count of a single draw counts as what it is, zero."""
    observed = np.stack([one.observed for one in draws])
    expected = np.stack([one.expected for one in draws])
    top, bottom = observed.mean(0), expected.mean(0)
    defined = (top > 0) & (bottom > 0)
    size = len(draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(defined, np.log(top / bottom), np.nan)
        noise = np.stack([one.noise for one in draws]).mean(0) / size / bottom**2
        residual = observed / top - expected / bottom
        spread = (residual**2).sum(0) / (size * (size - 1)) if size > 1 else noise
        each = np.where((observed > 0) & (expected > 0), np.log(observed / expected), np.nan)
    return Pooled(effect, np.where(defined, spread, np.nan), np.where(defined, noise, np.nan), each)
