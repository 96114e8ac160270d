"""Intervals of estimated motifs of four: exact rules where known, and how often they hold."""

from math import comb, log

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import binom, poisson

from analysis.motifs.four import four_node_census
from analysis.motifs.four.combine import clique_classes, clique_weights
from analysis.motifs.four.drawing import Drawing
from analysis.motifs.four.intervals import TAIL, _quantile, clique_limits, set_intervals
from tests.unit.analysis.graphs import heavy, uniform

ALL_MUTUAL = clique_classes()[-1]


def ends(census):
    return np.array(list(census.intervals.values())).T


@pytest.mark.parametrize("seen", [0, 1, 2, 7, 60])
def test_equal_weights_give_the_mid_p_limits_of_a_poisson_number(seen):
    def beyond(mean):
        return poisson.sf(seen, mean) + poisson.pmf(seen, mean) / 2

    total, weight = np.array([3.0 * seen]), np.array([3.0])
    high = _quantile(1 - TAIL, total, 3 * total, weight)[0] / 3
    assert high == pytest.approx(brentq(lambda mean: 1 - beyond(mean) - TAIL, 0.1, 200), rel=1e-6)
    low = _quantile(TAIL, total, 3 * total, weight)[0] / 3
    wanted = brentq(lambda mean: beyond(mean) - TAIL, 1e-9, 200) if seen else 0
    assert low == pytest.approx(wanted, rel=1e-6, abs=1e-9)


def drawing(total, seen, variance, squares, crude, largest, times):
    made = Drawing.from_seed(10, 1)
    made.tallies[ALL_MUTUAL] = total, seen, variance, squares, crude, largest
    made.pairs[2] = times
    return made


def test_none_found_follows_the_rule_of_three():
    low, high = clique_limits(drawing(0, 0, 0, 0, 0, 0, 10))
    assert low[ALL_MUTUAL] == 0
    assert high[ALL_MUTUAL] == pytest.approx(10 * log(20))
    most = abs(clique_weights()).max(1)
    signs = np.sign(clique_weights().sum(1))
    assert high[signs > 0] == pytest.approx((most * 10 * log(20))[signs > 0])
    assert low[signs < 0] == pytest.approx((-most * 10 * log(20))[signs < 0])
    assert not low[signs > 0].any()
    assert not high[signs < 0].any()


def test_many_parts_give_two_standard_errors_and_what_was_seen_is_there():
    many = drawing(1e6, 1e5, 1e6, 1e12 / 1e4, 3e6, 20, 10)
    low, high = (side[ALL_MUTUAL] for side in clique_limits(many))
    assert low == pytest.approx(-1960, rel=0.02)
    assert high == pytest.approx(1960, rel=0.02)
    few = drawing(40, 4, 0, 0, 360, 10, 10)
    assert clique_limits(few)[0][ALL_MUTUAL] > -36  # by the quantile, above what was seen
    one = drawing(10, 1, 90, 90**2, 90, 10, 10)
    assert clique_limits(one)[0][ALL_MUTUAL] == -9


def test_nothing_is_left_open_where_every_pair_was_looked_at():
    census = four_node_census(uniform(40, 4, 0.3), "hybrid", every=1)
    assert all(census.intervals[code] == (count, count) for code, count in census.counts.items())
    assert four_node_census(uniform(40, 4, 0.3), "exact").intervals == {}


@pytest.mark.parametrize(("found", "sets"), [(0, 50), (3, 50), (50, 50), (1, 1)])
def test_limits_of_sets_are_clopper_and_pearsons(found, sets):
    every = 10**9
    ((low, high),) = set_intervals([found], sets, every)
    if found:
        assert binom.sf(found - 1, sets, low / every) == pytest.approx(TAIL, rel=1e-5)
    else:
        assert low == 0
    if found < sets:
        assert binom.cdf(found, sets, high / every) == pytest.approx(TAIL, rel=1e-5)
    else:
        assert high == every


def test_sets_hold_the_truth():
    circuit = uniform(30, 4, 0.3)
    exact = np.array(list(four_node_census(circuit, "exact").counts.values()))
    held = np.zeros(exact.size)
    for seed in range(300):
        low, high = ends(four_node_census(circuit, "sampled", sets=2_000, seed=seed))
        held += (low <= exact) & (exact <= high)
        assert high.max() <= comb(30, 4)
    assert held.min() / 300 > 0.92
    assert 0.95 <= held.mean() / 300 <= 0.99


CIRCUITS = {
    "heavy tail": (heavy(150, 3, 14), 3),
    "rare": (uniform(110, 5, 0.12), 10),
}
TRIALS = 200


@pytest.mark.parametrize("name", CIRCUITS)
def test_intervals_of_all_classes_hold_as_often_as_they_say(name):
    """Every class that occurs, however rarely; standard errors alone do not do it."""
    circuit, every = CIRCUITS[name]
    exact = np.array(list(four_node_census(circuit, "exact").counts.values()))
    held, wald, varies = np.zeros((3, exact.size))
    for seed in range(TRIALS):
        census = four_node_census(circuit, "hybrid", every=every, seed=seed)
        low, high = ends(census)
        count, error = (np.array(list(by.values()), float) for by in (census.counts, census.errors))
        assert (low >= 0).all()
        assert ((low <= count) & (count <= high))[count >= 0].all()
        held += (low <= exact) & (exact <= high)
        wald += abs(count - exact) <= 1.96 * error
        varies += count != exact
    judged = (exact >= 1) & (varies > 0)
    assert judged.sum() > 100
    share = held[judged] / TRIALS
    assert share.min() >= 0.95 - 4 * np.sqrt(0.05 * 0.95 / TRIALS)
    assert 0.945 <= share.mean() <= 0.993
    if name == "rare":
        assert wald[judged].min() / TRIALS < 0.5


def test_a_lone_clique_is_held_found_or_not():
    circuit = uniform(100, 6, 0.12)
    exact = four_node_census(circuit, "exact").counts
    cliques = (list(exact)[number] for number in clique_classes())
    lone = [code for code in cliques if exact[code] == 1]
    assert lone
    found = set()
    for seed in range(60):
        census = four_node_census(circuit, "hybrid", every=8, seed=seed)
        for code in lone:
            low, high = census.intervals[code]
            found.add(census.counts[code])
            assert low <= 1 <= high <= 50
    assert min(found) == 0
    assert max(found) > 1
