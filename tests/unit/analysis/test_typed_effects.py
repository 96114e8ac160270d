"""Effects of triads by class: brute force over triples, sums over classes, refitted jackknife."""

import math
from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest

from analysis.circuit import Circuit
from analysis.effects import CONNECTED, effect_table
from analysis.frame import Frame, FrameError
from analysis.motifs.typed import ARROWS, CellCounter, symmetries, typed_census
from analysis.nulls import get_null
from analysis.nulls.bands import Bands
from analysis.nulls.ensembles import sample_ensemble
from analysis.nulls.hard import HARD
from analysis.nulls.parameters import Parameters
from analysis.typed_effects import COLUMNS, PLACES, typed_effect_table, typed_survived
from analysis.uncertainty import effect_variances, step_down
from analysis.uncertainty.fitted import expectation
from analysis.uncertainty.kinds import TRIADS, all_cells, typed
from analysis.uncertainty.pairs import contributions
from analysis.uncertainty.slopes import slopes
from analysis.uncertainty.typed import TypedNull
from tests.contract.analysis.test_nulls import LADDER, labelled
from tests.unit.analysis.graphs import heavy, spatial, uniform

SMALL = labelled(spatial(14, 3, 0.35, 0.4))
LABELS = np.array([0, 1, 2, 0, 1, 0, 0, 1, 0, 1, 0, 2, 1, 0])
NAMES = [f"c{k}" for k in LABELS]
CELLS = all_cells(3)


def split(circuit, null, labels, number):
    return TypedNull(get_null(null).fit(circuit), np.asarray(labels, np.int64), number)


def triples(chance):
    """Chance of every cell over each pair of neurons from each triple, shape (n, n, cells)."""
    n = chance.shape[1]
    place = {cell: k for k, cell in enumerate(CELLS)}
    found = np.zeros((n, n, len(CELLS)))
    for motif in TRIADS:
        drawn = set(ARROWS[motif])
        states = [((a, b) in drawn) + 2 * ((b, a) in drawn) for a, b in ((0, 1), (1, 2), (0, 2))]
        for i, j, k in permutations(range(n), 3):
            one = chance[states[0], i, j] * chance[states[1], j, k] * chance[states[2], i, k]
            if one == 0:
                continue
            cell = tuple(LABELS[[i, j, k]].tolist())
            least = min(tuple(cell[p] for p in way) for way in symmetries(motif))
            for x, y in ((i, j), (j, k), (i, k)):
                share = one / len(symmetries(motif))
                found[x, y, place[motif, least]] += share
                found[y, x, place[motif, least]] += share
    return found


def chances(model):
    """Probabilities of the four states of every pair, shape (4, n, n)."""
    u, m = (part[np.ix_(model.classes, model.classes)] for part in (model.one_way, model.mutual))
    u, m = u.copy(), m.copy()
    np.fill_diagonal(u, 0)
    np.fill_diagonal(m, 0)
    return np.stack([1 - u - u.T - m, u, u.T, m])


@pytest.mark.parametrize("null", ["er", "block_distance", "degree", "block_reciprocal"])
def test_pairs_and_means_equal_brute_force(null):
    linked = SMALL.dense(np.int64)
    state = linked + 2 * linked.T
    seen = triples(np.stack([(state == k) * (1.0 - np.eye(SMALL.n)) for k in range(4)]))
    fitted = triples(chances(get_null(null).fit(SMALL)))
    two = split(SMALL, null, LABELS, 3)
    assert list(two.expected().values()) == pytest.approx(fitted.sum((0, 1)) / 6, rel=1e-9)
    census = typed_census(SMALL, NAMES)
    counts = np.array([census.counts[motif].get(cell, 0) for motif, cell in CELLS], float)
    assert (counts == (seen.sum((0, 1)) / 6).round()).all()
    parameters, kinds = get_null(null).parameters(SMALL), typed(CELLS, 3)
    if parameters.cells is not None:
        parameters = Parameters(parameters.kind, parameters.cells[np.ix_(two._of, two._of)].copy())
    expected = expectation(two._bands, parameters, kinds)
    slope = slopes(two._bands, parameters, expected)
    own = two._model.classes
    assert expected.by_class[own] == pytest.approx(fitted.sum(1) / 2, rel=1e-9)
    u, m = chances(two._model)[1::2]
    if parameters.cells is None:
        forth = slope.forth[own][:, None] + slope.back[own][None]
        both = slope.mutual[own][:, None] + slope.mutual[own][None]
    else:
        cells = parameters.cells[np.ix_(own, own)]
        forth, both = slope.forth[cells], slope.mutual[cells] + slope.mutual[cells.T]
    shift = forth * (linked * (1 - linked.T) - u)[..., None]
    shift = shift + shift.transpose(1, 0, 2) + both * (linked * linked.T - m)[..., None]
    some = (counts > 0) & (expected.total > 0)
    assert some.sum() > 60
    q = (seen[..., some] / counts[some] - fitted[..., some] / expected.total[some]) - shift[
        ..., some
    ]
    q[np.arange(SMALL.n), np.arange(SMALL.n)] = 0
    for path in ("dense", "sparse"):
        found = contributions(
            SMALL, two._model, two._bands, parameters, expected, slope, counts, path, kinds
        )
        assert found.observed == pytest.approx(seen.sum(1) / 2)
        assert found.influence[:, some] == pytest.approx(q.sum(1), abs=1e-9)
        assert found.square[some] == pytest.approx((q**2).sum((0, 1)) / 2, rel=1e-7)


