"""`isocortex describe` and `statistics`: the registry of statistics, of a circuit and as a list."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from isocortex import show
from isocortex.commands import CircuitName, Json, NeuronTable
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
    from isocortex import describing, show_ingest, show_statistics
    from isocortex.library import load_circuit

    for name in statistic or ():
        get_statistic(name)  # a wrong name is said before a large file is read
    workspace = Workspace(Settings.from_environment())
    with show.progress() as progress:
        tell = None if as_json else partial(show_ingest.understood, kept=False)
        loaded = load_circuit(workspace, circuit, neurons, tell)
        stored = workspace.results if loaded.attributes.get("dataset") else None
        version = loaded.attributes.get("version", "")
        found = describing.describe(loaded, version, statistic or None, seed, stored, progress)
    if as_json:
        show.json_document(describing.document(loaded, found))
    else:
        show_statistics.described(loaded, found)


def statistics(as_json: Json = False) -> None:
    """List the statistics: what each is, what it needs, where it is defined."""
    from isocortex import show_statistics
    from isocortex.describing import registry_document

    if as_json:
        show.json_document(registry_document())
    else:
        show_statistics.registry(registry_document())
