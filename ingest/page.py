"""The page of the datasets, from the manifests: `python -m ingest.page docs/datasets.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.catalogue import catalog_manifests, works
from schemas.records import (
    CircuitSelection,
    Condition,
    DatasetManifest,
    ErrorModel,
    FileSource,
    PublishedSource,
    UrlSource,
    WheelSource,
)
from schemas.vocabularies import vocabulary

EVIDENCE = {
    "em_dense": "electron microscopy of a whole volume",
    "em_sparse": "electron microscopy, chosen cells",
    "paired_recording": "paired recordings",
    "statistical": "drawn from published counts and paired recordings; no connection was observed",
    "model": "model; connections follow from rules, not from observation",
    "simulated": "simulated",
}
WEIGHTS = {
    "synapse_count": "number of synapses",
    "contact_count": "number of contacts",
    "section_count": "number of serial sections",
    "binary": "1 for every connection; numbers of synapses are not known",
}
HEAD = """# Datasets

Written by `python -m ingest.page docs/datasets.md` from the manifests in `ingest/catalog/`; change
those, not this page. `isocortex datasets` lists what of it is in the lake, `isocortex ingest NAME`
brings one in. Evidence classes are never pooled: comparisons across them are shown as confounded.
"""


def datasets_page(manifests: Iterable[DatasetManifest]) -> str:
    """Return the page as Markdown: a table of all datasets, then a section for each."""
    chosen = list(manifests)
    rows = [
        "| dataset | species | area, layer | evidence | neurons | connections |",
        "|---|---|---|---|---|---|",
    ]
    for manifest in chosen:
        counts = manifest.expected
        neurons, connections = (
            (f"{counts.neurons:,}", f"{counts.connections:,}") if counts else ("drawn", "drawn")
        )
        rows.append(
            f"| [{manifest.dataset}](#{manifest.dataset}) | {manifest.individual.species} "
            f"| {_place(manifest)} | {manifest.evidence.value} | {neurons} | {connections} |"
        )
    sections = ["\n".join(_section(manifest)) for manifest in chosen]
    return "\n".join([HEAD, *rows, "", *sections])


def _section(manifest: DatasetManifest) -> Iterator[str]:
    individual, counts = manifest.individual, manifest.expected
    yield f"## {manifest.dataset}"
    yield ""
    yield f"**{manifest.title}.** {_line(manifest.description)}"
    yield ""
    species = vocabulary("species")[individual.species]
    about = [
        individual.sex if individual.sex != "unknown" else "",
        individual.age or "",
        "composite of several animals" if individual.composite else "",
        individual.note or "",
    ]
    facts = {
        "Species": f"{species['label']} (*{species['scientific_name']}*, {species['curie']})",
        "Individual": ", ".join([individual.name, *filter(None, about)]),
        "Area, layer": _place(manifest),
        "Evidence": f"`{manifest.evidence.value}`: {EVIDENCE[manifest.evidence.value]}",
        "Weight": WEIGHTS[manifest.weight],
        "Counts": f"{counts.neurons:,} neurons, {counts.connections:,} connections"
        if counts
        else f"drawn with seed {manifest.seed}",
        "Self-connections": {"drop": "left out and counted", "keep": "kept", "error": "refused"}[
            manifest.self_loops
        ],
        "Completeness": _line(manifest.completeness),
        "Observable": _line(manifest.frame.words()),
        "Errors": _errors(manifest.errors),
        "In the graph": _conditions(manifest.projected) or "all neurons",
        "Licence": manifest.licence,
        "Citation": "; ".join(work.words() for work in works(manifest)),
        "Source": _source(manifest),
        "Reader": f"`ingest/readers/`, format `{manifest.reader.format}`",
    }
    for name, fact in facts.items():
        yield f"- {name}: {fact}"
    if manifest.caveats:
        yield ""
        yield "Read before use:"
        yield ""
        yield from (f"- {_line(caveat)}" for caveat in manifest.caveats)
    yield ""
    yield "| circuit | what | neurons with |"
    yield "|---|---|---|"
    yield from map(_circuit, manifest.circuits)
    yield ""


def _circuit(cut: CircuitSelection) -> str:
    what = cut.title + (f" ({cut.role})" if cut.role != "circuit" else "")
    if cut.caveat:
        what += f". {_line(cut.caveat)}"
    return f"| `{cut.name}` | {what} | {_conditions(cut.where) or 'all'} |"


def _conditions(conditions: Iterable[Condition]) -> str:
    said = []
    for condition in conditions:
        if condition.isin is not None:
            said.append(f"{condition.column} = {' or '.join(map(str, condition.isin))}")
        if condition.minimum is not None:
            said.append(f"{condition.column} ≥ {condition.minimum:g}")
        if condition.maximum is not None:
            said.append(f"{condition.column} ≤ {condition.maximum:g}")
    return ", ".join(said)


def _errors(errors: ErrorModel) -> str:
    said = "; ".join(f"{name} {what}" for name, what in errors.words().items())
    return f"{said}. {_line(errors.note)}" if errors.note else said


def _source(manifest: DatasetManifest) -> str:
    source = manifest.source
    if isinstance(source, WheelSource):
        members = ", ".join(f"`{member}`" for member in source.members)
        return f"wheel {source.distribution} {source.version}, sha256 `{source.sha256}`: {members}"
    if isinstance(source, UrlSource):
        return "".join(
            f"\n  - `{file.name}` ({file.bytes:,} bytes, sha256 `{file.sha256}`) from <{file.url}>"
            for file in source.files
        )
    if isinstance(source, PublishedSource):
        tables = ", ".join(f"`ingest/published/{table}`" for table in source.tables)
        return f"figures retyped from publications, each with its DOI: {tables}"
    if isinstance(source, FileSource):
        return ", ".join(source.paths)
    raise TypeError(type(source).__name__)


def _place(manifest: DatasetManifest) -> str:
    """Area and layer of a dataset, else those of its circuits."""
    areas = [manifest.area] if manifest.area else [cut.area for cut in manifest.circuits]
    layers = [manifest.layer] if manifest.layer else [cut.layer for cut in manifest.circuits]
    named = dict.fromkeys(vocabulary("areas")[area]["label"] for area in areas if area)
    return ", ".join([*named, *dict.fromkeys(layer for layer in layers if layer)]) or "–"


def _line(text: str) -> str:
    return " ".join(text.split())


def main() -> int:
    """Write the page to the file that is named."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m ingest.page FILE\n")
        return 2
    Path(sys.argv[1]).write_text(datasets_page(catalog_manifests().values()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
