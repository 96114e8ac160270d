"""One loader at a time: a lease that is kept in the graph, so it holds between machines too.

Who holds it may stage, switch and delete. Every batch renews it in its own transaction and fails
if somebody else took it, so a loader that was thought dead cannot write afterwards.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psutil
from neo4j import ManagedTransaction

from schemas.errors import ServerError

if TYPE_CHECKING:
    from store.graph import Graph

Progress = Callable[[str, int, int], None]
LEASE_SECONDS = 180
WAIT_SECONDS = 3600.0
_POLL_SECONDS = 1.0

_HOLDER = (
    "MATCH (l:Loading {id: 1}) RETURN l.owner AS owner, l.host AS host, l.pid AS pid, "
    "l.process AS process"
)
# The first SET takes the lock on the node, so that what follows reads its final state.
_TAKE = """
MERGE (l:Loading {id: 1}) SET l.asked = timestamp()
WITH l WHERE l.owner IS NULL OR l.until < datetime() OR l.owner IN [$owner, $dead]
SET l.owner = $owner, l.host = $host, l.pid = $pid, l.process = $process,
    l.until = datetime() + duration({seconds: $seconds})
RETURN l.owner AS owner
"""
_RENEW = (
    "MATCH (l:Loading {id: 1, owner: $owner}) "
    "SET l.until = datetime() + duration({seconds: $seconds}) RETURN l.owner AS owner"
)
_RELEASE = "MATCH (l:Loading {id: 1, owner: $owner}) DELETE l"


class Lease:
    """The right to load, held by one process."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._owner = uuid.uuid4().hex

    def write(self, work: Callable[[ManagedTransaction], None]) -> None:
        """Do `work` in one transaction, if the lease is still ours.

        Raises
        ------
        ServerError
            If it is not; nothing was written then.
        """

        def guarded(transaction: ManagedTransaction) -> None:
            held = transaction.run(_RENEW, owner=self._owner, seconds=LEASE_SECONDS).single()
            if held is None:
                raise ServerError(
                    "another process took over the loading of this graph",
                    remedy="let it finish, then run the command again",
                )
            work(transaction)

        self._graph.transact(guarded)

    def take(self) -> bool:
        """Take the lease if nobody alive holds it."""
        taken: list[Any] = []

        def work(transaction: ManagedTransaction) -> None:
            taken[:] = [transaction.run(_TAKE, given).single()]

        given = {
            "owner": self._owner,
            "dead": self._dead_holder(),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "process": psutil.Process().create_time(),
            "seconds": LEASE_SECONDS,
        }
        self._graph.transact(work)
        if taken[0] is None:
            return False

        # The node may have been deleted by its holder while `_TAKE` waited for it: then what was
        # set is gone with it, and the lease is still to be had.
        def confirm(transaction: ManagedTransaction) -> None:
            renewed = transaction.run(_RENEW, owner=self._owner, seconds=LEASE_SECONDS)
            taken[:] = [renewed.single()]

        self._graph.transact(confirm)
        return taken[0] is not None

    def release(self) -> None:
        """Give it back; on a server that went away it runs out by itself."""
        with contextlib.suppress(ServerError):
            self._graph.write(_RELEASE, owner=self._owner)

    def _dead_holder(self) -> str:
        """Return the owner of a lease whose process on this machine is gone, else an empty text."""
        for row in self._graph.read(_HOLDER):
            if row["host"] == socket.gethostname() and not _alive(row["pid"], row["process"]):
                return str(row["owner"])
        return ""


@contextmanager
def held(graph: Graph, progress: Progress | None = None) -> Iterator[Lease]:
    """Hold the lease; wait for another loader to end.

    Raises
    ------
    ServerError
        If the other one goes on for an hour.
    """
    lease = Lease(graph)
    deadline = time.monotonic() + WAIT_SECONDS
    while not lease.take():
        if time.monotonic() > deadline:
            raise ServerError(
                "another process has been loading this graph for an hour",
                remedy="let it finish, or end it; its lease ends three minutes later",
            )
        if progress is not None:
            progress("wait for another load", 0, 1)
        time.sleep(_POLL_SECONDS)
    try:
        yield lease
    finally:
        lease.release()


def _alive(pid: int, created: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - created) < 2.0
    except psutil.Error:
        return False
