"""The census in the terminal: each triad against each null, with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from isocortex.show import DASH, number, stdout, table
from schemas.errors import IsocortexError

if TYPE_CHECKING:
    import pandas as pd

    from analysis.circuit import Circuit
    from schemas.records import AnalysisRecord

WIDEST = 4  # nulls in one table
WIDE = 190  # columns of a terminal from which an effect and its interval stand in one line
LARGE, SMALL = 100, 0.01  # ratios beyond which two decimals are too many or too few
MORE, FEWER = "▲", "▼"


def census(
    circuit: Circuit,
    record: AnalysisRecord,
    effects: pd.DataFrame,
    missing: Mapping[str, IsocortexError] | None = None,
    errors: str = "",
) -> None:
    """Print the triads of a circuit against each null, with 95 % intervals.

    `missing` are the rungs of the ladder that the circuit cannot have, with the reason; `errors` is
    what is known of the errors of the data.
    """
    from analysis.statistics import pair_statistics
    from analysis.uncertainty.rungs import best_ensembles, survived

    pairs = pair_statistics(circuit)
    console = stdout()
    console.print(
        f"[bold]{circuit.name}[/bold]: {number(circuit.n)} neurons, "
        f"{number(circuit.m)} connections, density {number(circuit.density)}, "
        f"reciprocity {number(pairs.reciprocity)}"
    )
    if circuit.frame.words():
        console.print(f"observable: {circuit.frame.words()}", markup=False)
    if errors:
        console.print(errors, markup=False, highlight=False)
    left_out = [name for name in record.parameters["nulls"] if name not in set(effects["null"])]
    if left_out:
        console.print(
            f"without {', '.join(left_out)}: among pairs tested one by one degrees are not known"
        )
    shown = best_ensembles(effects)
    order = list(dict.fromkeys(zip(shown["null"], shown["ensemble"], strict=True)))
    rungs = {motif: rung_words(found) for motif, found in survived(effects).items()}
    for first in range(0, len(order), WIDEST):
        last = first + WIDEST >= len(order)
        these = order[first : first + WIDEST]
        fold = "\n" if console.width < WIDE else " "
        console.print(_effects(shown, these, rungs if last else None, fold))
    for why, names in _by_reason(missing or {}):
        console.print(f"[bold]{', '.join(names)}[/bold]: not available: {escape(why.message)}")
        console.print(f"  → {why.remedy}", markup=False)
    for note in _notes(effects):
        console.print(note, style="dim")
    console.print(
        f"key {record.key[:12]}, seed {record.seed}, code {record.code_version}", style="dim"
    )


def _effects(
    effects: pd.DataFrame,
    order: list[tuple[str, str]],
    rungs: Mapping[str, str] | None,
    fold: str,
) -> Table:
    """Table of the triads against nulls, given as (null, ensemble)."""
    headers = [f"{null} ({ensemble})" for null, ensemble in order]
    columns = ["triad", "observed", *headers, *(["rung"] if rungs is not None else [])]
    title = "observed over expected: log₂, times, 95 % interval of log₂"
    made = table(title, columns, {"observed", *headers})
    shown = {
        (row["motif"], row["null"], row["ensemble"]): row for row in effects.to_dict("records")
    }
    for motif in effects["motif"].unique():
        rows = [shown[motif, null, ensemble] for null, ensemble in order]
        cells = [effect_words(row, fold) for row in rows]
        if rungs is not None:
            cells.append(rungs.get(str(motif), "").replace(" (", f"{fold}("))
        made.add_row(str(motif), number(int(rows[0]["observed"])), *cells)
    return made


def effect_words(row: Mapping[Any, Any], fold: str = " ") -> str:
    """Say an effect: log₂, the ratio, its interval, a mark if it departs from the null.

    `fold` stands before the interval.
    """
    from analysis.uncertainty.rungs import departs

    low, high, ratio = (float(row[name]) for name in ("low", "high", "log_ratio"))
    mark = {True: f" {MORE}", False: f" {FEWER}", None: "  "}[departs(row)]
    if math.isnan(ratio):
        seen = "none" if row["observed"] == 0 else DASH
        if math.isnan(high):
            return f"{seen}{mark}"
        return f"{seen}{fold}\\[below {_signed(high)}]{mark}"
    told = f"{_signed(ratio)} {_times(ratio)}"
    if math.isnan(high):
        return f"{told}{mark}"
    return f"{told}{fold}\\[{_signed(low)}, {_signed(high)}]{mark}"


def _signed(ratio: float) -> str:
    return f"{ratio / math.log(2):+.2f}".replace("-", "−")


def _times(ratio: float) -> str:
    times = math.exp(ratio)
    return f"×{times:.2f}" if SMALL <= times < LARGE else f"×{number(times)}"


def rung_words(found: Any) -> str:
    """Say how far up the ladder a motif departs, from `analysis.uncertainty.rungs`."""
    words = DASH
    if found.highest is not None:
        words = f"{MORE if found.more else FEWER} {found.highest}"
    others = [f"{MORE if more else FEWER} {null}" for null, more in found.beyond]
    return words + (f" (then {', '.join(others)})" if others else "")


def _notes(effects: pd.DataFrame) -> list[str]:
    """Say what the table means, and why a number is missing."""
    from analysis.effects import NO_EXPECTATION, NO_INTERVAL, NOT_CONNECTED

    own = {NOT_CONNECTED, NO_EXPECTATION}  # of a motif; the others are of a circuit or a null
    reasons = [
        NO_INTERVAL[rule] for rule in effects["rule"].unique() if rule in NO_INTERVAL.keys() - own
    ]
    notes = [
        f"No intervals: {', '.join(reasons)}." if reasons else
        "Interval: where the effect of another circuit of the same kind would lie, other neurons "
        "wired alike. It is not the spread of the null.",
    ]  # fmt: skip
    if effects["p_holm"].notna().any():
        notes.append(
            f"{MORE} more, {FEWER} fewer than the null explains (Holm-adjusted p < .05 among its "
            "connected triads). rung: the highest null up to which that holds from the first on."
            " A mark where the interval holds 0: this circuit is no draw of the null, but another "
            "of its kind could agree with it."
        )
    if {"hard", "canonical"} <= set(effects["ensemble"]):
        notes.append("--json also has the canonical forms of nulls that were sampled, z and p.")
    notes.append(
        "`hard` keeps what the null keeps exactly; `canonical` keeps it on average and is biased "
        "in small or sparse circuits."
    )
    if _untested(effects):
        notes.append(
            f"Not tested: {', '.join(_untested(effects))}. Canonical, their bias can exceed the "
            "interval; `--hard-limit N` samples them in circuits of up to N neurons."
        )
    return notes


def _untested(effects: pd.DataFrame) -> list[str]:
    """Nulls of which there are intervals and no p: the canonical ones of degrees."""
    from analysis.nulls.hard import HARD
    from analysis.uncertainty.rungs import best_ensembles

    rows = best_ensembles(effects)
    rows = rows[rows["null"].isin(HARD) & (rows["ensemble"] == "canonical") & rows["se"].notna()]
    return list(rows["null"].unique())


def _by_reason(
    missing: Mapping[str, IsocortexError],
) -> list[tuple[IsocortexError, list[str]]]:
    """Names of nulls that are missing for the same reason, together."""
    found: dict[str, tuple[IsocortexError, list[str]]] = {}
    for name, why in missing.items():
        found.setdefault(why.message, (why, []))[1].append(name)
    return list(found.values())
