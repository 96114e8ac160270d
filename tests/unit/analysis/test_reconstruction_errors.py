"""Errors have exactly the expectations that their chances give."""

import numpy as np
import pandas as pd
import pytest

from analysis.circuit import Circuit
from analysis.frame import Frame, FrameError
from analysis.reconstruction.errors import ErrorModel, corrupt
from analysis.reconstruction.kinds import absent_pairs, spurious_rate, truncated
from schemas.errors import UsageError
from tests.contract.analysis.test_errors import furnished, keys
from tests.unit.analysis.graphs import circuit_of, spatial

CIRCUIT = furnished(spatial(60, 4, 0.15, 0.2))
DRAWS = 300


def mutual(circuit):
    found = keys(circuit)
    return sum((b, a) in found for a, b in found) / 2


def drawn(name, level, rates=None):
    """Connections and mutual pairs over many draws, mean and its standard error."""
    rng = np.random.default_rng(7)
    model = ErrorModel({name: level}, **({} if rates is None else {"rates": rates}))
    graphs = [corrupt(CIRCUIT, model, rng) for _ in range(DRAWS)]
    counts = np.array([(g.m, mutual(g)) for g in graphs])
    return counts.mean(0), np.maximum(counts.std(0, ddof=1) / np.sqrt(DRAWS), 1e-9)


def check(found, expected):
    mean, error = found
    assert (np.abs(mean - expected) < 4 * error).all(), (mean, expected, error)


def test_missed_connections_thin_degrees_once_and_mutual_pairs_twice():
    check(drawn("missed", 0.2), [0.8 * CIRCUIT.m, 0.64 * mutual(CIRCUIT)])


@pytest.mark.parametrize("name", ["axon", "dendrite"])
def test_losses_of_neurons_have_the_same_means(name):
    """The two connections of a pair have different axons, so their losses are independent."""
    check(drawn(name, 0.2), [0.8 * CIRCUIT.m, 0.64 * mutual(CIRCUIT)])


@pytest.mark.parametrize(("name", "axis"), [("axon", 0), ("dendrite", 1)])
def test_losses_differ_between_neurons_as_a_beta(name, axis):
    n = 60
    whole = Circuit.from_edges("whole", n, *np.nonzero(~np.eye(n, dtype=bool)))
    rng = np.random.default_rng(2)
    kept = np.concatenate(
        [
            corrupt(whole, ErrorModel({name: 0.2}), rng).dense().sum(1 - axis) / (n - 1)
            for _ in range(100)
        ]
    )
    beta = 0.45**2 * 0.16
    binomial = (0.16 - beta) / (n - 1)
    assert kept.std() == pytest.approx(np.sqrt(beta + binomial), rel=0.03)


def test_split_axons_lose_half_on_average():
    check(drawn("split", 0.4), [0.8 * CIRCUIT.m, 0.64 * mutual(CIRCUIT)])


def test_synapses_lose_connections_by_their_number():
    chance = 1 - 0.3**CIRCUIT.weights
    table = np.zeros((CIRCUIT.n, CIRCUIT.n))
    table[CIRCUIT.sources(), CIRCUIT.indices] = chance
    check(drawn("synapses", 0.3), [chance.sum(), (table * table.T).sum() / 2])


def test_spurious_connections_fill_empty_pairs_alike():
    m, pairs = CIRCUIT.m, CIRCUIT.frame.pairs
    g = spurious_rate(CIRCUIT, 0.1)
    assert g * (pairs - m) == pytest.approx(0.1 * m)
    one_way = m - 2 * mutual(CIRCUIT)
    empty = pairs / 2 - one_way - mutual(CIRCUIT)
    check(drawn("spurious", 0.1), [1.1 * m, mutual(CIRCUIT) + g * one_way + g**2 * empty])


def test_spurious_connections_stay_in_the_frame():
    sources = np.arange(20) < 8
    framed = Circuit.from_edges("f", 20, [0, 1], [5, 9], frame=Frame(sources, np.ones(20, bool)))
    pre, post = absent_pairs(framed, 100, np.random.default_rng(0))
    pairs = set(zip(pre.tolist(), post.tolist(), strict=True))
    assert len(pairs) == 100
    assert framed.frame.observes(pre, post).all()
    assert not pairs & {(0, 5), (1, 9)}
    tested = Circuit.from_edges("t", 4, [0], [1], frame=Frame.of_pairs(4, [0, 1, 2], [1, 2, 3]))
    pre, post = absent_pairs(tested, 2, np.random.default_rng(0))
    assert set(zip(pre.tolist(), post.tolist(), strict=True)) == {(1, 2), (2, 3)}


def test_too_many_spurious_connections_are_refused():
    dense = circuit_of(4, [(a, b) for a in range(4) for b in range(4) if a != b])
    with pytest.raises(UsageError, match="too few"):
        corrupt(dense, ErrorModel({"spurious": 0.5}), np.random.default_rng(0))


def test_sampling_keeps_all_connections_among_the_neurons_it_keeps():
    n = CIRCUIT.n
    share = 48 * 47 / (n * (n - 1))
    check(drawn("sampling", 0.2), [share * CIRCUIT.m, share * mutual(CIRCUIT)])


