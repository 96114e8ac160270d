"""The one place where pictures and tables of ours meet the browser.

A board shows HTML and SVG that the views wrote and escaped, in the colours of the theme. Whatever
carries `data-open` can be clicked or reached with Tab and Enter and reports its value; pictures can
be saved as SVG with the colours that are seen, their data as CSV. Nothing is fetched.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd
import streamlit as st


@cache
def _component() -> Any:
    """Register the component once; its page code is ours and constant, only data varies."""
    folder = files("dashboard") / "views" / "browser"
    return st.components.v2.component(
        "isocortex.board",
        html='<div class="board"></div>',
        css=(folder / "board.css").read_text(encoding="utf-8"),
        js=(folder / "board.js").read_text(encoding="utf-8"),
    )


def board(
    *html: str,
    key: str,
    name: str | None = None,
    table: pd.DataFrame | None = None,
    zoom: bool = False,
) -> str | None:
    """Show HTML and SVG written by the views.

    Parameters
    ----------
    *html : str
        Escaped HTML; several pictures stand side by side as far as the width allows.
    key : str
        Identity of the board on its page.
    name : str, optional
        Stem of the files that can be saved; None shows no buttons.
    table : DataFrame, optional
        The data of the picture, saved as CSV.
    zoom : bool, optional
        Whether the picture can be dragged and zoomed.

    Returns
    -------
    str or None
        The `data-open` of what was clicked in this very run.
    """
    shown = _component()(
        key=key,
        data={
            "html": "".join(html),
            "name": name,
            "csv": None if table is None else table.to_csv(index=False),
            "zoom": zoom,
        },
        on_open_change=_nothing,
    )
    opened = getattr(shown, "open", None)
    return str(opened) if opened else None


def _nothing() -> None:
    """Do nothing: a trigger needs a callback to exist, its rerun is all that is wanted."""
