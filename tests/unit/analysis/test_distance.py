"""Distance bins, what they refuse, and the frame they stay in."""

import numpy as np
import pandas as pd
import pytest

from analysis.circuit import Circuit
from analysis.effects import effect_table
from analysis.frame import Frame, FrameError
from analysis.nulls import degree as degree_null
from analysis.nulls import distance, get_null, unavailable
from analysis.nulls.distance import BINS, FEWEST, bin_edges, pair_bins
from analysis.nulls.dyads import NullUnavailable
from tests.contract.analysis.test_nulls import LADDER, labelled
from tests.unit.analysis.graphs import heavy, spatial

DISTANCES = ("distance", "block_distance")
NO_PLACES = Circuit.from_edges("made/one", 4, [0, 1], [1, 2])


def placed(n, seed, chance):
    """Independent connections whose probability is a function of distance."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.random((n, 3)) * 300, columns=["soma_x", "soma_y", "soma_z"])
    places = table.to_numpy()
    apart = np.sqrt(((places[:, None] - places[None]) ** 2).sum(-1))
    linked = rng.random((n, n)) < chance(apart)
    np.fill_diagonal(linked, False)
    table.insert(0, "neuron_id", np.arange(n))
    return Circuit.from_edges("placed", n, *np.nonzero(linked), neurons=table), apart


def test_bins_hold_equally_many_pairs_and_follow_distance():
    circuit, apart = placed(80, 1, lambda d: np.exp(-d / 60))
    bins = pair_bins(circuit)
    off = ~np.eye(80, dtype=bool)
    counts = np.bincount(bins[off])
    assert len(counts) == BINS
    assert counts.min() >= 80 * 79 // BINS - 2
    assert counts.max() <= 80 * 79 // BINS + 2
    assert np.array_equal(bins, bins.T)
    order = np.argsort(apart[off])
    assert (np.diff(bins[off][order]) >= 0).all()


def test_few_pairs_make_few_bins_and_ties_share_one():
    few = labelled(heavy(10, 1))
    assert pair_bins(few).max() + 1 == 90 // FEWEST
    assert bin_edges(np.zeros(0)).size == 0
    line = np.repeat([10.0, 20.0, 30.0], 1_000)
    edges = bin_edges(line)
    assert edges.tolist() == [10.0, 20.0, 30.0]
    assert np.searchsorted(edges, [10.0, 20.0, 30.0]).tolist() == [0, 1, 2]


def test_law_of_distance_is_explained():
    """A circuit made by distance alone stands out against er, and not against distance."""
    circuit, _ = placed(150, 3, lambda d: 0.9 * np.exp(-d / 70))
    table = effect_table(circuit, nulls=["er", *DISTANCES], hard_samples=100)
    shown = table.set_index(["null", "ensemble", "motif"])
    for motif in ("120D", "120U", "210", "300"):
        assert shown.loc[("er", "canonical", motif), "z"] > 4, motif
        for ensemble in ("canonical", "hard"):
            assert abs(shown.loc[("distance", ensemble, motif), "z"]) < 4, motif


def test_planted_reciprocity_is_left_to_block_reciprocal():
    circuit = labelled(spatial(120, 5, 0.1, reciprocity=0.6))
    table = effect_table(circuit, nulls=["block", "block_reciprocal"], hard_samples=60)
    shown = table.set_index(["null", "ensemble", "motif"])
    assert shown.loc[("block", "canonical", "102"), "z"] > 4
    model = get_null("block_reciprocal").fit(circuit)
    mutual = (model.mutual * (np.outer(model.sizes, model.sizes) - np.diag(model.sizes))).sum()
    linked = circuit.dense()
    assert mutual == pytest.approx((linked * linked.T).sum())


@pytest.mark.parametrize("null", DISTANCES)
def test_circuits_without_positions_are_refused(null):
    with pytest.raises(NullUnavailable, match="4 of 4 neurons of made/one have no soma") as refused:
        get_null(null).fit(NO_PLACES)
    assert "soma_x" in refused.value.remedy
    with pytest.raises(NullUnavailable, match="no soma position"):
        effect_table(NO_PLACES, nulls=[null])


def test_one_neuron_without_a_position_is_refused():
    circuit = labelled(heavy(12, 1))
    table = circuit.neurons.astype({"soma_y": "Float64"})
    table.loc[3, "soma_y"] = pd.NA
    with pytest.raises(NullUnavailable, match="1 of 12"):
        pair_bins(Circuit("c", table, circuit.indptr, circuit.indices, circuit.weights))


def test_unavailable_rungs_are_named_with_the_reason(monkeypatch):
    assert unavailable(labelled(heavy(20, 1)), LADDER) == {}
    assert list(unavailable(NO_PLACES, LADDER)) == list(DISTANCES)
    monkeypatch.setattr("analysis.nulls.dyads.LARGEST", 2)
    many = unavailable(heavy(30, 1), ("er", "degree", "reciprocal"))
    assert list(many) == ["degree", "reciprocal"]
    assert "matrices of" in many["degree"].message
    degree_null.check(NO_PLACES.subset(np.array([True, False, False, False])))
    bipartite = Frame(np.array([1, 1, 0, 0], bool), np.array([0, 0, 1, 1], bool))
    with pytest.raises(FrameError, match="bipartite"):
        unavailable(Circuit.from_edges("b", 4, [0], [2], frame=bipartite), LADDER)


def test_nulls_are_fitted_to_the_neurons_with_both_sides():
    """Pairs that were not observable, and neurons among them without a position, do not count."""
    n = 60
    both = np.arange(n) < 40
    frame = Frame(both, np.ones(n, bool))
    circuit, _ = placed(n, 4, lambda d: np.exp(-d / 80))
    kept = both[circuit.sources()]
    table = circuit.neurons.copy()
    table.loc[50:, "soma_x"] = np.nan
    framed = Circuit.from_edges(
        "f", n, circuit.sources()[kept], circuit.indices[kept], neurons=table, frame=frame
    )
    assert unavailable(framed, LADDER) == {}
    core = framed.subset(both)
    for null in ("distance", "block_reciprocal"):
        rows = effect_table(framed, nulls=[null], hard_samples=5)
        assert rows.equals(effect_table(core, nulls=[null], hard_samples=5))
        assert rows["expected"][:16].sum() == pytest.approx(40 * 39 * 38 / 6)


@pytest.mark.parametrize("null", DISTANCES)
def test_density_of_a_bin_is_over_observable_pairs(null):
    """`fit` itself on a frame with sources: the model expects what was seen in what could be."""
    n = 60
    frame = Frame(np.arange(n) < 20, np.ones(n, bool))
    circuit, _ = placed(n, 4, lambda d: np.exp(-d / 80))
    kept = circuit.sources() < 20
    framed = Circuit.from_edges(
        "f", n, circuit.sources()[kept], circuit.indices[kept], neurons=circuit.neurons, frame=frame
    )
    model = get_null(null).fit(framed)
    p = model.one_way + model.mutual
    assert p[frame.matrix()].sum() == pytest.approx(framed.m)


def test_tested_pairs_by_distance():
    rng = np.random.default_rng(2)
    circuit, apart = placed(30, 2, lambda d: np.where(d < 150, 0.6, 0.1))
    seen = rng.random((30, 30)) < 0.9
    np.fill_diagonal(seen, False)
    frame = Frame.of_pairs(30, *np.nonzero(seen))
    kept = frame.observes(circuit.sources(), circuit.indices)
    tested = Circuit.from_edges(
        "t",
        30,
        circuit.sources()[kept],
        circuit.indices[kept],
        neurons=circuit.neurons,
        frame=frame,
    )
    assert list(unavailable(tested, LADDER)) == ["degree", "reciprocal"]
    bins = distance.tested_bins(tested)
    order = np.argsort(apart[tuple(frame.tested.T)], kind="stable")
    assert (np.diff(bins[order]) >= 0).all()
    table = effect_table(tested, nulls=LADDER)
    assert [n for n in LADDER if n not in {"degree", "reciprocal"}] == list(table["null"].unique())
    for _, rows in table.groupby("null"):
        assert rows["expected"].sum() == pytest.approx(frame.triples)
    loops = table[table["motif"] == "300"].set_index("null")["z"]
    assert abs(loops["distance"]) < abs(loops["er"])
    nowhere = Circuit.from_edges("n", 30, [], [], frame=frame)
    assert list(unavailable(nowhere, LADDER))[:2] == list(DISTANCES)
