"""The typed census is what looking at every three neurons finds, and sums to the plain one."""

from collections import Counter
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.circuit import Circuit
from analysis.motifs import MAN, triad_census
from analysis.motifs.typed import ARROWS, MOST_CLASSES, symmetries, typed_census

DRAWN = {
    frozenset((p[a], p[b]) for a, b in arrows): (motif, p)
    for motif, arrows in ARROWS.items()
    for p in permutations(range(3))
}


def looked_at(edges, labels):
    """Look at every three neurons: find the drawing, and the smallest way to write its classes."""
    found = {motif: Counter() for motif in MAN}
    for three in combinations(range(len(labels)), 3):
        arrows = frozenset(
            (x, y) for x in range(3) for y in range(3) if (three[x], three[y]) in edges
        )
        motif, p = DRAWN[arrows]
        cell = [labels[three[p[place]]] for place in range(3)]
        ways = [tuple(cell[q] for q in s) for s in symmetries(motif)]
        found[motif][min(ways)] += 1
    return {motif: dict(cells) for motif, cells in found.items()}


def circuit_of(edges, n):
    pairs = sorted(edges)
    pre, post = ([pair[side] for pair in pairs] for side in (0, 1))
    return Circuit.from_edges("made/typed", n, pre, post)


@st.composite
def labelled(draw):
    n = draw(st.integers(0, 13))
    k = draw(st.integers(1, 4))
    labels = draw(st.lists(st.sampled_from("abcd"[:k]), min_size=n, max_size=n))
    pairs = [(a, b) for a in range(n) for b in range(n) if a != b]
    edges = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    if draw(st.booleans()):
        edges |= {(b, a) for a, b in sorted(edges)[::2]}
    return edges, labels


@settings(max_examples=200, deadline=None)
@given(labelled())
def test_both_paths_equal_looking_at_every_three(given_case):
    edges, labels = given_case
    circuit = circuit_of(edges, len(labels))
    expected = looked_at(edges, labels)
    for path in ("dense", "sparse"):
        census = typed_census(circuit, labels, path=path)
        found = {
            motif: {tuple(census.classes[k] for k in cell): n for cell, n in cells.items()}
            for motif, cells in census.counts.items()
        }
        assert found == expected, path


@pytest.mark.parametrize(("n", "density", "k"), [(700, 0.3, 8), (700, 0.05, 16), (1300, 0.4, 3)])
def test_paths_agree_and_sum_to_the_plain_census(n, density, k):
    rng = np.random.default_rng(n + k)
    matrix = rng.random((n, n)) < density
    np.fill_diagonal(matrix, False)
    circuit = Circuit.from_edges("made/large", n, *np.nonzero(matrix))
    labels = [f"class {c:02d}" for c in rng.integers(0, k, n)]
    dense = typed_census(circuit, labels, path="dense")
    sparse = typed_census(circuit, labels, path="sparse")
    assert dense.counts == sparse.counts
    assert dense.untyped() == triad_census(circuit)
    assert dense.classes == tuple(sorted(set(labels)))
    names, most = dense.named("030T")[0]
    assert most == max(dense.counts["030T"].values())
    assert set(names) <= set(labels)


def test_classes_of_uneven_sizes():
    """Classes that fill words, leave some bits of them empty, and go over blocks."""
    sizes = (1, 63, 64, 65, 130, 600)
    labels = np.repeat([f"class {c}" for c in range(len(sizes))], sizes)
    rng = np.random.default_rng(2)
    rng.shuffle(labels)
    n = labels.size
    matrix = rng.random((n, n)) < rng.lognormal(-2.5, 1, (n, 1)).clip(0, 0.9)
    matrix |= matrix.T & (rng.random((n, n)) < 0.3)
    np.fill_diagonal(matrix, False)
    circuit = Circuit.from_edges("made/uneven", n, *np.nonzero(matrix))
    dense, sparse = (typed_census(circuit, labels, path=path) for path in ("dense", "sparse"))
    assert dense.counts == sparse.counts
    assert dense.untyped() == triad_census(circuit)
    assert all(dense.untyped().values())


def test_one_class_is_the_plain_census():
    rng = np.random.default_rng(1)
    edges = {(int(a), int(b)) for a, b in rng.integers(0, 40, (500, 2)) if a != b}
    circuit = circuit_of(edges, 40)
    assert typed_census(circuit, ["x"] * 40).untyped() == triad_census(circuit)


def test_drawings_are_the_codes():
    """Networkx names each drawing by its code."""
    import networkx as nx

    for motif, arrows in ARROWS.items():
        graph = nx.DiGraph(list(arrows))
        graph.add_nodes_from(range(3))
        assert nx.triad_type(graph) == motif


def test_wrong_labels_are_refused():
    circuit = circuit_of({(0, 1)}, 3)
    with pytest.raises(ValueError, match="2 labels for 3 neurons"):
        typed_census(circuit, ["a", "b"])
    many = circuit_of({(0, 1)}, MOST_CLASSES + 1)
    with pytest.raises(ValueError, match="at most 16"):
        typed_census(many, [str(k) for k in range(MOST_CLASSES + 1)])
    with pytest.raises(ValueError, match="none of auto"):
        typed_census(circuit, ["a"] * 3, path="guess")
