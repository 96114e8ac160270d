"""p-values of many tests: within the motifs of one circuit, and across circuits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def holm(p: npt.ArrayLike) -> Floats:
    """Adjust p-values so that any false finding has at most the chosen chance.

    Parameters
    ----------
    p : float, shape (k,)
        nan where there was no test.

    Returns
    -------
    float64, shape (k,)
        Holm 1979 (Scand. J. Stat. 6:65); valid however the tests depend on each other.
    """
    given, order = _ranked(p)
    tests = len(order)
    found = np.full(given.shape, np.nan)
    stepped = given[order] * np.arange(tests, 0, -1)
    found[order] = np.minimum(1, np.maximum.accumulate(stepped))
    return found


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """Adjust p-values so that of the findings at most the chosen share is expected to be false.

    Parameters
    ----------
    p : float, shape (k,)
        nan where there was no test.

    Returns
    -------
    float64, shape (k,)
        Benjamini & Hochberg 1995 (DOI 10.1111/j.2517-6161.1995.tb02031.x).
    """
    given, order = _ranked(p)
    tests = len(order)
    found = np.full(given.shape, np.nan)
    stepped = given[order] * tests / np.arange(1, tests + 1)
    found[order] = np.minimum(1, np.minimum.accumulate(stepped[::-1])[::-1])
    return found


def step_down(observed: npt.ArrayLike, samples: npt.ArrayLike) -> Floats:
    """Adjust the two-sided p of counts among those of samples of a null, all counts together.

    Parameters
    ----------
    observed : shape (k,)
    samples : shape (s, k)
        The counts of every sample.

    Returns
    -------
    float64, shape (k,)
        Step-down maximum of the deviates of √count (Westfall & Young 1993, *Resampling-based
        multiple testing*, algorithm 4.1); 1 where a count never varies. The chance of any false
        finding is held for any number of counts, and the smallest p is 1/(s + 1): ranks adjusted
        by Holm would need 40 k samples to fall below .05.
    """
    roots = np.sqrt(np.vstack([np.asarray(observed, np.float64)[None], np.asarray(samples)]))
    spread = roots.std(0)
    varies = np.flatnonzero(spread > 0)
    found = np.ones(roots.shape[1])
    deviates = np.abs(roots[:, varies] - roots[:, varies].mean(0)) / spread[varies]
    order = np.argsort(-deviates[0], kind="stable")
    ranked = deviates[:, order]
    # Of each count and all that deviate less than it: the largest deviate of every sample.
    largest = np.maximum.accumulate(ranked[1:, ::-1], axis=1)[:, ::-1]
    reached = (largest >= ranked[0] * (1 - 1e-12)).sum(0)
    found[varies[order]] = np.maximum.accumulate((1 + reached) / (1 + len(largest)))
    return found


def _ranked(p: npt.ArrayLike) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return the p-values and the places of those that are numbers, smallest first."""
    given = np.asarray(p, np.float64)
    tested = np.flatnonzero(np.isfinite(given))
    return given, tested[np.argsort(given[tested], kind="stable")]
