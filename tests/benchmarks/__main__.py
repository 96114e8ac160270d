"""`make bench`: every figure as measured now, in one run, beside its peer and its target."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time
from typing import Any

from rich.console import Console
from rich.table import Table

import tests.benchmarks as package


def main() -> int:
    """Run every benchmark module (or those named) and print one table."""
    chosen = sys.argv[1:]
    rows: list[dict[str, Any]] = []
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        if module == "__main__" or (chosen and module not in chosen):
            continue
        loaded = importlib.import_module(f"tests.benchmarks.{module}")
        if hasattr(loaded, "run"):
            begun = time.monotonic()
            found = loaded.run()
            rows += found
            missed = sum(not row["ok"] for row in found)
            said = (
                f"{module}: {len(found)} figures, {missed} missed, {time.monotonic() - begun:.0f} s"
            )
            Console(stderr=True).print(said, highlight=False)
    table = Table(title="isocortex benchmarks", title_justify="left", box=None)
    for column in ("figure", "value", "unit", "peer", "ratio", "target", "met", "of limit"):
        table.add_column(
            column, justify="right" if column in {"value", "ratio", "of limit"} else "left"
        )
    for row in rows:
        ratio = row.get("ratio")
        table.add_row(
            row["name"],
            f"{row['value']:.4g}",
            row["unit"],
            str(row.get("peer") or "–"),
            "–" if ratio is None else f"{ratio:,.3g}×",
            str(row.get("target") or "–"),
            "yes" if row["ok"] else "NO",
            "–" if row.get("of_limit") is None else f"{row['of_limit']:.2g}×",
        )
    Console(width=170).print(table)
    return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
