"""The only module of the dashboard that reads: lake, results and graph, cached.

What is cached is keyed by the version of a dataset or by the key of a result, so that a page shows
new data as soon as they are there and reads nothing twice.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import pandas as pd
import platformdirs
import streamlit as st

from analysis.circuit import Circuit
from analysis.effects import COLUMNS as EFFECT_COLUMNS
from analysis.statistics import PairStatistics, block_table, pair_statistics
from schemas.errors import ServerError
from schemas.records import AnalysisRecord, CircuitSelection, DatasetManifest, Provenance
from schemas.vocabularies import vocabulary
from store.lake import Lake
from store.results import Results

if TYPE_CHECKING:
    from store.console import QueryResult
    from store.graph import Graph
    from store.local import Credentials

CENSUS = "motif-census"
DESCRIPTION = "statistics"
ERROR_CURVE, ERROR_CORRECTION = "error-curve", "error-correction"


def home() -> Path:
    """Directory of all state: `ISOCORTEX_HOME`, else the platform's user data directory."""
    given = os.environ.get("ISOCORTEX_HOME")
    if given:
        return Path(given).expanduser().resolve()
    return Path(platformdirs.user_data_dir("isocortex", appauthor=False))


def lake() -> Lake:
    """Return the lake of this home."""
    return Lake(home() / "lake")


def results() -> Results:
    """Return the results of this home."""
    return Results(home() / "lake")


@dataclass(frozen=True)
class DatasetEntry:
    """A dataset at its current version, with what made it."""

    manifest: DatasetManifest
    provenance: Provenance
    versions: tuple[str, ...]
    neurons: int
    connections: int
    pathways: int


def datasets() -> list[DatasetEntry]:
    """All datasets of the lake, in species order."""
    order = {name: place for place, name in enumerate(vocabulary("species"))}
    found = [_dataset(str(home()), *current) for current in _current()]
    return sorted(
        found, key=lambda one: (order[one.manifest.individual.species], one.manifest.dataset)
    )


def circuits() -> pd.DataFrame:
    """All circuits of the lake, in species order.

    Returns
    -------
    DataFrame
        Columns circuit, title, dataset, version, species, area, layer, evidence, role, weight,
        completeness, caveat, neurons, connections, key; `key` is that of the newest census of the
        current version, missing where none was computed.
    """
    return _circuits(str(home()), tuple(_current()), _results_stamp())


def selection(circuit: str) -> tuple[DatasetEntry, CircuitSelection]:
    """Return dataset and selection of a circuit of `circuits`."""
    dataset, name = circuit.split("/", 1)
    entry = _dataset(str(home()), dataset, *versions()[dataset])
    return entry, entry.manifest.circuit(name)


def versions() -> dict[str, tuple[str, int]]:
    """Return the current version of each dataset, and when its records were last written."""
    return {dataset: (version, written) for dataset, version, written in _current()}


def arrays(circuit: str) -> Circuit:
    """Load a circuit of `circuits` into arrays."""
    version, _ = versions()[circuit.split("/", 1)[0]]
    return _arrays(str(home()), circuit, version)


def pairs(circuit: str) -> PairStatistics:
    """Pair statistics of a circuit."""
    version, _ = versions()[circuit.split("/", 1)[0]]
    return _pairs(str(home()), circuit, version)


def blocks(circuit: str, column: str) -> pd.DataFrame:
    """Count connections between the classes of `column` (`analysis.statistics.block_table`)."""
    version, _ = versions()[circuit.split("/", 1)[0]]
    return _blocks(str(home()), circuit, version, column)


def records() -> list[AnalysisRecord]:
    """Every computed result, newest first."""
    return _records(str(home()), _results_stamp())


def described(circuit: str) -> tuple[AnalysisRecord, pd.DataFrame] | None:
    """Newest statistics of the current version of a circuit, of most statistics first."""
    version, _ = versions()[circuit.split("/", 1)[0]]
    kept = [
        record
        for record in records()
        if (record.analysis, record.circuit, record.version) == (DESCRIPTION, circuit, version)
    ]
    widest = max(kept, key=lambda one: len(one.parameters.get("statistics", ())), default=None)
    return None if widest is None else result(widest.key)


def result(key: str) -> tuple[AnalysisRecord, pd.DataFrame] | None:
    """Record and table of a result, None if there is none."""
    return _result(str(home()), key)


