"""Looking for motifs one by one, beside the package dotmotif (GrandIso)."""

from __future__ import annotations

from typing import Any

import numpy as np
from dotmotif import GrandIsoExecutor, Motif

from analysis.circuit import Circuit
from analysis.motifs.counting import count_pattern
from analysis.motifs.matching import count_placements, find_placements
from schemas.patterns import read
from tests.benchmarks.clock import cpu_seconds, row

TEXT = "A -> B\nB -> C\nA -> C"
WEIGHTED = "A -> B [weight >= 5]\nB -> C [weight >= 5]\nA -> C [weight < 3]"


def run() -> list[dict[str, Any]]:
    """Measure, one thread."""
    return [_beside(TEXT), _beside(WEIGHTED), _barrel()]


def made(n: int, density: float) -> Circuit:
    """Make a circuit of independent connections."""
    rng = np.random.default_rng(0)
    matrix = rng.random((n, n)) < density
    np.fill_diagonal(matrix, False)
    pre, post = np.nonzero(matrix)
    return Circuit.from_edges("made", n, pre, post, rng.integers(1, 9, pre.size))


def _beside(text: str) -> dict[str, Any]:
    circuit = made(300, 0.2)
    host = circuit.to_networkx()
    motif, pattern = Motif(text), read(text)
    found = find_placements(circuit, pattern, limit=10**6)
    assert len(found.rows) == len(GrandIsoExecutor(graph=host).find(motif))
    ours = cpu_seconds(lambda: find_placements(circuit, pattern, limit=10**6), 7)
    theirs = cpu_seconds(lambda: GrandIsoExecutor(graph=host).find(motif), 1, warm=False)
    ratio = theirs / ours
    kind = "weighted feed-forward loops" if "[" in text else "feed-forward loops"
    return row(
        f"{len(found.rows):,} {kind} found among {circuit.n} neurons",
        ours * 1e3, "ms", "≥ 15×", ratio >= 15, f"dotmotif {theirs:.2f} s", ratio,
    )  # fmt: skip


def _barrel() -> dict[str, Any]:
    circuit = made(2_000, 0.2)
    pattern = read(TEXT)
    counted = count_pattern(circuit, pattern)
    assert counted.path == "census"
    census = cpu_seconds(lambda: count_pattern(circuit, pattern), 3)
    search = cpu_seconds(lambda: count_placements(circuit, pattern, seconds=300), 1, warm=False)
    assert counted.subgraphs == count_placements(circuit, pattern, seconds=300)
    ratio = search / census
    return row(
        f"{counted.subgraphs:,} feed-forward loops counted by the census",
        census * 1e3, "ms", "≥ 20×", ratio >= 20, f"one by one {search:.2f} s", ratio,
    )  # fmt: skip
