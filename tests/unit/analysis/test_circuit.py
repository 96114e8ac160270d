"""`Circuit` keeps numbers exact and refuses what it cannot hold."""

import numpy as np
import pandas as pd
import pytest

from analysis.circuit import Circuit
from schemas.errors import InputError


def test_parallel_connections_are_summed_and_self_connections_dropped():
    circuit = Circuit.from_edges("x", 3, [0, 0, 2, 1, 2], [1, 1, 0, 1, 0], [2, 3, 1, 9, 4])
    assert circuit.m == 2
    _, connections = circuit.to_pandas()
    assert connections.to_numpy().tolist() == [[0, 1, 5], [2, 0, 5]]


def test_rows_are_sorted_whatever_the_order_of_connections():
    rng = np.random.default_rng(0)
    pre, post = rng.integers(0, 40, 600), rng.integers(0, 40, 600)
    circuit = Circuit.from_edges("x", 40, pre, post)
    wanted = {(a, b) for a, b in zip(pre.tolist(), post.tolist(), strict=True) if a != b}
    found = list(zip(circuit.sources().tolist(), circuit.indices.tolist(), strict=True))
    assert found == sorted(wanted)


def test_weights_beyond_int32_are_an_error_not_another_number():
    half = 2**30
    circuit = Circuit.from_edges("x", 2, [0, 0], [1, 1], [half, half - 1])
    assert circuit.weights.tolist() == [2**31 - 1]
    with pytest.raises(ValueError, match="weight of a connection"):
        Circuit.from_edges("x", 2, [0, 0], [1, 1], [half, half])
    with pytest.raises(ValueError, match="too large"):
        Circuit.from_edges("x", 2, [0], [1], np.array([2**63], np.uint64))


@pytest.mark.parametrize("weights", [[1.5], [np.nan], [np.inf], ["3"], [-1]])
def test_weights_must_be_whole(weights):
    with pytest.raises(ValueError, match="weight"):
        Circuit.from_edges("x", 2, [0], [1], weights)


def test_whole_floats_are_weights():
    assert Circuit.from_edges("x", 2, [0], [1], [3.0]).weights.tolist() == [3]


@pytest.mark.parametrize(("pre", "post"), [([0], [2]), ([-1], [0]), ([0.5], [1]), ([0, 1], [1])])
def test_bad_indices_are_refused(pre, post):
    with pytest.raises(ValueError, match=r"index|length"):
        Circuit.from_edges("x", 2, pre, post)


def test_arrays_are_read_only_and_the_callers_stay_writable():
    indptr, indices = np.array([0, 1, 1]), np.array([1], np.int32)
    circuit = Circuit("x", pd.DataFrame({"neuron_id": [5, 7]}), indptr, indices, indices.copy())
    with pytest.raises(ValueError, match="read-only"):
        circuit.indices[0] = 0
    indices[0] = 1  # the caller's own array


def test_ids_of_neurons_stay_exact():
    ids = np.array([2**62 + 1, 2**62 + 3, -5])
    connections = pd.DataFrame({"pre": ids[[0, 1]], "post": ids[[2, 0]], "weight": [1, 2]})
    circuit = Circuit.from_tables("x", pd.DataFrame({"neuron_id": ids}), connections)
    _, back = circuit.to_pandas()
    assert set(map(tuple, back.to_numpy().tolist())) == {
        (2**62 + 1, -5, 1),
        (2**62 + 3, 2**62 + 1, 2),
    }


@pytest.mark.parametrize(
    ("ids", "pre", "what"),
    [([], [], "no neurons"), ([1, 1], [], "repeat"), ([1, 2], [3], "unknown neuron 3")],
)
def test_unusable_tables_say_why(ids, pre, what):
    connections = pd.DataFrame({"pre": pre, "post": pre, "weight": [1] * len(pre)})
    neurons = pd.DataFrame({"neuron_id": np.array(ids, np.int64)})
    with pytest.raises(InputError, match=what):
        Circuit.from_tables("x", neurons, connections)


def test_networkx_gets_ids_weights_and_known_facts_only():
    neurons = pd.DataFrame(
        {
            "neuron_id": [10, 20],
            "type": ["L4", None],
            "module": pd.array([1, None], dtype="Int64"),
            "x": [0.5, np.nan],
        }
    )
    graph = Circuit.from_tables(
        "x", neurons, pd.DataFrame({"pre": [10], "post": [20], "weight": [4]})
    ).to_networkx()
    assert graph.nodes[10] == {"type": "L4", "module": 1, "x": 0.5}
    assert graph.nodes[20] == {}
    assert graph.edges[10, 20] == {"weight": 4}


def test_scipy_matrix_is_independent():
    circuit = Circuit.from_edges("x", 3, [0, 2], [1, 0], [2, 3])
    matrix = circuit.to_scipy()
    matrix.data[:] = 0
    assert circuit.weights.tolist() == [2, 3]
    assert circuit.to_scipy().toarray().tolist() == [[0, 2, 0], [0, 0, 0], [3, 0, 0]]


def test_subset_keeps_rows_and_connections_among_them():
    neurons = pd.DataFrame({"neuron_id": [4, 5, 6], "type": list("abc")})
    circuit = Circuit.from_edges("x", 3, [0, 1, 2], [2, 2, 0], [1, 2, 3], neurons=neurons)
    part = circuit.subset(np.array([True, False, True]), "part")
    assert part.name == "part"
    assert part.neurons["type"].tolist() == ["a", "c"]
    assert part.to_pandas()[1].to_numpy().tolist() == [[4, 6, 1], [6, 4, 3]]
