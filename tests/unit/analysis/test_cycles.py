"""Cycles and closed walks against enumeration by networkx and against powers of whole numbers."""

from collections import Counter

import networkx as nx
import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.statistics import TooCostly, get_statistic, walks
from analysis.statistics.closed_walks import relative_fives
from analysis.statistics.cycles import possible, simple_cycles
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy, spatial, uniform

GRAPHS = {
    "dense": uniform(9, 1, 0.6),
    "uniform": uniform(14, 2, 0.25),
    "heavy": heavy(24, 3, 4),
    "spatial": spatial(18, 4, 0.2),
    "one way": uniform(16, 5, 0.12),
} | degenerate()


def found_by_networkx(circuit):
    lengths = Counter(map(len, nx.simple_cycles(circuit.to_networkx(), length_bound=6)))
    return {k: lengths[k] for k in (2, 3, 4, 5, 6)}


@pytest.fixture(params=["dense", "sparse"])
def path(request, monkeypatch):
    """Both ways to the same sums."""
    other = "_sparse_seconds" if request.param == "dense" else "_dense_seconds"
    monkeypatch.setattr(walks, other, lambda _: float("inf"))


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("name", GRAPHS)
def test_cycles_are_those_that_networkx_enumerates(name):
    assert simple_cycles(GRAPHS[name]) == found_by_networkx(GRAPHS[name])


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("n", [7, 40])
def test_all_connected_have_all_cycles(n):
    linked = np.argwhere(~np.eye(n, dtype=bool))
    found = simple_cycles(circuit_of(n, linked.tolist()))
    assert found == {k: round(possible(k, n)) for k in found}


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("circuit", [heavy(90, 1), uniform(130, 2, 0.4)], ids=["heavy", "dense"])
def test_sums_of_walks_are_powers(circuit):
    """Python's own whole numbers, which have no largest."""
    matrix = circuit.dense(np.int64).astype(object)
    powers = [matrix]
    for _ in range(5):
        powers.append(powers[-1] @ matrix)
    traces = [int(np.trace(power)) for power in powers]
    sums = walks.walk_sums(circuit)
    assert (sums.three, sums.four, sums.five, sums.six) == tuple(traces[2:])
    assert walks.closed_fives(circuit) == traces[4]
    two, three = powers[1], powers[2]
    mutual = matrix * matrix.T
    m = np.diagonal(two)
    assert sums.round == int((m * np.diagonal(powers[3])).sum())
    assert sums.long_chords == int((mutual * three.T).sum())
    assert sums.joined == int((mutual * np.outer(m, m)).sum())
    assert sums.fans == int((matrix * two.T**2).sum())


def test_sums_beyond_64_bits_are_exact():
    high = np.full(5, 2**62, np.int64)
    assert walks._exact_sum(high) == 5 * 2**62


def test_relative_closed_walks_of_large_random_circuits_are_one():
    """Of n neurons they are fewer by 10 / n, since n⁵ walks are expected and no place is twice."""
    ratios = [relative_fives(uniform(500, seed, 0.2)) for seed in range(4)]
    assert np.mean(ratios) == pytest.approx(1 - 10 / 500, abs=0.02)


def test_excitatory_neurons_are_looked_at_apart():
    circuit = heavy(60, 2)
    kinds = np.where(np.arange(60) < 45, "excitatory", "inhibitory")
    labelled = Circuit(
        "x",
        circuit.neurons.assign(polarity=kinds),
        circuit.indptr,
        circuit.indices,
        circuit.weights,
    )
    found = get_statistic("closed_walks").compute(labelled)
    alone = circuit.subset(kinds == "excitatory")
    assert found["excitatory"].value == pytest.approx(relative_fives(alone))
    assert found["all neurons"].value == pytest.approx(relative_fives(circuit))
    assert [part.of for part in get_statistic("closed_walks").compute(circuit).parts] == [
        "all neurons"
    ]


def test_a_circuit_that_memory_does_not_hold_is_refused():
    n = 60_000
    rng = np.random.default_rng(1)
    pre = np.concatenate([np.zeros(n - 1, np.int64), np.arange(1, n)])
    post = np.concatenate([np.arange(1, n), np.zeros(n - 1, np.int64)])
    extra = rng.integers(1, n, (2, 400_000))
    circuit = Circuit.from_edges("large", n, np.r_[pre, extra[0]], np.r_[post, extra[1]])
    with pytest.raises(TooCostly, match="would not fit memory"):
        get_statistic("simple_cycles").compute(circuit)
