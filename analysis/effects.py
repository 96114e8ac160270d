"""The effect table: every triad observed, against every null, each under its ensemble's name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import pandas as pd

from analysis.circuit import Circuit
from analysis.frame import FrameError, observable
from analysis.motifs import MAN, triad_census
from analysis.motifs.tested import dyad_moments, tested_census, triple_dyads
from analysis.nulls import get_null
from analysis.nulls import nulls as all_nulls
from analysis.nulls.ensembles import Sampler, sample_ensemble
from analysis.nulls.hard import has_hard_form

Progress = Callable[[str, int, int], None]
ROUNDING = 1e-10  # of a mean, below which a standard deviation is none
COLUMNS = ("motif", "null", "ensemble", "observed", "expected", "sd", "log_ratio", "z")


def effect_table(
    circuit: Circuit,
    *,
    nulls: Iterable[str] = ("er", "block", "degree", "reciprocal"),
    hard_samples: int = 200,
    hard_limit: int = 1_000,
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
        Samples of each hard ensemble.
    hard_limit : int, optional
        Largest number of neurons for which nulls are also taken against their hard ensemble, if
        they have one. The canonical expectation is refitted and biased in small or sparse circuits.
    seed : int, optional
        Seed of the hard ensembles; same seed, same numbers.
    progress : callable, optional
        Called with (what, done, total).
    sampler : callable, optional
        Draws the hard ensembles; the numbers do not depend on it.

    Returns
    -------
    DataFrame
        Columns motif, null, ensemble (canonical or hard), observed, expected, sd, log_ratio, z.
        `sd` is the standard deviation between graphs of the null, not an error of the effect;
        `log_ratio` is the natural logarithm of observed over expected, nan where either is zero.

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
    hard = [null.name for null in chosen if has_hard_form(null) and circuit.n <= hard_limit]
    steps = len(chosen) + len(hard) * hard_samples
    done = 0
    rows = []
    for null in chosen:
        model = null.fit(circuit)
        rows += _rows(observed, null.name, "canonical", model.expected, model.sd)
        done += 1
        _tell(progress, f"null {null.name}", done, steps)
    for name in hard:
        tell = _shifted(progress, f"null {name} hard", done, steps)
        counts = sampler(circuit, name, hard_samples, seed, progress=tell).counts
        done += hard_samples
        means, spreads = counts.mean(0), counts.std(0, ddof=1)
        rows += _rows(
            observed,
            name,
            "hard",
            dict(zip(MAN, means.tolist(), strict=True)),
            dict(zip(MAN, spreads.tolist(), strict=True)),
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


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
        _tell(progress, f"null {null.name}", done, len(chosen))
        moments = dyad_moments(dyads, null.tested(circuit))
        rows += _rows(observed, null.name, "canonical", *moments)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(
    observed: dict[str, int],
    null: str,
    ensemble: str,
    expected: dict[str, float],
    sd: dict[str, float],
) -> list[tuple[str, str, str, int, float, float, float, float]]:
    rows = []
    for motif in MAN:
        count, mean, spread = observed[motif], expected[motif], sd[motif]
        ratio = math.log(count / mean) if count > 0 and mean > 0 else math.nan
        # A null that allows one graph has no spread but what rounding leaves.
        z = (count - mean) / spread if spread > ROUNDING * max(1.0, mean) else math.nan
        rows.append((motif, null, ensemble, count, mean, spread, ratio, z))
    return rows


def _tell(progress: Progress | None, what: str, done: int, total: int) -> None:
    if progress is not None:
        progress(what, done, total)


def _shifted(
    progress: Progress | None, what: str, before: int, steps: int
) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, _: progress(what, before + done, steps)
