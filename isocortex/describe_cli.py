"""`isocortex describe` and `statistics`: the registry of statistics, of a circuit and as a list."""

from __future__ import annotations

from typing import Annotated

import typer

from isocortex import show
from isocortex.commands import CircuitName, Json, NeuronTable, loaded
from isocortex.settings import Settings
from isocortex.workspace import Workspace


def describe(
    circuit: CircuitName,
    statistic: Annotated[
        list[str] | None,
        typer.Option(help="Name of a statistic, repeatable; default all that are quick."),
    ] = None,
    neurons: NeuronTable = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of groups and of what draws.")] = 0,
    as_json: Json = False,
) -> None:
    """Compute statistics of a circuit: cycles, clustering, modules, hubs, distance and others."""
    from analysis.statistics import get_statistic
    from isocortex import describing, known_errors, show_statistics

    for name in statistic or ():
        get_statistic(name)  # a wrong name is said before a large file is read
    workspace = Workspace(Settings.from_environment())
    with show.progress() as progress:
        given = loaded(workspace, circuit, neurons, quiet=as_json)
        stored = workspace.results_of(given)
        version = given.attributes.get("version", "")
        found = describing.describe(given, version, statistic or None, seed, stored, progress)
    errors = known_errors.errors_of(workspace, given)
    if as_json:
        show.json_document(describing.document(given, found) | {"errors": errors})
    else:
        show_statistics.described(given, found, known_errors.line(errors))


def statistics(as_json: Json = False) -> None:
    """List the statistics: what each is, what it needs, where it is defined."""
    from isocortex import show_statistics
    from isocortex.describing import registry_document

    if as_json:
        show.json_document(registry_document())
    else:
        show_statistics.registry(registry_document())
