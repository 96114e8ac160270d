"""Statistics of a barrel: exact counts and shares, beside BLAS and networkx."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np

from analysis.statistics.clustering import clustering
from analysis.statistics.cycles import simple_cycles
from analysis.statistics.simplices import directed_simplices
from analysis.statistics.small_world import mean_path
from analysis.statistics.walks import closed_fives
from tests.benchmarks import limits
from tests.benchmarks.barrels import barrel
from tests.benchmarks.clock import cpu_seconds, row


def run() -> list[dict[str, Any]]:
    """Measure, one thread."""
    large, small = barrel(), barrel(120)
    return [_fives(), *_against_networkx(small), *_alone(large)]


def _fives() -> dict[str, Any]:
    circuit = barrel()
    matrix = circuit.dense(np.float32)

    def products() -> float:
        two = matrix @ matrix
        return float(np.vdot(two, (two @ matrix).T))

    seconds, peer = cpu_seconds(lambda: closed_fives(circuit), 9), cpu_seconds(products, 3)
    ratio = peer / seconds
    what = "tr A⁵, exact, barrel of 2,000 neurons"
    ok, least = seconds <= 0.09, limits.closed_fives(circuit)
    return row(what, seconds * 1e3, "ms", "≤ 90 ms", ok, "two BLAS products", ratio, limit=least)


def _against_networkx(circuit: Any) -> list[dict[str, Any]]:
    graph = circuit.to_networkx()

    def triangles() -> int:
        return sum(1 for _ in nx.simple_cycles(graph, length_bound=4))

    rows = []
    for what, ours, theirs, least in (
        ("simple cycles of 2 … 6 (peer: up to 4)", simple_cycles, triangles, 100),
        ("clustering", clustering, lambda: nx.average_clustering(graph), 50),
        ("mean path", mean_path, lambda: dict(nx.all_pairs_shortest_path_length(graph)), 20),
    ):
        seconds = cpu_seconds(lambda ours=ours: ours(circuit), 3)  # type: ignore[misc]
        ratio = cpu_seconds(theirs, 1, warm=False) / seconds
        name = f"{what}, {circuit.n} neurons, {circuit.m:,} connections"
        rows.append(row(name, seconds, "s", f"≥ {least}×", ratio >= least, "networkx", ratio))
    return rows


def _alone(circuit: Any) -> list[dict[str, Any]]:
    rows = []
    for what, work, limit in (
        ("simple cycles of 2 … 6", lambda: simple_cycles(circuit), 1.5),
        ("clustering", lambda: clustering(circuit), 0.2),
        ("mean path", lambda: mean_path(circuit), 0.3),
        ("directed simplices to dimension 3 (7.1e9)", lambda: directed_simplices(circuit, 3), 8.0),
    ):
        seconds = cpu_seconds(work, 2)
        rows.append(row(f"{what}, barrel", seconds, "s", f"≤ {limit} s", seconds <= limit))
    return rows
