"""Connection probability from class to class, with its interval and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from dashboard.views import svg
from dashboard.views.numbers import DASH, number, percent
from dashboard.views.scale import colour, ink_on

_Z = 1.959964  # two-sided 95 %
_LEFT, _TOP = 132, 96
MOST_WITH_NUMBERS = 12


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


def matrix(blocks: pd.DataFrame, *, label: str, order: list[str] | None = None) -> str:
    """Draw the block table (`analysis.statistics.block_table`); rows send, columns receive.

    Parameters
    ----------
    blocks : DataFrame
        Columns pre, post, pairs, connections, synapses, probability.
    label : str
        Name for screen readers.
    order : list of str, optional
        Order of the classes; those it does not name follow.
    """
    names = list(dict.fromkeys(blocks["pre"]))
    if order is not None:
        names.sort(key=lambda name: order.index(name) if name in order else len(order))
    numbers = len(names) <= MOST_WITH_NUMBERS
    cell = 46 if len(names) <= 7 else 36 if numbers else max(9, 420 // len(names))
    top = float(blocks["probability"].max(skipna=True))
    top = top if math.isfinite(top) and top > 0 else 1.0
    place = {name: index for index, name in enumerate(names)}
    side = cell * len(names)
    drawn = [
        svg.text(_LEFT - 6, _TOP - 10, "pre ↓   post →", anchor="end", size=12),
        svg.rect(_LEFT, _TOP, side, side, fill="none", stroke=svg.RULE),
    ]
    rows = with_intervals(blocks).to_dict("records")
    drawn += [_cell(row, place, cell, top, numbers) for row in rows]
    if cell >= 11:
        for name, index in place.items():
            middle = index * cell + cell / 2
            short = name if len(name) <= 18 else name[:17] + "…"
            drawn.append(svg.text(_LEFT - 6, _TOP + middle, short, anchor="end", size=11.5))
            at = f"translate({_LEFT + middle:.1f} {_TOP - 6}) rotate(-42)"
            drawn.append(svg.element("g", svg.text(0, 0, short, size=11.5), transform=at))
    wide = _LEFT + side + 100
    return svg.figure(wide, _TOP + side + 6, drawn, label=label)


def _cell(
    row: Mapping[Hashable, Any], place: dict[str, int], size: float, top: float, numbers: bool
) -> str:
    probability, pre, post = float(row["probability"]), str(row["pre"]), str(row["post"])
    x, y = _LEFT + place[post] * size, _TOP + place[pre] * size
    if not math.isfinite(probability):
        shown = svg.text(x + size / 2, y + size / 2, DASH, anchor="middle", size=11)
        return svg.element("g", shown, data_tip=f"{pre} → {post}\nno pair")
    share = probability / top
    tip = (
        f"{pre} → {post}\n{percent(probability)} "
        f"({percent(row['low'])} … {percent(row['high'])})\n"
        f"{number(int(row['connections']))} of {number(int(row['pairs']))} pairs\n"
        f"total weight {number(int(row['synapses']))}"
    )
    drawn = [svg.rect(x, y, size, size, fill=colour(share), stroke=svg.GROUND, stroke_width=0.5)]
    if numbers:
        text = number(probability * 100, 2 if size < 40 else 3)
        points = 11.0 if size >= 40 else 9.5
        middle = x + size / 2, y + size / 2
        drawn.append(svg.text(*middle, text, anchor="middle", size=points, fill=ink_on(share)))
    return svg.element("g", drawn, data_tip=tip)
