"""The library for notebooks: `import isocortex as ic`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from isocortex.measure import HARD_LIMIT, HARD_SAMPLES, NULLS, Parameters, climbed, measure
from isocortex.settings import Settings
from isocortex.workspace import Workspace, is_file_name
from schemas.errors import UsageError
from schemas.tables import Observed

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from analysis.motifs.typed import TypedCensus
    from isocortex.importing import Tell
    from schemas.records import DatasetManifest


def datasets() -> pd.DataFrame:
    """List the catalog's datasets and the user's own.

    Returns
    -------
    DataFrame
        Columns dataset, version, species, evidence, neurons, connections, pathways, status
        (ingested, available, or optional: not part of the main job); `version` is missing where
        a dataset was not ingested.
    """
    return pd.DataFrame(dataset_rows(Workspace(Settings.from_environment())))


def circuit(name_or_path: str | Path, *, neurons: str | Path | None = None) -> Circuit:
    """Load a circuit of the lake, or a file of one's own.

    Parameters
    ----------
    name_or_path : str or Path
        `dataset/circuit`, `dataset` (its first circuit), or an edge list (CSV, TSV, Parquet).
    neurons : str or Path, optional
        Neuron table that goes with an edge list.

    Raises
    ------
    UsageError
        If there is no such circuit or file.
    InputError
        If the file is not a valid edge list; every problem is named with row and column.
    """
    return load_circuit(Workspace(Settings.from_environment()), str(name_or_path), neurons)


def census(
    circuit: Circuit | str | Path,
    *,
    nulls: str | Iterable[str] = NULLS,
    samples: int = HARD_SAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """Count the 16 triads of a circuit and compare them with nulls.

    Parameters
    ----------
    circuit : Circuit, str or Path
        A circuit, or what `isocortex.circuit` takes.
    nulls : iterable of str, or "ladder", optional
        Any of er, block, distance, block_distance, degree, reciprocal, block_reciprocal; or
        `ladder`, all that the circuit can have. The reasons for those that it cannot have are in
        `attrs["not_available"]` of what is returned.
    samples : int, optional
        Samples of each hard ensemble (circuits of up to 1,000 neurons).
    seed : int, optional
        Seed of the hard ensembles.

    Returns
    -------
    DataFrame
        One row per triad, null and ensemble: observed, expected, sd (of the null; it is not an
        error of the estimate), log_ratio (natural logarithm of observed over expected), z.

    Raises
    ------
    UsageError
        If a null is unknown, or cannot be had for the circuit.
    """
    workspace = Workspace(Settings.from_environment())
    given = (
        load_circuit(workspace, str(circuit), None) if isinstance(circuit, str | Path) else circuit
    )
    asked = nulls if isinstance(nulls, str) else ",".join(nulls)
    names, missing = climbed(asked, given)
    parameters = Parameters(names, samples, HARD_LIMIT, seed)
    version = given.attributes.get("version", "")
    stored = workspace.results if version and given.attributes.get("dataset") else None
    effects = measure(given, version, parameters, stored)[1]
    if missing is not None:
        effects.attrs["not_available"] = {name: why.message for name, why in missing.items()}
    return effects


def query(cypher: str, **parameters: Any) -> pd.DataFrame:
    """Run a read-only Cypher statement on the graph.

    Parameters
    ----------
    cypher : str
    **parameters
        Values of `$name` in the statement.

    Raises
    ------
    QueryRefused
        If the statement would write, or is not valid Cypher.
    """
    from store.console import run

    with Workspace(Settings.from_environment()).graph() as graph:
        result = run(graph, cypher, parameters, max_rows=1_000_000)
    return pd.DataFrame(result.rows, columns=result.columns)


def load_circuit(
    workspace: Workspace, name: str, neurons: str | Path | None, tell: Tell | None = None
) -> Circuit:
    """Load `name`: a file if it looks like one, else a circuit of the lake.

    `tell` is called with what a file was taken for.
    """
    if neurons is None and not is_file_name(name):
        return workspace.circuit(name)
    from analysis.circuit import Circuit
    from ingest.job import prepare_understood
    from ingest.own import understand

    manifest, known = understand(
        Path(name).expanduser(), None if neurons is None else Path(neurons).expanduser()
    )
    manifest, prepared = prepare_understood(manifest, known)
    if tell is not None:
        tell(manifest, known, prepared)
    checksum = prepared.sources[0].sha256
    return Circuit.from_tables(
        manifest.dataset,
        prepared.tables.neurons,
        prepared.tables.connections,
        attributes={"version": checksum, "file": name},
        observed=Observed(tested=prepared.tables.tested),
    )


def dataset_rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Rows of `datasets`: the catalog's in its order, then the user's own."""
    from ingest import catalog_manifests

    catalog = catalog_manifests()
    lake = workspace.lake
    there = set(lake.datasets())
    rows = []
    for name in [*catalog, *sorted(there - set(catalog))]:
        version = lake.latest(name) if name in there else None
        manifest = lake.manifest(name, version) if version else catalog[name]
        counts = lake.counts(name, version) if version else manifest.expected
        rows.append(
            {
                "dataset": name,
                "version": version,
                "species": manifest.individual.species,
                "evidence": manifest.evidence.value,
                "neurons": counts.neurons if counts else None,
                "connections": counts.connections if counts else None,
                "pathways": counts.pathways if counts else None,
                "status": "ingested" if version else _status(manifest),
            }
        )
    return rows


def _status(manifest: DatasetManifest) -> str:
    return "optional" if manifest.optional else "available"


def by_class(circuit: Circuit, by: str = "cell_class") -> TypedCensus:
    """Count the triads of a circuit by the classes of their neurons.

    Parameters
    ----------
    circuit : Circuit
    by : str, optional
        Column of the neuron table; a neuron without a class is of the class `(none)`.

    Raises
    ------
    UsageError
        If there is no such column, or it has more classes than are counted apart.
    """
    from analysis.motifs.typed import MOST_CLASSES, typed_census

    neurons = circuit.neurons
    if by not in neurons:
        raise UsageError(
            f"the neurons of {circuit.name} have no column {by!r}",
            remedy=f"there are {', '.join(map(str, neurons.columns))}",
        )
    labels = neurons[by].astype("object").where(neurons[by].notna(), "(none)").astype(str)
    if labels.nunique() > MOST_CLASSES:
        raise UsageError(
            f"column {by!r} has {labels.nunique()} classes, more than the {MOST_CLASSES} that are "
            "counted apart",
            remedy="choose a coarser one with --by, such as polarity or layer",
        )
    return typed_census(circuit, labels.tolist())
