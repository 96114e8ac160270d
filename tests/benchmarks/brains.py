"""Sparse circuits of 10,000 and of 130,000 neurons, beside igraph and python-graphblas."""

from __future__ import annotations

from typing import Any

import graphblas as gb
import igraph
import numpy as np

from analysis.circuit import Circuit
from analysis.motifs import MAN, triad_census
from analysis.motifs.four import four_node_census
from analysis.motifs.triads import CLOSED
from tests.benchmarks import limits
from tests.benchmarks.barrels import brain
from tests.benchmarks.clock import cpu_seconds, row
from tests.benchmarks.memory import peak_bytes

MIDDLE = (10_000, 1_000_000)
LARGEST = (130_000, 15_000_000)
MOST_BYTES = 16  # a connection
MOST_MEGABYTES = 500


def run() -> list[dict[str, Any]]:
    """Measure, one thread."""
    gb.ss.config["nthreads"] = 1
    small, large = brain(*MIDDLE), brain()
    four_node_census(brain(1_000, 20_000))  # compiles, so that no memory is taken for it later
    return [
        _beside_igraph(small),
        _beside_graphblas(large),
        _most_connections(),
        _four(small, 1.5),
        _four(large, 6.0),
    ]


def _named(circuit: Circuit) -> str:
    return f"{circuit.n:,} neurons, {circuit.m:,} connections"


def _beside_igraph(circuit: Circuit) -> dict[str, Any]:
    edges = np.stack([circuit.sources(), circuit.indices], axis=1).tolist()
    graph = igraph.Graph(n=circuit.n, edges=edges, directed=True)
    seconds = cpu_seconds(lambda: triad_census(circuit), 9)
    found: list[Any] = []
    theirs = cpu_seconds(lambda: found.append(graph.triad_census()), 1, warm=False)
    assert triad_census(circuit) == {code: getattr(found[0], f"t{code}") for code in MAN}
    ratio = theirs / seconds
    return row(
        f"census, {_named(circuit)}", seconds, "s", "≤ 0.12 s, ≥ 500×",
        seconds <= 0.12 and ratio >= 500, f"igraph {theirs:.0f} s", ratio,
        limit=limits.triads_by_lists(circuit),
    )  # fmt: skip


def _beside_graphblas(circuit: Circuit) -> dict[str, Any]:
    matrix = gb.Matrix.from_coo(
        circuit.sources(), circuit.indices, True, nrows=circuit.n, ncols=circuit.n, dtype=bool
    )
    seconds = cpu_seconds(lambda: triad_census(circuit), 7)
    found: list[dict[str, int]] = []
    theirs = cpu_seconds(lambda: found.append(_closed_by_graphblas(matrix)), 3, warm=False)
    census = triad_census(circuit)
    assert found[0] == {code: census[code] for code in CLOSED}
    ratio = theirs / seconds
    return row(
        f"census, {_named(circuit)}, heavy-tailed", seconds, "s", "≤ 0.35 s, ≥ 20×",
        seconds <= 0.35 and ratio >= 20, f"graphblas, closed triads {theirs:.1f} s", ratio,
        limit=limits.triads_by_lists(circuit),
    )  # fmt: skip


def _closed_by_graphblas(linked: Any) -> dict[str, int]:
    """Closed triads by masked products, which count where pairs are connected alone."""
    back = linked.T.new()
    mutual = linked.ewise_mult(back, gb.binary.pair).new()
    one_way = linked.dup(mask=~mutual.S)
    back = one_way.T.new()

    def total(left: Any, right: Any, where: Any) -> int:
        product = left.mxm(right, gb.semiring.plus_pair[gb.dtypes.INT64]).new(mask=where.S)
        return int(product.reduce_scalar(gb.monoid.plus).new().value or 0)

    return {
        "030T": total(one_way, one_way, one_way),
        "030C": total(one_way, one_way, back) // 3,
        "120D": total(back, one_way, mutual) // 2,
        "120U": total(one_way, back, mutual) // 2,
        "120C": total(one_way, one_way, mutual),
        "210": total(mutual, mutual, one_way),
        "300": total(mutual, mutual, mutual) // 6,
    }


def _most_connections() -> dict[str, Any]:
    circuit = brain(*LARGEST)
    seconds = cpu_seconds(lambda: triad_census(circuit), 2)
    each = peak_bytes(lambda: triad_census(circuit)) / circuit.m
    return row(
        f"census, {_named(circuit)}", seconds, "s", f"≤ 3.5 s, ≤ {MOST_BYTES} B",
        seconds <= 3.5 and each <= MOST_BYTES, f"{each:.1f} B a connection beyond the input",
        limit=limits.triads_by_lists(circuit),
    )  # fmt: skip


def _four(circuit: Circuit, limit: float) -> dict[str, Any]:
    seconds = cpu_seconds(lambda: four_node_census(circuit, "exact"), 2)
    taken = peak_bytes(lambda: four_node_census(circuit, "exact")) / 1e6
    return row(
        f"4-node census, {_named(circuit)}", seconds, "s", f"≤ {limit} s, < {MOST_MEGABYTES} MB",
        seconds <= limit and taken < MOST_MEGABYTES, f"{taken:.0f} MB at most",
        limit=limits.four_by_lists(circuit),
    )  # fmt: skip
