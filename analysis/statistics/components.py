"""`strongly_connected`: how much of a circuit can be reached from everywhere in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.statistics import statistic
from analysis.statistics.estimates import GROUPS, JACKKNIFE, NAN, Estimate, jackknife
from analysis.statistics.needs import WHOLE

PER_SECOND = 4e7  # connections


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife."""
    return (GROUPS + 1) * (circuit.m + circuit.n) / PER_SECOND


@statistic(
    "strongly_connected",
    title="Strongly connected share",
    definition="Share of the neurons in the largest set of which each reaches each along "
    "connections, and share of the connections that lead from one such set to another.",
    doi="10.1137/0201010",
    reference="Tarjan 1972",
    needs=WHOLE,
    unit="share, 0 to 1",
    meaning="how much of the circuit is recurrent, and how much is strictly feedforward",
    error=JACKKNIFE,
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Compute the shares."""
    return Estimate(jackknife(circuit, _shares, seed))


def strong_components(circuit: Circuit) -> npt.NDArray[np.int64]:
    """Strongly connected component of every neuron, shape (n,)."""
    from scipy.sparse.csgraph import connected_components

    if circuit.n == 0:
        return np.zeros(0, np.int64)
    _, labels = connected_components(circuit.to_scipy(), directed=True, connection="strong")
    return np.asarray(labels, np.int64)


def _shares(circuit: Circuit) -> Mapping[str, float]:
    labels = strong_components(circuit)
    largest = np.bincount(labels).max() / circuit.n if circuit.n else NAN
    apart = labels[circuit.sources()] != labels[circuit.indices]
    return {
        "neurons in the largest": float(largest),
        "connections between": float(apart.mean()) if circuit.m else NAN,
    }
