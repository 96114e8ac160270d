"""`distance_dependence`: connection probability by the distance between somata."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.nulls.distance import soma_positions
from analysis.statistics import statistic
from analysis.statistics.estimates import DELETE_ONE, NAN, Estimate, Part, delete_one
from analysis.statistics.needs import PLACED

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
MOST_BINS = 12
STEPS = (1.0, 2.0, 5.0)  # of a decade: widths that a person would choose
PER_SECOND = 1e8  # pairs


def cost(circuit: Circuit) -> float:
    """Seconds."""
    tested = circuit.frame.tested
    pairs = circuit.n**2 if tested is None else len(tested)
    return (pairs + circuit.m) / PER_SECOND


@statistic(
    "distance_dependence",
    title="Distance dependence",
    definition="Share of observable ordered pairs that are connected, by the distance of their "
    "somata in bins of equal width from 0 µm.",
    doi="10.1073/pnas.1016051108",
    reference="Perin, Berger & Markram 2011",
    needs=PLACED,
    unit="share, 0 to 1",
    meaning="how connections fall off with distance",
    error=DELETE_ONE,
    cost=cost,
)
def measure(circuit: Circuit, _seed: int) -> Estimate:
    """Compute the probabilities; bins without a pair are left out."""
    places = soma_positions(circuit)
    width = bin_width(places)
    if not np.isfinite(width):
        return Estimate((Part("all pairs", NAN, NAN, "all somata are at one place"),))
    frame = circuit.frame
    if frame.tested is None:
        pairs = _pairs(places, width, frame.sources, frame.targets, MOST_BINS)
    else:
        pairs = _per_neuron(places, width, *frame.tested.T)
    found = _per_neuron(places, width, circuit.sources(), circuit.indices)
    parts = []
    for k in range(MOST_BINS):
        total = pairs[:, k].sum() / 2  # each is at both of its neurons
        if total == 0:
            continue
        linked = found[:, k].sum() / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            without = (linked - found[:, k]) / (total - pairs[:, k])
        error, why = delete_one(linked / total, without[pairs[:, k] > 0])
        parts.append(Part(f"{k * width:g}–{(k + 1) * width:g} µm", linked / total, error, why))
    return Estimate(tuple(parts) or (Part("all pairs", NAN, NAN, "no pair was observable"),))


def bin_width(places: Floats) -> float:
    """Width in µm of at most `MOST_BINS` bins that hold every pair; nan without an extent.

    Widths are 1, 2 or 5 times a power of ten, so that bins of different circuits often agree.
    """
    if not places.size:
        return NAN
    extent = float(np.sqrt((np.ptp(places, axis=0) ** 2).sum()))
    if extent == 0:
        return NAN
    decade = 10.0 ** np.floor(np.log10(extent / MOST_BINS))
    return float(
        next(w for w in (*(s * decade for s in STEPS), 10 * decade) if w * MOST_BINS > extent)
    )


def _per_neuron(
    places: Floats, width: float, pre: npt.NDArray[Any], post: npt.NDArray[Any]
) -> Ints:
    """Pairs of each neuron by bin, shape (n, MOST_BINS); a pair is counted at both neurons."""
    apart = np.sqrt(((places[pre] - places[post]) ** 2).sum(axis=1))
    bins = np.minimum((apart / width).astype(np.int64), MOST_BINS - 1)
    counts = np.zeros((len(places), MOST_BINS), np.int64)
    for ends in (pre, post):
        np.add.at(counts, (ends, bins), 1)
    return counts


@kernel
def _pairs(
    places: Floats,
    width: float,
    sources: npt.NDArray[np.bool_],
    targets: npt.NDArray[np.bool_],
    most: int,
) -> Ints:
    """Observable ordered pairs of each neuron by bin, shape (n, most)."""
    n = places.shape[0]
    counts = np.zeros((n, most), np.int64)
    for i in range(n):
        for j in range(i + 1, n):
            ways = int(sources[i] and targets[j]) + int(sources[j] and targets[i])
            if ways == 0:
                continue
            square = 0.0
            for axis in range(3):
                square += (places[i, axis] - places[j, axis]) ** 2
            k = min(most - 1, int(np.sqrt(square) / width))
            counts[i, k] += ways
            counts[j, k] += ways
    return counts
