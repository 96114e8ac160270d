"""The read-only console: one function for the command line, notebooks and the dashboard.

A statement is checked by its words (`store.refusals`), runs in READ access mode in a transaction
that is always rolled back, with the server's own timeout, and is read up to a number of rows and
bytes. Values travel as parameters only.
"""

from __future__ import annotations

import base64
import contextlib
import math
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neo4j import READ_ACCESS, ResultSummary, Session
from neo4j.exceptions import DriverError, Neo4jError, ServiceUnavailable, SessionExpired
from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import Point

from schemas.errors import QueryRefused, ServerError, UsageError
from store.metering import Meter
from store.refusals import check
from store.steady import steady

if TYPE_CHECKING:
    from store.graph import Graph

TIMEOUT = 30.0
MAX_ROWS = 1000
MAX_BYTES = 64 * 1024**2
_PLACE = re.compile(r"\s*\(line (\d+), column (\d+) \(offset: \d+\)\)")
GRACE = 5.0  # seconds that a server has to notice its own timeout


class QueryStopped(QueryRefused):
    """A query that ran into a limit, was cancelled, or made the server fail."""

    exit_code = 1


@dataclass(frozen=True)
class QueryResult:
    """What a statement returned, in values that JSON has.

    Attributes
    ----------
    columns : list of str
    rows : list of list
        Nodes are `{labels, properties}`, relationships `{type, properties}`, paths
        `{nodes, relationships}`; dates and times ISO 8601 strings; integers exact.
    truncated : bool
        Whether there was more than the limits let through.
    types : list of str
        Type of each column: `integer`, `float`, `string`, …, `mixed`, or `null`.
    """

    columns: list[str]
    rows: list[list[Any]]
    truncated: bool
    types: list[str] = field(default_factory=list)


def run(
    graph: Graph,
    text: str,
    values: Mapping[str, Any] | None = None,
    *,
    timeout: float = TIMEOUT,
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
    cancel: threading.Event | None = None,
) -> QueryResult:
    """Run a statement that reads, and stop it at the limits.

    A statement during which a dataset was switched is run again (`store.steady`).

    Parameters
    ----------
    graph : Graph
    text : str
        Cypher. `EXPLAIN` and `PROFILE` return the plan, one row an operator.
    values : mapping, optional
        Parameters.
    timeout : float
        Seconds after which the server ends the query.
    max_rows, max_bytes : int
        What is read at most; the result says whether there was more.
    cancel : Event, optional
        Ends the query from another thread.

    Raises
    ------
    QueryRefused
        If the statement does more than read, or is not valid Cypher; with its place.
    QueryStopped
        If it ran into a limit or was cancelled.
    UsageError
        If a parameter cannot be sent.
    ServerError
        If the server went away.
    """
    plan = check(text, values)
    return steady(
        graph,
        lambda: _limited(graph, plan, text, values, timeout, max_rows, max_bytes, cancel),
    )


def _limited(
    graph: Graph,
    plan: str,
    text: str,
    values: Mapping[str, Any] | None,
    timeout: float,
    max_rows: int,
    max_bytes: int,
    cancel: threading.Event | None,
) -> QueryResult:
    meter = Meter(max_bytes, timeout + GRACE, cancel)
    session: Session | None = None
    try:
        session = graph.driver.session(
            database=graph.database,
            default_access_mode=READ_ACCESS,
            fetch_size=min(max_rows + 1, 1000),
        )
        return _run(session, meter, plan, text, dict(values or {}), timeout, max_rows)
    except _Stopped as stopped:
        raise _stopped(meter, timeout, max_bytes) from stopped.__cause__
    except Neo4jError as failure:
        raise _refused(failure, timeout) from None
    except (ServiceUnavailable, SessionExpired, OSError) as failure:
        raise ServerError(
            f"the graph server went away during the query: {failure}",
            remedy="`isocortex server status` tells whether it runs; the next command starts it",
        ) from failure
    except (DriverError, ValueError, TypeError, OverflowError) as failure:
        raise UsageError(
            f"the query cannot be sent: {failure}",
            remedy="parameters are numbers (integers of 64 bits), texts, lists and maps",
        ) from failure
    finally:
        if session is not None:
            _close(session)


class _Stopped(Exception):
    """The meter stopped the connection before anything came through."""


def _run(
    session: Session,
    meter: Meter,
    plan: str,
    text: str,
    values: dict[str, Any],
    timeout: float,
    max_rows: int,
) -> QueryResult:
    rows: list[list[Any]] = []
    kinds: list[set[str]] = []
    columns: list[str] = []
    truncated = False
    transaction = session.begin_transaction(
        timeout=timeout, metadata={"application": "isocortex console"}
    )
    with meter.on(transaction):
        try:
            result = transaction.run(text, values)
            columns = list(result.keys())
            kinds = [set() for _ in columns]
            if plan:
                for _ in result:  # a profile counts the rows that were fetched
                    pass
                return _plan(result.consume())
            for record in result:
                if len(rows) == max_rows:
                    truncated = True
                    break
                for kind, value in zip(kinds, record.values(), strict=True):
                    kind.add(_kind(value))
                rows.append([plain(value) for value in record.values()])
            transaction.rollback()
        except (DriverError, OSError) as failure:
            if meter.stopped is None:
                raise
            if meter.stopped != "bytes" or not rows:
                raise _Stopped from failure
            truncated = True
    types = [_column_type(kind) for kind in kinds]
    return QueryResult(columns, rows, truncated, types)


