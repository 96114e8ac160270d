"""Hard ensembles keep what they must exactly, are uniform, and carry no bias."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from analysis.circuit import Circuit
from analysis.motifs import MAN, triad_census
from analysis.nulls import get_null, hard
from analysis.nulls.dyads import dyad_counts
from analysis.nulls.hard import HARD, LARGEST, Chain, sample_censuses, sample_graphs
from analysis.nulls.stream import below, stream, uniform
from schemas.errors import UsageError
from tests.property.analysis.test_census import graphs
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy


def rng(seed=0):
    return np.random.default_rng(seed)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(graphs(), st.sampled_from(HARD), st.integers(0, 2**32 - 1))
def test_samples_keep_their_constraint_exactly(graph, null, seed):
    n, pre, post = graph
    circuit = Circuit.from_edges("graph", n, pre, post)
    for sample in sample_graphs(circuit, null, 3, rng(seed)):
        _is_a_graph(sample)
        if null == "degree":
            assert np.array_equal(np.diff(sample.indptr), np.diff(circuit.indptr))
            found = np.bincount(sample.indices, minlength=n)
            assert np.array_equal(found, np.bincount(circuit.indices, minlength=n))
        else:
            assert np.array_equal(dyad_counts(sample), dyad_counts(circuit))


def _is_a_graph(circuit):
    """No self-connection, nothing twice, rows sorted."""
    source, target = circuit.sources().astype(np.int64), circuit.indices.astype(np.int64)
    assert (source != target).all()
    keys = source * circuit.n + target
    assert (np.diff(keys) > 0).all()


@pytest.mark.parametrize("null", HARD)
@pytest.mark.parametrize("name", degenerate())
def test_degenerate_circuits_are_sampled(name, null):
    circuit = degenerate()[name]
    counts = sample_censuses(circuit, null, 4, rng())
    assert counts.shape == (4, len(MAN))
    wanted = triad_census(circuit)
    if name not in {"3-cycle", "ring of pairs", "two one-way"}:
        assert (counts == list(wanted.values())).all()


@pytest.mark.parametrize("null", HARD)
def test_same_seed_same_samples(null):
    circuit = heavy(60, 1)
    first, second, third = (sample_censuses(circuit, null, 5, rng(s)) for s in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, third)


def test_samples_differ_from_the_circuit_and_from_each_other():
    circuit = heavy(80, 2)
    for null in HARD:
        drawn = [frozenset(_edges(g)) for g in sample_graphs(circuit, null, 5, rng())]
        assert len({*drawn, frozenset(_edges(circuit))}) == 6


def _edges(circuit):
    return list(zip(circuit.sources().tolist(), circuit.indices.tolist(), strict=True))


def test_unknown_and_too_large_are_refused():
    with pytest.raises(UsageError, match="no hard ensemble"):
        next(sample_graphs(heavy(20, 1), "er", 1, rng()))
    large = Circuit.from_edges("large", LARGEST + 1, [0], [1])
    with pytest.raises(UsageError, match="up to"):
        next(sample_graphs(large, "degree", 1, rng()))


@pytest.mark.parametrize("traded", [0.0, 1.1], ids=["trades", "switches"])
@pytest.mark.parametrize("null", HARD)
def test_a_lone_cycle_is_reversed(null, traded, monkeypatch):
    """No switch applies to a directed 3-cycle: only the reversal reaches its other state."""
    monkeypatch.setattr(hard, "TRADED", traded)
    cycle = circuit_of(3, [(0, 1), (1, 2), (2, 0)])
    states = Counter(tuple(_edges(g)) for g in sample_graphs(cycle, null, 400, rng(3)))
    assert len(states) == 2
    assert min(states.values()) > 100


ENUMERABLE = {
    "five neurons": (5, [(0, 1), (1, 2), (2, 0), (3, 4), (0, 3)]),
    "six neurons": (6, [(0, 1), (1, 0), (2, 3), (3, 2), (4, 5), (5, 0), (0, 4), (1, 2), (3, 5)]),
}


@pytest.mark.parametrize(
    ("null", "traded"),
    [("degree", 0.0), ("degree", 1.1), ("reciprocal", 1.1)],
    ids=["trades", "switches", "switches of dyads"],
)
@pytest.mark.parametrize("name", ENUMERABLE)
def test_chains_are_uniform_over_all_graphs_of_the_ensemble(name, null, traded, monkeypatch):
    """χ² over every graph with the constraint, found by trying all with these out-degrees."""
    monkeypatch.setattr(hard, "TRADED", traded)
    circuit = circuit_of(*ENUMERABLE[name])
    everything = _all_with(circuit, null)
    assert len(everything) > 10
    chain = Chain(circuit, stream(rng(11)), keep_mutual=null == "reciprocal")
    _is_uniform(everything, (_moved(chain, 40) for _ in range(200 * len(everything))))


def _moved(chain, attempts):
    chain.advance(attempts)
    return chain.graph()


def _is_uniform(everything, samples):
    seen = Counter(tuple(_edges(graph)) for graph in samples)
    assert set(seen) <= everything
    expected = seen.total() / len(everything)
    statistic = sum((seen[graph] - expected) ** 2 / expected for graph in everything)
    assert chi2.sf(statistic, len(everything) - 1) > 1e-4, (len(seen), len(everything))


def _both(pairs):
    return [pair for a, b in pairs for pair in ((a, b), (b, a))]


RING = [(0, 1), (1, 2), (2, 3), (3, 0)]
SHUT_IN = {  # no switch that keeps dyad degrees at every step, and what 3-cycles there are, do it
    "ring": (4, RING, 6),
    "ring with diagonals": (4, RING + _both([(0, 2), (1, 3)]), 6),
    "ring of five": (5, [(a, (a + 1) % 5) for a in range(5)], 24),
    "mutual and one-way": (5, [*_both([(0, 1), (2, 3), (3, 4)]), (0, 2), (1, 4), (1, 3)], None),
    "regular tournament": (5, [(a, (a + k) % 5) for a in range(5) for k in (1, 2)], 24),
    "with one pair left out": (5, [(a, (a + k) % 5) for a in range(5) for k in (1, 2)][1:], None),
}


@pytest.mark.parametrize("name", SHUT_IN)
def test_ensembles_in_which_switches_are_shut_in_are_reached_whole(name):
    """The samples as everybody draws them, from circuits with few or no unconnected pairs."""
    n, edges, number = SHUT_IN[name]
    circuit = circuit_of(n, edges)
    everything = _all_with(circuit, "reciprocal")
    if number is not None:
        assert len(everything) == number
    draws = 120 * len(everything)
    _is_uniform(everything, sample_graphs(circuit, "reciprocal", draws, rng(12)))


@pytest.mark.parametrize("null", HARD)
@pytest.mark.parametrize("seed", range(5))
def test_samples_of_random_circuits_are_uniform(seed, null):
    source = rng(100 + seed)
    linked = source.random((5, 5)) < (0.25, 0.4, 0.5, 0.6, 0.75)[seed]
    np.fill_diagonal(linked, False)
    circuit = circuit_of(5, np.argwhere(linked).tolist())
    everything = _all_with(circuit, null)
    _is_uniform(everything, sample_graphs(circuit, null, 100 * len(everything), source))


def _all_with(circuit, null):
    """Every graph of `circuit.n` neurons that the hard ensemble may reach, row by row."""
    n = circuit.n
    out = np.diff(circuit.indptr)
    into = np.bincount(circuit.indices, minlength=n)
    dyads = dyad_counts(circuit)
    found = set()

    def extend(rows):
        i = len(rows)
        if i == n:
            edges = [(a, b) for a, targets in enumerate(rows) for b in targets]
            received = np.bincount([b for _, b in edges], minlength=n)
            if (received == into).all() and (
                null == "degree" or np.array_equal(dyad_counts(circuit_of(n, edges)), dyads)
            ):
                found.add(tuple(edges))
            return
        others = [b for b in range(n) if b != i]
        for targets in combinations(others, int(out[i])):
            extend([*rows, targets])

    extend([])
    return found


def test_trades_and_switches_draw_from_the_same_ensemble(monkeypatch):
    circuit = heavy(80, 2, mutual=0.5)
    found = []
    for traded in (0.0, 1.1):
        monkeypatch.setattr(hard, "TRADED", traded)
        found.append(sample_censuses(circuit, "degree", 1_500, rng(7)))
    one, other = found
    spread = one.std(0)
    varies = spread > 0
    error = spread[varies] * np.sqrt(2 * 2 / len(one))  # twice for the autocorrelation
    assert (np.abs(one.mean(0) - other.mean(0))[varies] < 4 * error).all()
    ratio = other.std(0)[varies] / spread[varies]
    assert (np.abs(np.log(ratio)) < 0.12).all()


DRAWS = 160
SAMPLES = {"degree": 40, "reciprocal": 50}


@pytest.mark.parametrize("null", HARD)
def test_own_null_shows_no_hard_effect_but_a_canonical_one(null):
    """On draws from a null itself there is no effect to find.

    Expectations from the hard ensemble say so; those of the refitted canonical one do not, which
    guards that the right one is wired into the effects.
    """
    model = get_null(null).fit(heavy(100, 21, mean_degree=14, spread=0.6, mutual=0.25))
    source = rng(8)
    by_chain, canonical = [], []
    for _ in range(DRAWS):
        drawn = model.sample(source)
        counts = np.array(list(triad_census(drawn).values()), float)
        sampled = sample_censuses(drawn, null, SAMPLES[null], source).mean(0)
        refitted = np.array(list(get_null(null).fit(drawn).expected.values()))
        with np.errstate(divide="ignore", invalid="ignore"):
            by_chain.append(np.log(counts / sampled))
            canonical.append(np.log(counts / refitted))
    usual = np.array(list(model.expected.values())) >= 20
    assert usual.sum() >= 10
    by_chain, canonical = np.array(by_chain)[:, usual], np.array(canonical)[:, usual]
    bias = np.abs(by_chain.mean(0))
    assert bias.max() <= 0.03, dict(
        zip(np.array(MAN)[usual], by_chain.mean(0).round(3), strict=True)
    )
    assert np.abs(canonical.mean(0)).max() > 0.05


def test_stream_is_uniform():
    state = stream(rng(4))
    counts = np.bincount([below(state, 7) for _ in range(70_000)], minlength=7)
    assert chi2.sf(((counts - 10_000) ** 2 / 10_000).sum(), 6) > 1e-4
    assert below(state, 1) == 0
    large = [below(state, 2**32 - 1) for _ in range(1_000)]
    assert min(large) >= 0
    assert max(large) < 2**32 - 1
    numbers = np.array([uniform(state) for _ in range(20_000)])
    assert 0 <= numbers.min() <= numbers.max() < 1
    assert abs(numbers.mean() - 0.5) < 5 / np.sqrt(12 * 20_000)
