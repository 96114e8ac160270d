"""Cells → integers, numbers and labels, exactly; and which column is meant by which name.

An id that went through a float names a neighbour without anybody noticing. Integers are therefore
made from digits or from typed integers and from nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingest.report import Report
from ingest.tables import Table
from schemas.errors import InputError, Problem

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

INTEGER = r"^[+-]?[0-9]+$"
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
# A leading zero is a label's, not a number's; 16 digits do not fit into a float.
PLAIN_INTEGER = r"^-?(0|[1-9][0-9]{0,17})$"
PLAIN_DECIMAL = r"^-?((0|[1-9][0-9]{0,14})(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
LOWEST, HIGHEST = -(2**63), 2**63 - 1
IN_FULL = "write the id in full, as digits only; ids never pass through a float"
BLANK_IF_UNKNOWN = "correct the cell; leave it empty where the value is not known"


@dataclass(frozen=True)
class Names:
    """Names under which a column may come.

    Attributes
    ----------
    ours : str
        Wins whenever it is there.
    systems : tuple of str
        What neuPrint, CAVE, Codex, SONATA call it; looked for next.
    plain : tuple of str
        Words that also mean other things; looked for last.
    """

    ours: str
    systems: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()

    def __str__(self) -> str:
        others = ", ".join((*self.systems, *self.plain))
        return f"{self.ours!r}" + (f" or one of {others}" if others else "")


def find(columns: Sequence[str], names: Names, file: str, *, required: bool = False) -> str | None:
    """Return the column that is meant, or None.

    Capital letters make no difference. Of two names of one rank neither is taken.

    Raises
    ------
    InputError
        If two columns may be meant, or none and one is required.
    """
    for rank in ((names.ours,), names.systems, names.plain):
        wanted = {name.lower() for name in rank}
        found = [column for column in columns if column.lower() in wanted]
        if len(found) > 1:
            raise InputError(
                [
                    Problem(
                        file=file,
                        row=1,
                        column=names.ours,
                        what=f"it may be any of {', '.join(map(repr, found))}",
                        expected=f"one column that means {names.ours!r}",
                        remedy=f"rename the one that is meant to {names.ours!r}",
                    )
                ]
            )
        if found:
            return found[0]
    if required:
        raise InputError(
            [
                Problem(
                    file=file,
                    row=1,
                    column=names.ours,
                    what=f"there is no such column; found {', '.join(columns)[:200]}",
                    expected=str(names),
                    remedy=f"rename the column that is meant to {names.ours!r}",
                )
            ]
        )
    return None


def text_of(table: Table, column: str) -> pa.StringArray:
    """Return a column as trimmed text, '' where there is nothing.

    Raises
    ------
    InputError
        If its cells are no single values, but lists or records.
    """
    values = table.arrow.column(column)
    kind = values.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        values = values.cast(kind)
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise InputError([_of_kind(table, column, kind, "one value in every cell")])
    text = pc.fill_null(values.cast(pa.string()), "")
    return pc.utf8_trim_whitespace(text).combine_chunks()


def integers(
    table: Table,
    column: str,
    report: Report,
    *,
    expected: str = "a 64-bit integer",
    remedy: str = IN_FULL,
    fits: Callable[[IntArray], npt.NDArray[np.bool_]] | None = None,
) -> IntArray:
    """Return a column as int64; what is none goes into the report, and 0 into the array.

    Parameters
    ----------
    table : Table
    column : str
    report : Report
    expected, remedy : str, optional
        For messages.
    fits : callable, optional
        Which of the integers are acceptable.
    """
    if not len(table):
        return np.zeros(0, np.int64)
    values = table.arrow.column(column)
    kind = values.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        values = values.cast(kind)
    numeric = pa.types.is_integer(kind)
    if not numeric and not pa.types.is_string(kind) and not pa.types.is_large_string(kind):
        report.add([_of_kind(table, column, kind, expected, remedy)], 1)
        return np.zeros(len(table), np.int64)
    if numeric and values.null_count == 0 and kind != pa.uint64():
        exact: IntArray = values.cast(pa.int64()).to_numpy()
        if fits is None or bool(fits(exact).all()):
            return exact
    text = text_of(table, column)
    parsed = plainly(text)
    if parsed is not None and (fits is None or bool(fits(parsed).all())):
        return parsed
    bad: npt.NDArray[np.bool_] = ~pc.match_substring_regex(text, INTEGER).to_numpy(
        zero_copy_only=False
    )
    long = ~bad & (pc.utf8_length(text).to_numpy(zero_copy_only=False) >= 19)
    for place in np.flatnonzero(long):
        bad[place] = not LOWEST <= _exactly(text[place].as_py()) <= HIGHEST
    digits = pc.if_else(pa.array(bad), "0", pc.utf8_ltrim(text, "+"))
    made: IntArray = digits.cast(pa.int64()).to_numpy(zero_copy_only=False)
    if fits is not None:
        bad |= ~fits(made)
    report.cells(
        bad,
        lambda place: _found(text[place].as_py()),
        file=table.name,
        rows=table.rows,
        column=column,
        expected=expected,
        remedy=remedy,
    )
    return np.where(bad, 0, made)


def plainly(text: pa.StringArray) -> IntArray | None:
    """Return the integers of a column in which every cell is digits, else None; fast."""
    try:
        made: IntArray = text.cast(pa.int64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    hexadecimal = pc.any(pc.match_substring(text, "x", ignore_case=True)).as_py()
    return None if hexadecimal else made


def numbers(table: Table, column: str, report: Report, *, blank: bool = True) -> FloatArray:
    """Return a column as float64, NaN for an empty cell.

    Text, NaN and infinity go into the report: who does not know a position leaves it empty.

    Parameters
    ----------
    table : Table
    column : str
    report : Report
    blank : bool, optional
        Whether a cell may be empty.
    """
    values = table.arrow.column(column)
    kind = values.type
    text: pa.StringArray | None = None
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        made: FloatArray = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        empty = values.is_null().to_numpy()
    else:
        text = text_of(table, column)
        good = pc.match_substring_regex(text, NUMBER)
        empty = pc.equal(text, "").to_numpy(zero_copy_only=False)
        kept = pc.if_else(good, pc.utf8_ltrim(text, "+"), None)
        made = kept.cast(pa.float64()).to_numpy(zero_copy_only=False)
    bad = ~np.isfinite(made) & ~empty if blank else ~np.isfinite(made)
    report.cells(
        bad,
        lambda place: _found(text[place].as_py() if text is not None else str(made[place])),
        file=table.name,
        rows=table.rows,
        column=column,
        expected="a finite number" + (", or nothing" if blank else ""),
        remedy=BLANK_IF_UNKNOWN if blank else "correct the cell",
    )
    return np.where(empty, np.nan, made)


def labels(table: Table, column: str) -> pd.Series[Any]:
    """Return a column as text, None where there is nothing."""
    text = pd.Series(text_of(table, column).to_pandas().to_numpy(object))
    return text.mask(text == "", None)


def whatever(table: Table, column: str) -> pd.Series[Any]:
    """Return a column of the source's own: numbers if all its cells are, else text.

    Integers stay exact, also where some cells are empty.

    Raises
    ------
    InputError
        If its cells are lists or records.
    """
    kind = table.arrow.column(column).type
    if not pa.types.is_string(kind) and not pa.types.is_large_string(kind):
        if pa.types.is_integer(kind):
            return _integer_series(table.arrow.column(column))
        if pa.types.is_floating(kind) or pa.types.is_boolean(kind):
            return pd.Series(table.arrow.column(column).to_pandas())
        return labels(table, column)
    text = text_of(table, column)
    there = pc.not_equal(text, "")
    filled = text.filter(there)
    if len(filled) and pc.all(pc.match_substring_regex(filled, PLAIN_INTEGER)).as_py():
        return _integer_series(pc.if_else(there, text, None).cast(pa.int64()))
    if len(filled) and pc.all(pc.match_substring_regex(filled, PLAIN_DECIMAL)).as_py():
        made = pc.if_else(there, text, None).cast(pa.float64())
        return pd.Series(made.to_numpy(zero_copy_only=False))
    return labels(table, column)


def require(table: Table, columns: Iterable[str], *, remedy: str) -> None:
    """Raise an InputError that lists every one of `columns` that the table lacks."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        has = ", ".join(table.columns)[:200] or "none"
        raise InputError(
            [
                Problem(
                    file=table.name,
                    row=1,
                    column=column,
                    what="the column is missing",
                    expected=f"a column {column!r}; the file has {has}",
                    remedy=remedy,
                )
                for column in missing
            ]
        )


