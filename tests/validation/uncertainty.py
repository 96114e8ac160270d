"""Uncertainty of effects: intervals must hold the truth in circuits whose making is known.

Six ways of making a circuit of 100 neurons, their hidden properties drawn anew each time. The truth
is the median effect over all draws, the null refitted to each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.circuit import Circuit
from analysis.invariants.estimates import LEAST_FREEDOM
from analysis.invariants.sets import critical, excess, pairs_of
from analysis.motifs import CLOSED, MAN, OPEN
from analysis.nulls import get_null
from analysis.nulls.hard import HARD, sample_censuses
from analysis.uncertainty import Interval, effect_interval, effect_variances
from analysis.uncertainty.gains import MOTIFS
from analysis.uncertainty.interval import FEWEST
from tests.validation.check import Check

Floats = npt.NDArray[np.float64]
N = 100
DRAWS = 300
SAMPLES = 60
OWN_DRAWS = 400
MANY = 100  # median count from which the noise of the mean over draws is below .03
ENOUGH = 20  # median count of a cell that is judged by an interval around the effect
CHAIN = 3.0
MARGIN = math.log(1.1)
CONNECTED = (*OPEN, *CLOSED)
NULLS = ("er", "block", "distance", "block_distance", "degree", "reciprocal", "block_reciprocal")


def run() -> Iterator[Check]:
    """Yield one check after the other."""
    found = simulated(DRAWS)
    for null in NULLS:
        yield from _covered(null, found[found["null"] == null])
    few = found[found["few"]]
    share = few.groupby(["null", "generator", "motif"])["held"].mean()
    told = f"{share.mean():.3f}, least {share.min():.2f} of {len(share)} cells"
    yield Check(
        "scaled Garwood intervals, mean counts 1 … 9", told, "mean ≥ .93", share.mean() > 0.93
    )
    yield from _own_nulls()
    yield from _sizes()


def _covered(null: str, found: pd.DataFrame) -> Iterator[Check]:
    """Coverage and standard errors beyond one null, over the cells of motif × generator."""
    cells = found[~found["few"]].groupby(["generator", "motif"])
    held = cells["held"].mean()
    ratio = np.sqrt(cells["se"].apply(lambda se: (se**2).median())) / cells["effect"].std()
    mean, least, middle = float(held.mean()), float(held.min()), float(ratio.median())
    what = f"{null}: 95 % intervals, {len(held)} cells × {DRAWS} draws"
    worst = "/".join(map(str, held.idxmin()))
    told = f"hold {mean:.3f}, least {least:.2f} ({worst})"
    yield Check(what, told, "mean .93–.98, least ≥ .87", 0.93 <= mean <= 0.98 and least >= 0.87)
    told = f"{middle:.2f} ({ratio.min():.2f} … {ratio.max():.2f})"
    yield Check(f"{null}: SE over true SD, median", told, ".95 … 1.3", 0.95 <= middle <= 1.3)


def _own_nulls() -> Iterator[Check]:
    """Draws of a null have no effect beyond it; refitted canonical means say otherwise."""
    for name in ("er", *HARD):
        model = get_null(name).fit(_heavy(np.random.default_rng(5)))
        rows = []
        for draw in range(OWN_DRAWS):
            rng = np.random.default_rng([77, draw])
            circuit = _labelled(model.sample(rng), rng)
            rows += effects_of(circuit, (name,), rng)
        found = pd.DataFrame(rows)
        found = found[found.groupby("motif")["observed"].transform("median") >= ENOUGH]
        held = ((found["low"] < 0) & (found["high"] > 0)).groupby(found["motif"]).mean()
        many = found[found.groupby("motif")["observed"].transform("median") >= MANY]
        effect = float(_of_sums(many, ["motif"]).abs().max())
        told = f"hold 0 in {held.mean():.3f} ({held.min():.2f} … {held.max():.2f})"
        good = 0.92 <= held.mean() <= 0.99 and held.min() >= 0.9
        yield Check(f"draws of {name}: intervals", told, ".92 … .99, least ≥ .9", good)
        yield Check(f"draws of {name}: largest mean", f"{effect:.3f}", "≤ .03", effect <= 0.03)
        if name in HARD:
            canonical = float(_of_sums(many, ["motif"], "canonical").abs().max())
            what = f"draws of {name}: the canonical effect must fail"
            yield Check(what, f"{canonical:.3f}", "> .03", canonical > 0.03)


def _sizes() -> Iterator[Check]:
    """The size of a random circuit is no effect, and two sizes are no difference."""
    tables, means = [], []
    for n, density, draws in ((100, 0.1, 200), (300, 0.06, 50)):
        rows = []
        for draw in range(draws):
            rng = np.random.default_rng([n, draw])
            circuit = _labelled(_drawn(np.full((n, n), density), rng), rng)
            rows += [row | {"draw": draw} for row in effects_of(circuit, HARD, rng)]
        found = pd.DataFrame(rows)
        tables.append(found)
        found = found[found.groupby(["null", "motif"])["observed"].transform("median") >= MANY]
        means.append(_of_sums(found, ["null", "motif"]))
    apart = (means[0] - means[1]).dropna().abs()
    what = "er, 100 against 300 neurons"
    yield Check(f"{what}: hard effects", f"{apart.max():.3f}", "≤ .03", bool(apart.max() <= 0.03))
    divergent = _divergent(*tables)
    worst = "/".join(map(str, divergent.idxmax()))
    told = f"most {divergent.max():.3f} ({worst}) of {len(divergent)} cells"
    good = bool(divergent.max() <= 0.05) and len(divergent) == len(HARD) * len(CONNECTED)
    yield Check(f"{what}: share DIVERGENT at margin 1.1", told, "≤ .05 each, 26 cells", good)


def _divergent(small: pd.DataFrame, large: pd.DataFrame) -> pd.Series:
    """Share of pairs of a small and a large circuit called divergent, by null and motif."""
    shares = {}
    for cell, ones in small.groupby(["null", "motif"]):
        others = large[(large["null"] == cell[0]) & (large["motif"] == cell[1])]
        pairs = ones.merge(others, how="cross")
        effects, se, df, observed = (
            pairs[[f"{name}_x", f"{name}_y"]].to_numpy()
            for name in ("effect", "se", "df", "observed")
        )
        enough = (observed >= FEWEST).all(1) & (df >= LEAST_FREEDOM).all(1)
        beyond = excess(pairs_of(effects[enough], se[enough] ** 2, df[enough]), MARGIN)
        shares[cell] = float((beyond > critical(2)).sum()) / len(pairs)
    return pd.Series(shares)


def _of_sums(found: pd.DataFrame, by: list[str], expected: str = "expected") -> pd.Series:
    """Effect of all draws together: the mean of logarithms of small counts is below it."""
    sums = found.groupby(by)[["observed", expected]].sum()
    effects: pd.Series = np.log(sums["observed"] / sums[expected])
    return effects


def simulated(draws: int) -> pd.DataFrame:
    """Effects of circuits of every generator with whether their intervals hold the truth."""
    tables = []
    for name, make in GENERATORS.items():
        rows = []
        for draw in range(draws):
            rng = np.random.default_rng([sum(map(ord, name)), draw])
            rows += [row | {"generator": name} for row in effects_of(make(rng), NULLS, rng)]
        tables.append(_judged(pd.DataFrame(rows)))
    return pd.concat(tables)


def _judged(found: pd.DataFrame) -> pd.DataFrame:
    cells = found.groupby(["null", "motif"])
    count = cells["observed"].transform("median")
    mean = cells["observed"].transform("mean")
    # Of few instances the logarithm has no mean: the truth is that of the mean counts.
    of_means = np.log(mean / cells["expected"].transform("mean"))
    truth = np.where(count >= ENOUGH, cells["effect"].transform("median"), of_means)
    held = (found["low"] <= truth) & (truth <= found["high"])
    kept = found.assign(few=count < ENOUGH, held=held)
    return kept[(count >= ENOUGH) | ((mean >= 1) & (mean < 9))]


def effects_of(
    circuit: Circuit, names: tuple[str, ...], rng: np.random.Generator
) -> list[dict[str, object]]:
    """Effects as a census gives them: hard under nulls of degrees, else canonical."""
    rows: list[dict[str, object]] = []
    for name in names:
        null = get_null(name)
        model = null.fit(circuit)
        variances = effect_variances(circuit, null, model)
        counts = None
        if name in HARD:
            counts = sample_censuses(circuit, name, SAMPLES, rng)
        for code in CONNECTED:
            variance = variances.get(code)
            observed = 0.0 if variance is None else variance.observed
            expected = math.nan if variance is None else variance.expected
            error = 0.0
            canonical = expected
            if counts is not None:
                drawn = counts[:, MAN.index(code)]
                expected = float(drawn.mean())
                error = float(drawn.std(ddof=1)) * math.sqrt(CHAIN / SAMPLES)
            elif variance is None:
                expected = canonical = model.expected[code]
            if not expected > 0:
                continue
            interval = effect_interval(observed, expected, variance, error)
            rows.append(_row(name, code, observed, expected, canonical, interval))
    return rows


def _row(
    null: str, code: str, observed: float, expected: float, canonical: float, found: Interval
) -> dict[str, object]:
    effect = math.log(observed / expected) if observed else math.nan
    return {
        "null": null,
        "motif": code,
        "observed": observed,
        "expected": expected,
        "effect": effect,
        "canonical": canonical,
        "se": found.se,
        "df": found.df,
        "low": found.low,
        "high": found.high,
    }


@dataclass(frozen=True)
class _Hidden:
    """What neurons are like that no census sees, or sees as label and place."""

    places: Floats
    labels: npt.NDArray[np.int64]


def _labelled(circuit: Circuit, rng: np.random.Generator, hidden: _Hidden | None = None) -> Circuit:
    """Give neurons the labels and places that nulls of classes and distance need."""
    n = circuit.n
    given = hidden or _Hidden(rng.random((n, 3)) * 300, rng.integers(0, 3, n))
    table = pd.DataFrame({"neuron_id": np.arange(n), "cell_class": given.labels.astype(str)})
    for axis, values in zip("xyz", given.places.T, strict=True):
        table[f"soma_{axis}"] = values
    return Circuit.from_edges("made", n, circuit.sources(), circuit.indices, neurons=table)


def _drawn(chance: Floats, rng: np.random.Generator, answered: float = 0.0) -> Circuit:
    """Draw connections; a share of them is answered."""
    linked = rng.random(chance.shape) < chance
    linked |= linked.T & (rng.random(chance.shape) < answered)
    np.fill_diagonal(linked, False)
    return Circuit.from_edges("made", len(chance), *np.nonzero(linked))


def _er(rng: np.random.Generator) -> Circuit:
    return _labelled(_drawn(np.full((N, N), 0.1), rng), rng)


def _sbm(rng: np.random.Generator) -> Circuit:
    labels = rng.choice(3, N, p=[0.5, 0.3, 0.2])
    chance = np.array([[0.16, 0.08, 0.05], [0.05, 0.2, 0.08], [0.12, 0.06, 0.25]])
    hidden = _Hidden(rng.random((N, 3)) * 300, labels)
    return _labelled(_drawn(chance[np.ix_(labels, labels)], rng), rng, hidden)


def _dist(rng: np.random.Generator) -> Circuit:
    places = rng.random((N, 3)) * (300, 300, 200)
    apart = np.sqrt(((places[:, None] - places[None]) ** 2).sum(-1))
    hidden = _Hidden(places, rng.integers(0, 3, N))
    return _labelled(_drawn(np.minimum(0.95, 0.75 * np.exp(-apart / 80)), rng, 0.15), rng, hidden)


def _rdpg(rng: np.random.Generator) -> Circuit:
    latent, strength = rng.dirichlet([0.6] * 4, N), rng.lognormal(0, 0.4, N)
    chance = np.minimum(0.95, 0.45 * strength[:, None] * (latent @ latent.T))
    return _labelled(_drawn(chance, rng), rng)


def _heavy(rng: np.random.Generator) -> Circuit:
    out = rng.lognormal(0, 0.7, N)
    into = out**0.6 * rng.lognormal(0, 0.4, N)
    odds = 0.09 * np.outer(out, into)
    return _labelled(_drawn(odds / (1 + odds), rng), rng)


def _clust(rng: np.random.Generator) -> Circuit:
    member = rng.random((N, 8)) < 0.25
    shared = member.astype(float) @ member.T
    return _labelled(_drawn(1 - 0.96 * 0.86**shared, rng, 0.15), rng)


GENERATORS: dict[str, Callable[[np.random.Generator], Circuit]] = {
    "er": _er, "sbm": _sbm, "dist": _dist, "rdpg": _rdpg, "heavy": _heavy, "clust": _clust,
}  # fmt: skip
assert set(CONNECTED) < set(MOTIFS)
