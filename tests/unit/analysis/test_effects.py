"""The effect table says what it is measured against, and nothing where nothing can be said."""

import math

import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.effects import COLUMNS, TOO_LARGE, _rows, effect_table
from analysis.motifs import MAN, triad_census
from analysis.nulls import get_null
from analysis.nulls.hard import sample_censuses
from schemas.errors import UsageError
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy

ENSEMBLES = [
    ("er", "canonical"),
    ("block", "canonical"),
    ("degree", "canonical"),
    ("reciprocal", "canonical"),
    ("degree", "hard"),
    ("reciprocal", "hard"),
]


def test_every_triad_against_every_ensemble_by_name():
    circuit = heavy(60, 1)
    table = effect_table(circuit, hard_samples=10)
    assert tuple(table.columns) == COLUMNS
    assert table[["null", "ensemble"]].drop_duplicates().to_numpy().tolist() == [
        list(pair) for pair in ENSEMBLES
    ]
    for _, rows in table.groupby(["null", "ensemble"]):
        assert tuple(rows["motif"]) == MAN
        assert rows["observed"].tolist() == list(triad_census(circuit).values())


def test_numbers_are_those_of_the_null():
    circuit = heavy(80, 2)
    table = effect_table(circuit, hard_samples=5).set_index(["null", "ensemble", "motif"])
    model = get_null("reciprocal").fit(circuit)
    row = table.loc["reciprocal", "canonical", "030T"]
    assert (row["expected"], row["sd"]) == (model.expected["030T"], model.sd["030T"])
    assert row["log_ratio"] == pytest.approx(math.log(row["observed"] / row["expected"]))
    assert row["z"] == pytest.approx((row["observed"] - row["expected"]) / row["sd"])


def test_hard_rows_come_from_the_hard_ensemble():
    circuit = heavy(80, 2, mutual=0.5)
    table = effect_table(circuit, hard_samples=40)
    rows = table[(table["null"] == "reciprocal") & (table["ensemble"] == "hard")]
    assert rows["expected"].sum() == pytest.approx(math.comb(80, 3))
    other = sample_censuses(circuit, "reciprocal", 40, np.random.default_rng(99))
    columns = MAN, rows["expected"], rows["sd"], other.mean(0)
    for code, mean, spread, sampled in zip(*columns, strict=True):
        # Samples of one chain are alike: twice the error of independent ones.
        assert abs(mean - sampled) <= 4.5 * 2 * spread * math.sqrt(2 / 40) + 1e-9, code


def test_large_circuits_have_canonical_rows_only():
    table = effect_table(heavy(50, 1), hard_limit=49, hard_samples=3)
    assert set(table["ensemble"]) == {"canonical"}
    table = effect_table(heavy(50, 1), hard_limit=50, hard_samples=3)
    assert set(table["ensemble"]) == {"canonical", "hard"}


def test_seed_makes_the_numbers_and_nulls_do_not_disturb_each_other():
    circuit = heavy(40, 5)
    one = effect_table(circuit, hard_samples=8, seed=3)
    assert one.equals(effect_table(circuit, hard_samples=8, seed=3))
    assert not one.equals(effect_table(circuit, hard_samples=8, seed=4))
    alone = effect_table(circuit, nulls=["reciprocal"], hard_samples=8, seed=3)
    among = one[one["null"] == "reciprocal"].reset_index(drop=True)
    assert alone.equals(among)


def test_unknown_null_is_refused():
    with pytest.raises(UsageError, match="no null is called"):
        effect_table(heavy(20, 1), nulls=["luck"])


@pytest.mark.parametrize("name", degenerate())
def test_degenerate_circuits_have_no_infinite_effects(name):
    table = effect_table(degenerate()[name], hard_samples=4)
    assert np.isfinite(table[["expected", "sd"]].to_numpy()).all()
    for column in ("log_ratio", "z"):
        assert not np.isinf(table[column].to_numpy()).any()
    assert table.loc[table["observed"] == 0, "log_ratio"].isna().all()
    assert table.loc[table["expected"] == 0, "log_ratio"].isna().all()
    assert table.loc[table["sd"] == 0, "z"].isna().all()


def test_no_z_where_the_spread_is_rounding():
    """Each neuron of this circuit sends to all others or to none: degrees allow one graph."""
    n = 12
    pre, post = zip(*[(a, b) for a in range(4) for b in range(n) if a != b], strict=True)
    table = effect_table(Circuit.from_edges("made/star", n, pre, post), nulls=("er", "degree"))
    only = table[table["ensemble"] == "hard"]
    assert (only["sd"] == 0).all()
    assert only["z"].isna().all()
    assert table.loc[table["null"] == "er", "z"].notna().any()
    counts = dict.fromkeys(MAN, 5)
    mean = dict.fromkeys(MAN, 5.0 + 1e-15)
    (row, *_) = _rows(counts, "degree", "canonical", mean, dict.fromkeys(MAN, 1e-16), TOO_LARGE)
    assert math.isnan(row["z"])


def test_progress_counts_every_step_once():
    seen = []
    effect_table(heavy(30, 1), hard_samples=3, progress=lambda *step: seen.append(step))
    done = [step for _, step, _ in seen]
    assert done == list(range(1, 11))
    assert {total for _, _, total in seen} == {10}


def test_planted_structure_is_found_by_sign():
    """Feed-forward loops planted on a sparse graph stand out against every null."""
    rng = np.random.default_rng(0)
    edges = set()
    for _ in range(220):
        a, b, c = rng.choice(150, 3, replace=False)
        edges |= {(a, b), (b, c), (a, c)}
    table = effect_table(circuit_of(150, sorted(edges)), hard_samples=50)
    loops = table[table["motif"] == "030T"]
    assert (loops["log_ratio"] > 0.5).all()
    assert (loops["z"] > 4).all()


def test_circuit_is_not_changed():
    circuit = heavy(40, 3)
    before = circuit.indices.copy(), circuit.indptr.copy()
    effect_table(circuit, hard_samples=3)
    assert np.array_equal(before[0], circuit.indices)
    assert np.array_equal(before[1], circuit.indptr)
    assert isinstance(circuit, Circuit)
