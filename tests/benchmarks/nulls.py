"""Fits, analytic moments and hard samples."""

from __future__ import annotations

from typing import Any

from analysis.circuit import Circuit
from analysis.nulls import get_null
from analysis.nulls.ensembles import BATCH, sample_ensemble
from analysis.nulls.hard import HARD
from tests.benchmarks import limits
from tests.benchmarks.barrels import barrel
from tests.benchmarks.clock import cpu_seconds, row
from tests.contract.analysis.test_nulls import labelled
from tests.unit.analysis.graphs import heavy

SAMPLES = 200
DISTANCES = ("distance", "block_distance")


def run() -> list[dict[str, Any]]:
    """Measure, one thread."""
    large, small = barrel(), barrel(1_000)
    fitted = [_fitted(name, large, 1.5, limits.moments(large)) for name in ("reciprocal", "degree")]
    fitted += [_fitted(name, labelled(large), 6.0) for name in DISTANCES]
    shuffled = [_sampled(name, labelled(small), 20.0) for name in (*DISTANCES, "block_reciprocal")]
    both = [_both(circuit, limit) for circuit, limit in ((heavy(100, 1), 0.1), (large, 60.0))]
    chains = [_sampled(name, small, 20.0) for name in HARD]
    return fitted + both + chains + shuffled


def _fitted(
    name: str, circuit: Circuit, limit: float, least: float | None = None
) -> dict[str, Any]:
    def work() -> float:
        return get_null(name).fit(circuit).sd["030T"]

    seconds = cpu_seconds(work, 2)
    what = f"{name}: fit, means and SDs, barrel of {circuit.n:,} neurons"
    return row(what, seconds, "s", f"≤ {limit:g} s", seconds <= limit, limit=least)


def _both(circuit: Circuit, limit: float) -> dict[str, Any]:
    def work(samples: int = SAMPLES) -> None:
        for name in HARD:
            sample_ensemble(circuit, name, samples, 0)

    work(1)
    seconds = min(cpu_seconds(work, 1, warm=False) for _ in range(3 if circuit.n < 1_000 else 1))
    what = f"{' and '.join(HARD)}: {SAMPLES} hard samples each with census, {circuit.n:,} neurons"
    least = limits.hard_samples(circuit, SAMPLES, -(-SAMPLES // BATCH))
    return row(what, seconds, "s", f"≤ {limit:g} s", seconds <= limit, limit=least)


def _sampled(name: str, circuit: Circuit, limit: float) -> dict[str, Any]:
    def work(samples: int = SAMPLES) -> None:
        sample_ensemble(circuit, name, samples, 0)

    work(1)
    seconds = cpu_seconds(work, 1, warm=False)
    what = f"{name}: 200 hard samples with census, {circuit.n:,} neurons, {circuit.m:,}"
    return row(what, seconds, "s", f"≤ {limit:g} s", seconds <= limit)