@pytest.mark.parametrize("null", LADDER)
def test_cells_sum_to_the_whole_triad(null):
    circuit = labelled(heavy(90, 4, 9.0, 0.5))
    labels = np.arange(90) % 4
    whole = get_null(null).fit(circuit).expected
    expected = split(circuit, null, labels, 4).expected()
    for motif in CONNECTED:
        total = sum(mean for (code, _), mean in expected.items() if code == motif)
        assert total == pytest.approx(whole[motif], rel=1e-9)


@pytest.mark.parametrize("null", LADDER)
def test_one_class_is_the_whole_triad(null):
    circuit = labelled(spatial(60, 2, 0.12, 0.3))
    whole = effect_variances(circuit, get_null(null), get_null(null).fit(circuit))
    cells = [(motif, (0, 0, 0)) for motif in CONNECTED]
    found = split(circuit, null, np.zeros(60), 1).variances(
        circuit, get_null(null).parameters(circuit), typed_census(circuit, ["x"] * 60), cells
    )
    assert {motif for motif, _ in found} == whole.keys() - {"mutual"}
    for (motif, _), one in found.items():
        for name in ("observed", "expected", "j1", "j2", "j3", "decomposed", "df"):
            assert getattr(one, name) == pytest.approx(getattr(whole[motif], name), rel=1e-6), name
        assert one.rule == whole[motif].rule


def test_classes_of_one_kind_do_not_depend_on_their_names():
    """What the third label does to the order of neurons and of words changes no number."""
    circuit = labelled(spatial(140, 5, 0.08, 0.3))
    labels = np.array(["abc"[k * k % 3] for k in range(140)])
    turned = np.array([{"a": "z", "b": "m", "c": "b"}[label] for label in labels])
    one, other = (
        typed_effect_table(circuit, names.tolist(), nulls=["degree"], hard_limit=0)
        for names in (labels, turned)
    )
    back = {"z": "a", "m": "b", "b": "c"}
    found = {}
    for row in other.to_dict("records"):
        cell = tuple(back[row[place]] for place in PLACES)
        ways = symmetries(row["motif"])
        found[row["motif"], min(tuple(cell[p] for p in way) for way in ways)] = row
    assert len(found) == len(one)
    for row in one.to_dict("records"):
        same = found[row["motif"], tuple(row[place] for place in PLACES)]
        for name in ("observed", "expected", "se", "df"):
            assert same[name] == pytest.approx(row[name], rel=1e-4, nan_ok=True)


@pytest.mark.parametrize("null", ["er", "degree"])
def test_j1_is_the_refitted_jackknife(null):
    circuit = spatial(100, 4, 0.12, 0.25)
    labels = np.arange(100) % 3 // 2  # two thirds and one third
    names = labels.astype(str)
    census = typed_census(circuit, names.tolist())
    parameters = get_null(null).parameters(circuit)
    cells = [kind for kind in all_cells(2) if census.counts[kind[0]].get(kind[1], 0) >= 40]
    variances = split(circuit, null, labels, 2).variances(circuit, parameters, census, cells)
    left = []
    for i in range(circuit.n):
        kept = np.arange(circuit.n) != i
        rest = circuit.subset(kept)
        counts = typed_census(rest, names[kept].tolist()).counts
        expected = split(rest, null, labels[kept], 2).expected()
        left.append([math.log(counts[kind[0]][kind[1]] / expected[kind]) for kind in cells])
    values = np.array(left)
    exact = np.sqrt((circuit.n - 1) / circuit.n * ((values - values.mean(0)) ** 2).sum(0))
    assert len(cells) > 50
    for kind, se in zip(cells, exact, strict=True):
        assert math.sqrt(variances[kind].j1) == pytest.approx(se, rel=0.15), kind


