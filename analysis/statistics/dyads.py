"""`density` and `reciprocity`, of observable pairs only, with errors in closed form."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.nulls.dyads import dyad_counts
from analysis.statistics import statistic
from analysis.statistics.estimates import DELETE_ONE, NAN, Estimate, Part, delete_one
from analysis.statistics.needs import ANY, BOTH_WAYS
from analysis.statistics.pairs import pair_statistics

Floats = npt.NDArray[np.float64]
PER_SECOND = 2e7  # connections


def cost(circuit: Circuit) -> float:
    """Seconds."""
    tested = circuit.frame.tested
    tests = 0 if tested is None else len(tested)
    return (circuit.m + circuit.n + tests) / PER_SECOND


@statistic(
    "density",
    title="Density",
    definition="Share of the observable ordered pairs of neurons that are connected.",
    doi="10.1371/journal.pbio.0030068",
    reference="Song et al. 2005",
    needs=ANY,
    unit="share, 0 to 1",
    meaning="how likely a neuron connects to another",
    error=DELETE_ONE,
    cost=cost,
)
def density(circuit: Circuit, _seed: int) -> Estimate:
    """Compute the density."""
    found = _both_ends(circuit, circuit.sources(), circuit.indices)
    pairs = _pairs_of_each(circuit)
    error, why = _delete_one(circuit.m, found, circuit.frame.pairs, pairs)
    return Estimate((Part("", circuit.density, error, why),))


@statistic(
    "reciprocity",
    title="Reciprocity",
    definition="Share of connections whose reverse exists too, among those whose reverse was "
    "observable; relative = mutual pairs over those of a random circuit of the same density.",
    doi="10.1103/PhysRevLett.93.268701",
    reference="Garlaschelli & Loffredo 2004",
    needs=BOTH_WAYS,
    unit="share, 0 to 1; ratio, 1 = random",
    meaning="how often a connection is answered",
    error=DELETE_ONE,
    expects="er",
    cost=cost,
)
def reciprocity(circuit: Circuit, _seed: int) -> Estimate:
    """Compute the reciprocity, and that relative to the density."""
    frame = circuit.frame
    known = pair_statistics(circuit)
    pre, post = circuit.sources(), circuit.indices
    if not frame.complete:
        answerable = frame.observes(post, pre)
        pre, post = pre[answerable], post[answerable]
    ends, total = _both_ends(circuit, pre, post), float(pre.size)
    mutual, all_mutual = dyad_counts(circuit)[:, 2].astype(np.float64), float(known.mutual)
    error, why = _delete_one(2 * all_mutual, 2 * mutual, total, ends)
    pairs, all_pairs = _mutual_pairs_of_each(circuit), float(frame.mutual_pairs)
    by_chance = total / (2 * all_pairs) if all_pairs else NAN
    with np.errstate(divide="ignore", invalid="ignore"):
        without = (all_mutual - mutual) * 4 * (all_pairs - pairs) / (total - ends) ** 2
    relative, why_relative = delete_one(known.reciprocity_over_er, without[pairs > 0])
    return Estimate(
        (
            Part("share", known.reciprocity, error, why, by_chance),
            Part("relative", known.reciprocity_over_er, relative, why_relative, 1.0),
        )
    )


def _delete_one(top: float, tops: Floats, below: float, belows: Floats) -> tuple[float, str]:
    """Error of top / below, of which each neuron carries a part."""
    with np.errstate(divide="ignore", invalid="ignore"):
        without = (top - tops) / (below - belows)
    return delete_one(top / below if below else NAN, without[belows > 0])


def _both_ends(circuit: Circuit, pre: npt.NDArray[np.int32], post: npt.NDArray[np.int32]) -> Floats:
    """Count connections that begin or end at each neuron, shape (n,)."""
    ends = np.bincount(pre, minlength=circuit.n) + np.bincount(post, minlength=circuit.n)
    return ends.astype(np.float64)


def _pairs_of_each(circuit: Circuit) -> Floats:
    """Observable ordered pairs of each neuron, shape (n,)."""
    frame = circuit.frame
    if frame.tested is not None:
        return np.bincount(frame.tested.ravel(), minlength=circuit.n).astype(np.float64)
    first, second = frame.sources.astype(np.float64), frame.targets.astype(np.float64)
    pairs: Floats = first * (second.sum() - second) + second * (first.sum() - first)
    return pairs


def _mutual_pairs_of_each(circuit: Circuit) -> Floats:
    """Unordered pairs of each neuron that were observable in both directions, shape (n,)."""
    frame = circuit.frame
    if frame.both_ways is not None:
        return np.bincount(frame.both_ways.ravel(), minlength=circuit.n).astype(np.float64)
    inside = frame.core.astype(np.float64)
    pairs: Floats = inside * (inside.sum() - 1)
    return pairs
