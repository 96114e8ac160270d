"""`modularity`: how well a circuit divides into modules, found by the Leiden algorithm."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.statistics import statistic
from analysis.statistics.estimates import (
    GROUPS,
    JACKKNIFE,
    NAN,
    Estimate,
    Part,
    jackknife,
    without_error,
)
from analysis.statistics.needs import WHOLE

RUNS = 10
FEWER_RUNS = 2  # without a group of neurons
ITERATIONS = 5  # of a run: one leaves modules that a further one still improves
PER_SECOND = 1.2e6  # connections


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife."""
    return (GROUPS * FEWER_RUNS + RUNS) * (circuit.m + circuit.n) / PER_SECOND


@statistic(
    "modularity",
    title="Modularity",
    definition="Largest modularity found by the Leiden algorithm in 10 runs, of connections "
    "without their direction (mutual ones count twice); the directed modularity of the same "
    "modules, and how many of more than one neuron there are.",
    doi="10.1038/s41598-019-41695-z",
    reference="Traag, Waltman & van Eck 2019; directed: Leicht & Newman 2008",
    needs=WHOLE,
    unit="−0.5 to 1; 0 = no modules; number",
    meaning="how much more the connections stay within modules than degrees alone would make them",
    error=f"{JACKKNIFE}; of the number of modules, the spread between runs",
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Compute the modularities; sparse random circuits have modularity too."""
    if circuit.m == 0:
        nothing = dict.fromkeys(("undirected", "directed", "modules"), NAN)
        return Estimate(without_error(nothing, "there is no connection"))
    runs = _runs(circuit, seed, RUNS)
    quality, labels = max(runs, key=lambda run: run[0])

    def values(part: Circuit) -> Mapping[str, float]:
        if part is circuit:
            return _modularities(circuit, quality, labels)
        if part.m == 0:
            return {}
        return _modularities(part, *max(_runs(part, seed, FEWER_RUNS), key=lambda run: run[0]))

    spread = float(np.std([_number(found) for _, found in runs], ddof=1))
    why = "" if spread else "the same in every run"
    modules = Part("modules", float(_number(labels)), spread or NAN, why)
    return Estimate((*jackknife(circuit, values, seed), modules))


def modules(circuit: Circuit, seed: int = 0) -> npt.NDArray[np.int64]:
    """Return the module of every neuron, shape (n,): the best of the runs from `seed` on."""
    return max(_runs(circuit, seed, RUNS), key=lambda run: run[0])[1]


def _number(labels: npt.NDArray[np.int64]) -> int:
    """Count the modules of more than one neuron: one without connections is no module."""
    return int((np.bincount(labels) > 1).sum())


def _modularities(
    circuit: Circuit, quality: float, labels: npt.NDArray[np.int64]
) -> Mapping[str, float]:
    return {"undirected": quality, "directed": directed_modularity(circuit, labels)}


def directed_modularity(circuit: Circuit, labels: npt.NDArray[np.int64]) -> float:
    """Modularity of given modules with the directions of connections (Leicht & Newman 2008).

    Parameters
    ----------
    circuit : Circuit
        With at least one connection.
    labels : int64, shape (n,)
        Module of every neuron, from 0.

    References
    ----------
    DOI 10.1103/PhysRevLett.100.118703
    """
    inside = (labels[circuit.sources()] == labels[circuit.indices]).mean()
    out, into = (
        np.bincount(labels[ends], minlength=int(labels.max()) + 1) / circuit.m
        for ends in (circuit.sources(), circuit.indices)
    )
    return float(inside - out @ into)


def _runs(circuit: Circuit, seed: int, number: int) -> list[tuple[float, npt.NDArray[np.int64]]]:
    """Quality and modules of every run."""
    from graspologic_native import leiden_csr
    from scipy.sparse import csr_array

    n = circuit.n
    linked = csr_array((np.ones(circuit.m), circuit.indices.copy(), circuit.indptr.copy()), (n, n))
    both = (linked + linked.T).tocsr()
    both.sort_indices()
    rows = both.indptr.astype(np.int64), both.indices.astype(np.int32), both.data
    seeds = np.random.SeedSequence([seed, 11]).generate_state(number, np.uint32)
    found = []
    for one in seeds.tolist():
        quality, communities = leiden_csr(*rows, n, iterations=ITERATIONS, seed=int(one))
        labels = np.array([communities[node] for node in range(n)], np.int64)
        found.append((float(quality), labels))
    return found
