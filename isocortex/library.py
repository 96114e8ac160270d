"""The library for notebooks: `import isocortex as ic`."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from isocortex.class_effects import class_labels
from isocortex.class_effects import typed_effects as typed_effects
from isocortex.measure import HARD_SAMPLES, NULLS, Parameters, against, measure
from isocortex.settings import Settings
from isocortex.workers import notebook_workers
from isocortex.workspace import Workspace, is_file_name
from schemas.tables import Observed

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from analysis.motifs.typed import TypedCensus
    from isocortex.finding import MotifCount, Question, Way
    from isocortex.importing import Tell
    from isocortex.participants import Of
    from schemas.records import DatasetManifest


def datasets() -> pd.DataFrame:
    """List the catalog's datasets and the user's own.

    Returns
    -------
    DataFrame
        Columns dataset, version, species, evidence, neurons, connections, pathways, status
        (ingested, available, or optional: not part of the main job), errors (of its synapses and
        axons, in words); `version` is missing where a dataset was not ingested.
    """
    rows = dataset_rows(Workspace(Settings.from_environment()))
    return pd.DataFrame([row | {"errors": row["errors"]["words"]} for row in rows])


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
    hard_limit: int | None = None,
    seed: int = 0,
    workers: int | None = None,
    cluster: str | None = None,
    executor: Executor | None = None,
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
        Samples of each hard ensemble.
    hard_limit : int, optional
        Most neurons for which hard ensembles are sampled; default 1,000, and more where that takes
        seconds.
    seed : int, optional
        Seed of the hard ensembles; same seed, same numbers, whoever draws the samples.
    workers : int, optional
        Processes of this machine that draw the samples; default this one does. A script that asks
        for more needs `if __name__ == "__main__":`, as with all of `multiprocessing`.
    cluster : str, optional
        Address of a Dask scheduler whose workers draw them, such as `tcp://host:8786`.
    executor : Executor, optional
        Of `concurrent.futures`, or anything with that interface, instead of both.

    Returns
    -------
    DataFrame
        One row per triad, null and ensemble: observed, expected, sd (of the null; it is not an
        error of the estimate), log_ratio (natural logarithm of observed over expected), z; se
        (standard error of log_ratio), df, rule, low and high (its 95 % interval), p, p_holm, mde
        (smallest effect that can be detected), as in `analysis.effects.effect_table`.
        `attrs["diagnostics"]` says of each Markov-chain ensemble whether it has converged.

    Raises
    ------
    UsageError
        If a null is unknown, or cannot be had for the circuit.
    WorkersUnavailable
        If workers cannot be reached, are lost, or would give other numbers.
    """
    workspace = Workspace(Settings.from_environment())
    given = given_circuit(workspace, circuit)
    version, stored = given.attributes.get("version", ""), workspace.results_of(given)
    with notebook_workers(workers, cluster, executor) as crew:
        return against(
            given,
            nulls,
            Parameters((), samples, hard_limit, seed),
            lambda chosen: measure(given, version, chosen, stored, workers=crew)[:2],
        )


