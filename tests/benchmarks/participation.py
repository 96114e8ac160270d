"""Motifs by neuron and by connection, beside igraph (small) and scipy.sparse (a barrel)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import igraph
import numpy as np
from scipy.sparse import csr_array

from analysis.circuit import Circuit
from analysis.motifs import triad_census
from analysis.motifs.four import four_node_census
from analysis.motifs.four.participation import four_node_participation
from analysis.motifs.participation import connection_participation, neuron_participation
from tests.benchmarks.barrels import barrel, brain
from tests.benchmarks.clock import cpu_seconds, row

Counts = dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]


def run() -> list[dict[str, Any]]:
    """Measure, one thread."""
    return [_small(), _barrel(), _connections(), *_brain(), _four()]


def _small() -> dict[str, Any]:
    whole = barrel()
    keep = np.zeros(whole.n, bool)
    keep[np.random.default_rng(0).choice(whole.n, 200, replace=False)] = True
    circuit = whole.subset(keep, "200 neurons")
    edges = np.stack([circuit.sources(), circuit.indices], axis=1).tolist()
    peer = igraph.Graph(n=circuit.n, edges=edges, directed=True)
    found = sorted(column.tolist() for column in neuron_participation(circuit).motifs().values())
    assert found == sorted(_of_igraph(peer))
    ours = cpu_seconds(lambda: neuron_participation(circuit), 25)
    theirs = cpu_seconds(lambda: _of_igraph(peer), 1, warm=False)
    ratio = theirs / ours
    return row(
        f"triads by neuron, 200 neurons, {circuit.m:,} connections",
        ours * 1e3, "ms", "≥ 200×", ratio >= 200, f"igraph callback {theirs:.2f} s", ratio,
    )  # fmt: skip


def _of_igraph(graph: igraph.Graph) -> list[list[int]]:
    """Triads that hold each neuron, by class, as igraph meets them."""
    found: Counter[tuple[int, int]] = Counter()

    def met(_graph: igraph.Graph, neurons: list[int], kind: int) -> bool:
        for neuron in neurons:
            found[kind, neuron] += 1
        return False

    graph.motifs_randesu(3, callback=met)
    kinds = {kind for kind, _ in found}
    return [[found[kind, neuron] for neuron in range(graph.vcount())] for kind in kinds]


def _barrel() -> dict[str, Any]:
    circuit = barrel()
    found = neuron_participation(circuit)
    named = dict(zip(found.roles, found.counts.T, strict=True))
    for role, counts in _closed_by_products(circuit).items():
        assert (named[role] == counts).all()
    ours = cpu_seconds(lambda: neuron_participation(circuit), 9)
    theirs = cpu_seconds(lambda: _closed_by_products(circuit), 1, warm=False)
    ratio = theirs / ours
    return row(
        f"triads by neuron, barrel of {circuit.n:,} neurons, {circuit.m:,} connections",
        ours * 1e3, "ms", "≤ 200 ms, ≥ 6×", ours <= 0.2 and ratio >= 6,
        f"scipy.sparse, closed triads alone {theirs:.2f} s", ratio,
    )  # fmt: skip


def _closed_by_products(circuit: Circuit) -> Counts:
    """One role of each closed triad from products of sparse matrices, as one would with scipy."""
    linked = csr_array((np.ones(circuit.m, np.int32), circuit.indices, circuit.indptr))
    mutual = linked.multiply(linked.T).tocsr()
    one_way = (linked - mutual).tocsr()
    one_way.eliminate_zeros()
    through, back = one_way @ one_way, one_way.T.tocsr()
    near = mutual @ mutual
    products = {
        "030T:source": through.multiply(one_way),
        "030C:member": through.multiply(back),
        "120C:source": through.multiply(mutual),
        "120D:pair": (back @ one_way).multiply(mutual),
        "120U:pair": (one_way @ back).multiply(mutual),
        "210:source": near.multiply(one_way),
        "300:member": near.multiply(mutual),
    }
    sums = {role: product.sum(axis=1).astype(np.int64) for role, product in products.items()}
    sums["300:member"] //= 2
    return sums


def _connections() -> dict[str, Any]:
    circuit = barrel()
    ours = cpu_seconds(lambda: connection_participation(circuit), 3)
    name = "triads by connection, the same barrel"
    return row(name, ours, "s", "≤ 1.5 s", ours <= 1.5)


def _brain() -> list[dict[str, Any]]:
    circuit = brain()
    census, found = triad_census(circuit), neuron_participation(circuit)
    total = dict(zip(found.roles, found.counts.sum(0).tolist(), strict=True))
    assert total["030T:relay"] == census["030T"]
    rows = []
    for of, count, limit in (
        ("neuron", neuron_participation, 6.0),
        ("connection", connection_participation, 12.0),
    ):
        seconds = cpu_seconds(lambda count=count: count(circuit), 1, warm=False)  # type: ignore[misc]
        name = f"triads by {of}, {circuit.n:,} neurons, {circuit.m:,} connections"
        rows.append(row(name, seconds, "s", f"≤ {limit:.0f} s", seconds <= limit))
    return rows


def _four() -> dict[str, Any]:
    circuit = barrel()
    four_node_participation(circuit.subset(np.arange(circuit.n) < 100))
    found = four_node_participation(circuit)
    census = four_node_census(circuit, "exact").counts
    assert found.counts.sum(0).tolist() == [4 * count for count in census.values()]
    seconds = cpu_seconds(lambda: four_node_participation(circuit), 1, warm=False)
    name = "4-node motifs by neuron, the same barrel"
    return row(name, seconds, "s", "≤ 15 s", seconds <= 15)
