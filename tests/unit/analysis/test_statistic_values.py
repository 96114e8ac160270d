"""Statistics against networkx, against their formulas written out, and on simple circuits."""

import math
from itertools import combinations, pairwise, permutations

import networkx as nx
import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.frame import Frame
from analysis.nulls import get_null
from analysis.statistics import clustering as clusters
from analysis.statistics import get_statistic, pair_statistics, small_world
from analysis.statistics.clustering import PATTERNS, clustering
from analysis.statistics.common_neighbours import pairs_by_common_neighbours
from analysis.statistics.components import strong_components
from analysis.statistics.degrees import SAMPLES, sample_correlations
from analysis.statistics.distances import bin_width
from analysis.statistics.feedback import feedback_share
from analysis.statistics.modularity import directed_modularity, modules
from analysis.statistics.small_world import mean_path
from analysis.statistics.spectrum import spectral_radius
from analysis.statistics.trophic import trophic_incoherence, trophic_levels
from tests.contract.analysis.test_nulls import labelled
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy, spatial, uniform

GRAPHS = {
    "dense": uniform(12, 1, 0.6),
    "uniform": uniform(40, 2, 0.2),
    "sparse": uniform(60, 3, 0.02),
    "heavy": heavy(80, 4),
    "spatial": spatial(60, 5),
    "beyond a word": uniform(70, 6, 0.3),
}
ALL = GRAPHS | degenerate()


def layered(sizes):
    """All of one layer connect to all of the next."""
    starts = np.cumsum([0, *sizes])
    layers = [range(a, b) for a, b in pairwise(starts)]
    edges = [(i, j) for a, b in pairwise(layers) for i in a for j in b]
    return circuit_of(int(starts[-1]), edges)


def value(name, circuit, of=""):
    return get_statistic(name).compute(circuit)[of].value


class TestClustering:
    @pytest.fixture(params=["_bit_seconds", "_list_seconds"])
    def _path(self, request, monkeypatch):
        monkeypatch.setattr(clusters, request.param, lambda _: float("inf"))

    @pytest.mark.usefixtures("_path")
    @pytest.mark.parametrize("name", ALL)
    def test_fagiolos_formulas(self, name):
        circuit = ALL[name]
        a = circuit.dense()
        out, into, mutual = a.sum(1), a.sum(0), np.diagonal(a @ a)
        both, degree = a + a.T, out + into
        triangles = [both @ both @ both / 2, a @ a @ a, a @ a.T @ a, a.T @ a @ a, a @ a @ a.T]
        possible = [
            degree * (degree - 1) - 2 * mutual,
            into * out - mutual,
            into * out - mutual,
            into * (into - 1),
            out * (out - 1),
        ]
        found = clustering(circuit)
        for k, (t, d) in enumerate(zip(triangles, possible, strict=True)):
            shares = np.divide(np.diagonal(t), d, out=np.zeros(circuit.n), where=d > 0)
            assert found[:, k] == pytest.approx(shares), PATTERNS[k]

    @pytest.mark.parametrize("name", GRAPHS)
    def test_networkx(self, name):
        graph = GRAPHS[name].to_networkx()
        assert value("clustering", GRAPHS[name], "all") == pytest.approx(
            nx.average_clustering(graph)
        )


class TestPaths:
    @pytest.fixture(params=["_bit_seconds", "_list_seconds"])
    def _path(self, request, monkeypatch):
        monkeypatch.setattr(small_world, request.param, lambda _: float("inf"))

    @pytest.mark.usefixtures("_path")
    @pytest.mark.parametrize("name", ALL)
    def test_networkx(self, name):
        circuit = ALL[name]
        steps = [
            length
            for start, lengths in nx.all_pairs_shortest_path_length(circuit.to_networkx())
            for end, length in lengths.items()
            if start != end
        ]
        path, reachable = mean_path(circuit)
        assert path == pytest.approx(np.mean(steps) if steps else math.nan, nan_ok=True)
        pairs = circuit.n * (circuit.n - 1)
        assert reachable == pytest.approx(len(steps) / pairs if pairs else math.nan, nan_ok=True)

    def test_rings_with_shortcuts_are_small_worlds_and_random_circuits_are_not(self):
        ring = nx.connected_watts_strogatz_graph(200, 10, 0.1, seed=1).to_directed()
        made = circuit_of(200, list(ring.edges))
        assert value("small_world", made, "small-world-ness") > 3
        assert value("small_world", uniform(200, 1, 0.1), "small-world-ness") == pytest.approx(
            1, abs=0.1
        )


