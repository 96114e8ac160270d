"""Standard errors of all connected triads, the nulls fitted before."""

from __future__ import annotations

from typing import Any

from analysis.nulls import get_null
from analysis.uncertainty import effect_variances
from tests.benchmarks import limits
from tests.benchmarks.barrels import barrel
from tests.benchmarks.clock import cpu_seconds, row
from tests.contract.analysis.test_nulls import labelled

NULLS = ("er", "degree", "reciprocal")
LIMIT = 5.0
WITHOUT_RANK = 10.0


def run() -> list[dict[str, Any]]:
    """Measure, one thread."""
    circuit = barrel()
    models = {name: get_null(name).fit(circuit) for name in NULLS}

    def work() -> None:
        for name, model in models.items():
            effect_variances(circuit, get_null(name), model)

    seconds = cpu_seconds(work, 3)
    what = f"{', '.join(NULLS)}: SE of 13 triads, barrel of {circuit.n:,} neurons, {circuit.m:,}"
    found = [
        row(
            what,
            seconds,
            "s",
            f"≤ {LIMIT:.0f} s",
            seconds <= LIMIT,
            limit=limits.moments(circuit, len(NULLS)),
        )
    ]
    placed = labelled(circuit)
    null = get_null("block_distance")
    model = null.fit(placed)
    seconds = cpu_seconds(lambda: effect_variances(placed, null, model), 2)
    what = "block_distance: the same, without low rank"
    return [*found, row(what, seconds, "s", f"≤ {WITHOUT_RANK:.0f} s", seconds <= WITHOUT_RANK)]