def effects(names: list[str] | None = None) -> pd.DataFrame:
    """Effect tables of the given circuits (default all) at their current versions.

    Returns
    -------
    DataFrame
        Columns circuit, key and those of `analysis.effects.effect_table`.
    """
    table = circuits()
    if names is not None:
        table = table[table["circuit"].isin(names)]
    measured = table[table["key"].notna()]
    return _effects(str(home()), tuple(zip(measured["circuit"], measured["key"], strict=True)))


def error_curves(names: tuple[str, ...]) -> pd.DataFrame:
    """Effects of the given circuits over levels of reconstruction error, at their current versions.

    Returns
    -------
    DataFrame
        Columns circuit, key and those of `analysis.reconstruction.curve.curve_level`. Of each
        circuit, null and error the levels of one computation: the newest one's code, seed and
        numbers of draws and samples.
    """
    found = []
    taken: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    current = versions()
    for record in records():  # newest first
        if record.analysis != ERROR_CURVE or record.circuit not in names:
            continue
        if current.get(record.dataset, ("", 0))[0] != record.version:
            continue
        said = record.parameters
        which = (record.circuit, said["null"], said["error"])
        how = (record.code_version, record.seed, said["draws"], said["samples"])
        known = result(record.key) if taken.setdefault(which, how) == how else None
        if known is not None:
            found.append(known[1].assign(circuit=record.circuit, key=record.key))
    if not found:
        return pd.DataFrame(columns=["circuit", "key", "null", "error"])
    table = pd.concat(found, ignore_index=True)
    order = table["circuit"].map({name: place for place, name in enumerate(names)})
    return (
        table.assign(_order=order)
        .sort_values(["_order", "level"], kind="stable")
        .drop(columns="_order")
    )


def error_correction(circuit: str, null: str) -> tuple[AnalysisRecord, pd.DataFrame] | None:
    """Newest correction of a circuit's effects under a null for its own errors, None if none."""
    current = versions()
    for record in records():
        same = record.circuit == circuit and record.parameters.get("null") == null
        fresh = current.get(record.dataset, ("", 0))[0] == record.version
        if record.analysis == ERROR_CORRECTION and same and fresh:
            return result(record.key)
    return None


@st.cache_data(show_spinner=False, max_entries=200)
def _dataset(root: str, dataset: str, version: str, written: int) -> DatasetEntry:
    found = Lake(Path(root) / "lake")
    counts = found.counts(dataset, version)
    return DatasetEntry(
        manifest=found.manifest(dataset, version),
        provenance=found.provenance(dataset, version),
        versions=tuple(found.versions(dataset)),
        neurons=counts.neurons,
        connections=counts.connections,
        pathways=counts.pathways,
    )


@st.cache_data(show_spinner="Counting circuits …", max_entries=4)
def _circuits(
    root: str, current: tuple[tuple[str, str, int], ...], stamp: tuple[int, int]
) -> pd.DataFrame:
    found = Lake(Path(root) / "lake")
    newest: dict[tuple[str, str], str] = {}
    for record in _records(root, stamp):
        if record.analysis == CENSUS:
            newest.setdefault((record.circuit, record.version), record.key)
    order = {name: place for place, name in enumerate(vocabulary("species"))}
    rows = []
    for dataset, version, written in current:
        manifest = _dataset(root, dataset, version, written).manifest
        for cut in manifest.circuits:
            size = found.circuit_counts(dataset, cut.name, version)
            name = f"{dataset}/{cut.name}"
            rows.append(
                {
                    "circuit": name,
                    "title": cut.title,
                    "dataset": dataset,
                    "version": version,
                    "species": manifest.individual.species,
                    "area": cut.area or manifest.area,
                    "layer": cut.layer or manifest.layer,
                    "evidence": manifest.evidence.value,
                    "role": cut.role,
                    "weight": manifest.weight,
                    "completeness": manifest.completeness,
                    "caveat": cut.caveat,
                    "neurons": size.neurons,
                    "connections": size.connections,
                    "key": newest.get((name, version)),
                }
            )
    rows.sort(key=lambda row: (order[str(row["species"])], row["circuit"]))
    return pd.DataFrame(rows, columns=list(_CIRCUIT_COLUMNS))


