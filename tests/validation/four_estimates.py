"""Estimated censuses of four neurons: no bias, and intervals that hold as often as they say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.motifs.four import four_node_census
from tests.benchmarks.barrels import barrel
from tests.unit.analysis.graphs import heavy
from tests.validation.check import Check

TRIALS = 1_000
FREQUENT = 500  # exact count of a class whose interval is judged
PHASES = 20


def run() -> Iterator[Check]:
    """Yield one check after the other."""
    for circuit, every in ((barrel(400), 10), (barrel(400), 40), (heavy(1_200, 3, 40), 5)):
        exact = _values(four_node_census(circuit, "exact").counts)
        counts, errors = np.empty((2, TRIALS, exact.size))
        for seed in range(TRIALS):
            drawn = four_node_census(circuit, "hybrid", every=every, seed=seed)
            counts[seed], errors[seed] = _values(drawn.counts), _values(drawn.errors)
        spread = counts.std(0, ddof=1)
        judged = (spread > 0) & (exact >= FREQUENT)
        off = np.abs(counts.mean(0) - exact)[judged] / (spread[judged] / np.sqrt(TRIALS))
        what = f"4 nodes, hybrid, {circuit.n:,} neurons, 1 in {every}: {TRIALS:,} trials"
        yield Check(
            f"{what}, bias",
            f"≤ {off.max():.1f} standard errors in {judged.sum()} classes",
            "≤ 4.5",
            bool(off.max() <= 4.5),
        )
        covered = (np.abs(counts - exact) <= 1.96 * errors)[:, judged].mean(0)
        yield Check(
            f"{what}, 95 % intervals",
            f"{covered.min():.1%} … {covered.max():.1%}, mean {covered.mean():.1%}",
            "91 … 98 %, mean 94 … 96 %",
            bool(0.91 <= covered.min() <= covered.max() <= 0.98 and 0.94 <= covered.mean() <= 0.96),
        )
    whole = barrel()
    exact = _values(four_node_census(whole, "exact").counts)
    for every, median, worst in ((10, 0.003, 0.01), (50, 0.006, 0.03)):
        drawn = [
            _values(four_node_census(whole, "hybrid", every=every, seed=seed).counts)
            for seed in range(PHASES)
        ]
        error = np.sqrt(((np.array(drawn) / exact - 1) ** 2).mean(0))
        yield Check(
            f"4 nodes, hybrid, barrel, 1 in {every}: RMS error of {PHASES} draws",
            f"median {np.median(error):.2%}, worst class {error.max():.2%}",
            f"≤ {median:.1%}, {worst:.0%}",
            bool(np.median(error) <= median and error.max() <= worst),
        )


def _values(
    found: dict[int, int] | dict[int, float],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(list(found.values()), float)
