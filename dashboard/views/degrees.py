"""Degree distributions against what independent connections of the same density would give."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.views.numbers import number, percent
from dashboard.views.palette import HIGHLIGHT, NEUTRAL
from dashboard.views.plot import figure

HEIGHT = 340
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def at_least(degrees: IntArray) -> tuple[IntArray, FloatArray]:
    """Share of neurons with at least k partners, for every degree k that occurs.

    Returns
    -------
    k : int64, shape (d,)
    share : float, shape (d,)
    """
    k, counts = np.unique(degrees, return_counts=True)
    return k.astype(np.int64), counts[::-1].cumsum()[::-1] / max(1, degrees.size)


def independent(partners: int, density: float) -> FloatArray:
    """Share with at least k partners if connections were independent: a binomial tail.

    Returns
    -------
    float, shape (partners + 1,)
        Entry k is P(degree ≥ k) of Binomial(partners, density).
    """
    from scipy.stats import binom

    if partners < 1 or not 0 < density < 1:
        return np.zeros(max(partners, -1) + 1)
    tail: FloatArray = binom.sf(np.arange(partners + 1) - 1, partners, density)
    return tail


def degree_picture(
    degrees: IntArray,
    density: float,
    *,
    partners: int,
    direction: str,
    highest: int,
    ink: str,
) -> Any:
    """Draw one distribution on double logarithmic axes.

    Parameters
    ----------
    degrees : int64, shape (n,)
    density : float
        Density of the circuit, for the reference; 0 draws none.
    partners : int
        Number of neurons that a connection could be observed with.
    direction : str
        `in` or `out`.
    highest : int
        Largest degree of the axis, the same for pictures that stand side by side.
    ink : str
        Colour of text.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    n = degrees.size
    picture = figure(ink, HEIGHT)
    expected = independent(partners, density)[: highest + 1]
    k = np.arange(expected.size)
    drawn = (k >= 1) & (expected >= 0.5 / max(n, 1))
    picture.add_scatter(
        x=k[drawn],
        y=expected[drawn],
        mode="lines",
        line={"color": HIGHLIGHT, "dash": "dash", "width": 2.2},
        hoverinfo="skip",
        name="independent connections",
    )
    found, share = at_least(degrees)
    some = found >= 1
    picture.add_scatter(
        x=found[some],
        y=share[some],
        mode="markers",
        marker={"color": NEUTRAL, "size": 6, "line": {"color": ink, "width": 0.7}},
        text=[
            f"{percent(part)} of the neurons have {direction}-degree ≥ {number(int(degree))}"
            for degree, part in zip(found[some], share[some], strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
        name="this circuit",
    )
    none = float((degrees == 0).mean()) if n else 0.0
    reach = np.log10([0.8, max(highest, 2) * 1.25]).tolist()
    depth = np.log10([0.6 / max(n, 2), 1.4]).tolist()
    ticks = [times * 10**power for power in range(6) for times in (1, 2, 5)]
    picture.update_xaxes(
        type="log",
        range=reach,
        tickvals=ticks,
        ticktext=[number(tick) for tick in ticks],
        title_text=f"{direction}-degree k ({percent(none)} have none)",
    )
    picture.update_yaxes(type="log", range=depth, dtick=1, tickformat=".3~%")
    return picture
