"""Triads by class against nulls: which classes, computed once, as a document and for notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isocortex.keeping import Computation, once_drawn
from isocortex.measure import (
    DIRECTIONS,
    HARD_SAMPLES,
    NULLS,
    Parameters,
    against,
    plain,
)
from schemas.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from analysis.circuit import Circuit
    from analysis.nulls.ensembles import Ensemble
    from isocortex.sampling import Sampling
    from isocortex.workers import Workers
    from schemas.records import AnalysisRecord
    from store.results import Results

ANALYSIS = "typed-census"
ENCODING_VERSION = "1"
EFFECT_COLUMNS = (
    "observed", "expected", "log_ratio",
    "se", "df", "rule", "low", "high", "p", "p_adjusted", "mde",
)  # fmt: skip
Progress = Callable[[str, int, int], None]


def class_labels(circuit: Circuit, by: str) -> list[str]:
    """Return the class of every neuron; one without a class is of the class `(none)`.

    Parameters
    ----------
    circuit : Circuit
    by : str
        Column of the neuron table.

    Raises
    ------
    UsageError
        If there is no such column, or it has more classes than are counted apart.
    """
    from analysis.motifs.typed import MOST_CLASSES

    neurons = circuit.neurons
    if by not in neurons:
        raise UsageError(
            f"the neurons of {circuit.name} have no column {by!r}",
            remedy=f"there are {', '.join(map(str, neurons.columns))}",
        )
    labels = neurons[by].astype("object").where(neurons[by].notna(), "(none)").astype(str)
    if labels.nunique() > MOST_CLASSES:
        raise UsageError(
            f"column {by!r} has {labels.nunique()} classes, more than the {MOST_CLASSES} that are "
            "counted apart",
            remedy="choose a coarser one with --by, such as polarity or layer",
        )
    return [str(label) for label in labels]


def measure_typed(
    circuit: Circuit,
    by: str,
    version: str,
    parameters: Parameters,
    results: Results | None,
    progress: Progress | None = None,
    workers: Workers | None = None,
) -> tuple[AnalysisRecord, pd.DataFrame, dict[str, Ensemble]]:
    """Return the effects of triads by class, from the store if they were computed before.

    Parameters
    ----------
    circuit : Circuit
    by : str
        Column of the neuron table.
    version, parameters, results, progress, workers
        As for `isocortex.measure.measure`.

    Returns
    -------
    record, effects, drawn
        `drawn` are the hard ensembles, by null, if they were drawn now: `measure` can take them.

    Raises
    ------
    UsageError
        As `class_labels`.
    """
    from analysis.typed_effects import typed_effect_table

    labels = class_labels(circuit, by)

    def table(sampling: Sampling) -> pd.DataFrame:
        given = parameters.as_dict() | {"seed": parameters.seed}
        return typed_effect_table(circuit, labels, **given, progress=progress, sampler=sampling)

    told = parameters.as_dict() | {"by": by}
    work = Computation(ANALYSIS, ENCODING_VERSION, circuit.name, version, told, parameters.seed)
    record, effects, sampling = once_drawn(work, circuit, results, table, workers)
    return record, effects, {} if sampling is None else sampling.drawn


def typed_effects(
    circuit: Circuit | str | Path,
    by: str = "cell_class",
    *,
    nulls: str | Iterable[str] = NULLS,
    samples: int = HARD_SAMPLES,
    hard_limit: int | None = None,
    seed: int = 0,
    workers: int | None = None,
    cluster: str | None = None,
) -> pd.DataFrame:
    """Compare the triads of a circuit, by the classes of their neurons, with nulls.

    Parameters
    ----------
    circuit : Circuit, str or Path
        A circuit, or what `isocortex.circuit` takes.
    by : str, optional
        Column of the neuron table; a neuron without a class is of the class `(none)`.
    nulls, samples, hard_limit, seed, workers, cluster
        As for `isocortex.census`.

    Returns
    -------
    DataFrame
        One row per triad, classes of its places A, B, C, null and ensemble: observed, expected,
        log_ratio with se, df, rule, low, high, p, p_adjusted and mde, as in
        `analysis.typed_effects.typed_effect_table`.

    Raises
    ------
    UsageError
        If there is no such column, it has too many classes, or a null cannot be had.
    FrameError
        If single pairs of the circuit were tested.
    """
    from isocortex.library import given_circuit
    from isocortex.settings import Settings
    from isocortex.workers import notebook_workers
    from isocortex.workspace import Workspace

    workspace = Workspace(Settings.from_environment())
    given = given_circuit(workspace, circuit)
    version, stored = given.attributes.get("version", ""), workspace.results_of(given)
    with notebook_workers(workers, cluster) as crew:
        return against(
            given,
            nulls,
            Parameters((), samples, hard_limit, seed),
            lambda chosen: measure_typed(given, by, version, chosen, stored, workers=crew)[:2],
        )


def document(record: AnalysisRecord, effects: pd.DataFrame) -> dict[str, Any]:
    """Build the `typed_effects` part of the JSON document of a census (`docs/cli.md`)."""
    from analysis.typed_effects import PLACES, typed_survived

    nulls: dict[str, Any] = {}
    for (null, ensemble), rows in effects.groupby(["null", "ensemble"], sort=False):
        triads: dict[str, list[dict[str, Any]]] = {}
        for row in rows.to_dict("records"):
            found = {name: plain(row[name]) for name in EFFECT_COLUMNS}
            found["observed"] = int(row["observed"])
            cell = {"classes": [row[place] for place in PLACES]}
            triads.setdefault(row["motif"], []).append(cell | found)
        name = f"{null}_hard" if ensemble == "hard" else str(null)
        nulls[name] = {"ensemble": ensemble, "triads": triads}
    survives: dict[str, list[dict[str, Any]]] = {}
    for (motif, *classes), one in typed_survived(effects).items():
        beyond = [{"null": null, "direction": DIRECTIONS[more]} for null, more in one.beyond]
        told = {"highest": one.highest, "direction": DIRECTIONS[one.more], "beyond": beyond}
        survives.setdefault(motif, []).append({"classes": classes} | told)
    return {
        "by": record.parameters["by"],
        "nulls": nulls,
        "survives": survives,
        "provenance": record.model_dump(mode="json", exclude={"diagnostics"}),
    }
