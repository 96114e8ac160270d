"""Whether a Markov chain has forgotten where it began, and how many samples it is worth.

Split R̂ compares the spread between half chains with the spread within them (Gelman et al. 2013,
Bayesian Data Analysis, 3rd ed., §11.4); a drift from the start shows, because every half counts as
a chain. The effective sample size divides the number of samples by the autocorrelation time,
summed over Geyer's initial monotone sequence (Geyer 1992, DOI 10.1214/ss/1177011137) of the
autocorrelation of all chains together (Vehtari et al. 2021, DOI 10.1214/20-BA1221). Ranks are not
taken: counts of triads have all moments.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Samples = npt.NDArray[np.int64] | Floats
SHORTEST = 4  # samples of half a chain
FEWEST_CHAINS = 2  # to be compared with each other
ENOUGH_CHAINS = 4  # for a verdict: with fewer, a third of those that converge seem not to
MOST_RHAT = 1.05
LEAST_SIZE = 100  # independent samples that an ensemble must be worth, or half of its samples


def diagnose(
    counts: npt.NDArray[np.int64],
    names: Sequence[str],
    length: int,
    moved: npt.NDArray[np.int64],
    attempts: npt.NDArray[np.int64],
) -> dict[str, Any]:
    """Say whether the chains of an ensemble have converged.

    Parameters
    ----------
    counts : int64, shape (samples, quantities)
        One chain after the other.
    names : sequence of str
        Of the quantities.
    length : int
        Samples of a chain; one that is shorter, at the end, is not judged.
    moved, attempts : int64, shape (samples,)
        Accepted attempts, and all, between a sample and the one before.

    Returns
    -------
    dict
        `chains` and `samples` of each; `acceptance`, the share of the attempts that moved; `rhat`,
        the largest, `ess`, the smallest, and `autocorrelation_time`, the longest (in samples), of
        all quantities that vary; `converged`; `motifs`, rhat and ess of each that varies. None
        stands for what cannot be said: `converged` of fewer than four chains, all of fewer than
        two, and an infinite rhat.
    """
    chains = len(counts) // length
    found: dict[str, Any] = {
        "chains": chains,
        "samples": length,
        "acceptance": round(int(moved.sum()) / int(attempts.sum()), 4) if attempts.any() else None,
        "rhat": None,
        "ess": None,
        "autocorrelation_time": None,
        "converged": None,
        "motifs": {},
    }
    if chains < FEWEST_CHAINS:
        return found
    judged = counts[: chains * length].reshape(chains, length, -1)
    rhat, size = split_rhat(judged), effective_size(judged)
    varies = np.flatnonzero(~np.isnan(rhat))
    if varies.size == 0:  # all graphs of the ensemble have the same counts
        return found | {"converged": True}
    total, worst, least = chains * length, float(rhat[varies].max()), float(size[varies].min())
    good = worst <= MOST_RHAT and least >= min(LEAST_SIZE, total / 2)
    return found | {
        "rhat": _finite(worst),
        "ess": round(least, 1),
        "autocorrelation_time": round(total / least, 2),
        "converged": good if chains >= ENOUGH_CHAINS else None,
        "motifs": {
            names[k]: {"rhat": _finite(float(rhat[k])), "ess": round(float(size[k]), 1)}
            for k in varies.tolist()
        },
    }


def split_rhat(chains: Samples) -> Floats:
    """Potential scale reduction of half chains.

    Parameters
    ----------
    chains : array, shape (chains, samples, quantities)

    Returns
    -------
    float64, shape (quantities,)
        1 where the halves agree; infinite where no chain moves but they differ; nan where nothing
        varies.

    Raises
    ------
    ValueError
        If half a chain has fewer than `SHORTEST` samples.
    """
    within, total, _ = _variances(_halves(chains))
    return _over(np.sqrt(total), np.sqrt(within))


def effective_size(chains: Samples) -> Floats:
    """Independent samples that estimate a mean as well as these.

    Parameters
    ----------
    chains : array, shape (chains, samples, quantities)

    Returns
    -------
    float64, shape (quantities,)
        At most the number of samples; nan where nothing varies.

    Raises
    ------
    ValueError
        If half a chain has fewer than `SHORTEST` samples.
    """
    halves = _halves(chains)
    within, total, centred = _variances(halves)
    number = halves.shape[0] * halves.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = 1 - (within - _autocovariance(centred)) / total
    correlation[0] = 1
    time = np.array([_time(column) for column in correlation.T])
    worth: Floats = np.where(total > 0, number / np.maximum(time, 1), np.nan)
    return worth


def _halves(chains: Samples) -> Floats:
    """First and second half of every chain, without the middle sample of an odd number.

    Numbers are moved to where they lie: differences of numbers of 10¹⁶ would be lost in rounding.
    """
    length = chains.shape[1] // 2
    if length < SHORTEST:
        raise ValueError(f"{chains.shape[1]} samples are no chain to be judged")
    moved = (chains - chains[0, 0]).astype(np.float64)
    halves: Floats = np.concatenate([moved[:, :length], moved[:, -length:]])
    return halves


def _variances(halves: Floats) -> tuple[Floats, Floats, Floats]:
    """Variance within halves, of all of them together, and samples without their half's mean."""
    length = halves.shape[1]
    means = halves.mean(1)
    centred = halves - means[:, None]
    within = (centred**2).sum(1).mean(0) / (length - 1)
    between = means.var(0, ddof=1)
    return within, within * (length - 1) / length + between, centred


def _autocovariance(centred: Floats) -> Floats:
    """Mean over halves by lag, shape (samples, quantities)."""
    length = centred.shape[1]
    return np.array(
        [
            (centred[:, lag:] * centred[:, : length - lag]).sum(1).mean(0) / length
            for lag in range(length)
        ]
    )


def _time(correlation: Floats) -> float:
    """Sum a sequence of autocorrelations in pairs, as long as these are positive and fall."""
    pairs = correlation[: correlation.size // 2 * 2].reshape(-1, 2).sum(1)
    negative = np.flatnonzero(~(pairs > 0))
    kept = pairs[: negative[0]] if negative.size else pairs
    return float(2 * np.minimum.accumulate(kept).sum() - 1) if kept.size else 1.0


def _over(above: Floats, below: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Floats = above / below
    return ratio


def _finite(rhat: float) -> float | None:
    return round(rhat, 4) if np.isfinite(rhat) else None
