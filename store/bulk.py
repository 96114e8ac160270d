"""The first projection: the whole lake into an empty local server by offline import.

DuckDB writes the files of connections straight from Parquet; everything else is small.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from schemas.errors import UsageError
from schemas.graph import LABELS, SCHEMA_VERSION
from schemas.records import DatasetManifest
from store import properties
from store.files import new_folder
from store.projection import projected_cuts

if TYPE_CHECKING:
    from store.lake import Lake
    from store.local import LocalServer

Progress = Callable[[str, int, int], None]
_COMMAND = '"${NEO4J_ADMIN:-neo4j-admin}" database import full "$database" "$@"'
_SCRIPT = """#!/bin/sh
# Imports these files into a database of a stopped server:
#   sh import.sh [DATABASE [--overwrite-destination=true]]
# A database that exists is replaced only if you say so. The first `isocortex` command that
# connects to it adds constraints and indexes.
set -eu
cd "$(dirname "$0")"
database=${{1:-neo4j}}
[ $# -eq 0 ] || shift
{command}
"""
_KINDS = {
    "string": "string",
    "integer": "long",
    "float": "double",
    "floats": "double[]",
    "boolean": "boolean",
}


def import_lake(
    server: LocalServer, lake: Lake, datasets: Sequence[str], progress: Progress | None = None
) -> None:
    """Import the current versions of `datasets` in place of an empty graph.

    The caller holds the lease on the graph since it saw that the graph is empty.
    """
    with server.exclusive(), _folder(server) as folder:
        files = _Files(folder)
        for number, name in enumerate(datasets):
            if progress is not None:
                progress("prepare import", number, len(datasets))
            files.add(lake, name)
        if progress is not None:
            progress("prepare import", len(datasets), len(datasets))
            progress("import", 0, 1)
        server.bulk_import(folder, files.finish(), progress)
        if progress is not None:
            progress("import", 1, 1)


def export(
    lake: Lake, datasets: Sequence[str], target: Path, progress: Progress | None = None
) -> list[str]:
    """Write the files of an import into a folder, for a server of one's own.

    Beside the files lies `import.sh` with the command of neo4j-admin.

    Parameters
    ----------
    lake : Lake
    datasets : sequence of str
        Datasets to write, at their current versions.
    target : Path
        Folder to make; it appears whole or not at all.
    progress : callable, optional

    Returns
    -------
    list of str
        Names of the files, sorted.

    Raises
    ------
    UsageError
        If the folder is not empty, or a dataset is not in the lake.
    """
    missing = [name for name in datasets if lake.latest(name) is None]
    if missing:
        raise UsageError(
            f"not in the lake: {', '.join(missing)}",
            remedy="`isocortex datasets` lists what is; ingest it first",
        )
    with new_folder(target) as staged:
        files = _Files(staged)
        for number, name in enumerate(datasets):
            if progress is not None:
                progress("export", number, len(datasets))
            files.add(lake, name)
        command = " \\\n  ".join([_COMMAND, *(shlex.quote(o) for o in files.finish())])
        (staged / "import.sh").write_text(_SCRIPT.format(command=command), encoding="utf-8")
        names = sorted(path.name for path in staged.iterdir())
    if progress is not None:
        progress("export", len(datasets), len(datasets))
    return names


@contextmanager
def _folder(server: LocalServer) -> Iterator[Path]:
    """Yield an empty folder for the files of one import."""
    folder = server.home / "import"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Files:
    """The files of one import and the options that name them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nodes: dict[str, dict[str, dict[str, Any]]] = {
            kind: {}
            for kind in ("Species", "Individual", "Dataset", "Circuit", "Area", "CellClass")
        }
        self.node_files: list[Path] = []  # neurons and pathways, a file a dataset
        self.edges: dict[str, list[Path]] = {}
        self.links: dict[str, list[tuple[str, str]]] = {}
        self.multiline: list[str] = []  # files with line breaks inside a field

    def add(self, lake: Lake, dataset: str) -> None:
        """Add one dataset."""
        version = lake.latest(dataset) or ""
        manifest = lake.manifest(dataset, version)
        neurons, connections = lake.projected_tables(dataset, version)
        rows = properties.neuron_rows(dataset, neurons)
        if rows:
            self.node_files.append(self._write(f"neurons-{dataset}", "Neuron", rows))
            self._add_connections(lake, manifest, version, connections)
        pathways = self._add_pathways(lake, dataset, version)
        self._add_context(manifest, version, len(neurons), len(connections), pathways)
        members: list[tuple[str, str]] = []
        for cut, inside, among, observed in projected_cuts(manifest, lake, version):
            circuit = properties.circuit_properties(manifest, cut, inside, among, observed)
            self.nodes["Circuit"][circuit["name"]] = circuit
            self._link("InDataset", f"Circuit:{circuit['name']}", f"Dataset:{dataset}")
            if "area" in circuit:
                self._node("Area", properties.term_properties("areas", circuit["area"]))
                self._link("InArea", f"Circuit:{circuit['name']}", f"Area:{circuit['area']}")
            target = f"Circuit:{circuit['name']}"
            members += [(f"{dataset}:{body}", target) for body in inside["neuron_id"].tolist()]
        self._pairs("InCircuit", dataset, members)
        uids = [row["uid"] for row in rows]
        self._pairs("InDataset", dataset, [(uid, f"Dataset:{dataset}") for uid in uids])
        classes = [
            (row["uid"], f"CellClass:{row['cellClass']}") for row in rows if "cellClass" in row
        ]
        for name in {target.split(":", 1)[1] for _, target in classes}:
            self._node("CellClass", properties.term_properties("cell_classes", name))
        self._pairs("IsA", dataset, classes)

    def finish(self) -> list[str]:
        """Write what is left and return the options of neo4j-admin."""
        tables = [(kind, list(rows.values())) for kind, rows in self.nodes.items() if rows]
        tables.append(("SchemaVersion", [{"id": 1, "version": SCHEMA_VERSION}]))
        options = self.options(tables)
        options += [f"--nodes={path.name}" for path in self.node_files]
        for kind, links in self.links.items():
            self._pairs(kind, "context", links)
        for kind, paths in self.edges.items():
            options += [f"--relationships={kind}={path.name}" for path in paths]
        if self.multiline:
            options += [
                "--multiline-fields-format=v2",
                f"--multiline-fields={','.join(self.multiline)}",
            ]
        return options

    def options(self, tables: Iterable[tuple[str, list[dict[str, Any]]]]) -> list[str]:
        """Write node files and return their options."""
        return [f"--nodes={self._write(kind, kind, rows).name}" for kind, rows in tables]

    def _add_connections(
        self, lake: Lake, manifest: DatasetManifest, version: str, connections: pd.DataFrame
    ) -> None:
        dataset = manifest.dataset
        path = self.folder / f"ConnectsTo-{dataset}.csv"
        with duckdb.connect() as database:
            # its own bar would go to standard output, which carries the answer
            database.execute("SET enable_progress_bar = false")
            if manifest.projected:
                database.register("connections", pa.Table.from_pandas(connections))
            else:
                source = str(lake.path(dataset, "connections", version)).replace("'", "''")
                database.execute(
                    f"CREATE VIEW connections AS SELECT * FROM read_parquet('{source}')"
                )
            target = str(path).replace("'", "''")
            database.execute(
                f'COPY (SELECT \'{dataset}:\' || pre AS ":START_ID", weight AS "weight:long", '
                f"'{dataset}:' || post AS \":END_ID\" FROM connections) "
                f"TO '{target}' (HEADER, DELIMITER ',')"
            )
        self.edges.setdefault("ConnectsTo", []).append(path)

    def _add_pathways(self, lake: Lake, dataset: str, version: str) -> int:
        """Add the pathways of a dataset and return their number."""
        pathways = lake.pathways(dataset, version)
        rows = properties.pathway_rows(dataset, pathways)
        if not rows:
            return 0
        self.node_files.append(self._write(f"pathways-{dataset}", "Pathway", rows))
        uids = [f"Pathway:{row['uid']}" for row in rows]
        self._pairs("InDataset", f"pathways-{dataset}", [(u, f"Dataset:{dataset}") for u in uids])
        for kind, ends in properties.pathway_ends(dataset, pathways).items():
            for _, name in ends:
                self._node("CellClass", properties.term_properties("cell_classes", name))
            links = [(f"Pathway:{uid}", f"CellClass:{name}") for uid, name in ends]
            self._pairs(kind, dataset, links)
        return len(rows)

    def _add_context(
        self, manifest: DatasetManifest, version: str, neurons: int, connections: int, pathways: int
    ) -> None:
        species = properties.species_properties(manifest.individual.species)
        animal = properties.individual_properties(manifest)
        self._node("Species", species)
        self.nodes["Individual"][animal["uid"]] = animal
        self._node(
            "Dataset",
            properties.dataset_properties(manifest, version, neurons, connections, pathways),
        )
        self._link("OfIndividual", f"Dataset:{manifest.dataset}", f"Individual:{animal['uid']}")
        self._link("OfSpecies", f"Individual:{animal['uid']}", f"Species:{species['name']}")

    def _node(self, kind: str, row: dict[str, Any]) -> None:
        self.nodes[kind][row["name"]] = row

    def _link(self, kind: str, start: str, end: str) -> None:
        known = self.links.setdefault(kind, [])
        if (start, end) not in known:
            known.append((start, end))

    def _pairs(self, kind: str, name: str, pairs: list[tuple[str, str]]) -> None:
        if not pairs:
            return
        path = self.folder / f"{kind}-{name}.csv"
        table = pa.table({":START_ID": [a for a, _ in pairs], ":END_ID": [b for _, b in pairs]})
        csv.write_csv(table, path)
        self.edges.setdefault(kind, []).append(path)

    def _write(self, name: str, kind: str, rows: list[dict[str, Any]]) -> Path:
        """Write one node file with typed columns; an absent property is an empty field."""
        path = self.folder / f"{name}.csv"
        key = _KEYS.get(kind, "id")
        columns: dict[str, Any] = {}
        prefix = "" if kind == "Neuron" else f"{kind}:"
        columns[":ID"] = pa.array([f"{prefix}{row[key]}" for row in rows], pa.string())
        for column in dict.fromkeys(column for row in rows for column in row):
            values = [row.get(column) for row in rows]
            declared = _DECLARED.get((kind, column), "string")
            kept = pa.array(values)
            if declared == "floats":
                kept = pa.array(map(_listed, values), pa.string())
            if declared == "string":
                kept = pa.array([None if v is None else str(v) for v in values], pa.string())
            columns[f"{column}:{_KINDS[declared]}"] = kept
        if any(
            "\n" in text or "\r" in text
            for row in rows
            for text in row.values()
            if isinstance(text, str)
        ):
            self.multiline.append(path.name)
        columns[":LABEL"] = pa.array([kind] * len(rows), pa.string())
        csv.write_csv(pa.table(columns), path)
        return path


def _listed(values: list[float] | None) -> str | None:
    """Write an array as neo4j-admin reads it."""
    return None if values is None else ";".join(map(repr, values))


_KEYS = {label.name: label.key for label in LABELS}
_DECLARED = {
    (label.name, name): kind.split(" ", 1)[0].rstrip(",")
    for label in LABELS
    for name, kind in label.properties.items()
} | {("SchemaVersion", "id"): "integer", ("SchemaVersion", "version"): "integer"}
