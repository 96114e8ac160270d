"""Both kernels count what networkx counts, on any small graph."""

from math import comb

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.circuit import Circuit
from analysis.motifs import triad_census

QUIET = settings(max_examples=400, deadline=None, derandomize=True)


@st.composite
def graphs(draw):
    """Up to 30 neurons, sparse to complete, some isolated, whole pairs with any probability."""
    n = draw(st.integers(0, 30))
    density = draw(st.sampled_from([0.0, 0.03, 0.1, 0.3, 0.6, 0.95, 1.0]))
    answered = draw(st.sampled_from([0.0, 0.2, 0.7, 1.0]))
    isolated = draw(st.sampled_from([0, 0, 1, 5]))
    one_way_only = draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    linked = rng.random((n, n)) < density
    if one_way_only:
        linked &= np.triu(np.ones((n, n), bool), 1)
        turned = np.triu(rng.random((n, n)) < 0.5, 1)
        linked = np.where(turned, False, linked) | (linked & turned).T
    else:
        linked |= linked.T & (rng.random((n, n)) < answered)
    np.fill_diagonal(linked, False)
    linked[:isolated] = False
    linked[:, :isolated] = False
    order = rng.permutation(int(linked.sum()))
    pre, post = np.nonzero(linked)
    return n, pre[order], post[order]


@QUIET
@given(graphs())
def test_census_equals_networkx(graph):
    n, pre, post = graph
    circuit = Circuit.from_edges("graph", n, pre, post)
    peer = nx.DiGraph()
    peer.add_nodes_from(range(n))
    peer.add_edges_from(zip(pre.tolist(), post.tolist(), strict=True))
    wanted = nx.triadic_census(peer)
    for kernel in ("bitset", "sparse", "auto"):
        counts = triad_census(circuit, kernel=kernel)
        assert {code: counts[code] for code in wanted} == wanted
        assert sum(counts.values()) == comb(n, 3)


@QUIET
@given(graphs(), st.integers(0, 2**32 - 1))
def test_census_does_not_depend_on_the_order_of_neurons(graph, seed):
    n, pre, post = graph
    other = np.random.default_rng(seed).permutation(n)
    first = triad_census(Circuit.from_edges("a", n, pre, post), kernel="sparse")
    second = triad_census(Circuit.from_edges("b", n, other[pre], other[post]), kernel="bitset")
    assert first == second
