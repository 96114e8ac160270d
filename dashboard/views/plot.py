"""The one way in which a plot of plotly stands on a page: saved as SVG, its data as CSV."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

_UNWANTED = ["select2d", "lasso2d", "autoScale2d"]


def plot(picture: Any, *, key: str, name: str, alt: str, table: pd.DataFrame | None = None) -> None:
    """Show a figure of plotly.

    Parameters
    ----------
    picture : plotly.graph_objects.Figure
    key : str
        Identity of the plot on its page.
    name : str
        Stem of the files that can be saved.
    alt : str
        Name for screen readers.
    table : DataFrame, optional
        The data of the plot, saved as CSV.
    """
    st.plotly_chart(
        picture,
        key=key,
        alt=alt,
        config={
            "displaylogo": False,
            "modeBarButtonsToRemove": _UNWANTED,
            "toImageButtonOptions": {"format": "svg", "filename": name},
        },
    )
    if table is not None:
        st.download_button(
            "CSV",
            table.to_csv(index=False),
            f"{name}.csv",
            "text/csv",
            key=f"{key}-csv",
            on_click="ignore",
            help="The data of this plot. The plot itself is saved as SVG by the camera above it.",
        )


def figure(ink: str, height: int, **margin: int) -> Any:
    """Return an empty figure with the text colour `ink` and our margins, in pixels."""
    import plotly.graph_objects as go

    picture = go.Figure()
    picture.update_layout(
        height=height,
        showlegend=False,
        font={"color": ink, "size": 12},
        margin={"l": 60, "r": 10, "t": 30, "b": 45} | margin,
        hoverlabel={"align": "left"},
        uirevision="kept",
    )
    axis = {"color": ink, "tickfont": {"color": ink}, "title": {"font": {"color": ink}}}
    picture.update_xaxes(**axis)
    picture.update_yaxes(**axis)
    return picture
