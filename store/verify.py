"""Compare the graph with the lake, and load again what is not the same.

Neurons, circuits, datasets and results are compared property by property; connections by a checksum
for every presynaptic neuron, so that a lost, a moved, a doubled and a reweighted one are all found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from neo4j import ManagedTransaction

from store import projection, properties
from store.lease import held
from store.steady import steady
from store.verify_results import result_problems
from store.verify_verdicts import verdict_problems

if TYPE_CHECKING:
    from store.graph import Graph
    from store.lake import Lake
    from store.results import Results

Progress = Callable[[str, int, int], None]
PRIME = 2_147_483_647  # checksums stay far from the end of 64 bits
NAMED = 3  # of many of one kind, so many are named

_CONNECTIONS = """
MATCH (n:Neuron {dataset: $dataset})-[c:ConnectsTo]->(m)
RETURN n.bodyId AS pre, count(*) AS connections, sum(c.weight) AS weight,
       sum((m.bodyId % $prime) * c.weight % $prime) AS checksum,
       sum(CASE WHEN m.uid = $dataset + ':' + toString(m.bodyId) THEN 0 ELSE 1 END) AS outside
"""
_NEURONS = "MATCH (n:Neuron {dataset: $dataset}) RETURN properties(n) AS properties"
_PATHWAYS = """
MATCH (p:Pathway {dataset: $dataset})
RETURN properties(p) AS properties, [(p)-[:From]->(k) | k.name] AS from,
       [(p)-[:Onto]->(k) | k.name] AS onto,
       COUNT { (p)-[:InDataset]->(:Dataset {name: $dataset}) } AS homes
"""
_DATASET = (
    "MATCH (d:Dataset {name: $dataset}) RETURN properties(d) AS properties, "
    "COUNT { (d)<-[:InDataset]-(:Neuron) } AS members"
)
_CIRCUITS = """
MATCH (c:Circuit {dataset: $dataset}) OPTIONAL MATCH (c)<-[:InCircuit]-(n:Neuron)
RETURN properties(c) AS properties, count(n) AS members, sum(n.bodyId % $prime) AS checksum
"""
# A neuron whose dataset was changed would stand in the way of the one that is loaded.
_CLAIM = (
    "MATCH (n:Neuron) WHERE n.uid STARTS WITH $dataset + ':' "
    "AND (n.dataset IS NULL OR n.dataset <> $dataset) SET n.dataset = $dataset"
)


@dataclass(frozen=True)
class Check:
    """What was found about one dataset.

    Attributes
    ----------
    dataset : str
    version : str or None
        The version in the graph.
    state : str
        `same`; `damaged` (the graph differs from the lake's version); `older` (the lake has a newer
        one); `absent` (in the lake only); `unknown` (this version is in the graph only).
    neurons, connections : int
        Counts in the graph.
    problems : list of str
        What differs, in words.
    only_results : bool
        Whether nothing differs but results.
    """

    dataset: str
    version: str | None
    state: str
    neurons: int = 0
    connections: int = 0
    problems: list[str] = field(default_factory=list)
    only_results: bool = False

    @property
    def repairable(self) -> bool:
        """Whether loading the lake's version again mends it."""
        return self.state in {"damaged", "older", "absent"}


def verify(
    graph: Graph,
    lake: Lake,
    progress: Progress | None = None,
    results: Results | None = None,
) -> list[Check]:
    """Compare every dataset of the graph and of the lake.

    Parameters
    ----------
    graph : Graph
    lake : Lake
    progress : callable, optional
        Called with (what, done, total).
    results : Results, optional
        The lake's results; None compares none.

    Raises
    ------
    ServerError
        If the server fails.
    """
    names = sorted(set(graph.projected()) | set(lake.datasets()))
    checks = []
    for number, name in enumerate(names):
        if progress is not None:
            progress(f"verify {name}", number, len(names))
        checks.append(steady(graph, partial(_check, graph, lake, name, results)))
    return checks


def repair(
    graph: Graph, lake: Lake, checks: Sequence[Check], progress: Progress | None = None
) -> list[str]:
    """Load the lake's version of every dataset that differs; return their names.

    Each is switched in one transaction, so that the others and their readers are not disturbed.
    What is in the graph only is left alone. Results of the datasets have to be written again; where
    nothing but results differs, they are taken out of the graph, and nothing is loaded.

    Raises
    ------
    ServerError
        If a load fails; the graph shows what it showed before.
    """
    mended = [check for check in checks if check.repairable]
    with held(graph, progress) as lease:
        for number, check in enumerate(mended):
            name = check.dataset
            if progress is not None:
                progress(f"repair {name}", number, len(mended))
            if check.only_results:
                projection.remove_results(graph, lease, name)
                continue
            lease.write(_claim(name))
            projection.load(graph, lease, lake, name, progress)
    return [check.dataset for check in mended]


def _claim(dataset: str) -> Callable[[ManagedTransaction], None]:
    def work(transaction: ManagedTransaction) -> None:
        transaction.run(_CLAIM, dataset=dataset).consume()

    return work


