"""SIMEX, the curve and what may be claimed: lines by hand, circuits of known truth, limits."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from analysis.circuit import Circuit
from analysis.frame import Frame, FrameError
from analysis.motifs import MAN, triad_census
from analysis.reconstruction.correction import LIMITS, check_null, correct, left_over
from analysis.reconstruction.curve import curve_level, last_level
from analysis.reconstruction.effects import Measured, ensemble_of, measured, pool
from analysis.reconstruction.errors import ErrorModel, corrupt
from analysis.reconstruction.kernel import kernel_effect
from analysis.reconstruction.simex import LAMBDAS, simex, weights_of_line
from analysis.reconstruction.stated import given_rates
from schemas.errors import UsageError
from tests.unit.analysis.graphs import circuit_of, degenerate, spatial

CIRCUIT = spatial(60, 4, 0.12, 0.2)
LINE = np.array(LAMBDAS)


def effects_of(circuit, null, **more: float):
    """Build an effect table as the census gives it, with standard errors if asked for."""
    ensemble = ensemble_of(null, circuit.n, 1_000)
    found = measured(circuit, null, ensemble, 100, np.random.default_rng(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(found.observed / found.expected)
    return pd.DataFrame(
        {
            "motif": MAN,
            "null": null,
            "ensemble": ensemble,
            "observed": found.observed.astype(int),
            "log_ratio": np.where(np.isfinite(ratio), ratio, np.nan),
        }
        | more
    )


def test_weights_follow_the_line_of_least_squares():
    values = np.random.default_rng(2).normal(size=(4, 16))
    wanted = [np.polyval(np.polyfit(LINE, column, 1), -1) for column in values.T]
    weights = weights_of_line(LINE, np.ones((4, 16), bool))
    assert (weights * values).sum(0) == pytest.approx(wanted)
    assert weights[:, 0] == pytest.approx([1.3, 0.6, -0.1, -0.8])


def test_a_point_that_is_not_there_is_left_out():
    defined = np.ones((4, 16), bool)
    defined[3, 1] = False
    defined[2:, 2] = False
    weights = weights_of_line(LINE, defined)
    assert weights[3, 1] == 0
    values = np.array([1.0, 2.0, 4.0])
    assert (weights[:3, 1] * values).sum() == pytest.approx(
        np.polyval(np.polyfit(LINE[:3], values, 1), -1)
    )
    assert np.isnan(weights[:, 2]).all()


def test_pooling_counts_empty_draws_as_zero():
    two = [
        Measured(np.full(16, 6.0), np.full(16, 2.0), np.full(16, 0.1)),
        Measured(np.zeros(16), np.full(16, 4.0), np.full(16, 0.1)),
    ]
    found = pool(two)
    assert found.effect == pytest.approx(np.log(3 / 3))
    assert found.noise == pytest.approx(0.1 / 2 / 9)
    assert np.isnan(found.each[1]).all()
    assert found.each[0] == pytest.approx(np.log(3))
    residual = [6 / 3 - 2 / 3, 0 - 4 / 3]
    assert found.variance == pytest.approx(np.sum(np.square(residual)) / 2)


def test_simex_without_missed_connections_changes_nothing():
    found = simex(CIRCUIT, "degree", 0.0, samples=200, with_inflation=False)
    usual = [motif not in ("201", "210", "300", "030C") for motif in MAN]
    assert np.abs(found.shift[usual]).max() < 0.06


def test_simex_is_seeded_and_names_its_noise():
    one, same, other = (
        simex(CIRCUIT, "degree", 0.1, seed=s, samples=10, with_inflation=False) for s in (1, 1, 2)
    )
    assert one.shift == pytest.approx(same.shift, nan_ok=True, abs=0)
    assert not np.allclose(one.shift, other.shift, equal_nan=True)
    shifts = [
        simex(CIRCUIT, "degree", 0.1, seed=s, samples=10, with_inflation=False) for s in range(12)
    ]
    usual = np.array([motif in ("021D", "021C", "111D", "030T") for motif in MAN])
    seen = np.std([one.shift for one in shifts], axis=0, ddof=1)[usual]
    said = np.median([one.mc_sd for one in shifts], axis=0)[usual]
    assert seen / said == pytest.approx(1.0, abs=0.55)


@pytest.mark.parametrize(
    ("error", "rates", "motif", "direction"),
    [("missed", (0.2, 0.0), "021C", 1), ("spurious", (0.0, 0.1 / 1.1), "201", -1)],
)
def test_simex_takes_the_shift_out(error, rates, motif, direction):
    """Circuits of known truth: under `degree` errors shift an effect, the line shifts it back."""
    raw, corrected = [], []
    place, level = MAN.index(motif), {"missed": 0.2, "spurious": 0.1}[error]
    for seed in range(10):
        true = spatial(60, seed, 0.12, 0.1)
        rng = np.random.default_rng(seed)
        seen = corrupt(true, ErrorModel({error: level}), rng)
        one, two = (
            pool([measured(c, "degree", "hard", 100, rng)]).effect[place] for c in (true, seen)
        )
        line = simex(seen, "degree", *rates, seed=seed, samples=40, with_inflation=False)
        raw.append(two - one)
        corrected.append(two - one + line.shift[place])
    assert direction * np.mean(raw) > 0.08
    assert abs(np.mean(corrected)) < 0.6 * abs(np.mean(raw))


def test_reciprocal_effects_stay_as_they_are():
    table = correct(
        CIRCUIT, "reciprocal", given_rates(CIRCUIT, 0.1), effects_of(CIRCUIT, "reciprocal")
    )
    claimed = table[table["claim"]]
    assert (claimed["corrected"] == claimed["raw"]).all()
    assert (claimed["inflation"] == 1).all()
    assert set(table["by"]) == {"none"}
    assert len(claimed) >= 12
    line = simex(CIRCUIT, "reciprocal", 0.1, with_inflation=False)
    rare = claimed.set_index("motif")["residual"]
    for motif, shift in zip(MAN, line.shift, strict=True):
        if motif in rare:
            assert rare[motif] == pytest.approx(max(left_over("reciprocal", 0.1), abs(shift)))


def test_interval_carries_inflation_and_the_uncertainty_of_the_rate():
    stated = given_rates(CIRCUIT, 0.1)
    effects = effects_of(CIRCUIT, "er", se=0.05, df=30.0)
    table = correct(CIRCUIT, "er", stated, effects).set_index("motif")
    kernel = kernel_effect(CIRCUIT, 0.1, stated.spurious)
    row, place = table.loc["030T"], MAN.index("030T")
    assert row["corrected"] == pytest.approx(kernel.corrected[place])
    assert row["se"] == pytest.approx(0.05 * kernel.inflation[place])
    assert row["se"] > 0.05
    assert row["high"] - row["corrected"] == pytest.approx(t.ppf(0.975, 30) * row["se"])
    unsure = type(stated)(0.1, 0.03, 0.0, 0.0, (), ())
    wider = correct(CIRCUIT, "er", unsure, effects).set_index("motif").loc["030T"]
    half = (kernel_effect(CIRCUIT, 0.13).corrected - kernel_effect(CIRCUIT, 0.07).corrected)[
        place
    ] / 2
    assert wider["rate_sd"] == pytest.approx(abs(half))
    assert wider["se"] == pytest.approx(np.hypot(row["se"], half), rel=1e-6)
    bare = correct(CIRCUIT, "er", stated, effects_of(CIRCUIT, "er"))
    assert bare[["se", "low", "high"]].isna().all(axis=None)
    assert bare["inflation"].notna().any()


@pytest.mark.parametrize("null", LIMITS)
def test_no_claim_beyond_the_limit(null):
    stated = given_rates(CIRCUIT, LIMITS[null] + 0.01)
    table = correct(CIRCUIT, null, stated, effects_of(CIRCUIT, null))
    assert not table["claim"].any()
    assert table["corrected"].isna().all()
    assert table["reason"].str.contains("no claim above").all()
    assert np.isnan(left_over(null, LIMITS[null] + 0.01))
    assert left_over(null, 0.05) < 0.1


def test_other_refusals_say_why():
    def reasons(stated, effects, null="degree"):
        return set(correct(CIRCUIT, null, stated, effects)["reason"])

    both = given_rates(CIRCUIT, 0.25, 0.08)
    (why,) = reasons(both, effects_of(CIRCUIT, "er"), "er")
    assert "not tried together" in why
    effects = effects_of(CIRCUIT, "degree")
    (why,) = reasons(given_rates(CIRCUIT, 0.1, 0.2), effects)
    assert "spurious: no claim above 10%" in why
    (why,) = reasons(given_rates(CIRCUIT, 0.1), effects.assign(ensemble="canonical"))
    assert "only hard effects" in why
    unknown = given_rates(CIRCUIT, 0.1)
    (why,) = reasons(type(unknown)(None, 0, 0, 0, (), ()), effects)
    assert "not known" in why
    few = circuit_of(40, [(k, k + 1) for k in range(39)])
    table = correct(few, "er", given_rates(few, 0.1), effects_of(few, "er")).set_index("motif")
    assert table.loc["030T", "reason"] == "fewer than 10 were seen"
    far = correct(CIRCUIT, "er", given_rates(CIRCUIT, 0.25), effects_of(CIRCUIT, "er"))
    assert "too few" in far.set_index("motif").loc["030C", "reason"]
    assert far["claim"].any()
    with pytest.raises(UsageError, match="not studied"):
        check_null("distance")


@pytest.mark.parametrize("null", LIMITS)
@pytest.mark.parametrize("name", ["no neuron", "two mutual", "3-cycle", "empty", "complete"])
def test_degenerate_circuits_are_refused_quietly(null, name):
    circuit = degenerate()[name]
    table = correct(circuit, null, given_rates(circuit, 0.1, 0.05), effects_of(circuit, null))
    claimed = set(table.loc[table["claim"], "motif"])
    assert claimed <= ({"003"} if name == "empty" else {"300"})
    assert (table["reason"] != "").sum() == 16 - len(claimed)


def test_curve_begins_at_the_circuit_and_moves():
    def level(value, **more: int):
        return curve_level(
            CIRCUIT, "degree", "missed", value, ensemble="hard", draws=4, samples=30, **more
        ).set_index("motif")

    start, far = level(0.0), level(0.3)
    assert start["observed"].to_dict() == triad_census(CIRCUIT)
    assert (start["spread"] == 0).all()
    assert start["draws"].iloc[0] == 1
    assert far["connections"].iloc[0] == pytest.approx(0.7 * CIRCUIT.m, rel=0.05)
    assert far.loc["021C", "log_ratio"] - start.loc["021C", "log_ratio"] > 0.08
    assert 0 < far.loc["021C", "spread"] < 0.2
    pd.testing.assert_frame_equal(far, level(0.3))
    assert not far.equals(level(0.3, seed=1))


def test_curve_of_er_and_of_an_empty_level():
    table = curve_level(
        circuit_of(12, [(0, 1), (1, 2), (0, 2)]), "er", "missed", 0.95,
        ensemble="canonical", draws=3,
    ).set_index("motif")  # fmt: skip
    assert table.loc["030T", "defined"] == 0
    assert np.isnan(table.loc["030T", ["log_ratio", "spread"]].astype(float)).all()


def test_curve_of_pairs_tested_one_by_one_is_refused():
    pairs = [(a, b) for a in range(4) for b in range(4) if a != b]
    tested = Circuit.from_edges(
        "t", 4, [0], [1], frame=Frame.of_pairs(4, *zip(*pairs, strict=True))
    )
    with pytest.raises(FrameError, match="single pairs were tested"):
        curve_level(tested, "er", "missed", 0.1, ensemble="canonical")


def test_last_level_counts_what_is_missed_already():
    assert last_level("degree", "missed", 0.0) == pytest.approx(0.2)
    last = last_level("reciprocal", "missed", 0.1)
    assert 1 - 0.9 * (1 - last) == pytest.approx(0.3)
    assert last_level("degree", "split", 0.0) == pytest.approx(0.4)
    assert last_level("degree", "missed", 0.25) == 0.0
    assert last_level("degree", "threshold", 0.0) is None
