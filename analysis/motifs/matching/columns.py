"""Attributes of neurons as arrays: what a condition leaves over, values that can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from schemas.patterns import Condition
from schemas.patterns.attributes import Kind

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
NOTHING = -1  # code of a missing value
_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def column_kinds(neurons: pd.DataFrame) -> dict[str, Kind]:
    """Return the columns of a neuron table that hold anything, with the kind of their values."""
    kinds: dict[str, Kind] = {}
    for name in neurons.columns:
        held = neurons[name].dropna()
        if held.empty:
            continue
        if types.is_bool_dtype(held) or held.map(lambda one: isinstance(one, bool)).all():
            kinds[str(name)] = "truth"
        elif types.is_numeric_dtype(held):
            kinds[str(name)] = "number"
        else:
            kinds[str(name)] = "text"
    return kinds


def meeting(values: pd.Series[Any] | npt.NDArray[Any], conditions: Iterable[Condition]) -> Bools:
    """Whether each value meets all conditions, shape (n,); a missing value meets none."""
    series = pd.Series(values).reset_index(drop=True)
    known = series.notna().to_numpy(dtype=bool)
    held = _plain(series[known])
    inside = np.ones(held.size, np.bool_)
    for condition in conditions:
        inside &= _met(held, condition)
    met = np.zeros(known.size, np.bool_)
    met[known] = inside
    return met


def _plain(held: pd.Series[Any]) -> npt.NDArray[Any]:
    if types.is_bool_dtype(held):
        return held.to_numpy(dtype=np.int64)
    if types.is_integer_dtype(held):
        return held.to_numpy(dtype=np.int64)
    if types.is_numeric_dtype(held):
        return held.to_numpy(dtype=np.float64)
    if held.map(lambda one: isinstance(one, bool)).all():
        return held.astype(int).to_numpy(dtype=np.int64)
    return held.astype(str).to_numpy(dtype=object)


def _met(held: npt.NDArray[Any], condition: Condition) -> Bools:
    operator, value = condition.operator, condition.value
    if operator in _ORDER:
        met: Bools = np.asarray(_ORDER[operator](held, value), np.bool_)
        return met
    if isinstance(value, tuple):
        found = [one in value for one in held.tolist()]
    elif operator in ("in", "!in"):
        found = [one in str(value) for one in held.tolist()]
    else:
        found = [str(value) in one for one in held.tolist()]
    met = np.array(found, np.bool_)
    return ~met if operator.startswith("!") else met


def comparable(left: pd.Series[Any], right: pd.Series[Any]) -> tuple[Ints, Ints]:
    """Turn two columns into codes that are ordered and equal as their values are.

    Returns
    -------
    left, right : int64, shape (n,)
        `NOTHING` where the value is missing.
    """
    known = [column.notna().to_numpy(dtype=bool) for column in (left, right)]
    held = [_plain(column[mask]) for column, mask in zip((left, right), known, strict=True)]
    ranks = np.unique(np.concatenate(held), return_inverse=True)[1].astype(np.int64)
    codes = []
    for mask, ranked in zip(known, np.split(ranks, [held[0].size]), strict=True):
        code = np.full(mask.size, NOTHING, np.int64)
        code[mask] = ranked
        codes.append(code)
    return codes[0], codes[1]
