"""The table of statistics on the page of a circuit."""

import re

import pandas as pd

from analysis.statistics import get_statistic
from dashboard.views.described import described
from tests.contract.dashboard.conftest import DESCRIBED, statistics_table
from tests.unit.analysis.graphs import heavy


def cells(html):
    """Text of every cell, row by row."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)[1:]
    return [
        [
            re.sub(r"<[^>]+>", "", cell)
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        ]
        for row in rows
    ]


def test_values_errors_and_sources():
    values = statistics_table(heavy(40, 1))
    html = described(values)
    shown = cells(html)
    density = next(row for row in shown if row[0].startswith("Density"))
    assert "±" in density[1]
    assert density[3] == "Song et al. 2005"
    assert any(row[0] == "\u2003middleman" and row[2].endswith(" er") for row in shown)
    for name in DESCRIBED:
        assert f"https://doi.org/{get_statistic(name).doi}" in html


def test_a_value_without_an_error_says_why_on_its_row():
    values = statistics_table(heavy(6, 1))
    html = described(values)
    assert "fewer than 10 neurons" in html
    assert "±" not in html.split("</thead>")[-1]


def test_a_statistic_of_an_earlier_release_is_shown_by_its_name():
    row = {"statistic": "gone", "of": "", "value": 1.5, "standard_error": 0.1}
    html = described(pd.DataFrame([row | {"expected": float("nan"), "why": "", "note": ""}]))
    assert cells(html)[0][0] == "gone"
