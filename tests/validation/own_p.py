"""p-values of graphs drawn from a null itself: uniform, and rejected at the nominal level.

Given what a hard ensemble keeps, a draw of the null is one more sample of its ensemble, so the rank
of its count is uniform (ties broken at random); the two-sided p of the effect table then rejects at
no more than its level, and Holm's at no more than that for the whole spectrum.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from analysis.effects import effect_table
from analysis.motifs import MAN, triad_census
from analysis.nulls import get_null, nulls
from analysis.nulls.hard import has_hard_form, sample_censuses
from tests.contract.analysis.test_nulls import labelled, with_neurons
from tests.unit.analysis.graphs import heavy
from tests.validation.check import Check

DRAWS, SAMPLES = 300, 99
ENOUGH = 20  # mean count of a triad that is judged
LEVEL = 0.05
CANONICAL = ("er", "block")


def run() -> Iterator[Check]:
    """Yield one check after the other."""
    circuit = labelled(heavy(60, 41, mean_degree=9, spread=0.5, mutual=0.25))
    for name, null in nulls().items():
        if has_hard_form(null):
            yield from _uniform(name, circuit)
        elif name in CANONICAL:
            yield _rejections(name, circuit)


def _draws(name, circuit):
    model = get_null(name).fit(circuit)
    for draw in range(DRAWS):
        rng = np.random.default_rng([43, draw])
        yield with_neurons(model.sample(rng), circuit.neurons), rng


def _uniform(name, circuit) -> Iterator[Check]:
    rank, p, seen = np.empty((3, DRAWS, len(MAN)))
    for draw, (graph, rng) in enumerate(_draws(name, circuit)):
        count = np.array(list(triad_census(graph).values()))
        drawn = sample_censuses(graph, name, SAMPLES, rng)
        below, equal = (drawn < count).sum(0), (drawn == count).sum(0)
        rank[draw] = (below + rng.random(len(MAN)) * (equal + 1)) / (SAMPLES + 1)
        least = np.minimum((drawn >= count).sum(0), (drawn <= count).sum(0))
        p[draw] = np.minimum(1.0, 2 * (1 + least) / (1 + SAMPLES))
        seen[draw] = count
    judged = [k for k, code in enumerate(MAN[3:], start=3) if seen[:, k].mean() >= ENOUGH]
    worst = min(stats.kstest(rank[:, k], "uniform").pvalue for k in judged)
    yield Check(
        f"{name}: ranks of own draws uniform, {len(judged)} triads (least KS p)",
        f"{worst:.4f}",
        f"≥ {0.01 / len(judged):.4f}",
        bool(worst >= 0.01 / len(judged)),
    )
    share = (p[:, judged] <= LEVEL).mean(0)
    room = 3 * np.sqrt(LEVEL * (1 - LEVEL) / DRAWS)
    told = f"{share.mean():.3f}, largest {share.max():.3f}"
    # Ranks among 99 samples allow p of .02, .04, .06 …, so .04 is the level that can be reached.
    yield Check(
        f"{name}: rejected at 5 %", told, f"≤ {LEVEL + room:.3f}", share.max() <= 0.05 + room
    )


def _rejections(name, circuit) -> Check:
    """Of canonical nulls: p comes from an interval that holds for other circuits of the kind."""
    share = []
    for graph, _ in _draws(name, circuit):
        table = effect_table(graph, nulls=[name], hard_limit=0)
        table = table[(table["observed"] >= ENOUGH) & table["p"].notna()]
        share.append((table["p"] <= LEVEL).mean())
    found = float(np.mean(share))
    return Check(f"{name}: rejected at 5 %", f"{found:.3f}", "≤ .08", found <= 0.08)
