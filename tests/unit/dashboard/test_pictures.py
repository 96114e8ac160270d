"""Pictures hold what they were given: sums, shares, orders, bands."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, binomtest

from analysis.circuit import Circuit
from analysis.motifs import MAN
from analysis.motifs.matching import draw_placements
from analysis.motifs.named import pattern_of
from analysis.statistics import block_table
from dashboard import effects as shown_effects
from dashboard.views.adjacency import adjacency, aggregate, sorted_neurons
from dashboard.views.degrees import at_least, degree_picture, independent
from dashboard.views.forest import Mark, forest
from dashboard.views.glyphs import ARROWS
from dashboard.views.instance_cards import corners, instance_cards, instance_table
from dashboard.views.marks import evidence_icon
from dashboard.views.matrix import matrix, wilson
from dashboard.views.nodelink import layout, nodelink, strongest
from dashboard.views.palette import EVIDENCE_MARKS, OVER, UNDER
from dashboard.views.strip import diverging, ladder, strip
from schemas.records import Evidence

SVG = "{http://www.w3.org/2000/svg}"


def table(circuits):
    """Effects of every circuit and null, made up but consistent."""
    rng = np.random.default_rng(5)
    rows = []
    for circuit in circuits:
        for null, ensembles in {"er": ["canonical"], "degree": ["canonical", "hard"]}.items():
            for ensemble in ensembles:
                for motif in MAN:
                    observed, expected, sd = int(rng.integers(0, 90)), 40.0, 8.2
                    ratio = math.log(observed / expected) if observed else math.nan
                    z = (observed - expected) / sd
                    rows.append(
                        (circuit, "k" * 64, motif, null, ensemble, observed, expected, sd, ratio, z)
                    )
    columns = ["circuit", "key", "motif", "null", "ensemble", "observed", "expected", "sd"]
    made = pd.DataFrame(rows, columns=[*columns, "log_ratio", "z"])
    se = np.where(made["motif"].isin(MAN[3:]), 0.1, math.nan)
    p_holm = np.where(made["z"] > 3, 0.001, 0.2) + 0 * se
    return made.assign(
        se=se, df=50.0, rule="V", low=made["log_ratio"] - 0.2, high=made["log_ratio"] + 0.2,
        p=np.where(np.isnan(se), math.nan, 0.01), p_holm=p_holm,
        mde=0.3,
    )  # fmt: skip


@pytest.mark.parametrize("most", [1, 7, 50, 120, 460])
def test_aggregation_keeps_every_connection(circuit, most):
    order, _, _ = sorted_neurons(circuit.neurons)
    counts, sizes = aggregate(circuit, order, most)
    assert counts.sum() == circuit.m
    assert sizes.sum() == circuit.n
    assert counts.shape == (min(circuit.n, most),) * 2
    assert sizes.max() - sizes.min() <= 1


def test_aggregation_without_aggregating_is_the_matrix(circuit):
    order, _, _ = sorted_neurons(circuit.neurons)
    counts, _ = aggregate(circuit, order, circuit.n)
    assert (counts == circuit.dense(np.int64)[np.ix_(order, order)]).all()


def test_order_is_class_then_depth(circuit):
    order, groups, by = sorted_neurons(circuit.neurons)
    assert sorted(order) == list(range(circuit.n))
    assert by == "class, then soma y"
    assert [g.label for g in groups] == ["excitatory", "basket", "martinotti", "(no class)"]
    assert groups[0].start == 0
    assert groups[-1].stop == circuit.n
    depth = circuit.neurons["soma_y"].to_numpy()[order]
    for group in groups:
        assert (np.diff(depth[group.start : group.stop]) >= 0).all()


def test_adjacency_cells_are_connections(circuit):
    picture = adjacency(circuit, "#000000")
    (cells,) = [trace for trace in picture.data if trace.type == "heatmap"]
    order, groups, _ = sorted_neurons(circuit.neurons)
    assert ((cells.z > 0) == (circuit.dense()[np.ix_(order, order)] > 0)).all()
    assert cells.x.tolist() == (np.arange(circuit.n) + 0.5).tolist()
    said = [trace.text for trace in picture.data if trace.type == "scatter"]
    assert len(said) == 2 * len(groups)
    assert sum(int(re.search(r">(\d+) neurons", text).group(1)) for text in said) == 2 * circuit.n


def test_matrix_shows_every_block(circuit):
    blocks = block_table(circuit, "polarity")
    cells, numbers = matrix(blocks, ink="#000000", order=["inhibitory"]).data
    assert list(cells.y) == ["inhibitory", "excitatory"]
    shares = blocks.set_index(["pre", "post"])["probability"] * 100
    for i, pre in enumerate(cells.y):
        for j, post in enumerate(cells.x):
            assert cells.z[i][j] == pytest.approx(shares[pre, post])
            assert float(numbers.text[2 * i + j]) == pytest.approx(shares[pre, post], rel=0.05)
            row = blocks[(blocks["pre"] == pre) & (blocks["post"] == post)].iloc[0]
            assert f"{row['connections']} of" in cells.hovertext[i][j].replace("\u2009", "")


def test_matrix_without_pairs_has_a_dash():
    """One cell of a class has no pair with its own class."""
    part = Circuit.from_edges(
        "made/two", 2, [0], [1], [1],
        neurons=pd.DataFrame({"neuron_id": [1, 2], "polarity": ["excitatory", "inhibitory"]}),
    )  # fmt: skip
    picture = matrix(block_table(part, "polarity"), ink="#000000")
    assert [(note.x, note.y, note.text) for note in picture.layout.annotations] == [
        (0, 0, "–"), (1, 1, "–"),
    ]  # fmt: skip


@pytest.mark.parametrize(("found", "tested"), [(0, 10), (3, 10), (10, 10), (137, 4100)])
def test_wilson_interval(found, tested):
    expected = binomtest(found, tested).proportion_ci(method="wilson")
    assert wilson(found, tested) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_wilson_without_tests():
    assert all(math.isnan(bound) for bound in wilson(0, 0))


def test_degree_shares():
    k, share = at_least(np.array([0, 0, 1, 3, 3]))
    assert k.tolist() == [0, 1, 3]
    assert share.tolist() == pytest.approx([1.0, 0.6, 0.4])
    assert independent(39, 0.2) == pytest.approx(binom.sf(np.arange(40) - 1, 39, 0.2), abs=1e-12)
    assert independent(0, 0.5).tolist() == [0.0]
    nothing = degree_picture(
        np.zeros(3, np.int64), 0.0, partners=2, direction="in", highest=0, ink="#000000"
    )
    assert [len(trace.x) for trace in nothing.data] == [0, 0]
    some = degree_picture(
        np.array([0, 1, 2, 2]), 0.4, partners=3, direction="out", highest=2, ink="#000000"
    )
    assert [list(trace.x) for trace in some.data] == [[1, 2], [1, 2]]
    assert list(some.data[1].y) == [0.75, 0.5]


def test_bands_and_states():
    found = shown_effects.shown(table(["a/b"]))
    row = found.iloc[0]
    assert row["band_high"] == pytest.approx(math.log2(56.4 / 40))
    assert row["band_low"] == pytest.approx(math.log2(23.6 / 40))
    assert ((found["log2"] > found["band_high"]) == (found["state"] == "over")).all()
    some = found[found["observed"] > 0]
    assert (some["log2_high"] - some["log2"]).to_numpy() == pytest.approx(0.2 / math.log(2))
    assert (some["log2"] - some["log2_low"]).to_numpy() == pytest.approx(0.2 / math.log(2))
    assert ((found["departs"] == "over") == (found["p_holm"] < 0.05)).all()
    assert found.loc[found["p_holm"].isna(), "departs"].isna().all()
    none = found[found["observed"] == 0]
    assert none["log2"].isna().all()
    wide = shown_effects.shown(table(["a/b"]).assign(sd=30.0))
    assert (wide["band_low"] == -math.inf).all()


def test_best_prefers_the_hard_ensemble():
    found = shown_effects.shown(table(["a/b", "c/d"]))
    found = found[~((found["circuit"] == "c/d") & (found["ensemble"] == "hard"))]
    best = shown_effects.best(found, "degree")
    assert set(zip(best["circuit"], best["ensemble"], strict=True)) == {
        ("a/b", "hard"), ("c/d", "canonical"),
    }  # fmt: skip
    assert len(best) == 32


def test_a_number_is_found_by_its_name():
    found = shown_effects.shown(table(["a/b", "c/d"]))
    row = found.iloc[37]
    again = shown_effects.find(found, shown_effects.identity(row))
    assert again["observed"] == row["observed"]
    assert shown_effects.find(found, "nothing~of~this~sort") is None


def test_forest_axis_is_symmetric():
    marks = [
        Mark(
            "030T",
            "030T",
            "em_dense",
            value,
            value - 0.5,
            value + 0.5,
            -0.3,
            0.3,
            None,
            "",
            "tip",
            "x",
        )
        for value in (-1.0, 0.0, 1.0, 9.0, math.nan)
    ]
    drawn = ET.fromstring(forest(marks, title="t", subtitle="s", limit=2.0))
    rows = [g for g in drawn.iter(f"{SVG}g") if g.get("data-open") == "x"]
    places = [float(g.findall(f"{SVG}circle")[-1].get("cx")) for g in rows[:4]]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1])
    assert len(rows[4].findall(f"{SVG}circle")) == 0
    lines = rows[1].findall(f"{SVG}line")
    ends = [float(lines[0].get(side)) for side in ("x1", "x2")]
    half = (places[2] - places[1]) / 2  # of one unit
    assert ends == pytest.approx([places[1] - half, places[1] + half])
    assert len(lines) == 3, "the interval and a stop at either end"
    assert len(rows[3].findall(f"{SVG}line")) == 1, "no stop where the axis ends first"
    outside = rows[3].findall(f"{SVG}polygon")
    assert len(outside) == 1, "what lies beyond the axis has an arrow"


def test_diverging_is_white_at_the_null():
    assert diverging(0.0, 2) == "#ffffff"
    assert diverging(5.0, 2).upper() == OVER
    assert diverging(-2.0, 2).upper() == UNDER


def test_overviews_have_a_cell_for_every_triad(circuits):
    names = circuits.head(3)
    found = shown_effects.shown(table(names["circuit"].tolist()[:2]))
    drawn = strip(shown_effects.best(found, "degree"), names, 2.0)
    assert drawn.count("data-open") == 32
    assert "not measured" in drawn
    rungs = ladder(found, names)
    assert rungs.count("block_distance: not computed") == 2 * 48  # hint and accessible name
    ET.fromstring(drawn)
    ET.fromstring(rungs)


def test_nodelink_draws_every_cell_and_connection(circuit):
    part = circuit.subset(np.arange(circuit.n) < 30)
    places = layout(part)
    assert (places == layout(part)).all(), "the same cells stand in the same places"
    drawn = ET.fromstring(nodelink(part, places, int(part.neuron_ids[3])))
    cells = [g.get("data-open") for g in drawn.iter(f"{SVG}g") if g.get("data-open")]
    assert cells == [f"cell:{body}" for body in part.neuron_ids]
    assert len(list(drawn.iter(f"{SVG}path"))) == part.m
    assert len(strongest(circuit, 50)) == 50


def test_evidence_marks_differ_and_are_complete():
    drawn = {evidence_icon(kind.value) for kind in Evidence}
    assert len(drawn) == len(Evidence)
    assert set(EVIDENCE_MARKS) == {kind.value for kind in Evidence}
    assert len(set(EVIDENCE_MARKS.values())) == len(Evidence)


@pytest.mark.parametrize("motif", [motif for motif in MAN if motif != "003"])
def test_an_instance_is_drawn_as_its_glyph(circuit, motif):
    """Three linked neurons, and the connections that they have, no others."""
    place = corners(motif)
    assert sorted(place.values()) == ["a", "b", "c"]
    found = draw_placements(circuit, pattern_of(motif), 5, seed=1)
    cards = instance_cards(circuit, motif, found)
    assert len(cards) == len(found.rows)
    for card, row in zip(cards, found.rows.tolist(), strict=True):
        drawn = ET.fromstring(card)
        links = list(drawn.iter(f"{SVG}a"))
        assert {int(one.get("data-cell")) for one in links} == set(circuit.neuron_ids[row].tolist())
        for one in links:
            assert one.get("href") == one.get("data-open")
            assert f"cell={one.get('data-cell')}" in one.get("href")
        assert len(list(drawn.iter(f"{SVG}path"))) == len(ARROWS[motif])
    table = instance_table(circuit, found)
    assert table[["A", "B", "C"]].to_numpy().tolist() == circuit.neuron_ids[found.rows].tolist()
