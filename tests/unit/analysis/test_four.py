"""Four neurons: every labelled graph, degenerate circuits, word boundaries, peers."""

from collections import Counter
from itertools import combinations
from math import comb

import igraph
import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.motifs import triad_census
from analysis.motifs.four import four_node_census
from analysis.motifs.four.classes import (
    CLASSES,
    CONNECTED,
    LABELLED,
    PAIRS,
    class_table,
    codes,
    edges_of,
    nesting,
    shapes,
)
from schemas.errors import UsageError
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy, spatial, uniform

PATHS = ("dense", "sparse")


def brute_force(circuit):
    """Look at every set of four neurons."""
    linked = circuit.dense(np.int64)
    states = linked + 2 * linked.T
    sets = np.array(list(combinations(range(circuit.n), 4)), np.int64).reshape(-1, 4)
    graphs = np.zeros(len(sets), np.int64)
    for q, (a, b) in enumerate(PAIRS):
        graphs |= states[sets[:, a], sets[:, b]] << 2 * q
    found = np.bincount(class_table()[0][graphs], minlength=CLASSES)
    return dict(zip(codes(), found.tolist(), strict=True))


def igraph_counts(circuit):
    """Connected classes by canonical code, as igraph counts them."""
    edges = np.stack([circuit.sources(), circuit.indices], axis=1).tolist()
    graph = igraph.Graph(n=circuit.n, edges=edges, directed=True)
    classes, canonical = class_table()
    found = {}
    for number, count in enumerate(graph.motifs_randesu(4)):
        if not np.isnan(count):
            member = igraph.Graph.Isoclass(n=4, cls=number, directed=True).get_edgelist()
            found[canonical[classes[code_of(member)]]] = int(count)
    return found


def code_of(edges):
    """Code of a labelled graph given by its connections."""
    return sum(
        (((a, b) in edges) + 2 * ((b, a) in edges)) << 2 * q for q, (a, b) in enumerate(PAIRS)
    )


def test_classes_and_shapes():
    assert len(codes()) == CLASSES == 218
    assert codes()[0] == 0
    assert codes()[-1] == LABELLED - 1
    by_shape = {shape: shapes().count(shape) for shape in shapes()}
    assert by_shape == {
        "empty": 1, "one dyad": 2, "wedge and isolate": 6, "two dyads": 3,
        "triangle and isolate": 7, "star": 10, "path": 15, "cycle": 15, "paw": 45,
        "diamond": 72, "clique": 42,
    }  # fmt: skip
    assert sum(by_shape[shape] for shape in CONNECTED) == 199


def test_codes_and_edges_belong_together():
    for graph in range(LABELLED):
        assert code_of(edges_of(graph)) == graph


def test_nesting_is_the_inverse_of_its_absolute_values():
    matrix = np.zeros((CLASSES, CLASSES), np.int64)
    for row, entries in enumerate(nesting()):
        for column, times in entries:
            matrix[row, column] = times
    assert np.array_equal(np.abs(matrix) @ matrix, np.eye(CLASSES, dtype=np.int64))
    assert (np.count_nonzero(matrix), np.abs(matrix).max()) == (4_021, 12)


@pytest.mark.parametrize("path", PATHS)
def test_labelled_graphs_are_one_of_their_class(path):
    """Each class by one member and 300 more; validation tries all 4 096."""
    classes, canonical = class_table()
    members = [int(np.flatnonzero(classes == number)[-1]) for number in range(CLASSES)]
    for graph in [*members, *np.random.default_rng(1).integers(0, LABELLED, 300).tolist()]:
        counts = four_node_census(circuit_of(4, edges_of(graph)), path=path).counts
        assert {code: count for code, count in counts.items() if count} == {
            canonical[classes[graph]]: 1
        }


@pytest.mark.parametrize("path", [*PATHS, "auto"])
@pytest.mark.parametrize("name", degenerate())
def test_degenerate_circuits(name, path):
    circuit = degenerate()[name]
    counts = four_node_census(circuit, path=path).counts
    assert counts == brute_force(circuit)
    assert all(type(count) is int for count in counts.values())


