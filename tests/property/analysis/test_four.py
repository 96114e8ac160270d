"""The 4-node census on any small graph: both paths equal looking at every set of four."""

from hypothesis import given, settings

from analysis.circuit import Circuit
from analysis.motifs.four import four_node_census
from tests.property.analysis.test_census import graphs
from tests.unit.analysis.test_four import brute_force


@settings(max_examples=300, deadline=None, derandomize=True)
@given(graphs())
def test_both_paths_equal_brute_force(graph):
    n, pre, post = graph
    circuit = Circuit.from_edges("graph", n, pre, post)
    wanted = brute_force(circuit)
    for path in ("dense", "sparse"):
        assert four_node_census(circuit, path=path).counts == wanted
