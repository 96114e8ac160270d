"""Overviews of 16 triads × circuits: the spectrum strip and the ladder of nulls."""

from __future__ import annotations

import math

import pandas as pd

from analysis.effects import NO_INTERVAL
from analysis.motifs import MAN
from dashboard.effects import LADDER, Effect, best, by_place, identity
from dashboard.views import svg
from dashboard.views.glyphs import glyph, label
from dashboard.views.marks import evidence_mark
from dashboard.views.numbers import DASH, number
from dashboard.views.numbers import effect as effect_text
from dashboard.views.palette import OVER, UNDER

LABEL, CELL, ROW, _HEAD, _TICK = 214, 57, 32, 52, 7.6


def diverging(value: float, limit: float) -> str:
    """Colour of a log₂ effect: white at the null, saturated at ±limit."""
    share = min(1.0, abs(value) / limit)
    end = OVER if value > 0 else UNDER
    channels = [int(end[i : i + 2], 16) for i in (1, 3, 5)]
    mixed = [round(255 + (channel - 255) * share) for channel in channels]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def strip(effects: pd.DataFrame, circuits: pd.DataFrame, limit: float) -> str:
    """Draw the spectrum strip: one cell per triad and circuit; brackets = inside the band.

    Parameters
    ----------
    effects : DataFrame
        Rows of one null and one ensemble per circuit (`dashboard.effects.best` of `shown`).
    circuits : DataFrame
        Rows of `dashboard.data.circuits`, in the order of the picture.
    limit : float
        Effect at which a colour is saturated.
    """
    known = by_place(effects)
    drawn = _head()
    for place, row in enumerate(circuits.to_dict("records")):
        top = _HEAD + place * ROW
        ensembles = effects.loc[effects["circuit"] == row["circuit"], "ensemble"].unique()
        said = f"{', '.join(ensembles)} ensemble" if len(ensembles) else "not measured"
        drawn += _label(str(row["circuit"]), str(row["evidence"]), top, said)
        for column, motif in enumerate(MAN):
            x = LABEL + column * CELL
            effect = known.get((str(row["circuit"]), motif))
            if effect is None:
                drawn.append(svg.text(x + CELL / 2, top + ROW / 2, DASH, anchor="middle"))
            else:
                drawn.append(_effect(effect, x, top, limit))
    height = _HEAD + ROW * len(circuits) + 4
    name = "Log₂ observed over expected, 16 triads by circuit"
    return svg.figure(LABEL + CELL * len(MAN), height, drawn, label=name)


def _effect(effect: Effect, x: float, top: float, limit: float) -> str:
    value = float(effect["log2"])
    finite = math.isfinite(value)
    words = effect_text(value, 2) if finite else ("none" if effect["observed"] == 0 else DASH)
    if effect["state"] == "inside":
        words = f"({words})"
    fill = diverging(value, limit) if finite else svg.GROUND
    ink = "#101010" if finite else svg.INK
    content = [
        svg.rect(x + 0.5, top + 0.5, CELL - 1, ROW - 1, fill=fill, stroke=svg.RULE),
        svg.text(x + CELL / 2, top + ROW / 2, words, anchor="middle", size=11, fill=ink),
    ]
    name = identity(effect)
    return svg.element(
        "g", content, data_open=name, data_tip=tip(effect), aria_label=f"{effect['motif']} {words}"
    )


def tip(effect: Effect) -> str:
    """Say an effect to a pointer: never a number without its null and ensemble."""
    return (
        f"{label(str(effect['motif']))}\n{effect['circuit']}\n"
        f"observed {number(int(effect['observed']))}, "
        f"expected {number(float(effect['expected']))}\n"
        f"null {effect['null']}, {effect['ensemble']} ensemble; "
        f"its spread {number(float(effect['sd']))}\n"
        f"z {number(float(effect['z']))} in units of that spread\n"
        f"{interval_words(effect)}"
    )