class TestRecurrence:
    @pytest.mark.parametrize("name", ALL)
    def test_strong_components_are_those_of_networkx(self, name):
        circuit = ALL[name]
        labels = strong_components(circuit)
        found = {frozenset(np.flatnonzero(labels == k).tolist()) for k in set(labels.tolist())}
        assert found == set(map(frozenset, nx.strongly_connected_components(circuit.to_networkx())))

    def test_shares_of_a_loop_with_a_tail(self):
        circuit = circuit_of(5, [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4)])
        assert value("strongly_connected", circuit, "neurons in the largest") == pytest.approx(
            3 / 5
        )
        assert value("strongly_connected", circuit, "connections between") == pytest.approx(2 / 5)

    @pytest.mark.parametrize("name", GRAPHS)
    @pytest.mark.parametrize("weighted", [False, True])
    def test_the_spectral_radius_is_the_largest_eigenvalue(self, name, weighted):
        circuit = GRAPHS[name]
        weights = np.random.default_rng(1).integers(1, 9, circuit.m)
        circuit = Circuit.from_edges("x", circuit.n, circuit.sources(), circuit.indices, weights)
        matrix = circuit.to_scipy().toarray() if weighted else circuit.dense()
        largest = np.abs(np.linalg.eigvals(matrix.astype(float))).max()
        assert spectral_radius(circuit, weighted=weighted) == pytest.approx(largest, rel=1e-6)

    def test_radii_of_large_components(self):
        circuit = heavy(400, 1)
        largest = np.abs(np.linalg.eigvals(circuit.dense())).max()
        assert spectral_radius(circuit) == pytest.approx(largest, rel=1e-8)
        ring = circuit_of(500, [(k, (k + 1) % 500) for k in range(500)])
        assert spectral_radius(ring) == pytest.approx(1)  # every eigenvalue has this size

    def test_without_loops_there_is_no_radius(self):
        assert spectral_radius(layered([3, 4, 2])) == 0


class TestFeedforward:
    @pytest.mark.parametrize("name", GRAPHS)
    def test_trophic_levels_are_least_squares(self, name):
        circuit = GRAPHS[name]
        steps = np.zeros((circuit.m, circuit.n))
        steps[np.arange(circuit.m), circuit.indices] += 1
        steps[np.arange(circuit.m), circuit.sources()] -= 1
        best = np.linalg.lstsq(steps, np.ones(circuit.m), rcond=None)[0]
        assert trophic_incoherence(circuit) == pytest.approx(((steps @ best - 1) ** 2).mean())

    def test_layers_are_coherent_and_loops_are_not(self):
        assert trophic_incoherence(layered([4, 5, 3])) == pytest.approx(0, abs=1e-12)
        levels = trophic_levels(layered([4, 5, 3]))
        assert levels[[4, 9]] - levels[[0, 4]] == pytest.approx([1, 1])
        ring = circuit_of(6, [(k, (k + 1) % 6) for k in range(6)])
        assert trophic_incoherence(ring) == pytest.approx(1)

    def test_of_chains_the_levels_are_networkx_s(self):
        """Its older definition agrees where every neuron has one level of inputs."""
        circuit = layered([2, 3, 2, 1])
        expected = list(nx.trophic_levels(circuit.to_networkx()).values())
        levels = trophic_levels(circuit)
        assert levels - levels[0] + 1 == pytest.approx(expected)

    def test_feedback_is_nil_without_loops_and_half_of_mutual_pairs(self):
        assert feedback_share(layered([3, 4, 2])) == 0
        assert feedback_share(degenerate()["tournament"]) == 0
        assert feedback_share(degenerate()["complete"]) == pytest.approx(1 / 2)
        assert feedback_share(degenerate()["3-cycle"]) == pytest.approx(1 / 3)

    @pytest.mark.parametrize("seed", range(6))
    def test_feedback_is_near_the_least_there_is(self, seed):
        circuit = uniform(7, seed, 0.4)
        linked = circuit.dense(np.int64)
        least = min(
            sum(linked[order[b], order[a]] for a, b in combinations(range(7), 2))
            for order in permutations(range(7))
        )
        found = round(feedback_share(circuit) * circuit.m)
        assert least <= found <= least + 1