def typed(table: Table, columns: Mapping[str, str], *, remedy: str) -> pd.DataFrame:
    """Return the named columns, each "int64", "float64" or "string" ('' where empty).

    Raises
    ------
    InputError
        If a column is missing, or a cell is not what the column holds; all in one report.
    """
    require(table, columns, remedy=remedy)
    report = Report()
    made: dict[str, Any] = {}
    for column, kind in columns.items():
        if kind == "int64":
            made[column] = integers(table, column, report, expected="an integer", remedy=remedy)
        elif kind == "float64":
            made[column] = numbers(table, column, report, blank=False)
        else:
            made[column] = text_of(table, column).to_pandas().to_numpy(object)
    report.settle()
    return pd.DataFrame(made)


def all_of(columns: Sequence[pa.Array], test: Callable[[pa.Array], pa.BooleanArray]) -> int:
    """Count the cells of several columns that pass a test."""
    return reduce(lambda total, column: total + (pc.sum(test(column)).as_py() or 0), columns, 0)


def _integer_series(values: pa.Array | pa.ChunkedArray) -> pd.Series[Any]:
    """Integers as pandas holds them exactly: nullable only where some are missing."""
    series: pd.Series[Any] = values.to_pandas(types_mapper=_NULLABLE.get)
    if not series.isna().any():
        series = pd.Series(series.to_numpy(dtype=str(series.dtype).lower()))
    return series


_NULLABLE = {
    pa.int8(): pd.Int8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(), pa.uint8(): pd.UInt8Dtype(), pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(), pa.uint64(): pd.UInt64Dtype(),
}  # fmt: skip


def _of_kind(
    table: Table,
    column: str,
    kind: pa.DataType,
    expected: str,
    remedy: str = "give one value per cell, or leave the column out",
) -> Problem:
    why = ": an id that was a float may already name another neuron" if "id" in remedy else ""
    return Problem(
        file=table.name,
        row=table.rows(np.zeros(1, np.int64))[0] if table.rows and len(table) else None,
        column=column,
        what=f"the column holds {kind}" + (why if pa.types.is_floating(kind) else ""),
        expected=expected,
        remedy=remedy,
    )


def _exactly(digits: str) -> int:
    """Integer of a text of digits; far beyond 64 bits if it is too long to be one."""
    return int(digits) if len(digits) <= 40 else HIGHEST + 1


def _found(text: str) -> str:
    if text == "":
        return "the cell is empty"
    is_integer = re.fullmatch(r"[+-]?[0-9]+", text) is not None
    beyond = is_integer and not LOWEST <= _exactly(text) <= HIGHEST
    return f"found {text[:40]!r}" + (", which is beyond 64 bits" if beyond else "")