def test_samples_are_those_of_the_plain_ensemble():
    circuit = labelled(spatial(40, 6, 0.15, 0.3))
    names = tuple("EI"[k % 2] for k in range(40))
    counter = CellCounter(names, tuple(all_cells(2)))
    batches = {}
    for null in ("degree", "distance"):
        plain = sample_ensemble(circuit, null, 60, 3)
        found = sample_ensemble(circuit, null, 60, 3, beside=counter, keep=batches.__setitem__)
        assert (found.counts == plain.counts).all()
        assert plain.beside is None
        for place, motif in enumerate(CONNECTED):
            of_motif = [k for k, (code, _) in enumerate(counter.cells) if code == motif]
            sums = found.beside[:, of_motif].sum(1)
            column = found.counts[:, list(typed_census(circuit, names).counts).index(motif)]
            assert (sums == column).all(), place
        again = sample_ensemble(circuit, null, 60, 3, beside=counter, known=batches.get)
        assert (again.beside == found.beside).all()
        # Batches without the counts beside are of another shape, and so not taken.
        assert sample_ensemble(circuit, null, 60, 3, known=batches.get).beside is None


def test_table_has_the_cells_of_all_triads():
    circuit = labelled(spatial(60, 7, 0.1, 0.3))
    names = ["EI"[k % 3 == 0] for k in range(60)]
    found = typed_effect_table(circuit, names, nulls=["er", "block", "degree"], hard_samples=30)
    assert tuple(found.columns) == COLUMNS
    plain = effect_table(circuit, nulls=["er", "block", "degree"], hard_samples=30)
    sums = found.groupby(["motif", "null", "ensemble"])[["observed", "expected"]].sum()
    for row in plain[plain["motif"].isin(CONNECTED)].to_dict("records"):
        if row["observed"] < 100:
            continue  # cells of which less than one is expected are not there
        of_cells = sums.loc[row["motif"], row["null"], row["ensemble"]]
        assert of_cells["observed"] == row["observed"]
        assert of_cells["expected"] == pytest.approx(row["expected"], rel=0.02)
    degrees = found[found["null"] == "degree"]
    assert degrees[degrees["ensemble"] == "canonical"]["p"].isna().all()
    # Tested is what is expected, whether it was seen or not.
    kinds = ["motif", *PLACES]
    expected = degrees[degrees["ensemble"] == "canonical"].set_index(kinds)["expected"] >= 1
    hard = degrees[degrees["ensemble"] == "hard"].set_index(kinds)
    assert (hard["p"].notna() == expected).all()
    assert (hard["p_adjusted"].notna() == expected).all()
    assert not expected.all()
    one = found[(found["null"] == "er") & (found["observed"] >= 20)]
    assert (one["low"] < one["log_ratio"]).all()
    assert (one["log_ratio"] < one["high"]).all()
    tested = found[found["p"].notna() & (found["ensemble"] == "canonical")]
    assert (tested["p_adjusted"] >= tested["p"]).all()
    rungs = typed_survived(found)
    assert rungs.keys() <= {
        (row["motif"], *(row[place] for place in PLACES)) for row in found.to_dict("records")
    }
    for kind, one in rungs.items():
        rows = found[(found["motif"] == kind[0]) & (found["null"] == "er")]
        for place, name in zip(PLACES, kind[1:], strict=True):
            rows = rows[rows[place] == name]
        assert (one.highest is None) == (not (rows["p_adjusted"] < 0.05).any())


def test_a_planted_cell_is_found_and_no_other_class():
    """E → I answered in a graph without structure: pairs of E and I are what stands out."""
    rng = np.random.default_rng(3)
    linked = rng.random((90, 90)) < 0.08
    excitatory = np.arange(90) < 60
    linked |= linked.T & np.logical_xor.outer(excitatory, excitatory) & (rng.random((90, 90)) < 0.6)
    np.fill_diagonal(linked, False)
    circuit = Circuit.from_edges("made", 90, *np.nonzero(linked))
    names = np.where(excitatory, "E", "I").tolist()
    found = typed_effect_table(circuit, names, nulls=["degree"], hard_samples=100)
    hard = found[found["ensemble"] == "hard"].set_index(["motif", *PLACES])
    more = hard[(hard["p_adjusted"] < 0.05) & (hard["log_ratio"] > 0)]
    assert ("201", "E", "I", "E") in more.index
    assert ("201", "E", "E", "E") not in more.index
    assert ("300", "E", "E", "E") not in more.index


