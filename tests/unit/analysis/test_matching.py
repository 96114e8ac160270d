"""Placements of patterns: the same as DotMotif's, as brute force's, as the census's."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from dotmotif import Motif, NetworkXExecutor

from analysis.circuit import Circuit
from analysis.frame import Frame, FrameError
from analysis.motifs import MAN, triad_census
from analysis.motifs.counting import count_pattern, why_no_census
from analysis.motifs.four import four_node_census
from analysis.motifs.matching import (
    SearchStopped,
    column_kinds,
    count_placements,
    draw_placements,
    find_placements,
)
from analysis.motifs.named import class_graphs, embeddings, pattern_of, triads
from schemas.patterns import PatternError, read
from schemas.patterns.attributes import resolved
from schemas.patterns.symmetry import Symmetry
from tests.motifs_asked import OURS, SHARED, asked_circuit

CIRCUITS = 200


def fitted(text, circuit, *, induced=False):
    pattern = (pattern_of(text) or read(text)).closed(induced=induced)
    return resolved(pattern, column_kinds(circuit.neurons), circuit.name)


def placements(circuit, pattern, *, once=True):
    found = find_placements(circuit, pattern, limit=10**6, once=once)
    assert found.complete
    return [dict(zip(found.neurons, row, strict=True)) for row in found.rows.tolist()]


@pytest.fixture(scope="module")
def hosts():
    return [asked_circuit(seed, n=5 + seed % 3) for seed in range(CIRCUITS)]


@pytest.mark.parametrize("what", SHARED)
def test_dotmotif_finds_the_same(what, hosts):
    """Every circuit, every placement; its own search is the oracle."""
    motif = Motif(SHARED[what])
    seen = 0
    for circuit in hosts:
        theirs = NetworkXExecutor(graph=circuit.to_networkx()).find(motif)
        wanted = {tuple(sorted((name, int(body)) for name, body in one.items())) for one in theirs}
        ids = circuit.neuron_ids
        ours = placements(circuit, fitted(SHARED[what], circuit), once=False)
        found = {tuple(sorted((name, int(ids[at])) for name, at in one.items())) for one in ours}
        assert found == wanted
        assert len(ours) == len(theirs)
        seen += len(ours)
    assert seen > CIRCUITS / 4, "the pattern is there"


@pytest.mark.parametrize("what", [*SHARED, *OURS])
@pytest.mark.parametrize("induced", [False, True])
def test_each_once_is_a_share_of_all(what, induced, hosts):
    """What is kept of the placements is one of each orbit of the symmetries."""
    text = (SHARED | OURS)[what]
    for circuit in hosts[::40]:
        pattern = fitted(text, circuit, induced=induced)
        every = placements(circuit, pattern, once=False)
        kept = placements(circuit, pattern, once=True)
        turns = turned(pattern)
        assert len(turns) == Symmetry(pattern).size
        orbits = {
            frozenset(tuple(one[turn[name]] for name in pattern.neurons) for turn in turns)
            for one in every
        }
        assert len(orbits) == len(kept)
        assert {tuple(one.values()) for one in kept} <= {tuple(one.values()) for one in every}
        assert count_placements(circuit, pattern, once=False) == len(every)
        assert count_placements(circuit, pattern) == len(kept)


def turned(pattern):
    """Every symmetry of a pattern, by trying all permutations of its names."""

    def said(order):
        def links(given):
            return {replace(one, pre=order[one.pre], post=order[one.post]) for one in given}

        def side(one):
            return order[one] if isinstance(one, str) else tuple(order[name] for name in one)

        both = [turn for one in pattern.comparisons for turn in (one, one.turned())]
        return (
            links(pattern.present),
            links(pattern.absent),
            {(order[name], condition) for name, condition in pattern.conditions},
            {replace(one, left=side(one.left), right=side(one.right)) for one in both},
        )

    orders = [
        dict(zip(pattern.neurons, names, strict=True)) for names in permutations(pattern.neurons)
    ]
    return [order for order in orders if said(order) == said(orders[0])]


def brute(circuit, pattern):
    """Count placements of a plain pattern by looking at every ordered choice of neurons."""
    matrix = circuit.dense(np.int64)
    seen = circuit.frame.matrix()
    place = {name: at for at, name in enumerate(pattern.neurons)}
    return sum(
        all(matrix[row[place[a]], row[place[b]]] for a, b in (one.pair for one in pattern.present))
        and not any(
            matrix[row[place[a]], row[place[b]]] or not seen[row[place[a]], row[place[b]]]
            for a, b in (one.pair for one in pattern.absent)
        )
        for row in permutations(range(circuit.n), pattern.size)
    )


@pytest.mark.parametrize("induced", [False, True])
def test_census_gives_what_is_found(induced):
    """All triads and all motifs of four, induced and not: the linear map equals the search."""
    circuit = asked_circuit(3, n=11, density=0.35)
    names = [*MAN, *(f"4:{code}" for code in list(class_graphs(4))[induced::2])]
    for name in names:
        pattern = pattern_of(name)
        if not induced:
            pattern = replace(pattern, absent=(), induced=False)
        quick = count_pattern(circuit, pattern)
        slow = count_pattern(circuit, pattern, path="matcher")
        assert (quick.path, slow.path) == ("census", "matcher")
        assert quick.subgraphs == slow.subgraphs, name
        assert quick.placements == slow.placements


def test_named_motifs_count_as_their_census():
    circuit = asked_circuit(5, n=16, density=0.3)
    assert {name: count_pattern(circuit, pattern_of(name)).subgraphs for name in MAN} == (
        triad_census(circuit)
    )
    four = four_node_census(circuit).counts
    for code, number in list(four.items())[::7]:
        assert count_pattern(circuit, pattern_of(f"4:{code}")).subgraphs == number


def test_partial_absences_count_by_the_census():
    circuit = asked_circuit(8, n=9)
    for text in ("A -> B; B !> A; A -> C", "A -> B; C !> A", "A->B; B->C; C->D; D !> A; A !> C"):
        pattern = fitted(text, circuit)
        found = count_pattern(circuit, pattern)
        assert found.path == "census"
        assert found.placements == brute(circuit, pattern)


def test_an_embedding_in_its_own_class_is_a_symmetry():
    for name in MAN:
        pattern = pattern_of(name)
        assert embeddings(pattern) == {name: Symmetry(pattern).size}


def test_feed_forward_loop_runs_along_its_names():
    assert triads()["030T"] == (("A", "B"), ("A", "C"), ("B", "C"))
    assert triads()["030C"] == (("A", "B"), ("B", "C"), ("C", "A"))


class TestFrames:
    TEXTS = ("A -> B; B !> A", "A -> B; B -> C; A -> C", "A -> B; C !> A", "A -> B; A !> C")

    def hosts(self, frames=20):
        rng = np.random.default_rng(1)
        for _ in range(frames):
            n = 7
            sides = Frame(rng.random(n) < 0.7, rng.random(n) < 0.7)
            pairs = rng.random((n, n)) < 0.6
            np.fill_diagonal(pairs, False)
            for frame in (sides, Frame.of_pairs(n, *np.nonzero(pairs))):
                linked = frame.matrix() & (rng.random((n, n)) < 0.5)
                yield Circuit.from_edges("framed", n, *np.nonzero(linked), frame=frame)

    @pytest.mark.parametrize("induced", [False, True])
    def test_absence_needs_an_observable_pair(self, induced):
        counted = 0
        for circuit in self.hosts():
            for text in self.TEXTS:
                pattern = fitted(text, circuit, induced=induced)
                expected = brute(circuit, pattern)
                try:
                    found = count_pattern(circuit, pattern)
                except FrameError:
                    assert expected == 0
                    continue
                assert found.placements == expected
                counted += expected > 0
        assert counted > 20

    def test_bipartite_absence_is_refused(self):
        source = np.array([True, True, False, False])
        frame = Frame(source, ~source)
        circuit = Circuit.from_edges("two sides", 4, [0, 0, 1], [2, 3, 2], frame=frame)
        with pytest.raises(FrameError, match="both outputs and inputs"):
            count_pattern(circuit, fitted("A -> B; B !> A", circuit))
        with pytest.raises(FrameError, match="two sides"):
            count_pattern(circuit, fitted("A -> B; B -> C", circuit, induced=True))
        assert count_pattern(circuit, fitted("A -> B; A -> C", circuit)).subgraphs == 1

    def test_untested_absence_is_refused(self):
        circuit = Circuit.from_edges("pairs", 3, [0], [1], frame=Frame.of_pairs(3, [0, 1], [1, 2]))
        with pytest.raises(FrameError, match="tested"):
            count_pattern(circuit, fitted("A -> B; B !> A", circuit))
        both = Circuit.from_edges(
            "both ways", 3, [0, 1], [1, 0], frame=Frame.of_pairs(3, [0, 1], [1, 0])
        )
        assert count_pattern(both, fitted("A -> B; B !> A", both)).subgraphs == 0

    def test_census_is_left_where_it_does_not_look(self):
        frame = Frame(np.array([True, True, True, False]), np.ones(4, bool))
        circuit = Circuit.from_edges("one side", 4, [0, 0, 1], [1, 3, 3], frame=frame)
        pattern = fitted("A -> B; B -> C; A -> C", circuit)
        assert "observable" in why_no_census(circuit, pattern)
        found = count_pattern(circuit, pattern)
        assert (found.subgraphs, found.path) == (1, "matcher")
        with pytest.raises(PatternError, match="census"):
            count_pattern(circuit, pattern, path="census")


def test_missing_values_meet_no_condition():
    """Also `!=`: a neuron whose type is not known is not known to be of another type."""
    circuit = asked_circuit(2)
    table = circuit.neurons.copy()
    table.loc[::2, "type"] = None
    circuit = replace(circuit, neurons=table)
    known = set(np.flatnonzero(table["type"].notna()).tolist())
    for text in ('A -> B; A.type != "t1"', 'A -> B; A.type !in ["t1"]', "A -> B; A.type >= B.type"):
        found = placements(circuit, fitted(text, circuit))
        assert {one["A"] for one in found} <= known
    both = placements(circuit, fitted("A -> B; A.type = B.type", circuit))
    assert all({one["A"], one["B"]} <= known for one in both)


def test_polarity_of_a_connection_is_its_neuron_s():
    circuit = asked_circuit(4, n=12)
    polarity = circuit.neurons["polarity"].tolist()
    linked = circuit.dense(bool)
    for sign, wanted in (("+", "excitatory"), ("|", "inhibitory"), ("-", "inhibitory")):
        found = placements(circuit, fitted(f"A -{sign} B", circuit))
        assert len(found) == sum(linked[a].sum() for a in range(12) if polarity[a] == wanted)
    found = placements(circuit, fitted("A -> B; B !| A", circuit))
    assert len(found) == sum(
        linked[a, b] and not (linked[b, a] and polarity[b] == "inhibitory")
        for a in range(12)
        for b in range(12)
    )


def test_limit_keeps_the_first_and_says_so():
    circuit = asked_circuit(6, n=20)
    pattern = fitted("A -> B", circuit)
    assert find_placements(circuit, pattern, limit=circuit.m).complete
    short = find_placements(circuit, pattern, limit=circuit.m - 1)
    assert (len(short.rows), short.complete) == (circuit.m - 1, False)


def test_drawn_instances_begin_at_different_neurons():
    circuit = asked_circuit(6, n=40)
    pattern = pattern_of("030T")
    drawn = [draw_placements(circuit, pattern, 8, seed=seed).rows for seed in (1, 1, 2)]
    assert (drawn[0] == drawn[1]).all()
    assert not np.array_equal(drawn[0], drawn[2])
    assert max(len(np.unique(column)) for column in drawn[0].T) == 8
    every = {tuple(row) for row in find_placements(circuit, pattern, limit=10**6).rows.tolist()}
    assert {tuple(row) for row in drawn[2].tolist()} <= every
    whole = draw_placements(circuit, pattern, 10**6, seed=1)
    assert whole.complete
    assert {tuple(row) for row in whole.rows.tolist()} == every


def test_larger_than_the_bits_gives_the_same(monkeypatch):
    from analysis.motifs.matching import plan

    circuit = asked_circuit(9, n=30)
    texts = [*SHARED.values(), *OURS.values()]
    with_bits = [count_placements(circuit, fitted(text, circuit)) for text in texts[:16]]
    monkeypatch.setattr(plan, "BIT_BYTES", 0)
    assert [count_placements(circuit, fitted(text, circuit)) for text in texts[:16]] == with_bits


def test_search_is_stopped_in_time():
    circuit = asked_circuit(0, n=300, density=0.5)
    pattern = read("; ".join(f"A -> {name}" for name in "BCDEFGHIJ"))
    with pytest.raises(SearchStopped, match=r"0\.3 s"):
        count_placements(circuit, pattern, seconds=0.3)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_neurons_than_names(n):
    circuit = Circuit.from_edges("few", n, [0, 1][:n] if n > 1 else [], [1, 0][:n] if n > 1 else [])
    found = find_placements(circuit, read("A -> B; B -> C"), limit=5)
    assert (found.rows.shape, found.complete) == ((0, 3), True)
