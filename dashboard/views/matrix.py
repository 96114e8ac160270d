"""Connection probability from class to class, with its interval and what it rests on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from dashboard.views.numbers import DASH, number, percent
from dashboard.views.plot import figure

_Z = 1.959964  # two-sided 95 %
MOST_WITH_NUMBERS = 12
DARK = 0.45  # up to this share of the scale white text is the more readable on cividis


def wilson(found: int, tested: int) -> tuple[float, float]:
    """95 % Wilson interval of a share; nan without tests.

    The interval takes pairs as independent, which pairs that share a neuron are not: it is a lower
    bound of the uncertainty.

    References
    ----------
    Wilson 1927, J Am Stat Assoc 22:209, DOI 10.1080/01621459.1927.10502953.
    """
    if tested <= 0:
        return math.nan, math.nan
    share, weight = found / tested, _Z**2 / tested
    middle = (share + weight / 2) / (1 + weight)
    half = _Z * math.sqrt(share * (1 - share) / tested + weight / tested / 4) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)


def with_intervals(blocks: pd.DataFrame) -> pd.DataFrame:
    """Add the 95 % interval of each probability (`low`, `high`) to a block table."""
    bounds = [
        wilson(int(found), int(tested))
        for found, tested in zip(blocks["connections"], blocks["pairs"], strict=True)
    ]
    return blocks.assign(low=[low for low, _ in bounds], high=[high for _, high in bounds])


def matrix(blocks: pd.DataFrame, *, ink: str, order: list[str] | None = None) -> Any:
    """Draw the block table (`analysis.statistics.block_table`); rows send, columns receive.

    Parameters
    ----------
    blocks : DataFrame
        Columns pre, post, pairs, connections, synapses, probability.
    ink : str
        Colour of text.
    order : list of str, optional
        Order of the classes; those it does not name follow.

    Returns
    -------
    plotly.graph_objects.Figure
        Cells without a pair stay empty, with a dash.
    """
    names = list(dict.fromkeys(blocks["pre"]))
    if order is not None:
        names.sort(key=lambda name: order.index(name) if name in order else len(order))
    table = with_intervals(blocks).set_index(["pre", "post"], drop=False)
    cells = [[table.loc[(pre, post)] for post in names] for pre in names]
    shares = np.array([[float(cell["probability"]) for cell in row] for row in cells])
    few = len(names) <= MOST_WITH_NUMBERS
    top = float(np.nanmax(shares, initial=0.0)) or 1.0
    short = [_short(name) for name in names]
    picture = figure(ink, 110 + max(260, min(560, 46 * len(names))), l=130, t=110, b=10)
    picture.add_heatmap(
        x=short,
        y=short,
        z=shares * 100,
        colorscale="Cividis",
        zmin=0,
        zmax=top * 100,
        xgap=1,
        ygap=1,
        hovertext=[[_tip(cell) for cell in row] for row in cells],
        hovertemplate="%{hovertext}<extra></extra>",
        colorbar={"title": {"text": "%"}, "thickness": 12, "tickfont": {"color": ink}},
    )
    if few:
        # A trace of its own: the text of a heatmap has one colour, which some cells swallow.
        picture.add_scatter(
            x=[name for _ in names for name in short],
            y=[name for name in short for _ in names],
            mode="text",
            text=["" if np.isnan(value) else number(value * 100, 2) for value in shares.flat],
            textfont={
                "size": 12,
                "color": ["#ffffff" if v / top < DARK else "#101010" for v in shares.flat],
            },
            hoverinfo="skip",
        )
    for i, j in np.argwhere(np.isnan(shares)).tolist():
        picture.add_annotation(x=j, y=i, text=DASH, showarrow=False, hovertext="no pair")
    picture.update_xaxes(side="top", tickangle=-42, title_text="post →", showgrid=False, ticks="")
    picture.update_yaxes(autorange="reversed", title_text="← pre", showgrid=False, ticks="")
    return picture


def _short(name: str) -> str:
    return name if len(name) <= 18 else name[:17] + "…"


def _tip(cell: pd.Series) -> str:
    return (
        f"{cell['pre']} → {cell['post']}<br>{percent(cell['probability'])} "
        f"({percent(cell['low'])} … {percent(cell['high'])})<br>"
        f"{number(int(cell['connections']))} of {number(int(cell['pairs']))} pairs<br>"
        f"total weight {number(int(cell['synapses']))}"
    )
