"""Dots with intervals on a symmetric log₂ axis: the one way in which effects are drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.views import svg
from dashboard.views.glyphs import glyph
from dashboard.views.marks import evidence_mark
from dashboard.views.numbers import DASH, effect, signed
from dashboard.views.palette import effect_colour

ROW = 29
_PLOT, _NUMBER, _HEAD, _FOOT = 216, 58, 46, 38


@dataclass(frozen=True)
class Mark:
    """One row of a forest plot.

    Attributes
    ----------
    label : str
    motif : str or None
        Triad whose glyph stands before the label.
    evidence : str
    value : float
        log₂ of observed over expected; nan where it is not defined.
    low, high : float
        Its 95 % interval; nan where there is none, low −inf where nothing was observed.
    band_low, band_high : float
        The null's own band on the same axis.
    state : str or None
        `over`, `under` or `inside` the band.
    note : str
        What to say where the value is not defined.
    tip : str
    target : str
        What a click opens.
    hatched : bool
        Drawn on the ground of confounded comparisons.
    """

    label: str
    motif: str | None
    evidence: str
    value: float
    low: float
    high: float
    band_low: float
    band_high: float
    state: str | None
    note: str
    tip: str
    target: str
    hatched: bool = False


def forest(
    marks: Sequence[Mark],
    *,
    title: str,
    subtitle: str,
    limit: float,
    label_width: int = 84,
    hatched: bool = False,
) -> str:
    """Draw rows on an axis from −limit to +limit.

    Parameters
    ----------
    marks : sequence of Mark
    title, subtitle : str
    limit : float
        Half width of the axis; the same for pictures that are compared.
    label_width : int, optional
        Pixels left of the axis.
    hatched : bool, optional
        Whether the whole picture stands on the ground of confounded comparisons.
    """
    left, bottom = label_width, _HEAD + ROW * len(marks)

    def x(value: float) -> float:
        return left + (min(limit, max(-limit, value)) + limit) / (2 * limit) * _PLOT

    drawn = [
        svg.hatch("confounded"),
        svg.text(0, 10, title, size=13, weight=600),
        svg.text(0, 28, subtitle, size=11.5, fill_opacity=0.85),
    ]
    if hatched:
        drawn.append(svg.rect(left, _HEAD, _PLOT, ROW * len(marks), fill="url(#confounded)"))
    step = max(1.0, _step(2 * limit, 8))
    ticks = [i * step for i in range(-int(limit // step), int(limit // step) + 1)]
    for tick in ticks:
        drawn.append(svg.line(x(tick), _HEAD, x(tick), bottom, stroke=svg.RULE))
        words = "0" if tick == 0 else signed(tick)
        drawn.append(svg.text(x(tick), bottom + 12, words, anchor="middle", size=11))
    drawn.append(svg.line(x(0), _HEAD - 2, x(0), bottom + 3, width=1.3))
    for place, mark in enumerate(marks):
        drawn.append(_row(mark, _HEAD + ROW * place, x, left, limit))
    axis = "log₂(observed / expected)"
    drawn.append(svg.text(left + _PLOT / 2, bottom + 28, axis, anchor="middle", size=11.5))
    return svg.figure(left + _PLOT + _NUMBER, bottom + _FOOT, drawn, label=f"{title}. {subtitle}")


def _row(mark: Mark, top: float, x: Callable[[float], float], left: float, limit: float) -> str:
    middle = top + ROW / 2
    drawn = [
        svg.rect(
            0, top, left + _PLOT + _NUMBER, ROW, class_="row", fill=svg.GROUND_2, fill_opacity=0
        )
    ]
    if mark.hatched:
        drawn.append(svg.rect(left, top, _PLOT, ROW, fill="url(#confounded)"))
    start = 0.0
    if mark.motif is not None:
        drawn.append(glyph(mark.motif, 24, 2, top + (ROW - 24) / 2))
        start = 34.0
    drawn.append(svg.text(start, middle, mark.label, size=12))
    if math.isfinite(mark.band_high):
        low = x(mark.band_low if math.isfinite(mark.band_low) else -limit)
        band = {"fill": svg.INK, "fill_opacity": 0.16, "stroke": svg.INK, "stroke_opacity": 0.35}
        width = max(2.0, x(mark.band_high) - low)
        drawn.append(svg.rect(low, middle - 7, width, 14, stroke_width=0.6, **band))
    if math.isfinite(mark.high):
        drawn += _interval(mark, middle, x, limit)
    if math.isfinite(mark.value):
        fill = effect_colour(mark.state)
        drawn.append(evidence_mark(mark.evidence, x(mark.value), middle, 5, fill))
        if abs(mark.value) > limit:
            side = 1 if mark.value > 0 else -1
            tip = x(mark.value) + side * 13
            points = f"{tip},{middle} {tip - side * 6},{middle - 4} {tip - side * 6},{middle + 4}"
            drawn.append(svg.element("polygon", points=points, fill=svg.INK))
        words = effect(mark.value)
    else:
        words = mark.note or DASH
    drawn.append(svg.text(left + _PLOT + _NUMBER - 2, middle, words, anchor="end", size=12))
    return svg.element(
        "g", drawn, data_open=mark.target, data_tip=mark.tip, aria_label=f"{mark.label} {words}"
    )


def _interval(mark: Mark, middle: float, x: Callable[[float], float], limit: float) -> list[str]:
    """Draw the interval of an effect; an end within the axis has a stop."""
    drawn = [svg.line(x(mark.low), middle, x(mark.high), middle, width=1.8, class_="interval")]
    ends = [x(end) for end in (mark.low, mark.high) if abs(end) <= limit]
    return drawn + [svg.line(end, middle - 4, end, middle + 4, width=1.8) for end in ends]


def _step(span: float, most: int) -> float:
    """Return 1, 2 or 5 times a power of ten: the step that makes at most `most` parts of `span`."""
    if span <= 0:
        return 1.0
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999999)
