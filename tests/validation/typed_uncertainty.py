"""Uncertainty of triads by class: intervals must hold the truth in circuits with two classes.

Five ways of making a circuit of 100 neurons, a quarter to a half of which are of a second class;
classes, places and strengths are drawn anew each time. The truth is the median effect over all
draws, the null refitted to each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from analysis.circuit import Circuit
from analysis.typed_effects import PLACES, typed_effect_table
from analysis.uncertainty.rungs import best_ensembles
from tests.validation.check import Check
from tests.validation.uncertainty import (
    ENOUGH,
    Floats,
    _clust,
    _drawn,
    _Hidden,
    _labelled,
)

N = 100
DRAWS = 300
SAMPLES = 60
OWN_DRAWS = 200
NULLS = ("er", "block", "distance", "degree", "reciprocal")


def run() -> Iterator[Check]:
    """Yield one check after the other."""
    yield from checks(simulated(DRAWS), DRAWS)
    yield false_findings(OWN_DRAWS)


def checks(found: pd.DataFrame, draws: int) -> Iterator[Check]:
    """Coverage and standard errors beyond every null, over the cells of triad × generator."""
    for null, rows in found[~found["few"]].groupby("null", sort=False):
        cells = rows.groupby(["generator", "motif", *PLACES])
        held = cells["held"].mean()
        ratio = np.sqrt(cells["se"].apply(lambda se: (se**2).median())) / cells["log_ratio"].std()
        mean, least, middle = float(held.mean()), float(held.min()), float(ratio.median())
        what = f"typed, {null}: 95 % intervals, {len(held)} cells × {draws} draws"
        told = f"hold {mean:.3f}, least {least:.2f} ({'/'.join(map(str, held.idxmin()))})"
        good = 0.93 <= mean <= 0.98 and least >= 0.87
        yield Check(what, told, "mean .93–.98, least ≥ .87", good)
        told = f"{middle:.2f} ({ratio.min():.2f} … {ratio.max():.2f})"
        what = f"typed, {null}: SE over true SD, median"
        yield Check(what, told, ".95 … 1.3", 0.95 <= middle <= 1.3)
    few = found[found["few"]]
    share = few.groupby(["null", "generator", "motif", *PLACES])["held"].mean()
    told = f"{share.mean():.3f}, least {share.min():.2f} of {len(share)} cells"
    what = "typed: scaled Garwood intervals, mean counts 1 … 9"
    yield Check(what, told, "mean ≥ .93", bool(share.mean() > 0.93))


def false_findings(draws: int) -> Check:
    """Random circuits depart from no null of degrees: any cell of a spectrum in a twentieth."""
    wrong = 0
    for draw in range(draws):
        rng = np.random.default_rng([88, draw])
        circuit = _labelled(_drawn(np.full((60, 60), 0.15), rng), rng)
        labels = circuit.neurons["cell_class"].tolist()
        effects = typed_effect_table(circuit, labels, nulls=["degree"], hard_samples=200, seed=draw)
        hard = effects[effects["ensemble"] == "hard"]
        wrong += bool((hard["p_adjusted"] < 0.05).any())
    share = wrong / draws
    what = f"typed: any false finding among all cells, {draws} draws of er against degree"
    return Check(what, f"{share:.3f}", "≤ .09", share <= 0.09)


def simulated(draws: int, generators: tuple[str, ...] = ()) -> pd.DataFrame:
    """Effects of circuits of every generator with whether their intervals hold the truth."""
    tables = []
    for name, make in GENERATORS.items():
        if generators and name not in generators:
            continue
        rows = []
        for draw in range(draws):
            rng = np.random.default_rng([sum(map(ord, name)), 2, draw])
            circuit = make(rng)
            effects = typed_effect_table(
                circuit,
                circuit.neurons["cell_class"].tolist(),
                nulls=NULLS,
                hard_samples=SAMPLES,
                seed=draw,
            )
            rows.append(best_ensembles(effects))
        tables.append(_judged(pd.concat(rows)).assign(generator=name))
    return pd.concat(tables)


def _judged(found: pd.DataFrame) -> pd.DataFrame:
    cells = found.groupby(["null", "motif", *PLACES])
    count = cells["observed"].transform("median")
    mean = cells["observed"].transform("mean")
    # Of few instances the logarithm has no mean: the truth is that of the mean counts.
    with np.errstate(divide="ignore"):
        of_means = np.log(mean / cells["expected"].transform("mean"))
    truth = np.where(count >= ENOUGH, cells["log_ratio"].transform("median"), of_means)
    held = (found["low"] <= truth) & (truth <= found["high"])
    # A rare cell is compared where it is seen: there alone it is not what it is on average.
    size = cells["observed"].transform("size")
    kept = found.assign(few=count < ENOUGH, held=held)
    return kept[(size >= 0.95 * size.max()) & ((count >= ENOUGH) | ((mean >= 1) & (mean < 9)))]


def _two(rng: np.random.Generator, share: float) -> _Hidden:
    """Places anywhere, and a second class that takes a share of the neurons."""
    return _Hidden(rng.random((N, 3)) * (300, 300, 200), (rng.random(N) < share).astype(np.int64))


def _er(rng: np.random.Generator) -> Circuit:
    return _labelled(_drawn(np.full((N, N), 0.12), rng), rng, _two(rng, 0.5))


def _sbm(rng: np.random.Generator) -> Circuit:
    hidden = _two(rng, 0.3)
    chance = np.array([[0.1, 0.2], [0.25, 0.12]])
    return _labelled(_drawn(chance[np.ix_(hidden.labels, hidden.labels)], rng), rng, hidden)


def _dist(rng: np.random.Generator) -> Circuit:
    hidden = _two(rng, 0.3)
    apart = np.sqrt(((hidden.places[:, None] - hidden.places[None]) ** 2).sum(-1))
    near = np.exp(-apart / 80) * np.where(hidden.labels, 1.0, 0.6)[:, None]
    return _labelled(_drawn(np.minimum(0.95, near), rng, 0.15), rng, hidden)


def _heavy(rng: np.random.Generator) -> Circuit:
    hidden = _two(rng, 0.3)
    out = rng.lognormal(0, 0.7, N) * np.where(hidden.labels, 1.5, 1.0)
    into = out**0.6 * rng.lognormal(0, 0.4, N)
    odds: Floats = 0.09 * np.outer(out, into)
    return _labelled(_drawn(odds / (1 + odds), rng), rng, hidden)


def _groups(rng: np.random.Generator) -> Circuit:
    return _labelled(_clust(rng), rng, _two(rng, 0.4))


GENERATORS: dict[str, Callable[[np.random.Generator], Circuit]] = {
    "er": _er, "sbm": _sbm, "dist": _dist, "heavy": _heavy, "clust": _groups,
}  # fmt: skip
