"""Pair statistics and the table of connections between classes."""

import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.statistics import block_table, pair_statistics
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy


def test_pairs_of_a_small_circuit():
    found = pair_statistics(circuit_of(4, [(0, 1), (1, 0), (1, 2), (3, 2)]))
    assert (found.mutual, found.one_way, found.unconnected) == (1, 2, 3)
    assert found.density == pytest.approx(4 / 12)
    assert found.reciprocity == pytest.approx(0.5)
    assert found.reciprocity_over_er == pytest.approx(1 / (6 * (1 / 3) ** 2))
    out, into = np.array([1, 2, 0, 1]), np.array([1, 1, 2, 0])
    assert found.out_degree_cv == pytest.approx(out.std() / out.mean())
    assert found.in_degree_cv == pytest.approx(into.std() / into.mean())
    assert found.degree_correlation == pytest.approx(np.corrcoef(out, into)[0, 1])


@pytest.mark.parametrize("name", degenerate())
def test_what_is_not_defined_is_nan(name):
    circuit = degenerate()[name]
    found = pair_statistics(circuit)
    assert found.neurons == circuit.n
    assert found.mutual + found.one_way + found.unconnected == circuit.n * (circuit.n - 1) // 2
    assert np.isnan(found.density) == (circuit.n < 2)
    assert np.isnan(found.reciprocity) == (circuit.m == 0)
    assert np.isnan(found.in_degree_cv) == (circuit.m == 0)


def test_dense_and_sparse_agree():
    circuit = heavy(120, 4)
    linked = circuit.dense(np.bool_)
    found = pair_statistics(circuit)
    assert found.mutual == np.triu(linked & linked.T).sum()
    assert found.connections == linked.sum()


def test_block_table_counts_pairs_connections_and_synapses():
    circuit = Circuit.from_edges("x", 4, [0, 0, 1, 3], [1, 2, 0, 2], [2, 3, 4, 5])
    table = circuit.neurons.assign(kind=["a", "a", "b", None])
    circuit = Circuit("x", table, circuit.indptr, circuit.indices, circuit.weights)
    found = block_table(circuit, "kind").set_index(["pre", "post"])
    assert found.loc[("a", "a")].tolist() == [2, 2, 6, 1.0]
    assert found.loc[("a", "b")].tolist() == [2, 1, 3, 0.5]
    assert found.loc[("(none)", "b")].tolist() == [1, 1, 5, 1.0]
    assert found.loc[("b", "b"), "pairs"] == 0
    assert np.isnan(found.loc[("b", "b"), "probability"])
    assert found["connections"].sum() == circuit.m
    assert found["synapses"].sum() == circuit.weights.sum()
