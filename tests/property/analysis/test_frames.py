"""Frames against enumeration of every pair and triple, and nulls of tested pairs against chance."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.circuit import Circuit
from analysis.frame import Frame, FrameError
from analysis.motifs import MAN, triad_census
from analysis.motifs.naming import triad_of
from analysis.motifs.tested import dyad_moments, triple_dyads
from analysis.nulls import get_null, nulls
from analysis.statistics import pair_statistics
from tests.contract.analysis.test_nulls import labelled
from tests.unit.analysis.graphs import uniform


@st.composite
def framed(draw):
    """Draw a circuit of up to 8 neurons in a frame of any kind."""
    n = draw(st.integers(3, 8))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if draw(st.booleans()):
        seen = rng.random((n, n)) < draw(st.sampled_from([0.3, 0.8, 1.0]))
        np.fill_diagonal(seen, False)
        frame = Frame.of_pairs(n, *np.nonzero(seen))
    else:
        frame = Frame(rng.random(n) < 0.7, rng.random(n) < 0.8)
        seen = np.outer(frame.sources, frame.targets) & ~np.eye(n, dtype=bool)
    linked = seen & (rng.random((n, n)) < 0.5)
    return Circuit.from_edges("x", n, *np.nonzero(linked), frame=frame), seen, linked


@settings(deadline=None, max_examples=150)
@given(framed())
def test_everything_is_counted_over_observable_pairs(made):
    circuit, seen, linked = made
    pairs = pair_statistics(circuit)
    assert pairs.observable_pairs == seen.sum()
    both = seen & seen.T
    assert (pairs.mutual, pairs.unconnected) == (
        (linked & linked.T).sum() // 2,
        (both & ~linked & ~linked.T).sum() // 2,
    )
    assert pairs.mutual + pairs.one_way + pairs.unconnected == both.sum() // 2
    if both[linked].any():
        assert pairs.reciprocity == pytest.approx((linked.T[linked & both]).mean())
    counts = dict.fromkeys(MAN, 0)
    for a, b, c in combinations(range(circuit.n), 3):
        if both[a, b] and both[b, c] and both[a, c]:
            state = (linked + 2 * linked.T)[[a, b, a], [b, c, c]]
            counts[triad_of(*state.tolist())] += 1
    if sum(counts.values()):
        assert triad_census(circuit) == counts
    else:
        with pytest.raises(FrameError):
            triad_census(circuit)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_subset_keeps_the_frame_of_what_stays(seed):
    rng = np.random.default_rng(seed)
    seen = rng.random((7, 7)) < 0.6
    np.fill_diagonal(seen, False)
    mask = rng.random(7) < 0.7
    kept = Frame.of_pairs(7, *np.nonzero(seen)).subset(mask)
    found = np.zeros((int(mask.sum()),) * 2, bool)
    found[tuple(kept.tested.T)] = True
    assert (found == seen[np.ix_(mask, mask)]).all()


def test_moments_of_tested_pairs_are_those_of_many_drawn_graphs():
    rng = np.random.default_rng(7)
    seen = rng.random((14, 14)) < 0.8
    np.fill_diagonal(seen, False)
    frame = Frame.of_pairs(14, *np.nonzero(seen))
    circuit = Circuit.from_edges("x", 14, [], [], frame=frame)
    dyads = frame.both_ways
    chance = rng.dirichlet([4, 1.5, 1.5, 1], len(dyads))
    expected, sd = dyad_moments(triple_dyads(circuit), chance)
    drawn = []
    for _ in range(2_000):
        state = (rng.random((len(dyads), 1)) > chance.cumsum(1)).sum(1)
        forth, back = dyads[state & 1 > 0], dyads[state & 2 > 0][:, ::-1]
        pairs = np.concatenate([forth, back])
        drawn.append(
            list(triad_census(Circuit.from_edges("x", 14, *pairs.T, frame=frame)).values())
        )
    drawn = np.array(drawn)
    error = drawn.std(0) / np.sqrt(len(drawn))
    assert (abs(drawn.mean(0) - list(expected.values())) < 4.5 * error + 1e-9).all()
    assert np.allclose(drawn.std(0), list(sd.values()), rtol=0.1, atol=0.02)
    assert sum(expected.values()) == pytest.approx(frame.triples)


TESTABLE = [name for name, null in nulls().items() if null.tested is not None]


@pytest.mark.parametrize("null", TESTABLE)
@pytest.mark.parametrize("n", [12, 60])
def test_where_all_pairs_were_tested_nulls_are_those_of_the_whole(null, n):
    """Two ways to the same numbers: triples enumerated, and products of matrices."""
    whole = labelled(uniform(n, 3, 0.3))
    pairs = np.nonzero(~np.eye(n, dtype=bool))
    tested = Circuit.from_edges(
        "t",
        n,
        whole.sources(),
        whole.indices,
        neurons=whole.neurons,
        frame=Frame.of_pairs(n, *pairs),
    )
    model = get_null(null).fit(whole)
    expected, sd = dyad_moments(triple_dyads(tested), get_null(null).tested(tested))
    assert expected == pytest.approx(model.expected, rel=1e-9, abs=1e-9)
    assert sd == pytest.approx(model.sd, rel=1e-7, abs=1e-6)
