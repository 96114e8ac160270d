"""Statistics in the terminal: those of a circuit, and the registry."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.padding import Padding

from isocortex.show import number, stdout, table

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from isocortex.describing import Description
    from schemas.errors import UsageError

THIN = "\u2009"


def described(circuit: Circuit, found: Description, errors: str = "") -> None:
    """Print the statistics of a circuit, what they say, and those that are left out.

    `errors` is what is known of the errors of the data.
    """
    from analysis.statistics import get_statistic

    console = stdout()
    console.print(
        f"[bold]{escape(circuit.name)}[/bold]: {number(circuit.n)} neurons, "
        f"{number(circuit.m)} connections"
    )
    if circuit.frame.words():
        console.print(f"observable: {circuit.frame.words()}", markup=False)
    if errors:
        console.print(errors, markup=False, highlight=False)
    made = table("", ["statistic", "value ± SE", "expected"], {"value ± SE", "expected"})
    notes, reasons = [], []
    for name, group in found.values.groupby("statistic", sort=False):
        one = get_statistic(str(name))
        rows = group.to_dict("records")
        about = (
            f"[bold]{one.name}[/bold] [dim]{escape(one.meaning)} ({escape(one.reference)})[/dim]"
        )
        if len(rows) == 1 and not rows[0]["of"]:
            made.add_row(about, _with_error(rows[0]), _expected(rows[0], one.expects))
        else:
            made.add_row(about, "", "")
            for row in rows:
                made.add_row(
                    f"  {escape(row['of'])}", _with_error(row), _expected(row, one.expects)
                )
        reasons += [row["why"] for row in rows if row["why"]]
        if rows[0]["note"]:
            notes.append(f"{one.name}: {rows[0]['note']}")
    console.print(made)
    for note in notes:
        console.print(note, markup=False)
    if reasons:
        console.print(
            f"Without an error: {'; '.join(dict.fromkeys(reasons))}.", style="dim", markup=False
        )
    for why, remedy, names in _by_reason(found.missing):
        console.print(f"[bold]{', '.join(names)}[/bold]: not computed: {escape(why)}")
        console.print(f"  → {remedy}", markup=False)
    console.print(
        "The standard error says how far a value would vary between circuits of other neurons of "
        "the same kind; it rather is too large. `expected` is by the null named beside it. What "
        "each is: isocortex statistics.",
        style="dim",
    )
    record = found.record
    console.print(
        f"key {record.key[:12]}, seed {record.seed}, code {record.code_version}", style="dim"
    )


def registry(rows: list[dict[str, Any]]) -> None:
    """Print the statistics that there are."""
    console = stdout()
    for row in rows:
        console.print(f"[bold]{row['name']}[/bold]  {escape(row['title'])}", highlight=False)
        console.print(
            Padding(escape(row["definition"]), (0, 0, 0, 2), expand=False), highlight=False
        )
        source = f"{row['reference']}, doi:{row['doi']}"
        console.print(
            Padding(f"needs {row['needs']}; {escape(source)}", (0, 0, 0, 2), expand=False),
            style="dim",
            highlight=False,
            soft_wrap=True,
        )


def _with_error(row: dict[Any, Any]) -> str:
    value, error = row["value"], row["standard_error"]
    if not math.isfinite(error):
        return number(value)
    return f"{number(value)}{THIN}±{THIN}{number(error, 2)}"


def _expected(row: dict[Any, Any], null: str) -> str:
    value = row["expected"]
    return f"{number(value)} {null}" if math.isfinite(value) else ""


def _by_reason(missing: dict[str, UsageError]) -> list[tuple[str, str, list[str]]]:
    """Reason, remedy, and the names of the statistics that are missing for both, together."""
    from analysis.statistics import get_statistic

    found: dict[tuple[str, str], list[str]] = {}
    for name, why in missing.items():
        reason = why.message.removeprefix(f"{get_statistic(name).title}: ")
        found.setdefault((reason, why.remedy or ""), []).append(name)
    return [(*reason, names) for reason, names in found.items()]
