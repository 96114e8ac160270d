"""What made a dataset or a number: sources, versions, parameters, seed, code."""

from __future__ import annotations

from dashboard.address import address, link
from dashboard.data import DatasetEntry
from dashboard.views.marks import evidence_badge, species_chip
from dashboard.views.numbers import number, size
from dashboard.views.svg import element, prose, words
from dashboard.views.tables import Column, Row, facts, table
from schemas.records import Citation
from schemas.vocabularies import vocabulary


def doi_text(doi: str | None) -> str:
    """Write a DOI as text; nothing on these pages leads out of the machine by itself."""
    return element("code", words(f"doi:{doi}")) if doi else ""


def cited(work: Citation) -> str:
    """Write a work, what of the dataset it is about, and its DOI."""
    about = " " + element("small", words(work.about)) if work.about else ""
    return f"{words(work.text)}{about} {doi_text(work.doi)}".strip()


def dataset_facts(entry: DatasetEntry) -> str:
    """Facts and provenance of a dataset."""
    manifest, made = entry.manifest, entry.provenance
    species = vocabulary("species")[manifest.individual.species]
    animal = manifest.individual
    individual = ", ".join(
        part
        for part in (
            animal.name,
            animal.sex if animal.sex != "unknown" else "",
            animal.age or "",
            "composite of several animals" if animal.composite else "",
            animal.note or "",
        )
        if part
    )
    unmapped = "; ".join(
        f"{column}: "
        + ", ".join(f"{label} ({number(count)})" for label, count in list(labels.items())[:8])
        + (f" and {len(labels) - 8} more" if len(labels) > 8 else "")
        for column, labels in made.unmapped.items()
    )
    return facts(
        {
            "Evidence": evidence_badge(manifest.evidence),
            "Species": species_chip(animal.species)
            + " "
            + element("small", words(f"{species['scientific_name']}, {species['curie']}")),
            "Individual": words(individual),
            "Neurons": number(entry.neurons),
            "Connections": number(entry.connections),
            "Pathways": number(entry.pathways),
            "Weight counts": words(manifest.weight.replace("_", " ")),
            "Circuits": ", ".join(
                link(address("circuit", circuit=f"{manifest.dataset}/{cut.name}"), cut.name)
                for cut in manifest.circuits
            ),
            "Completeness": prose(manifest.completeness),
            "Observable": words(manifest.frame.words()),
            **{name.capitalize(): words(said) for name, said in manifest.errors.words().items()},
            **({"On errors": words(manifest.errors.note)} if manifest.errors.note else {}),
            "Caveats": "<br>".join(prose(text) for text in manifest.caveats),
            "To cite": "<br>".join(
                cited(work) for work in (manifest.citation, *manifest.references)
            ),
            "Licence": words(manifest.licence),
            "Version": element("code", words(made.version))
            + element("small", f" {number(len(entry.versions))} in the lake")
            + (
                " " + element("small", words("earlier: " + ", ".join(entry.versions[:-1])))
                if len(entry.versions) > 1
                else ""
            ),
            "Ingested": words(made.created.replace("T", " ")),
            "Reader": element("code", words(made.reader)),
            "Code version": element("code", words(made.code_version)),
            "Manifest sha256": element("code", words(made.manifest_sha256)),
            "Self-connections dropped": number(made.dropped_self_loops),
            "Parallel rows merged": number(made.merged_parallel),
            "Labels without a common class": words(unmapped),
        }
    )


def source_table(entry: DatasetEntry) -> str:
    """Files that were read, with their checksums."""
    return table(
        [
            Column("File"),
            Column("Size", numeric=True),
            Column("Origin"),
            Column("sha256"),
        ],
        [
            Row(
                [
                    words(source.name),
                    size(source.bytes),
                    words(source.origin),
                    element("code", words(source.sha256)),
                ]
            )
            for source in entry.provenance.sources
        ],
        caption="Files that were read",
    )
