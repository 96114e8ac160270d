"""Estimated censuses of four neurons: no bias, the error they say, and told from exact ones."""

from math import comb

import numpy as np
import pytest

from analysis.frame import Frame
from analysis.motifs.four import census as module
from analysis.motifs.four import four_node_census
from analysis.motifs.four.build import dyads_of
from analysis.motifs.four.classes import codes, shapes
from analysis.motifs.four.combine import clique_classes, clique_weights
from analysis.motifs.four.reach import WEDGES, Cost, costs
from schemas.errors import UsageError
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy, spatial, uniform

CIRCUITS = {"dense": spatial(60, 1, 0.3), "sparse": heavy(150, 3, 14)}
DRAWS = 400


def arrays(census):
    return (
        np.array(list(census.counts.values()), float),
        np.array(list(census.errors.values()), float),
    )


@pytest.mark.parametrize("path", ["dense", "sparse"])
@pytest.mark.parametrize("name", [*CIRCUITS, *degenerate()])
def test_all_pairs_drawn_is_exact(name, path):
    circuit = CIRCUITS.get(name) or degenerate()[name]
    drawn = four_node_census(circuit, "hybrid", path=path, every=1)
    assert drawn.counts == four_node_census(circuit, "exact", path=path).counts
    assert set(drawn.errors.values()) == {0.0}
    assert drawn.looked_at[0] == drawn.looked_at[1]
    assert (drawn.method, drawn.path) == ("hybrid", path)


@pytest.mark.parametrize("path", CIRCUITS)
def test_hybrid_is_unbiased_and_knows_its_error(path):
    circuit = CIRCUITS[path]
    exact = arrays(four_node_census(circuit, "exact"))[0]
    drawn = [
        arrays(four_node_census(circuit, "hybrid", path=path, every=3, seed=seed))
        for seed in range(DRAWS)
    ]
    counts, errors = (np.array([draw[k] for draw in drawn]) for k in (0, 1))
    spread = counts.std(0, ddof=1)
    sure = spread == 0
    assert (counts[0][sure] == exact[sure]).all()
    off = (counts.mean(0) - exact)[~sure] / (spread[~sure] / np.sqrt(DRAWS))
    assert abs(off).max() < 4.5
    frequent = ~sure & (exact > 300)
    assert frequent.sum() > 100
    ratio = np.sqrt((errors**2).mean(0))[frequent] / spread[frequent]
    assert 0.85 < ratio.min() <= ratio.max() < 1.15
    covered = (abs(counts - exact) <= 1.96 * errors)[:, frequent].mean(0)
    assert covered.min() > 0.87
    assert 0.92 < covered.mean() < 0.98


def test_same_seed_same_numbers():
    circuit = CIRCUITS["dense"]
    first, again, other = (four_node_census(circuit, "hybrid", seed=s) for s in (1, 1, 2))
    assert first == again
    assert first.counts != other.counts
    assert all(type(count) is int for count in first.counts.values())


def test_cliques_enter_every_class_that_is_a_part_of_one():
    """Of a class of cliques itself once; the smaller shapes by inclusion and exclusion."""
    weights = clique_weights()
    assert (weights[list(clique_classes())] == np.eye(42)).all()
    signs = {shape: set(np.sign(weights[k]).tolist()) for k, shape in enumerate(shapes())}
    assert signs["diamond"] == {0, -1}
    assert signs["empty"] == {1}


def test_uniform_sets_are_binomial():
    circuit = uniform(30, 4, 0.3)
    exact = arrays(four_node_census(circuit, "exact"))[0]
    drawn = [
        arrays(four_node_census(circuit, "sampled", sets=4_000, seed=seed)) for seed in range(200)
    ]
    counts, errors = (np.array([draw[k] for draw in drawn]) for k in (0, 1))
    chance = exact / comb(30, 4)
    truth = comb(30, 4) * np.sqrt(chance * (1 - chance) / 4_000)
    frequent = chance > 0.005
    assert frequent.sum() > 20
    off = (counts.mean(0) - exact)[frequent] / truth[frequent]
    assert abs(off).max() < 4.5 / np.sqrt(200)
    assert np.allclose(errors.mean(0)[frequent], truth[frequent], rtol=0.05)
    assert np.allclose(counts.std(0)[frequent], truth[frequent], rtol=0.25)
    assert (errors > 0).all()


def test_sampled_sets_keep_the_frame():
    frame = Frame(np.arange(40) < 30, np.arange(40) >= 2)
    whole = uniform(40, 2, 0.4)
    inside = frame.observes(whole.sources(), whole.indices)
    made = type(whole).from_edges(
        "framed", 40, whole.sources()[inside], whole.indices[inside], frame=frame
    )
    assert sum(four_node_census(made, "exact").counts.values()) == comb(28, 4)
    assert four_node_census(made, "sampled", sets=10).looked_at == (10, comb(28, 4))


def test_cost_knows_triangles_and_limits():
    circuit = heavy(2_500, 3, 40)
    dyads = dyads_of(circuit)
    assert set(costs(dyads)) == {"dense", "sparse"}
    assert costs(dyads)["dense"].sums > costs(dyads)["sparse"].sums
    assert costs(dyads_of(circuit_of(5, [])))["sparse"] == Cost(0, 0)
    assert WEDGES > 1_000


def test_auto_goes_down_the_methods_as_the_cost_goes_up(monkeypatch):
    circuit = uniform(60, 4, 0.5)
    assert four_node_census(circuit).method == "exact"
    monkeypatch.setattr(module, "SMALL", 10)
    assert four_node_census(circuit).method == "exact"
    assert four_node_census(circuit).errors == {}
    monkeypatch.setattr(module, "EXACT_SECONDS", 0.0)
    hybrid = four_node_census(circuit)
    assert hybrid.method == "hybrid"
    assert list(hybrid.errors) == list(codes())
    monkeypatch.setattr(module, "SUMS_SECONDS", 0.0)
    assert four_node_census(circuit, sets=500).method == "sampled"
    assert four_node_census(circuit, "exact").method == "exact"


def test_pairs_are_drawn_as_the_time_allows(monkeypatch):
    known = {"dense": Cost(100.0, 5_000.0), "sparse": Cost(3_000.0, 5_000.0)}
    assert module._within_reach(known) == ("dense", "hybrid")
    assert module._every(known["dense"]) == 50
    assert module._within_reach({"sparse": Cost(30.0, 20.0)}) == ("sparse", "exact")
    assert module._within_reach({"sparse": Cost(3_000.0, 20.0)}) is None
    assert module._within_reach({}) is None


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"method": "quick"}, ValueError, "none of auto, exact"),
        ({"method": "hybrid", "every": 0}, ValueError, "at least 1"),
        ({"method": "sampled"}, UsageError, "from fewer"),
    ],
)
def test_refusals(given, error, said):
    with pytest.raises(error, match=said):
        four_node_census(circuit_of(3, [(0, 1)]), **given)
