"""Run every validation module (or those named) and print what was found beside what must be."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time

from rich.console import Console
from rich.table import Table

import tests.validation as package


def main() -> int:
    """Return 0 if every check holds."""
    chosen = sys.argv[1:]
    table = Table(title="isocortex validation", title_justify="left", box=None)
    for column in ("check", "found", "wanted", "CPU s", "holds"):
        table.add_column(column, justify="right" if column == "CPU s" else "left")
    failed, aside = 0, Console(stderr=True)
    for name in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        if name in {"__main__", "check"} or (chosen and name not in chosen):
            continue
        module = importlib.import_module(f"tests.validation.{name}")
        started = time.process_time()
        for check in module.run():
            seconds = time.process_time() - started
            table.add_row(
                check.what, check.found, check.wanted, f"{seconds:.1f}", "yes" if check.ok else "NO"
            )
            failed += not check.ok
            aside.print(f"{name}: {check.what}: {check.found} ({check.wanted})", highlight=False)
            started = time.process_time()
    Console(width=150).print(table)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