_CIRCUIT_COLUMNS = (
    "circuit", "title", "dataset", "version", "species", "area", "layer", "evidence", "role",
    "weight", "completeness", "caveat", "neurons", "connections", "key",
)  # fmt: skip


@st.cache_resource(show_spinner="Loading the circuit …", max_entries=6)
def _arrays(root: str, circuit: str, version: str) -> Circuit:
    dataset, name = circuit.split("/", 1)
    there = Lake(Path(root) / "lake")
    neurons, connections = there.circuit_tables(dataset, name, version)
    return Circuit.from_tables(
        circuit,
        neurons,
        connections,
        attributes={"dataset": dataset, "version": version},
        observed=there.circuit_observed(dataset, name, version),
    )


@st.cache_data(show_spinner=False, max_entries=100)
def _pairs(root: str, circuit: str, version: str) -> PairStatistics:
    return pair_statistics(_arrays(root, circuit, version))


@st.cache_data(show_spinner=False, max_entries=100)
def _blocks(root: str, circuit: str, version: str, column: str) -> pd.DataFrame:
    return block_table(_arrays(root, circuit, version), column)


@st.cache_data(show_spinner=False, max_entries=4)
def _records(root: str, stamp: tuple[int, int]) -> list[AnalysisRecord]:
    return Results(Path(root) / "lake").find()


@st.cache_data(show_spinner=False, max_entries=500)
def _result(root: str, key: str) -> tuple[AnalysisRecord, pd.DataFrame] | None:
    return Results(Path(root) / "lake").get(key)


@st.cache_data(show_spinner=False, max_entries=50)
def _effects(root: str, wanted: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    found = []
    for circuit, key in wanted:
        known = _result(root, key)
        if known is not None:
            found.append(known[1].assign(circuit=circuit, key=key))
    columns = ["circuit", "key", *EFFECT_COLUMNS]
    # Results of earlier releases have no errors: what they lack is missing, not made up.
    return pd.concat(found).reindex(columns=columns) if found else pd.DataFrame(columns=columns)


def _current() -> list[tuple[str, str, int]]:
    """Dataset, version and moment of its records, for every dataset of the lake."""
    there = lake()
    found = []
    for dataset in there.datasets():
        version = there.latest(dataset)
        if version is not None:
            written = there.path(dataset, "neurons", version).with_name("provenance.json")
            found.append((dataset, version, written.stat().st_mtime_ns))
    return found


def _results_stamp() -> tuple[int, int]:
    """Return what changes with every result: their number and the newest moment of them."""
    moments = [
        entry.stat().st_mtime_ns for entry in (home() / "lake" / "results").glob("??/[!.]*.json")
    ]
    return len(moments), max(moments, default=0)


def graph_credentials() -> Credentials:
    """Address of the graph: `NEO4J_URI`, else the local server of this home.

    Raises
    ------
    ServerError
        If there is none that runs.
    """
    from store.local import Credentials, LocalServer

    uri = os.environ.get("NEO4J_URI")
    if not uri:
        return LocalServer(home() / "server").credentials()
    return Credentials(
        uri,
        os.environ.get("NEO4J_USER", "neo4j"),
        os.environ.get("NEO4J_PASSWORD", ""),
        os.environ.get("NEO4J_DATABASE", "neo4j"),
    )


def graph() -> Graph:
    """Return the graph of this home; reads only, starts nothing.

    Raises
    ------
    ServerError
        If it does not run or cannot be used.
    """
    given = graph_credentials()
    found = _graph(given.uri, given.user, given.password, given.database)
    try:
        found.driver.verify_connectivity()
    except Exception as failure:
        _graph.clear()
        raise ServerError(
            "the graph server does not answer", remedy="isocortex server start"
        ) from failure
    return found


@st.cache_resource(show_spinner=False, max_entries=2)
def _graph(uri: str, user: str, password: str, database: str) -> Graph:
    from store.graph import Graph

    return Graph.connect(uri, user, password, database, local=None)


def run_query(
    text: str, values: dict[str, Any], *, timeout: float, max_rows: int, cancel: Event
) -> QueryResult:
    """Run a read-only statement (see `store.console.run`)."""
    from store.console import run

    return run(graph(), text, values, timeout=timeout, max_rows=max_rows, cancel=cancel)