class TestModules:
    def test_cliques_are_found(self):
        pairs = [(a + k, b + k) for k in (0, 10, 20) for a, b in permutations(range(10), 2)] + [
            (0, 10),
            (10, 20),
            (20, 0),
        ]
        found = modules(circuit_of(30, pairs))
        assert [len(set(found[k : k + 10])) for k in (0, 10, 20)] == [1, 1, 1]
        assert len(set(found)) == 3

    @pytest.mark.parametrize("name", GRAPHS)
    def test_directed_modularity_is_networkx_s(self, name):
        circuit = GRAPHS[name]
        labels = modules(circuit)
        groups = [set(np.flatnonzero(labels == k).tolist()) for k in set(labels.tolist())]
        expected = nx.community.modularity(circuit.to_networkx(), groups, weight=None)
        assert directed_modularity(circuit, labels) == pytest.approx(expected)
        assert value("modularity", circuit, "directed") == pytest.approx(expected)

    @pytest.mark.parametrize("name", GRAPHS)
    def test_undirected_modularity_is_that_of_both_directions_together(self, name):
        circuit = GRAPHS[name]
        both = nx.from_numpy_array(circuit.dense() + circuit.dense().T)
        labels = modules(circuit)
        groups = [set(np.flatnonzero(labels == k).tolist()) for k in set(labels.tolist())]
        found = value("modularity", circuit, "undirected")
        assert found == pytest.approx(nx.community.modularity(both, groups))
        louvain = nx.community.louvain_communities(both, seed=1)
        assert found >= nx.community.modularity(both, louvain) - 0.01


