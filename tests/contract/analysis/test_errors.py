"""What every kind of reconstruction error promises; each of the registry is tested unnamed."""

import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.reconstruction.errors import ErrorModel, corrupt, get_kind, kinds
from schemas.errors import UsageError
from tests.unit.analysis.graphs import spatial, uniform

ADDS = {"spurious", "merge"}  # others only take away


def furnished(circuit, seed=0):
    """Give a circuit what an error may act on: synapse numbers, classes, positions."""
    rng = np.random.default_rng(seed)
    n = circuit.n
    table = circuit.neurons.assign(
        polarity=np.where(np.arange(n) % 5 == 0, "inhibitory", "excitatory"),
        soma_x=rng.random(n) * 300,
        soma_y=rng.random(n) * 300,
        soma_z=rng.random(n) * 200,
    )
    weights = rng.geometric(0.4, circuit.m)
    return Circuit.from_edges("made", n, circuit.sources(), circuit.indices, weights, neurons=table)


CIRCUIT = furnished(spatial(60, 4, 0.15, 0.2))
LEVEL = {"threshold": 2.0}


def keys(circuit):
    ids = circuit.neuron_ids
    return set(zip(ids[circuit.sources()].tolist(), ids[circuit.indices].tolist(), strict=True))


@pytest.mark.parametrize("name", kinds())
class TestKind:
    def test_no_error_is_the_circuit(self, name):
        for level in {0.0, get_kind(name).none}:
            same = corrupt(CIRCUIT, ErrorModel({name: level}), np.random.default_rng(0))
            assert keys(same) == keys(CIRCUIT)
            assert (same.weights == CIRCUIT.weights).all()

    def test_same_seed_same_errors(self, name):
        model = ErrorModel({name: LEVEL.get(name, 0.3)})
        one, two, other = (corrupt(CIRCUIT, model, np.random.default_rng(s)) for s in (1, 1, 2))
        assert keys(one) == keys(two)
        if name not in ("threshold",):
            assert keys(one) != keys(other)

    def test_it_does_something_and_leaves_the_given_circuit_alone(self, name):
        before, weights = keys(CIRCUIT), CIRCUIT.weights.copy()
        model = ErrorModel({name: LEVEL.get(name, 0.3)})
        after = corrupt(CIRCUIT, model, np.random.default_rng(3))
        assert keys(after) != before
        assert keys(CIRCUIT) == before
        assert (CIRCUIT.weights == weights).all()
        assert (after.weights > 0).all()
        if name not in ADDS:
            assert keys(after) < before

    def test_level_means_something(self, name):
        kind = get_kind(name)
        assert kind.level
        for level in (-0.1, kind.most * 1.01, float("nan")):
            with pytest.raises(UsageError, match="is no level"):
                kind.check(level)

    def test_empty_circuit(self, name):
        empty = furnished(uniform(7, 1, 0.0))
        after = corrupt(empty, ErrorModel({name: LEVEL.get(name, 0.5)}), np.random.default_rng(0))
        assert after.m == 0


def test_unknown_error_lists_those_there_are():
    with pytest.raises(UsageError, match="no error is called") as caught:
        get_kind("typo")
    assert "missed" in str(caught.value)
