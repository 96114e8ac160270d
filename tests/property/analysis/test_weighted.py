"""Intensity and coherence against every triple, and the null against its exact expectation."""

from itertools import combinations
from math import comb

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.circuit import Circuit
from analysis.frame import Frame
from analysis.motifs import triad_census
from analysis.motifs import weighted as module
from analysis.motifs.roles import CONNECTED
from analysis.motifs.weighted import weighted_census
from schemas.errors import UsageError
from tests.unit.analysis.graphs import heavy, spatial


def by_looking(circuit, weights, inside=None):
    """Count, intensities and coherences of every triad, one triple after the other."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(circuit.n))
    ends = zip(circuit.sources().tolist(), circuit.indices.tolist(), strict=True)
    for (a, b), weight in zip(ends, weights, strict=True):
        graph.add_edge(a, b, weight=float(weight))
    found = {motif: [] for motif in CONNECTED}
    for triple in combinations(range(circuit.n) if inside is None else inside, 3):
        part = graph.subgraph(triple)
        motif = nx.triad_type(part)
        if motif in found:
            values = np.array([w for _, _, w in part.edges.data("weight")])
            intensity = values.prod() ** (1 / values.size)
            found[motif].append((intensity, intensity / values.mean()))
    return {motif: np.array(rows).reshape(-1, 2) for motif, rows in found.items()}


@st.composite
def weighted(draw):
    n = draw(st.integers(4, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    linked = rng.random((n, n)) < draw(st.sampled_from([0.2, 0.5, 0.9]))
    linked |= linked.T & (rng.random((n, n)) < draw(st.sampled_from([0, 0.6])))
    np.fill_diagonal(linked, False)
    linked[0, 1] = linked[1, 2] = True
    pre, post = np.nonzero(linked)
    weights = rng.integers(1, 50, pre.size)
    weights[:2] = 3, 4  # not all alike
    return Circuit.from_edges("x", n, pre, post, weights)


@settings(deadline=None, max_examples=60)
@given(weighted())
def test_equals_looking_at_every_triple(circuit):
    table = weighted_census(circuit, samples=0).set_index("motif")
    census = triad_census(circuit)
    for motif, rows in by_looking(circuit, circuit.weights).items():
        told = table.loc[motif]
        assert told["count"] == len(rows) == census[motif]
        assert told["intensity"] == pytest.approx(rows[:, 0].sum(), rel=1e-12)
        if len(rows):
            assert told["mean_intensity"] == pytest.approx(rows[:, 0].mean(), rel=1e-12)
            assert told["coherence"] == pytest.approx(rows[:, 1].mean(), rel=1e-12)
        else:
            assert np.isnan([told["mean_intensity"], told["coherence"]]).all()
        assert np.isnan([told[name] for name in ("expected", "sd", "z", "p")]).all()


@pytest.mark.parametrize("circuit", [spatial(60, 3, 0.3), heavy(300, 4, 20)])
def test_two_ways_to_the_same_intensities(circuit):
    rng = np.random.default_rng(1)
    weights = rng.lognormal(0, 1, circuit.m)
    table = weighted_census(circuit, weights, samples=0)
    inside = module.dyads_of(circuit)
    found = module._Weighted(inside, *module._connections(inside, circuit))
    assert module.intensities(found, weights) == pytest.approx(
        table["intensity"].to_numpy(), rel=1e-9
    )


def test_null_keeps_wiring_and_has_the_expectation_of_shuffled_weights():
    """Any k connections have the weights of any k: a mean over all choices of k weights."""
    circuit = spatial(40, 3, 0.3)
    weights = np.random.default_rng(2).lognormal(0, 1, circuit.m)
    table = weighted_census(circuit, weights, samples=400).set_index("motif")
    for motif, row in table.iterrows():
        size = int(motif[0]) * 2 + int(motif[1])
        sums = np.zeros(size + 1)  # of products of k of the roots
        sums[0] = 1
        for root in weights ** (1 / size):
            sums[1:] += root * sums[:-1]
        expected = row["count"] * sums[size] / comb(circuit.m, size)
        assert abs(row["expected"] - expected) < 4.5 * row["sd"] / 20, motif


def test_random_weights_stand_out_as_often_as_chance_has_it():
    circuit = spatial(30, 3, 0.3)
    rng = np.random.default_rng(3)
    p = np.array(
        [
            weighted_census(circuit, rng.lognormal(0, 1, circuit.m), samples=39, seed=seed)["p"]
            for seed in range(150)
        ]
    )
    assert abs((p <= 0.05).mean() - 0.05) < 0.03
    assert abs((p <= 0.5).mean() - 0.5) < 0.1
    assert p.min() == pytest.approx(1 / 40)


def test_placed_weights_stand_out():
    circuit = spatial(60, 3, 0.2)
    linked = circuit.dense(np.int64)
    mutual = linked[circuit.indices, circuit.sources()] == 1
    strong = weighted_census(circuit, np.where(mutual, 10.0, 1.0), samples=99).set_index("motif")
    assert strong.loc["300", "z"] > 10
    assert strong.loc["300", "p"] == pytest.approx(0.01)
    assert strong.loc["030T", "z"] < -10
    assert strong.loc["030T", "p"] == 1
    assert strong.loc["300", "coherence"] == pytest.approx(1)


def test_weights_are_dealt_within_pairs_of_classes():
    """Where the classes tell the weights, dealing within them changes nothing."""
    circuit = spatial(50, 3, 0.3)
    classes = np.arange(50) % 3
    told = 1.0 + 3 * classes[circuit.sources()] + classes[circuit.indices]
    table = weighted_census(circuit, told, samples=20, groups=classes)
    assert table["expected"].to_numpy() == pytest.approx(table["intensity"].to_numpy())
    assert (table["sd"] == 0).all()
    assert (table["p"] == 1).all()
    assert table["z"].isna().all()
    free = weighted_census(circuit, told, samples=20)
    assert (free["sd"] > 0).all()
    rng = np.random.default_rng(0)
    for deal in (module._dealer(circuit, classes), module._dealer(circuit, None)):
        assert sorted(deal(rng)) == list(range(circuit.m))


def test_same_seed_same_numbers():
    circuit = spatial(30, 3, 0.3)
    weights = np.random.default_rng(2).lognormal(0, 1, circuit.m)
    steps = []
    first, again, other = (
        weighted_census(
            circuit, weights, samples=10, seed=seed, progress=lambda *told: steps.append(told)
        )
        for seed in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first.equals(other)
    assert steps[:10] == [(k, 10) for k in range(1, 11)]


def test_frame_is_respected():
    frame = Frame(np.arange(14) < 11, np.arange(14) >= 2)
    whole = spatial(14, 3, 0.5)
    seen = frame.observes(whole.sources(), whole.indices)
    weights = np.arange(1, seen.sum() + 1)
    circuit = Circuit.from_edges(
        "x", 14, whole.sources()[seen], whole.indices[seen], weights, frame=frame
    )
    table = weighted_census(circuit, samples=5, groups=np.arange(14) % 2).set_index("motif")
    for motif, rows in by_looking(circuit, weights, range(2, 11)).items():
        assert table.loc[motif, "count"] == len(rows)
        assert table.loc[motif, "intensity"] == pytest.approx(rows[:, 0].sum())


def test_refusals(monkeypatch):
    circuit = spatial(20, 3, 0.3)
    with pytest.raises(UsageError, match="all connections of spatial have the same weight"):
        weighted_census(circuit)
    weights = np.arange(circuit.m)
    with pytest.raises(UsageError, match="not above 0"):
        weighted_census(circuit, weights)
    with pytest.raises(UsageError, match="not above 0"):
        weighted_census(circuit, np.where(weights == 4, np.nan, weights + 1.0))
    with pytest.raises(ValueError, match="need as many weights"):
        weighted_census(circuit, [1, 2])
    monkeypatch.setattr(module, "LONGEST", 1e-9)
    with pytest.raises(UsageError, match="samples of weights_shuffled would take"):
        weighted_census(circuit, weights + 1)
    assert len(weighted_census(circuit, weights + 1, samples=0)) == 13
    monkeypatch.setattr(module, "ONE_BY_ONE", 10)
    with pytest.raises(UsageError, match="weighed one by one"):
        weighted_census(circuit, weights + 1, samples=0)
