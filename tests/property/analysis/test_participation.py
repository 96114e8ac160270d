"""Participation in triads against every triple of random small circuits, roles by isomorphism."""

from collections import Counter
from functools import cache
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx.algorithms.isomorphism import DiGraphMatcher

from analysis.circuit import Circuit
from analysis.frame import Frame, FrameError
from analysis.motifs import triad_census
from analysis.motifs.four.build import dyads_of
from analysis.motifs.neighbours import by_rows, by_triangles
from analysis.motifs.participation import connection_participation, neuron_participation
from analysis.motifs.roles import CONNECTED, connection_roles, motif_of, neuron_roles

# Drawn apart from the code: what each neuron of a triad is called, and its connections.
DRAWN = {
    "021D": "hub>end1 hub>end2",
    "021U": "end1>hub end2>hub",
    "021C": "source>relay relay>target",
    "111D": "partner>hub hub>partner source>hub",
    "111U": "partner>hub hub>partner hub>target",
    "030T": "source>relay relay>target source>target",
    "030C": "member1>member2 member2>member3 member3>member1",
    "201": "hub>end1 end1>hub hub>end2 end2>hub",
    "120D": "source>pair1 source>pair2 pair1>pair2 pair2>pair1",
    "120U": "pair1>target pair2>target pair1>pair2 pair2>pair1",
    "120C": "source>relay relay>target source>target target>source",
    "210": "source>target source>hub hub>source target>hub hub>target",
    "300": "member1>member2 member2>member1 member1>member3 member3>member1 "
    "member2>member3 member3>member2",
}


@cache
def templates():
    """Triads as networkx graphs."""
    return {
        motif: nx.DiGraph([arrow.split(">") for arrow in text.split()])
        for motif, text in DRAWN.items()
    }


@cache
def recognised(edges):
    """Triad of three neurons with these connections and what each neuron is, by isomorphism."""
    graph = nx.DiGraph(list(edges))
    graph.add_nodes_from(range(3))
    if not nx.is_weakly_connected(graph):
        return None
    for motif, template in templates().items():
        matcher = DiGraphMatcher(graph, template)
        if matcher.is_isomorphic():
            return motif, {node: name.rstrip("123") for node, name in matcher.mapping.items()}
    raise AssertionError(edges)


def by_looking(circuit, triples):
    """Counts of every neuron and connection by role, over the triples given."""
    linked = set(zip(circuit.sources().tolist(), circuit.indices.tolist(), strict=True))
    neurons = [Counter() for _ in range(circuit.n)]
    connections = {pair: Counter() for pair in sorted(linked)}
    for triple in triples:
        edges = frozenset(
            (x, y) for x in range(3) for y in range(3) if (triple[x], triple[y]) in linked
        )
        found = recognised(edges)
        if found is None:
            continue
        motif, names = found
        for place, neuron in enumerate(triple):
            neurons[neuron][f"{motif}:{names[place]}"] += 1
        for x, y in edges:
            connections[triple[x], triple[y]][f"{motif}:{names[x]}->{names[y]}"] += 1
    return neurons, list(connections.values())


def as_counters(found):
    return [
        Counter({role: int(n) for role, n in zip(found.roles, row, strict=True) if n})
        for row in found.counts
    ]


@st.composite
def circuits(draw):
    n = draw(st.integers(0, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    linked = rng.random((n, n)) < draw(st.sampled_from([0.05, 0.2, 0.5, 0.9, 1.0]))
    if draw(st.booleans()):
        linked |= linked.T & (rng.random((n, n)) < 0.6)
    np.fill_diagonal(linked, False)
    return Circuit.from_edges("x", n, *np.nonzero(linked))


@settings(deadline=None, max_examples=120)
@given(circuits())
def test_equals_looking_at_every_triple(circuit):
    neurons, connections = by_looking(circuit, combinations(range(circuit.n), 3))
    assert as_counters(neuron_participation(circuit)) == neurons
    assert as_counters(connection_participation(circuit)) == connections
    dyads = dyads_of(circuit)
    assert (by_rows(dyads) == by_triangles(dyads)).all()


@settings(deadline=None, max_examples=60)
@given(circuits())
def test_sums_are_the_census(circuit):
    census = triad_census(circuit)
    for found, places in (
        (neuron_participation(circuit), neuron_roles()),
        (connection_participation(circuit), connection_roles()),
    ):
        total = dict(zip(found.roles, found.counts.sum(0).tolist(), strict=True))
        assert total == {role: census[motif_of(role)] * n for role, n in places.items()}


@settings(deadline=None, max_examples=80)
@given(st.integers(3, 9), st.integers(0, 2**32 - 1), st.booleans())
def test_frames_are_respected(n, seed, single):
    rng = np.random.default_rng(seed)
    if single:
        seen = rng.random((n, n)) < 0.85
        np.fill_diagonal(seen, False)
        frame = Frame.of_pairs(n, *np.nonzero(seen))
    else:
        frame = Frame(rng.random(n) < 0.7, rng.random(n) < 0.8)
        seen = np.outer(frame.sources, frame.targets) & ~np.eye(n, dtype=bool)
    linked = seen & (rng.random((n, n)) < 0.6)
    circuit = Circuit.from_edges("x", n, *np.nonzero(linked), frame=frame)
    both = seen & seen.T
    triples = [
        (a, b, c)
        for a, b, c in combinations(range(n), 3)
        if both[a, b] and both[b, c] and both[a, c]
    ]
    if not triples:
        for refused in (neuron_participation, connection_participation):
            with pytest.raises(FrameError):
                refused(circuit)
        return
    wanted = by_looking(circuit, triples)
    for count, known in zip((neuron_participation, connection_participation), wanted, strict=True):
        assert as_counters(count(circuit)) == known
    inside = {neuron for triple in triples for neuron in triple}
    assert set(np.flatnonzero(neuron_participation(circuit).observed)) == inside
    pairs = {frozenset(pair) for triple in triples for pair in combinations(triple, 2)}
    observed = connection_participation(circuit).observed
    ends = zip(circuit.sources().tolist(), circuit.indices.tolist(), strict=True)
    assert observed.tolist() == [frozenset(pair) in pairs for pair in ends]


def test_names_of_roles_are_the_orbits():
    """Thirty of each; a name per orbit and an orbit per name."""
    assert set(DRAWN) == set(CONNECTED)
    assert len(neuron_roles()) == len(connection_roles()) == 30
    for motif, template in templates().items():
        symmetries = list(DiGraphMatcher(template, template).isomorphisms_iter())
        for a in template:
            orbit = {way[a] for way in symmetries}
            assert orbit == {b for b in template if b.rstrip("123") == a.rstrip("123")}
            assert neuron_roles()[f"{motif}:{a.rstrip('123')}"] == len(orbit)
        for a, b in template.edges:
            orbit = {(way[a], way[b]) for way in symmetries}
            role = f"{motif}:{a.rstrip('123')}->{b.rstrip('123')}"
            assert connection_roles()[role] == len(orbit)


def test_some_triads_only():
    circuit = Circuit.from_edges("x", 4, [0, 1, 0, 2, 3], [1, 2, 2, 3, 2])
    for count in (neuron_participation, connection_participation):
        every, some = count(circuit), count(circuit, ["030T", "111D"])
        columns = [every.roles.index(role) for role in some.roles]
        assert {motif_of(role) for role in some.roles} == {"030T", "111D"}
        assert (every.counts[:, columns] == some.counts).all()
        with pytest.raises(ValueError, match="003 is none of"):
            count(circuit, ["003"])
