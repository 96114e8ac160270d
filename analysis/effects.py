"""The effect table: every triad observed, against every null, each under its ensemble's name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.circuit import Circuit
from analysis.frame import FrameError, observable
from analysis.motifs import CLOSED, MAN, OPEN, triad_census
from analysis.motifs.tested import dyad_moments, tested_census, triple_dyads
from analysis.nulls import Null, get_null
from analysis.nulls import nulls as all_nulls
from analysis.nulls.dyads import DyadModel
from analysis.nulls.ensembles import USUAL, Sampler, sample_ensemble, worth_sampling
from analysis.nulls.hard import HARD
from analysis.nulls.newton import ConvergenceError
from analysis.uncertainty import (
    FEWEST_NEURONS,
    Variance,
    effect_interval,
    effect_variances,
    holm,
)
from analysis.uncertainty.pairs import seconds

Progress = Callable[[str, int, int], None]
ROUNDING = 1e-10  # of a mean, below which a standard deviation is none
CONNECTED = (*OPEN, *CLOSED)
THINNED = 3.0  # the variance of a mean over a thinned chain, in units of independent samples
LONGEST = 60.0  # estimated seconds of one null up to which errors are computed

# In place of a rule: why an effect has no interval.
NOT_CONNECTED = "not connected"
NO_EXPECTATION = "not expected"
NO_PARAMETERS = "no parameters"
NOT_SOLVED = "not solved"
TOO_SMALL = "too small"
TOO_LARGE = "too large"
TESTED = "tested pairs"

NO_INTERVAL = {
    NOT_CONNECTED: "it is a number of missing connections, not a motif of three neurons",
    NO_EXPECTATION: "the null expects none",
    NO_PARAMETERS: "the null does not say what it has parameters for",
    NOT_SOLVED: "how the fit of the null follows the circuit could not be computed",
    TOO_SMALL: f"there are at most {FEWEST_NEURONS} neurons",
    TOO_LARGE: f"it would take longer than {LONGEST:.0f} s for each null",
    TESTED: "pairs were tested one by one, so no neuron can be left out",
}

NUMBERS = ("se", "df", "low", "high", "p", "mde")
COLUMNS = (
    "motif", "null", "ensemble", "observed", "expected", "sd", "log_ratio", "z",
    "se", "df", "rule", "low", "high", "p", "p_holm", "mde",
)  # fmt: skip
Means = Mapping[str, float]
Variances = Mapping[str, Variance]


def effect_table(
    circuit: Circuit,
    *,
    nulls: Iterable[str] = ("er", "block", "degree", "reciprocal"),
    hard_samples: int = USUAL,
    hard_limit: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    sampler: Sampler = sample_ensemble,
) -> pd.DataFrame:
    """Compare the 16 triad counts of a circuit with null models.

    Parameters
    ----------
    circuit : Circuit
    nulls : iterable of str, optional
        Names of nulls.
    hard_samples : int, optional
        Samples of each hard ensemble. With 600, the smallest p that ranks can give is still below
        .05 after adjustment for 13 motifs; with fewer than 520 it is not.
    hard_limit : int, optional
        Largest number of neurons for which nulls are also taken against their hard ensemble, if
        they have one; default as many as are quickly sampled
        (`analysis.nulls.ensembles.worth_sampling`). The canonical expectation is refitted and
        biased in small or sparse circuits.
    seed : int, optional
        Seed of the hard ensembles; same seed, same numbers.
    progress : callable, optional
        Called with (what, done, total).
    sampler : callable, optional
        Draws the hard ensembles; the numbers do not depend on it.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`. `sd` is the standard deviation between graphs of the null, not an error
        of the effect; `log_ratio` is the natural logarithm of observed over expected, nan where
        either is zero; `z` is (observed − expected) / sd. `se` is the standard error of
        `log_ratio` and `df` its degrees of freedom, `low` and `high` its 95 % interval by `rule`
        (V, J1 or garwood, else why there is none), −inf and a number where no instance was
        observed. `p` is two-sided: for a hard ensemble the rank of the observed count among the
        samples, for a canonical one that of the effect by its interval, and nan for a canonical
        one of `degree` or `reciprocal`, whose bias is larger than the error; `p_holm` is adjusted
        for the connected triads against the same ensemble. `mde` is the smallest |log_ratio| that
        is told from 0 in four of five circuits.

    Raises
    ------
    UsageError
        If a null is unknown.
    NullUnavailable
        If the circuit lacks what a null needs.
    FrameError
        If no triad was observable, or none of the nulls can be had in the circuit's frame.
    ConvergenceError
        If a null cannot be fitted.

    Notes
    -----
    Where some neurons lack their outputs or inputs, the nulls are fitted to the neurons that have
    both. Where single pairs were tested, only nulls that need no degrees are there: each expects
    connections in the tested pairs only.
    """
    if circuit.frame.tested is not None:
        return _of_tested(circuit, list(nulls), progress)
    circuit = observable(circuit)
    observed = triad_census(circuit)
    chosen = [get_null(name) for name in nulls]
    hard = worth_sampling(circuit, [null.name for null in chosen], hard_limit)
    steps = len(chosen) + len(hard) * hard_samples
    done = 0
    rows = []
    variances: dict[str, Variances | str] = {}
    for null in chosen:
        model = null.fit(circuit)
        variances[null.name] = _variances(circuit, null, model)
        rows += _rows(
            observed, null.name, "canonical", model.expected, model.sd, variances[null.name]
        )
        done += 1
        tell(progress, f"null {null.name}", done, steps)
    for name in hard:
        report = shifted(progress, f"null {name} hard", done, steps)
        counts = sampler(circuit, name, hard_samples, seed, progress=report).counts
        done += hard_samples
        means, spreads = counts.mean(0), counts.std(0, ddof=1)
        rows += _rows(
            observed,
            name,
            "hard",
            dict(zip(MAN, means.tolist(), strict=True)),
            dict(zip(MAN, spreads.tolist(), strict=True)),
            variances[name],
            counts,
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _variances(circuit: Circuit, null: Null, model: DyadModel) -> Variances | str:
    """Variances of the effects beyond a null, or why there are none."""
    if null.parameters is None:
        return NO_PARAMETERS
    if min(seconds(circuit)) > LONGEST:
        return TOO_LARGE
    if circuit.n <= FEWEST_NEURONS:
        return TOO_SMALL
    try:
        return effect_variances(circuit, null, model)
    except ConvergenceError:
        return NOT_SOLVED


def _of_tested(circuit: Circuit, nulls: list[str], progress: Progress | None) -> pd.DataFrame:
    """Effects among the triples that were tested whole."""
    observed = tested_census(circuit)
    chosen = [null for null in map(get_null, nulls) if null.tested is not None]
    if not chosen:
        raise FrameError(
            f"{', '.join(nulls)} cannot be had for {circuit.name}: single pairs were tested, so "
            "the degree of a neuron is not known",
            remedy=f"compare with {', '.join(n for n, null in all_nulls().items() if null.tested)}",
        )
    dyads = triple_dyads(circuit)
    rows = []
    for done, null in enumerate(chosen):
        assert null.tested is not None
        tell(progress, f"null {null.name}", done, len(chosen))
        moments = dyad_moments(dyads, null.tested(circuit))
        rows += _rows(observed, null.name, "canonical", *moments, TESTED)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(
    observed: dict[str, int],
    null: str,
    ensemble: str,
    expected: Means,
    sd: Means,
    variances: Variances | str,
    samples: npt.NDArray[np.int64] | None = None,
) -> list[dict[str, Any]]:
    """Rows of one ensemble; `samples` are the censuses, shape (s, 16), if it was sampled."""
    rows = []
    for place, motif in enumerate(MAN):
        count, mean, spread = observed[motif], expected[motif], sd[motif]
        row: dict[str, Any] = {
            "motif": motif,
            "null": null,
            "ensemble": ensemble,
            "observed": count,
            "expected": mean,
            "sd": spread,
            # A null that allows one graph has no spread but what rounding leaves.
            "z": (count - mean) / spread if spread > ROUNDING * max(1.0, mean) else math.nan,
            "p_holm": math.nan,
        }
        drawn = None if samples is None else samples[:, place]
        why: Mapping[Any, Variance] | str = variances if motif in CONNECTED else NOT_CONNECTED
        rows.append(row | effect(null, motif, count, mean, why, drawn))
    adjusted = holm([row["p"] for row in rows])
    return [row | {"p_holm": p} for row, p in zip(rows, adjusted.tolist(), strict=True)]


def effect(
    null: str,
    kind: Any,
    count: int,
    mean: float,
    variances: Mapping[Any, Variance] | str,
    samples: npt.NDArray[np.int64] | None = None,
) -> dict[str, Any]:
    """Effect of one kind of instances beyond a null, with its uncertainty.

    Parameters
    ----------
    null : str
    kind : object
        Key among the variances.
    count, mean : float
        Observed and expected.
    variances : mapping or str
        By kind, or why there are none.
    samples : int64, shape (s,), optional
        The counts of the samples that `mean` is the mean of; default it is the canonical one.

    Returns
    -------
    dict
        log_ratio, se, df, rule, low, high, p, mde.
    """
    ratio = math.log(count / mean) if count > 0 and mean > 0 else math.nan
    why = variances if isinstance(variances, str) else NO_EXPECTATION
    found = {"log_ratio": ratio} | dict.fromkeys(NUMBERS, math.nan) | {"rule": why}
    if isinstance(variances, str):
        return found
    if mean > 0:
        error = 0.0
        if samples is not None:
            chain = THINNED if null in HARD else 1.0
            error = float(samples.std(ddof=1)) * math.sqrt(chain / len(samples))
        found |= asdict(effect_interval(count, mean, variances.get(kind), error))
    if samples is not None:
        found["p"] = _rank(count, samples)
    elif null in HARD:
        found["p"] = math.nan  # its bias exceeds the error: what is no effect would be one
    return found


def _rank(count: int, samples: npt.NDArray[np.int64]) -> float:
    """Two-sided p of a count among those of samples, itself one of them."""
    above, below = int((samples >= count).sum()), int((samples <= count).sum())
    return min(1.0, 2 * (1 + min(above, below)) / (1 + len(samples)))


def tell(progress: Progress | None, what: str, done: int, total: int) -> None:
    """Report how much is done, if anyone listens."""
    if progress is not None:
        progress(what, done, total)


def shifted(
    progress: Progress | None, what: str, before: int, steps: int
) -> Callable[[int, int], None] | None:
    """Report a part of the work that begins after `before` of all steps."""
    if progress is None:
        return None
    return lambda done, _: progress(what, before + done, steps)
