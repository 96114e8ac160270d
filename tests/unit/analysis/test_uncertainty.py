"""The variance of an effect: identities, brute force, refitted nulls, published distributions."""

import math
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from analysis.circuit import Circuit
from analysis.effects import COLUMNS, NO_INTERVAL, NUMBERS, effect_table
from analysis.frame import Frame
from analysis.motifs import CLOSED, OPEN, triad_census
from analysis.motifs.naming import triad_of
from analysis.nulls import degree, get_null, nulls, reciprocal
from analysis.nulls.bands import Bands
from analysis.nulls.dyads import DyadModel, independent
from analysis.nulls.hard import HARD
from analysis.nulls.newton import ConvergenceError
from analysis.uncertainty import (
    Variance,
    benjamini_hochberg,
    effect_interval,
    effect_variances,
    holm,
)
from analysis.uncertainty.fitted import expectation
from analysis.uncertainty.gains import MOTIFS, NEURONS_OF, NUMBER, PAIR, PAIRS_OF
from analysis.uncertainty.pairs import contributions, quicker
from analysis.uncertainty.rungs import Survival, departs, survived
from analysis.uncertainty.slopes import slopes
from analysis.uncertainty.variance import motif_counts
from tests.contract.analysis.test_nulls import LADDER, labelled
from tests.unit.analysis.graphs import heavy, spatial, uniform

SMALL = labelled(spatial(26, 3, 0.25, 0.4))
CONNECTED = MOTIFS[:-1]
STATES = range(4)


def parts_of(circuit, name):
    """Everything that `effect_variances` computes on the way."""
    null = get_null(name)
    model = null.fit(circuit)
    bands, parameters = Bands(model), null.parameters(circuit)
    expected = expectation(bands, parameters)
    slope = slopes(bands, parameters, expected)
    counts = motif_counts(circuit)
    found = contributions(circuit, model, bands, parameters, expected, slope, counts)
    return null, model, parameters, expected, slope, counts, found


def observed_pairs(circuit):
    """T_ij from every triple, shape (n, n, 14)."""
    n, linked = circuit.n, circuit.dense(np.int64)
    state = linked + 2 * linked.T
    found = np.zeros((n, n, NUMBER))
    for i, j, k in combinations(range(n), 3):
        code = triad_of(state[i, j], state[j, k], state[i, k])
        if code in CONNECTED:
            for a, b in ((i, j), (j, k), (i, k)):
                found[a, b, MOTIFS.index(code)] += 1
                found[b, a, MOTIFS.index(code)] += 1
    found[:, :, -1] = linked * linked.T
    return found


def chances(model):
    """Probabilities of one-way and mutual pairs of all neurons."""
    u, m = (part[np.ix_(model.classes, model.classes)] for part in (model.one_way, model.mutual))
    u, m = u.copy(), m.copy()
    np.fill_diagonal(u, 0)
    np.fill_diagonal(m, 0)
    return u, m


def expected_pairs(model):
    """E_ij from every state of every triple, shape (n, n, 14)."""
    u, m = chances(model)
    chance = np.stack([1 - u - u.T - m, u, u.T, m])
    kinds = np.zeros((4, 4, 4, NUMBER))
    for states in product(STATES, repeat=3):
        if (code := triad_of(*states)) in CONNECTED:
            kinds[(*states, MOTIFS.index(code))] = 1
    found = np.zeros((model.n, model.n, NUMBER))
    for i, j in combinations(range(model.n), 2):
        others = [k for k in range(model.n) if k not in (i, j)]
        found[i, j] = found[j, i] = np.einsum(
            "x,yk,zk,xyzt->t", chance[:, i, j], chance[:, j, others], chance[:, i, others], kinds
        )
    found[:, :, -1] = m
    return found


def weights(model, parameters, slope):
    """λ of every ordered pair for one-way and mutual states, shape (n, n, 14)."""
    own = model.classes
    if parameters.cells is None:
        forth = slope.forth[own][:, None] + slope.back[own][None]
        return forth, slope.mutual[own][:, None] + slope.mutual[own][None]
    cells = parameters.cells[np.ix_(own, own)]
    return slope.forth[cells], slope.mutual[cells] + slope.mutual[cells.T]