def test_classes_lose_what_their_rates_say():
    inhibitory = CIRCUIT.neurons["polarity"].to_numpy() == "inhibitory"
    from_i = inhibitory[CIRCUIT.sources()]
    onto_i = inhibitory[CIRCUIT.indices]
    mean, error = drawn("classes", 0.4)
    assert abs(mean[0] - (CIRCUIT.m - 0.4 * from_i.sum())) < 4 * error[0]
    rates = {("inhibitory", "inhibitory"): 2.0, ("*", "inhibitory"): 0.5}
    mean, error = drawn("classes", 0.4, rates=rates)
    lost = 0.8 * (from_i & onto_i).sum() + 0.2 * (~from_i & onto_i).sum()
    assert abs(mean[0] - (CIRCUIT.m - lost)) < 4 * error[0]
    with pytest.raises(UsageError, match="would lose"):
        corrupt(CIRCUIT, ErrorModel({"classes": 0.6}, rates=rates), np.random.default_rng(0))
    model = ErrorModel({"classes": 0.6}, column="layer")
    with pytest.raises(UsageError, match="not told apart by layer"):
        corrupt(CIRCUIT, model, np.random.default_rng(0))


def test_threshold_is_a_cut():
    cut = corrupt(CIRCUIT, ErrorModel({"threshold": 3}), np.random.default_rng(0))
    assert cut.m == (CIRCUIT.weights >= 3).sum()
    assert cut.weights.min() == 3
    with pytest.raises(UsageError, match="carry no number of synapses"):
        corrupt(circuit_of(3, [(0, 1)]), ErrorModel({"threshold": 2}), np.random.default_rng(0))


def test_merged_neurons_have_the_connections_of_both():
    circuit = Circuit.from_edges("m", 4, [0, 1, 2, 3, 0], [2, 2, 0, 1, 1], [1, 2, 1, 1, 5])
    seen = set()
    for seed in range(40):
        rng = np.random.default_rng(seed)
        merged = corrupt(circuit, ErrorModel({"merge": 0.5}), rng)
        assert merged.n == 3
        seen.add((tuple(merged.neuron_ids.tolist()), merged.m, int(merged.weights.sum())))
    # 1 into 0: both reach 2, by 1 + 2 synapses; their own 5 are within one neuron.
    assert ((0, 2, 3), 3, 5) in seen
    assert len({ids for ids, _, _ in seen}) == 4
    framed = Circuit.from_edges("f", 4, [0], [1], frame=Frame(np.arange(4) < 2, np.ones(4, bool)))
    with pytest.raises(FrameError, match="cannot be merged"):
        corrupt(framed, ErrorModel({"merge": 0.5}), np.random.default_rng(0))


def test_truncation_loses_somata_and_synapses_outside():
    inside, chance = truncated(CIRCUIT, 0.4, 50.0)
    place = CIRCUIT.neurons[["soma_x", "soma_y", "soma_z"]].to_numpy()
    low, high = place.min(0), place.max(0)
    side = 0.6 ** (1 / 3) * (high - low)
    inner = np.abs(place - (low + high) / 2) <= side / 2
    assert (inside == inner.all(1)).all()
    # The chance of a synapse by simulation: around the soma, within the block.
    rng = np.random.default_rng(1)
    who = int(np.flatnonzero(inside)[np.argmin(chance[inside])])
    synapses = place[who] + rng.normal(0, 50, (200_000, 3))
    within = synapses[((synapses >= low) & (synapses <= high)).all(1)]
    share = (np.abs(within - (low + high) / 2) <= side / 2).all(1).mean()
    assert chance[who] == pytest.approx(share, abs=0.006)
    lived = 1 - (1 - chance[CIRCUIT.indices]) ** CIRCUIT.weights
    kept = inside[CIRCUIT.sources()] & inside[CIRCUIT.indices]
    mean, error = drawn("truncation", 0.4)
    assert abs(mean[0] - (lived * kept).sum()) < 4 * error[0]
    # Of a reach far beyond the block the share of the volume is left.
    assert truncated(CIRCUIT, 0.4, 1e6)[1] == pytest.approx(0.6, rel=1e-3)


def test_truncation_needs_every_position():
    lacking = CIRCUIT.neurons.assign(soma_x=np.nan)
    circuit = Circuit("lacking", lacking, CIRCUIT.indptr, CIRCUIT.indices, CIRCUIT.weights)
    with pytest.raises(UsageError, match="soma position"):
        corrupt(circuit, ErrorModel({"truncation": 0.2}), np.random.default_rng(0))


def test_errors_happen_in_their_order():
    """A threshold cuts what was seen, so it comes after synapses were missed."""
    table = pd.DataFrame({"neuron_id": np.arange(40)})
    pre, post = np.nonzero(~np.eye(40, dtype=bool))
    whole = Circuit.from_edges("w", 40, pre, post, np.full(pre.size, 2), neurons=table)
    model = ErrorModel({"threshold": 2, "synapses": 0.5})
    left = corrupt(whole, model, np.random.default_rng(0)).m / whole.m
    assert left == pytest.approx(0.25, abs=0.04)


@pytest.mark.parametrize("wrong", [{"spread": 0.0}, {"spread": 1.0}, {"reach": 0.0}])
def test_meaningless_models_are_refused(wrong):
    with pytest.raises(UsageError):
        ErrorModel({}, **wrong)
