"""How the effects of a circuit change with more of one kind of error."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.circuit import Circuit
from analysis.frame import observable
from analysis.motifs import MAN
from analysis.reconstruction.correction import LIMITS
from analysis.reconstruction.effects import measured, pool
from analysis.reconstruction.errors import ErrorModel, corrupt, get_kind

LEVELS = (0.0, 0.05, 0.1, 0.2)
DRAWS = 10
SAMPLES = 60
COLUMNS = (
    "motif", "null", "ensemble", "error", "level", "draws", "defined", "observed", "expected",
    "log_ratio", "spread", "connections", "neurons",
)  # fmt: skip
# Share of the connections that one of each kind's levels takes away, where it is a share of them.
SHARE_MISSED = {"missed": 1.0, "axon": 1.0, "dendrite": 1.0, "split": 0.5}


def curve_level(
    circuit: Circuit,
    null: str,
    error: str,
    level: float,
    *,
    ensemble: str,
    draws: int = DRAWS,
    samples: int = SAMPLES,
    seed: int = 0,
    model: ErrorModel | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Effects of a circuit with more of one error, at one level.

    Parameters
    ----------
    circuit : Circuit
    null : str
    error : str
        Kind of error (`analysis.reconstruction.errors.kinds`).
    level : float
    ensemble : {"hard", "canonical"}
        Of the null (`analysis.reconstruction.effects.ensemble_of`).
    draws : int, optional
        Circuits drawn with the error; at a level that changes nothing the circuit itself, once.
    samples : int, optional
        Samples of the hard ensemble of each draw.
    seed : int, optional
        Every null, error and level has a stream of its own: another level changes no other.
    model : ErrorModel, optional
        How errors are spread; its levels are not used.
    progress : callable, optional
        Called with (done, total).

    Returns
    -------
    DataFrame
        One row per triad. `log_ratio` = log(mean observed / mean expected) over the draws, nan
        where either is zero; `spread` = SD of log(observed / expected) between the `defined` draws
        that have one, the sampling of the null included; `connections` and `neurons` are means.

    Raises
    ------
    UsageError
        If the error or its level is unknown, or the circuit lacks what the error acts on.
    FrameError
        If no triad was observable.
    """
    kind = get_kind(error)
    kind.check(level)
    whole = observable(circuit)
    given = ErrorModel({error: level})
    if model is not None:
        given = ErrorModel({error: level}, model.spread, model.rates, model.column, model.reach)
    name = [seed, *(zlib.crc32(word.encode()) for word in (null, error)), round(level * 1e6)]
    rng = np.random.default_rng(np.random.SeedSequence(name))
    number = draws if level > kind.none else 1
    found, sizes = [], []
    for place in range(number):
        drawn = corrupt(whole, given, rng)
        sizes.append((drawn.m, drawn.n))
        found.append(measured(drawn, null, ensemble, samples * draws // number, rng))
        if progress is not None:
            progress(place + 1, number)
    pooled = pool(found)
    defined, spread = _spread(pooled.each)
    connections, neurons = np.mean(sizes, axis=0).tolist()
    table = pd.DataFrame(
        {
            "motif": MAN,
            "null": null,
            "ensemble": ensemble,
            "error": error,
            "level": float(level),
            "draws": number,
            "defined": defined,
            "observed": np.mean([one.observed for one in found], axis=0),
            "expected": np.mean([one.expected for one in found], axis=0),
            "log_ratio": pooled.effect,
            "spread": 0.0 if number == 1 else spread,
            "connections": connections,
            "neurons": neurons,
        }
    )
    return table[list(COLUMNS)]


def _spread(each: npt.NDArray[np.float64]) -> tuple[Any, npt.NDArray[np.float64]]:
    """Count the draws with an effect; with the SD between them; nan for fewer than two."""
    there = np.isfinite(each)
    number = there.sum(0)
    filled = np.where(there, each, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        away = np.where(there, filled - filled.sum(0) / number, 0.0)
        spread = np.sqrt((away**2).sum(0) / (number - 1))
    return number, np.where(number > 1, spread, np.nan)


def last_level(null: str, error: str, miss: float) -> float | None:
    """Level beyond which no claim holds under a null, given what a circuit misses already.

    Parameters
    ----------
    null : str
    error : str
    miss : float
        f of the circuit itself.

    Returns
    -------
    float or None
        None where the level of the error is no share of the connections, or nothing is known about
        the null.
    """
    if null not in LIMITS or error not in SHARE_MISSED:
        return None
    return max(0.0, 1 - (1 - LIMITS[null]) / (1 - miss)) / SHARE_MISSED[error]
