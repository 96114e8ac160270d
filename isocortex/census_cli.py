"""`isocortex census`: the motifs of a circuit against nulls."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from isocortex import show, show_counts, show_effects, show_typed
from isocortex.commands import (
    CircuitName,
    Cluster,
    HardLimit,
    Json,
    NeuronTable,
    Processes,
    Samples,
    Seed,
    loaded,
    refuse_idle,
)
from isocortex.measure import HARD_SAMPLES
from isocortex.settings import Settings
from isocortex.workspace import Workspace


class Method(StrEnum):
    """How motifs of four neurons are counted."""

    AUTO = "auto"
    EXACT = "exact"
    HYBRID = "hybrid"
    SAMPLED = "sampled"


def census(
    context: typer.Context,
    circuit: CircuitName,
    neurons: NeuronTable = None,
    nulls: Annotated[
        str,
        typer.Option(
            help="Nulls to compare with, separated by commas; `ladder`: all that can be had."
        ),
    ] = "er,block,degree,reciprocal",
    samples: Samples = HARD_SAMPLES,
    hard_limit: HardLimit = None,
    seed: Seed = 0,
    size: Annotated[
        int, typer.Option(min=3, max=4, help="4 counts the 218 motifs of four neurons as well.")
    ] = 3,
    method: Annotated[
        Method, typer.Option(help="How four neurons are counted; `auto`: exact where in reach.")
    ] = Method.AUTO,
    typed: Annotated[
        bool, typer.Option("--typed", help="The triads by the classes of their neurons too.")
    ] = False,
    by: Annotated[
        str, typer.Option(help="Column of the neuron table that `--typed` takes as classes.")
    ] = "cell_class",
    workers: Processes = None,
    cluster: Cluster = None,
    weighted: Annotated[
        bool, typer.Option("--weighted", help="Intensity and coherence of the triads too.")
    ] = False,
    weights: Annotated[
        str | None,
        typer.Option("--measure", help="Measure that `--weighted` takes; default the weights."),
    ] = None,
    within: Annotated[
        str | None, typer.Option(help="Column of classes within which weights are shuffled.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Count the 16 triads and compare them with the null ladder."""
    from analysis.motifs.four import four_node_census
    from analysis.nulls.ensembles import worth_sampling
    from isocortex import class_effects, known_errors, show_convergence, weighting
    from isocortex.library import by_class
    from isocortex.measure import (
        Parameters,
        census_document,
        climbed,
        measure,
        null_names,
    )
    from isocortex.workers import chosen_workers

    if size != 4:
        refuse_idle(context, "without --size 4", "method")
    if not typed:
        refuse_idle(context, "without --typed", "by")
    if not weighted:
        refuse_idle(context, "without --weighted", "weights", "within")
    workspace = Workspace(Settings.from_environment())
    null_names(nulls)  # a wrong name is said before a large file is read
    with show.progress() as progress, chosen_workers(workers, cluster) as crew:
        given = loaded(workspace, circuit, neurons, quiet=as_json)
        names, missing = climbed(nulls, given)
        if not worth_sampling(given, names, hard_limit):
            idle = ("workers", "cluster") if weighted else ("workers", "cluster", "samples")
            refuse_idle(context, f"where no hard ensemble is sampled, as of {given.name}", *idle)
        parameters = Parameters(names, samples, hard_limit, seed)
        weighed = None
        if weighted:  # first, since it may be refused
            by_weight = weighting.Weighting(weights, within, samples, seed)
            weighed = weighting.weigh(workspace, given, by_weight, progress)
        stored = workspace.results_of(given)
        version = given.attributes.get("version", "")
        by_cell, drawn = None, None
        if typed:  # first: what it draws does for whole triads too
            *_, drawn = by_cell = class_effects.measure_typed(
                given, by, version, parameters, stored, progress, crew
            )
        record, effects, _ = measure(given, version, parameters, stored, progress, crew, drawn)
        four = four_node_census(given, method.value, seed=seed) if size == 4 else None
    errors = known_errors.errors_of(workspace, given)
    if as_json:
        classes = by_class(given, by) if typed else None
        document = census_document(given, record, effects, four, classes, missing)
        document["errors"] = errors
        if by_cell is not None:
            document["typed_effects"] = class_effects.document(*by_cell[:2])
        if weighed is not None:
            document["weighted"] = weighting.document(weighed)
        show.json_document(document)
    else:
        show_effects.census(given, record, effects, missing, known_errors.line(errors))
        show_convergence.warnings(record)
        if by_cell is not None:
            show_typed.typed(*by_cell[:2])
        if weighed is not None:
            weighting.show_weighed(weighed)
        if four is not None:
            show_counts.motifs4(four)
