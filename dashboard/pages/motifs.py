"""Motifs: triads of one or several circuits against each null."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.motifs import MAN
from analysis.uncertainty.rungs import ENSEMBLES
from dashboard import data
from dashboard.address import begin, follow
from dashboard.effects import (
    LADDER,
    Effect,
    best,
    by_place,
    find,
    identity,
    limit,
    reference_evidence,
    shown,
)
from dashboard.instances import instances, instances_address
from dashboard.page import TRAVELS, head, need_circuits, need_results
from dashboard.views.board import board
from dashboard.views.error_curve import error_curves
from dashboard.views.forest import Mark, forest
from dashboard.views.glyphs import label
from dashboard.views.marks import legend
from dashboard.views.number_origin import number_facts
from dashboard.views.palette import EVIDENCE_WORDS
from dashboard.views.strip import ladder, strip, tick, tip
from dashboard.views.svg import element, words

TITLE = "Motifs"
QUESTION = "Which triads are more or less frequent than a null allows?"
ORDER = 30

MOST = 12
DEFAULT = 3
VIEWS = ("Circuits side by side", "Nulls side by side", "One triad everywhere")


def _default(measured: pd.DataFrame) -> list[str]:
    """Circuits to begin with: the one that travels along, else some of one evidence class."""
    known = st.session_state.get(TRAVELS)
    if isinstance(known, str) and known in set(measured["circuit"]):
        return [known]
    plain = measured[measured["role"] != "replicate"]
    plain = measured if plain.empty else plain
    same = plain[plain["evidence"] == reference_evidence(plain["evidence"])]
    return same["circuit"].tolist()[:DEFAULT]


def _mark(effect: Effect, name: str, evidence: str, *, hatched: bool, glyphs: bool) -> Mark:
    observed, expected = int(effect["observed"]), float(effect["expected"])
    note = "none seen" if observed == 0 and expected > 0 else ""
    return Mark(
        label=name,
        motif=str(effect["motif"]) if glyphs else None,
        evidence=evidence,
        value=float(effect["log2"]),
        low=float(effect["log2_low"]),
        high=float(effect["log2_high"]),
        band_low=float(effect["band_low"]),
        band_high=float(effect["band_high"]),
        state=effect["state"],
        note=note,
        tip=tip(effect),
        target=identity(effect),
        hatched=hatched,
    )


def _triads(rows: pd.DataFrame, circuit: pd.Series, title: str, reach: float, hatched: bool) -> str:
    """Draw one panel: 16 triads of a circuit against one null."""
    by_motif = {row["motif"]: row for row in rows.to_dict("records")}
    evidence = str(circuit["evidence"])
    marks = [
        _mark(by_motif[motif], motif, evidence, hatched=False, glyphs=True)
        for motif in MAN
        if motif in by_motif
    ]
    ensemble = f"{rows['null'].iloc[0]} null, {rows['ensemble'].iloc[0]} ensemble"
    return forest(
        marks,
        title=title,
        subtitle=f"{EVIDENCE_WORDS[evidence]}; {ensemble}",
        limit=reach,
        hatched=hatched,
    )


def _side_by_side(effects: pd.DataFrame, circuits: pd.DataFrame, null: str) -> list[str]:
    rows = best(effects, null)
    reach, reference = limit(rows), reference_evidence(circuits["evidence"])
    panels = []
    for _, circuit in circuits.iterrows():
        own = rows[rows["circuit"] == circuit["circuit"]]
        if not own.empty:
            confounded = bool(circuit["evidence"] != reference)
            panels.append(_triads(own, circuit, str(circuit["circuit"]), reach, confounded))
    return panels


def _nulls(effects: pd.DataFrame, circuits: pd.DataFrame) -> list[str]:
    reach = limit(effects)
    panels = []
    for _, circuit in circuits.iterrows():
        own = effects[effects["circuit"] == circuit["circuit"]]
        order = sorted(
            set(zip(own["null"], own["ensemble"], strict=True)),
            key=lambda pair: (LADDER.index(pair[0]), ENSEMBLES.index(pair[1])),
        )
        panels += [
            _triads(
                own[(own["null"] == null) & (own["ensemble"] == ensemble)],
                circuit,
                f"{null}, {ensemble}: {circuit['circuit']}",
                reach,
                False,
            )
            for null, ensemble in order
        ]
    return panels


def _one_triad(effects: pd.DataFrame, circuits: pd.DataFrame, motif: str) -> list[str]:
    rows = effects[effects["motif"] == motif]
    reach, reference = limit(rows), reference_evidence(circuits["evidence"])
    panels = []
    for null in rows["null"].unique():
        own = by_place(best(rows, null))
        marks = [
            _mark(
                own[circuit["circuit"], motif],
                f"{circuit['circuit']} ({own[circuit['circuit'], motif]['ensemble']})",
                str(circuit["evidence"]),
                hatched=bool(circuit["evidence"] != reference),
                glyphs=False,
            )
            for _, circuit in circuits.iterrows()
            if (circuit["circuit"], motif) in own
        ]
        panels.append(
            forest(
                marks,
                title=f"{motif} against the {null} null",
                subtitle="ensemble in brackets",
                limit=reach,
                label_width=286,
            )
        )
    return panels


def _confounded(circuits: pd.DataFrame) -> str:
    """Say which of the chosen circuits cannot be compared as they stand, and why."""
    reference = reference_evidence(circuits["evidence"])
    others = circuits[circuits["evidence"] != reference]
    if others.empty:
        return ""
    named = ", ".join(
        f"{c} ({EVIDENCE_WORDS[e]})"
        for c, e in zip(others["circuit"], others["evidence"], strict=True)
    )
    return element(
        "p",
        element("span", "", class_="swatch hatched")
        + element("b", " Confounded: ")
        + words(
            f"{named} rest on other evidence than {EVIDENCE_WORDS[reference]}. A difference "
            "from the others may come from the method and not from the brain; hatched ground."
        ),
        class_="wide",
    )


@st.dialog("What made this number", width="large", on_dismiss=lambda: _close())
def _open(effect: Effect, evidence: str) -> None:
    known = data.result(str(effect["key"]))
    if known is None:
        st.error("The result is no longer in the lake.")
        return
    row = pd.DataFrame([effect])
    asked = instances_address(data.arrays(str(effect["circuit"])), str(effect["motif"]))
    follow(board(number_facts(effect, known[0], evidence, asked), key="origin"))
    st.download_button(
        "This row, CSV",
        row.to_csv(index=False),
        f"{effect['circuit'].replace('/', '-')}-{effect['motif']}-{effect['null']}.csv",
        "text/csv",
        on_click="ignore",
    )


def _close() -> None:
    st.query_params.pop("open", None)


def _show_asked(effects: pd.DataFrame, circuits: pd.DataFrame, clicked: str | None) -> None:
    """Open the number that was clicked or that the address names."""
    if clicked:
        st.query_params["open"] = clicked
    asked = st.query_params.get("open")
    if not asked:
        return
    effect = find(effects, asked)
    if effect is None:
        st.warning("The number that this address points to is not among the chosen circuits.")
        return
    evidence = circuits.set_index("circuit").loc[str(effect["circuit"]), "evidence"]
    _open(effect, str(evidence))


def _page() -> None:
    table = data.circuits()
    measured = table[table["key"].notna()]
    begin("circuits", _default(measured))
    names = st.multiselect(
        "Circuits",
        measured["circuit"].tolist(),
        max_selections=MOST,
        key="circuits",
        bind="query-params",
    )
    left, right = st.columns([1.3, 1], vertical_alignment="bottom")
    view = left.segmented_control(
        "Compare", VIEWS, default=VIEWS[0], required=True, key="across", bind="query-params"
    )
    if not names:
        st.info("Choose at least one circuit.")
        return
    st.session_state[TRAVELS] = names[0]
    circuits = measured.set_index("circuit", drop=False).loc[names]
    effects = shown(data.effects(names))
    nulls = [null for null in LADDER if null in set(effects["null"])]
    usual = "reciprocal" if "reciprocal" in nulls else nulls[-1]
    null, motif = usual, "030T"
    if view == VIEWS[2]:
        motif = right.selectbox("Triad", list(MAN), index=8, key="motif", bind="query-params")
    elif view == VIEWS[0]:
        null = (
            right.segmented_control(
                "Null", nulls, default=usual, required=True, key="null", bind="query-params"
            )
            or usual
        )
    panels = {
        VIEWS[0]: lambda: _side_by_side(effects, circuits, null),
        VIEWS[1]: lambda: _nulls(effects, circuits),
        VIEWS[2]: lambda: _one_triad(effects, circuits, motif),
    }[view or VIEWS[0]]()
    if view == VIEWS[2]:
        st.subheader(f"{label(motif)}: observed over expected", anchor=False)
    elif view == VIEWS[1]:
        st.subheader("Triads against every null", anchor=False)
    else:
        st.subheader(f"Triads beyond the {null} null", anchor=False)
    clicked = board(
        _confounded(circuits) if view != VIEWS[1] else "",
        *panels,
        key="forest",
        name=f"motifs-{view}".lower().replace(" ", "-"),
        table=effects.drop(columns=["state", "departs"]),
    )
    st.caption(
        "Mark: the circuit's count over the null's mean. Line: its 95 % interval, where the effect "
        "of another circuit of the same kind would lie. Grey bar: the null's own band, its mean "
        "± 2 of its spread; it says how far graphs of the null differ, not how certain the effect "
        "is. Hard ensembles keep their constraint exactly, canonical ones on average (biased in "
        "small or sparse circuits). Click a row for what made it."
    )
    st.subheader(f"All triads at a glance, {null} null", anchor=False)
    clicked = (
        board(
            strip(best(effects, null), circuits, limit(best(effects, null))),
            legend(circuits["evidence"]),
            key="strip",
            name="spectrum",
            table=best(effects, null).drop(columns=["state", "departs"]),
        )
        or clicked
    )
    st.caption(
        "log₂(observed / expected), white where they agree; in brackets what lies inside the "
        "null's own band; none: not one was observed."
    )
    st.subheader("How far up the ladder of nulls each triad stands out", anchor=False)
    board(ladder(effects, circuits), _rungs(), key="ladder", name="ladder")
    instances(names)
    error_curves(names, null)
    _show_asked(effects, circuits, clicked)


def _rungs() -> str:
    def sign(state: str | None) -> str:
        return element("svg", tick(state, 7, 7), width=14, height=14, class_="icon")

    return element(
        "p",
        f"Rungs from left to right: {', '.join(LADDER)}; the hard ensemble "
        f"where it was sampled. {sign('over')} more, {sign('under')} fewer than the null explains "
        "(Holm-adjusted p < .05 among the connected triads of a circuit), "
        f"{sign('inside')} neither, {sign(None)} not computed.",
        class_="wide quiet",
    )


head(__file__)
if need_circuits() and need_results():
    _page()
