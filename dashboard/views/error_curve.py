"""Effects over levels of a reconstruction error: lines, bands, and where no claim holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from analysis.motifs import MAN
from analysis.reconstruction.curve import last_level
from analysis.reconstruction.errors import get_kind
from dashboard import data
from dashboard.views import svg
from dashboard.views.board import board
from dashboard.views.glyphs import glyph
from dashboard.views.numbers import MINUS, effect, number, percent
from dashboard.views.palette import HIGHLIGHT, NEUTRAL

LN2 = math.log(2)
SHOWN = ("030T", "021C", "201")
MOST = 4  # lines that can be told apart
DASHES = (None, "7 4", "2 3", "9 3 2 3")
_LEFT, _PLOT, _RIGHT, _HEAD, _HEIGHT, _FOOT = 44, 232, 84, 52, 210, 42
_LINE = 25  # between labels


@dataclass(frozen=True)
class Panel:
    """One circuit under one null and one error.

    Attributes
    ----------
    circuit : str
    rows : DataFrame
        Levels of the curve (`analysis.reconstruction.curve`).
    miss : float or None
        f, the circuit's own share of missed connections; None where it is not known.
    corrected : DataFrame or None
        `analysis.reconstruction.correction.correct`.
    """

    circuit: str
    rows: pd.DataFrame
    miss: float | None
    corrected: pd.DataFrame | None


def error_curves(circuits: Sequence[str], null: str) -> None:
    """Show the section of the motif page: curves of the chosen circuits, else what to type.

    Parameters
    ----------
    circuits : sequence of str
    null : str
        The null chosen on the page; another one is taken where only that has curves.
    """
    st.subheader("How the effects change with more reconstruction error", anchor=False)
    table = data.error_curves(tuple(circuits))
    if table.empty:
        st.markdown(
            "No error curve was computed for these circuits. Type\n\n"
            f"```\nisocortex robustness {circuits[0]} --null reciprocal --error missed\n```"
        )
        return
    pairs = list(dict.fromkeys(zip(table["null"], table["error"], strict=True)))
    pairs.sort(key=lambda pair: (pair[0] != null, pair[1] != "missed", pair))
    names = {f"{error} connections, {of} null" if error in ("missed", "spurious")
             else f"{error}, {of} null": (of, error) for of, error in pairs}  # fmt: skip
    left, right = st.columns([1, 1.3])
    chosen = left.selectbox("Error", list(names), key="error", bind="query-params")
    motifs = right.multiselect(
        "Triads",
        list(MAN),
        default=list(SHOWN),
        max_selections=MOST,
        key="lines",
        bind="query-params",
    )
    of, error = names.get(str(chosen), pairs[0])
    rows = table[(table["null"] == of) & (table["error"] == error)]
    if not motifs:
        st.info("Choose at least one triad.")
        return
    panels = [_panel(circuit, own, of) for circuit, own in rows.groupby("circuit", sort=False)]
    order = [motif for motif in MAN if motif in motifs]
    low, high = reach(panels, order)
    pictures = [picture(panel, order, low, high) for panel in panels]
    st.caption(f"Level: {get_kind(error).level}.")
    board(*pictures, key="error-curves", name=f"error-{error}-{of}", table=rows)
    lacking = [circuit for circuit in circuits if circuit not in set(rows["circuit"])]
    st.caption(
        "Line: log of the mean count over the null's mean, over the draws; band: ± one SD between "
        "draws. Circle left of 0: the effect corrected for the circuit's own errors. Orange: a "
        "further error as large as the circuit's own. Hatched: no claim holds there, the circuit's "
        "own errors included." + (f" Not computed for {', '.join(lacking)}." if lacking else "")
    )


def _panel(circuit: str, rows: pd.DataFrame, null: str) -> Panel:
    known = data.error_correction(str(circuit), null)
    miss = None if known is None else known[0].parameters.get("miss")
    return Panel(str(circuit), rows, miss, None if known is None else known[1])


def _corrected(panel: Panel, motif: str) -> Mapping[Hashable, Any] | None:
    """Corrected effect of a motif, where there is one and this is the error it is about."""
    missed = panel.rows["error"].iloc[0] == "missed"
    if panel.corrected is None or not panel.miss or not missed:
        return None
    rows = panel.corrected[(panel.corrected["motif"] == motif) & panel.corrected["claim"]]
    return None if rows.empty else rows.to_dict("records")[0]


def reach(panels: Sequence[Panel], motifs: Sequence[str]) -> tuple[float, float]:
    """Lowest and highest value of an axis in log₂ that holds all panels and 0."""
    found = [0.0]
    for panel in panels:
        rows = panel.rows[panel.rows["motif"].isin(motifs)]
        for sign in (-1, 1):
            found += ((rows["log_ratio"] + sign * rows["spread"].fillna(0)) / LN2).tolist()
        for motif in motifs:
            row = _corrected(panel, motif)
            if row is not None:
                found += [float(row[name]) / LN2 for name in ("corrected", "low", "high")]
    finite = [value for value in found if math.isfinite(value)]
    room = max(0.1, 0.06 * (max(finite) - min(finite)))
    return min(finite) - room, max(finite) + room


def picture(panel: Panel, motifs: Sequence[str], low: float, high: float) -> str:
    """Draw one circuit.

    Parameters
    ----------
    panel : Panel
    motifs : sequence of str
        Triads to draw, at most as many as there are dashes.
    low, high : float
        Ends of the vertical axis, log₂; the same for panels that stand side by side.
    """
    first = panel.rows.iloc[0]
    null, error = str(first["null"]), str(first["error"])
    right = max(float(panel.rows["level"].max()), 1e-9)
    before = [one for motif in motifs if (one := _corrected(panel, motif)) is not None]
    # Where f was missed, a level of −f/(1 − f) is where nothing is.
    start = -(panel.miss or 0) / (1 - (panel.miss or 0)) if before else 0.0

    def x(level: float) -> float:
        return _LEFT + 8 + (level - start) / (right - start) * (_PLOT - 8)

    def y(value: float) -> float:
        return _HEAD + (high - value) / (high - low) * _HEIGHT

    drawn = [
        svg.hatch("no-claim"),
        svg.text(0, 10, panel.circuit, size=13, weight=600),
        svg.text(0, 28, f"{null} null, {first['ensemble']} ensemble", size=11.5, fill_opacity=0.85),
        *_ground(panel, null, error, right, x),
        *_axes(low, high, right, x, y),
    ]
    ends = _spread([_last(panel, motif, low) for motif in motifs], y)
    for motif, dash, end in zip(motifs, DASHES, ends, strict=False):
        drawn += _curve(panel, motif, dash, start, x, y)
        drawn.append(glyph(motif, 20, _LEFT + _PLOT + 12, end - 10))
        drawn.append(svg.text(_LEFT + _PLOT + 38, end, motif, size=12))
    words = f"{get_kind(error).name}: level of added error"
    bottom = _HEAD + _HEIGHT
    drawn.append(svg.text(_LEFT + _PLOT / 2, bottom + 32, words, anchor="middle", size=11.5))
    drawn.append(svg.text(0, 43, "log₂(observed / expected)", size=11, fill_opacity=0.85))
    title = f"{panel.circuit}: effects against the {null} null over {error}"
    return svg.figure(_LEFT + _PLOT + _RIGHT, bottom + _FOOT, drawn, label=title)


def _ground(
    panel: Panel, null: str, error: str, right: float, x: Callable[[float], float]
) -> list[str]:
    """Draw what lies behind the lines: the zone without claims, the circuit's own level."""
    drawn = []
    last = last_level(null, error, panel.miss or 0.0)
    if last is not None and last < right:
        left = x(last)
        zone = {"fill": "url(#no-claim)", "class_": "no-claim"}
        drawn.append(svg.rect(left, _HEAD, x(right) - left, _HEIGHT, **zone))
        drawn.append(svg.text(x(right) - 3, _HEAD + 9, "no claim", anchor="end", size=11))
    if panel.miss and error == "missed" and panel.miss <= right:
        own = x(panel.miss)
        drawn.append(svg.line(own, _HEAD, own, _HEAD + _HEIGHT, stroke=HIGHLIGHT, width=2))
        said = f"own {percent(round(panel.miss, 3))}"
        drawn.append(svg.text(own + 4, _HEAD + _HEIGHT - 8, said, size=11))
    return drawn


