"""A limit on what one query sends over the wire.

One row can be larger than memory (`RETURN range(1, 1000000000)`), and the driver reads a row whole
before anybody sees it. So bytes are counted where they arrive; there, too, a wait can be given up.
Closing the connection makes the server end the query.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

POLL_SECONDS = 0.2


class LimitReached(OSError):
    """The reason why a connection was given up: `bytes`, `time` or `cancel`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Meter:
    """Counts the bytes of one connection and gives up at a limit.

    Parameters
    ----------
    most_bytes : int
    seconds : float
        Counted from now.
    cancel : Event, optional
        Gives up when it is set.
    """

    def __init__(
        self, most_bytes: int, seconds: float, cancel: threading.Event | None = None
    ) -> None:
        self._most = most_bytes
        self._deadline = time.monotonic() + seconds
        self._cancel = cancel
        self.received = 0
        self.stopped: str | None = None

    @contextmanager
    def on(self, transaction: Any) -> Iterator[None]:
        """Meter the connection of a transaction of the driver.

        The driver has no public way to see a connection, so this reaches for its socket; a
        contract test holds it to that.
        """
        socket = transaction._connection.socket
        receive = socket.recv_into
        before = socket.get_read_timeout()

        def metered(buffer: Any, size: int) -> int:
            while True:
                self._check()
                socket.set_read_timeout(POLL_SECONDS)
                try:
                    count: int = receive(buffer, size)
                except TimeoutError:
                    continue
                self.received += count
                return count

        socket.recv_into = metered
        try:
            yield
        finally:
            del socket.recv_into
            socket.set_read_timeout(before)

    def _check(self) -> None:
        if self._cancel is not None and self._cancel.is_set():
            self._give_up("cancel")
        if time.monotonic() > self._deadline:
            self._give_up("time")
        if self.received > self._most:
            self._give_up("bytes")

    def _give_up(self, reason: str) -> None:
        self.stopped = reason
        raise LimitReached(reason)
