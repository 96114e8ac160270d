"""The effect table of triads by class: each with the classes of its neurons, against every null."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.circuit import Circuit
from analysis.effects import (
    CONNECTED,
    LONGEST,
    NO_PARAMETERS,
    NOT_SOLVED,
    TOO_LARGE,
    TOO_SMALL,
    Progress,
    effect,
    shifted,
    tell,
)
from analysis.frame import observable
from analysis.motifs.typed import Cell, CellCounter, TypedCensus, typed_census
from analysis.nulls import Null, get_null
from analysis.nulls.dyads import NullUnavailable
from analysis.nulls.ensembles import Sampler, sample_ensemble, worth_sampling
from analysis.nulls.newton import ConvergenceError
from analysis.uncertainty import FEWEST_NEURONS, Variance, holm, step_down
from analysis.uncertainty.rungs import Survival, survived
from analysis.uncertainty.typed import TypedNull

Ints = npt.NDArray[np.int64]
Kind = tuple[str, Cell]
FLOOR = 1.0  # instances, observed or expected, from which a cell is compared
PLACES = ("A", "B", "C")
COLUMNS = (
    "motif", *PLACES, "null", "ensemble", "observed", "expected", "log_ratio",
    "se", "df", "rule", "low", "high", "p", "p_adjusted", "mde",
)  # fmt: skip


def typed_effect_table(
    circuit: Circuit,
    labels: Sequence[str],
    *,
    nulls: Iterable[str] = ("er", "block", "degree", "reciprocal"),
    hard_samples: int = 600,
    hard_limit: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    sampler: Sampler = sample_ensemble,
) -> pd.DataFrame:
    """Compare the connected triads of a circuit, by the classes of their neurons, with nulls.

    Parameters
    ----------
    circuit : Circuit
    labels : sequence of str, length n
        Class of each neuron, at most `analysis.motifs.typed.MOST_CLASSES` different ones. They
        need not be those that a null of classes has.
    nulls, hard_samples, hard_limit, seed, progress, sampler
        As for `analysis.effects.effect_table`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: one row per cell, null and ensemble. A cell is a triad (MAN code) with
        the classes of the places A, B, C of its drawing (`analysis.motifs.typed.ARROWS`); those of
        which one instance at least is observed or expected are there. All from `expected` on as
        for whole triads, but `p_adjusted`: `p` of a canonical null by Holm, of a hard one the
        step-down maximum among its samples (`analysis.uncertainty.step_down`), both over all cells
        against the same ensemble of which one instance at least is expected; others have no p.

    Raises
    ------
    FrameError
        If no triad was observable, or single pairs were tested.
    UsageError
        If a null is unknown.
    NullUnavailable
        If the circuit lacks what a null needs.
    ConvergenceError
        If a null cannot be fitted.
    """
    whole = observable(circuit, "typed triads")
    given = np.asarray(labels, dtype=object)
    if whole is not circuit:
        given = given[circuit.frame.core]
    census = typed_census(whole, given.tolist())
    number = {name: place for place, name in enumerate(census.classes)}
    own = np.array([number[label] for label in given], np.int64)
    chosen = [get_null(name) for name in nulls]
    hard = worth_sampling(whole, [null.name for null in chosen], hard_limit)
    steps = len(chosen) + len(hard) * hard_samples
    seen = {(motif, cell) for motif in CONNECTED for cell, n in census.counts[motif].items() if n}
    rows: list[dict[str, Any]] = []
    compared: dict[str, tuple[list[Kind], Mapping[Kind, Variance] | str, list[bool]]] = {}
    for done, null in enumerate(chosen, 1):
        expected, cells, variances = _canonical(whole, null, own, census, seen)
        seen |= set(cells)  # up the ladder: a cell of one rung is compared with all higher ones
        # Not by what is observed: cells chosen because they are seen would all be too many.
        tested = [expected.get(kind, 0.0) >= FLOOR for kind in cells]
        compared[null.name] = cells, variances, tested
        rows += _rows(census, null.name, "canonical", cells, expected, variances, tested)
        tell(progress, f"typed {null.name}", done, steps)
    done = len(chosen)
    for name in hard:
        report = shifted(progress, f"typed {name} hard", done, steps)
        cells, variances, tested = compared[name]
        counter = CellCounter(tuple(given.tolist()), tuple(cells))
        drawn = sampler(whole, name, hard_samples, seed, progress=report, beside=counter).beside
        assert drawn is not None
        done += hard_samples
        means = dict(zip(cells, drawn.mean(0).tolist(), strict=True))
        rows += _rows(census, name, "hard", cells, means, variances, tested, drawn)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def typed_survived(effects: pd.DataFrame) -> dict[tuple[str, ...], Survival]:
    """Say for every triad by class, (MAN code, A, B, C), how far up the ladder it stands out.

    Parameters
    ----------
    effects : DataFrame
        From `typed_effect_table`. A cell departs from a null if `p_adjusted` < .05.
    """
    kinds = list(zip(effects["motif"], *(effects[place] for place in PLACES), strict=True))
    codes, distinct = pd.factorize(pd.Index(kinds, tupleize_cols=False))
    found = survived(effects.assign(motif=codes, p_holm=effects["p_adjusted"]))
    return {distinct[int(code)]: one for code, one in found.items()}


def _canonical(
    circuit: Circuit, null: Null, own: Ints, census: TypedCensus, seen: set[Kind]
) -> tuple[Mapping[Kind, float], list[Kind], Mapping[Kind, Variance] | str]:
    """Return expected counts, the cells to compare, and their variances or why there are none.

    The cells are those that were seen or are expected, in the order of triads and classes.
    """
    order = {motif: place for place, motif in enumerate(CONNECTED)}

    def sorted_cells(cells: Iterable[Kind]) -> list[Kind]:
        return sorted(cells, key=lambda kind: (order[kind[0]], kind[1]))

    model = null.fit(circuit)
    try:
        split = TypedNull(model, own, len(census.classes))
    except NullUnavailable:
        return {}, sorted_cells(seen), TOO_LARGE
    expected = split.expected()
    cells = sorted_cells(seen | {kind for kind, mean in expected.items() if mean >= FLOOR})
    if null.parameters is None:
        return expected, cells, NO_PARAMETERS
    if circuit.n <= FEWEST_NEURONS:
        return expected, cells, TOO_SMALL
    parameters = null.parameters(circuit)
    if split.seconds(circuit, parameters, len(cells)) > LONGEST:
        return expected, cells, TOO_LARGE
    try:
        return expected, cells, split.variances(circuit, parameters, census, cells)
    except ConvergenceError:
        return expected, cells, NOT_SOLVED


def _rows(
    census: TypedCensus,
    null: str,
    ensemble: str,
    cells: list[Kind],
    expected: Mapping[Kind, float],
    variances: Mapping[Kind, Variance] | str,
    tested: list[bool],
    samples: Ints | None = None,
) -> list[dict[str, Any]]:
    """Rows of one ensemble; `samples` are the counts of the cells, shape (s, cells)."""
    rows = []
    for place, (motif, cell) in enumerate(cells):
        count = census.counts[motif].get(cell, 0)
        mean = expected.get((motif, cell), math.nan)
        drawn = None if samples is None else samples[:, place]
        rows.append(
            {"motif": motif, "null": null, "ensemble": ensemble}
            | {name: census.classes[k] for name, k in zip(PLACES, cell, strict=True)}
            | {"observed": count, "expected": mean, "p_adjusted": math.nan}
            | effect(null, (motif, cell), count, mean, variances, drawn)
        )
    if isinstance(variances, str):
        return rows
    for row, some in zip(rows, tested, strict=True):
        if not some:
            row["p"] = math.nan
    adjusted = np.full(len(rows), math.nan)
    if samples is None:
        adjusted = holm([row["p"] for row in rows])
    elif any(tested):
        counts = np.array([row["observed"] for row in rows])
        adjusted[tested] = step_down(counts[tested], samples[:, tested])
    return [row | {"p_adjusted": p} for row, p in zip(rows, adjusted.tolist(), strict=True)]