def interval_words(effect: Effect) -> str:
    """Say the interval of an effect, or why it has none."""
    low, high = float(effect["log2_low"]), float(effect["log2_high"])
    if not math.isfinite(high):
        return f"no interval: {NO_INTERVAL.get(str(effect['rule']), str(effect['rule']))}"
    ends = f"{effect_text(low)} … {effect_text(high)}"
    if not math.isfinite(low):
        ends = f"below {effect_text(high)}"
    p = float(effect["p_holm"])
    told = f"p adjusted {number(p)}" if math.isfinite(p) else "not tested: canonical and biased"
    return f"95 % interval of log₂: {ends}; {told}"


def ladder(effects: pd.DataFrame, circuits: pd.DataFrame) -> str:
    """Draw which rungs of the ladder a triad lies beyond: a tick per triad and null.

    Parameters
    ----------
    effects : DataFrame
        Rows of every null (`dashboard.effects.shown`).
    circuits : DataFrame
        Rows of `dashboard.data.circuits`, in the order of the picture.
    """
    rungs = {null: by_place(best(effects, null)) for null in LADDER}
    drawn = _head()
    for place, row in enumerate(circuits.to_dict("records")):
        top = _HEAD + place * ROW
        drawn += _label(str(row["circuit"]), str(row["evidence"]), top)
        for column, motif in enumerate(MAN):
            states = [_state(rungs[null], str(row["circuit"]), motif) for null in LADDER]
            drawn.append(_ticks(states, motif, LABEL + column * CELL, top))
    height = _HEAD + ROW * len(circuits) + 4
    return svg.figure(
        LABEL + CELL * len(MAN), height, drawn, label="Ladder of nulls, 16 triads by circuit"
    )


def _state(
    rows: dict[tuple[str, str], Effect], circuit: str, motif: str
) -> tuple[str | None, str | None]:
    found = rows.get((circuit, motif))
    return (None, None) if found is None else (found["departs"], found["ensemble"])


def _ticks(states: list[tuple[str | None, str | None]], motif: str, x: float, top: float) -> str:
    middle = top + ROW / 2
    drawn = [svg.rect(x + 0.5, top + 0.5, CELL - 1, ROW - 1, fill="none", stroke=svg.RULE)]
    said = []
    for place, (state, ensemble) in enumerate(states):
        at = x + CELL / 2 + (place - (len(states) - 1) / 2) * _TICK
        drawn.append(tick(state, at, middle))
        words = {"over": "more", "under": "fewer", "inside": "agrees"}
        kind = f" ({ensemble})" if ensemble else ""
        said.append(f"{LADDER[place]}{kind}: {words.get(state or '', 'not computed')}")
    hint = label(motif) + "\n" + "\n".join(said)
    return svg.element("g", drawn, data_tip=hint, role="img", aria_label=hint.replace("\n", ", "))


def tick(state: str | None, x: float, y: float) -> str:
    """Draw one rung: up and down triangles, a ring inside the band, a short dash if missing."""
    if state == "over":
        points = f"{x - 3.4},{y + 3} {x + 3.4},{y + 3} {x},{y - 6}"
        return svg.element("polygon", points=points, fill=OVER, stroke=svg.INK, stroke_width=0.5)
    if state == "under":
        points = f"{x - 3.4},{y - 3} {x + 3.4},{y - 3} {x},{y + 6}"
        return svg.element("polygon", points=points, fill=UNDER, stroke=svg.INK, stroke_width=0.5)
    if state == "inside":
        return svg.element("circle", cx=x, cy=y, r=2.4, fill="none", stroke=svg.INK)
    return svg.line(x - 2, y, x + 2, y, stroke_opacity=0.6)


def _head() -> list[str]:
    drawn = []
    for column, motif in enumerate(MAN):
        x = LABEL + column * CELL
        drawn.append(glyph(motif, 26, x + (CELL - 26) / 2, 2))
        drawn.append(svg.text(x + CELL / 2, 40, motif, anchor="middle", size=11.5))
    return drawn


def _label(circuit: str, evidence: str, top: float, said: str = "") -> list[str]:
    name = circuit if len(circuit) <= 29 else circuit[:28] + "…"
    middle = top + ROW / 2
    return [
        evidence_mark(evidence, 8, middle, 5),
        svg.text(19, middle - (6 if said else 0), name, size=11.5, data_tip=circuit),
        svg.text(19, middle + 7, said, size=10, fill_opacity=0.8) if said else "",
    ]
