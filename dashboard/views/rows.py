"""Rows of a query as a table and as files; whole numbers stay exact."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

EXACT = 2**53  # beyond, a browser's numbers are not whole numbers any more


def frame(columns: list[str], rows: list[list[Any]]) -> pd.DataFrame:
    """Make the table that is shown.

    Numbers that a browser cannot hold exactly, and values that are no scalars, become text.
    """
    table = pd.DataFrame(rows, columns=_distinct(columns), dtype=object)
    for name in table.columns:
        table[name] = _column(table[name])
    return table


def exact(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose whole numbers a browser shows as they are."""
    found = table.copy()
    for name in found.columns:
        whole = pd.api.types.is_integer_dtype(found[name])
        if whole and (found[name].dropna().abs() >= EXACT).any():
            found[name] = found[name].astype("string")
    return found


def as_csv(columns: list[str], rows: list[list[Any]]) -> str:
    """Write rows as CSV; maps and lists as JSON."""
    cells = [[_text(value) if _nested(value) else value for value in row] for row in rows]
    return pd.DataFrame(cells, columns=columns, dtype=object).to_csv(index=False)


def as_json(columns: list[str], rows: list[list[Any]], truncated: bool) -> str:
    """Write rows as JSON, in the shape of `isocortex query --json`."""
    document = {"columns": columns, "rows": rows, "truncated": truncated}
    return json.dumps(document, ensure_ascii=False, indent=1, default=str)


def _column(values: pd.Series) -> pd.Series:
    there = values.dropna()
    if any(_nested(value) for value in there):
        return values.map(lambda value: None if value is None else _text(value))
    kinds = {type(value) for value in there}
    if kinds == {int}:
        if there.abs().max() >= EXACT:
            return values.map(lambda value: None if value is None else str(value))
        return values.astype("Int64")
    if kinds and kinds <= {int, float}:
        return values.astype("Float64")
    if len(kinds) > 1:
        return values.map(lambda value: None if value is None else str(value))
    return values


def _nested(value: Any) -> bool:
    return isinstance(value, dict | list)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if _nested(value) else str(value)


def _distinct(columns: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for name in columns:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
