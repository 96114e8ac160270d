"""What every null promises; each one of the registry is tested here without being named."""

from math import comb, isfinite

import numpy as np
import pytest
from scipy.stats import binom

from analysis.circuit import Circuit
from analysis.frame import Frame
from analysis.motifs import MAN, triad_census
from analysis.nulls import get_null, nulls
from analysis.nulls.block import block_labels
from analysis.nulls.distance import pair_bins
from analysis.nulls.dyads import NullUnavailable, dyad_counts
from analysis.nulls.hard import has_hard_form, sample_graphs
from analysis.nulls.newton import ConvergenceError, Point, maximise
from schemas.errors import IsocortexError, UsageError
from tests.unit.analysis.graphs import degenerate, heavy, spatial, uniform


def labelled(circuit, seed=0):
    """Give a circuit everything a null may ask for: classes and positions."""
    rng = np.random.default_rng(seed)
    table = circuit.neurons.assign(
        cell_class=rng.choice(["a", "b", "c"], circuit.n, p=[0.7, 0.25, 0.05]),
        soma_x=rng.random(circuit.n) * 300,
        soma_y=rng.random(circuit.n) * 300,
        soma_z=rng.random(circuit.n) * 200,
    )
    return with_neurons(circuit, table)


def with_neurons(circuit, table):
    """Give a circuit another neuron table."""
    return Circuit(
        "labelled",
        table,
        circuit.indptr,
        circuit.indices,
        circuit.weights,
        observed=circuit.observed,
    )


CIRCUITS = {
    "spatial": labelled(spatial(90, 1)),
    "heavy": labelled(heavy(120, 2)),
    "sparse": labelled(uniform(80, 3, 0.02)),
    "dense": labelled(uniform(40, 4, 0.9)),
} | {name: labelled(circuit) for name, circuit in degenerate().items()}

# What a null keeps on average, as a vector of numbers of the circuit and of the model.
KEPT = {
    "er": lambda graph, labels: [graph.m],
    "block": lambda graph, labels: _between(graph, labels),
    "distance": lambda graph, labels: per_cell(pair_bins(graph), graph.dense()),
    "block_distance": lambda graph, labels: per_cell(_apart(graph, labels), graph.dense()),
    "degree": lambda graph, labels: _degrees(graph)[:, :2].ravel(),
    "reciprocal": lambda graph, labels: dyad_counts(graph).ravel(),
    "block_reciprocal": lambda graph, labels: dyads_between(graph.dense(), labels),
}
LADDER = tuple(KEPT)


def _degrees(graph):
    counts = dyad_counts(graph)
    return np.stack([counts[:, 0] + counts[:, 2], counts[:, 1] + counts[:, 2]], axis=1)


def _between(graph, labels):
    table = np.zeros((labels.max(initial=0) + 1,) * 2)
    np.add.at(table, (labels[graph.sources()], labels[graph.indices]), 1)
    return table.ravel()


def per_cell(cells, pairs):
    """Sum an (n, n) matrix over cells of ordered pairs; the diagonal is no pair."""
    off = ~np.eye(len(cells), dtype=bool)
    return np.bincount(cells[off], weights=pairs[off], minlength=cells.max(initial=0) + 1)


def _apart(graph, labels):
    """Cells by classes and distance, counted out by hand."""
    _, kinds = np.unique(labels[:, None] * 100 + labels[None, :], return_inverse=True)
    return kinds.reshape(graph.n, graph.n) * 1_000 + pair_bins(graph)


def dyads_between(linked, labels, mutual=None):
    """One-way (row → column) and mutual pairs by classes, from 0/1 or from probabilities."""
    if mutual is None:
        linked, mutual = linked * (1 - linked.T), linked * linked.T
    kinds = np.eye(labels.max(initial=0) + 1)[labels]
    return np.concatenate([(kinds.T @ one @ kinds).ravel() for one in (linked, mutual)])


