"""Nulls: no effect on their own draws, moments against many samples, constraints at real size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.circuit import Circuit
from analysis.motifs import CLOSED, MAN, triad_census
from analysis.nulls import get_null, nulls
from analysis.nulls.ensembles import sample_ensemble
from analysis.nulls.hard import HARD, sample_censuses
from tests.benchmarks.barrels import barrel
from tests.contract.analysis.test_nulls import labelled
from tests.unit.analysis.graphs import heavy, spatial
from tests.validation.check import Check

DRAWS = 600
SAMPLES = 60


def run() -> Iterator[Check]:
    """Yield one check after the other."""
    for name in HARD:
        yield from _own_null(name)
        yield _false_alarms(name)
    for circuit in (spatial(60, 31, 0.15), heavy(300, 32, 18), heavy(2_000, 33, 60)):
        for name in nulls():
            yield _moments(name, labelled(circuit), 10_000)
    yield _moments("reciprocal", barrel(), 400)


def _own_null(name: str) -> Iterator[Check]:
    """On draws from a null its hard effect is nil, and that of the refitted canonical is not."""
    model = get_null(name).fit(heavy(100, 21, mean_degree=14, spread=0.6, mutual=0.25))
    usual = np.array(list(model.expected.values())) >= 20
    rng = np.random.default_rng(17)
    hard, canonical = np.empty((DRAWS, 16)), np.empty((DRAWS, 16))
    with np.errstate(divide="ignore", invalid="ignore"):
        for draw in range(DRAWS):
            graph = model.sample(rng)
            counts = np.array(list(triad_census(graph).values()), float)
            hard[draw] = np.log(counts / sample_censuses(graph, name, SAMPLES, rng).mean(0))
            refitted = get_null(name).fit(graph).expected.values()
            canonical[draw] = np.log(counts / np.array(list(refitted)))
    worst = np.abs(hard[:, usual].mean(0)).max()
    yield Check(f"{name}: mean hard effect on own draws", f"{worst:.4f}", "≤ .03", worst <= 0.03)
    worst = np.abs(canonical[:, usual].mean(0)).max()
    yield Check(f"{name}: canonical effect on own draws", f"{worst:.3f}", "> .05", worst > 0.05)


def _false_alarms(name: str) -> Check:
    """Ensembles that are in order are seldom said not to have converged."""
    circuit = heavy(100, 1)
    verdicts = [sample_ensemble(circuit, name, 200, seed).diagnostics for seed in range(200)]
    share = np.mean([one is not None and one["converged"] is False for one in verdicts])
    return Check(f"{name}: not converged, of 200 in order", f"{share:.1%}", "≤ 10 %", share <= 0.1)


def _moments(name: str, circuit: Circuit, samples: int) -> Check:
    model = get_null(name).fit(circuit)
    rng = np.random.default_rng(23)
    drawn = np.empty((samples, 16))
    for row in drawn:
        row[:] = list(triad_census(model.sample(rng)).values())
    expected = np.array([model.expected[code] for code in MAN])
    sd = drawn.std(0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.abs(drawn.mean(0) - expected) / (sd / np.sqrt(samples))
    mean_error = float(np.nanmax(np.where(sd > 0, off, 0)))
    frequent = [k for k, code in enumerate(MAN) if code in CLOSED and expected[k] > 1]
    ratios = np.array([model.sd[MAN[k]] / sd[k] for k in frequent])
    low, high = ratios.min(), ratios.max()
    room = 0.10 + 2 / np.sqrt(2 * samples)
    return Check(
        f"{name}, n = {circuit.n:,}: means and closed SDs against {samples:,} samples",
        f"{mean_error:.1f} standard errors, SD × {low:.3f} … {high:.3f}",
        f"≤ 4.5, within {room:.0%}",
        bool(mean_error <= 4.5 and 1 - room <= low <= high <= 1 + room),
    )