@pytest.mark.parametrize("n", [63, 64, 65, 127, 129, 600])
def test_complete_tournament_and_empty_at_word_boundaries(n):
    complete = uniform(n, 0, 1.1)
    everyone = np.arange(n)
    pre, post = np.nonzero(everyone[:, None] < everyone[None])
    tournament = Circuit.from_edges("tournament", n, pre, post)
    transitive = code_of({(a, b) for a in range(4) for b in range(a + 1, 4)})
    transitive = class_table()[1][class_table()[0][transitive]]
    for path in PATHS:
        for circuit, code in ((complete, codes()[-1]), (tournament, transitive)):
            counts = four_node_census(circuit, path=path).counts
            assert counts[code] == comb(n, 4)
            assert sum(counts.values()) == comb(n, 4)
        counts = four_node_census(circuit_of(n, []), path=path).counts
        assert counts[0] == comb(n, 4)


CIRCUITS = {
    "spatial": spatial(70, 1, 0.2),
    "dense": uniform(45, 2, 0.8),
    "sparse": heavy(110, 3, 6),
    "isolated": circuit_of(60, [(a, b) for a in range(9) for b in range(20, 40) if (a + b) % 3]),
}


@pytest.mark.parametrize("name", CIRCUITS)
def test_equals_brute_force_and_igraph(name):
    circuit = CIRCUITS[name]
    wanted = brute_force(circuit)
    peer = igraph_counts(circuit)
    assert len(peer) == 199
    for path in PATHS:
        census = four_node_census(circuit, path=path)
        assert census.path == path
        assert census.counts == wanted
        assert census.connected() == peer


def test_hubs_with_more_than_512_later_partners():
    """Rows of several blocks; here the two paths, and triads, are each other's witness."""
    circuit = uniform(620, 5, 0.7)
    dense, sparse = (four_node_census(circuit, path=path).counts for path in PATHS)
    assert dense == sparse
    assert sum(dense.values()) == comb(620, 4)
    _holds_the_triads(circuit, dense)


def test_sparse_path_equals_igraph_on_a_heavy_tail():
    circuit = heavy(1_500, 6, 5, spread=1.0)
    census = four_node_census(circuit)
    assert census.path == "sparse"
    assert census.connected() == igraph_counts(circuit)
    _holds_the_triads(circuit, census.counts)


def _holds_the_triads(circuit, counts):
    """Every triad lies in n − 3 sets of four neurons."""
    found = Counter()
    for code, count in counts.items():
        for name, number in _triads_in(code).items():
            found[name] += number * count
    for name, count in triad_census(circuit).items():
        assert found[name] == count * (circuit.n - 3)


def _triads_in(code):
    whole = circuit_of(4, edges_of(code))
    total = {}
    for left_out in range(4):
        part = whole.subset(np.arange(4) != left_out)
        for name, count in triad_census(part).items():
            total[name] = total.get(name, 0) + count
    return total


def test_path_is_chosen_by_density():
    assert four_node_census(uniform(300, 1, 0.3)).path == "dense"
    assert four_node_census(uniform(300, 1, 0.02)).path == "sparse"


def test_what_a_path_cannot_take_is_refused():
    with pytest.raises(ValueError, match="none of auto"):
        four_node_census(circuit_of(4, []), path="quick")
    with pytest.raises(UsageError, match="dense path takes up to"):
        four_node_census(circuit_of(20_001, [(0, 1)]), path="dense")
    n = 65_538
    star = Circuit.from_edges("star", n, np.zeros(n - 1, np.int64), np.arange(1, n))
    with pytest.raises(UsageError, match="sparse path takes up to"):
        four_node_census(star, "exact")
    sampled = four_node_census(star, sets=1_000)
    assert (sampled.method, sampled.path) == ("sampled", "sets")


def test_counts_beyond_64_bits():
    n = 140_000
    counts = four_node_census(circuit_of(n, [(0, 1), (1, 2), (5, 6)])).counts
    assert counts[0] > 2**63
    assert sum(counts.values()) == comb(n, 4)