def probabilities(model):
    """Connection probability of every ordered pair, shape (n, n)."""
    return _spread(model, model.one_way + model.mutual)


def _spread(model, by_class):
    made = by_class[np.ix_(model.classes, model.classes)].copy()
    np.fill_diagonal(made, 0)
    return made


@pytest.fixture(params=nulls())
def null(request):
    return get_null(request.param)


@pytest.fixture(params=CIRCUITS)
def circuit(request):
    return CIRCUITS[request.param]


def test_the_registry_is_a_ladder():
    found = nulls()
    assert [n for n in found if n in KEPT] == list(LADDER)
    assert all(name == null.name and null.keeps for name, null in found.items())
    with pytest.raises(UsageError, match="no null is called 'chance'"):
        get_null("chance")


class TestEveryNull:
    """The contract."""

    def test_fits_anything_or_says_why(self, null, circuit):
        model = null.fit(circuit)
        assert model.n == circuit.n
        assert model.sizes.sum() == circuit.n

    def test_fit_is_deterministic(self, null, circuit):
        first, second = null.fit(circuit), null.fit(circuit)
        assert np.array_equal(first.one_way, second.one_way)
        assert np.array_equal(first.mutual, second.mutual)
        assert first.expected == second.expected

    def test_probabilities_are_probabilities(self, null, circuit):
        model = null.fit(circuit)
        one_way, mutual = _spread(model, model.one_way), _spread(model, model.mutual)
        for matrix in (one_way, mutual):
            assert np.isfinite(matrix).all()
            assert matrix.min(initial=0) >= 0
        assert (one_way + one_way.T + mutual).max(initial=0) <= 1 + 1e-12
        assert np.array_equal(mutual, mutual.T)

    def test_constraint_is_met(self, null, circuit):
        if null.name not in KEPT:
            pytest.skip(f"what {null.name} keeps is tested beside it")
        model = null.fit(circuit)
        one_way, mutual = _spread(model, model.one_way), _spread(model, model.mutual)
        labels = block_labels(circuit)
        wanted = np.asarray(KEPT[null.name](circuit, labels), float)
        if null.name == "er":
            found = np.array([(one_way + mutual).sum()])
        elif null.name == "block":
            kinds = np.eye(labels.max(initial=0) + 1)[labels]
            found = (kinds.T @ (one_way + mutual) @ kinds).ravel()
        elif null.name == "distance":
            found = per_cell(pair_bins(circuit), one_way + mutual)
        elif null.name == "block_distance":
            found = per_cell(_apart(circuit, labels), one_way + mutual)
        elif null.name == "block_reciprocal":
            found = dyads_between(one_way, labels, mutual)
        elif null.name == "degree":
            p = one_way + mutual
            found = np.stack([p.sum(1), p.sum(0)], axis=1).ravel()
        else:
            found = np.stack([one_way.sum(1), one_way.sum(0), mutual.sum(1)], axis=1).ravel()
            assert found.reshape(-1, 3) == pytest.approx(model.degrees())
        assert np.abs(found - wanted).max(initial=0) <= 1e-6 * max(1, wanted.max(initial=0))
        assert (np.abs(found - wanted) <= 1e-6 * np.maximum(1, wanted)).all()

    def test_refuses_before_it_is_fitted(self, null):
        """What `check` lets pass can be fitted; a frame of tested pairs leaves degrees unknown."""
        null.check(CIRCUITS["spatial"])
        frame = Frame.of_pairs(3, [0, 1, 1, 2, 0, 2], [1, 0, 2, 1, 2, 0])
        tested = labelled(Circuit.from_edges("t", 3, [0, 1], [1, 2], frame=frame))
        assert tested.frame.tested is not None
        if null.tested is None:
            with pytest.raises(NullUnavailable, match="single pairs were tested") as refused:
                null.check(tested)
            assert refused.value.remedy
        else:
            null.check(tested)
            chance = null.tested(tested)
            assert chance.shape == (3, 4)
            assert chance.min() >= 0
            assert chance.sum(1) == pytest.approx(np.ones(3))

    def test_hard_samples_keep_the_constraint_exactly(self, null, circuit):
        if not has_hard_form(null):
            with pytest.raises(UsageError, match="no hard ensemble is called"):
                next(sample_graphs(circuit, null.name, 1, np.random.default_rng(1)))
            return
        labels = block_labels(circuit)
        wanted = KEPT[null.name](circuit, labels)
        for graph in sample_graphs(circuit, null.name, 3, np.random.default_rng(1)):
            found = KEPT[null.name](with_neurons(graph, circuit.neurons), labels)
            assert np.array_equal(found, wanted)

    def test_expected_counts_are_a_census(self, null, circuit):
        model = null.fit(circuit)
        assert tuple(model.expected) == tuple(model.sd) == MAN
        assert all(isfinite(x) and x >= 0 for x in model.expected.values())
        assert all(isfinite(x) and x >= 0 for x in model.sd.values())
        triples = comb(circuit.n, 3)
        assert sum(model.expected.values()) == pytest.approx(triples, rel=1e-9)

    def test_samples_are_graphs_of_the_ensemble(self, null, circuit):
        model = null.fit(circuit)
        rng = np.random.default_rng(7)
        total = np.zeros((circuit.n, circuit.n))
        draws = 200
        for _ in range(draws):
            graph = model.sample(rng)
            assert graph.n == circuit.n
            total += graph.dense()
        p = np.minimum(probabilities(model), 1)
        # Two tails of 10⁻⁹ in each of at most 10⁴ pairs.
        assert (binom.cdf(total, draws, p) > 1e-9).all()
        assert (binom.sf(total - 1, draws, p) > 1e-9).all()
        spread = np.sqrt(2 * draws * (p * (1 - p)).sum())  # mutual pairs vary together
        assert abs((total - draws * p).sum()) <= 6 * spread + 0.1


