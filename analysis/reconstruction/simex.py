"""Simulation and extrapolation (SIMEX) of a motif effect to a circuit without detection errors.

Connections are lost once more, so that the share that survives both losses is (1 − f)^(1 + λ), for
several λ ≥ 0, and λ times as many spurious ones are added as there are; the effect is followed over
λ and its line continued to λ = −1, where there were no errors (Cook & Stefanski 1994,
DOI 10.1080/01621459.1994.10476871). Of each λ the effect is the ratio of the mean count to the mean
expectation over the draws, so that an empty draw counts as zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.frame import observable
from analysis.motifs import MAN
from analysis.reconstruction.effects import Pooled, measured, pool
from analysis.reconstruction.errors import ErrorModel, corrupt
from analysis.reconstruction.kernel import check_rates, inflation, jackknife, node_groups

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]

LAMBDAS = (0.0, 0.5, 1.0, 1.5)
DRAWS = 6
FEWEST = 3  # points that make a line worth following
TRUTH = -1.0
GROUPS = 12  # of neurons, each left out once for the inflation


@dataclass(frozen=True)
class Extrapolation:
    """Effects continued to a circuit without detection errors.

    Attributes
    ----------
    lambdas : float64, shape (k,)
    points : float64, shape (k, 16)
        Effect at every λ; nan where none of the draws had a triad, or none was expected.
    corrected : float64, shape (16,)
        The line at λ = −1; nan where fewer than three points are defined.
    shift : float64, shape (16,)
        corrected − the effect at λ = 0: what is added to an effect of the circuit.
    mc_sd : float64, shape (16,)
        SD of the shift by the number of draws and samples.
    inflation : float64, shape (16,)
        SD of the corrected effect over that of the raw one, at least 1; nan if it was not asked
        for, or lost in the noise of the samples.
    """

    lambdas: Floats
    points: Floats
    corrected: Floats
    shift: Floats
    mc_sd: Floats
    inflation: Floats


def weights_of_line(lambdas: Floats, defined: npt.NDArray[np.bool_]) -> Floats:
    """Weights of points in the value at λ = −1 of their least-squares line, shape (k, 16).

    Parameters
    ----------
    lambdas : float64, shape (k,)
    defined : bool, shape (k, 16)
        Points that there are; others have no weight.

    Returns
    -------
    float64, shape (k, 16)
        Columns sum to 1; nan where fewer than three points are defined.
    """
    number = defined.sum(0)
    enough = number >= FEWEST
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (lambdas[:, None] * defined).sum(0) / number
        away = np.where(defined, lambdas[:, None] - middle, 0.0)
        weights = defined / number + (TRUTH - middle) * away / (away**2).sum(0)
    weights[:, ~enough] = np.nan
    found: Floats = weights
    return found


def simex(
    circuit: Circuit,
    null: str,
    miss: float,
    spurious: float = 0.0,
    *,
    seed: int | Sequence[int] = 0,
    draws: int = DRAWS,
    samples: int = 100,
    with_inflation: bool = True,
    progress: Progress | None = None,
) -> Extrapolation:
    """Take missed and spurious connections out of the hard effects of a circuit.

    Parameters
    ----------
    circuit : Circuit
    null : str
        A null with a hard form.
    miss : float
        f, the share of the connections that were missed, each by itself.
    spurious : float, optional
        Share of the connections seen that are spurious.
    seed : int or sequence of int, optional
    draws : int, optional
        Circuits drawn at every λ > 0.
    samples : int, optional
        Samples of the hard ensemble of every draw, and `draws` times as many at λ = 0.
    with_inflation : bool, optional
        Whether to repeat it with one of twelve groups of neurons left out each, for the inflation.
    progress : callable, optional
        Called with (done, total).

    Raises
    ------
    UsageError
        If there is no such hard ensemble, or f is no share below 1.

    Notes
    -----
    All repetitions leave neurons out of the same noisier circuits, so the inflation does not hold
    the noise of the draws; that is `mc_sd`.
    """
    check_rates(miss, 0.0)
    circuit = observable(circuit)
    sequence = np.random.SeedSequence(seed)
    first, *others = sequence.spawn(2 + GROUPS)
    levels = _noisier(circuit, miss, spurious, draws, np.random.default_rng(first))
    groups = node_groups(circuit.n, GROUPS)
    repeats = groups.max() + 1 if with_inflation else 0
    total, done = 1 + repeats, 1
    whole = _pooled(levels, null, samples, np.random.default_rng(others[0]))
    effects, weights = _line(whole)
    shifting: Floats = weights - np.eye(len(LAMBDAS))[:, :1]  # what is taken off at λ = 0
    inflated = np.full(len(MAN), np.nan)
    if progress is not None:
        progress(done, total)
    raw, corrected, noise = [], [], []
    for place in range(repeats):
        keep = groups != place
        part = [[one.subset(keep) for one in level] for level in levels]
        pooled = _pooled(part, null, samples, np.random.default_rng(others[1 + place]))
        values, line = _line(pooled)
        raw.append(values[0])
        corrected.append(_along(line, values))
        sampling = np.stack([one.noise for one in pooled])
        noise.append((sampling[0], _along(np.square(line), sampling)))
        done += 1
        if progress is not None:
            progress(done, total)
    if repeats:
        raw_noise, line_noise = np.mean(noise, axis=0)
        inflated = inflation(
            jackknife(np.stack(raw), raw_noise), jackknife(np.stack(corrected), line_noise)
        )
    found = _along(weights, effects)
    variance = np.stack([one.variance for one in whole])
    return Extrapolation(
        np.array(LAMBDAS),
        effects,
        found,
        found - effects[0],
        np.sqrt(_along(np.square(shifting), variance)),
        inflated,
    )


def _along(weights: Floats, values: Floats) -> Floats:
    """Weighted sum over λ, points that are not there left out; nan stays where no line is."""
    lost = np.isnan(weights).any(0)
    total: Floats = np.where(np.isnan(values), 0.0, values * np.nan_to_num(weights)).sum(0)
    return np.where(lost, np.nan, total)


def _line(levels: list[Pooled]) -> tuple[Floats, Floats]:
    """Effects of every λ and their weights in the corrected effect."""
    effects = np.stack([one.effect for one in levels])
    return effects, weights_of_line(np.array(LAMBDAS), np.isfinite(effects))


def _noisier(
    circuit: Circuit, miss: float, spurious: float, draws: int, rng: np.random.Generator
) -> list[list[Circuit]]:
    """Circuits of every λ; the given one at λ = 0."""
    levels = [[circuit]]
    for extra in LAMBDAS[1:]:
        left = (1 - miss) ** extra
        # The level of spurious ones is per connection that is left; their number is not.
        model = ErrorModel({"missed": 1 - left, "spurious": extra * spurious / left})
        levels.append([corrupt(circuit, model, rng) for _ in range(draws)])
    return levels


def _pooled(
    levels: list[list[Circuit]], null: str, samples: int, rng: np.random.Generator
) -> list[Pooled]:
    most = max(map(len, levels))
    return [
        pool([measured(one, null, "hard", samples * most // len(level), rng) for one in level])
        for level in levels
    ]
