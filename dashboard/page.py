"""What every page does first: title, question, and what to do while there is nothing to show."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import data, registry

TRAVELS = "travelling"  # the circuit that goes along from page to page


def first_of(names: list[str]) -> str:
    """Return the circuit that travels along if it is among `names`, else the first."""
    known = st.session_state.get(TRAVELS)
    return known if known in names else names[0]


def head(file: str) -> None:
    """Write the title line of the page whose file is `file`: its question."""
    st.title(registry.page(Path(file).stem).question, anchor=False)


def need_circuits() -> bool:
    """Tell whether there are circuits; where there are none, say what to type."""
    if not data.circuits().empty:
        return True
    st.markdown(
        "Nothing has been ingested yet. Type\n\n"
        "```\nisocortex run\n```\n\n"
        "to bring the catalog's datasets into the lake and the graph and to measure every "
        "circuit, or\n\n"
        "```\nisocortex ingest edges.csv --name my-circuit --evidence em_dense\n```\n\n"
        "for a circuit of your own. This page shows it as soon as it is there: reload it."
    )
    st.caption(f"This dashboard looks in `{data.home()}` (`ISOCORTEX_HOME`).")
    return False


def need_results() -> bool:
    """Tell whether any circuit was measured; where none was, say what to type."""
    if data.circuits()["key"].notna().any():
        return True
    st.markdown(
        "No circuit has been measured yet. Type\n\n```\nisocortex run\n```\n\n"
        "or, for one circuit, `isocortex census DATASET/CIRCUIT`."
    )
    return False


def ink() -> str:
    """Colour of text in the reader's theme, for what cannot take it from the page itself."""
    kind = st.context.theme.type or "light"
    chosen = st.get_option(f"theme.{kind}.textColor")
    return str(chosen or {"dark": "#E9EBE8"}.get(kind, "#1B1F23"))
