"""Estimated censuses of four neurons: no bias, and intervals that hold as often as they say."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb, sqrt

import numpy as np

from analysis.circuit import Circuit
from analysis.motifs.four import four_node_census
from tests.benchmarks.barrels import barrel
from tests.unit.analysis.graphs import heavy, spatial, uniform
from tests.validation.check import Check

TRIALS = 1_000
LOWEST = 0.93  # of the trials: an interval of 95 % that holds less often is found out by 1,000
FREQUENT = 100  # members of a class, and cliques drawn for it, that its coverage is not above 95 %
PHASES = 20


def planted(neurons: int, density: float, members: int, seed: int) -> Circuit:
    """Make one group all mutually connected within a circuit of chance."""
    rng = np.random.default_rng(seed)
    linked = rng.random((neurons, neurons)) < density
    group = rng.choice(neurons, members, replace=False)
    linked[np.ix_(group, group)] = True
    np.fill_diagonal(linked, False)
    return Circuit.from_edges("planted", neurons, *np.nonzero(linked))


# Dense; the same with few pairs drawn; heavy tail; clustered with many rare classes; the cliques of
# many classes in few pairs; hardly any cliques; small, with every second pair drawn.
HYBRID = {
    "barrel, 1 in 10": (lambda: barrel(400), 10),
    "barrel, 1 in 40": (lambda: barrel(400), 40),
    "heavy, 1 in 5": (lambda: heavy(1_200, 3, 40), 5),
    "spatial, 1 in 10": (lambda: spatial(500, 5, 0.03, 0.2), 10),
    "planted clique, 1 in 40": (lambda: planted(500, 0.05, 7, 5), 40),
    "uniform, 1 in 20": (lambda: uniform(600, 2, 0.04), 20),
    "small, 1 in 2": (lambda: spatial(80, 9, 0.12, 0.2), 2),
}
SAMPLED = {
    "uniform, 20,000 sets": (lambda: uniform(100, 3, 0.15), 20_000),
    "heavy, 20,000 sets": (lambda: heavy(200, 4, 20), 20_000),
}


def run() -> Iterator[Check]:
    """Yield one check after the other."""
    for name, (make, every) in HYBRID.items():
        yield from _trials(f"4 nodes, hybrid, {name}", make(), "hybrid", every=every)
    for name, (make, sets) in SAMPLED.items():
        yield from _trials(f"4 nodes, sampled, {name}", make(), "sampled", sets=sets)
    yield from _barrel()


def _trials(what: str, circuit: Circuit, method: str, **given: int) -> Iterator[Check]:
    """Estimate again and again, beside the exact counts."""
    exact = _values(four_node_census(circuit, "exact").counts)
    counts, low, high = np.empty((3, TRIALS, exact.size))
    for seed in range(TRIALS):
        drawn = four_node_census(circuit, method, seed=seed, **given)  # type: ignore[arg-type]
        counts[seed] = _values(drawn.counts)
        low[seed], high[seed] = np.array(list(drawn.intervals.values()), float).T
    spread = counts.std(0, ddof=1)
    certain = exact * given.get("sets", 0) / comb(circuit.n, 4)  # sets of a class, of all drawn
    judged = (exact >= 1) & (spread > 0)
    usual = judged & (exact >= FREQUENT) & ((certain >= FREQUENT) | (method == "hybrid"))
    off = np.abs(counts.mean(0) - exact)[usual] / (spread[usual] / sqrt(TRIALS))
    yield Check(
        f"{what}: bias",
        f"≤ {off.max():.1f} standard errors in {usual.sum()} classes",
        "≤ 4.5",
        bool(off.max() <= 4.5),
    )
    held = ((low <= exact) & (exact <= high)).mean(0)
    yield Check(
        f"{what}: 95 % intervals of {judged.sum()} classes",
        f"{held[judged].min():.1%} …, mean {held[judged].mean():.1%}; "
        f"of {usual.sum()} usual ones {held[usual].mean():.1%}",
        f"≥ {LOWEST:.0%}, mean 94.5 … 99.5 %",
        bool(held[judged].min() >= LOWEST and 0.945 <= held[judged].mean() <= 0.995),
    )


def _barrel() -> Iterator[Check]:
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
