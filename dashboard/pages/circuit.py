"""Circuit: what one circuit is and how it is wired."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from analysis.circuit import Circuit
from dashboard import chosen, data
from dashboard.address import begin, follow
from dashboard.page import TRAVELS, first_of, head, ink, need_circuits
from dashboard.views import somata as space
from dashboard.views.adjacency import adjacency, sorted_neurons
from dashboard.views.board import board
from dashboard.views.card import card
from dashboard.views.degrees import degree_picture
from dashboard.views.described import described
from dashboard.views.matrix import matrix, with_intervals
from dashboard.views.nodelink import MOST_CELLS, MOST_CONNECTIONS, FloatArray, layout, nodelink
from dashboard.views.numbers import number, plural
from dashboard.views.plot import plot
from dashboard.views.rows import exact
from dashboard.views.svg import element, words
from dashboard.views.tables import Column, Row, table

TITLE = "Circuit"
QUESTION = "How is this circuit wired?"
ORDER = 20

MOST_ROWS = 2_000_000
MOST_GRAPHML = 200_000


def _wiring(name: str, circuit: Circuit) -> None:
    columns = chosen.groupings(circuit.neurons) or ["cell_class"]
    by = st.segmented_control(
        "Classes of the matrix",
        [one.replace("_", " ") for one in columns],
        default=columns[0].replace("_", " "),
        required=True,
        key="by",
        bind="query-params",
    )
    column = str(by or columns[0]).replace(" ", "_")
    blocks = data.blocks(name, column)
    _, groups, sorted_by = sorted_neurons(circuit.neurons)
    left, right = st.columns([1.2, 1])
    with left:
        st.subheader("Who connects to whom", anchor=False)
        stem = name.replace("/", "-")
        plot(
            _adjacency(name, circuit.attributes["version"], ink(), circuit),
            key="adjacency",
            name=f"{stem}-adjacency",
            alt=f"Adjacency of {name}: {number(circuit.m)} connections sorted by {sorted_by}",
        )
        st.caption(f"Neurons sorted by {sorted_by}. Rows send, columns receive.")
    with right:
        st.subheader("Connection probability, %", anchor=False)
        plot(
            matrix(blocks, ink=ink(), order=[one.label for one in groups]),
            key="matrix",
            name=f"{stem}-by-{column}",
            alt=f"Connection probability by {by}",
            table=with_intervals(blocks),
        )
        st.caption(
            "Share of ordered pairs that are connected. The interval on each cell is Wilson's "
            "95 %, as if pairs were independent; pairs that share a neuron are not, so it is too "
            "narrow rather than too wide."
        )


@st.cache_data(show_spinner="Drawing …", max_entries=40)
def _adjacency(name: str, version: str, colour: str, _circuit: Circuit) -> Any:
    return adjacency(_circuit, colour)


def _degrees(name: str, circuit: Circuit) -> None:
    out, inn = chosen.degrees(circuit)
    highest = int(max(out.max(initial=1), inn.max(initial=1)))
    listed = circuit.neurons[["neuron_id"]].assign(out_degree=out, in_degree=inn)
    st.subheader("Share of neurons with at least k partners", anchor=False)
    stem = name.replace("/", "-")
    frame = circuit.frame
    sides = (("in", inn, frame.targets), ("out", out, frame.sources))
    for column, (direction, degrees, seen) in zip(st.columns(2), sides, strict=True):
        with column:
            plot(
                degree_picture(
                    degrees[seen],
                    # Pairs tested one by one differ from neuron to neuron: no one reference.
                    circuit.density if frame.tested is None else 0.0,
                    partners=frame.pairs // max(1, int(seen.sum())),
                    direction=direction,
                    highest=highest,
                    ink=ink(),
                ),
                key=f"{direction}-degrees",
                name=f"{stem}-{direction}-degrees",
                alt=f"Share of neurons with {direction}-degree ≥ k",
                table=listed.loc[seen, ["neuron_id", f"{direction}_degree"]],
            )
    st.caption(
        "Dots: this circuit. Dashed line: independent connections of the same density (a binomial "
        "distribution). Both axes are logarithmic and the same on both sides."
        + (
            ""
            if frame.complete
            else " Only neurons whose outputs, or inputs, could be observed are shown."
        )
    )


def _statistics(name: str, circuit: Circuit) -> None:
    found = data.described(name)
    if found is None:
        st.info("No statistics of this circuit were computed yet. In a terminal:")
        st.code(f"isocortex describe {name}", language="sh")
        return
    record, values = found
    board(
        described(values),
        key="statistics",
        name=f"{name.replace('/', '-')}-statistics",
        table=values,
    )
    st.caption(
        "The standard error says how far a value would vary between circuits of other neurons of "
        "the same kind; it is rather too large. Where there is none, point at the row for the "
        f"reason. Computed on {record.created[:10]}, key {record.key[:12]}, seed {record.seed}. "
        "Values of circuits that differ in size and density are not to be compared as they are."
    )
    if circuit.frame.words():
        st.caption(f"{circuit.frame.words().capitalize()}.")


def _somata(name: str, circuit: Circuit) -> None:
    known = space.placed(circuit.neurons)
    if known.empty:
        st.info(f"The source of {name} gives no soma positions.")
        return
    st.subheader(
        f"{number(len(known))} of {number(circuit.n)} somata have a position", anchor=False
    )
    if len(known) > space.MOST:
        st.caption(f"Thinned evenly to {number(space.MOST)} somata.")
    plot(
        space.somata(circuit.neurons, ink()),
        key="somata",
        name=f"{name.replace('/', '-')}-somata",
        alt=f"Somata of {name} in 3D by polarity",
        table=known[["neuron_id", "soma_x", "soma_y", "soma_z"]],
    )
    st.caption("Drag to turn, scroll to zoom. y is the depth coordinate of the source, in µm.")


def _cells(name: str, circuit: Circuit) -> None:
    columns = chosen.groupings(circuit.neurons)
    left, middle, right = st.columns([1, 2, 1], vertical_alignment="bottom")
    spoken = {one.replace("_", " "): one for one in columns}
    asked = left.selectbox("Choose by", ["all", *spoken], key="choose", bind="query-params")
    column = spoken.get(asked)
    wanted: list[str] = []
    if column is not None:
        wanted = middle.multiselect(
            f"Values of {asked}",
            chosen.values(circuit.neurons, column),
            key="values",
            bind="query-params",
        )
    most = right.slider(
        "At most this many cells", 10, MOST_CELLS, 60, 10, key="most", bind="query-params"
    )
    cell = _asked_cell(circuit)
    around = middle.toggle(
        "Only the opened cell and its partners",
        key="around",
        bind="query-params",
        disabled=cell is None,
    )
    part, left_out = chosen.choose(
        circuit,
        column=column,
        wanted=wanted,
        around=cell if around else None,
        most=most,
    )
    st.subheader(f"{plural(part.n, 'cell')}, {plural(part.m, 'connection')}", anchor=False)
    notes = []
    if left_out:
        notes.append(f"{number(left_out)} further cells fit; the best connected are shown")
    if part.m > MOST_CONNECTIONS:
        notes.append(f"the {number(MOST_CONNECTIONS)} strongest connections are drawn")
    notes.append("triangle excitatory, circle inhibitory, square unknown; click a cell to open it")
    st.caption("; ".join(notes).capitalize() + ".")
    places = _places(part.neuron_ids.tolist(), name, circuit.attributes["version"], part)
    opened = board(
        nodelink(part, places, cell),
        key="cells",
        name=f"{name.replace('/', '-')}-cells",
        table=part.to_pandas()[1],
        zoom=True,
    )
    if opened and opened.startswith("cell:"):
        st.query_params["cell"] = opened.removeprefix("cell:")
        st.rerun()
    _downloads(part, f"{name.replace('/', '-')}-selection", "selection")
    if cell is not None:
        _partners(name, circuit, cell)


@st.cache_data(show_spinner="Placing the cells …", max_entries=60)
def _places(ids: list[int], name: str, version: str, _part: Circuit) -> FloatArray:
    return layout(_part)


def _asked_cell(circuit: Circuit) -> int | None:
    """Return the cell of the address, if the circuit has it."""
    asked = st.query_params.get("cell", "")
    if not asked.isdecimal() or int(asked) not in set(circuit.neuron_ids.tolist()):
        return None
    return int(asked)


def _partners(name: str, circuit: Circuit, cell: int) -> None:
    neurons, connections = circuit.to_pandas()
    facts = neurons.set_index("neuron_id")
    st.subheader(f"Cell {cell}", anchor=False)
    own = {k: v for k, v in facts.loc[cell].items() if pd.notna(v)}
    st.caption(", ".join(f"{key} {value}" for key, value in own.items()))
    shown = []
    for title, mine, other in (("Inputs", "post", "pre"), ("Outputs", "pre", "post")):
        found = connections[connections[mine] == cell].sort_values(
            ["weight", other], ascending=[False, True]
        )
        rows = []
        for partner, weight in found[[other, "weight"]].head(12).itertuples(index=False):
            fact = facts.loc[partner]
            kind = fact.get("instance") if pd.notna(fact.get("instance")) else fact.get("type")
            target = f"cell:{partner}"
            rows.append(
                Row(
                    [
                        element("a", words(partner), href="#", data_open=target),
                        words(kind) if pd.notna(kind) else "",
                        words(fact.get("polarity") or ""),
                        number(int(weight)),
                    ]
                )
            )
        columns = [Column("Cell"), Column("Name or type"), Column("Polarity")]
        caption = f"{title}: {plural(len(found), 'partner')}, the strongest first"
        shown.append(
            table([*columns, Column("Weight", numeric=True)], rows, caption=caption, wide=False)
        )
    opened = board(*shown, key="partners")
    if opened and opened.startswith("cell:"):
        st.query_params["cell"] = opened.removeprefix("cell:")
        st.rerun()


def _files(name: str, circuit: Circuit) -> None:
    st.subheader("The whole circuit as files", anchor=False)
    _downloads(circuit, name.replace("/", "-"), "whole")
    st.dataframe(exact(circuit.neurons.head(200)), hide_index=True, placeholder="–")
    st.caption(f"First rows of the neuron table of {number(circuit.n)} neurons.")


def _downloads(circuit: Circuit, stem: str, key: str) -> None:
    row = st.container(horizontal=True)
    row.download_button(
        "Neurons, CSV",
        lambda: chosen.neurons_csv(circuit),
        f"{stem}-neurons.csv",
        "text/csv",
        key=f"{key}-neurons",
        on_click="ignore",
    )
    row.download_button(
        "Connections, CSV",
        lambda: chosen.connections_csv(circuit),
        f"{stem}-connections.csv",
        "text/csv",
        key=f"{key}-connections",
        on_click="ignore",
        disabled=circuit.m > MOST_ROWS,
    )
    row.download_button(
        "GraphML",
        lambda: chosen.graphml(circuit),
        f"{stem}.graphml",
        "application/graphml+xml",
        key=f"{key}-graphml",
        on_click="ignore",
        disabled=circuit.m > MOST_GRAPHML,
        help=f"Up to {number(MOST_GRAPHML)} connections.",
    )


VIEWS: dict[str, Callable[[str, Circuit], None]] = {
    "Wiring": _wiring,
    "Degrees": _degrees,
    "Statistics": _statistics,
    "Somata": _somata,
    "Cells": _cells,
    "Files": _files,
}

head(__file__)
if need_circuits():
    names = data.circuits()["circuit"].tolist()
    first = first_of(names)
    asked = st.query_params.get("circuit", first)
    if asked not in names:
        st.warning(f"{asked} is not in the lake; {first} is shown.")
    begin("circuit", first)
    name = st.selectbox(
        "Circuit", names, index=None, required=True, key="circuit", bind="query-params"
    )
    name = name or first
    st.session_state[TRAVELS] = name
    entry, cut = data.selection(name)
    follow(board(card(name, entry, cut, data.pairs(name), data.arrays(name).frame), key="card"))
    view = st.segmented_control(
        "View",
        list(VIEWS),
        default="Wiring",
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
    )
    VIEWS[view or "Wiring"](name, data.arrays(name))
