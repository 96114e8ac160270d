"""Instances of a triad as small pictures: three named neurons, each a link to where it lies."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import permutations

import numpy as np
import pandas as pd

from analysis.circuit import Circuit
from analysis.motifs.matching import Placements
from analysis.motifs.named import triads
from dashboard.address import address
from dashboard.views import svg
from dashboard.views.glyphs import ARROWS, label
from dashboard.views.nodelink import arrow, cell_mark, cell_names
from dashboard.views.numbers import number
from dashboard.views.palette import POLARITY, UNKNOWN

WIDTH, HEIGHT, SIZE, HEAD = 168, 136, 8.0, 9.0
LONGEST = 13  # characters of a name; the rest is in its tip
# The corners of the glyph, and where the name of each neuron stands.
_CORNERS = {"a": (30.0, 98.0), "b": (84.0, 36.0), "c": (138.0, 98.0)}
_NAMES = {"a": (3.0, 122.0, "start"), "b": (84.0, 16.0, "middle"), "c": (165.0, 122.0, "end")}


def corners(motif: str) -> dict[str, str]:
    """Return the corner of the glyph in which each neuron of the pattern stands."""
    edges = triads()[motif]
    for order in permutations("abc"):
        place = dict(zip("ABC", order, strict=True))
        if {place[pre] + place[post] for pre, post in edges} == set(ARROWS[motif]):
            return place
    raise ValueError(f"the glyph of {motif} is another triad")


def instance_cards(circuit: Circuit, motif: str, found: Placements) -> list[str]:
    """Draw one picture an instance.

    Parameters
    ----------
    circuit : Circuit
    motif : str
        MAN code.
    found : Placements
        Of the pattern of that code.
    """
    names = cell_names(circuit)
    polarity = circuit.neurons["polarity"].fillna("unknown").tolist()
    place = corners(motif)
    return [
        _card(circuit, motif, dict(zip(map(place.get, found.neurons), row, strict=True)),
              names, polarity)
        for row in found.rows.tolist()
    ]  # fmt: skip


def _card(
    circuit: Circuit, motif: str, at: dict[str | None, int], names: list[str], polarity: list[str]
) -> str:
    placed = {corner: node for corner, node in at.items() if corner is not None}
    drawn = []
    for pre, post, weight in _weights(circuit, placed):
        drawn.append(
            arrow(
                np.array(_CORNERS[pre]),
                np.array(_CORNERS[post]),
                POLARITY.get(polarity[placed[pre]], UNKNOWN),
                1.0 + 0.5 * math.log2(1 + weight),
                0.85,
                f"{names[placed[pre]]} → {names[placed[post]]}\nweight {number(weight)}",
                HEAD,
            )
        )
    for corner, node in placed.items():
        x, y, anchor = _NAMES[corner]
        name = names[node]
        short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
        body = int(circuit.neuron_ids[node])
        target = address("circuit", circuit=circuit.name, view="Cells", cell=body, around="true")
        drawn.append(
            svg.element(
                "a",
                cell_mark(polarity[node], np.array(_CORNERS[corner]), SIZE, marked=False)
                + svg.text(x, y, short, anchor=anchor, size=11, text_decoration="underline"),
                href=target,
                data_open=target,
                data_cell=body,
                data_tip=f"{name}\n{polarity[node]}\nneuron {body}",
                aria_label=f"{name}, {polarity[node]}",
                target="_self",
            )
        )
    said = ", ".join(names[node] for _, node in sorted(placed.items()))
    return svg.figure(WIDTH, HEIGHT, drawn, label=f"{label(motif)}: {said}")


def _weights(circuit: Circuit, placed: dict[str, int]) -> Iterator[tuple[str, str, int]]:
    """Yield the connections among the neurons of an instance with their weights."""
    for pre, node in placed.items():
        begin, end = circuit.indptr[node], circuit.indptr[node + 1]
        targets = dict(
            zip(
                circuit.indices[begin:end].tolist(),
                circuit.weights[begin:end].tolist(),
                strict=True,
            )
        )
        for post, other in placed.items():
            if other in targets:
                yield pre, post, targets[other]


def instance_table(circuit: Circuit, found: Placements) -> pd.DataFrame:
    """Return the instances as a table: id, name and polarity of each neuron."""
    names, ids = cell_names(circuit), circuit.neuron_ids
    polarity = circuit.neurons["polarity"].tolist()
    columns = {}
    for place, name in enumerate(found.neurons):
        nodes = found.rows[:, place].tolist()
        columns[name] = [int(ids[node]) for node in nodes]
        columns[f"{name} name"] = [names[node] for node in nodes]
        columns[f"{name} polarity"] = [polarity[node] for node in nodes]
    return pd.DataFrame(columns)
