"""`isocortex ingest`: one dataset into the lake and the graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from isocortex.pipeline import DatasetOutcome, choose, ingest_dataset, publish
from isocortex.workspace import Workspace
from schemas.errors import SourceUnavailable, UsageError
from schemas.records import Evidence
from schemas.vocabularies import vocabulary

Progress = Callable[[str, int, int], None]


def ingest_named(
    workspace: Workspace, dataset: str, progress: Progress | None = None
) -> DatasetOutcome:
    """Ingest a dataset of the catalog.

    Raises
    ------
    UsageError, SourceUnavailable, InputError
    """
    (manifest,) = choose([dataset], workspace)
    outcome = ingest_dataset(workspace, manifest, progress=progress)
    if outcome.state == "skipped":
        raise SourceUnavailable(outcome.reason or f"{dataset} cannot be had")
    _project(workspace, dataset, progress)
    return outcome


def ingest_file(
    workspace: Workspace,
    path: Path,
    neurons: Path | None,
    name: str | None,
    species: str,
    evidence: Evidence | None,
    progress: Progress | None = None,
) -> DatasetOutcome:
    """Ingest an edge list of the user's.

    Raises
    ------
    UsageError
        If the evidence is not given or the species is unknown.
    InputError
        If the file is bad; lake and graph are unchanged then.
    """
    from ingest import catalog_manifests
    from ingest.job import prepare_file

    if evidence is None:
        raise UsageError(
            "how the connections are known is not given",
            remedy=f"add --evidence with one of {', '.join(Evidence)}",
        )
    if species not in vocabulary("species"):
        raise UsageError(
            f"no species is called {species!r}",
            remedy=f"there are {', '.join(vocabulary('species'))}",
        )
    manifest, prepared = prepare_file(path, neurons, name=name, species=species, evidence=evidence)
    if manifest.dataset in catalog_manifests():
        raise UsageError(
            f"{manifest.dataset} is the name of a dataset of the catalog",
            remedy="give yours another one with --name",
        )
    outcome = publish(workspace, manifest, prepared)
    _project(workspace, manifest.dataset, progress)
    return outcome


def _project(workspace: Workspace, dataset: str, progress: Progress | None) -> None:
    with workspace.graph(progress) as graph:
        if graph.projected().get(dataset) != workspace.lake.latest(dataset):
            graph.project(workspace.lake, [dataset], progress)
