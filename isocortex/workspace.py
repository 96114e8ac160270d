"""One place that knows where the lake, the results and the graph of these settings are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import UsageError
from schemas.records import CIRCUIT_ID, CircuitSelection, DatasetManifest
from schemas.registry import nearest
from store.lake import Lake
from store.results import Results

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.circuit import Circuit
    from isocortex.settings import Settings
    from store.graph import Graph
    from store.local import LocalServer


class Workspace:
    """Lake, results and graph of one `Settings`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def lake(self) -> Lake:
        """The Parquet lake, the source of truth."""
        return Lake(self.settings.lake)

    @cached_property
    def results(self) -> Results:
        """Computed results, by key."""
        return Results(self.settings.lake)

    def results_of(self, circuit: Circuit) -> Results | None:
        """Where results of a circuit are kept; None for one that is not of the lake."""
        kept = circuit.attributes.get("dataset") and circuit.attributes.get("version")
        return self.results if kept else None

    @cached_property
    def local_server(self) -> LocalServer:
        """The local Neo4j child, started or not."""
        from store.local import LocalServer

        return LocalServer(self.settings.server)

    @contextmanager
    def graph(
        self, progress: Callable[[str, int, int], None] | None = None, *, as_it_is: bool = False
    ) -> Iterator[Graph]:
        """Open the graph: the server of `NEO4J_URI`, else the local child, started if needed.

        Its schema is checked and made, unless it is wanted `as_it_is`.
        """
        from store.graph import Graph

        settings = self.settings
        if settings.neo4j_uri:
            graph = Graph.connect(
                settings.neo4j_uri,
                settings.neo4j_user,
                settings.neo4j_password,
                settings.neo4j_database,
                local=None,
            )
        else:
            server = self.local_server
            server.ensure(progress)
            given = server.credentials()
            graph = Graph.connect(
                given.uri, given.user, given.password, given.database, local=server
            )
        try:
            if not as_it_is:
                graph.prepare()
            yield graph
        finally:
            graph.close()

    def circuits(self) -> list[tuple[str, DatasetManifest, CircuitSelection]]:
        """All circuits of the lake as (`dataset/circuit`, manifest, selection)."""
        found = []
        for dataset in self.lake.datasets():
            manifest = self.lake.manifest(dataset)
            found += [(f"{dataset}/{cut.name}", manifest, cut) for cut in manifest.circuits]
        return found

    def find(self, name: str) -> tuple[str, DatasetManifest, CircuitSelection]:
        """Return the circuit called `name`: `dataset/circuit`, or `dataset` for its first.

        Raises
        ------
        UsageError
            If there is none; the message lists the nearest names.
        """
        if name in self.lake.datasets() and self.lake.manifest(name).pathways_alone:
            raise UsageError(
                f"{name} tells of types of neurons; there is no circuit in it",
                remedy=f"isocortex query --template pathways --param dataset={name}",
            )
        return find_circuit(name, self.circuits())

    def locate(self, name: str) -> tuple[str, DatasetManifest, CircuitSelection, str]:
        """Do as `find`, also for `name@version`, and return the version besides.

        Raises
        ------
        UsageError
            If there is no such circuit or version; the message lists what there is.
        """
        called, earlier, version = name.partition("@")
        found = self._of_version(called, version) if earlier else self.find(name)
        return *found, version or self.lake.latest(found[1].dataset) or ""

    def circuit(self, name: str) -> Circuit:
        """Load a circuit of the lake into arrays; `name@version` is that of an earlier version.

        Raises
        ------
        UsageError
            If there is no such circuit or version; the message lists what there is.
        """
        from analysis.circuit import Circuit

        identifier, manifest, cut, version = self.locate(name)
        neurons, connections = self.lake.circuit_tables(manifest.dataset, cut.name, version)
        return Circuit.from_tables(
            identifier,
            neurons,
            connections,
            attributes=circuit_attributes(manifest, cut) | {"version": version},
            observed=self.lake.circuit_observed(manifest.dataset, cut.name, version),
        )

    def _of_version(self, name: str, version: str) -> tuple[str, DatasetManifest, CircuitSelection]:
        """Return the circuit called `name` of one version of its dataset."""
        dataset = name.partition("/")[0]
        if dataset in self.lake.datasets() and version not in self.lake.versions(dataset):
            raise UsageError(
                f"{dataset} has no version {version!r}",
                remedy=f"it has {', '.join(self.lake.versions(dataset))}",
            )
        known = self.circuits()
        if dataset in self.lake.datasets():
            manifest = self.lake.manifest(dataset, version)
            known = [(f"{dataset}/{cut.name}", manifest, cut) for cut in manifest.circuits]
        return find_circuit(name, known)


def find_circuit(
    name: str, known: list[tuple[str, DatasetManifest, CircuitSelection]]
) -> tuple[str, DatasetManifest, CircuitSelection]:
    """Return the one of the known circuits that is called `name`, as `Workspace.find` does."""
    match = CIRCUIT_ID.match(name)
    if match:
        for identifier, manifest, cut in known:
            if match["circuit"] is None and manifest.dataset == match["dataset"]:
                return identifier, manifest, cut
            if identifier == name:
                return identifier, manifest, cut
    raise UsageError(f"no circuit or file is called {name!r}", remedy=_suggest(name, known))


def circuit_attributes(manifest: DatasetManifest, cut: CircuitSelection) -> dict[str, str]:
    """Facts about a circuit that travel with its arrays."""
    return {
        "dataset": manifest.dataset,
        "species": manifest.individual.species,
        "evidence": manifest.evidence.value,
        "area": cut.area or manifest.area or "",
        "layer": cut.layer or manifest.layer or "",
        "weight": manifest.weight,
        "title": cut.title,
    }


def is_file_name(name: str) -> bool:
    """Whether `name` means a file: it exists, or looks like a path rather than a circuit."""
    path = Path(name)
    return path.is_file() or bool(path.suffix) or name.startswith((".", "~"))


def _suggest(name: str, known: list[tuple[str, DatasetManifest, CircuitSelection]]) -> str:
    if not known:
        return "the lake is empty: run `isocortex run`, or `isocortex ingest DATASET`"
    names = [identifier for identifier, _, _ in known]
    names += [manifest.dataset for _, manifest, _ in known]
    near = nearest(name, names, most=3, least=0.4)
    hint = f"did you mean {', '.join(near)}? " if near else ""
    return f"{hint}`isocortex circuits` lists them all"
