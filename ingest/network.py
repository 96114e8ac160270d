"""Whether an address can be connected to, and what lately could not."""

from __future__ import annotations

import socket
import threading
import time
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

PORTS = {"http": 80, "https": 443}
FORGET_SECONDS = 60.0


class Closed:
    """Remembers for a minute what was out of reach, so that one wait is enough for all of it."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def note(self, name: str) -> None:
        """Remember that `name` is out of reach."""
        self._since[name] = time.monotonic()

    def lately(self, name: str) -> bool:
        """Whether `name` was out of reach within the last minute."""
        return time.monotonic() - self._since.get(name, -FORGET_SECONDS) < FORGET_SECONDS


def reachable(url: str, seconds: float) -> bool:
    """Whether something answers at the address, or at the proxy in front of it.

    The wait is bounded as a whole: looking a name up has no timeout of its own, and a name may
    stand for many addresses that are each tried in turn.
    """
    host, port = _first_hop(url)
    if host is None:
        return True  # not an address of the network
    answered = threading.Event()

    def call() -> None:
        try:
            socket.create_connection((host, port), timeout=seconds).close()
        except OSError:
            return
        answered.set()

    caller = threading.Thread(target=call, daemon=True)
    caller.start()
    caller.join(seconds)
    return answered.is_set()


def _first_hop(url: str) -> tuple[str | None, int]:
    """Return host and port of the proxy that is used for an address, else of the address."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or parts.hostname is None:
        return None, 0
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy and not proxy_bypass(parts.hostname):
        ahead = urlsplit(proxy if "//" in proxy else f"//{proxy}")
        if ahead.hostname is not None:
            return ahead.hostname, ahead.port or PORTS.get(ahead.scheme, 80)
    return parts.hostname, parts.port or PORTS[parts.scheme]
