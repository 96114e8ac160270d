"""Seconds of processor time, after a warm-up."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

SECONDS = {"s": 1.0, "ms": 1e-3}


def cpu_seconds(work: Callable[[], Any], repeats: int = 5, *, warm: bool = True) -> float:
    """Return the median over `repeats` calls; the first call, which compiles, does not count."""
    if warm:
        work()
    times = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return median(times)


def row(
    name: str,
    value: float,
    unit: str,
    target: str,
    ok: bool,
    peer: str | None = None,
    ratio: float | None = None,
    *,
    limit: float | None = None,
) -> dict[str, Any]:
    """Make one line of the table; `limit`, in seconds, is the least that the machine takes."""
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "peer": peer,
        "ratio": ratio,
        "target": target,
        "ok": ok,
        "of_limit": None if limit is None else value * SECONDS[unit] / limit,
    }