def test_step_down_by_brute_force():
    rng = np.random.default_rng(2)
    samples = rng.poisson([3, 50, 50, 900], (80, 4))
    samples[:, 2] = samples[:, 1] + rng.poisson(2, 80)
    observed = [3, 90, 91, 905]
    found = step_down(observed, samples)
    roots = np.sqrt(np.vstack([observed, samples]))
    z = np.abs(roots - roots.mean(0)) / roots.std(0)
    order = np.argsort(-z[0])
    told, last = np.zeros(4), 0.0
    for place, k in enumerate(order):
        beyond = (z[1:, order[place:]].max(1) >= z[0, k]).sum()
        last = max(last, (1 + beyond) / 81)
        told[k] = last
    assert found == pytest.approx(told)
    assert (step_down([5, 1], [[5, 1], [5, 4]])[:1] == 1).all()  # never varies


def test_step_down_holds_the_chance_of_any_false_finding():
    """Sixty counts, dependent by fours: one draw more is called different in a twentieth."""
    rng = np.random.default_rng(4)
    wrong = 0
    for _ in range(300):
        means = np.repeat(rng.gamma(2, 10, (121, 15)), 4, axis=1)
        counts = rng.poisson(means)
        wrong += (step_down(counts[0], counts[1:]) < 0.05).any()
    assert 0.02 <= wrong / 300 <= 0.085


def test_what_has_no_interval_says_why(monkeypatch):
    circuit = labelled(uniform(30, 1, 0.2))
    names = ["EI"[k % 2] for k in range(30)]
    monkeypatch.setattr("analysis.typed_effects.LONGEST", 0.0)
    found = typed_effect_table(circuit, names, nulls=["er", "degree"], hard_samples=10)
    assert set(found["rule"]) == {"too large"}
    assert found["log_ratio"].notna().any()
    assert found["p"].isna().all()
    monkeypatch.setattr("analysis.nulls.dyads.LARGEST", 4)
    found = typed_effect_table(circuit, ["abcdef"[k % 6] for k in range(30)], nulls=["er"])
    assert set(found["rule"]) == {"too large"}
    assert found["expected"].isna().all()
    tiny = Circuit.from_edges("t", 3, [0, 1, 0], [1, 2, 2])
    assert set(typed_effect_table(tiny, list("EIE"), nulls=["er"])["rule"]) == {"too small"}


def test_frames_are_respected():
    ends = np.array(list(product(range(5), repeat=2)))
    ends = ends[ends[:, 0] != ends[:, 1]]
    tested = Circuit.from_edges(
        "pairs", 5, [0, 1], [1, 2], frame=Frame.of_pairs(5, ends[:, 0], ends[:, 1])
    )
    with pytest.raises(FrameError, match="single pairs were tested"):
        typed_effect_table(tested, list("EIEIE"), nulls=["er"])
    full = labelled(uniform(40, 5, 0.2))
    seen = np.arange(40) < 30  # the outputs of ten neurons were not followed
    source, target = full.sources(), full.indices
    kept = seen[source]
    part = Circuit.from_edges(
        "part",
        40,
        source[kept],
        target[kept],
        neurons=full.neurons,
        frame=Frame(seen, np.ones(40, np.bool_), None, False),
    )
    names = np.array(["EI"[k % 2] for k in range(30)] + ["other"] * 10)
    options = {"nulls": ["er", *HARD], "hard_samples": 10}
    found = typed_effect_table(part, names.tolist(), **options)
    alone = typed_effect_table(full.subset(seen), names[seen].tolist(), **options)
    pd.testing.assert_frame_equal(found, alone)


def test_bands_by_label_sum_to_bands():
    model = get_null("degree").fit(labelled(heavy(300, 1)))
    labels = np.arange(model.sizes.size) % 3
    plain, apart = Bands(model), Bands(model, labels, 3)
    assert apart.out.sum(0) == pytest.approx(plain.out[0])
    for (_, _, whole), (_, _, parts) in zip(plain, apart, strict=True):
        for one, other in zip(whole, parts, strict=True):
            assert other.sum(0) == pytest.approx(one[0], rel=1e-9, abs=1e-12)


def test_tables_can_be_kept(tmp_path):
    circuit = labelled(uniform(30, 2, 0.2))
    found = typed_effect_table(circuit, ["EI"[k % 2] for k in range(30)], nulls=["er"])
    found.to_parquet(tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), found)