@pytest.mark.parametrize("null", LADDER)
def test_everything_equals_brute_force(null):
    _, model, parameters, expected, slope, counts, found = parts_of(SMALL, null)
    n, linked = SMALL.n, SMALL.dense()
    observed, fitted = observed_pairs(SMALL), expected_pairs(model)
    assert observed.sum((0, 1)) / 2 == pytest.approx(PAIRS_OF * counts)
    assert fitted.sum((0, 1)) / 2 == pytest.approx(PAIRS_OF * expected.total, rel=1e-9)
    per_neuron = np.maximum(PAIRS_OF - 1, 1)
    assert found.observed == pytest.approx(observed.sum(1) / per_neuron)
    assert expected.by_class[model.classes] == pytest.approx(fitted.sum(1) / per_neuron, rel=1e-9)
    u, m = chances(model)
    forth, both = weights(model, parameters, slope)
    one_way, mutual = linked * (1 - linked.T) - u, linked * linked.T - m
    shift = forth * one_way[..., None]
    shift = shift + shift.transpose(1, 0, 2) + both * mutual[..., None]
    share = observed / counts - fitted / expected.total
    q = share - shift
    q[np.arange(n), np.arange(n)] = 0
    assert found.influence == pytest.approx(q.sum(1), abs=1e-10)
    assert found.square == pytest.approx((q**2).sum((0, 1)) / 2)
    # The formulas as they are written in docs/methods.md.
    d, r = share.sum(1) / per_neuron, shift.sum(1)
    pairs = (NEURONS_OF - 1) / n
    inner = q - pairs * (d[:, None] + d[None]) + (r[:, None] + r[None]) / n
    inner[np.arange(n), np.arange(n)] = 0
    variances = effect_variances(SMALL, get_null(null), model)
    for place, code in enumerate(MOTIFS):
        if code == PAIR and "reciprocal" in null:
            continue  # kept by the null: nothing varies
        one = variances[code]
        deleted = d[:, place] - r[:, place]
        assert deleted.mean() == pytest.approx(0, abs=1e-6)
        assert one.j1 == pytest.approx(n / (n - 1) * (deleted**2).sum(), rel=1e-5)
        assert one.j2 == pytest.approx((inner[:, :, place] ** 2).sum() / 2, rel=1e-5)


@pytest.mark.parametrize("null", [name for name in LADDER if name not in HARD])
def test_slopes_of_cells_are_those_of_refitted_nulls(null):
    """One connection more or less: log E follows, but for what is of second order."""
    found, model, parameters, _, slope, _, _ = parts_of(SMALL, null)
    forth, both = weights(model, parameters, slope)
    linked = SMALL.dense()
    before = np.log([model.expected[code] for code in CONNECTED])
    rng = np.random.default_rng(1)
    errors, changes = [], []
    for _ in range(12):
        i, j = rng.choice(SMALL.n, 2, replace=False)
        other = linked.copy()
        other[i, j] = 1 - other[i, j]
        circuit = Circuit.from_edges("x", SMALL.n, *np.nonzero(other), neurons=SMALL.neurons)
        one_way = other * (1 - other.T) - linked * (1 - linked.T)
        mutual = other * other.T - linked * linked.T
        told = (forth * one_way[..., None] + both * mutual[..., None] / 2).sum((0, 1))
        after = np.log([found.fit(circuit).expected[code] for code in CONNECTED])
        errors.append(after - before - told[:-1])
        changes.append(after - before)
    assert np.median(np.abs(errors)) < 0.1 * np.median(np.abs(changes))


@pytest.mark.parametrize("null", HARD)
def test_slopes_of_degrees_are_those_of_refitted_nulls(null):
    """A thousandth of a connection more and less in the degrees that are fitted."""
    _, model, parameters, _, slope, _, _ = parts_of(SMALL, null)
    n, ones = SMALL.n, np.ones(SMALL.n, np.int64)
    forth, both = weights(model, parameters, slope)
    u, m = chances(model)

    def means(one_way, mutual):
        if null == "degree":
            wanted = np.stack([one_way.sum(1) + mutual.sum(1), one_way.sum(0) + mutual.sum(0)], 1)
            fitted = independent(np.arange(n), degree._probabilities(wanted, ones))
        else:
            wanted = np.concatenate([one_way.sum(1), one_way.sum(0), mutual.sum(1)])
            fitted = DyadModel(np.arange(n), ones, *reciprocal._fit(wanted, ones * 1.0))
        return np.log([fitted.expected[code] for code in CONNECTED])

    step = 0.02
    for i, j in ((0, 1), (7, 3), (20, 11)):
        more, pair = np.zeros((2, n, n))
        more[i, j] = pair[i, j] = pair[j, i] = step
        found = (means(u + more, m) - means(u - more, m)) / (2 * step)
        assert found == pytest.approx(forth[i, j, :-1], rel=2e-3, abs=2e-4)
        found = (means(u, m + pair) - means(u, m - pair)) / (2 * step)
        assert found == pytest.approx(both[i, j, :-1], rel=2e-3, abs=2e-4)


