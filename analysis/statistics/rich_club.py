"""`rich_club`: density among the neurons of most connections."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.nulls import get_null
from analysis.nulls.dyads import DyadModel, NullUnavailable
from analysis.nulls.newton import ConvergenceError
from analysis.statistics import statistic
from analysis.statistics.estimates import NAN, Estimate, Part, delete_one
from analysis.statistics.needs import WHOLE

Ints = npt.NDArray[np.int64]
SHARES = (0.5, 0.25, 0.1, 0.05)  # of all neurons, those of most connections
FEWEST = 3  # neurons of a club
PER_SECOND = 2e7  # connections
FIT = 1e-7  # seconds of the degree null for each pair of kinds of neurons


def cost(circuit: Circuit) -> float:
    """Seconds."""
    return circuit.m / PER_SECOND + FIT * min(circuit.n, circuit.m / 4 + 1) ** 2


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
    error="jackknife over the neurons of the club, in closed form; membership is taken as given",
    expects="degree",
    cost=cost,
)
def measure(circuit: Circuit, _seed: int) -> Estimate:
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
    parts = []
    for k in thresholds:
        club = degrees > k
        size = int(club.sum())
        expected = NAN if model is None else _expected(model, club)
        value, error, why_not = club_density(circuit, club)
        parts.append(Part(f"degree > {k} ({size} neurons)", value, error, why_not, expected))
    return Estimate(tuple(parts), note)


def total_degrees(circuit: Circuit) -> Ints:
    """Count inputs and outputs of every neuron, shape (n,)."""
    into = np.bincount(circuit.indices, minlength=circuit.n)
    return np.asarray(np.diff(circuit.indptr) + into, np.int64)


def rich_thresholds(degrees: Ints) -> list[int]:
    """Degrees that `SHARES` of the neurons exceed, or fewer where degrees are equal; rising."""
    ranked = np.sort(degrees)[::-1]
    found = []
    for share in SHARES:
        size = int(share * ranked.size)
        if size >= FEWEST and size < ranked.size and (ranked > ranked[size]).sum() >= FEWEST:
            found.append(int(ranked[size]))
    return sorted(set(found))


def club_density(circuit: Circuit, club: npt.NDArray[np.bool_]) -> tuple[float, float, str]:
    """Return the density among the neurons of a club, its error, or why it has none."""
    inside = club[circuit.sources()] & club[circuit.indices]
    ends = np.bincount(circuit.sources()[inside], minlength=circuit.n) + np.bincount(
        circuit.indices[inside], minlength=circuit.n
    )
    size, found = int(club.sum()), int(inside.sum())
    value = found / (size * (size - 1))
    without = (found - ends[club]) / ((size - 1) * (size - 2))
    error, why = delete_one(value, without)
    return value, error, why


def _expected(model: DyadModel, club: npt.NDArray[np.bool_]) -> float:
    """Mean connection probability of the ordered pairs of a club."""
    chance = model.one_way + model.mutual
    numbers = np.bincount(model.classes[club], minlength=model.sizes.size).astype(np.float64)
    size = numbers.sum()
    total = numbers @ chance @ numbers - numbers @ np.diagonal(chance)
    return float(total / (size * (size - 1)))
