"""What is known of the errors of the data behind a circuit, in one line and as a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from schemas.records import ErrorModel

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from isocortex.workspace import Workspace
    from schemas.records import DatasetManifest


def errors_of(workspace: Workspace, circuit: Circuit) -> dict[str, Any]:
    """Return the document of a circuit's errors; a file tells nothing of them."""
    dataset = circuit.attributes.get("dataset")
    if not dataset:
        return document(ErrorModel(), None)
    return of_manifest(workspace.lake.manifest(dataset))


def of_manifest(manifest: DatasetManifest) -> dict[str, Any]:
    """Return the document of a dataset's errors."""
    return document(manifest.errors, " ".join(manifest.completeness.split()))


def document(errors: ErrorModel, completeness: str | None) -> dict[str, Any]:
    """Return figures with their sources, `null` where one is not known, and all of it in words."""
    return {
        **errors.model_dump(mode="json"),
        "completeness": completeness,
        "words": errors.short(),
    }


def line(known: Mapping[str, Any]) -> str:
    """Say the document of a circuit's errors for people: the figures, what is complete."""
    said = f"Errors: {known['words']}."
    complete = (known["completeness"] or "").partition(". ")[0].rstrip(".")
    return f"{said} {complete}." if complete else said


def lines(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say what is known for datasets or circuits: those with figures, then the rest."""
    said: dict[str, list[str]] = {}
    for row in rows:
        name = str(row.get("circuit") or row["dataset"]).partition("/")[0]
        names = said.setdefault(row["errors"]["words"], [])
        if name not in names:
            names.append(name)
    nothing = said.pop(ErrorModel().short(), [])
    found = [f"Errors: {', '.join(names)}: {words}." for words, names in said.items()]
    if nothing:
        others = "all others" if found else "all"
        found.append(f"Errors: {others}: {ErrorModel().short()}.")
    return found
