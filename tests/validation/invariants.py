"""Verdicts over several circuits: how often they are wrong where the truth is known.

Known errors first, many repetitions at once: true effects on the very edge of the margin, where a
rule errs most. Then circuits of 100 neurons made in six ways, with the errors that a census gives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.invariants import Estimates, collapse, pooled
from analysis.invariants.estimates import LEAST_FREEDOM
from analysis.invariants.pooling import hartung_knapp, paule_mandel
from analysis.invariants.populations import PAIR_SPREAD, spread_p
from analysis.invariants.sets import critical, excess, pairs_of, same_p
from analysis.invariants.verdict import LEVEL
from analysis.nulls.hard import HARD
from analysis.uncertainty.interval import FEWEST
from schemas.errors import UsageError
from tests.validation.check import Check
from tests.validation.uncertainty import ENOUGH, GENERATORS, effects_of

Floats = npt.NDArray[np.float64]

MARGINS = (math.log(1.1), math.log(1.25), math.log(1.5))
ERRORS = (0.01, 0.02, 0.05, 0.1)
VARIES = math.sqrt(math.log(1.16))  # of log σ: a coefficient of variation of .4
DRAWS = 20_000
NESTED_DRAWS = 2_000
CIRCUITS = 250  # of every generator
SETS = 8  # in which every circuit takes part, for every k and place in a set


def run() -> Iterator[Check]:
    """Yield one check after the other."""
    yield from _sets_at_the_edge()
    yield from _populations_at_the_edge()
    yield from _nested()
    yield from _circuits()


def errors_of(error: float, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Standard errors that differ between circuits around a median."""
    return error * rng.lognormal(0, VARIES, shape)


def set_claims(
    effects: Floats, se: Floats, df: npt.ArrayLike, margin: float
) -> tuple[Floats, Floats]:
    """Whether sets, shape (…, k), are called invariant, and divergent."""
    pairs = pairs_of(effects, se**2, df)
    same = same_p(pairs, margin) < LEVEL
    return same, excess(pairs, margin) > critical(pairs.k)


def _edges(k: int, margin: float) -> list[Floats]:
    """True effects as far apart as the margin: the others between, or at both ends."""
    between = np.full(k, margin / 2)
    between[0], between[-1] = 0, margin
    return [between, margin * (np.arange(k) % 2)]


def _sets_at_the_edge() -> Iterator[Check]:
    same, apart = {}, {}
    for margin in MARGINS:
        for error in ERRORS:
            for k in (2, 3, 5, 10):
                for place, truth in enumerate(_edges(k, margin)):
                    rng = np.random.default_rng(
                        [k, place, round(1000 * margin), round(1000 * error)]
                    )
                    se = errors_of(error, (DRAWS, k), rng)
                    found = set_claims(rng.normal(truth, se), se, np.inf, margin)
                    cell = f"×{math.exp(margin):.3g}, σ {error}, k {k}"
                    same[cell, place], apart[cell, place] = (float(one.mean()) for one in found)
    yield _least_errors("set, at the margin: false INVARIANT", same)
    yield _least_errors("set, at the margin: false DIVERGENT", apart)


def _populations_at_the_edge() -> Iterator[Check]:
    same, apart = {}, {}
    for margin in MARGINS:
        bound = margin / PAIR_SPREAD
        for error in ERRORS:
            for k in (5, 10, 20):
                rng = np.random.default_rng([k, round(1000 * margin), round(1000 * error)])
                se = errors_of(error, (DRAWS, k), rng)
                p_inv, p_div = spread_p(rng.normal(0, np.hypot(se, bound)), se**2, bound)
                cell = f"×{math.exp(margin):.3g}, σ {error}, k {k}"
                same[cell] = float((p_inv < LEVEL).mean())
                apart[cell] = float((p_div < LEVEL).mean())
    yield _least_errors("population, at the margin: false INVARIANT", same)
    yield _least_errors("population, at the margin: false DIVERGENT", apart)


def _least_errors(what: str, found: dict[object, float], most: float = 0.06) -> Check:
    shares = pd.Series(found)
    told = f"mean {shares.mean():.3f}, most {shares.max():.3f} of {len(shares)} cells"
    return Check(what, told, f"≤ {most} each".replace("0.", "."), bool(shares.max() <= most))


def modules(
    individuals: int, each: int, spreads: tuple[float, float], rng: np.random.Generator
) -> tuple[Estimates, list[str]]:
    """Effects of modules with an error of .05 that lie in individuals; all means are 0.

    `spreads` are the SDs between individuals and between the modules of one.
    """
    units = [f"animal {i}" for i in range(individuals) for _ in range(each)]
    k = len(units)
    effects = rng.normal(0, 0.05, k) + rng.normal(0, spreads[1], k)
    effects += np.repeat(rng.normal(0, spreads[0], individuals), each)
    full = np.full(k, 0.05)
    estimates = Estimates(
        effects, full, np.full(k, 80.0), np.full(k, 100.0), ("V",) * k, tuple(map(str, range(k)))
    )
    return estimates, units


