"""Directed simplices against enumeration, and what is done where there are too many."""

import math
from itertools import permutations

import numpy as np
import pytest

from analysis.motifs import triad_census
from analysis.statistics import get_statistic, simplices
from analysis.statistics.simplices import directed_simplices, forecast
from schemas.errors import UsageError
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy, spatial, uniform


def enumerated(circuit):
    """Count sequences by growing each by every neuron that all of it connects to."""
    linked = circuit.dense(np.bool_)
    grown, counts = [(i,) for i in range(circuit.n)], []
    while grown:
        counts.append(len(grown))
        grown = [
            (*one, j) for one in grown for j in range(circuit.n) if all(linked[i, j] for i in one)
        ]
    return counts or [0]


def broadcast(n):
    """Two neurons that connect to all others, which are connected sparsely."""
    inner = uniform(n, 5, 0.04)
    edges = list(zip(inner.sources().tolist(), inner.indices.tolist(), strict=True))
    hubs = [(hub, other) for hub in (3, 77) for other in range(n) if other != hub]
    return circuit_of(n, sorted({*edges, *hubs}))


GRAPHS = {
    "dense": uniform(9, 1, 0.7),
    "uniform": uniform(30, 2, 0.4),
    "heavy": heavy(70, 3),
    "spatial": spatial(50, 4, 0.2),
    "more targets than a word has bits": broadcast(130),
} | degenerate()


@pytest.mark.parametrize("name", GRAPHS)
def test_counts_are_those_of_enumeration(name):
    assert directed_simplices(GRAPHS[name]) == enumerated(GRAPHS[name])


def test_all_connected_have_all_sequences():
    everyone = circuit_of(7, list(permutations(range(7), 2)))
    assert directed_simplices(everyone) == [math.perm(7, d + 1) for d in range(7)]


def test_triangles_are_those_of_the_census():
    census = triad_census(heavy(200, 7))
    transitive = {"030T": 1, "120D": 2, "120U": 2, "120C": 1, "210": 3, "300": 6}
    assert directed_simplices(heavy(200, 7), 2)[2] == sum(
        times * census[code] for code, times in transitive.items()
    )


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
def test_a_cap_cuts_and_changes_nothing_below(dimension):
    circuit = uniform(30, 2, 0.4)
    assert directed_simplices(circuit, dimension) == directed_simplices(circuit)[: dimension + 1]


@pytest.mark.parametrize("dimension", [0, 21])
def test_dimensions_that_there_are_not(dimension):
    with pytest.raises(UsageError, match="dimension"):
        directed_simplices(uniform(5, 1, 0.5), dimension)


@pytest.mark.parametrize(
    "circuit", [uniform(200, 1, 0.25), heavy(400, 2, 20)], ids=["even", "hubs"]
)
def test_the_forecast_is_right_where_it_matters(circuit):
    counts = np.array(directed_simplices(circuit), float)
    seen = counts > 5_000
    assert forecast(circuit).counts[: counts.size][seen] == pytest.approx(counts[seen], rel=0.25)


def test_dimensions_that_would_take_long_are_not_begun(monkeypatch):
    circuit = uniform(200, 1, 0.25)
    known = forecast(circuit)
    monkeypatch.setattr(simplices, "COUNT_SECONDS", float(known.seconds[4]) * 1.0001)
    monkeypatch.setattr(simplices, "ERROR_SECONDS", 1e-9)
    found = get_statistic("directed_simplices").compute(circuit)
    assert [part.of for part in found.parts] == [f"dimension {d}" for d in range(5)]
    assert found.note.startswith("dimensions above 4 are not counted: 5 would take about")
    assert found["dimension 3"].why == "its error would take too long"
    assert math.isfinite(found["dimension 1"].standard_error)
