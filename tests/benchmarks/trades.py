"""Graphs with the same degrees: twenty rounds of trades, beside networkit and igraph."""

from __future__ import annotations

from typing import Any

import igraph
import networkit
import numpy as np

from analysis.circuit import Circuit
from analysis.nulls.hard import Chain
from analysis.nulls.stream import stream
from tests.benchmarks import limits
from tests.benchmarks.barrels import barrel
from tests.benchmarks.clock import cpu_seconds, row

ROUNDS = 20
SWITCHES = 10  # per connection, igraph's own default


def run() -> list[dict[str, Any]]:
    """Measure, one thread."""
    networkit.setNumberOfThreads(1)
    circuit = barrel()
    per_round = circuit.m // limits.ROUNDS

    def traded() -> Circuit:
        chain = Chain(circuit, stream(np.random.default_rng(0)), keep_mutual=False)
        chain.advance(ROUNDS * per_round)
        return chain.graph()

    ends = (circuit.sources().astype(np.uint64), circuit.indices.astype(np.uint64))
    host = networkit.GraphFromCoo(ends, n=circuit.n, directed=True)

    def curveball() -> Any:
        found = networkit.randomization.GlobalCurveball(host, ROUNDS, False, True)
        found.run()
        return found.getGraph()

    edges = np.stack([circuit.sources(), circuit.indices], axis=1).tolist()
    graph = igraph.Graph(n=circuit.n, edges=edges, directed=True)
    kept = [_kept(circuit, traded()), _kept(circuit, _of_networkit(curveball()))]
    seconds = cpu_seconds(traded, 9)
    rounds = cpu_seconds(curveball, 3)
    switches = cpu_seconds(lambda: graph.rewire(n=SWITCHES * circuit.m), 1, warm=False)
    kept.append(_kept(circuit, np.array(graph.get_edgelist())))
    assert max(kept) - min(kept) < 0.003, kept  # all have forgotten the circuit alike
    least = limits.trades(circuit, ROUNDS)
    what = f"a graph of the same degrees, {ROUNDS} rounds, barrel"
    rows = []
    for peer, theirs, wanted in (("networkit", rounds, 3), ("igraph.rewire", switches, 25)):
        ratio, ok = theirs / seconds, theirs >= wanted * seconds
        named = f"{peer} {theirs:.2f} s"
        rows.append(row(what, seconds * 1e3, "ms", f"≥ {wanted}×", ok, named, ratio, limit=least))
    return rows


def _of_networkit(graph: Any) -> Any:
    return np.array([(a, b) for a, b in graph.iterEdges()])


def _kept(circuit: Circuit, graph: Any) -> float:
    """Share of the circuit's connections that a graph, or its pairs, still has."""
    if isinstance(graph, Circuit):
        graph = np.stack([graph.sources(), graph.indices], axis=1)
    keys = circuit.sources().astype(np.int64) * circuit.n + circuit.indices
    return float(np.isin(graph[:, 0].astype(np.int64) * circuit.n + graph[:, 1], keys).mean())
