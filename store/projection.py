"""Increments: a dataset from the lake into a running graph, by grouped Bolt batches.

Neurons are staged under a label of their own; one transaction at the end makes the new version
visible and the old one invisible. Until then a reader sees the old version, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from neo4j import ManagedTransaction

from schemas.errors import ServerError
from schemas.graph import RETIRED, STAGED
from schemas.records import CircuitSelection, DatasetManifest
from schemas.tables import Observed
from store import properties, result_graph
from store.steady import steady, switching

if TYPE_CHECKING:
    from store.graph import Graph
    from store.lake import Lake
    from store.lease import Lease

Progress = Callable[[str, int, int], None]
NODE_BATCH = 10_000
EDGE_BATCH = 40_000
DELETE_BATCH = 20_000

_STAGE_NODES = f"UNWIND $rows AS row CREATE (n:{STAGED}) SET n = row"
# Grouped by presynaptic neuron: one look-up of the source for all of its targets, which is about
# a quarter faster than one row an edge (tests/benchmarks/store_graph.py measures both). Only one
# dataset is staged at a time, so bodyId will do.
_STAGE_EDGES = f"""
UNWIND $rows AS r MATCH (a:{STAGED} {{bodyId: r[0]}})
UNWIND r[1] AS o MATCH (b:{STAGED} {{bodyId: o[0]}})
CREATE (a)-[:ConnectsTo {{weight: o[1]}}]->(b)
"""
_STAGED = (
    f"MATCH (n:{STAGED}) RETURN count(n) AS neurons, "
    "sum(COUNT { (n)-[:ConnectsTo]->() }) AS connections"
)
_RETIRE_RESULTS = (
    "MATCH (:Circuit {dataset: $dataset})<-[:Over]-(v:Verdict) DETACH DELETE v",
    "MATCH (:Circuit {dataset: $dataset})-[:Measured]->(s) DETACH DELETE s",
    (
        "MATCH (:Dataset {name: $dataset})<-[:Used]-(a:Analysis) "
        "OPTIONAL MATCH (s)-[:GeneratedBy]->(a) DETACH DELETE s, a"
    ),
)
_RETIRE = (
    f"MATCH (n:Neuron {{dataset: $dataset}}) REMOVE n:Neuron SET n:{RETIRED}",
    *_RETIRE_RESULTS,
    "MATCH (c:Circuit {dataset: $dataset}) DETACH DELETE c",
    "MATCH (p:Pathway {dataset: $dataset}) DETACH DELETE p",
)
_SWITCH = (
    *_RETIRE,
    f"MATCH (n:{STAGED} {{dataset: $dataset}}) REMOVE n:{STAGED} SET n:Neuron",
    "MERGE (s:Species {name: $species.name}) SET s = $species",
    "MERGE (i:Individual {uid: $individual.uid}) SET i = $individual",
    "MERGE (d:Dataset {name: $dataset}) SET d = $properties",
    (
        "MATCH (i:Individual {uid: $individual.uid}), (s:Species {name: $species.name}) "
        "MERGE (i)-[:OfSpecies]->(s)"
    ),
    "MATCH (d:Dataset {name: $dataset})-[old:OfIndividual]->() DELETE old",
    (
        "MATCH (d:Dataset {name: $dataset}), (i:Individual {uid: $individual.uid}) "
        "MERGE (d)-[:OfIndividual]->(i)"
    ),
    "UNWIND $classes AS row MERGE (k:CellClass {name: row.name}) SET k = row",
    "UNWIND $areas AS row MERGE (a:Area {name: row.name}) SET a = row",
    (
        "MATCH (d:Dataset {name: $dataset}) MATCH (n:Neuron {dataset: $dataset}) "
        "CREATE (n)-[:InDataset]->(d)"
    ),
    (
        "MATCH (n:Neuron {dataset: $dataset}) WHERE n.cellClass IS NOT NULL "
        "MATCH (k:CellClass {name: n.cellClass}) CREATE (n)-[:IsA]->(k)"
    ),
    (
        "UNWIND $circuits AS row CREATE (c:Circuit) SET c = row WITH c "
        "MATCH (d:Dataset {name: $dataset}) CREATE (c)-[:InDataset]->(d)"
    ),
    (
        "MATCH (c:Circuit {dataset: $dataset}) WHERE c.area IS NOT NULL "
        "MATCH (a:Area {name: c.area}) CREATE (c)-[:InArea]->(a)"
    ),
    (
        "MATCH (d:Dataset {name: $dataset}) UNWIND $pathways AS row "
        "CREATE (p:Pathway) SET p = row CREATE (p)-[:InDataset]->(d)"
    ),
    *(
        f"UNWIND $ends.{kind} AS row MATCH (p:Pathway {{uid: row[0]}}) "
        f"MATCH (k:CellClass {{name: row[1]}}) CREATE (p)-[:{kind}]->(k)"
        for kind in properties.PATHWAY_ENDS.values()
    ),
)
_REMOVE = (*_RETIRE, "MATCH (d:Dataset {name: $dataset}) DETACH DELETE d")
_DESCRIBE = (
    "MATCH (d:Dataset {name: $dataset}) SET d = $properties",
    "UNWIND $circuits AS row MATCH (c:Circuit {name: row.name}) SET c.title = row.title",
)
_EXPORT = (
    "MATCH (c:Circuit {name: $circuit})<-[:InCircuit]-(n:Neuron) "
    "WITH c, collect(n) AS inside UNWIND inside AS n "
    "MATCH (n)-[r:ConnectsTo]->(m:Neuron) WHERE (m)-[:InCircuit]->(c) "
    "RETURN n.bodyId AS pre, collect(m.bodyId) AS post, collect(r.weight) AS weight"
)
_MEMBERS = (
    "MATCH (c:Circuit {name: $circuit}) UNWIND $members AS uid MATCH (n:Neuron {uid: uid}) "
    "CREATE (n)-[:InCircuit]->(c)"
)


def load(
    graph: Graph, lease: Lease, lake: Lake, dataset: str, progress: Progress | None = None
) -> None:
    """Load the current version of `dataset` and switch the graph to it.

    Raises
    ------
    ServerError
        If it fails; the graph shows what it showed before.
    """
    version = lake.latest(dataset) or ""
    manifest = lake.manifest(dataset, version)
    neurons, connections = lake.projected_tables(dataset, version)
    clear(graph)
    rows = properties.neuron_rows(dataset, neurons)
    for start in range(0, len(rows), NODE_BATCH):
        lease.write(_statement(_STAGE_NODES, rows=rows[start : start + NODE_BATCH]))
    done = 0
    for batch, edges in _grouped(connections):
        lease.write(_statement(_STAGE_EDGES, rows=batch))
        done += edges
        if progress is not None:
            progress(f"connections {dataset}", done, len(connections))
    statements = list(_switch(manifest, version, lake, neurons, connections))

    def switch(transaction: ManagedTransaction) -> None:
        staged = transaction.run(_STAGED).single(strict=True)
        if (staged["neurons"], staged["connections"]) != (len(neurons), len(connections)):
            raise ServerError(
                f"of {dataset}, {staged['neurons']:,} neurons and {staged['connections']:,} "
                f"connections arrived instead of {len(neurons):,} and {len(connections):,}",
                remedy="run the command again; the graph shows what it showed before",
            )
        for statement, given in statements:
            transaction.run(statement, given).consume()

    result_graph.take_away_many(graph, dataset)
    with switching(lease):
        lease.write(switch)
    clear(graph)


def remove(graph: Graph, lease: Lease, dataset: str) -> None:
    """Take a dataset out of the graph."""

    def work(transaction: ManagedTransaction) -> None:
        for statement in _REMOVE:
            transaction.run(statement, dataset=dataset).consume()

    result_graph.take_away_many(graph, dataset)
    with switching(lease):
        lease.write(work)
    clear(graph)


def remove_results(graph: Graph, lease: Lease, dataset: str) -> None:
    """Take the results of a dataset out of the graph."""
    counts = "MATCH (:Circuit {dataset: $dataset})<-[r:InCircuit]-() SET r = {}"

    def work(transaction: ManagedTransaction) -> None:
        for statement in (*_RETIRE_RESULTS, counts):
            transaction.run(statement, dataset=dataset).consume()

    result_graph.take_away_many(graph, dataset)
    lease.write(work)


def describe(graph: Graph, lake: Lake, dataset: str) -> None:
    """Write anew what a manifest says about a version that is there."""
    version = lake.latest(dataset) or ""
    manifest = lake.manifest(dataset, version)
    neurons, connections = lake.projected_tables(dataset, version)
    given = {
        "dataset": dataset,
        "properties": properties.dataset_properties(
            manifest,
            version,
            len(neurons),
            len(connections),
            lake.counts(dataset, version).pathways,
        ),
        "circuits": [
            {"name": properties.circuit_name(dataset, cut.name), "title": cut.title}
            for cut in manifest.circuits
        ],
    }
    graph.write_all([(statement, given) for statement in _DESCRIBE])


def clear(graph: Graph) -> None:
    """Delete what is staged and what is retired; the holder of the lease may."""
    for label in (STAGED, RETIRED):
        _delete_all(graph, label)


def _statement(statement: str, **parameters: Any) -> Callable[[ManagedTransaction], None]:
    def work(transaction: ManagedTransaction) -> None:
        transaction.run(statement, parameters).consume()

    return work


def _delete_all(graph: Graph, label: str) -> None:
    """Delete every node of a label in transactions of bounded size."""
    if not graph.read(f"MATCH (n:{label}) RETURN n.uid AS uid LIMIT 1"):
        return
    graph.run(
        f"MATCH (n:{label})-[c:ConnectsTo]->() CALL (c) {{ DELETE c }} "
        f"IN TRANSACTIONS OF {DELETE_BATCH} ROWS"
    )
    graph.run(
        f"MATCH (n:{label}) CALL (n) {{ DETACH DELETE n }} IN TRANSACTIONS OF {NODE_BATCH} ROWS"
    )


def projected_cuts(
    manifest: DatasetManifest, lake: Lake, version: str
) -> Iterator[tuple[CircuitSelection, pd.DataFrame, pd.DataFrame, Observed]]:
    """Circuits whose neurons are all in the graph, with their tables and observable pairs."""
    dataset = manifest.dataset
    for name in lake.projected_circuits(dataset, version):
        neurons, connections = lake.circuit_tables(dataset, name, version)
        observed = lake.circuit_observed(dataset, name, version)
        yield manifest.circuit(name), neurons, connections, observed


def export_connections(graph: Graph, circuit: str) -> pd.DataFrame:
    """Export the connections of a circuit: columns pre, post, weight.

    One row a presynaptic neuron with collected targets: ten times quicker than a row an edge.
    """
    rows = steady(graph, lambda: graph.read(_EXPORT, circuit=circuit))
    sizes = [len(row["post"]) for row in rows]
    pre = np.repeat(np.array([row["pre"] for row in rows], dtype=np.int64), sizes)
    post = np.array([body for row in rows for body in row["post"]], dtype=np.int64)
    weight = np.array([w for row in rows for w in row["weight"]], dtype=np.int32)
    frame = pd.DataFrame({"pre": pre, "post": post, "weight": weight})
    return frame.sort_values(["pre", "post"], ignore_index=True)


def _grouped(connections: pd.DataFrame) -> Iterator[tuple[list[list[Any]], int]]:
    """Yield batches `[[pre, [[post, weight], …]], …]` of about `EDGE_BATCH` edges."""
    ordered = connections.sort_values(["pre", "post"])
    pre = ordered["pre"].to_numpy()
    post = ordered["post"].to_numpy()
    weight = ordered["weight"].to_numpy()
    if not len(pre):
        return
    starts = np.flatnonzero(np.r_[True, pre[1:] != pre[:-1]])
    ends = np.r_[starts[1:], len(pre)]
    batch: list[list[Any]] = []
    edges = 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        part = slice(start, end)
        pairs = list(map(list, zip(post[part].tolist(), weight[part].tolist(), strict=True)))
        batch.append([int(pre[start]), pairs])
        edges += end - start
        if edges >= EDGE_BATCH:
            yield batch, edges
            batch, edges = [], 0
    if batch:
        yield batch, edges


def _switch(
    manifest: DatasetManifest,
    version: str,
    lake: Lake,
    neurons: pd.DataFrame,
    connections: pd.DataFrame,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Statements of the transaction that makes the new version visible."""
    dataset = manifest.dataset
    cuts = list(projected_cuts(manifest, lake, version))
    areas = {name for cut, *_ in cuts if (name := cut.area or manifest.area)}
    named = neurons["cell_class"].dropna() if "cell_class" in neurons else ()
    pathways = lake.pathways(dataset, version)
    rows = properties.pathway_rows(dataset, pathways)
    ends = properties.pathway_ends(dataset, pathways)
    classes = sorted({*named, *(name for kind in ends.values() for _, name in kind)})
    given = {
        "dataset": dataset,
        "properties": properties.dataset_properties(
            manifest, version, len(neurons), len(connections), len(rows)
        ),
        "pathways": rows,
        "ends": {kind: [list(pair) for pair in pairs] for kind, pairs in ends.items()},
        "individual": properties.individual_properties(manifest),
        "species": properties.species_properties(manifest.individual.species),
        "classes": [properties.term_properties("cell_classes", name) for name in classes],
        "areas": [properties.term_properties("areas", name) for name in sorted(areas)],
        "circuits": [properties.circuit_properties(manifest, *cut) for cut in cuts],
    }
    for statement in _SWITCH:
        yield statement, given
    for cut, inside, *_ in cuts:
        members = [f"{dataset}:{body}" for body in inside["neuron_id"].tolist()]
        yield _MEMBERS, {"circuit": properties.circuit_name(dataset, cut.name), "members": members}