def _nested() -> Iterator[Check]:
    """Individuals' means hold the truth; their modules taken for circuits do not."""
    mine, naive = {}, {}
    for individuals in (2, 3, 5, 10):
        for each in (2, 4):
            for spreads in (
                (0.05, 0.0),
                (0.05, 0.1),
                (0.1, 0.05),
                (0.1, 0.1),
                (0.25, 0.0),
                (0.25, 0.1),
            ):
                rng = np.random.default_rng([individuals, each, *(round(100 * s) for s in spreads)])
                drawn = [modules(individuals, each, spreads, rng) for _ in range(NESTED_DRAWS)]
                cell = (individuals, each, *spreads)
                mine[cell] = _held([collapse(one, units) for one, units in drawn])
                naive[cell] = _held([one for one, _ in drawn])
    shares, wrong = pd.Series(mine), pd.Series(naive)
    told = (
        f"mean {shares.mean():.3f}, {shares.min():.3f} … {shares.max():.3f} of {len(shares)} cells"
    )
    good = bool(shares.min() >= 0.93 and shares.max() <= 0.97)
    yield Check("modules in individuals: 95 % intervals of individuals", told, ".93 … .97", good)
    told = f"least {wrong.min():.2f}"
    yield Check("the same taken for circuits must fail", told, "< .7", bool(wrong.min() < 0.7))
    try:
        pooled(*modules(3, 2, (0.1, 0.1), np.random.default_rng(0)), nesting="animal_id")
        told, refused = "pooled", False
    except UsageError as error:
        told, refused = "refused", "animal_id" in error.message
    yield Check("modules pooled as they are", told, "refused, naming the column", refused)
    yield from _between_individuals()


def _held(estimates: list[Estimates]) -> float:
    """Share of 95 % intervals of the mean that hold 0."""
    from scipy.special import stdtrit

    y = np.stack([one.effects for one in estimates])
    v = np.stack([one.variances for one in estimates])
    mean, se = hartung_knapp(y, v, paule_mandel(y, v))
    return float((np.abs(mean) <= stdtrit(y.shape[1] - 1, 0.975) * se).mean())


def _between_individuals() -> Iterator[Check]:
    """Two individuals as far apart as the margin, whose modules differ among each other."""
    margin = math.log(1.25)
    same, naive = {}, {}
    for individuals in (2, 3):
        for each in (4, 6):
            for between in (0.0, 0.05, 0.1):
                rng = np.random.default_rng([individuals, each, round(100 * between)])
                found = [
                    modules(individuals, each, (0.0, between), rng) for _ in range(NESTED_DRAWS)
                ]
                means = [collapse(one, units) for one, units in found]
                truth = _edges(individuals, margin)[0]
                y = np.stack([one.effects for one in means]) + truth
                v = np.stack([one.variances for one in means])
                df = np.stack([one.df for one in means])
                pairs = pairs_of(y, v, df, shared=True)
                alone = pairs_of(y, np.full(y.shape, 0.05**2 / each), np.inf)
                cell = (individuals, each, between)
                same[cell] = float((same_p(pairs, margin) < LEVEL).mean())
                naive[cell] = float((same_p(alone, margin) < LEVEL).mean())
    yield _least_errors("individuals at the margin: false INVARIANT", same)
    most = max(naive.values())
    what = "without the variance between modules it must fail"
    yield Check(what, f"most {most:.2f}", "> .15", most > 0.15)


def _circuits() -> Iterator[Check]:
    """Sets of made circuits of one kind, of which some have the margin added to their effect."""
    rows = []
    for name, make in GENERATORS.items():
        for draw in range(CIRCUITS):
            rng = np.random.default_rng([41, sum(map(ord, name)), draw])
            rows += [
                row | {"generator": name, "draw": draw}
                for row in effects_of(make(rng), ("er", *HARD), rng)
            ]
    found = pd.DataFrame(rows)
    tables: dict[str, list[tuple[object, ...]]] = {name: [] for name in ("same", "apart", "equal")}
    for cell, one in found.groupby(["null", "generator", "motif"]):
        if one["observed"].median() >= ENOUGH:
            for name, shares in _claims(one).items():
                tables[name] += [(*cell, *key, share) for key, share in shares.items()]
    columns = ["null", "generator", "motif", "margin", "k", "share"]
    for name, what in (("same", "INVARIANT"), ("apart", "DIVERGENT")):
        table = pd.DataFrame(tables[name], columns=columns)
        mean = table.groupby(["null", "k"])["share"].mean()
        most = table["share"].max()
        told = f"mean {mean.min():.3f} … {mean.max():.3f}, most {most:.3f} of {len(table)} cells"
        good = bool(mean.max() <= 0.05 and most <= 0.08)
        yield Check(
            f"made circuits at the margin: false {what}", told, "mean ≤ .05, most ≤ .08", good
        )
    equal = pd.DataFrame(tables["equal"], columns=columns)
    mean = float(equal["share"].mean())
    yield Check(
        "made circuits that are equal: DIVERGENT", f"mean {mean:.4f}", "≤ .01", mean <= 0.01
    )


def _claims(rows: pd.DataFrame) -> dict[str, dict[tuple[float, int], float]]:
    """Shares of false claims over sets of circuits of one kind, by margin and k."""
    rows = rows.sort_values("draw")
    columns = {name: rows[name].to_numpy(float) for name in ("effect", "se", "df", "observed")}
    found: dict[str, dict[tuple[float, int], float]] = {"same": {}, "apart": {}, "equal": {}}
    n = len(rows)
    for k in (2, 3, 5):
        first = np.arange(n)
        steps = range(1, SETS + 1)
        places = np.concatenate([(first[:, None] + step * np.arange(k)) % n for step in steps])
        y, se, df, observed = (columns[name][places] for name in columns)
        usable = ((observed >= FEWEST) & (df >= LEAST_FREEDOM)).all(1)
        y, se, df = y[usable], se[usable], df[usable]
        for margin in MARGINS[1:]:
            truth = _edges(k, margin)[0]
            key = (round(math.exp(margin), 2), k)
            same, apart = set_claims(y + truth, se, df, margin)
            found["same"][key] = float(same.sum()) / len(places)
            found["apart"][key] = float(apart.sum()) / len(places)
            found["equal"][key] = float(set_claims(y, se, df, margin)[1].sum()) / len(places)
    return found