def plain(value: Any) -> Any:
    """Return a value of the driver as JSON has it; what JSON lacks becomes a text."""
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Node):
        return {"labels": sorted(value.labels), "properties": plain(dict(value))}
    if isinstance(value, Relationship):
        return {"type": value.type, "properties": plain(dict(value))}
    if isinstance(value, Path):
        return {"nodes": plain(value.nodes), "relationships": plain(value.relationships)}
    if isinstance(value, Point):
        return {"srid": value.srid, "coordinates": list(value)}
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if hasattr(value, "iso_format"):  # before tuples: a duration is one
        return value.iso_format()
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return str(value)


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "float"),
    (str, "string"),
    (Node, "node"),
    (Relationship, "relationship"),
    (Path, "path"),
    (Point, "point"),
    ((bytes, bytearray), "bytes"),
    (dict, "map"),
    ((list, tuple), "list"),
)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if hasattr(value, "iso_format"):
        return type(value).__name__.lower()  # date, time, datetime, duration
    for types, name in _KINDS:
        if isinstance(value, types):
            return name
    return type(value).__name__


def _column_type(kinds: set[str]) -> str:
    known = kinds - {"null"}
    if len(known) > 1:
        return "mixed"
    return next(iter(known), "null")


def _plan(summary: ResultSummary) -> QueryResult:
    """Turn a plan into rows, one an operator, the root first."""
    if summary.query_type not in (None, "r"):
        raise QueryRefused("the statement writes; the console only reads")
    root = summary.profile or summary.plan
    rows: list[list[Any]] = []
    waiting: list[tuple[int, Mapping[str, Any]]] = [(0, root)] if root else []
    while waiting:
        depth, operator = waiting.pop()
        given = operator.get("args", {})
        rows.append(
            [
                "  " * depth + str(operator.get("operatorType", "")).split("@")[0],
                plain(given.get("Details", "")),
                plain(given.get("EstimatedRows")),
                plain(operator.get("rows")),
                plain(operator.get("dbHits")),
            ]
        )
        waiting += [(depth + 1, child) for child in reversed(operator.get("children", []))]
    columns = ["operator", "details", "estimated rows", "rows", "hits"]
    return QueryResult(columns, rows, False, ["string", "string", "float", "integer", "integer"])


def _stopped(meter: Meter, timeout: float, max_bytes: int) -> QueryStopped:
    if meter.stopped == "cancel":
        return QueryStopped("the query was cancelled")
    if meter.stopped == "bytes":
        return QueryStopped(
            f"one row of the result is larger than {max_bytes / 1024**2:,.0f} MiB",
            remedy="return less in a row: rows instead of collect(), properties instead of nodes",
        )
    return _too_slow(timeout)


def _too_slow(timeout: float) -> QueryStopped:
    return QueryStopped(
        f"the query was stopped after {timeout:g} s",
        remedy="give it more time, begin with one circuit or one neuron, or add a LIMIT",
    )


def _refused(failure: Neo4jError, timeout: float) -> QueryRefused:
    """Say what the server said in our words where ours say more."""
    code = failure.code or ""
    message = failure.message or str(failure)
    if "TransactionTimedOut" in code or code.endswith("Transaction.Terminated"):
        return _too_slow(timeout)
    if "OutOfMemory" in code or "MemoryPool" in code or "StackOverflow" in code:
        return QueryStopped(
            "the query needs more memory than one query may have",
            remedy="return fewer rows, or collect less at once",
        )
    if code.endswith("Statement.AccessMode"):
        return QueryRefused("the statement writes; the console only reads")
    if code.endswith("Statement.ParameterMissing"):
        return QueryRefused(message, remedy="give each $name a value: --param name=value")
    if failure.is_retryable() or code.startswith("Neo.DatabaseError"):
        return QueryStopped(f"the server gave the query up: {message}")
    return QueryRefused(_place_first(message))


def _place_first(message: str) -> str:
    """Put the place in front, as our own refusals have it; the marked line stays below."""
    found = _PLACE.search(message)
    if found is None:
        return message
    line, column = found.groups()
    said = message[: found.start()].rstrip()
    return f"line {line}, column {column}: {said}{message[found.end() :]}"


def _close(session: Session) -> None:
    """Close the session; a connection that was given up has nothing more to say."""
    with contextlib.suppress(DriverError, Neo4jError, OSError):
        session.close()
