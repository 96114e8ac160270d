"""Verdicts over several circuits: published figures, statsmodels, brute force, known truth."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from analysis.invariants import (
    Claim,
    Estimates,
    circuits_needed,
    collapse,
    over_spectrum,
    pooled,
    population_verdict,
    set_verdict,
    whole_spectrum,
)
from analysis.invariants.pooling import (
    dersimonian_laird,
    hartung_knapp,
    paule_mandel,
    posterior,
    profiled,
    weighted,
)
from analysis.invariants.populations import PAIR_SPREAD, spread_p
from analysis.invariants.sets import (
    critical,
    excess,
    pairs_of,
    same_p,
    smallest_excess,
    smallest_margin,
)
from schemas.errors import UsageError

DELTA = math.log(1.25)
VARIES = math.sqrt(math.log(1.16))  # errors vary between circuits: coefficient of variation .4


def estimates(effects, se, df=80.0, observed=100.0, **more: str):
    k = len(effects)
    full = [np.broadcast_to(np.asarray(x, float), k) for x in (effects, se, df, observed)]
    return Estimates(*full, ("V",) * k, tuple(f"c{i}" for i in range(k)), **more)


def errors_of(error, shape, rng):
    return error * rng.lognormal(0, VARIES, shape)


# Sets ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("k", "c", "provable", "beyond"),
    [
        (2, 1.960, 4.14, 3.96),
        (3, 2.344, 4.75, 4.50),
        (4, 2.569, 5.11, None),
        (5, 2.728, 5.36, 5.05),
        (10, 3.164, 6.06, 5.66),
    ],
)
def test_table_of_sets(k, c, provable, beyond):
    """Critical values, smallest margins and smallest differences in units of σ."""
    assert critical(k) == pytest.approx(c, abs=6e-4)
    equal = estimates(np.zeros(k), 1.0, np.inf)
    assert smallest_margin(equal) == pytest.approx(provable, abs=6e-3)
    if beyond is not None:
        pairs = pairs_of(np.zeros(k), np.ones(k), np.inf)
        assert smallest_excess(pairs) == pytest.approx(beyond, abs=6e-3)


@pytest.mark.parametrize(("ratio", "error"), [(1.1, 0.023), (1.25, 0.054), (1.5, 0.098)])
def test_errors_that_two_circuits_need(ratio, error):
    assert smallest_margin(estimates([0, 0], error, np.inf)) == pytest.approx(
        math.log(ratio), rel=0.01
    )


@pytest.mark.parametrize("k", [3, 5, 10])
def test_smallest_margin_of_unequal_errors_agrees_where_they_are_nearly_equal(k):
    nearly = np.r_[np.ones(k - 1), 1.0001]
    drawn = smallest_margin(estimates(np.zeros(k), nearly, np.inf))
    exact = smallest_margin(estimates(np.zeros(k), 1.0, np.inf))
    assert drawn == pytest.approx(exact, rel=0.01)
    assert drawn != exact


def test_smallest_margin_is_what_it_says():
    """At this margin four of five sets of equal circuits are called invariant."""
    rng = np.random.default_rng(1)
    for se, df in (([0.02, 0.05], 30.0), ([0.02, 0.05, 0.03, 0.08], 50.0)):
        margin = smallest_margin(estimates(np.zeros(len(se)), se, df))
        drawn = rng.normal(0, se, (20_000, len(se)))
        share = (same_p(pairs_of(drawn, np.square(se), df), margin) < 0.05).mean()
        assert share == pytest.approx(0.8, abs=0.015)


def test_mde_is_what_it_says():
    rng = np.random.default_rng(2)
    se, df = np.array([0.05, 0.05]), 60.0
    verdict = set_verdict(estimates([0, 0], se, df), DELTA)
    drawn = rng.normal([0, verdict.mde], se, (20_000, 2))
    share = (excess(pairs_of(drawn, se**2, df), DELTA) > critical(2)).mean()
    assert share == pytest.approx(0.8, abs=0.015)


def test_rules_by_brute_force():
    """Intervals of every pair, written out; the p-values cross .05 where the rules do."""
    rng = np.random.default_rng(3)
    seen = set()
    criticals = {
        k: stats.studentized_range.ppf(0.95, k, np.inf) / math.sqrt(2) for k in range(2, 6)
    }
    for _ in range(100):
        k = int(rng.integers(2, 6))
        y, se = rng.normal(0, 0.12, k), rng.uniform(0.01, 0.08, k)
        df = rng.uniform(6, 90, k)
        same, apart = True, False
        c = criticals[k]
        for i, j in itertools.combinations(range(k), 2):
            a, b = se[i] ** 2, se[j] ** 2
            nu = (a + b) ** 2 / (a**2 / df[i] + b**2 / df[j])
            s, d = math.sqrt(a + b), abs(y[i] - y[j])
            same &= d + stats.t.ppf(0.95, nu) * s < DELTA
            apart |= d - c * stats.t.ppf(0.975, nu) / stats.norm.ppf(0.975) * s > DELTA
        verdict = set_verdict(estimates(y, se, df), DELTA)
        wanted = "INVARIANT" if same else "DIVERGENT" if apart else "UNDETERMINED"
        assert verdict.claim == wanted
        assert (verdict.p_inv < 0.05) == same
        assert (verdict.p_div < 0.05) == apart
        seen.add(wanted)
    assert seen == set(Claim)


def test_set_of_two_keeps_its_errors_at_the_margin():
    """True difference = margin, known errors: neither claim in more than 6 % of sets."""
    rng = np.random.default_rng(4)
    for k in (2, 3, 5, 10):
        se = errors_of(0.02, (5_000, k), rng)
        ends = np.linspace(0, DELTA, 2)[np.arange(k) % 2]
        for truth in (ends, np.r_[0, np.full(k - 2, DELTA / 2), DELTA]):
            pairs = pairs_of(rng.normal(truth, se), se**2, np.inf)
            assert (same_p(pairs, DELTA) < 0.05).mean() <= 0.06
            assert (excess(pairs, DELTA) > critical(k)).mean() <= 0.06


@pytest.mark.parametrize(
    ("ratio", "error", "same", "apart"),
    [
        (1.1, 0.02, (0.78, 0.61, 0.32, 0.07), 0.84),
        (1.25, 0.05, (0.73, 0.52, 0.25, 0.03), 0.80),
        (1.5, 0.05, (0.99, 0.96, 0.92, 0.77), 0.98),
    ],
)
def test_power_of_sets(ratio, error, same, apart):
    """How often equal circuits are called invariant (more circuits never help), and two that differ
    by twice the margin divergent.
    """
    rng = np.random.default_rng(5)
    delta = math.log(ratio)
    for k, equal in zip((2, 3, 5, 10), same, strict=True):
        se = errors_of(error, (4_000, k), rng)
        share = (same_p(pairs_of(rng.normal(0, se), se**2, np.inf), delta) < 0.05).mean()
        assert share == pytest.approx(equal, abs=0.035)
    se = errors_of(error, (4_000, 2), rng)
    pairs = pairs_of(rng.normal([0, 2 * delta], se), se**2, np.inf)
    assert (excess(pairs, delta) > critical(2)).mean() == pytest.approx(apart, abs=0.035)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"observed": [100, 9]}, "c1 has 9 instances, fewer than 10"),
        ({"df": [4.9, 80]}, "standard error of c0 has 4.9 degrees of freedom"),
        ({"se": [0.01, math.nan]}, "c1 has no standard error"),
        ({"se": [0.0, 0.01]}, "c0 has no standard error"),
        ({"effects": [math.nan, 0]}, "c0 has no standard error"),
    ],
)
def test_undetermined_with_the_reason(changes, said):
    given = {"effects": [0.0, 0.0], "se": 0.001} | changes
    for verdict in (
        set_verdict(estimates(**given), DELTA),
        population_verdict(estimates(**given), DELTA),
    ):
        assert verdict.claim is Claim.UNDETERMINED
        assert said in verdict.reason
        assert math.isnan(verdict.p_inv)
        assert math.isnan(verdict.p_div)


def test_a_verdict_holds_what_it_rests_on():
    given = estimates([0.0, 0.5], [0.01, 0.02], null="degree", ensemble="hard")
    verdict = set_verdict(given, DELTA)
    assert (verdict.claim, verdict.scope, verdict.k) == ("DIVERGENT", "set", 2)
    assert verdict.margin == DELTA
    assert verdict.estimates.rules == ("V", "V")
    assert (verdict.estimates.unit, verdict.estimates.null) == ("circuit", "degree")
    assert "c0 and c1 differ by more than ×1.25" in verdict.reason
    assert verdict.further is None


@pytest.mark.parametrize("margin", [0.0, -0.1, math.nan, math.inf])
def test_no_margin(margin):
    with pytest.raises(UsageError, match="margin"):
        set_verdict(estimates([0, 0], 0.1), margin)


def test_one_circuit():
    with pytest.raises(UsageError, match="nothing to compare"):
        set_verdict(estimates([0.0], 0.1), DELTA)


# Populations --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "wanted"),
    [
        (0, (30, 12, 8, 5, 4, 3)),
        (0.5, (61, 27, 18, 13, 12, 10)),
        (0.75, (211, 101, 72, 54, 49, 45)),
    ],
)
def test_table_of_circuits_needed(share, wanted):
    found = [circuits_needed(x, 1.0, share * x) for x in (1, 1.5, 2, 3, 4, 6)]
    assert found == list(wanted)


def test_no_number_of_circuits_bounds_a_spread_beyond_the_margin():
    assert circuits_needed(0.1, 0.05, 0.1) is None
    assert circuits_needed(0.001, 1.0) is None


@pytest.mark.parametrize("k", [5, 10, 20])
def test_population_errors_at_the_margin(k):
    rng = np.random.default_rng(k)
    bound = DELTA / PAIR_SPREAD
    se = errors_of(0.05, (5_000, k), rng)
    p_inv, p_div = spread_p(rng.normal(0, np.hypot(se, bound)), se**2, bound)
    assert 0.038 <= (p_inv < 0.05).mean() <= 0.06
    assert 0.04 <= (p_div < 0.05).mean() <= 0.06


def test_power_of_populations():
    rng = np.random.default_rng(6)
    bound = DELTA / PAIR_SPREAD
    for k, same, apart in ((5, 0.36, 0.53), (10, 0.71, 0.77), (20, 0.96, 0.95)):
        se = errors_of(0.05, (4_000, k), rng)
        p_inv, _ = spread_p(rng.normal(0, se), se**2, bound)
        _, p_div = spread_p(rng.normal(0, np.hypot(se, 2 * bound)), se**2, bound)
        assert (p_inv < 0.05).mean() == pytest.approx(same, abs=0.035)
        assert (p_div < 0.05).mean() == pytest.approx(apart, abs=0.035)


def test_population_verdict_is_a_bound_of_the_spread():
    """INVARIANT if and only if the upper Q-profile bound of τ lies below τ*."""
    rng = np.random.default_rng(7)
    claims = set()
    for spread in (0.0, 0.08, 0.3) * 20:
        se = errors_of(0.04, 8, rng)
        y = rng.normal(0, np.hypot(se, spread))
        verdict = population_verdict(estimates(y, se), DELTA)
        upper = math.sqrt(profiled(y, se**2, stats.chi2.ppf(0.05, 7)))
        lower = math.sqrt(profiled(y, se**2, stats.chi2.ppf(0.95, 7)))
        assert (verdict.claim is Claim.INVARIANT) == (upper < DELTA / PAIR_SPREAD)
        assert (verdict.claim is Claim.DIVERGENT) == (lower > DELTA / PAIR_SPREAD)
        if verdict.claim is Claim.DIVERGENT:
            assert verdict.further is None
        claims.add(verdict.claim)
    assert claims == set(Claim)


def test_four_circuits_are_no_population():
    verdict = population_verdict(estimates([0.0] * 4, 0.001), DELTA)
    assert verdict.claim is Claim.UNDETERMINED
    assert "needs 5" in verdict.reason
    assert verdict.further == 1
    assert population_verdict(estimates([0.0] * 5, 0.001), DELTA).claim is Claim.INVARIANT


def test_population_says_what_it_can_decide():
    rng = np.random.default_rng(8)
    verdict = population_verdict(estimates(rng.normal(0, 0.05, 10), 0.05), DELTA)
    y = rng.normal(0, 0.05, (20_000, 10))
    v = np.full(y.shape, 0.05**2)
    share = (spread_p(y, v, verdict.smallest_margin / PAIR_SPREAD)[0] < 0.05).mean()
    assert share == pytest.approx(0.8, abs=0.015)
    wide = rng.normal(0, math.hypot(0.05, verdict.mde / PAIR_SPREAD), y.shape)
    assert (spread_p(wide, v, DELTA / PAIR_SPREAD)[1] < 0.05).mean() == pytest.approx(
        0.8, abs=0.015
    )


# Pooling ------------------------------------------------------------------------------------------


def test_pooling_equals_statsmodels():
    rng = np.random.default_rng(9)
    spread = 0
    for _ in range(40):
        k = int(rng.integers(2, 15))
        se = errors_of(0.05, k, rng)
        y = rng.normal(0.1, np.hypot(se, rng.choice([0, 0.1])))
        for ours, name, how in (
            (paule_mandel, "iterated", {"atol": 1e-9, "maxiter": 500}),
            (dersimonian_laird, "chi2", {}),
        ):
            with np.errstate(invalid="ignore"):  # the root of a negative spread
                theirs = combine_effects(y, se**2, name, use_t=True, **how)
            tau2 = float(ours(y, se**2))
            if theirs.tau2 <= 0 < tau2 and name == "iterated":
                # It falls back to 0 where rounding takes its last step beyond the root.
                assert weighted(y, se**2, np.float64(tau2))[1] == pytest.approx(k - 1)
                continue
            assert tau2 == pytest.approx(max(theirs.tau2, 0), abs=1e-8)
            if theirs.tau2 < 0:
                continue  # it is not cut at 0 there
            spread += tau2 > 0
            mean, error = hartung_knapp(y, se**2, tau2)
            assert mean == pytest.approx(theirs.mean_effect_re, abs=1e-8)
            assert error == pytest.approx(math.sqrt(theirs.var_hksj_re), abs=1e-8)
            if name == "iterated":
                low, high = theirs.conf_int(use_t=True)[3]
                found = pooled(estimates(y, se))
                assert (found.low, found.high) == pytest.approx((low, high), abs=1e-8)
    assert spread > 20


def test_q_falls_to_its_target():
    rng = np.random.default_rng(10)
    y, v = rng.normal(0, 0.3, (50, 6)), rng.uniform(0.001, 0.01, (50, 6))
    for target in (1.2, 5.0, 11.0):
        tau2 = profiled(y, v, target)
        q = weighted(y, v, tau2)[1]
        assert q[tau2 > 0] == pytest.approx(target, rel=1e-9)
        assert (weighted(y, v, np.zeros(50))[1][tau2 == 0] <= target).all()


@pytest.mark.parametrize(
    ("k", "tau", "held"),
    [(2, 0, 0.948), (2, 0.25, 0.944), (3, 0.1, 0.941), (5, 0.05, 0.931), (10, 0.1, 0.948)],
)
def test_coverage_of_paule_mandel_with_hartung_knapp(k, tau, held):
    rng = np.random.default_rng(round(1000 * tau) + k)
    se = errors_of(0.05, (4_000, k), rng)
    y = rng.normal(0, np.hypot(se, tau))
    mean, error = hartung_knapp(y, se**2, paule_mandel(y, se**2))
    share = (np.abs(mean) <= stats.t.ppf(0.975, k - 1) * error).mean()
    assert share == pytest.approx(held, abs=0.015)


def test_posterior_by_brute_force():
    """Against a grid over both mean and spread."""
    y, v = np.array([0.1, 0.3, -0.05]), np.array([0.05, 0.04, 0.08]) ** 2
    tau = np.linspace(0.0005, 1.4, 1400)
    mu = np.linspace(-1.5, 1.7, 3201)
    log = -0.5 * (tau / 0.25) ** 2
    given = v + tau[:, None] ** 2
    log = log[:, None] - 0.5 * np.log(given).sum(1)[:, None]
    for place in range(3):
        log = log - 0.5 * (y[place] - mu) ** 2 / given[:, place, None]
    chance = np.exp(log - log.max())
    below = np.cumsum(chance.sum(0)) / chance.sum()
    low, high = posterior(y, v).interval()
    assert np.interp([0.025, 0.975], below, mu) == pytest.approx([low, high], abs=3e-3)
    further = posterior(y, v).interval(further=True)
    rng = np.random.default_rng(11)
    drawn = rng.choice(chance.size, 200_000, p=(chance / chance.sum()).ravel())
    t, m = tau[drawn // mu.size], mu[drawn % mu.size]
    assert np.quantile(rng.normal(m, t), [0.025, 0.975]) == pytest.approx(further, abs=0.03)


@pytest.mark.parametrize(("k", "tau", "held"), [(3, 0.25, 0.932), (5, 0.1, 0.965)])
def test_prediction_holds_a_further_circuit(k, tau, held):
    rng = np.random.default_rng(12 + k)
    inside = 0
    for _ in range(200):
        se = errors_of(0.05, k, rng)
        low, high = posterior(rng.normal(0, np.hypot(se, tau)), se**2).interval(further=True)
        inside += stats.norm.cdf(high, 0, tau) - stats.norm.cdf(low, 0, tau)
    assert inside / 200 == pytest.approx(held, abs=0.025)


# Nesting ------------------------------------------------------------------------------------------


def test_modules_are_not_pooled_as_if_they_were_individuals():
    given = estimates([0.1, 0.2, 0.3], 0.05)
    for refused in (
        lambda units: pooled(given, units, nesting="animal_id"),
        lambda units: population_verdict(given, DELTA, units, nesting="animal_id"),
    ):
        with pytest.raises(UsageError, match="one 'animal_id': a"):
            refused(["a", "a", "b"])
    assert pooled(given, ["a", "b", "c"]).k == 3


def test_collapse_by_hand():
    y, se = [0.1, 0.3, 0.2, 0.8, 0.4], [0.05, 0.07, 0.06, 0.05, 0.04]
    found = collapse(
        estimates(y, se, observed=[50, 12, 40, 30, 20]), ["a", "a", "b", "b", "b"], nesting="rat"
    )
    assert (found.labels, found.unit, found.rules) == (("a", "b"), "rat", ("modules", "modules"))
    assert found.effects == pytest.approx([0.2, 1.4 / 3])
    squares = 0.02 + (0.8 / 3) ** 2 + (1 / 3) ** 2 + (0.2 / 3) ** 2
    v = np.square(se)
    own = (v[:2].sum() / 2 + v[2:].sum() * 2 / 3) / 3
    between = squares / 3 - own
    wanted = [v[:2].sum() / 4 + between / 2, v[2:].sum() / 9 + between / 3]
    assert found.variances == pytest.approx(wanted)
    assert found.df.tolist() == [3, 3]
    assert found.observed.tolist() == [12, 20]
    assert found.shared
    assert pairs_of(found.effects, found.variances, found.df, shared=True).df == pytest.approx(3)
    assert "fewer than 5" in set_verdict(found, DELTA).reason


def test_single_modules_stay_as_they_are():
    given = estimates([0.1, 0.3], [0.05, 0.07])
    found = collapse(given, ["a", "b"])
    assert found.labels == ("a", "b")
    assert found.variances == pytest.approx(given.variances)
    assert not found.shared


def test_a_module_without_the_motif_leaves_its_individual_without_a_claim():
    given = estimates([0.1, math.nan, 0.2, 0.3], 0.05, observed=[50, 0, 50, 50])
    found = collapse(given, ["a", "a", "b", "b"])
    assert set_verdict(found, DELTA).reason == "a has 0 instances, fewer than 10"


def test_individuals_hold_the_truth_and_their_modules_do_not():
    from tests.validation.invariants import _held, modules

    rng = np.random.default_rng(13)
    drawn = [modules(5, 4, (0.25, 0.05), rng) for _ in range(800)]
    assert 0.93 <= _held([collapse(one, units) for one, units in drawn]) <= 0.97
    assert _held([one for one, _ in drawn]) < 0.75


# Spectra ------------------------------------------------------------------------------------------


def test_a_spectrum_is_adjusted():
    effects = {"a": 0.0, "b": 0.05, "c": 0.15, "d": 0.5}
    raw = {motif: set_verdict(estimates([0, y], 0.042), DELTA) for motif, y in effects.items()} | {
        "e": set_verdict(estimates([0, 0], 0.01, observed=3), DELTA)
    }
    found = over_spectrum(raw)
    for name in ("inv", "div"):
        p = [getattr(one, f"p_{name}") for one in raw.values()][:4]
        q = [getattr(one, f"q_{name}") for one in found.values()][:4]
        assert q == pytest.approx(stats.false_discovery_control(p))
    assert [raw[x].claim for x in "abcd"] == ["INVARIANT", "INVARIANT", "UNDETERMINED", "DIVERGENT"]
    assert [found[x].claim for x in "abcde"] == [
        *("INVARIANT", "INVARIANT", "UNDETERMINED", "DIVERGENT", "UNDETERMINED")
    ]
    assert math.isnan(found["e"].q_inv)
    assert whole_spectrum(found) is Claim.DIVERGENT


def test_a_claim_that_does_not_survive_adjustment_says_so():
    verdicts = {str(i): set_verdict(estimates([0, 0.2], 0.05), DELTA) for i in range(5)}
    verdicts["edge"] = set_verdict(estimates([0, 0.085], 0.05), DELTA)
    assert verdicts["edge"].claim is Claim.INVARIANT
    found = over_spectrum(verdicts)["edge"]
    assert found.claim is Claim.UNDETERMINED
    assert found.reason.startswith("after adjustment for the number of motifs")


def test_the_whole_spectrum_needs_no_adjustment():
    edge = {str(i): set_verdict(estimates([0, 0.09], 0.047), DELTA) for i in range(13)}
    assert whole_spectrum(over_spectrum(edge)) is Claim.INVARIANT
    missing = edge | {"m": set_verdict(estimates([0, 0], 0.01, observed=3), DELTA)}
    assert whole_spectrum(over_spectrum(missing)) is Claim.UNDETERMINED
