"""Standard errors of the statistics against the spread between circuits of one population.

Circuits are drawn again and again from generators whose neurons are drawn anew too. A standard
error is right if its root mean square is the standard deviation of the values; the jackknife may
be too large, and must not be much too small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from analysis.circuit import Circuit
from analysis.statistics import statistics
from tests.contract.analysis.test_nulls import labelled
from tests.validation.check import Check

DRAWS = 80
NEURONS = 100
SEEDS = 12
LOWEST, HIGHEST = 0.8, 3.5  # of the true spread; that of 80 draws is known within 8 %


def spatial(rng: np.random.Generator) -> Circuit:
    """Connections that fall off with distance; a fifth of them are answered."""
    place = rng.random((NEURONS, 3))
    apart = np.sqrt(((place[:, None] - place[None]) ** 2).sum(-1))
    return _drawn(0.6 * np.exp(-apart / 0.3), 0.2, rng)


def heavy(rng: np.random.Generator) -> Circuit:
    """Log-normal strengths, those of outputs and inputs correlated; some are answered."""
    out = rng.lognormal(0, 0.5, NEURONS)
    into = out**0.6 * rng.lognormal(0, 0.3, NEURONS)
    odds = 0.1 * np.outer(out, into)
    return _drawn(odds / (1 + odds), 0.2, rng)


def sparse(rng: np.random.Generator) -> Circuit:
    """Two or three connections each, so that not all neurons reach all."""
    out = rng.lognormal(0, 0.5, NEURONS)
    return _drawn(np.minimum(0.9, 0.02 * np.outer(out, out)), 0.1, rng)


def classes(rng: np.random.Generator) -> Circuit:
    """Three classes with probabilities of their own."""
    chance = np.array([[0.25, 0.1, 0.02], [0.05, 0.2, 0.1], [0.1, 0.02, 0.3]])
    kind = rng.choice(3, NEURONS, p=[0.5, 0.3, 0.2])
    return _drawn(chance[np.ix_(kind, kind)], 0.1, rng)


def _drawn(
    chance: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    answered: float,
    rng: np.random.Generator,
) -> Circuit:
    linked = rng.random(chance.shape) < chance
    linked |= linked.T & (rng.random(chance.shape) < answered)
    np.fill_diagonal(linked, False)
    return Circuit.from_edges("drawn", NEURONS, *np.nonzero(linked))


# Nothing is scaled to a density or degree, which would hold what a standard error is about.
GENERATORS: dict[str, Callable[[np.random.Generator], Circuit]] = {
    "spatial": spatial,
    "heavy": heavy,
    "classes": classes,
    "sparse": sparse,
}


def run() -> Iterator[Check]:
    """Yield one check for each statistic."""
    every: list[float] = []
    for name in statistics():
        found = _ratios(name)
        every += found.values()
        if not found:
            yield Check(f"{name}: standard error over true spread", "none", "some", False)
            continue
        low, high = min(found.values()), max(found.values())
        yield Check(
            f"{name}: standard error over true spread",
            f"{low:.2f} ({min(found, key=lambda k: found[k])}) … "
            f"{high:.2f} ({max(found, key=lambda k: found[k])})",
            f"{LOWEST} … {HIGHEST}",
            LOWEST <= low <= high <= HIGHEST,
        )
    yield _by_chance()
    median = float(np.median(every))
    yield Check("median of all", f"{median:.2f}", "1 … 1.75", 1 <= median <= 1.75)


def _by_chance() -> Check:
    """What is drawn for a statistic, as random circuits are, moves it far less than its error."""
    worst, where = 0.0, ""
    for kind, make in GENERATORS.items():
        circuit = labelled(make(np.random.default_rng(91)), 91)
        for name, statistic in statistics().items():
            drawn = [statistic.compute(circuit, seed).parts for seed in range(SEEDS)]
            for place, part in enumerate(drawn[0]):
                values = np.array([parts[place].value for parts in drawn])
                error = np.sqrt(np.mean([parts[place].standard_error ** 2 for parts in drawn]))
                if part.of == "modules" or not np.isfinite(error) or not values.std() > 0:
                    continue
                ratio = float(values.std(ddof=1) / error)
                if ratio > worst:
                    worst, where = ratio, f"{kind} {name} {part.of}"
    told = f"{worst:.2f} of the standard error ({where})"
    return Check(f"values of {SEEDS} seeds: spread", told, "0 < … ≤ .3", 0 < worst <= 0.3)


def _ratios(name: str) -> dict[str, float]:
    """Root mean square of the standard errors over the spread, by generator and part."""
    found = {}
    for kind, make in GENERATORS.items():
        values: dict[str, list[tuple[float, float]]] = {}
        for seed in range(DRAWS):
            circuit = labelled(make(np.random.default_rng(seed)), seed)
            for place, part in enumerate(statistics()[name].compute(circuit, seed).parts):
                # The thresholds of rich clubs differ from draw to draw: by rank instead.
                of = f"club {place}" if name == "rich_club" else part.of
                values.setdefault(of, []).append((part.value, part.standard_error))
        for of, pairs in values.items():
            known = np.array(pairs)
            usable = np.isfinite(known).all(axis=1)
            if usable.sum() < DRAWS * 0.9 or of == "modules" or not known[:, 0].std():
                continue  # too rare to judge; the spread between runs is not one between circuits
            ratio = np.sqrt((known[usable, 1] ** 2).mean()) / known[usable, 0].std(ddof=1)
            found[f"{kind} {of}".strip()] = float(ratio)
    return found
