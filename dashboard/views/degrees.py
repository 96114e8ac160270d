"""Degree distributions against what independent connections of the same density would give."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from dashboard.views import svg
from dashboard.views.numbers import THIN, number, percent
from dashboard.views.palette import HIGHLIGHT, NEUTRAL

WIDTH, HEIGHT = 384, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 14, 12, 42
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Scale = Callable[[float], float]


def at_least(degrees: IntArray) -> tuple[IntArray, FloatArray]:
    """Share of neurons with at least k partners, for every degree k that occurs.

    Returns
    -------
    k : int64, shape (d,)
    share : float, shape (d,)
    """
    k, counts = np.unique(degrees, return_counts=True)
    return k.astype(np.int64), counts[::-1].cumsum()[::-1] / max(1, degrees.size)


def independent(n: int, density: float) -> FloatArray:
    """Share with at least k partners if connections were independent: a binomial tail.

    Returns
    -------
    float, shape (n,)
        Entry k is P(degree ≥ k) of Binomial(n − 1, density).
    """
    if n < 2 or not 0 < density < 1:
        return np.zeros(max(n, 0))
    k = np.arange(n)
    choose = np.array(
        [math.lgamma(n) - math.lgamma(i + 1) - math.lgamma(n - i) for i in k.tolist()]
    )
    mass = np.exp(choose + k * math.log(density) + (n - 1 - k) * math.log1p(-density))
    tail: FloatArray = np.minimum(1.0, mass[::-1].cumsum()[::-1])
    return tail


def degree_picture(degrees: IntArray, density: float, *, direction: str, highest: int) -> str:
    """Draw one distribution on double logarithmic axes.

    Parameters
    ----------
    degrees : int64, shape (n,)
    density : float
        Density of the circuit, for the reference.
    direction : str
        `in` or `out`.
    highest : int
        Largest degree of the axis, the same for pictures that stand side by side.
    """
    n = degrees.size
    decades = max(1.0, math.log10(max(n, 2)))
    span = max(0.5, math.log10(max(highest, 2)))
    wide, high = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def x(k: float) -> float:
        return _LEFT + math.log10(max(k, 1)) / span * wide

    def y(share: float) -> float:
        return _TOP + min(decades, -math.log10(max(share, 1e-12))) / decades * high

    drawn = _grid(x, y, decades, span)
    reference = [
        (float(k), float(share))
        for k, share in enumerate(independent(n, density))
        if 1 <= k <= highest and share >= 0.5 / n
    ]
    drawn.append(_path(reference, x, y, HIGHLIGHT, "6 3"))
    k, share = at_least(degrees)
    steps = [(float(a), float(b)) for a, b in zip(k, share, strict=True) if a >= 1]
    last = -math.inf
    for degree, part in steps:
        if x(degree) - last < 2 and degree < steps[-1][0]:
            continue  # nearer than two pixels: the same mark
        last = x(degree)
        tip = f"{percent(part)} of the neurons have {direction}-degree ≥ {number(int(degree))}"
        drawn.append(
            svg.element(
                "circle",
                cx=x(degree),
                cy=y(part),
                r=3,
                fill=NEUTRAL,
                stroke=svg.INK,
                stroke_width=0.7,
                data_tip=tip,
            )
        )
    none = float((degrees == 0).mean()) if n else 0.0
    axis = f"{direction}-degree k   ({percent(none)} have none)"
    drawn.append(svg.text(_LEFT + wide / 2, HEIGHT - 8, axis, anchor="middle", size=12))
    return svg.figure(WIDTH, HEIGHT, drawn, label=f"Share of neurons with {direction}-degree ≥ k")


def _grid(x: Scale, y: Scale, decades: float, span: float) -> list[str]:
    drawn = []
    for power in range(int(decades) + 1):
        share = 10.0**-power
        drawn += [
            svg.line(_LEFT, y(share), WIDTH - _RIGHT, y(share), stroke=svg.RULE),
            svg.text(_LEFT - 6, y(share), f"{share * 100:g}{THIN}%", anchor="end", size=11),
        ]
    for power in range(int(span) + 1):
        for times in (1, 2, 5):
            k = times * 10**power
            if math.log10(k) <= span + 1e-9:
                drawn.append(
                    svg.text(x(k), HEIGHT - _BOTTOM + 13, number(k), anchor="middle", size=11)
                )
    return drawn


def _path(points: list[tuple[float, float]], x: Scale, y: Scale, colour: str, dash: str) -> str:
    line = " ".join(
        f"{'M' if place == 0 else 'L'}{x(k):.1f},{y(share):.1f}"
        for place, (k, share) in enumerate(points)
    )
    return svg.element(
        "path", d=line, fill="none", stroke=colour, stroke_width=2.2, stroke_dasharray=dash
    )