@pytest.mark.parametrize(("null", "rung"), [("er", 0.15), ("degree", 0.15)])
def test_j1_is_the_refitted_jackknife(null, rung):
    circuit = spatial(100, 4, 0.12, 0.25)
    model = get_null(null).fit(circuit)
    variances = effect_variances(circuit, get_null(null), model)
    left = []
    for i in range(circuit.n):
        rest = circuit.subset(np.arange(circuit.n) != i)
        fitted, census = get_null(null).fit(rest).expected, triad_census(rest)
        left.append([math.log(census[code] / fitted[code]) for code in CONNECTED])
    values = np.array(left)
    exact = np.sqrt((circuit.n - 1) / circuit.n * ((values - values.mean(0)) ** 2).sum(0))
    for code, se in zip(CONNECTED, exact, strict=True):
        if variances[code].observed >= 20:
            assert math.sqrt(variances[code].j1) == pytest.approx(se, rel=rung), code


@pytest.mark.parametrize("null", LADDER)
def test_both_paths_give_the_same_numbers(null):
    for circuit in (SMALL, labelled(heavy(90, 4, 3.0, 0.5))):
        _, model, *fitted, found = parts_of(circuit, null)
        parameters, expected, slope, counts = fitted
        for path in ("dense", "sparse"):
            other = contributions(
                circuit, model, Bands(model), parameters, expected, slope, counts, path
            )
            assert (other.observed == found.observed).all()
            assert other.influence == pytest.approx(found.influence, abs=1e-9)
            assert other.square == pytest.approx(found.square, rel=1e-9)


def test_the_path_is_chosen_by_density():
    assert quicker(uniform(300, 1, 0.5)) == "dense"
    assert quicker(uniform(1500, 1, 0.002)) == "sparse"


def test_er_slope_is_the_closed_form():
    circuit = uniform(40, 2, 0.2)
    _, _, _, _, slope, _, _ = parts_of(circuit, "er")
    p, pairs = circuit.density, circuit.n * (circuit.n - 1)
    for place, code in enumerate(CONNECTED):
        edges = 2 * int(code[0]) + int(code[1])
        told = (edges / p - (6 - edges) / (1 - p)) / pairs
        assert slope.forth[0, place] == pytest.approx(told)


def test_result_does_not_depend_on_the_order_of_neurons():
    order = np.random.default_rng(0).permutation(SMALL.n)
    place = np.argsort(order)
    turned = Circuit.from_edges(
        "turned", SMALL.n, place[SMALL.sources()], place[SMALL.indices],
        neurons=SMALL.neurons.iloc[order].reset_index(drop=True),
    )  # fmt: skip
    for null in LADDER:
        one, other = (
            effect_variances(c, get_null(null), get_null(null).fit(c)) for c in (SMALL, turned)
        )
        for code in CONNECTED:
            assert one[code].j1 == pytest.approx(other[code].j1, rel=1e-5), (null, code)
            assert one[code].decomposed == pytest.approx(other[code].decomposed, rel=1e-5)


def test_every_null_says_what_it_has_parameters_for():
    assert all(null.parameters is not None for null in nulls().values())


@pytest.mark.parametrize("expected", [0.3, 4.0, 31.0])
@pytest.mark.parametrize("count", [0, 1, 4, 9])
def test_few_are_poisson(count, expected):
    variance = Variance(count, expected, 0, 0, 0, 0.0, 30.0) if count else None
    found = effect_interval(count, expected, variance)
    assert found.rule == "garwood"
    high = stats.chi2.ppf(0.975, 2 * count + 2) / 2
    assert found.high == pytest.approx(math.log(high / expected))
    if count == 0:
        assert found.low == -math.inf
        assert math.isnan(found.se)
        assert found.high == pytest.approx(math.log(3.689 / expected), abs=1e-3)
    else:
        low = stats.chi2.ppf(0.025, 2 * count) / 2
        assert found.low == pytest.approx(math.log(low / expected))
    # The p is that of the same test: below .05 exactly where the interval leaves 0 out.
    assert (found.p < 0.05) == (not found.low < 0 < found.high)
    tails = stats.poisson.cdf(count, expected), stats.poisson.sf(count - 1, expected)
    assert found.p == pytest.approx(min(1, 2 * min(tails)))
    seen = stats.poisson.ppf(0.975, expected) + 1
    mean = expected * math.exp(found.mde)
    assert stats.poisson.sf(seen - 1, mean) == pytest.approx(0.8)


