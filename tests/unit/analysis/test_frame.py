"""What a frame lets be counted, by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.circuit import Circuit
from analysis.effects import effect_table
from analysis.frame import Frame, FrameError, observable
from analysis.motifs import triad_census
from analysis.motifs.four import four_node_census
from analysis.motifs.typed import typed_census
from analysis.statistics import block_table, pair_statistics
from schemas.errors import InputError
from schemas.tables import Observed

BIPARTITE = Frame(np.array([1, 1, 0, 0, 0], bool), np.array([0, 0, 1, 1, 1], bool))
OUTPUTS = Frame(np.array([1, 1, 1, 0, 0], bool), np.ones(5, bool), None, True)


def test_whole_frame_changes_nothing():
    frame = Frame.whole(6)
    assert (frame.complete, frame.pairs, frame.mutual_pairs, frame.triples) == (True, 30, 15, 20)
    assert frame.words() == ""
    assert "lower bound" in Frame.whole(6, truncated=True).words()


def test_bipartite_frame():
    assert (BIPARTITE.pairs, BIPARTITE.mutual_pairs, BIPARTITE.triples) == (6, 0, 0)
    circuit = Circuit.from_edges("b", 5, [0, 0, 1], [2, 3, 4], frame=BIPARTITE)
    pairs = pair_statistics(circuit)
    assert pairs.density == 0.5
    assert np.isnan(pairs.reciprocity)
    assert (pairs.mutual, pairs.one_way, pairs.unconnected) == (0, 0, 0)
    assert (pairs.in_degree_cv, pairs.out_degree_cv) == (0.0, pytest.approx(1 / 3))
    for count in (triad_census, four_node_census, effect_table, observable):
        with pytest.raises(FrameError, match="bipartite"):
            count(circuit)
    with pytest.raises(FrameError, match="bipartite"):
        typed_census(circuit, list("aabbb"))


def test_outputs_of_some_neurons():
    assert (OUTPUTS.pairs, OUTPUTS.mutual_pairs, OUTPUTS.triples) == (12, 3, 1)
    circuit = Circuit.from_edges("o", 5, [0, 1, 0, 2], [1, 0, 4, 3], frame=OUTPUTS)
    pairs = pair_statistics(circuit)
    assert pairs.density == pytest.approx(4 / 12)
    assert (pairs.mutual, pairs.one_way, pairs.unconnected) == (1, 0, 2)
    assert pairs.reciprocity == 1.0  # 0 → 4 and 2 → 3 have no answer that could be seen
    assert pairs.reciprocity_over_er == pytest.approx(1 / (3 * (2 / 6) ** 2))
    assert triad_census(circuit)["102"] == 1
    assert sum(triad_census(circuit).values()) == 1
    assert typed_census(circuit, list("aabbb")).untyped()["102"] == 1
    assert "3 with both" in OUTPUTS.words()
    assert "lower bound" in OUTPUTS.words()
    core = observable(circuit)
    assert (core.n, core.m, core.frame.complete) == (3, 2, True)


def test_tested_pairs():
    pre, post = [0, 1, 1, 2, 0, 2, 3], [1, 0, 2, 1, 2, 0, 0]
    frame = Frame.of_pairs(4, pre, post)
    assert (frame.pairs, frame.mutual_pairs, frame.triples) == (7, 3, 1)
    assert frame.observes([3, 0], [0, 3]).tolist() == [True, False]
    circuit = Circuit.from_edges("t", 4, [0, 1, 3], [1, 2, 0], frame=frame)
    pairs = pair_statistics(circuit)
    assert pairs.density == pytest.approx(3 / 7)
    assert (pairs.mutual, pairs.one_way, pairs.unconnected) == (0, 2, 1)
    assert triad_census(circuit)["021C"] == 1
    assert sum(triad_census(circuit).values()) == 1
    with pytest.raises(FrameError, match="gaps"):
        four_node_census(circuit)
    alone = circuit.subset(np.array([True, True, True, False]))
    assert (alone.frame.pairs, alone.m) == (6, 2)
    with pytest.raises(FrameError, match="pairwise"):
        triad_census(circuit.subset(np.array([True, True, False, True])))


def test_effects_of_tested_pairs_leave_degrees_out():
    frame = Frame.of_pairs(3, [0, 1, 1, 2, 0, 2], [1, 0, 2, 1, 2, 0])
    circuit = Circuit.from_edges("t", 3, [0, 1], [1, 2], frame=frame)
    effects = effect_table(circuit)
    assert list(effects["null"].unique()) == ["er", "block"]
    with pytest.raises(FrameError, match="degree"):
        effect_table(circuit, nulls=["degree"])


def test_class_pairs_count_observable_pairs():
    table = pd.DataFrame({"neuron_id": range(5), "type": list("aabba")})
    circuit = Circuit.from_edges("b", 5, [0], [2], neurons=table, frame=BIPARTITE)
    blocks = block_table(circuit, "type").set_index(["pre", "post"])["pairs"].to_dict()
    assert blocks == {("a", "a"): 2, ("a", "b"): 4, ("b", "a"): 0, ("b", "b"): 0}


def test_unobservable_connection_is_an_error():
    with pytest.raises(InputError, match="2 → 0"):
        Circuit.from_edges("b", 5, [2], [0], frame=BIPARTITE)
    with pytest.raises(ValueError, match="frame is of 5"):
        Circuit.from_edges("b", 4, [0], [1], frame=BIPARTITE)
    with pytest.raises(ValueError, match="itself"):
        Frame.of_pairs(3, [1], [1])
    with pytest.raises(ValueError, match="outside"):
        Frame.of_pairs(3, [1], [3])


def test_tables_with_an_observed_side():
    neurons = pd.DataFrame({"neuron_id": [30, 10, 20]})
    connections = pd.DataFrame({"pre": [10], "post": [20], "weight": [3]})
    tested = pd.DataFrame({"pre": [10, 20], "post": [20, 30]})
    circuit = Circuit.from_tables("x", neurons, connections, observed=Observed(tested=tested))
    assert circuit.frame.tested.tolist() == [[1, 2], [2, 0]]
    sides = Observed(sources=np.array([False, True, True]), truncated=True)
    circuit = Circuit.from_tables("x", neurons, connections, observed=sides)
    assert (circuit.frame.pairs, circuit.frame.truncated) == (4, True)
    assert sides.pairs(3) == 4
    assert sides.observes(neurons, connections["post"], connections["pre"]).tolist() == [True]
