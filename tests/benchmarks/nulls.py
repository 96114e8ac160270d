"""Fits, analytic moments and hard samples."""

from __future__ import annotations

from typing import Any

from analysis.circuit import Circuit
from analysis.nulls import get_null
from analysis.nulls.ensembles import sample_ensemble
from analysis.nulls.hard import HARD
from tests.benchmarks.barrels import barrel
from tests.benchmarks.clock import cpu_seconds, row
from tests.contract.analysis.test_nulls import labelled
from tests.unit.analysis.graphs import heavy

DISTANCES = ("distance", "block_distance")


def run() -> list[dict[str, Any]]:
    """Measure, one thread."""
    large, small = barrel(), barrel(1_000)
    chained = ((heavy(100, 1), 0.05), (small, 20.0), (large, 30.0))
    fitted = [_fitted(name, large, 3.0) for name in ("reciprocal", "degree")]
    fitted += [_fitted(name, labelled(large), 6.0) for name in DISTANCES]
    shuffled = [_sampled(name, labelled(small), 20.0) for name in (*DISTANCES, "block_reciprocal")]
    chains = [_sampled(name, circuit, limit) for circuit, limit in chained for name in HARD]
    return fitted + chains + shuffled


def _fitted(name: str, circuit: Circuit, limit: float) -> dict[str, Any]:
    def work() -> float:
        return get_null(name).fit(circuit).sd["030T"]

    seconds = cpu_seconds(work, 2)
    what = f"{name}: fit, means and SDs, barrel of {circuit.n:,} neurons"
    return row(what, seconds, "s", f"≤ {limit:g} s", seconds <= limit)


def _sampled(name: str, circuit: Circuit, limit: float) -> dict[str, Any]:
    def work(samples: int = 200) -> None:
        sample_ensemble(circuit, name, samples, 0)

    work(1)
    seconds = cpu_seconds(work, 1, warm=False)
    what = f"{name}: 200 hard samples with census, {circuit.n:,} neurons, {circuit.m:,}"
    return row(what, seconds, "s", f"≤ {limit:g} s", seconds <= limit)
