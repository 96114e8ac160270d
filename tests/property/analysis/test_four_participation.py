"""Participation in motifs of four against every set of four, and its sums against the census."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.circuit import Circuit
from analysis.frame import Frame, FrameError
from analysis.motifs.four import four_node_census, participation
from analysis.motifs.four.classes import CLASSES, PAIRS, class_table
from analysis.motifs.four.participation import four_node_participation
from schemas.errors import UsageError
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy, spatial, uniform

PATHS = ("dense", "sparse")


def by_looking(circuit, inside=None):
    """Look at every set of four neurons."""
    linked = circuit.dense(np.int64)
    states = linked + 2 * linked.T
    counts = np.zeros((circuit.n, CLASSES), np.int64)
    for four in combinations(range(circuit.n) if inside is None else inside, 4):
        graph = sum(int(states[four[a], four[b]]) << 2 * q for q, (a, b) in enumerate(PAIRS))
        counts[list(four), class_table()[0][graph]] += 1
    return counts


@st.composite
def circuits(draw):
    n = draw(st.integers(0, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    linked = rng.random((n, n)) < draw(st.sampled_from([0.05, 0.2, 0.5, 0.9, 1.0]))
    if draw(st.booleans()):
        linked |= linked.T & (rng.random((n, n)) < 0.6)
    np.fill_diagonal(linked, False)
    return Circuit.from_edges("x", n, *np.nonzero(linked))


@settings(deadline=None, max_examples=60)
@given(circuits())
def test_both_paths_equal_looking_at_every_four(circuit):
    wanted = by_looking(circuit)
    for path in PATHS:
        found = four_node_participation(circuit, path=path)
        assert found.path == path
        assert found.observed.all()
        assert (found.counts == wanted).all()


@pytest.mark.parametrize("name", degenerate())
def test_degenerate_circuits(name):
    circuit = degenerate()[name]
    for path in PATHS:
        assert (four_node_participation(circuit, path=path).counts == by_looking(circuit)).all()


@pytest.mark.parametrize(
    "circuit", [spatial(150, 1, 0.3), uniform(90, 2, 0.8), heavy(400, 3, 15), uniform(560, 5, 0.6)]
)
def test_sums_are_four_times_the_census(circuit):
    """The last one has more than 512 partners of a neuron: rows of several blocks."""
    census = four_node_census(circuit)
    dense, sparse = (four_node_participation(circuit, path=path) for path in PATHS)
    assert (dense.counts == sparse.counts).all()
    total = dict(zip(dense.codes, dense.counts.sum(0).tolist(), strict=True))
    assert total == {code: 4 * count for code, count in census.counts.items()}
    others = (circuit.n - 1) * (circuit.n - 2) * (circuit.n - 3) // 6
    assert (dense.counts.sum(1) == others).all()


def test_frame_is_respected():
    frame = Frame(np.arange(14) < 11, np.arange(14) >= 2)
    whole = uniform(14, 3, 0.5)
    seen = frame.observes(whole.sources(), whole.indices)
    circuit = Circuit.from_edges("x", 14, whole.sources()[seen], whole.indices[seen], frame=frame)
    found = four_node_participation(circuit)
    assert found.observed.tolist() == [2 <= neuron < 11 for neuron in range(14)]
    assert (found.counts == by_looking(circuit, range(2, 11))).all()
    tested = Frame.of_pairs(4, *np.nonzero(~np.eye(4, dtype=bool)))
    with pytest.raises(FrameError):
        four_node_participation(Circuit.from_edges("x", 4, [0], [1], frame=tested))


def test_what_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(participation, "MOST_PARTNERS", 3)
    with pytest.raises(UsageError, match="up to 3 partners of a neuron, not 4"):
        four_node_participation(circuit_of(5, [(0, 1), (0, 2), (0, 3), (4, 0)]))
    monkeypatch.undo()
    monkeypatch.setattr(participation, "LONGEST", 1e-9)
    with pytest.raises(UsageError, match="would take about"):
        four_node_participation(spatial(30, 1, 0.3))
    monkeypatch.undo()
    monkeypatch.setattr(participation, "DENSE_LIMIT", 4)
    with pytest.raises(UsageError, match="neurons on the dense path"):
        four_node_participation(circuit_of(5, [(0, 1)]), path="dense")
