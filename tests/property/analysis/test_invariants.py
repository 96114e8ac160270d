"""What nulls keep, on random graphs, whatever was observable, and at the extremes.

Hard samples keep it exactly; expectations of the canonical form equal it to 1e−6.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.circuit import Circuit
from analysis.frame import Frame
from analysis.nulls import get_null, nulls
from analysis.nulls.block import block_labels
from analysis.nulls.distance import pair_bins
from analysis.nulls.dyads import NullUnavailable, dyad_counts
from analysis.nulls.hard import HARD, hard_names, sample_graphs
from tests.contract.analysis.test_nulls import dyads_between, labelled, per_cell
from tests.property.analysis.test_census import graphs
from tests.unit.analysis.graphs import circuit_of, degenerate

FRAMES = ("whole", "sides", "bipartite", "tested")


def frame_of(kind, n, rng):
    if kind == "whole":
        return Frame.whole(n)
    if kind == "tested":
        seen = rng.random((n, n)) < 0.7
        np.fill_diagonal(seen, False)
        return Frame.of_pairs(n, *np.nonzero(seen))
    out = rng.random(n) < 0.7
    return Frame(out, ~out if kind == "bipartite" else rng.random(n) < 0.8)


def kept(null, circuit, linked):
    """What a null keeps, as counts of the 0/1 matrix `linked`."""
    labels = block_labels(circuit)
    if null == "distance":
        return per_cell(pair_bins(circuit), linked)
    if null == "block_distance":
        kinds = labels[:, None] * 100 + labels[None, :]
        return per_cell(np.unique(kinds * 1_000 + pair_bins(circuit), return_inverse=True)[1]
                        .reshape(linked.shape), linked)  # fmt: skip
    if null == "degree":
        return np.concatenate([linked.sum(0), linked.sum(1)])
    if null == "reciprocal":
        both = linked * linked.T
        return np.concatenate([(linked - both).sum(0), (linked - both).sum(1), both.sum(0)])
    assert null == "block_reciprocal"
    seen = circuit.frame.matrix()
    inside = linked * (seen & seen.T)
    ends = np.eye(labels.max(initial=0) + 1)[labels]
    return np.concatenate(
        [dyads_between(inside, labels), (ends.T @ (linked - inside) @ ends).ravel()]
    )


@pytest.mark.parametrize("null", hard_names())
@settings(max_examples=300, deadline=None, derandomize=True)
@given(graphs(), st.sampled_from(FRAMES), st.integers(0, 2**32 - 1))
def test_hard_samples_keep_it_whatever_was_observable(null, graph, kind, seed):
    n, pre, post = graph
    rng = np.random.default_rng(seed)
    frame = frame_of(kind, n, rng)
    seen = frame.observes(pre, post)
    made = Circuit.from_edges("x", n, np.array(pre)[seen], np.array(post)[seen], frame=frame)
    circuit = labelled(made, seed % 1_000)
    if null in HARD and kind == "tested":
        with pytest.raises(NullUnavailable, match="single pairs were tested"):
            next(sample_graphs(circuit, null, 1, rng))
        return
    wanted = kept(null, circuit, circuit.dense(np.int64))
    for sample in sample_graphs(circuit, null, 2, rng):  # outside the frame they are refused
        assert sample.frame is circuit.frame or kind == "whole"
        assert sample.m == circuit.m
        assert not sample.dense().diagonal().any()
        assert np.array_equal(kept(null, circuit, sample.dense(np.int64)), wanted)


def extremes():
    """Circuits whose fit has solutions at infinity, or hardly any connections."""
    rng = np.random.default_rng(8)
    n = 60
    sparse = rng.random((n, n)) < 0.05
    np.fill_diagonal(sparse, False)
    hub = sparse.copy()
    hub[0], hub[:, 1] = True, True
    alone = sparse.copy()
    alone[:20], alone[:, :20] = False, False
    near = ~np.eye(n, dtype=bool)
    near[rng.integers(0, n, 12), rng.integers(0, n, 12)] = False
    nested = np.add.outer(np.arange(n), np.arange(n)) < n  # threshold graph: the only one
    made = {"hub": hub, "isolated": alone, "near-complete": near, "nested": nested}
    for linked in made.values():
        np.fill_diagonal(linked, False)
    pairs = rng.integers(0, 3_000, (2_000, 2))
    large = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).tolist()
    return {name: circuit_of(n, np.argwhere(linked).tolist()) for name, linked in made.items()} | {
        "very sparse": circuit_of(3_000, large),
        **degenerate(),
    }


EXTREMES = extremes()


@pytest.mark.parametrize("null", ["degree", "reciprocal"])
@pytest.mark.parametrize("name", EXTREMES)
def test_expectations_meet_the_circuit_at_the_extremes(name, null):
    circuit = EXTREMES[name]
    if (name, null) == ("nested", "reciprocal"):
        with pytest.raises(NullUnavailable, match="reciprocal null does not converge"):
            get_null(null).fit(circuit)
        return
    model = get_null(null).fit(circuit)
    counts = dyad_counts(circuit).astype(float)  # one-way out, one-way in, mutual
    one_way, mutual = model.one_way, model.mutual

    def sums(chance):
        whole = chance[model.classes]
        return whole @ model.sizes - whole[np.arange(circuit.n), model.classes]

    if circuit.n == 0:
        return
    if null == "degree":
        found = [sums(one_way + mutual), sums((one_way + mutual).T)]
        wanted = [counts[:, 0] + counts[:, 2], counts[:, 1] + counts[:, 2]]
    else:
        found, wanted = [sums(one_way), sums(one_way.T), sums(mutual)], list(counts.T)
    for seen, expected in zip(found, wanted, strict=True):
        assert np.abs(seen - expected).max() <= 1e-6 * max(1, expected.max())


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(2, 12), st.integers(0, 2**32 - 1))
def test_nested_and_nearly_nested_degrees_are_met(n, seed):
    """Every pair is certain, or only the few that were changed can differ between graphs."""
    rng = np.random.default_rng(seed)
    outward, inward = rng.integers(0, n, (2, n))
    linked = np.add.outer(outward, inward) < rng.integers(1, 2 * n)
    changed = rng.random((n, n)) < rng.choice([0, 0.03])
    linked ^= changed
    np.fill_diagonal(linked, False)
    model = get_null("degree").fit(circuit_of(n, np.argwhere(linked).tolist()))
    chance = (model.one_way + model.mutual)[np.ix_(model.classes, model.classes)]
    np.fill_diagonal(chance, 0)
    assert chance.sum(0) == pytest.approx(linked.sum(0), abs=1e-6 * n)
    assert chance.sum(1) == pytest.approx(linked.sum(1), abs=1e-6 * n)
    assert chance.min() >= 0
    assert chance.max() <= 1


@pytest.mark.parametrize("name", ["degree", "reciprocal"])
def test_degrees_of_tested_pairs_are_not_fitted(name):
    frame = Frame.of_pairs(4, [0, 1, 2], [1, 2, 3])
    circuit = Circuit.from_edges("tested", 4, [0], [1], frame=frame)
    with pytest.raises(NullUnavailable, match="single pairs were tested"):
        get_null(name).fit(circuit)
    assert set(hard_names()) < set(nulls())
