"""Bytes that a piece of work takes beyond what was there, kernels' arrays included."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROCESS = Path("/proc/self")


def peak_bytes(work: Callable[[], Any]) -> int:
    """Return by how much the memory of this process rises at most; Linux only."""
    ctypes.CDLL(None).malloc_trim(0)  # what was freed before would hide what is taken now
    (PROCESS / "clear_refs").write_text("5")  # forget the old peak
    before = _status("VmRSS")
    work()
    return _status("VmHWM") - before


def _status(name: str) -> int:
    for line in (PROCESS / "status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise LookupError(f"this system does not say {name}")
