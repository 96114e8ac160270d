"""The graph: first projection, increments beside the plain way, look-ups, export.

A real Neo4j child in a folder of its own; wall time, because the work is the server's.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from schemas.tables import CircuitTables
from store.graph import Graph
from store.lake import Lake
from store.local import LocalServer
from tests import jars
from tests.benchmarks.clock import row
from tests.circuits_made import neurons, publish

BULK, INCREMENT = 5_000_000, 400_000
PLAIN = (
    "UNWIND $rows AS r MATCH (a:Plain {uid: r[0]}) MATCH (b:Plain {uid: r[1]}) "
    "CREATE (a)-[:PlainTo {weight: r[2]}]->(b)"
)
# The statement of `store.projection`, on nodes of the bench's own.
GROUPED = (
    "UNWIND $rows AS r MATCH (a:Plain {uid: r[0]}) UNWIND r[1] AS o MATCH (b:Plain {uid: o[0]}) "
    "CREATE (a)-[:PlainTo {weight: o[1]}]->(b)"
)
ROWS, BATCH, ROUNDS = 100_000, 40_000, 3


def run() -> list[dict[str, Any]]:
    """Measure; see `tests.benchmarks.__main__` for the rows."""
    with tempfile.TemporaryDirectory(prefix="isocortex-bench-") as folder:
        home = Path(folder)
        jars.lend(home)
        server = LocalServer(home / "server")
        server.ensure()
        given = server.credentials()
        graph = Graph.connect(given.uri, given.user, given.password, given.database, local=server)
        try:
            graph.prepare()
            return _figures(graph, Lake(home / "lake"))
        finally:
            graph.close()
            server.stop()


def _figures(graph: Graph, lake: Lake) -> list[dict[str, Any]]:
    publish(lake, _random(50_000, BULK, 1), "large")
    imported: list[float] = []

    def note(what: str, done: int, _total: int) -> None:
        if what == "start Neo4j" and done == 0:  # the files are written and imported
            imported.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    graph.project(lake, ["large"], note)
    whole = BULK / (time.perf_counter() - begun)
    alone = BULK / imported[-1]
    unit = "connections/s"
    rows = [
        row("first projection, 5 M connections", whole, unit, "≥ 150 000", whole >= 150e3),
        row("of it, files and offline import", alone, unit, "≥ 250 000", alone >= 250e3),
    ]
    publish(lake, _random(2_000, INCREMENT, 2), "barrel")
    whole = INCREMENT / _seconds(lambda: graph.project(lake, ["barrel"]))
    plain, grouped = _statements(graph, lake.tables("barrel").connections.head(ROWS))
    rows += [
        row("increment, 0.4 M connections", whole, unit, "≥ 35 000", whole >= 35e3),
        row("grouped batches alone", grouped, unit, "–", True, "plain UNWIND", grouped / plain),
    ]
    export = _seconds(lambda: graph.circuit_connections("barrel/all"))
    rows.append(row("export of 0.4 M connections", export, "s", "≤ 3", export <= 3))
    return [*rows, *_lookups(graph)]


def _lookups(graph: Graph) -> list[dict[str, Any]]:
    """One and two steps from single neurons of a circuit of 2,000."""
    one = "MATCH (n:Neuron {uid: $uid})-[c:ConnectsTo]->(m:Neuron) RETURN m.bodyId, c.weight"
    two = (
        "MATCH (n:Neuron {uid: $uid})-[:ConnectsTo]->(:Neuron)-[c:ConnectsTo]->(m:Neuron) "
        "RETURN m.bodyId AS id, sum(c.weight) AS w ORDER BY w DESC, id LIMIT 10"
    )
    rows = []
    for name, statement, limit in (
        ("one step, 95 % of look-ups", one, 20.0),
        ("two steps, summed, 95 %", two, 200.0),
    ):
        taken = [
            _seconds(partial(graph.read, statement, uid=f"barrel:{k}")) * 1e3 for k in range(1, 141)
        ][40:]  # the first ones fill caches and plans
        value = float(np.quantile(taken, 0.95))
        rows.append(row(name, value, "ms", f"< {limit:.0f}", value < limit))
    return rows


def _statements(graph: Graph, frame: pd.DataFrame) -> tuple[float, float]:
    """Connections a second of the obvious statement and of the grouped one, in turns."""
    graph.run("CREATE CONSTRAINT plain IF NOT EXISTS FOR (n:Plain) REQUIRE n.uid IS UNIQUE")
    ids = np.unique(frame[["pre", "post"]].to_numpy())
    graph.write("UNWIND $ids AS i CREATE (:Plain {uid: 'x:' + i})", ids=ids.tolist())
    frame = frame.sort_values(["pre", "post"])
    plain = [
        [f"x:{a}", f"x:{b}", w]
        for a, b, w in frame[["pre", "post", "weight"]].itertuples(index=False, name=None)
    ]
    batches = {PLAIN: [plain[start : start + BATCH] for start in range(0, len(plain), BATCH)]}
    batches[GROUPED] = [
        [[pre, [line[1:] for line in lines]] for pre, lines in groupby(part, itemgetter(0))]
        for part in batches[PLAIN]
    ]
    taken: dict[str, list[float]] = {PLAIN: [], GROUPED: []}
    for _ in range(ROUNDS):
        for statement, parts in batches.items():
            taken[statement].append(
                sum(_seconds(partial(graph.write, statement, rows=part)) for part in parts)
            )
            graph.run("MATCH (n:Plain) CALL (n) { MATCH (n)-[r]->() DELETE r } IN TRANSACTIONS")
    return len(frame) / min(taken[PLAIN]), len(frame) / min(taken[GROUPED])


def _random(n: int, m: int, seed: int) -> CircuitTables:
    rng = np.random.default_rng(seed)
    keys = np.unique(rng.integers(0, n * n, int(m * 1.2)))
    keys = rng.permutation(keys[keys // n != keys % n])[:m]
    pairs = pd.DataFrame({"pre": keys // n + 1, "post": keys % n + 1})
    return CircuitTables(
        neurons(range(1, n + 1)), pairs.assign(weight=np.ones(len(pairs), np.int32))
    )


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
