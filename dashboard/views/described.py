"""Statistics of a circuit as a table: value ± standard error, what is expected, the source."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from analysis.statistics import statistics
from dashboard.views.numbers import number
from dashboard.views.svg import element, words
from dashboard.views.tables import Column, Row, table

COLUMNS = (
    Column("Statistic"),
    Column("Value", numeric=True, unit="± standard error"),
    Column("Expected", numeric=True, unit="by a null"),
    Column("Source"),
)


def described(values: pd.DataFrame) -> str:
    """Write the table.

    Parameters
    ----------
    values : DataFrame
        Columns statistic, of, value, standard_error, expected, why, note, as they are stored.
    """
    known = statistics()
    rows = []
    for name, group in values.groupby("statistic", sort=False):
        one = known.get(str(name))
        title = words(one.title if one else name)
        meaning = element("small", words(f" {one.meaning}")) if one else ""
        source = _source(one.doi, one.reference) if one else ""
        null = one.expects if one else ""
        parts = group.to_dict("records")
        if len(parts) > 1 or parts[0]["of"]:
            tip = parts[0]["note"] or None
            rows.append(Row([element("b", title) + meaning, " ", " ", source], tip=tip))
            title, meaning, source = "", "", " "
        for part in parts:
            head = element("b", title) + meaning if title else words(f"\u2003{part['of']}")
            expected = part["expected"]
            by = element("small", words(f" {null}")) if null and math.isfinite(expected) else ""
            given = number(expected) + by
            rows.append(Row([head, _with_error(part), given, source], tip=part["why"] or None))
    return table(COLUMNS, rows)


def _with_error(part: dict[Any, Any]) -> str:
    error = part["standard_error"]
    shown = number(part["value"])
    if math.isfinite(error):
        shown += element("small", words(f" ± {number(error, 2)}"))
    return shown


def _source(doi: str, reference: str) -> str:
    return element("a", words(reference), href=f"https://doi.org/{doi}", target="_blank")