def test_few_that_vary_more_have_wider_intervals():
    plain = effect_interval(6, 5.0, Variance(6, 5, 0, 0, 0, 1 / 6, 50.0))
    wide = effect_interval(6, 5.0, Variance(6, 5, 0, 0, 0, 0.5, 50.0))
    assert wide.low < plain.low
    assert wide.high > plain.high
    assert wide.high == pytest.approx(math.log(3 * stats.chi2.ppf(0.975, 6) / 2 / 5.0))


def test_many_have_student_intervals():
    variance = Variance(400, 300, 0.02, 0.005, 0.002, 0.01, 60.0)
    found = effect_interval(400, 300.0, variance, 3.0)
    se = math.sqrt(0.01 + 1e-4)
    assert (found.rule, found.df) == ("V", 60.0)
    assert found.se == pytest.approx(se)
    middle, reach = math.log(4 / 3), stats.t.ppf(0.975, 60) * se
    assert (found.low, found.high) == pytest.approx((middle - reach, middle + reach))
    assert found.p == pytest.approx(2 * stats.t.sf(middle / se, 60))
    assert found.mde == pytest.approx(reach + stats.t.ppf(0.8, 60) * se)
    few = effect_interval(400, 300.0, Variance(400, 300, 0.02, 0, 0, 0.01, 39.0))
    assert (few.rule, few.se) == ("J1", pytest.approx(math.sqrt(0.02)))


def test_adjusted_p_are_those_of_statsmodels():
    rng = np.random.default_rng(0)
    for size in (1, 2, 13, 40):
        p = rng.random(size) ** 3
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
        assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))
    some = holm([0.01, math.nan, 0.04])
    assert some[[0, 2]] == pytest.approx([0.02, 0.04])
    assert math.isnan(some[1])
    assert holm([]).size == benjamini_hochberg([]).size == 0


def table(given):
    """Effects of one motif: (null, ensemble) → (adjusted p, effect)."""
    rows = [
        {
            "motif": "030T", "null": null, "ensemble": kind, "p_holm": p,
            "observed": 0 if math.isnan(effect) else 20, "log_ratio": effect,
            "expected": 5 if math.isnan(effect) else 20 * math.exp(-effect),
        }
        for (null, kind), (p, effect) in given.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_one_where_no_sample_has_any_is_more_than_expected():
    row = {"observed": 1, "expected": 0.0, "log_ratio": math.nan, "p_holm": 0.01}
    assert departs(row) is True
    assert departs(row | {"observed": 0, "expected": 3.0}) is False
    assert departs(row | {"p_holm": 0.2}) is None


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([(0.01, 1), (0.01, 1), (0.01, 1)], Survival("reciprocal", True, ())),
        ([(0.01, -1), (0.2, -1), (0.01, -1)], Survival("er", False, (("reciprocal", False),))),
        (
            [(0.01, 1), (0.01, -1), (0.01, 1)],
            Survival("er", True, (("degree", False), ("reciprocal", True))),
        ),
        ([(0.5, 1), (0.01, -1), (0.2, 1)], Survival(None, None, (("degree", False),))),
        ([(0.01, math.nan), (0.01, -1), (0.06, 1)], Survival("degree", False, ())),
        ([(0.01, 1), (math.nan, 1), (0.01, 1)], Survival("er", True, (("reciprocal", True),))),
    ],
)
def test_rungs_are_climbed_without_gaps(rows, wanted):
    names = [("er", "canonical"), ("degree", "hard"), ("reciprocal", "canonical")]
    given = dict(zip(names, rows, strict=True)) | {("degree", "canonical"): (0.001, 9)}
    assert survived(table(given)) == {"030T": wanted}