def _axes(
    low: float, high: float, right: float, x: Callable[[float], float], y: Callable[[float], float]
) -> list[str]:
    drawn = []
    step = _step(high - low)
    for place in range(math.ceil(low / step), math.floor(high / step) + 1):
        height = y(place * step)
        width = 1.3 if place == 0 else 1
        stroke = svg.INK if place == 0 else svg.RULE
        drawn.append(svg.line(_LEFT, height, _LEFT + _PLOT, height, stroke=stroke, width=width))
        words = "0" if place == 0 else f"{place * step:+g}".replace("-", MINUS)
        drawn.append(svg.text(_LEFT - 5, height, words, anchor="end", size=11))
    step = _step(right)
    for place in range(math.floor(right / step + 1e-9) + 1):
        at = x(place * step)
        drawn.append(svg.line(at, _HEAD + _HEIGHT, at, _HEAD + _HEIGHT + 4))
        said = f"{place * step:g}"
        drawn.append(svg.text(at, _HEAD + _HEIGHT + 15, said, anchor="middle", size=11))
    return drawn


def _curve(
    panel: Panel,
    motif: str,
    dash: str | None,
    start: float,
    x: Callable[[float], float],
    y: Callable[[float], float],
) -> list[str]:
    rows = panel.rows[(panel.rows["motif"] == motif) & panel.rows["log_ratio"].notna()]
    rows = rows.sort_values("level")
    if rows.empty:
        return []
    at = [x(float(level)) for level in rows["level"]]
    middle = [float(value) / LN2 for value in rows["log_ratio"]]
    spread = [float(value) / LN2 for value in rows["spread"].fillna(0)]
    upper = [f"{a:.2f},{y(m + s):.2f}" for a, m, s in zip(at, middle, spread, strict=True)]
    lower = [f"{a:.2f},{y(m - s):.2f}" for a, m, s in zip(at, middle, spread, strict=True)]
    points = " ".join(f"{a:.2f},{y(m):.2f}" for a, m in zip(at, middle, strict=True))
    style = {"fill": "none", "stroke": svg.INK, "stroke_width": 1.8}
    drawn = [
        svg.element(
            "polygon", points=" ".join([*upper, *lower[::-1]]), fill=NEUTRAL, fill_opacity=0.3
        ),
        svg.element("polyline", points=points, stroke_dasharray=dash, **style),
    ]
    for a, m, s, level in zip(at, middle, spread, rows["level"], strict=True):
        tip = f"{motif} at {level:g}: {effect(m)} ± {number(s)}"
        dot = svg.element("circle", cx=a, cy=y(m), r=3, fill=svg.INK)
        drawn.append(svg.element("g", dot, data_tip=tip, aria_label=tip))
    row = _corrected(panel, motif)
    if row is not None:
        drawn += _mark(row, motif, x(start), (at[0], y(middle[0])), y)
    return drawn


