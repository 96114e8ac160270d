"""The triad census beside igraph (small), scipy.sparse (a barrel), by class too."""

from __future__ import annotations

from typing import Any

import igraph
import numpy as np
from scipy.sparse import csr_array

from analysis.circuit import Circuit
from analysis.motifs import MAN, triad_census
from analysis.motifs.typed import typed_census
from tests.benchmarks import limits
from tests.benchmarks.barrels import barrel
from tests.benchmarks.clock import cpu_seconds, row


def run() -> list[dict[str, Any]]:
    """Measure, one thread."""
    return [_small(), _barrel(), _typed()]


def _small() -> dict[str, Any]:
    whole = barrel()
    keep = np.zeros(whole.n, bool)
    keep[np.random.default_rng(0).choice(whole.n, 500, replace=False)] = True
    circuit = whole.subset(keep, "500 neurons")
    pairs = np.stack([circuit.sources(), circuit.indices], axis=1).tolist()
    peer = igraph.Graph(n=circuit.n, edges=pairs, directed=True)
    counts = peer.triad_census()
    assert triad_census(circuit) == {code: getattr(counts, f"t{code}") for code in MAN}
    ours = cpu_seconds(lambda: triad_census(circuit), 25)
    theirs = cpu_seconds(peer.triad_census, 1, warm=False)
    ratio = theirs / ours
    return row(
        f"census, 500 neurons, {circuit.m:,} connections",
        ours * 1e3, "ms", "≥ 1,000×", ratio >= 1_000, f"igraph {theirs:.2f} s", ratio,
        limit=limits.triads_by_bits(circuit),
    )  # fmt: skip


def _barrel() -> dict[str, Any]:
    circuit = barrel()
    assert triad_census(circuit, kernel="bitset") == triad_census(circuit, kernel="sparse")
    ours = cpu_seconds(lambda: triad_census(circuit), 15)
    assert _closed_by_products(circuit) == triad_census(circuit)["030T"]
    theirs = cpu_seconds(lambda: _closed_by_products(circuit), 1, warm=False)
    ratio = theirs / ours
    return row(
        f"census, barrel of {circuit.n:,} neurons, {circuit.m:,} connections",
        ours * 1e3, "ms", "≤ 15 ms, ≥ 50×", ours <= 0.015 and ratio >= 50,
        f"scipy.sparse {theirs:.2f} s", ratio, limit=limits.triads_by_bits(circuit),
    )  # fmt: skip


def _typed() -> dict[str, Any]:
    circuit = barrel()
    labels = [f"class {k}" for k in np.random.default_rng(1).integers(0, 8, circuit.n)]
    assert typed_census(circuit, labels).untyped() == triad_census(circuit)
    ours = cpu_seconds(lambda: typed_census(circuit, labels), 9)
    return row(
        "census by 8 classes, the same barrel", ours * 1e3, "ms", "≤ 45 ms", ours <= 0.045,
        limit=limits.typed_by_bits(circuit),
    )  # fmt: skip


def _closed_by_products(circuit: Circuit) -> int:
    """Closed triads from products of sparse matrices, as one would write it with scipy."""
    linked = csr_array((np.ones(circuit.m, np.int32), circuit.indices, circuit.indptr))
    mutual = linked.multiply(linked.T).tocsr()
    one_way = (linked - mutual).tocsr()
    one_way.eliminate_zeros()
    through = one_way @ one_way
    products = (
        through.multiply(one_way),
        through.multiply(one_way.T),
        through.multiply(mutual),
        (one_way.T @ one_way).multiply(mutual),
        (one_way @ one_way.T).multiply(mutual),
        (mutual @ mutual).multiply(one_way),
        (mutual @ mutual).multiply(mutual),
    )
    sums = [int(product.sum()) for product in products]
    return sums[0]
