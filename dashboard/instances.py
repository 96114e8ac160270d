"""A section of the motif page: some instances of one triad, drawn, and the Cypher for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analysis.motifs import MAN
from dashboard import data
from dashboard.address import address, follow, link
from dashboard.cypher import values_text
from dashboard.views.board import board
from dashboard.views.glyphs import NAMES
from dashboard.views.instance_cards import instance_cards, instance_table
from dashboard.views.numbers import number, plural
from dashboard.views.svg import element, words
from schemas.errors import IsocortexError

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from analysis.motifs.matching import Placements
    from store.motifs import Statement

SHOWN = 10
SECONDS = 5.0
ROWS = 100  # of the query
_EMPTY = "003"  # three neurons without a connection: nothing to look at


def instances(circuits: list[str]) -> None:
    """Show instances of a triad in one of the circuits; everything chosen is in the address."""
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    motifs = [motif for motif in MAN if motif != _EMPTY]
    motif = middle.selectbox(
        "Instances of",
        motifs,
        index=motifs.index("030T"),
        key="of",
        bind="query-params",
    )
    name = left.selectbox("Instances in", circuits, key="where", bind="query-params")
    name, motif = name or circuits[0], motif or "030T"
    right.button("Draw others", on_click=_draw, key="others")
    st.subheader(f"Instances of {motif} in {name}", anchor=False)
    circuit = data.arrays(name)
    try:
        found = _drawn(name, circuit.attributes["version"], motif, _asked_draw(), circuit)
    except IsocortexError as refused:
        st.info(f"{refused.message[:1].upper()}{refused.message[1:]}.")
        return
    if not len(found.rows):
        st.info(f"Not one {motif} ({NAMES[motif]}) is in {name}.")
        return
    follow(
        board(
            *instance_cards(circuit, motif, found),
            _in_the_graph(circuit, motif),
            key="instances",
            name=f"{name.replace('/', '-')}-{motif}",
            table=instance_table(circuit, found),
        )
    )
    st.caption(_said(name, motif, found))


def _asked_draw() -> int:
    asked = st.query_params.get("draw", "0")
    return int(asked) if asked.isdecimal() and len(asked) < 9 else 0


def _draw() -> None:
    st.query_params["draw"] = str(_asked_draw() + 1)


@st.cache_data(show_spinner="Looking for instances …", max_entries=100)
def _drawn(name: str, version: str, motif: str, seed: int, _circuit: Circuit) -> Placements:
    """Draw instances that begin at different neurons, as far as there are enough."""
    from analysis.motifs.matching import draw_placements
    from analysis.motifs.named import pattern_of

    pattern = pattern_of(motif)
    assert pattern is not None
    return draw_placements(_circuit, pattern, SHOWN, seed=seed, seconds=SECONDS)


def _said(name: str, motif: str, found: Placements) -> str:
    rows = data.effects([name])
    observed = rows.loc[rows["motif"] == motif, "observed"]
    of_all = "" if observed.empty else f" of {number(int(observed.iloc[0]))}"
    drawn = "" if found.complete else ", drawn so that they begin at different neurons"
    return (
        f"{plural(len(found.rows), 'instance')}{of_all}{drawn}; each is induced: what is not drawn "
        "is not connected. Colour and shape: polarity (triangle excitatory, circle inhibitory, "
        "square unknown). Wider: more synapses. Click a neuron to see where it lies."
    )


def instances_address(circuit: Circuit, motif: str) -> str | None:
    """Address of the Query page with the statement that finds a triad; None where none does."""
    made = _statement(circuit, motif)
    return None if made is None else _asking(made)


def _asking(made: Statement) -> str:
    return address("query", q=made.text, p=values_text(made.values), run="yes")


def _statement(circuit: Circuit, motif: str) -> Statement | None:
    from analysis.motifs.named import pattern_of
    from store.motifs import compile_pattern

    if motif == _EMPTY or not circuit.frame.complete:
        return None
    pattern = pattern_of(motif)
    assert pattern is not None
    return compile_pattern(
        pattern, circuit=circuit.name, version=circuit.attributes["version"], limit=ROWS
    )


def _in_the_graph(circuit: Circuit, motif: str) -> str:
    """Write the statement that finds them, and a link that asks it."""
    made = _statement(circuit, motif)
    if made is None:
        return element(
            "p",
            "No Cypher: not every pair of this circuit was observable, and the graph does not know "
            "which.",
            class_="wide quiet",
        )
    folded = element(
        "details",
        element("summary", "The Cypher that finds them")
        + element("pre", element("code", words(made.text)))
        + element("p", element("code", words(values_text(made.values)))),
        class_="quiet",
    )
    return element(
        "div",
        element("p", link(_asking(made), f"Ask the graph for {ROWS}")) + folded,
        class_="wide",
    )
