"""SQLite databases as others wrote them: opened without a trace, read within bounds.

A database is a program as much as a file: views and generated columns compute, virtual tables call
modules, broken pages lead in circles. Only plain tables and stored columns are read, text only as
far as it is needed, so many rows and so many steps.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.readers import SourceFiles, reading
from ingest.report import Report
from schemas.errors import InputError, Problem

MAGIC = b"SQLite format 3\0"
MOST_ROWS = 1_000_000
LONGEST_TEXT = 1_000
_LENGTH = 16 * 2**20  # of a row or a value
_STEPS, _STEPS_AT_ONCE = 200_000_000, 1_000_000
_HEADER = 100
COMPLETE = "give the complete, unchanged database"


def table_names(path: Path) -> frozenset[str]:
    """Return the names of the tables of a database; empty if it is none."""
    try:
        with closing(_connected(path)) as connection:
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return frozenset(str(name) for (name,) in found.fetchmany(1_000))
    except (sqlite3.Error, OSError, UnicodeDecodeError):
        return frozenset()


@contextmanager
def opened(files: SourceFiles, name: str, expected: str) -> Iterator[sqlite3.Connection]:
    """Open a database for reading; nothing is written, locked or left beside it.

    Raises
    ------
    InputError
        If it is no SQLite database, is cut off, or proves damaged while it is read.
    """
    path = files.on_disk(name)
    with files.open(name) as stream:
        head = stream.read(_HEADER)
        size = stream.seek(0, 2)
        content = b""
        if path is None:
            stream.seek(0)
            content = stream.read()
    with reading(name, expected, COMPLETE):
        _check_head(head, size)
        with closing(_connected(path or content)) as connection:
            yield connection


def select(
    connection: sqlite3.Connection, file: str, table: str, columns: Mapping[str, bool]
) -> pd.DataFrame:
    """Read columns of a table as they are: objects, None where there is nothing.

    Parameters
    ----------
    connection : sqlite3.Connection
    file : str
        Name of the database, for messages.
    table : str
    columns : mapping of str to bool
        Name → whether it must be there; a column that need not and is not holds None.

    Raises
    ------
    InputError
        If it is no plain table, a column is missing or computed, or there are too many rows.
    """
    _check_plain(connection, file, table)
    stored = {
        name: hidden
        for _, name, *_, hidden in connection.execute(f"PRAGMA table_xinfo({_quoted(table)})")
    }
    report = Report()
    for column, needed in columns.items():
        if needed and column not in stored:
            what = f"there is no such column; found {', '.join(stored)[:200]}"
            report.add([_problem(file, f"{table}.{column}", what, "this column")], 1)
        elif stored.get(column):
            report.add(
                [_problem(file, f"{table}.{column}", "it is computed", "a stored column")], 1
            )
    report.settle()
    given = [column for column in columns if column in stored]
    cells = ", ".join(map(_cell, given))
    rows = connection.execute(
        f"SELECT {cells} FROM {_quoted(table)} ORDER BY rowid LIMIT {MOST_ROWS + 1}"
    ).fetchall()
    if len(rows) > MOST_ROWS:
        what, most = f"it has more than {MOST_ROWS:,} rows", f"{MOST_ROWS:,} rows at most"
        raise InputError([_problem(file, table, what, most)])
    cells_of = {column: [row[k] for row in rows] for k, column in enumerate(given)}
    nothing = [None] * len(rows)
    return pd.DataFrame(
        {column: pd.Series(cells_of.get(column, nothing), dtype=object) for column in columns}
    )


def integers(table: pd.DataFrame, column: str, report: Report, at: str) -> pd.Series[Any]:
    """Return a column of integers, null where there is nothing; others go into the report.

    `at` is "file:table"; rows are told by the column `id`.
    """
    return _converted(table, column, report, at, (int,), "an integer, or nothing").astype("Int64")


def numbers(table: pd.DataFrame, column: str, report: Report, at: str) -> pd.Series[Any]:
    """Return a column of finite numbers, NaN where there is nothing; see `integers`."""
    made = _converted(table, column, report, at, (int, float), "a finite number, or nothing")
    return made.astype(float)


def texts(table: pd.DataFrame, column: str, report: Report, at: str) -> pd.Series[Any]:
    """Return a column of text, None where there is nothing; see `integers`."""
    made = _converted(table, column, report, at, (str, int), "text, or nothing")
    return made.map(lambda cell: (str(cell).strip() or None) if cell is not None else None)


def flag_cells(
    bad: npt.NDArray[np.bool_] | pd.Series[Any],
    table: pd.DataFrame,
    column: str,
    report: Report,
    at: str,
    expected: str,
) -> None:
    """Add bad cells of a column to a report, by the `id` of their rows."""
    file, _, name = at.rpartition(":")
    cells, ids = table[column].to_numpy(object), table["id"].to_numpy(object)
    report.cells(
        np.asarray(bad, np.bool_),
        lambda place: f"found {str(cells[place])[:40]!r} where id is {ids[place]!r}",
        file=file,
        rows=None,
        column=f"{name}.{column}",
        expected=expected,
        remedy="correct the row",
    )


def _converted(
    table: pd.DataFrame,
    column: str,
    report: Report,
    at: str,
    kinds: tuple[type, ...],
    expected: str,
) -> pd.Series[Any]:
    cells = table[column].to_list()
    bad = [cell is not None and not (isinstance(cell, kinds) and _finite(cell)) for cell in cells]
    flag_cells(np.array(bad, np.bool_), table, column, report, at, expected)
    kept = [None if wrong else cell for wrong, cell in zip(bad, cells, strict=True)]
    return pd.Series(kept, index=table.index, dtype=object)


def _finite(cell: object) -> bool:
    return not isinstance(cell, float) or math.isfinite(cell)


def _connected(source: Path | bytes) -> sqlite3.Connection:
    if isinstance(source, Path):
        # immutable: no lock, no journal, no file beside it
        where = f"{source.resolve().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(where, uri=True, isolation_level=None)
    else:
        connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        if isinstance(source, bytes):
            connection.deserialize(source)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LENGTH)
        for setting in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
            connection.execute(f"PRAGMA {setting}")
        left = iter(range(_STEPS // _STEPS_AT_ONCE))
        connection.set_progress_handler(lambda: int(next(left, None) is None), _STEPS_AT_ONCE)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_head(head: bytes, size: int) -> None:
    """See that the file is a database of the size that it says itself."""
    if not head.startswith(MAGIC) or len(head) < _HEADER:
        raise ValueError("it does not begin as a SQLite database does")
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    said = (65_536 if page == 1 else page) * pages
    is_valid = head[24:28] == head[92:96]  # older writers did not keep the number of pages
    if is_valid and size < said:
        raise ValueError(f"it has {size:,} bytes of {said:,}: it is cut off")


def _check_plain(connection: sqlite3.Connection, file: str, table: str) -> None:
    found = connection.execute(
        "SELECT type, substr(sql, 1, 20) FROM sqlite_master WHERE name = ? LIMIT 1", (table,)
    ).fetchone()
    if found is None:
        raise InputError([_problem(file, table, "there is no such table", "this table")])
    if found[0] != "table" or not str(found[1]).upper().startswith("CREATE TABLE"):
        raise InputError([_problem(file, table, "it is computed, not stored", "a plain table")])


def _cell(column: str) -> str:
    """Expression for a cell, of which no more is taken than is needed."""
    name = _quoted(column)
    short = f"substr({name}, 1, {LONGEST_TEXT})"
    return f"CASE WHEN typeof({name}) IN ('text', 'blob') THEN {short} ELSE {name} END"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _problem(file: str, column: str, what: str, expected: str) -> Problem:
    return Problem(file=file, column=column, what=what, expected=expected, remedy=COMPLETE)