def describe(
    circuit: Circuit | str | Path,
    statistics: str | Iterable[str] | None = None,
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """Compute statistics of a circuit.

    Parameters
    ----------
    circuit : Circuit, str or Path
        A circuit, or what `isocortex.circuit` takes.
    statistics : str or iterable of str, optional
        Names, as `isocortex statistics` lists them; default all that the circuit can have and that
        take seconds. The reasons for those that are left out are in `attrs["not_available"]`.
    seed : int, optional
        Of the groups of the jackknife and of algorithms that draw.

    Returns
    -------
    DataFrame
        One row per value: statistic, of (what of it), value, standard_error, expected (by the null
        that the statistic names), why (there is no error), note.

    Raises
    ------
    UsageError
        If a statistic is unknown, or one that was asked for cannot be had or would take too long.
    """
    from isocortex.describing import describe as compute

    workspace = Workspace(Settings.from_environment())
    given = given_circuit(workspace, circuit)
    names = [statistics] if isinstance(statistics, str) else statistics
    version = given.attributes.get("version", "")
    found = compute(given, version, names, seed, workspace.results_of(given))
    values = found.values.copy()
    values.attrs["not_available"] = {name: why.message for name, why in found.missing.items()}
    return values


def participation(
    circuit: Circuit | str | Path,
    of: Of = "neurons",
    *,
    motifs: Iterable[str] = (),
    size: int = 3,
) -> pd.DataFrame:
    """Count the connected motifs that hold each neuron or connection, exactly.

    Parameters
    ----------
    circuit : Circuit, str or Path
        A circuit, or what `isocortex.circuit` takes.
    of : {"neurons", "connections"}, optional
    motifs : iterable of str, optional
        MAN codes, or canonical codes of motifs of four; default all connected ones.
    size : {3, 4}, optional
        Neurons of a motif; of four, classes are counted, and for neurons only.

    Returns
    -------
    DataFrame
        One row per neuron (bodyId) or connection (pre, post), one column per role, `030T:source`,
        `030T:source->target`, or canonical code. What could not be observed is missing, not 0.

    Raises
    ------
    UsageError
        If a motif is not connected or unknown, or there is no such participation.
    FrameError
        If no triple of neurons was observable.
    """
    from isocortex.participants import participation_table

    given = given_circuit(Workspace(Settings.from_environment()), circuit)
    return participation_table(given, of, tuple(motifs), size)


def robustness(
    circuit: Circuit | str | Path,
    *,
    null: str = "reciprocal",
    error: str = "missed",
    levels: Iterable[float] = (0.0, 0.05, 0.1, 0.2),
    draws: int = 10,
    samples: int = 60,
    seed: int = 0,
    recall: float | None = None,
    precision: float | None = None,
    miss: float | None = None,
) -> pd.DataFrame:
    """Follow the effects of a circuit over a reconstruction error, and correct them for its own.

    Parameters
    ----------
    circuit : Circuit, str or Path
        A circuit, or what `circuit` takes. Results of circuits of the lake are kept.
    null : {"reciprocal", "degree", "er"}, optional
    error : str, optional
        missed, spurious, synapses, axon, dendrite, split, merge, classes, threshold, truncation or
        sampling (docs/methods.md).
    levels : iterable of float, optional
    draws, samples : int, optional
        Circuits drawn at every level, and samples of the hard ensemble of each.
    seed : int, optional
    recall, precision : float, optional
        Of synapses, in place of the figures of the dataset's manifest.
    miss : float, optional
        Share of the connections that were missed, if that is known otherwise.

    Returns
    -------
    DataFrame
        As `analysis.reconstruction.curve.curve_level`, all levels. `attrs["stated"]` holds the
        circuit's own error rates and `attrs["corrected"]` the rows of
        `analysis.reconstruction.correction.correct`; both are None where no rates are known.

    Raises
    ------
    UsageError
        If a word is unknown, or the circuit lacks what the error acts on.
    FrameError
        If no triad was observable.
    """
    from isocortex.error_curves import Question, Rates, answer

    workspace = Workspace(Settings.from_environment())
    question = Question(null, error, tuple(sorted(set(map(float, levels)))), draws, samples, seed)
    question.check()
    given = given_circuit(workspace, circuit)
    found = answer(workspace, given, question, Rates(recall, precision, miss))
    table = pd.concat([one for _, one in found.curve], ignore_index=True)
    known = found.correction
    table.attrs["stated"] = None if found.stated is None else asdict(found.stated)
    table.attrs["corrected"] = None if known is None else known[1].to_dict("records")
    return table


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


def find(
    pattern: str,
    circuit: Circuit | str | Path,
    *,
    induced: bool | None = None,
    each_once: bool = True,
    limit: int = 1_000,
    by: Way = "auto",
    timeout: float = 30.0,
) -> pd.DataFrame:
    """Find where a motif lies in a circuit.

    Parameters
    ----------
    pattern : str
        DotMotif's language (docs/motif-queries.md), a file `*.motif`, a MAN code, or `4:code`.
    circuit : Circuit, str or Path
        A circuit, or what `isocortex.circuit` takes.
    induced : bool, optional
        Whether pairs that the pattern does not connect have to be unconnected. Default: only for
        motifs that are asked for by their code, which always are.
    each_once : bool, optional
        Whether placements that a symmetry of the pattern exchanges are one.
    limit : int, optional
        Most instances; which ones come first is not defined.
    by : {"auto", "graph", "matcher"}, optional
        Default: the graph for a circuit of the lake that it can answer for, else the arrays.
    timeout : float, optional
        Seconds.

    Returns
    -------
    DataFrame
        One column a name of the pattern, one row an instance: neuron ids. `attrs` has `induced`,
        `counted`, `path` and `complete`.

    Raises
    ------
    PatternError
        If the pattern cannot be read, with line and column, or asks for what is not there.
    SearchStopped, QueryStopped
        If it is not done in time.
    """
    from isocortex import finding

    workspace = Workspace(Settings.from_environment())
    asked = _asked(workspace, pattern, circuit, induced, each_once)
    found = finding.instances(asked, workspace, limit=limit, by=by, timeout=timeout)
    found.table.attrs |= {
        "induced": asked.pattern.induced,
        "counted": asked.counted,
        "path": found.path,
        "complete": found.complete,
    }
    return found.table


def count(
    pattern: str,
    circuit: Circuit | str | Path,
    *,
    induced: bool | None = None,
    each_once: bool = True,
    by: Way = "auto",
    timeout: float = 30.0,
) -> MotifCount:
    """Count a motif in a circuit exactly; parameters as in `find`.

    Parameters
    ----------
    by : {"auto", "census", "matcher", "graph"}, optional
        Default: the census where it suffices, else the arrays.

    Returns
    -------
    MotifCount
        `count` with `induced`, `counted`, `symmetries` and `path`; `int()` of it is the count.

    Raises
    ------
    PatternError, SearchStopped, QueryStopped
        As in `find`.
    """
    from isocortex import finding

    workspace = Workspace(Settings.from_environment())
    asked = _asked(workspace, pattern, circuit, induced, each_once)
    return finding.count(asked, workspace, by=by, timeout=timeout)


def _asked(
    workspace: Workspace,
    pattern: str,
    circuit: Circuit | str | Path,
    induced: bool | None,
    once: bool,
) -> Question:
    from isocortex.finding import question, written

    named = isinstance(circuit, str | Path)
    given = given_circuit(workspace, circuit)
    in_lake = named and not is_file_name(str(circuit))
    return question(written(pattern), given, induced=induced, once=once, in_lake=in_lake)


def given_circuit(workspace: Workspace, circuit: Circuit | str | Path) -> Circuit:
    """Return the circuit, or load that of a name or path."""
    return (
        load_circuit(workspace, str(circuit), None) if isinstance(circuit, str | Path) else circuit
    )


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
        attributes={"version": checksum, "file": name, "weight": manifest.weight},
        observed=Observed(tested=prepared.tables.tested),
    )


def dataset_rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Rows of `datasets`: the catalog's in its order, then the user's own."""
    from ingest import catalog_manifests
    from isocortex.known_errors import of_manifest

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
                "errors": of_manifest(manifest),
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
    from analysis.motifs.typed import typed_census

    return typed_census(circuit, class_labels(circuit, by))
