"""How to cite the data behind circuits: text, BibTeX, JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import isocortex
from isocortex.workspace import Workspace, find_circuit
from schemas.records import Citation, DatasetManifest

SOFTWARE = (
    f"isocortex, a comparative connectomics database, version {isocortex.__version__} (Apache-2.0)"
)


@dataclass(frozen=True)
class Cited:
    """One dataset that is cited.

    Attributes
    ----------
    manifest : DatasetManifest
    version : str
        Empty for a dataset of the catalog that is not in the lake.
    circuits : list of str
        The circuits of it that were asked for.
    works : list of Citation
        Every publication behind the dataset, the main one first.
    """

    manifest: DatasetManifest
    version: str
    circuits: list[str]
    works: list[Citation]


def cited(workspace: Workspace, circuits: Sequence[str]) -> list[Cited]:
    """Look up what stands behind circuits of the lake or the catalog, in the order asked for.

    A dataset of pathways has no circuits and is asked for by its own name; `circuit@version` is
    that of an earlier version.

    Raises
    ------
    UsageError
        If there is no such circuit or version.
    """
    from ingest.catalogue import catalog_manifests, works

    lake = {name: workspace.lake.manifest(name) for name in workspace.lake.datasets()}
    manifests = {**catalog_manifests(), **lake}
    known = [
        (f"{manifest.dataset}/{cut.name}", manifest, cut)
        for manifest in manifests.values()
        for cut in manifest.circuits
    ]
    found: dict[tuple[str, str], Cited] = {}
    for name in circuits:
        version = None
        if name in manifests and manifests[name].pathways_alone:
            identifier, manifest = name, manifests[name]
        elif "@" in name:
            identifier, manifest, _, version = workspace.locate(name)
        else:
            identifier, manifest, _ = find_circuit(name, known)
        version = version or workspace.lake.latest(manifest.dataset) or ""
        key = manifest.dataset, version
        if key not in found:
            found[key] = Cited(manifest, version, [], works(manifest))
        found[key].circuits.append(identifier)
    return list(found.values())


def text(datasets: Sequence[Cited]) -> str:
    """Write the citations for people, one dataset after the other."""
    lines = []
    for one in datasets:
        lines.append(
            f"{', '.join(one.circuits)}: {one.manifest.title}, {_version(one)} "
            f"({one.manifest.evidence.value}; licence: {one.manifest.licence})"
        )
        lines += [f"  {work.words()}" for work in one.works]
    return "\n".join([*lines, f"analysed with {SOFTWARE}"])


def document(datasets: Sequence[Cited]) -> list[dict[str, Any]]:
    """Public JSON form (`docs/cli.md`)."""
    return [
        {
            "dataset": one.manifest.dataset,
            "version": one.version or None,
            "circuits": one.circuits,
            "licence": one.manifest.licence,
            "works": [work.model_dump(exclude_none=True) for work in one.works],
        }
        for one in datasets
    ]


def bibtex(datasets: Sequence[Cited]) -> str:
    """Write the works as BibTeX, each once; a title is not given where it is not known."""
    from pybtex.database import BibliographyData, Entry, Person

    entries: dict[str, Entry] = {}
    known: dict[str, str] = {}
    for one in datasets:
        for work in one.works:
            same = work.doi or work.text
            if same in known:
                continue
            known[same] = key = _key(work, entries)
            persons = [Person(last=_braced(name)) for name in work.authors]
            fields = {
                "journal": work.journal,
                "year": None if work.year is None else str(work.year),
                "volume": work.volume,
                "pages": work.pages,
                "doi": work.doi,
                "note": f"{work.text}; data of {one.manifest.dataset}, {_version(one)}",
            }
            entries[key] = Entry(
                "article" if work.journal else "misc",
                fields={name: value for name, value in fields.items() if value is not None},
                persons={"author": persons} if persons else {},
            )
    entries["isocortex"] = Entry("misc", fields={"title": "{isocortex}", "note": SOFTWARE})
    written: str = BibliographyData(entries).to_string("bibtex")
    return written


def _version(one: Cited) -> str:
    return f"version {one.version}" if one.version else "not ingested here"


def _key(work: Citation, taken: dict[str, Any]) -> str:
    first = work.authors[0] if work.authors else work.text
    plain = re.sub(r"[^a-z0-9]", "", first.lower()) or "work"
    stem = f"{plain[:24]}{work.year or ''}"
    key, letters = stem, iter("bcdefghijklmnopqrstuvwxyz")
    while key in taken:
        key = stem + next(letters)
    return key


def _braced(name: str) -> str:
    """Keep the name of a group together."""
    return f"{{{name}}}" if " " in name else name
