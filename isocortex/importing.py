"""`isocortex ingest`: one dataset into the lake and the graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from isocortex.pipeline import (
    DatasetOutcome,
    choose,
    ingest_dataset,
    ingest_version,
    publish,
)
from isocortex.workspace import Workspace
from schemas.errors import SourceUnavailable, UsageError
from schemas.records import DatasetManifest, Evidence, FileSource
from schemas.registry import unknown
from schemas.vocabularies import vocabulary

if TYPE_CHECKING:
    from ingest.job import Prepared
    from ingest.own import SelfLoops
    from ingest.recognise import Recognised

Progress = Callable[[str, int, int], None]
Tell = Callable[[DatasetManifest, "Recognised", "Prepared"], None]
MANIFEST = ".toml"


@dataclass(frozen=True)
class Given:
    """What the user says of a file.

    Attributes
    ----------
    neurons : Path or None
        Neuron table.
    name : str or None
        Name of the dataset.
    species : str
    evidence : Evidence or None
        How the connections are known.
    self_loops : str
    member : str or None
        Member of an archive that is meant.
        What becomes of connections from a neuron to itself.
    """

    neurons: Path | None = None
    name: str | None = None
    species: str = "mouse"
    evidence: Evidence | None = None
    self_loops: SelfLoops = "drop"
    member: str | None = None


def ingest_named(
    workspace: Workspace,
    dataset: str,
    progress: Progress | None = None,
    *,
    accept_checksum: bool = False,
) -> DatasetOutcome:
    """Ingest a dataset of the catalog; see `pipeline.ingest_dataset` for the checksums.

    Raises
    ------
    UsageError, SourceUnavailable, InputError
    """
    (manifest,) = choose([dataset], workspace)
    outcome = ingest_dataset(
        workspace, manifest, accept_checksum=accept_checksum, progress=progress
    )
    if outcome.state == "skipped":
        raise SourceUnavailable(outcome.reason or f"{dataset} cannot be had")
    _project(workspace, dataset, progress)
    return outcome


def ingest_manifest(
    workspace: Workspace,
    path: Path,
    progress: Progress | None = None,
    *,
    accept_checksum: bool = False,
) -> DatasetOutcome:
    """Ingest what a manifest of the user's describes.

    Raises
    ------
    UsageError
        If its name is that of a dataset of the catalog.
    InputError
        If the manifest or a file is bad; lake and graph are unchanged then.
    """
    from ingest.own import read_own_manifest

    manifest = read_own_manifest(path)
    _own_name(manifest.dataset)
    outcome = ingest_dataset(
        workspace, manifest, accept_checksum=accept_checksum, progress=progress
    )
    if outcome.state == "skipped":
        raise SourceUnavailable(outcome.reason or f"{manifest.dataset} cannot be had")
    _project(workspace, manifest.dataset, progress)
    return outcome


def ingest_file(
    workspace: Workspace,
    path: Path,
    given: Given,
    *,
    tell: Tell | None = None,
    progress: Progress | None = None,
) -> DatasetOutcome:
    """Ingest a circuit of the user's; its content tells the format.

    Parameters
    ----------
    workspace : Workspace
    path : Path
    given : Given
    tell : callable, optional
        Called with what was understood, before anything is written.
    progress : callable, optional

    Raises
    ------
    UsageError
        If the evidence is neither given nor implied, or the species is unknown.
    InputError
        If the file is bad; lake and graph are unchanged then.
    """
    from ingest.job import prepare_understood

    manifest, known = _understood(path, given)
    if given.evidence is None and known.evidence is None:
        raise UsageError(
            f"how the connections of {path.name} are known is not given",
            remedy=f"add --evidence with one of {', '.join(Evidence)}",
        )
    outcome = _unchanged(workspace, manifest)
    if outcome is None:
        manifest, prepared = prepare_understood(manifest, known)
        if tell is not None:
            tell(manifest, known, prepared)
        outcome = publish(workspace, manifest, prepared)
    _project(workspace, manifest.dataset, progress)
    return outcome


def write_manifest(path: Path, given: Given, folder: Path) -> Path:
    """Write a manifest of a file, to be completed; the file is read to see that it is sound.

    Returns
    -------
    Path
        The manifest, `<dataset>.toml` in `folder`.

    Raises
    ------
    UsageError
        If there is such a file already.
    InputError
        If the file is bad.
    """
    from ingest.job import prepare_understood
    from ingest.own import manifest_text

    target = folder / f"{_understood(path, given)[0].dataset}{MANIFEST}"
    if target.exists():
        raise UsageError(
            f"there is a {target.name} already",
            remedy="remove it, or give another name with --name",
        )
    guessed, known = _understood(path, given)
    manifest, _ = prepare_understood(guessed, known)
    sure = given.evidence is not None or known.evidence is not None
    target.write_text(manifest_text(manifest, folder, evidence=sure), encoding="utf-8")
    return target


def _understood(path: Path, given: Given) -> tuple[DatasetManifest, Recognised]:
    from ingest.own import understand

    if given.species not in vocabulary("species"):
        raise unknown("species", given.species, vocabulary("species"))
    manifest, known = understand(
        path,
        given.neurons,
        name=given.name,
        species=given.species,
        evidence=given.evidence,
        self_loops=given.self_loops,
        member=given.member,
    )
    _own_name(manifest.dataset)
    return manifest, known


def _own_name(dataset: str) -> None:
    from ingest import catalog_manifests

    if dataset in catalog_manifests():
        raise UsageError(
            f"{dataset} is the name of a dataset of the catalog",
            remedy="give yours another one with --name, or in its manifest",
        )


def _unchanged(workspace: Workspace, manifest: DatasetManifest) -> DatasetOutcome | None:
    """Outcome of a file that is in the lake as it is, read by this code and meant the same."""
    from ingest.sources import provide_files

    lake, dataset = workspace.lake, manifest.dataset
    latest = lake.latest(dataset)
    if latest is None or not isinstance(manifest.source, FileSource):
        return None
    known, before = lake.provenance(dataset, latest), lake.manifest(dataset, latest)
    # What the file itself tells is in the manifest only after it was read.
    learned = {"weight": before.weight, "frame": before.frame, "caveats": before.caveats}
    _, sources = provide_files([Path(path) for path in manifest.source.paths])
    same = (
        manifest.model_copy(update=learned) == before
        and [one.sha256 for one in sources] == [one.sha256 for one in known.sources]
        and known.code_version == ingest_version()
    )
    return DatasetOutcome(dataset, "unchanged", latest) if same else None


def _project(workspace: Workspace, dataset: str, progress: Progress | None) -> None:
    with workspace.graph(progress) as graph:
        if graph.projected().get(dataset) != workspace.lake.latest(dataset):
            graph.project(workspace.lake, [dataset], progress)