def _mark(
    row: Mapping[Hashable, Any],
    motif: str,
    at: float,
    first: tuple[float, float],
    y: Callable[[float], float],
) -> list[str]:
    """Draw the corrected effect: an open circle, its interval, and the way to it."""
    value, low, high = (float(row[name]) / LN2 for name in ("corrected", "low", "high"))
    drawn = [svg.line(*first, at, y(value), stroke_dasharray="1 3", width=1.3)]
    if math.isfinite(low) and math.isfinite(high):
        drawn.append(svg.line(at, y(low), at, y(high), width=1.6))
    circle = {"fill": svg.GROUND, "stroke": svg.INK, "stroke_width": 1.6}
    tip = f"{motif} corrected: {effect(value)}, SD × {number(float(row['inflation']))}"
    drawn.append(
        svg.element(
            "g",
            svg.element("circle", cx=at, cy=y(value), r=4, **circle),
            data_tip=tip,
            aria_label=tip,
        )
    )
    return drawn


def _last(panel: Panel, motif: str, otherwise: float) -> float:
    """Where the line of a motif ends."""
    rows = panel.rows[(panel.rows["motif"] == motif) & panel.rows["log_ratio"].notna()]
    if rows.empty:
        return otherwise
    return float(rows.sort_values("level")["log_ratio"].iloc[-1]) / LN2


def _spread(ends: Sequence[float], y: Callable[[float], float]) -> list[float]:
    """Heights of the labels: at the ends of their lines, but never over one another."""
    places = [y(end) for end in ends]
    order = sorted(range(len(places)), key=lambda k: places[k])
    highest = _HEAD + 10.0
    for k in order:
        places[k] = highest = max(places[k], highest)
        highest += _LINE
    lowest = _HEAD + _HEIGHT + 4.0
    for k in reversed(order):
        places[k] = lowest = min(places[k], lowest)
        lowest -= _LINE
    return places


def _step(span: float) -> float:
    """Return 1, 2 or 5 times a power of ten: the step of three to seven ticks."""
    rough = span / 6
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999999)
