"""Query: read-only Cypher."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import cypher, data
from dashboard.address import address, follow, link
from dashboard.found import MOST, neurons
from dashboard.page import head
from dashboard.views.board import board
from dashboard.views.numbers import number, plural
from dashboard.views.rows import as_csv, as_json, frame
from dashboard.views.svg import element
from schemas.errors import IsocortexError, ServerError, UsageError
from schemas.graph import query_names, query_template

if TYPE_CHECKING:
    from store.console import QueryResult

TITLE = "Query"
QUESTION = "What does the graph say?"
ORDER = 60

MOST_ROWS = 100_000
MOST_CIRCUITS = 6  # of a dataset, in which a neuron is looked for


def _from_template() -> None:
    """Put a template into the fields; its result is not asked for yet."""
    shipped = query_template(st.session_state["template"])
    st.session_state["q"] = shipped.text
    st.session_state["p"] = cypher.values_text(dict(shipped.parameters))
    st.query_params.pop("run", None)


def _parsed(text: str) -> dict[str, Any]:
    """Read parameters: one `name = value` a line; a value that is JSON is taken as such."""
    values: dict[str, Any] = {}
    for place, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, equals, given = (part.strip() for part in line.partition("="))
        name = name.removeprefix("$")
        if not equals or not name.isidentifier():
            raise UsageError(
                f"parameters, line {place}: {line.strip()!r} is not `name = value`",
                remedy='write for example: circuit = "rat-l6-lbc/l6-lbc"',
            )
        try:
            values[name] = json.loads(given)
        except json.JSONDecodeError:
            values[name] = given
    return values


def _ask(text: str, values: dict[str, Any], timeout: float, rows: int) -> QueryResult:
    """Run the statement beside this script, so that any click ends both."""
    cancel = threading.Event()
    answer: list[QueryResult | BaseException] = []

    def work() -> None:
        try:
            answer.append(
                data.run_query(text, values, timeout=timeout, max_rows=rows, cancel=cancel)
            )
        except BaseException as failure:  # handed over to the script, which shows it
            answer.append(failure)

    worker = threading.Thread(target=work, daemon=True)
    started = time.monotonic()
    worker.start()
    worker.join(0.4)
    place = st.empty()
    try:
        while worker.is_alive():
            with place.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"Running for {time.monotonic() - started:.0f} s of {timeout:g} s")
                st.button("Cancel", key=f"cancel-{time.monotonic_ns()}", on_click=_forget)
            worker.join(1.0)
    finally:
        cancel.set()
        place.empty()
    (found,) = answer
    if isinstance(found, BaseException):
        raise found
    return found


def _forget() -> None:
    st.query_params.pop("run", None)


def _answer(text: str, given: str, timeout: float, rows: int) -> None:
    try:
        started = time.monotonic()
        result = _ask(text, _parsed(given), timeout, rows)
    except ServerError as failure:
        _no_server(failure)
        return
    except IsocortexError as failure:
        st.error(f"```\n{failure.message}\n```")
        if failure.remedy:
            st.markdown(f"→ {failure.remedy}")
        return
    seconds = time.monotonic() - started
    said = f"{plural(len(result.rows), 'row')} in {number(seconds)} s"
    if result.truncated:
        st.warning(f"Truncated: the first {said}; there are more. Raise the limit or ask for less.")
    else:
        st.caption(said)
    st.dataframe(frame(result.columns, result.rows), hide_index=True, placeholder="–", key="answer")
    _neurons(result.rows)
    row = st.container(horizontal=True)
    row.download_button(
        "CSV", as_csv(result.columns, result.rows), "query.csv", "text/csv", on_click="ignore"
    )
    row.download_button(
        "JSON",
        as_json(result.columns, result.rows, result.truncated),
        "query.json",
        "application/json",
        on_click="ignore",
    )


def _neurons(rows: list[list[Any]]) -> None:
    """Link the neurons of an answer to the circuits in which they can be looked at."""
    found = neurons(rows)
    if not found:
        return
    circuits = data.circuits()
    links = []
    for one in found:
        body, dataset = int(one["bodyId"]), one.get("dataset")
        for circuit in circuits.loc[circuits["dataset"] == dataset, "circuit"].head(MOST_CIRCUITS):
            if body in data.arrays(circuit).neuron_ids:
                target = address("circuit", circuit=circuit, view="Cells", cell=body, around="true")
                kind = one.get("instance") or one.get("type") or ""
                links.append(link(target, f"{dataset} {body} {kind}".strip()))
                break
    if links:
        more = f", the first {len(found)}" if len(found) == MOST else ""
        text = element("b", f"Neurons in this answer{more}: ") + " · ".join(links)
        follow(board(element("p", text, class_="wide"), key="neurons"))


def _no_server(failure: ServerError) -> None:
    st.warning(f"{failure.message[:1].upper()}{failure.message[1:]}.")
    st.markdown(
        "The graph is needed on this page only. Type\n\n```\nisocortex server start\n```\n\n"
        "and run the statement again. Where nothing was projected yet, `isocortex run` fills the "
        "graph from the lake."
    )


head(__file__)
st.caption(
    "Statements only read; they end at the time limit and at the row limit. The vocabulary is "
    "neuPrint's: `(:Neuron)-[:ConnectsTo {weight}]->(:Neuron)`."
)
names = query_names()
chosen = st.selectbox(
    "Begin with a template",
    names,
    index=names.index("circuits") if "circuits" in names else 0,
    key="template",
    bind="query-params",
    on_change=_from_template,
)
shipped = query_template(chosen)
st.caption(f"{shipped.title}. {shipped.description}")
with st.form("statement", border=False):
    text = st.text_area("Cypher", shipped.text, height=210, key="q", bind="query-params")
    left, middle, right = st.columns([2, 1, 1])
    given = left.text_area(
        "Parameters, one `name = value` a line",
        cypher.values_text(dict(shipped.parameters)),
        height=110,
        key="p",
        bind="query-params",
    )
    timeout = middle.number_input("Time limit (s)", 1, 600, 30, key="timeout", bind="query-params")
    rows = right.number_input("Row limit", 1, MOST_ROWS, 1000, key="rows", bind="query-params")
    if st.form_submit_button("Run"):
        st.query_params["run"] = "yes"
if "run" in st.query_params and text.strip():
    _answer(text, given, float(timeout), int(rows))
