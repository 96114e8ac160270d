"""Shuffled pairs keep every cell exactly, are uniform, and carry no bias."""

from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from analysis.circuit import Circuit
from analysis.frame import Frame
from analysis.motifs import MAN, triad_census
from analysis.nulls import cells as pairs_in_cells
from analysis.nulls import distance, get_null, nulls
from analysis.nulls.block import block_labels
from analysis.nulls.cells import Cells
from analysis.nulls.distance import pair_bins
from analysis.nulls.dyads import NullUnavailable
from analysis.nulls.hard import sample_censuses, sample_graphs
from tests.contract.analysis.test_nulls import (
    dyads_between,
    labelled,
    per_cell,
    with_neurons,
)
from tests.property.analysis.test_census import graphs
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy

SHUFFLED = [name for name, null in nulls().items() if null.exact is not None]


def rng(seed=0):
    return np.random.default_rng(seed)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(graphs(), st.integers(1, 3), st.booleans(), st.integers(0, 2**32 - 1))
def test_connections_of_every_cell_are_kept(graph, number, framed, seed):
    n, pre, post = graph
    source = rng(seed)
    cells = source.integers(0, number, (n, n)).astype(np.int32)
    frame = Frame(source.random(n) < 0.7, source.random(n) < 0.8) if framed else Frame.whole(n)
    seen = frame.observes(pre, post)
    circuit = Circuit.from_edges("x", n, np.array(pre)[seen], np.array(post)[seen], frame=frame)
    wanted = per_cell(cells, circuit.dense())
    for sample in Cells.of_connections(circuit, cells).samples(3, source):
        _is_a_graph(sample)  # of observable pairs, or `Circuit` would refuse it
        assert np.array_equal(per_cell(cells, sample.dense()), wanted)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(graphs(), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_dyads_of_every_two_classes_are_kept(graph, number, seed):
    n, pre, post = graph
    circuit = Circuit.from_edges("x", n, pre, post)
    classes = rng(seed).integers(0, number, n)
    wanted = dyads_between(circuit.dense(), classes)
    for sample in Cells.of_dyads(circuit, classes).samples(3, rng(seed)):
        _is_a_graph(sample)
        assert np.array_equal(dyads_between(sample.dense(), classes), wanted)


def _is_a_graph(circuit):
    source, target = circuit.sources().astype(np.int64), circuit.indices.astype(np.int64)
    assert (source != target).all()
    assert (np.diff(source * circuit.n + target) > 0).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(3, 70), st.integers(0, 2**32 - 1))
def test_rungs_are_nested(n, seed):
    """`block_distance` keeps what `block` and `distance` keep, `block_reciprocal` what `block`."""
    circuit = labelled(circuit_of(n, _random_edges(n, rng(seed))), seed)
    labels, bins = block_labels(circuit), pair_bins(circuit)
    kinds = labels[:, None] * 50 + labels[None, :]
    for null, kept in (
        ("distance", [bins]),
        ("block_distance", [bins, kinds]),
        ("block_reciprocal", [kinds]),
    ):
        (sample,) = sample_graphs(circuit, null, 1, rng(seed))
        model = get_null(null).fit(circuit)
        p = (model.one_way + model.mutual)[np.ix_(model.classes, model.classes)]
        for cells in kept:
            wanted = per_cell(cells, circuit.dense())
            assert np.array_equal(per_cell(cells, sample.dense()), wanted)
            assert per_cell(cells, p) == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def _random_edges(n, source):
    linked = source.random((n, n)) < source.choice([0.05, 0.3, 0.8])
    return list(zip(*np.nonzero(linked & ~np.eye(n, dtype=bool)), strict=True))


@pytest.mark.parametrize("null", SHUFFLED)
@pytest.mark.parametrize("name", degenerate())
def test_degenerate_circuits_are_shuffled(name, null):
    circuit = labelled(degenerate()[name])
    counts = sample_censuses(circuit, null, 4, rng())
    assert counts.shape == (4, len(MAN))
    if name in {"empty", "complete"}:
        assert (counts == list(triad_census(circuit).values())).all()


@pytest.mark.parametrize("null", SHUFFLED)
def test_same_seed_same_samples(null):
    circuit = labelled(heavy(60, 1))
    first, second, third = (sample_censuses(circuit, null, 5, rng(s)) for s in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, third)


