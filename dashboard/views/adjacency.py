"""The adjacency picture: neurons sorted by class and depth, density aggregated to pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.circuit import Circuit
from dashboard.views.numbers import number
from dashboard.views.palette import POLARITY, UNKNOWN
from dashboard.views.plot import figure
from schemas.vocabularies import vocabulary

SIDE = 460  # pixels of the square
BAR = 0.022  # width of the bars of the classes, as a share of the side
ROOM = 0.028  # share of the side that a label needs


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


def adjacency(circuit: Circuit, ink: str) -> Any:
    """Draw the adjacency picture; rows send, columns receive.

    Returns
    -------
    plotly.graph_objects.Figure
        A heatmap of the runs, with bars of the classes along both sides.
    """
    order, groups, _ = sorted_neurons(circuit.neurons)
    counts, sizes = aggregate(circuit, order)
    pairs = np.outer(sizes, sizes) - np.diag(sizes)
    density = np.divide(counts, pairs, out=np.zeros(counts.shape), where=pairs > 0)
    single = bool((sizes == 1).all())
    filled = density[density > 0]
    top = 1.0 if single or not filled.size else float(np.quantile(filled, 0.99))
    # Positions are neurons, so that the bars fit; a cell stands for a run of them.
    ends = np.concatenate([[0], np.cumsum(sizes)])
    middles = (ends[:-1] + ends[1:]) / 2
    picture = figure(ink, SIDE + 90, l=120, t=40, b=20)
    picture.add_heatmap(
        x=middles,
        y=middles,
        z=density.astype(np.float32) * 100,
        colorscale="Cividis",
        zmin=0,
        zmax=top * 100,
        showscale=not single,
        hovertemplate="neuron %{y:.0f} → %{x:.0f}<br>%{z:.3g} % of the pairs here<extra></extra>",
        colorbar={"title": {"text": "%"}, "thickness": 12, "tickfont": {"color": ink}},
    )
    width = circuit.n * BAR
    for group in groups:
        fill = POLARITY.get(group.polarity, UNKNOWN)
        size = number(group.stop - group.start)
        bar = {
            "mode": "lines",
            "fill": "toself",
            "fillcolor": fill,
            "line": {"color": fill, "width": 0},
            "hoveron": "fills",
            "hoverinfo": "text",
            "text": f"{group.label}<br>{size} neurons, {group.polarity}",
        }
        along = [group.start, group.stop, group.stop, group.start]
        across = [-1.3 * width, -1.3 * width, -0.3 * width, -0.3 * width]
        picture.add_scatter(x=along, y=across, **bar)
        picture.add_scatter(x=across, y=along, **bar)
        if group.start:
            line = {"color": "#ffffff", "width": 0.6}
            picture.add_hline(group.start, line=line, opacity=0.55)
            picture.add_vline(group.start, line=line, opacity=0.55)
    wide = [group for group in groups if group.stop - group.start >= circuit.n * ROOM]
    reach = {"showgrid": False, "zeroline": False, "ticks": ""}
    picture.update_xaxes(
        side="top",
        title_text="post →",
        showticklabels=False,
        range=[-1.5 * width, circuit.n],
        constrain="domain",
        **reach,
    )
    picture.update_yaxes(
        title_text="← pre",
        range=[circuit.n, -1.5 * width],
        tickvals=[(group.start + group.stop) / 2 for group in wide],
        ticktext=[_short(group.label) for group in wide],
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
        **reach,
    )
    return picture


def _short(name: str) -> str:
    return name if len(name) <= 17 else name[:16] + "…"
