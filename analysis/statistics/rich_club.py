"""`rich_club`: density among the neurons of most connections."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.nulls import get_null
from analysis.nulls.dyads import DyadModel, NullUnavailable
from analysis.nulls.newton import ConvergenceError
from analysis.statistics import statistic
from analysis.statistics.estimates import GROUPS, JACKKNIFE, NAN, Estimate, Part, jackknife
from analysis.statistics.needs import WHOLE

Ints = npt.NDArray[np.int64]
SHARES = (0.5, 0.25, 0.1, 0.05)  # of all neurons, those of most connections
FEWEST = 3  # neurons of a club
PER_SECOND = 2e7  # connections
FIT = 1e-7  # seconds of the degree null for each pair of kinds of neurons


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife."""
    return (GROUPS + 1) * circuit.m / PER_SECOND + FIT * min(circuit.n, circuit.m / 4 + 1) ** 2


@statistic(
    "rich_club",
    title="Rich club",
    definition="Density among the neurons whose total degree exceeds k, for the k that the half, "
    "quarter, tenth and twentieth of richest neurons exceed.",
    doi="10.1038/nphys209",
    reference="Colizza et al. 2006",
    needs=WHOLE,
    unit="share, 0 to 1",
    meaning="whether hubs connect to hubs more than their degrees lead one to expect",
    error=JACKKNIFE,
    expects="degree",
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Compute the densities; the expected ones are those that degrees alone would give."""
    degrees = total_degrees(circuit)
    thresholds = rich_thresholds(degrees)
    if not thresholds:
        return Estimate((Part("degree > 0", NAN, NAN, "all neurons have the same degree"),))
    model: DyadModel | None = None
    note = ""
    try:
        model = get_null("degree").fit(circuit)
    except (NullUnavailable, ConvergenceError) as why:
        note = f"without expected values: {why.args[0]}"
    names, expected = {}, {}
    for share, k in thresholds.items():
        club = degrees > k
        names[share] = f"degree > {k} ({int(club.sum())} neurons)"
        expected[names[share]] = NAN if model is None else _expected(model, club)

    rng = np.random.default_rng(np.random.SeedSequence([seed, 17]))

    def values(part: Circuit) -> Mapping[str, float]:
        found = total_degrees(part)
        if part is circuit:
            return {names[share]: club_density(part, found > k) for share, k in thresholds.items()}
        # As large a share of the neurons left, ties broken at random: a threshold would jump.
        ranked = np.lexsort((rng.random(part.n), -found))
        clubs = {}
        for share, k in thresholds.items():
            size = max(2, round(part.n * float((degrees > k).mean())))
            clubs[names[share]] = club_density(part, np.isin(np.arange(part.n), ranked[:size]))
        return clubs

    return Estimate(jackknife(circuit, values, seed, expected=expected), note)


def total_degrees(circuit: Circuit) -> Ints:
    """Count inputs and outputs of every neuron, shape (n,)."""
    into = np.bincount(circuit.indices, minlength=circuit.n)
    return np.asarray(np.diff(circuit.indptr) + into, np.int64)


def rich_thresholds(degrees: Ints) -> dict[float, int]:
    """Return the degrees that `SHARES` of the neurons exceed, share → degree.

    Where degrees are equal fewer exceed them; shares with the same club as an earlier one, or
    with fewer than `FEWEST` neurons, are left out.
    """
    ranked = np.sort(degrees)[::-1]
    found: dict[float, int] = {}
    for share in SHARES:
        size = int(share * ranked.size)
        if size < FEWEST or size >= ranked.size:
            continue
        k = int(ranked[size])
        if (ranked > k).sum() >= FEWEST and k not in found.values():
            found[share] = k
    return found


def club_density(circuit: Circuit, club: npt.NDArray[np.bool_]) -> float:
    """Return the density among the neurons of a club of at least two."""
    size = int(club.sum())
    return float((club[circuit.sources()] & club[circuit.indices]).sum() / (size * (size - 1)))


def _expected(model: DyadModel, club: npt.NDArray[np.bool_]) -> float:
    """Mean connection probability of the ordered pairs of a club."""
    chance = model.one_way + model.mutual
    numbers = np.bincount(model.classes[club], minlength=model.sizes.size).astype(np.float64)
    size = numbers.sum()
    total = numbers @ chance @ numbers - numbers @ np.diagonal(chance)
    return float(total / (size * (size - 1)))
