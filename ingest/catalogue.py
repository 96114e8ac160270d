"""The catalog: one TOML manifest per dataset, written for people, checked field by field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import pandas as pd
from pydantic import ValidationError

from ingest.sources import PUBLISHED
from schemas.errors import InputError, Problem
from schemas.records import Citation, DatasetManifest, PublishedSource, UrlSource
from schemas.vocabularies import vocabulary

_REFERENCE = re.compile(
    r"(?P<who>.+?) (?P<year>\d{4}),? (?P<journal>.+?)(?: (?P<volume>\d+):(?P<pages>\S+))?"
)
FOLDER = Path(__file__).parent / "catalog"


@lru_cache(maxsize=1)
def catalog_manifests() -> Mapping[str, DatasetManifest]:
    """Return the manifests of the catalog by dataset, in species order, then by name.

    Raises
    ------
    InputError
        If a manifest is wrong; every wrong field is named.
    """
    found = [read_manifest(path) for path in sorted(FOLDER.glob("*.toml"))]
    order = {name: place for place, name in enumerate(vocabulary("species"))}
    found.sort(key=lambda m: (order[m.individual.species], m.dataset))
    return MappingProxyType({manifest.dataset: manifest for manifest in found})


def works(manifest: DatasetManifest) -> list[Citation]:
    """Return every work behind a dataset: its citation, its references, studies of its figures."""
    found = [manifest.citation, *manifest.references]
    if isinstance(manifest.source, PublishedSource | UrlSource):
        for name in manifest.source.tables:
            table = pd.read_csv(PUBLISHED / name, dtype=str).dropna(subset=["doi"])
            distinct = table[["reference", "doi"]].drop_duplicates()
            found += [_study(*row) for row in distinct.itertuples(index=False, name=None)]
    by_doi = {work.doi or work.text: work for work in reversed(found)}
    return list(reversed(by_doi.values()))


def _study(text: str, doi: str) -> Citation:
    """Take a reference of a published table apart: `Lefort et al. 2009 Neuron 61:301`."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return Citation(text=text, doi=doi)
    authors = re.split(" and | & ", match["who"].replace(" et al.", " & others"))
    return Citation(
        text=text,
        doi=doi,
        authors=authors,
        year=int(match["year"]),
        journal=match["journal"],
        volume=match["volume"],
        pages=match["pages"],
    )


def read_manifest(path: Path) -> DatasetManifest:
    """Read one manifest.

    Raises
    ------
    InputError
        If it is not TOML, a field is wrong or missing, or a term is in no vocabulary.
    """
    try:
        with path.open("rb") as stream:
            given = tomllib.load(stream)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError([_problem(path, None, str(error), "a TOML file", "correct it")]) from None
    try:
        manifest = DatasetManifest.model_validate(given)
    except ValidationError as error:
        problems = [
            _problem(
                path,
                ".".join(str(part) for part in detail["loc"]),
                f"{detail['msg']} (found {str(detail['input'])[:60]!r})",
                "what schemas/json/dataset-manifest.json describes",
                "correct this field",
            )
            for detail in error.errors(include_url=False)
        ]
        raise InputError(problems) from None
    problems = [
        _problem(
            path,
            field,
            f"{term!r} is no known term",
            f"one of {', '.join(known)}",
            "add it to schemas/vocab or use a listed one",
        )
        for field, term, known in _terms(manifest)
        if term is not None and term not in known
    ]
    if path.stem != manifest.dataset:
        problems.append(
            _problem(path, "dataset", f"{manifest.dataset!r}", repr(path.stem), "rename the file")
        )
    if problems:
        raise InputError(problems)
    return manifest


def _terms(
    manifest: DatasetManifest,
) -> list[tuple[str, str | None, Mapping[str, Mapping[str, str]]]]:
    areas, layers = vocabulary("areas"), vocabulary("layers")
    found = [
        ("individual.species", manifest.individual.species, vocabulary("species")),
        ("area", manifest.area, areas),
        ("layer", manifest.layer, layers),
    ]
    for cut in manifest.circuits:
        found.append((f"circuits.{cut.name}.area", cut.area, areas))
        found.append((f"circuits.{cut.name}.layer", cut.layer, layers))
    return found


def _problem(path: Path, column: str | None, what: str, expected: str, remedy: str) -> Problem:
    return Problem(file=path.name, column=column, what=what, expected=expected, remedy=remedy)