class TestNeighbours:
    @pytest.mark.parametrize("name", ALL)
    def test_common_neighbours_are_counted(self, name):
        circuit = ALL[name]
        linked = circuit.dense(np.int64)
        either = ((linked + linked.T) > 0).astype(np.int64)
        expected = np.zeros((circuit.n + 1, 3), np.int64)
        for a, b in combinations(range(circuit.n), 2):
            row = expected[int(either[a] @ either[b])]
            ways = linked[a, b] + linked[b, a]
            row += np.array([1, ways == 1, ways == 2])
        found = pairs_by_common_neighbours(circuit)
        assert np.array_equal(found, expected[: len(found)])
        assert not expected[len(found) :].any()

    def test_bins_hold_all_connections(self):
        circuit = heavy(100, 1)
        counts = pairs_by_common_neighbours(circuit)
        found = get_statistic("common_neighbours").compute(circuit)
        assert counts[:, 1].sum() + 2 * counts[:, 2].sum() == circuit.m
        assert len(found.parts) > 4
        # Degrees alone expect as many connections as there are.
        model = get_null("degree").fit(circuit)
        assert (model.one_way + model.mutual)[
            np.ix_(model.classes, model.classes)
        ].sum() - np.trace(
            (model.one_way + model.mutual)[np.ix_(model.classes, model.classes)]
        ) == pytest.approx(circuit.m)

    def test_expected_shares_are_met_by_draws_of_the_null(self):
        """A circuit drawn with given degrees alone follows its own expectation."""
        model = get_null("degree").fit(heavy(300, 2, 25, mutual=0))
        rng = np.random.default_rng(1)
        off = []
        for _ in range(5):
            found = get_statistic("common_neighbours").compute(model.sample(rng))
            off += [p.value - p.expected for p in found.parts if math.isfinite(p.expected)]
        assert np.mean(off) == pytest.approx(0, abs=0.01)
        assert np.abs(off).max() < 0.06

    @pytest.mark.parametrize("name", ["heavy", "spatial"])
    def test_rich_clubs(self, name):
        circuit = GRAPHS[name]
        degree = circuit.dense().sum(0) + circuit.dense().sum(1)
        found = get_statistic("rich_club").compute(circuit)
        assert len(found.parts) >= 3
        for part in found.parts:
            k = int(part.of.split()[2])
            club = degree > k
            inside = circuit.dense()[np.ix_(club, club)]
            size = club.sum()
            assert f"({size} neurons)" in part.of
            assert part.value == pytest.approx(inside.sum() / (size * (size - 1)))

    def test_rich_clubs_of_mutual_circuits_are_networkx_s(self):
        graph = nx.barabasi_albert_graph(60, 4, seed=2)
        circuit = circuit_of(60, list(graph.to_directed().edges))
        expected = nx.rich_club_coefficient(graph, normalized=False)
        for part in get_statistic("rich_club").compute(circuit).parts:
            assert part.value == pytest.approx(expected[int(part.of.split()[2]) // 2])


class TestDegrees:
    def test_sample_correlations_are_those_of_samples(self):
        circuit = heavy(60, 3, 12)
        linked = circuit.dense()
        rng = np.random.default_rng(4)
        found = sample_correlations(circuit)
        for size in SAMPLES:
            degrees = []
            for _ in range(12_000):
                chosen = rng.choice(60, size, replace=False)
                part = linked[np.ix_(chosen, chosen)]
                degrees.append(np.stack([part.sum(0), part.sum(1)], axis=1))
            into, out = np.concatenate(degrees).T
            expected = np.corrcoef(into, out)[0, 1]
            assert found[f"samples of {size}"] == pytest.approx(expected, abs=0.02)

    def test_the_largest_sample_is_the_circuit(self):
        """Samples of all neurons give the in/out-degree correlation."""
        circuit = heavy(12, 5, 4)
        found = sample_correlations(circuit)["samples of 12"]
        assert found == pytest.approx(pair_statistics(circuit).degree_correlation)
        assert value("degree_correlation", circuit) == pytest.approx(found)


class TestPairs:
    def test_jackknife_in_closed_form_is_the_jackknife(self):
        circuit = heavy(30, 1)
        for name, of in (("density", ""), ("reciprocity", "share"), ("reciprocity", "relative")):
            without = []
            for left in range(30):
                part = circuit.subset(np.arange(30) != left)
                without.append(get_statistic(name).compute(part)[of].value)
            expected = np.sqrt(29 * np.var(without))
            found = get_statistic(name).compute(circuit)[of].standard_error
            assert found == pytest.approx(expected), (name, of)

    def test_jackknife_in_a_frame(self):
        rng = np.random.default_rng(3)
        sources, targets = rng.random(40) < 0.7, rng.random(40) < 0.8
        linked = (rng.random((40, 40)) < 0.3) & np.outer(sources, targets)
        np.fill_diagonal(linked, False)
        circuit = Circuit.from_edges("x", 40, *np.nonzero(linked), frame=Frame(sources, targets))
        without = [
            circuit.subset(np.arange(40) != left).density
            for left in np.flatnonzero(sources | targets)
        ]
        expected = np.sqrt((len(without) - 1) * np.var(without))
        found = get_statistic("density").compute(circuit)[""]
        assert found.standard_error == pytest.approx(expected)

    @pytest.mark.parametrize("tested", [False, True])
    def test_probability_by_distance_is_counted_out(self, tested):
        circuit = labelled(spatial(50, 2))
        if tested:
            rng = np.random.default_rng(1)
            pairs = rng.random((50, 50)) < 0.4
            np.fill_diagonal(pairs, False)
            kept = pairs[circuit.sources(), circuit.indices]
            circuit = Circuit.from_edges(
                "x", 50, circuit.sources()[kept], circuit.indices[kept],
                neurons=circuit.neurons, frame=Frame.of_pairs(50, *np.nonzero(pairs)),
            )  # fmt: skip
        else:
            pairs = ~np.eye(50, dtype=bool)
        places = circuit.neurons[["soma_x", "soma_y", "soma_z"]].to_numpy()
        apart = np.sqrt(((places[:, None] - places[None]) ** 2).sum(-1))
        width = bin_width(places)
        found = get_statistic("distance_dependence").compute(circuit).parts
        assert len(found) > 4
        for part in found:
            low = float(part.of.split("–")[0])
            within = pairs & (apart >= low) & (apart < low + width)
            assert part.value == pytest.approx(circuit.dense()[within].mean())

    @pytest.mark.parametrize(
        ("extent", "width"), [(10, 1), (100, 10), (119, 10), (121, 20), (500, 50), (1e3, 100)]
    )
    def test_bins_have_round_widths(self, extent, width):
        assert bin_width(np.array([[0, 0, 0], [extent, 0, 0]], float)) == width
