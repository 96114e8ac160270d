"""SIMEX and the kernel inverse, in units of one measurement of the same circuit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.circuit import Circuit
from analysis.reconstruction.effects import measured
from analysis.reconstruction.kernel import kernel_effect
from analysis.reconstruction.simex import simex
from tests.benchmarks.clock import cpu_seconds, row
from tests.unit.analysis.graphs import spatial


def run() -> list[dict[str, Any]]:
    """Measure, one thread."""
    return [*_of(spatial(100, 1, 0.09, 0.11), 1.0), *_of(spatial(300, 1, 0.05, 0.11), 4.0)]


def _of(circuit: Circuit, limit: float) -> Iterator[dict[str, Any]]:
    def once() -> None:
        measured(circuit, "degree", "hard", 200, np.random.default_rng(0))

    peer = cpu_seconds(once, 3)
    for what, most, work in (
        ("SIMEX, degree", 1, lambda: simex(circuit, "degree", 0.1, with_inflation=False)),
        ("SIMEX with its inflation", 13, lambda: simex(circuit, "degree", 0.1)),
        ("kernel inverse with its inflation, er", 1, lambda: kernel_effect(circuit, 0.1)),
    ):
        seconds = cpu_seconds(work, 1)
        yield row(
            f"{what}, {circuit.n} neurons, {circuit.m:,} connections",
            seconds,
            "s",
            f"≤ {most * limit:g} s",
            seconds <= most * limit,
            peer="one effect, 200 hard samples",
            ratio=seconds / peer,
        )