def test_columns_of_the_effect_table():
    circuit = heavy(60, 1)
    found = effect_table(circuit, hard_samples=20)
    connected = found["motif"].isin([*OPEN, *CLOSED])
    assert (found.loc[~connected, "rule"] == "not connected").all()
    assert found.loc[~connected, [*NUMBERS, "p_holm"]].isna().all(axis=None)
    some = found[connected & (found["observed"] >= 10)]
    assert set(some["rule"]) <= {"V", "J1"}
    assert (some["low"] < some["log_ratio"]).all()
    assert (some["log_ratio"] < some["high"]).all()
    assert set(found.loc[connected & (found["observed"] < 10), "rule"]) <= {"garwood"}
    untested = found["null"].isin(HARD) & (found["ensemble"] == "canonical")
    assert found.loc[untested, ["p", "p_holm"]].isna().all(axis=None)
    for _, rows in found[connected & ~untested].groupby(["null", "ensemble"]):
        told = multipletests(rows["p"], method="holm")[1]
        assert rows["p_holm"].to_numpy() == pytest.approx(told)
    hard = found[connected & (found["ensemble"] == "hard")]
    ranks = hard["p"] * 21 / 2
    assert ((ranks - ranks.round()).abs() < 1e-9).to_numpy()[hard["p"] < 1].all()
    one = some.set_index(["null", "ensemble", "motif"])
    spread = one.loc[("degree", "hard", "021C")]
    plain = one.loc[("degree", "canonical", "021C"), "se"]
    drawn = 3 * spread["sd"] ** 2 / 20 / spread["expected"] ** 2
    assert spread["se"] ** 2 == pytest.approx(plain**2 + drawn)


def test_spread_of_a_null_has_no_name_of_an_error():
    """Its only name is `sd`; what is called an error is another number."""
    assert COLUMNS[COLUMNS.index("sd") - 1] == "expected"
    found = effect_table(heavy(80, 2), hard_samples=30)
    for _, rows in found[found["se"].notna()].groupby(["null", "ensemble"]):
        with np.errstate(divide="ignore"):
            suspect = rows["sd"] / rows["expected"]
        for column in ("se", "mde"):
            assert not np.isclose(rows[column], suspect, rtol=1e-3).any()
            assert not np.isclose(rows[column], rows["sd"], rtol=1e-3).any()


def test_why_there_is_no_interval():
    tiny = effect_table(Circuit.from_edges("t", 3, [0, 1, 0], [1, 2, 2]), nulls=["er"])
    assert set(tiny["rule"]) == {"too small", "not connected"}
    ends = np.array(list(product(range(5), repeat=2)))
    ends = ends[ends[:, 0] != ends[:, 1]]
    tested = Circuit.from_edges(
        "pairs", 5, [0, 1], [1, 2], frame=Frame.of_pairs(5, ends[:, 0], ends[:, 1])
    )
    assert set(effect_table(tested, nulls=["er"])["rule"]) == {"tested pairs", "not connected"}
    assert {"too small", "tested pairs", "too large", "not expected"} <= set(NO_INTERVAL)


def test_large_circuits_are_told_that_they_are(monkeypatch):
    monkeypatch.setattr("analysis.effects.LONGEST", 0.0)
    found = effect_table(heavy(21, 1), nulls=["er"], hard_samples=5)
    assert set(found["rule"]) == {"too large", "not connected"}
    assert found["se"].isna().all()


@pytest.mark.parametrize("null", HARD)
def test_draws_of_a_null_have_no_effect_beyond_it(null):
    """Intervals hold 0, and the hard mean effect is nil, where the canonical one is not."""
    draws = []
    for seed in range(24):
        found = effect_table(uniform(80, seed, 0.12), nulls=[null], hard_samples=40, seed=seed)
        draws.append(found[found["observed"] >= 20].assign(draw=seed))
    found = pd.concat(draws)
    found = found[found["se"].notna()]
    hard = found[found["ensemble"] == "hard"]
    assert 0.92 <= ((hard["low"] < 0) & (hard["high"] > 0)).mean() <= 1
    effects = found.groupby(["ensemble", "motif"])["log_ratio"]
    wrong = (effects.mean() / (effects.std() / np.sqrt(effects.count()))).abs()
    assert wrong["hard"].max() < 4
    assert wrong["canonical"].max() > 10


def test_a_system_that_is_not_solved_is_said(monkeypatch):
    def fail(_circuit, _null, _model):
        raise ConvergenceError("no")

    monkeypatch.setattr("analysis.effects.effect_variances", fail)
    found = effect_table(heavy(30, 1), nulls=["degree"], hard_samples=5)
    assert set(found["rule"]) == {"not solved", "not connected"}
    assert found["log_ratio"].notna().any()