def test_deals_are_uniform_over_all_graphs_with_the_same_dyads():
    """χ² over every graph of four neurons in two classes, found by trying all 4⁶."""
    classes = np.array([0, 0, 0, 1])
    circuit = circuit_of(4, [(0, 1), (1, 2), (2, 1), (3, 0), (1, 3), (3, 1)])
    wanted = dyads_between(circuit.dense(), classes)
    everything = set()
    for states in product(range(4), repeat=6):
        made = np.zeros((4, 4))
        for (a, b), state in zip(combinations(range(4), 2), states, strict=True):
            made[a, b], made[b, a] = state & 1, state >> 1
        if np.array_equal(dyads_between(made, classes), wanted):
            everything.add(made.tobytes())
    assert len(everything) == 3 * 2 * 2 * 6  # mutual, one-way, its direction, and towards the other
    _assert_uniform(Cells.of_dyads(circuit, classes), everything)


def test_deals_are_uniform_over_all_graphs_with_the_same_connections():
    cells = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 0]], np.int32)
    circuit = circuit_of(4, [(0, 1), (2, 0), (0, 3), (3, 1)])
    off = np.flatnonzero(~np.eye(4, dtype=bool).ravel())
    everything = set()
    for chosen in combinations(off, 4):
        made = np.zeros(16)
        made[list(chosen)] = 1
        made = made.reshape(4, 4)
        if np.array_equal(per_cell(cells, made), per_cell(cells, circuit.dense())):
            everything.add(made.tobytes())
    assert len(everything) == 3 * 36  # 2 of 3 pairs, and 2 of 9
    _assert_uniform(Cells.of_connections(circuit, cells), everything)


def _assert_uniform(cells, everything):
    draws = 150 * len(everything)
    seen = Counter(graph.dense().tobytes() for graph in cells.samples(draws, rng(11)))
    assert set(seen) <= everything
    expected = draws / len(everything)
    statistic = sum((seen[graph] - expected) ** 2 / expected for graph in everything)
    assert chi2.sf(statistic, len(everything) - 1) > 1e-4


DRAWS, SAMPLES = 160, 40


@pytest.mark.parametrize("null", SHUFFLED)
def test_own_null_shows_no_hard_effect(null):
    """On draws from a null itself there is no effect to find."""
    circuit = labelled(heavy(100, 21, mean_degree=18, spread=0.6, mutual=0.25))
    model = get_null(null).fit(circuit)
    source = rng(8)
    counts, sampled = np.empty((2, DRAWS, len(MAN)))
    for draw in range(DRAWS):
        graph = with_neurons(model.sample(source), circuit.neurons)
        counts[draw] = list(triad_census(graph).values())
        sampled[draw] = sample_censuses(graph, null, SAMPLES, source).mean(0)
    usual = np.array(list(model.expected.values())) >= 20
    assert usual.sum() >= 10
    effects = np.log(counts[:, usual] / sampled[:, usual]).mean(0)
    # The logarithm of a count bends down its mean by half its squared relative spread.
    effects += (counts[:, usual].var(0) / counts[:, usual].mean(0) ** 2) / 2
    assert np.abs(effects).max() <= 0.03, dict(zip(np.array(MAN)[usual], effects, strict=True))


@pytest.mark.parametrize("null", SHUFFLED)
def test_hard_and_canonical_means_agree_where_counts_are_many(null):
    """A few shares estimated from thousands of pairs: the two expectations are nearly one."""
    circuit = labelled(heavy(250, 3, mean_degree=30))
    model = get_null(null).fit(circuit)
    drawn = sample_censuses(circuit, null, 200, rng(4))
    for code, column in zip(MAN, drawn.T, strict=True):
        if model.expected[code] > 300:
            assert column.mean() == pytest.approx(model.expected[code], rel=0.05), code


def test_too_many_pairs_are_refused(monkeypatch):
    monkeypatch.setattr(pairs_in_cells, "LARGEST_SHUFFLED", 20)
    circuit = labelled(heavy(21, 1))
    for null in SHUFFLED:
        with pytest.raises(NullUnavailable, match="shuffled up to 20 neurons, not 21") as refused:
            next(sample_graphs(circuit, null, 1, rng()))
        assert refused.value.remedy
    monkeypatch.setattr(distance, "LARGEST", 20)
    with pytest.raises(NullUnavailable, match="up to 20 neurons, not 21"):
        get_null("distance").fit(circuit)
