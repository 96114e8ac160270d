"""The exact census of four neurons beside igraph, and at the size of a barrel."""

from __future__ import annotations

from typing import Any

import igraph
import numpy as np

from analysis.circuit import Circuit
from analysis.motifs.four import four_node_census
from tests.benchmarks import limits
from tests.benchmarks.barrels import barrel
from tests.benchmarks.clock import cpu_seconds, row
from tests.benchmarks.memory import peak_bytes
from tests.unit.analysis.test_four import igraph_counts


def run() -> list[dict[str, Any]]:
    """Measure, one thread."""
    return [_small(), _exact(barrel(), 1.0, 3), _hybrid(barrel(4_000))]


def _small() -> dict[str, Any]:
    whole = barrel()
    keep = np.zeros(whole.n, bool)
    keep[np.random.default_rng(0).choice(whole.n, 200, replace=False)] = True
    circuit = whole.subset(keep, "200 neurons")
    edges = np.stack([circuit.sources(), circuit.indices], axis=1).tolist()
    peer = igraph.Graph(n=circuit.n, edges=edges, directed=True)
    assert four_node_census(circuit).connected() == igraph_counts(circuit)
    ours = cpu_seconds(lambda: four_node_census(circuit), 9)
    theirs = cpu_seconds(lambda: peer.motifs_randesu(4), 1, warm=False)
    ratio = theirs / ours
    return row(
        f"4-node census, {circuit.n} neurons, {circuit.m:,} connections",
        ours * 1e3, "ms", "≥ 400×", ratio >= 400, f"igraph {theirs:.2f} s", ratio,
        limit=limits.four_by_bits(circuit),
    )  # fmt: skip


def _exact(circuit: Circuit, limit: float, repeats: int) -> dict[str, Any]:
    seconds = cpu_seconds(lambda: four_node_census(circuit, "exact"), repeats)
    path = four_node_census(circuit).path
    peak = peak_bytes(lambda: four_node_census(circuit))
    name = f"4-node census, {circuit.n:,} neurons, {circuit.m:,} connections, {path} path"
    ok = seconds <= limit
    most = f"{peak / 1e6:.0f} MB at most"
    least = limits.four_by_bits(circuit)
    return row(name, seconds, "s", f"≤ {limit} s", ok, most, limit=least)


def _hybrid(circuit: Circuit) -> dict[str, Any]:
    """Where an exact census takes n⁴: the same with cliques from one pair in 50."""
    exact = cpu_seconds(lambda: four_node_census(circuit, "exact"), 1, warm=False)
    seconds = cpu_seconds(lambda: four_node_census(circuit, "hybrid", every=50), 1)
    ratio = exact / seconds
    return row(
        f"4-node census, hybrid, {circuit.n:,} neurons, {circuit.m:,} connections",
        seconds, "s", "≥ 1.8×", ratio >= 1.8, f"exact {exact:.1f} s", ratio,
    )  # fmt: skip