def _check(graph: Graph, lake: Lake, dataset: str, results: Results | None) -> Check:
    version, latest = graph.projected().get(dataset), lake.latest(dataset)
    if version is None:
        return Check(dataset, None, "absent", problems=["it is in the lake only"])
    if version not in lake.versions(dataset):
        return Check(dataset, version, "unknown", problems=["the lake has no such version"])
    neurons, connections = lake.projected_tables(dataset, version)
    found = pd.DataFrame(graph.read(_CONNECTIONS, dataset=dataset, prime=PRIME))
    rows = [row["properties"] for row in graph.read(_NEURONS, dataset=dataset)]
    problems = [
        *_neuron_problems(rows, properties.neuron_rows(dataset, neurons)),
        *_connection_problems(found, connections),
        *_pathway_problems(graph, dataset, lake.pathways(dataset, version)),
        *_context_problems(graph, lake, dataset, version, len(neurons), len(connections)),
    ]
    whole = not problems
    if results is not None:
        problems += result_problems(graph, results, dataset)
        problems += verdict_problems(graph, results, dataset)
    total = 0 if found.empty else int(found["connections"].sum())
    only_results = whole and bool(problems) and version == latest
    state = "damaged" if problems else "same" if version == latest else "older"
    if state == "older":
        problems = [f"the lake has version {latest}"]
    return Check(dataset, version, state, len(rows), total, problems, only_results)


def _neuron_problems(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> Iterator[str]:
    there = {row.get("uid"): row for row in found}
    expected = {row["uid"]: row for row in wanted}
    yield from _some("neuron missing", [uid for uid in expected if uid not in there])
    yield from _some("neuron too many", [str(uid) for uid in there if uid not in expected])
    changed = [uid for uid, row in expected.items() if uid in there and there[uid] != row]
    yield from _some("neuron with other properties", changed)


def _connection_problems(found: pd.DataFrame, connections: pd.DataFrame) -> Iterator[str]:
    columns = ["connections", "weight", "checksum", "outside"]
    if found.empty:
        found = pd.DataFrame(columns=["pre", *columns], dtype=np.int64)
    wanted = checksums(connections)
    both = wanted.join(found.set_index("pre"), how="outer", lsuffix="_lake").fillna(0)
    differs = both["outside"] != 0
    for column in columns[:-1]:
        differs |= both[column] != both[f"{column}_lake"]
    pre = [str(value) for value in both.index[differs]]
    yield from _some("neuron with other outgoing connections", pre)


def _pathway_problems(graph: Graph, dataset: str, pathways: pd.DataFrame | None) -> Iterator[str]:
    there = {row["properties"].get("uid"): row for row in graph.read(_PATHWAYS, dataset=dataset)}
    expected = {row["uid"]: row for row in properties.pathway_rows(dataset, pathways)}
    ends = {kind: dict(of) for kind, of in properties.pathway_ends(dataset, pathways).items()}

    def same(uid: str, found: dict[str, Any]) -> bool:
        linked = all(
            found[key] == [name for name in [ends[kind].get(uid)] if name]
            for key, kind in (("from", "From"), ("onto", "Onto"))
        )
        return linked and found["properties"] == expected[uid] and found["homes"] == 1

    yield from _some("pathway missing", [uid for uid in expected if uid not in there])
    yield from _some("pathway too many", [str(uid) for uid in there if uid not in expected])
    changed = [uid for uid in expected if uid in there and not same(uid, there[uid])]
    yield from _some("pathway with other properties or links", changed)


def checksums(connections: pd.DataFrame) -> pd.DataFrame:
    """Summarise the outgoing connections of every presynaptic neuron.

    Returns
    -------
    DataFrame
        Index pre; columns connections, weight (sum) and checksum (sum of post × weight, each
        term modulo `PRIME` with the sign of post, as Cypher computes it).
    """
    weight = connections["weight"].to_numpy(dtype=np.int64)
    post = np.fmod(connections["post"].to_numpy(dtype=np.int64), PRIME)
    terms = pd.DataFrame(
        {
            "pre": connections["pre"].to_numpy(dtype=np.int64),
            "connections": 1,
            "weight": weight,
            "checksum": np.fmod(post * weight, PRIME),
        }
    )
    return terms.groupby("pre").sum()


def _context_problems(
    graph: Graph, lake: Lake, dataset: str, version: str, neurons: int, connections: int
) -> Iterator[str]:
    manifest = lake.manifest(dataset, version)
    wanted = properties.dataset_properties(
        manifest, version, neurons, connections, lake.counts(dataset, version).pathways
    )
    (row,) = graph.read(_DATASET, dataset=dataset)
    if row["properties"] != wanted:
        names = [
            k for k in {*row["properties"], *wanted} if row["properties"].get(k) != wanted.get(k)
        ]
        yield f"the dataset's {', '.join(sorted(names))} differ"
    if row["members"] != neurons:
        yield f"{row['members']:,} neurons are linked to the dataset instead of {neurons:,}"
    there = {
        row["properties"]["name"]: row
        for row in graph.read(_CIRCUITS, dataset=dataset, prime=PRIME)
    }
    for cut, inside, among, observed in projection.projected_cuts(manifest, lake, version):
        circuit = properties.circuit_properties(manifest, cut, inside, among, observed)
        seen = there.pop(circuit["name"], None)
        body = np.fmod(inside["neuron_id"].to_numpy(dtype=np.int64), PRIME)
        if seen is None:
            yield f"circuit missing: {circuit['name']}"
        elif seen["properties"] != circuit:
            yield f"circuit with other properties: {circuit['name']}"
        elif (seen["members"], seen["checksum"]) != (len(inside), int(body.sum())):
            yield f"circuit with other neurons: {circuit['name']}"
    yield from _some("circuit too many", sorted(there))


def _some(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        yield f"{what}: {', '.join(names[:NAMED])}{more}"
