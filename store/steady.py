"""Reading a graph that somebody loads into: what was read is of one state, or it is read again.

Neo4j reads what is committed at the moment of reading, so that a query which runs while a dataset
is switched may see some of the old version and some of the new. The loader says before and after a
switch that it switches; a reader looks before and after, and reads again if it overlapped one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from schemas.errors import ServerError

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

    from store.graph import Graph
    from store.lease import Lease

Result = TypeVar("Result")
SWITCH_SECONDS = 180  # as long as the loader's lease
WAIT_SECONDS = 240.0
_POLL_SECONDS = 0.05

_BEGIN = (
    "MERGE (v:SchemaVersion {id: 1}) "
    "SET v.switchingUntil = datetime() + duration({seconds: $seconds})"
)
_END = (
    "MATCH (v:SchemaVersion {id: 1}) "
    "SET v.switches = coalesce(v.switches, 0) + 1 REMOVE v.switchingUntil"
)
_STATE = (
    "OPTIONAL MATCH (v:SchemaVersion {id: 1}) "
    "RETURN v.switches AS switches, coalesce(v.switchingUntil > datetime(), false) AS switching"
)


@contextmanager
def switching(lease: Lease) -> Iterator[None]:
    """Tell readers that a dataset is being switched; one that was killed runs out by itself."""

    def begin(transaction: ManagedTransaction) -> None:
        transaction.run(_BEGIN, seconds=SWITCH_SECONDS).consume()

    def end(transaction: ManagedTransaction) -> None:
        transaction.run(_END).consume()

    lease.write(begin)
    try:
        yield
    finally:
        lease.write(end)


def steady(graph: Graph, work: Callable[[], Result]) -> Result:
    """Do work that reads, again if a dataset was switched meanwhile.

    Parameters
    ----------
    graph : Graph
    work : callable
        Reads, and changes nothing; may be called several times.

    Raises
    ------
    ServerError
        If datasets are switched for longer than any load takes.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        before = _state(graph)
        if before[1]:
            time.sleep(_POLL_SECONDS)
            continue
        result = work()
        if _state(graph) == before:
            return result
    raise ServerError(
        f"datasets were switched for {WAIT_SECONDS / 60:.0f} minutes on end",
        remedy="let the loads finish, then ask again",
    )


def _state(graph: Graph) -> tuple[int | None, bool]:
    (row,) = graph.read(_STATE)
    return row["switches"], row["switching"]
