"""The census at the shapes where formulas break, and its names."""

from math import comb

import igraph
import networkx as nx
import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.motifs import CLOSED, MAN, OPEN, hubs, lists, triad_census
from analysis.motifs.naming import triad_of
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy, spatial, uniform

KERNELS = ("auto", "bitset", "sparse")


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("name", degenerate())
def test_degenerate_circuits(name, kernel):
    circuit = degenerate()[name]
    counts = triad_census(circuit, kernel=kernel)
    assert tuple(counts) == MAN
    assert all(type(count) is int for count in counts.values())
    assert counts == nx.triadic_census(circuit.to_networkx())
    assert sum(counts.values()) == comb(circuit.n, 3)


def test_unknown_kernel_is_refused():
    with pytest.raises(ValueError, match="none of auto"):
        triad_census(circuit_of(3, []), kernel="fast")


def test_all_64_labelled_triads_have_the_name_of_networkx():
    for code in range(64):
        states = code & 3, code >> 2 & 3, code >> 4
        edges = []
        for (a, b), state in zip(((0, 1), (1, 2), (0, 2)), states, strict=True):
            edges += [(a, b)] * (state & 1) + [(b, a)] * (state >> 1)
        graph = nx.DiGraph(edges)
        graph.add_nodes_from(range(3))
        (name,) = (k for k, count in nx.triadic_census(graph).items() if count)
        assert triad_of(*states) == name
        for kernel in KERNELS:
            assert triad_census(circuit_of(3, edges), kernel=kernel)[name] == 1


def test_closed_and_open_triads_are_the_connected_ones():
    assert len({*CLOSED, *OPEN}) == 13
    assert set(MAN) - {*CLOSED, *OPEN} == {"003", "012", "102"}


@pytest.mark.parametrize(
    "circuit",
    [
        spatial(600, 1, 0.06, 0.4),
        heavy(900, 2, 12),
        uniform(200, 3, 0.6),
        uniform(512, 4, 0.03),
        uniform(513, 4, 0.03),
        uniform(1025, 5, 0.01),
    ],
    ids=["spatial 600", "heavy 900", "dense 200", "512", "513", "1025"],
)
def test_larger_graphs_equal_igraph_name_by_name(circuit):
    pairs = np.stack([circuit.sources(), circuit.indices], axis=1)
    graph = igraph.Graph(n=circuit.n, edges=pairs.tolist(), directed=True)
    peer = graph.triad_census()
    wanted = {code: getattr(peer, f"t{code}") for code in MAN}
    assert triad_census(circuit, kernel="bitset") == wanted
    assert triad_census(circuit, kernel="sparse") == wanted


def test_counts_beyond_int32_and_of_hubs_are_exact():
    """A hub with 4 000 mutual partners, in a circuit with more triples than 32 bits hold."""
    n, partners = 40_000, 4_000
    others = np.arange(1, partners + 1)
    hub = np.zeros(partners, np.int64)
    circuit = Circuit.from_edges("hub", n, np.r_[hub, others], np.r_[others, hub])
    counts = triad_census(circuit)
    assert counts["201"] == comb(partners, 2)
    assert counts["102"] == partners * (n - 2) - 2 * comb(partners, 2)
    assert counts["003"] == comb(n, 3) - counts["201"] - counts["102"]


def test_counters_are_emptied_in_time():
    """Lists longer than the 127 that a packed counter of the sparse kernel can hold."""
    n = 400
    tournament = circuit_of(n, [(a, b) for a in range(n) for b in range(a + 1, n)])
    assert triad_census(tournament, kernel="sparse")["030T"] == comb(n, 3)
    complete = uniform(n, 0, 1.1)
    assert triad_census(complete, kernel="sparse")["300"] == comb(n, 3)
    assert triad_census(complete, kernel="bitset")["300"] == comb(n, 3)


def test_places_of_any_size_give_the_same_counts():
    """More connections than 32 bits can number are not made here, but their path is taken."""
    circuit = heavy(900, 2)
    assert hubs.places(circuit.m).dtype == np.uint32
    assert hubs.places(2**32).dtype == np.int64
    starts = lists.column_starts(circuit.indices, circuit.n)
    number, order = lists.hub_order(circuit.indptr, starts)
    counted = []
    for m in (circuit.m, 2**32):
        kind = hubs.places(m)
        later, bounds = hubs.later_partners(
            circuit.indptr, circuit.indices, starts, number, order, kind
        )
        counted.append(hubs.histogram(circuit.indptr, starts, order, later, bounds, kind))
    for narrow, wide in zip(*counted, strict=True):
        np.testing.assert_array_equal(narrow, wide)
    census = triad_census(circuit, kernel="bitset")
    closed = hubs.closed_triads(counted[1][0]).tolist()
    assert closed == [census[code] for code in CLOSED]
