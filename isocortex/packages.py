"""A circuit as files for others: Frictionless data package, RO-Crate.

Both hold the same tables in CSV (UTF-8, a comma between cells, an empty cell where a value is
missing) and say where they come from; a folder appears whole or not at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

import isocortex
from isocortex.citing import Cited, cited
from isocortex.workspace import Workspace
from schemas.records import CircuitSelection, DatasetManifest, Provenance, RemoteFile, UrlSource
from schemas.tables import COLUMN_MEANINGS, TABLE_KEYS
from schemas.vocabularies import vocabulary
from store.files import new_folder

# type of an Arrow-like column → type of a Frictionless field
FIELD_TYPES = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}


@dataclass(frozen=True)
class CircuitFiles:
    """A circuit and everything that its files say.

    Attributes
    ----------
    name : str
        `dataset/circuit`.
    manifest : DatasetManifest
    cut : CircuitSelection
    provenance : Provenance
    cited : Cited
    tables : dict of str to DataFrame
        neurons, connections, and tested where single pairs were.
    """

    name: str
    manifest: DatasetManifest
    cut: CircuitSelection
    provenance: Provenance
    cited: Cited
    tables: dict[str, pd.DataFrame]

    @classmethod
    def of(cls, workspace: Workspace, circuit: str) -> CircuitFiles:
        """Read a circuit of the lake.

        Raises
        ------
        UsageError
            If there is no such circuit or version.
        """
        name, manifest, cut, version = workspace.locate(circuit)
        lake = workspace.lake
        neurons, connections = lake.circuit_tables(manifest.dataset, cut.name, version)
        tables = {"neurons": neurons, "connections": connections}
        tested = lake.circuit_observed(manifest.dataset, cut.name, version).tested
        if tested is not None:
            tables["tested"] = tested
        made = lake.provenance(manifest.dataset, version)
        (behind,) = cited(workspace, [f"{name}@{version}"])
        return cls(name, manifest, cut, made, behind, tables)

    @cached_property
    def title(self) -> str:
        """What the circuit is, in one line."""
        return f"{self.cut.title} ({self.manifest.title})"

    @cached_property
    def remarks(self) -> str:
        """What a reader must know before use."""
        manifest = self.manifest
        given = [
            manifest.description,
            f"Completeness: {manifest.completeness}",
            f"Observable: {manifest.frame.words()}",
            *(f"{name}: {what}" for name, what in manifest.errors.words().items()),
            *manifest.caveats,
            *([self.cut.caveat] if self.cut.caveat else []),
        ]
        return "\n".join(f"{' '.join(text.split()).rstrip('.')}." for text in given)

    def write_tables(self, folder: Path) -> dict[str, Path]:
        """Write every table as CSV; ids and counts stay whole numbers."""
        paths = {}
        for name, table in self.tables.items():
            paths[name] = folder / f"{name}.csv"
            table.to_csv(paths[name], index=False, encoding="utf-8", lineterminator="\n")
        return paths


def write_datapackage(workspace: Workspace, circuit: str, target: Path) -> list[str]:
    """Write a circuit as a Frictionless data package.

    Parameters
    ----------
    workspace : Workspace
    circuit : str
        Circuit of the lake.
    target : Path
        Folder to make.

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    UsageError
        If there is no such circuit, or the folder is not empty.

    References
    ----------
    Data Package, version 2, https://datapackage.org/standard/data-package/
    """
    files = CircuitFiles.of(workspace, circuit)
    with new_folder(target) as folder:
        paths = files.write_tables(folder)
        package = {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": files.name.replace("/", "-"),
            "title": files.title,
            "description": files.remarks,
            "version": files.provenance.version,
            "created": files.provenance.created,
            "licenses": [_licence(files.manifest.licence)],
            "sources": [
                {"title": work.words()}
                | ({"path": f"https://doi.org/{work.doi}"} if work.doi else {})
                for work in files.cited.works
            ],
            "contributors": [
                {"title": f"isocortex {isocortex.__version__}", "roles": ["exporter"]}
            ],
            "isocortex": {
                "circuit": files.name,
                "species": vocabulary("species")[files.manifest.individual.species]["curie"],
                "individual": files.manifest.individual.name,
                "evidence": files.manifest.evidence.value,
                "weight": files.manifest.weight,
                "frame": files.manifest.frame.model_dump(mode="json", exclude_none=True),
                "errors": files.manifest.errors.model_dump(mode="json", exclude_none=True),
                "provenance": files.provenance.model_dump(mode="json"),
            },
            "resources": [
                _resource(name, files.tables[name], path) for name, path in paths.items()
            ],
        }
        _write_json(folder / "datapackage.json", package)
        return sorted(path.name for path in folder.iterdir())


def write_rocrate(workspace: Workspace, circuit: str, target: Path) -> list[str]:
    """Write a circuit as an RO-Crate.

    Parameters
    ----------
    workspace : Workspace
    circuit : str
        Circuit of the lake.
    target : Path
        Folder to make.

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    UsageError
        If there is no such circuit, or the folder is not empty.

    References
    ----------
    RO-Crate, https://www.researchobject.org/ro-crate/
    """
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

    files = CircuitFiles.of(workspace, circuit)
    made = files.provenance
    with new_folder(target) as folder:
        paths = files.write_tables(folder)
        crate = ROCrate()

        def entity(identifier: str, **properties: Any) -> Any:
            named = {name.removeprefix("at_"): value for name, value in properties.items()}
            named["@type"] = named.pop("type")
            return crate.add(ContextEntity(crate, identifier, properties=named))

        crate.name = files.title
        crate.description = files.remarks
        crate.license = files.manifest.licence
        crate.root_dataset["identifier"] = f"{files.name}@{made.version}"
        crate.root_dataset["version"] = made.version
        crate.root_dataset["datePublished"] = made.created
        crate.root_dataset["citation"] = [
            entity(
                f"https://doi.org/{work.doi}" if work.doi else f"#work-{number}",
                type="ScholarlyArticle",
                name=work.text,
                **({"datePublished": str(work.year)} if work.year else {}),
            )
            for number, work in enumerate(files.cited.works)
        ]
        species = vocabulary("species")[files.manifest.individual.species]
        crate.root_dataset["about"] = entity(
            f"http://purl.obolibrary.org/obo/{species['curie'].replace(':', '_')}",
            type="Taxon",
            name=species["scientific_name"],
        )
        tables = [
            crate.add_file(
                path,
                properties={
                    "name": name,
                    "encodingFormat": "text/csv",
                    "contentSize": str(path.stat().st_size),
                    "sha256": _digest(path),
                    "description": "; ".join(
                        f"{column}: {COLUMN_MEANINGS[column]}"
                        for column in files.tables[name]
                        if column in COLUMN_MEANINGS
                    ),
                },
            )
            for name, path in paths.items()
        ]
        software = entity(
            "#isocortex",
            type="SoftwareApplication",
            name="isocortex",
            version=made.code_version,
        )
        addresses = _addresses(files.manifest)
        read = [
            entity(
                addresses.get(source.name, f"#source-{number}"),
                type="MediaObject",
                name=source.name,
                sha256=source.sha256,
                contentSize=str(source.bytes),
                description=source.origin,
            )
            for number, source in enumerate(made.sources)
        ]
        crate.add_action(
            software,
            identifier="#ingest",
            object=read,
            result=tables,
            properties={"name": f"ingest by reader {made.reader}", "endTime": made.created},
        )
        crate.write(folder)
        return sorted(path.name for path in folder.iterdir())


def _resource(name: str, table: pd.DataFrame, path: Path) -> dict[str, Any]:
    """Describe a table: fields with types and meanings, keys, checksum."""
    fields = [
        {"name": str(column), "type": FIELD_TYPES.get(kind.kind, "string")}
        | ({"description": COLUMN_MEANINGS[column]} if column in COLUMN_MEANINGS else {})
        for column, kind in ((c, table[c].dtype) for c in table.columns)
    ]
    return {
        "name": name,
        "type": "table",
        "path": path.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{_digest(path)}",
        "schema": {"fields": fields, "missingValues": [""], **TABLE_KEYS[name]},
    }


def _licence(text: str) -> dict[str, str]:
    """Name a licence: a Data Package takes an identifier, or a title with any words."""
    known = {"MIT": "MIT", "CC BY 4.0": "CC-BY-4.0", "Apache-2.0": "Apache-2.0"}
    return (
        {"name": known[text], "title": text} if text in known else {"name": "other", "title": text}
    )


def _addresses(manifest: DatasetManifest) -> dict[str, str]:
    """Name of a source file → its public address, where it has one."""
    if not isinstance(manifest.source, UrlSource):
        return {}
    files: list[RemoteFile] = manifest.source.files
    return {file.name: file.url for file in files if file.url}


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
