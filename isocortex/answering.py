"""How the rows of a query leave the command line: a table, CSV, JSON or Parquet."""

from __future__ import annotations

import csv
import io
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isocortex import show
from schemas.errors import UsageError

if TYPE_CHECKING:
    from store.console import QueryResult


class Format(StrEnum):
    """What `query` writes."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


SUFFIXES = {".csv": Format.CSV, ".json": Format.JSON, ".parquet": Format.PARQUET}


def chosen_format(given: Format | None, output: Path | None, *, as_json: bool) -> Format:
    """Return the format of an answer: as asked for, else by the file's suffix, else a table.

    Raises
    ------
    UsageError
        If formats contradict each other, or Parquet would go to standard output.
    """
    by_name = None if output is None else SUFFIXES.get(output.suffix.lower())
    if as_json and given not in (None, Format.JSON):
        raise UsageError(f"--json and --format {given} contradict each other")
    found = Format.JSON if as_json else given or by_name or Format.TABLE
    if found is Format.PARQUET and output is None:
        raise UsageError("Parquet is not for the terminal", remedy="add --output FILE.parquet")
    if found is Format.TABLE and output is not None:
        raise UsageError(
            f"the format of {output} is not known by its name",
            remedy="give --format csv, json or parquet",
        )
    return found


def write_answer(result: QueryResult, form: Format, output: Path | None) -> None:
    """Write an answer to `output`, or to standard output.

    Raises
    ------
    UsageError
        If the file cannot be written.
    """
    if form is Format.TABLE:
        show.query_result(result)
        return
    content = _encoded(result, form)
    if output is None:
        sys.stdout.write(content.decode("utf-8"))
        return
    try:
        output.write_bytes(content)
    except OSError as failure:
        raise UsageError(f"{output} cannot be written: {failure.strerror}") from None
    note = ", truncated: raise --limit for more" if result.truncated else ""
    show.stderr().print(f"{show.number(len(result.rows))} rows written to {output}{note}")


def _encoded(result: QueryResult, form: Format) -> bytes:
    if form is Format.JSON:
        document = {
            "columns": result.columns,
            "rows": result.rows,
            "truncated": result.truncated,
        }
        return (json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n").encode()
    if form is Format.CSV:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(result.columns)
        writer.writerows([[_flat(value) for value in row] for row in result.rows])
        return text.getvalue().encode()
    return _parquet(result)


def _parquet(result: QueryResult) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {}
    for place, name in enumerate(result.columns):
        values = [row[place] for row in result.rows]
        try:
            columns[name] = pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            # Cypher columns may mix types; text keeps every value readable.
            columns[name] = pa.array([None if v is None else _flat(v) for v in values], pa.string())
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    return sink.getvalue()


def _flat(value: Any) -> Any:
    """Return a value for one cell of text: what has parts becomes JSON."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
