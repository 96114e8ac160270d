"""Effects in the terminal: never a number without its interval, or without why it has none."""

import math

import numpy as np
import pytest

from analysis.effects import effect_table
from analysis.uncertainty.rungs import Survival
from isocortex.measure import Parameters, measure
from isocortex.show_effects import census, effect_words, rung_words
from tests.unit.analysis.graphs import circuit_of, heavy

ROW = {
    "observed": 40, "expected": 20, "log_ratio": math.log(2), "low": 0.5, "high": 0.9,
    "p_holm": 0.01,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, "+1.00 ×2.00 \\[+0.72, +1.30] ▲"),
        ({"p_holm": 0.2}, "+1.00 ×2.00 \\[+0.72, +1.30]  "),
        ({"expected": 160, "log_ratio": -math.log(4)}, "−2.00 ×0.25 \\[+0.72, +1.30] ▼"),
        ({"log_ratio": math.log(20_000)}, "+14.29 ×20\u2009000 \\[+0.72, +1.30] ▲"),
        (
            {"observed": 0, "log_ratio": math.nan, "low": -math.inf, "high": 0.0},
            "none \\[below +0.00] ▼",
        ),
        ({"low": math.nan, "high": math.nan, "p_holm": math.nan}, "+1.00 ×2.00  "),
        (
            {"observed": 1, "expected": 0} | dict.fromkeys(("log_ratio", "low", "high"), math.nan),
            "– ▲",
        ),
        (
            dict.fromkeys(("log_ratio", "low", "high", "p_holm"), math.nan),
            "–  ",
        ),
    ],
)
def test_effect_in_words(changes, wanted):
    assert effect_words(ROW | changes) == wanted


def test_rungs_in_words():
    assert rung_words(Survival("degree", True, (("reciprocal", False),))) == (
        "▲ degree (then ▼ reciprocal)"
    )
    assert rung_words(Survival(None, None, ())) == "–"


def test_census_shows_the_better_ensemble_and_says_why_intervals_lack(capsys):
    circuit = heavy(40, 1)
    record, effects, _ = measure(circuit, "", Parameters(("er", "degree"), hard_samples=20), None)
    census(circuit, record, effects)
    shown = capsys.readouterr().out
    assert "degree (hard)" in shown
    assert "degree (canonical)" not in shown
    assert "rung" in shown
    assert "No intervals" not in shown
    small = circuit_of(3, [(0, 1), (1, 2), (0, 2)])
    record, effects, _ = measure(small, "", Parameters(("er",)), None)
    census(small, record, effects)
    assert "No intervals: there are at most 3 neurons." in capsys.readouterr().out


def test_table_of_the_census_has_every_number_of_the_effects():
    found = effect_table(heavy(40, 1), nulls=["er"])
    words = [effect_words(row) for row in found.to_dict("records")]
    shown = [word.startswith(("+", "−")) for word in words]
    assert shown == np.isfinite(found["log_ratio"]).tolist()
