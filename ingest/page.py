"""The page of the datasets, from the manifests: `python -m ingest.page docs/datasets.md`."""

from __future__ import annotations

import sys
import tomllib
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
    RemoteFile,
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
PROSE = Path(__file__).parent / "page_text"
"""Written by hand: the text above the datasets, and what is not among them."""


def datasets_page(manifests: Iterable[DatasetManifest]) -> str:
    """Return the page as Markdown: a table of all datasets, then a section for each."""
    chosen = list(manifests)
    rows = [
        "| dataset | species | area, layer | evidence | neurons | connections |",
        "|---|---|---|---|---|---|",
    ]
    for manifest in chosen:
        cells = [
            f"[{manifest.dataset}](#{manifest.dataset})" + ", optional" * manifest.optional,
            manifest.individual.species,
            _place(manifest),
            manifest.evidence.value,
            *_sizes(manifest),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    sections = ["\n".join(_section(manifest)) for manifest in chosen]
    above, below = (
        (PROSE / f"{name}.md").read_text(encoding="utf-8") for name in ("above", "below")
    )
    return "\n".join([above, *rows, "", *sections, below + "\n".join(_not_shipped()), ""])


def _not_shipped() -> Iterator[str]:
    """Rows of the data that are not in the catalog."""
    text = (PROSE / "not_shipped.toml").read_text(encoding="utf-8")
    for row in tomllib.loads(text)["data"]:
        yield f"| {row['name']} | {row['where']} | {row['licence']} | {_line(row['why'])} |"


def _sizes(manifest: DatasetManifest) -> tuple[str, str]:
    """Numbers of neurons and of connections, for the first table."""
    counts = manifest.expected
    if manifest.pathways_alone and counts is not None:
        return "–", f"{counts.pathways:,} pathways"
    if counts is not None:
        return f"{counts.neurons:,}", f"{counts.connections:,}"
    return ("not counted yet",) * 2 if manifest.seed is None else ("drawn",) * 2


def _counts(manifest: DatasetManifest) -> str:
    counts = manifest.expected
    if counts is None:
        drawn = f"drawn with seed {manifest.seed}"
        return (
            drawn if manifest.seed is not None else "not counted yet: the files were not in reach"
        )
    if manifest.pathways_alone:
        return f"{counts.pathways:,} pathways from type to type, no neurons and no connections"
    return f"{counts.neurons:,} neurons, {counts.connections:,} connections"


def _section(manifest: DatasetManifest) -> Iterator[str]:
    individual = manifest.individual
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
        "Counts": _counts(manifest),
        "Self-connections": {"drop": "left out and counted", "keep": "kept", "error": "refused"}[
            manifest.self_loops
        ],
        "Completeness": _line(manifest.completeness),
        "Observable": _line(manifest.frame.words()),
        "Errors": _errors(manifest.errors),
        "In the graph": _conditions(manifest.projected)
        or ("all pathways" if manifest.pathways_alone else "all neurons"),
        "Licence": manifest.licence,
        "Citation": "; ".join(work.words() for work in works(manifest)),
        "Source": _source(manifest),
        "Reader": f"`ingest/readers/`, format `{manifest.reader.format}`",
    }
    if manifest.optional:
        facts["In the main job"] = "no; `isocortex ingest " + manifest.dataset + "` brings it in"
    for name, fact in facts.items():
        yield f"- {name}: {fact}"
    if manifest.caveats:
        yield ""
        yield "Read before use:"
        yield ""
        yield from (f"- {_line(caveat)}" for caveat in manifest.caveats)
    yield ""
    if manifest.pathways_alone:
        return
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
        lines = [*map(_remote, source.files)]
        return "".join(f"\n  - {line}" for line in [*lines, *_retyped(source.tables)])
    if isinstance(source, PublishedSource):
        return "".join(_retyped(source.tables))
    if isinstance(source, FileSource):
        return ", ".join(source.paths)
    raise TypeError(type(source).__name__)


def _retyped(tables: list[str]) -> Iterator[str]:
    if tables:
        named = ", ".join(f"`ingest/published/{table}`" for table in tables)
        yield f"figures retyped from publications, each with its DOI: {named}"


def _remote(file: RemoteFile) -> str:
    known = "checksum not published"
    if file.sha256 != "unknown":
        known = f"{file.bytes:,} bytes, sha256 `{file.sha256}`"
    origin = f"<{file.url}>" if file.url else f"a mirror only; made from <{file.made_from}>"
    members = ", ".join(f"`{member}`" for member in file.members)
    return f"`{file.name}` ({known}) from {origin}" + (f": {members}" if members else "")


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
