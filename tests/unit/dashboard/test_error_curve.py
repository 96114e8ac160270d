"""The error curve holds what it was given: lines, bands, the zone without claims."""

import math
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from analysis.motifs import MAN
from dashboard.views.error_curve import Panel, picture, reach

SVG = "{http://www.w3.org/2000/svg}"
LEVELS = (0.0, 0.1, 0.2, 0.4)


def panel(miss=None, null="degree", corrected=None):
    rows = [
        {
            "motif": motif, "null": null, "ensemble": "hard", "error": "missed", "level": level,
            "log_ratio": 0.3 + level + 0.05 * k, "spread": 0.1 * level, "draws": 5,
        }
        for k, motif in enumerate(MAN)
        for level in LEVELS
    ]  # fmt: skip
    return Panel("made/one", pd.DataFrame(rows), miss, corrected)


def corrected(claim=True):
    return pd.DataFrame(
        {
            "motif": MAN, "claim": claim, "corrected": 0.2, "low": 0.1, "high": 0.9,
            "inflation": 1.2,
        }
    )  # fmt: skip


def drawn(given, motifs=("030T", "201")):
    return ET.fromstring(picture(given, motifs, *reach([given], motifs)))


def zone(root):
    return [r for r in root.iter(f"{SVG}rect") if r.get("class") == "no-claim"]


def test_a_line_for_every_triad_and_a_dot_for_every_level():
    root = drawn(panel())
    lines = list(root.iter(f"{SVG}polyline"))
    assert len(lines) == 2
    assert len({line.get("stroke-dasharray") for line in lines}) == 2
    points = [tuple(map(float, p.split(","))) for p in lines[0].get("points").split()]
    assert len(points) == len(LEVELS)
    at = np.array(points)
    assert np.diff(at[:, 0]) == pytest.approx(
        np.diff(LEVELS) * (at[-1, 0] - at[0, 0]) / 0.4, abs=0.1
    )
    assert (np.diff(at[:, 1]) < 0).all(), "a growing effect goes up"
    said = [g.get("aria-label") for g in root.iter(f"{SVG}g") if g.get("aria-label")]
    assert sum(words.startswith("030T at ") for words in said) == len(LEVELS)


def test_zone_without_claims_grows_with_what_is_missed_already():
    (none,), (some,) = zone(drawn(panel())), zone(drawn(panel(miss=0.1)))
    assert float(some.get("width")) > float(none.get("width"))
    (first, *_, last) = sorted(
        float(c.get("cx")) for c in drawn(panel()).iter(f"{SVG}circle") if c.get("r") == "3"
    )
    share = float(none.get("width")) / (last - first)
    assert share == pytest.approx((0.4 - 0.2) / 0.4, abs=0.01)
    assert not zone(drawn(panel(null="distance")))


def test_corrected_effects_stand_left_of_the_circuit():
    given = panel(0.1, corrected=corrected())
    root = drawn(given)
    open_circles = [c for c in root.iter(f"{SVG}circle") if c.get("r") == "4"]
    dots = [c for c in root.iter(f"{SVG}circle") if c.get("r") == "3"]
    assert len(open_circles) == 2
    assert max(float(c.get("cx")) for c in open_circles) < min(float(c.get("cx")) for c in dots)
    assert "own 10" in "".join(root.itertext())
    refused = drawn(panel(0.1, corrected=corrected(claim=False)))
    assert not [c for c in refused.iter(f"{SVG}circle") if c.get("r") == "4"]


def test_axis_holds_everything_and_zero():
    given = panel(0.1, corrected=corrected())
    low, high = reach([given], ["030T"])
    assert low < 0 < 0.9 / math.log(2) < high
    empty = panel()
    empty.rows["log_ratio"] = np.nan
    low, high = reach([empty], ["030T"])
    assert low < 0 < high
    assert not list(drawn(empty).iter(f"{SVG}polyline"))
