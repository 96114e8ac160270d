"""Four neurons: all labelled graphs, real size against uniform samples, path against path."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import chi2

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.motifs.four import four_node_census
from analysis.motifs.four.classes import CLASSES, LABELLED, class_table, edges_of
from analysis.nulls.stream import State, below, stream
from tests.benchmarks.barrels import barrel
from tests.unit.analysis.graphs import circuit_of, heavy
from tests.validation.check import Check

Ints = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
SETS = 60_000_000


def run() -> Iterator[Check]:
    """Yield one check after the other."""
    for path in ("dense", "sparse"):
        wrong = sum(not _hits_its_class(graph, path) for graph in range(LABELLED))
        what = f"4 nodes: all 4,096 labelled graphs, {path} path"
        yield Check(what, f"{wrong} wrong", "0 wrong", wrong == 0)
    large = heavy(8_000, 3, 60, spread=1.0)
    same = _counts(large, "dense") == _counts(large, "sparse")
    what = f"4 nodes: dense = sparse path, {large.n:,} neurons, {large.m:,} connections"
    yield Check(what, "equal" if same else "differ", "equal", same)
    circuit = barrel()
    counts = np.array(_counts(circuit, "dense"), float)
    same = _counts(circuit, "sparse") == _counts(circuit, "dense")
    yield Check(
        "4 nodes: dense = sparse path, barrel", "equal" if same else "differ", "equal", same
    )
    for seed in (1, 2):
        matrix = circuit.dense(np.int64)
        matrix += 2 * matrix.T
        drawn = _sampled(matrix, class_table()[0], SETS, stream(np.random.default_rng(seed)))
        expected = counts * SETS / counts.sum()
        usual = expected >= 5
        statistic = float(((drawn - expected) ** 2 / expected)[usual].sum())
        p = float(chi2.sf(statistic, int(usual.sum()) - 1))
        what = f"4 nodes: barrel against {SETS:,} uniform sets, seed {seed}"
        yield Check(
            what, f"χ² {statistic:.0f} on {usual.sum() - 1}, p {p:.3f}", "p > .001", p > 1e-3
        )


def _hits_its_class(graph: int, path: str) -> bool:
    counts = _counts(circuit_of(4, edges_of(graph)), path)
    return sum(counts) == 1 and counts[int(class_table()[0][graph])] == 1


def _counts(circuit: Circuit, path: str) -> list[int]:
    return list(four_node_census(circuit, path=path).counts.values())  # type: ignore[arg-type]


@kernel
def _sampled(states: Ints, classes: Ints, sets: int, state: State) -> Ints:
    """Classes of sets of four neurons drawn with the same chance."""
    n = states.shape[0]
    found = np.zeros(CLASSES, np.int64)
    for _ in range(sets):
        a, b, c, d = below(state, n), below(state, n), below(state, n), below(state, n)
        while a in (b, c, d) or b in (c, d) or c == d:
            a, b, c, d = below(state, n), below(state, n), below(state, n), below(state, n)
        graph = states[a, b] | states[a, c] << 2 | states[a, d] << 4
        graph |= states[b, c] << 6 | states[b, d] << 8 | states[c, d] << 10
        found[classes[graph]] += 1
    return found
