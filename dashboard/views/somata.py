"""Somata in space."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dashboard.views.palette import POLARITY

MOST = 12_000
_SYMBOLS = {"excitatory": "diamond", "inhibitory": "circle", "unknown": "square"}


def placed(neurons: pd.DataFrame) -> pd.DataFrame:
    """Return the neurons whose soma position is known."""
    columns = ["soma_x", "soma_y", "soma_z"]
    if not set(columns) <= set(neurons.columns):
        return neurons.iloc[:0]
    return neurons[neurons[columns].notna().all(axis=1)]


def somata(neurons: pd.DataFrame, ink: str) -> Any:
    """Draw somata in 3D by polarity; depth (y) points down. At most `MOST`, evenly thinned.

    `ink` is the colour of text, which a plot of plotly does not take from the page.
    """
    import plotly.graph_objects as go

    known = placed(neurons)
    if len(known) > MOST:
        known = known.iloc[np.linspace(0, len(known) - 1, MOST).astype(int)]
    small = 2.2 if len(known) > 3000 else 3.2
    picture = go.Figure()
    for polarity, colour in POLARITY.items():
        part = known[known["polarity"].fillna("unknown") == polarity]
        if part.empty:
            continue
        label = part["type"].fillna("no type").astype(str) if "type" in part else polarity
        picture.add_scatter3d(
            x=part["soma_x"],
            y=part["soma_z"],
            z=part["soma_y"],
            mode="markers",
            name=f"{polarity} ({len(part):,})".replace(",", "\u2009"),
            marker={"size": small, "color": colour, "symbol": _SYMBOLS[polarity], "opacity": 0.75},
            text=label + " " + part["neuron_id"].astype(str),
            hovertemplate="%{text}<br>x %{x:.0f}, y %{z:.0f}, z %{y:.0f} µm<extra></extra>",
        )
    axis = {
        "showbackground": False,
        "zeroline": False,
        "nticks": 5,
        "color": ink,
        "tickfont": {"color": ink},
    }
    picture.update_layout(
        height=520,
        showlegend=True,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        legend={"orientation": "h", "y": 1.02, "itemsizing": "constant"},
        uirevision="kept",
        font={"color": ink, "size": 12},
        scene={
            "aspectmode": "data",
            "camera": {"eye": {"x": 1.65, "y": 1.65, "z": 0.8}},
            "xaxis": {**axis, "title": {"text": "x (µm)"}},
            "yaxis": {**axis, "title": {"text": "z (µm)"}},
            "zaxis": {**axis, "title": {"text": "y (µm)"}, "autorange": "reversed"},
        },
    )
    return picture
