"""Triads by class in the terminal: the drawing with its classes, its effect, its rung."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from isocortex.show import number, stdout, table
from isocortex.show_effects import FEWER, MORE, effect_words, rung_words

if TYPE_CHECKING:
    import pandas as pd

    from schemas.records import AnalysisRecord

MOST = 25  # rows
FORTH, BACK, BOTH = "→", "←", "↔"


def typed(record: AnalysisRecord, effects: pd.DataFrame) -> None:
    """Print the triads by class that stand out most, then the most frequent of the others.

    Effects are those beyond the highest null of the ladder that has tests; which others a triad
    departs from is in the last column.
    """
    from analysis.typed_effects import PLACES, typed_survived

    by = record.parameters["by"]
    rungs = typed_survived(effects)
    shown = _highest(effects)
    console = stdout()
    if shown.empty:
        console.print(f"[bold]Triads by {escape(by)}[/bold]: none is seen or expected")
        return
    null, ensemble = shown["null"].iloc[0], shown["ensemble"].iloc[0]
    effect = "log₂, times, 95 % interval"
    columns = ["triad", "neurons", "observed", "expected", effect, "p", "rung"]
    made = table(
        f"Triads by {escape(by)}: observed over expected by {null} ({ensemble})",
        columns,
        {"observed", "expected", effect, "p"},
    )
    rows = sorted(shown.to_dict("records"), key=_rank)
    for row in rows[:MOST]:
        kind = (row["motif"], *(row[place] for place in PLACES))
        made.add_row(
            row["motif"],
            escape(drawn(*kind)),
            number(int(row["observed"])),
            number(row["expected"]),
            effect_words(row | {"p_holm": row["p_adjusted"]}),
            number(row["p_adjusted"], 2),
            rung_words(rungs[kind]) if kind in rungs else "",
        )
    console.print(made)
    for note in _notes(effects, len(rows), sum(_departs(row) for row in rows)):
        console.print(note, style="dim")


def drawn(motif: str, a: str, b: str, c: str) -> str:
    """Write a triad as its drawing from A over B to C; where A and C are connected, that too."""
    from analysis.motifs.typed import ARROWS

    arrows = set(ARROWS[motif])

    def between(x: int, y: int) -> str:
        forth, back = (x, y) in arrows, (y, x) in arrows
        return BOTH if forth and back else FORTH if forth else BACK if back else ""

    closing = between(0, 2)
    path = f"{a} {between(0, 1)} {b} {between(1, 2)} {c}"
    return f"{path}, A {closing} C" if closing else path


def _highest(effects: pd.DataFrame) -> pd.DataFrame:
    """Rows of the highest null that has tests, in its better ensemble; else of the highest."""
    from analysis.uncertainty.rungs import best_ensembles

    best = best_ensembles(effects)
    tested = best.loc[best["p"].notna(), "null"]
    names = tested if len(tested) else best["null"]
    return best[best["null"] == names.iloc[-1]] if len(names) else best


def _departs(row: dict[Any, Any]) -> bool:
    from analysis.uncertainty.rungs import LEVEL

    return bool(row["p_adjusted"] < LEVEL)


def _rank(row: dict[Any, Any]) -> tuple[bool, float, int]:
    """Order rows: what departs first, by the least effect in its interval; then the frequent."""
    departs = _departs(row)
    # A wide interval around a large ratio says less than a narrow one around a smaller.
    least = max(row["low"], -row["high"], 0.0)
    strength = 0.0 if not departs or math.isnan(least) else least
    return not departs, -strength, -int(row["observed"])


def _notes(effects: pd.DataFrame, cells: int, departing: int) -> list[str]:
    from analysis.effects import NO_EXPECTATION, NO_INTERVAL

    notes = [
        NO_INTERVAL[rule]
        for rule in effects["rule"].unique()
        if rule in NO_INTERVAL.keys() - {NO_EXPECTATION}
    ]
    notes = [f"No intervals: {', '.join(notes)}."] if notes else []
    if effects["p_adjusted"].notna().any():
        notes.append(
            f"{departing} of {cells} triads by class are more ({MORE}) or less ({FEWER}) frequent "
            f"than this null explains (p < .05, adjusted over all that are tested): first, then "
            "the most frequent. rung: the highest null up to which that holds from the first on."
        )
    if cells > MOST:
        notes.append(f"… and {cells - MOST} more: `--json` has all, against every null.")
    else:
        notes.append("`--json` has them against every null.")
    notes.append("Neurons are written A, B, C; where A and C are connected it stands behind.")
    return notes
