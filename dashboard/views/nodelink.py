"""Node-link picture of chosen cells: few enough to be followed by eye."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from dashboard.views import svg
from dashboard.views.numbers import number
from dashboard.views.palette import POLARITY, UNKNOWN

WIDTH, HEIGHT, EDGE = 760, 560, 26
MOST_CELLS = 300
MOST_CONNECTIONS = 2500
_NAMED = 80  # up to this many cells every one has its name beside it
FloatArray = npt.NDArray[np.float64]


def layout(circuit: Circuit, seed: int = 0) -> FloatArray:
    """Place cells so that connected ones are near: float, shape (n, 2), pixels of the picture."""
    import networkx as nx

    graph = nx.Graph()
    graph.add_edges_from(zip(circuit.sources().tolist(), circuit.indices.tolist(), strict=True))
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    alone = [i for i in range(circuit.n) if i not in graph]
    places = np.zeros((circuit.n, 2))
    # Names stand right of their cells; cells without a connection here wait in a row below.
    width, height = WIDTH - 3 * EDGE, HEIGHT - (EDGE if alone else 0)
    if graph:
        members = sorted(graph)
        found = nx.spring_layout(graph, k=2.2 / math.sqrt(len(members)), iterations=80, seed=seed)
        drawn = np.array([found[i] for i in members], dtype=float)
        places[members] = EDGE + _spread(drawn) * (np.array([width, height]) - 2 * EDGE)
    for place, i in enumerate(alone):
        places[i] = EDGE + (place + 0.5) / len(alone) * (width - EDGE), HEIGHT - EDGE / 2
    return places


def _spread(places: FloatArray) -> FloatArray:
    """Scale to 0 … 1 half by value and half by rank, so that no clump hides its cells."""
    low, high = places.min(0), places.max(0)
    share = (places - low) / np.where(high > low, high - low, 1.0)
    rank = places.argsort(0).argsort(0) / max(1, len(places) - 1)
    half: FloatArray = (share + rank) / 2
    return half


def strongest(circuit: Circuit, most: int = MOST_CONNECTIONS) -> npt.NDArray[np.int64]:
    """Positions of the strongest connections in the circuit's arrays, at most `most`."""
    if circuit.m <= most:
        return np.arange(circuit.m)
    return np.sort(np.argsort(-circuit.weights, kind="stable")[:most])


def nodelink(circuit: Circuit, places: FloatArray, marked: int | None = None) -> str:
    """Draw cells and connections; a click opens a cell.

    Triangles are excitatory, circles inhibitory, squares unknown; a connection has the colour of
    its presynaptic cell and gets wider with its weight.

    Parameters
    ----------
    circuit : Circuit
        At most `MOST_CELLS` cells.
    places : float, shape (n, 2)
    marked : int, optional
        Neuron id to point out.
    """
    ids = circuit.neuron_ids
    polarity = circuit.neurons["polarity"].fillna("unknown").tolist()
    names = cell_names(circuit)
    total = np.diff(circuit.indptr) + np.bincount(circuit.indices, minlength=circuit.n)
    sources = circuit.sources()
    drawn = []
    for position in strongest(circuit).tolist():
        a, b = int(sources[position]), int(circuit.indices[position])
        touches = marked is None or marked in (ids[a], ids[b])
        weight = int(circuit.weights[position])
        drawn.append(
            arrow(
                places[a],
                places[b],
                POLARITY.get(polarity[a], UNKNOWN),
                0.6 + 0.5 * math.log2(1 + weight),
                0.55 if touches else 0.12,
                f"{names[a]} → {names[b]}\nweight {number(weight)}",
            )
        )
    for i in range(circuit.n):
        size = 4.2 + 1.1 * math.log2(1 + int(total[i]))
        drawn.append(
            svg.element(
                "g",
                cell_mark(polarity[i], places[i], size, bool(ids[i] == marked)),
                data_open=f"cell:{ids[i]}",
                data_tip=f"{names[i]}\n{polarity[i]}\n{number(int(total[i]))} connections here",
                aria_label=names[i],
            )
        )
    if circuit.n <= _NAMED:
        for i in range(circuit.n):
            x, y = places[i]
            name = names[i][:16]
            drawn.append(
                svg.text(
                    x + 8,
                    y - 8,
                    name,
                    size=10,
                    pointer_events="none",
                    stroke=svg.GROUND,
                    stroke_width=2.5,
                    paint_order="stroke",
                )
            )
    label = f"{circuit.n} cells and {number(circuit.m)} connections of {circuit.name}"
    return svg.figure(WIDTH, HEIGHT, drawn, label=label)


def cell_names(circuit: Circuit) -> list[str]:
    """Name of every cell: its own, else its type and id."""
    table = circuit.neurons
    own = table["instance"] if "instance" in table else [None] * circuit.n
    kind = table["type"] if "type" in table else [None] * circuit.n
    found = []
    for name, label, body in zip(own, kind, circuit.neuron_ids.tolist(), strict=True):
        if isinstance(name, str) and name:
            found.append(name)
        else:
            found.append(f"{label} {body}" if isinstance(label, str) else str(body))
    return found


def arrow(
    start: FloatArray,
    stop: FloatArray,
    colour: str,
    width: float,
    opacity: float,
    tip: str,
    head: float = 6.0,
) -> str:
    """Draw a connection from cell to cell, bent so that both of a mutual pair are seen."""
    along = stop - start
    length = float(np.hypot(*along))
    if length < 1:
        return ""
    unit = along / length
    side = np.array([-unit[1], unit[0]])
    # Both connections of a mutual pair stay visible: each bends to its own right.
    bend = (start + stop) / 2 + side * min(14.0, length * 0.12)
    end = stop - unit * (head + 3)
    wings = [end - unit * head + side * head * turn for turn in (0.43, -0.43)]
    curve = f"M{start[0]:.1f},{start[1]:.1f} Q{bend[0]:.1f},{bend[1]:.1f} {end[0]:.1f},{end[1]:.1f}"
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in [end, *wings])
    return svg.element(
        "g",
        [
            svg.element("path", d=curve, fill="none", stroke=colour, stroke_width=round(width, 2)),
            svg.element("polygon", points=points, fill=colour),
        ],
        opacity=opacity,
        data_tip=tip,
    )


def cell_mark(polarity: str, place: FloatArray, size: float, marked: bool) -> str:
    """Draw a cell: triangle excitatory, circle inhibitory, square unknown."""
    x, y = float(place[0]), float(place[1])
    style = {
        "fill": POLARITY.get(polarity, UNKNOWN),
        "stroke": svg.INK if marked else svg.GROUND,
        "stroke_width": 3 if marked else 1.2,
    }
    if polarity == "excitatory":
        corners = (
            f"{x:.1f},{y - size:.1f} {x + size * 0.87:.1f},{y + size / 2:.1f} "
            f"{x - size * 0.87:.1f},{y + size / 2:.1f}"
        )
        return svg.element("polygon", points=corners, **style)
    if polarity == "inhibitory":
        return svg.element("circle", cx=x, cy=y, r=size * 0.8, **style)
    side = size * 1.4
    return svg.rect(x - side / 2, y - side / 2, side, side, **style)
