"""Seconds of processor time, after a warm-up."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any


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
) -> dict[str, Any]:
    """Make one line of the table."""
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "peer": peer,
        "ratio": ratio,
        "target": target,
        "ok": ok,
    }
