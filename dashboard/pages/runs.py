"""Runs: every result that was computed, and with what."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.address import address, follow, link
from dashboard.page import head, need_circuits, need_results
from dashboard.views.board import board
from dashboard.views.numbers import number
from dashboard.views.svg import element, words
from dashboard.views.tables import Column, Row, table
from schemas.records import AnalysisRecord

TITLE = "Runs"
QUESTION = "What was computed, when, and with what?"
ORDER = 70

MOST = 200
COLUMNS = (
    Column("Computed", unit="UTC"),
    Column("Circuit"),
    Column("Analysis"),
    Column("Dataset version"),
    Column("Seed", numeric=True),
    Column("Duration", numeric=True, unit="s"),
    Column("Code version"),
    Column("Key"),
)


def _code(text: str) -> str:
    return element("code", words(text), class_="whole")


def _row(record: AnalysisRecord, current: dict[str, tuple[str, int]]) -> Row:
    latest = current.get(record.dataset, ("", 0))[0]
    stale = "" if latest == record.version else " " + element("small", "earlier version")
    return Row(
        [
            element("span", words(record.created[:19].replace("T", " ")), class_="whole"),
            link(address("motifs", circuits=[record.circuit]), record.circuit),
            words(record.analysis),
            _code(record.version) + stale,
            number(record.seed),
            number(record.seconds),
            _code(record.code_version),
            _code(record.key[:12]),
        ],
        tip="\n".join(f"{name} {value}" for name, value in record.parameters.items()),
    )


head(__file__)
if need_circuits() and need_results():
    records = data.records()
    wanted = st.selectbox(
        "Circuit",
        ["all", *sorted({record.circuit for record in records})],
        key="of",
        bind="query-params",
    )
    kept = [record for record in records if wanted in ("all", record.circuit)]
    st.caption(
        f"{number(len(kept))} results, {number(sum(record.seconds for record in kept))} s of "
        "computing. Same key, same numbers: a repeated run finds them here and computes nothing."
    )
    current = data.versions()
    follow(
        board(
            table(COLUMNS, [_row(record, current) for record in kept[:MOST]]),
            key="runs",
            name="isocortex-runs",
            table=pd.DataFrame([record.model_dump(mode="json") for record in kept]),
        )
    )
    if len(kept) > MOST:
        st.caption(f"The newest {number(MOST)} are shown; the CSV has them all.")
