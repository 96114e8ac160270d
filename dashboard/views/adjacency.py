"""The adjacency picture: neurons sorted by class and depth, density aggregated to pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.circuit import Circuit
from dashboard.views import svg
from dashboard.views.numbers import number, percent
from dashboard.views.palette import POLARITY, UNKNOWN
from dashboard.views.scale import colour, raster
from schemas.vocabularies import vocabulary

SIDE = 460  # pixels of the square
_LEFT, _TOP, _BAND, _GAP = 122, 34, 9, 3


@dataclass(frozen=True)
class Group:
    """Neighbouring rows of one class, `start` ≤ row < `stop`."""

    label: str
    polarity: str
    start: int
    stop: int


def sorted_neurons(neurons: pd.DataFrame) -> tuple[npt.NDArray[np.int64], list[Group], str]:
    """Sort neurons by class in the vocabulary's order, then by depth where it is known.

    Returns
    -------
    order : int64, shape (n,)
        Row numbers in the order of the picture.
    groups : list of Group
    by : str
        What the neurons are sorted by, in words.
    """
    known = list(vocabulary("cell_classes"))
    # `neuron` is the class of what could not be classified: it goes with the missing ones.
    labels = neurons["cell_class"].astype("object")
    rank = labels.map({name: place for place, name in enumerate(known)}).fillna(len(known))
    has_depth = "soma_y" in neurons and bool(neurons["soma_y"].notna().any())
    second = neurons["soma_y"] if has_depth else pd.Series(np.arange(len(neurons)))
    order = np.lexsort((second.to_numpy(dtype=float), rank.to_numpy(dtype=float)))
    sorted_labels = labels.fillna("(no class)").to_numpy(dtype=object)[order]
    polarity = neurons["polarity"].fillna("unknown").to_numpy(dtype=object)[order]
    edges = np.flatnonzero(sorted_labels[1:] != sorted_labels[:-1]) + 1
    starts = [0, *edges.tolist()] if len(order) else []
    stops = [*edges.tolist(), len(order)] if len(order) else []
    groups = [
        Group(str(sorted_labels[a]), str(polarity[a]), a, b)
        for a, b in zip(starts, stops, strict=True)
    ]
    return order, groups, "class, then soma y" if has_depth else "class"


def aggregate(
    circuit: Circuit, order: npt.NDArray[np.int64], most: int = SIDE
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Count connections between runs of neighbouring neurons.

    Parameters
    ----------
    circuit : Circuit
    order : int64, shape (n,)
        Row numbers in the order of the picture.
    most : int, optional
        Largest number of runs.

    Returns
    -------
    counts : int64, shape (b, b)
        Connections from run to run; their sum is the number of connections.
    sizes : int64, shape (b,)
        Neurons of each run; b = min(n, most).
    """
    n = circuit.n
    runs = max(1, min(n, most))
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    run = place * runs // max(n, 1)
    keys = run[circuit.sources()] * runs + run[circuit.indices]
    counts = np.bincount(keys, minlength=runs * runs).reshape(runs, runs)
    return counts, np.bincount(run, minlength=runs)


def adjacency(circuit: Circuit) -> str:
    """Draw the adjacency picture; rows send, columns receive."""
    order, groups, by = sorted_neurons(circuit.neurons)
    counts, sizes = aggregate(circuit, order)
    pairs = np.outer(sizes, sizes) - np.diag(sizes)
    density = np.divide(counts, pairs, out=np.zeros(counts.shape), where=pairs > 0)
    single = bool((sizes == 1).all())
    filled = density[density > 0]
    top = 1.0 if single or not filled.size else float(np.quantile(filled, 0.99))
    x, y = _LEFT + _BAND + _GAP, _TOP + _BAND + _GAP
    drawn = [
        svg.text(x, 10, "post →", size=12),
        svg.text(_LEFT - 4, _TOP + 4, "pre ↓", anchor="end", size=12),
        svg.element(
            "image",
            href=raster(density / top),
            x=x,
            y=y,
            width=SIDE,
            height=SIDE,
            preserveAspectRatio="none",
            style="image-rendering:pixelated",
        ),
        svg.rect(x, y, SIDE, SIDE, fill="none", stroke=svg.RULE),
    ]
    for group in groups:
        drawn += _margin(group, circuit.n, x, y)
    drawn += _key(x, y + SIDE + 14, top, single)
    label = f"Adjacency of {circuit.name}: {number(circuit.m)} connections sorted by {by}"
    return svg.figure(x + SIDE + 4, y + SIDE + 46, drawn, label=label)


def _margin(group: Group, n: int, x: float, y: float) -> list[str]:
    """Bars along both sides; a label where there is room for it."""
    start, length = group.start / n * SIDE, (group.stop - group.start) / n * SIDE
    size = number(group.stop - group.start)
    fill = POLARITY.get(group.polarity, UNKNOWN)
    tip = f"{group.label}\n{size} neurons, {group.polarity}"
    bar = {"fill": fill, "stroke": svg.GROUND, "stroke_width": 0.6, "data_tip": tip}
    drawn = [
        svg.rect(x - _GAP - _BAND, y + start, _BAND, length, **bar),
        svg.rect(x + start, y - _GAP - _BAND, length, _BAND, **bar),
    ]
    if length >= 13:
        name = group.label if len(group.label) <= 17 else group.label[:16] + "…"
        middle = y + start + length / 2
        drawn.append(svg.text(_LEFT - 4, middle, name, anchor="end", size=11.5))
    if group.start:
        for x1, y1, x2, y2 in ((0.0, start, SIDE, start), (start, 0.0, start, SIDE)):
            ends = x + x1, y + y1, x + x2, y + y2
            drawn.append(svg.line(*ends, stroke="#ffffff", width=0.6, stroke_opacity=0.55))
    return drawn


def _key(x: float, y: float, top: float, single: bool) -> list[str]:
    """Legend of the colours."""
    if single:
        return [
            svg.rect(x, y, 12, 12, fill=colour(0), stroke=svg.RULE),
            svg.text(x + 18, y + 6, "not connected", size=11.5),
            svg.rect(x + 110, y, 12, 12, fill=colour(1), stroke=svg.RULE),
            svg.text(x + 128, y + 6, "connected", size=11.5),
        ]
    steps = 40
    bar = [svg.rect(x + i * 3, y, 3.2, 11, fill=colour(i / (steps - 1))) for i in range(steps)]
    words = f"{percent(top)} or more of the pairs of a pixel connected"
    return [
        *bar,
        svg.text(x, y + 22, "0", size=11),
        svg.text(x + steps * 3 + 6, y + 6, words, size=11.5),
    ]
