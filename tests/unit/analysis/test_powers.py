"""A² and A³ against Python's whole numbers, which have no largest."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.circuit import Circuit
from analysis.statistics import powers, walks
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy, uniform

SIZES = (1, 2, 39, 40, 41, 63, 64, 65, 130)
GRAPHS = {f"{n} neurons": uniform(n, n, 0.4) for n in SIZES} | degenerate()


def complete(n):
    return Circuit.from_edges("complete", n, *np.nonzero(~np.eye(n, dtype=bool)))


def whole_powers(circuit):
    matrix = circuit.dense(np.int64).astype(object)
    return matrix @ matrix, matrix @ matrix @ matrix


def assert_exact(circuit):
    for found, expected in zip(powers.powers(circuit), whole_powers(circuit), strict=True):
        assert (found[:, : circuit.n].astype(object) == expected).all()
        assert not found[:, circuit.n :].any()


@pytest.fixture(params=["_table_seconds", "_neighbour_seconds"])
def way(request, monkeypatch):
    """Both ways to the same powers."""
    monkeypatch.setattr(powers, request.param, lambda _: -1.0)
    return request.param


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", GRAPHS)
def test_powers_are_exact(name):
    assert_exact(GRAPHS[name])


@pytest.mark.usefixtures("way")
def test_neurons_without_outputs_or_inputs_have_empty_rows_and_columns():
    linked = np.random.default_rng(1).random((90, 90)) < 0.5
    np.fill_diagonal(linked, False)
    linked[40:75] = False
    linked[:, 3::7] = False
    assert_exact(circuit_of(90, np.argwhere(linked).tolist()))


@pytest.mark.parametrize("way", ["_table_seconds", "_neighbour_seconds"])
@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 90), density=st.floats(0, 1), seed=st.integers(0, 2**32 - 1))
def test_powers_of_any_circuit_are_exact(way, n, density, seed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(powers, way, lambda _: -1.0)
        assert_exact(uniform(n, seed, density))


@pytest.mark.parametrize(
    ("n", "way"),
    [(257, "_neighbour_seconds"), (257, "_table_seconds"), (1_641, "_table_seconds")],
)
def test_the_largest_entries_are_exact(n, way, monkeypatch):
    """All connected: A² is n − 2 off the diagonal; a pass of it exceeds 16 bits from 1,640 on."""
    monkeypatch.setattr(powers, way, lambda _: -1.0)
    circuit = complete(n)
    two, three = powers.powers(circuit)
    assert set(np.unique(two[:, :n]).tolist()) == {n - 2, n - 1}
    assert int(three.max()) == (n - 1) * (n - 2) + 1
    # The eigenvalues are n − 1 and −1.
    assert walks.closed_fives(circuit) == (n - 1) ** 5 - (n - 1)


def test_sums_move_before_they_overflow():
    """The last rows, which do not fill a table, are the largest; entries go up to the bound."""
    n, bound = 83, (2**16 - 1) // powers.COLUMNS
    circuit = uniform(n, 5, 0.9)
    rows = powers._lines(n, n, np.uint16)
    rows[:, :n] = np.random.default_rng(0).integers(0, bound // 9, (n, n))
    rows[-9:, :n] = bound
    places = powers._subsets(circuit.indptr, circuit.indices)
    expected = circuit.dense(np.int64) @ rows[:, :n].astype(np.int64)
    assert expected.max() > 2**16 // 4
    assert (powers._from_tables(places, rows)[:, :n] == expected).all()
    rows[:, :n] = bound
    assert (powers._from_tables(places, rows)[0, :n] == bound * np.diff(circuit.indptr)[0]).all()
    assert bound * np.diff(circuit.indptr)[0] > 2**16


def test_rows_in_chunks_are_the_same(monkeypatch):
    monkeypatch.setattr(powers, "_table_seconds", lambda _: -1.0)
    monkeypatch.setattr(powers, "CHUNK", 17)
    assert_exact(uniform(90, 3, 0.3))


def test_the_cheaper_way_is_taken():
    dense, sparse = uniform(400, 1, 0.5), heavy(400, 1, 3)
    assert powers._table_seconds(dense) < powers._neighbour_seconds(dense)
    assert powers._table_seconds(sparse) > powers._neighbour_seconds(sparse)
    assert powers.seconds(dense) > powers.seconds(sparse) > 0


def test_memory_is_that_of_the_matrices():
    circuit = uniform(600, 1, 0.5)
    powers.powers(circuit)
    tracemalloc.start()
    two, three = powers.powers(circuit)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (two.dtype, three.dtype) == (np.uint16, np.uint32)
    assert peak < 1.3 * (two.nbytes + three.nbytes + two.nbytes / 2)
