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


def _ranked(p: npt.ArrayLike) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return the p-values and the places of those that are numbers, smallest first."""
    given = np.asarray(p, np.float64)
    tested = np.flatnonzero(np.isfinite(given))
    return given, tested[np.argsort(given[tested], kind="stable")]