def test_certain_graphs_are_expected_with_certainty():
    """A complete, an empty and a star circuit are the only graphs with their degrees."""
    for name in ("complete", "empty", "star out", "star in", "tournament"):
        observed = triad_census(CIRCUITS[name])
        for null in ("degree", "reciprocal"):
            model = get_null(null).fit(CIRCUITS[name])
            for code in MAN:
                assert model.expected[code] == pytest.approx(observed[code], abs=2e-4)
                assert model.sd[code] < 0.03


def test_block_with_classes_of_one_neuron():
    """A class of one has no pairs of its own; nothing may be divided by zero."""
    circuit = uniform(12, 1, 0.4)
    table = circuit.neurons.assign(cell_class=["x"] * 9 + ["only one", None, "another"])
    model = get_null("block").fit(
        Circuit("x", table, circuit.indptr, circuit.indices, circuit.weights)
    )
    assert sorted(model.sizes.tolist()) == [1, 1, 1, 9]
    assert np.isfinite(model.one_way).all()
    assert sum(model.expected.values()) == pytest.approx(comb(12, 3))


def test_block_without_labels_equals_er():
    circuit = uniform(30, 1, 0.2)
    er, block = get_null("er").fit(circuit), get_null("block").fit(circuit)
    assert block.expected == pytest.approx(er.expected)
    assert block.sd == pytest.approx(er.sd)


def test_what_does_not_converge_says_so():
    def uphill(x):
        return Point(float(x.sum()), np.ones_like(x), np.ones_like(x), lambda v: v * 1e-9)

    with pytest.raises(ConvergenceError, match="steepest null does not converge"):
        maximise(uphill, np.zeros(3), np.ones(3), "steepest")


def test_too_many_classes_are_refused_with_a_remedy():
    from analysis.nulls.dyads import LARGEST, check_size

    check_size(LARGEST)
    with pytest.raises(IsocortexError, match="matrices of") as refused:
        check_size(LARGEST + 1)
    assert refused.value.remedy
