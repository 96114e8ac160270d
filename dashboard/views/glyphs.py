"""The 16 triads drawn in a fixed triangle; arrowheads survive 24 px."""

from __future__ import annotations

import math

from dashboard.views.svg import INK, element

# Bottom left, top, bottom right, in units of a 24 px glyph.
_PLACES = {"a": (3.6, 19.4), "b": (12.0, 4.4), "c": (20.4, 19.4)}
_NODE = 2.7
_HEAD = 4.9
_WING = 2.5

# pre → post; with B on top, D sends down to both others and U takes up from both.
ARROWS: dict[str, tuple[str, ...]] = {
    "003": (),
    "012": ("ab",),
    "102": ("ab", "ba"),
    "021D": ("ba", "bc"),
    "021U": ("ab", "cb"),
    "021C": ("ab", "bc"),
    "111D": ("ab", "ba", "cb"),
    "111U": ("ab", "ba", "bc"),
    "030T": ("ab", "cb", "ac"),
    "030C": ("ba", "cb", "ac"),
    "201": ("ab", "ba", "bc", "cb"),
    "120D": ("ba", "bc", "ac", "ca"),
    "120U": ("ab", "cb", "ac", "ca"),
    "120C": ("ab", "bc", "ac", "ca"),
    "210": ("ab", "bc", "cb", "ac", "ca"),
    "300": ("ab", "ba", "bc", "cb", "ac", "ca"),
}
NAMES: dict[str, str] = {
    "003": "three unconnected neurons",
    "012": "one connection",
    "102": "one mutual pair",
    "021D": "divergence",
    "021U": "convergence",
    "021C": "chain",
    "111D": "mutual pair with an input",
    "111U": "mutual pair with an output",
    "030T": "feed-forward loop",
    "030C": "three-cycle",
    "201": "two mutual pairs",
    "120D": "mutual pair driven by one neuron",
    "120U": "mutual pair driving one neuron",
    "120C": "three-cycle with one mutual pair",
    "210": "two mutual pairs and a connection",
    "300": "three mutual pairs",
}


def label(motif: str) -> str:
    """Name a triad for screen readers: `030T, feed-forward loop`."""
    return f"{motif}, {NAMES[motif]}"


def glyph(motif: str, size: float = 24, x: float | None = None, y: float | None = None) -> str:
    """Draw a triad as an SVG of its own, or at (x, y) inside another.

    Raises
    ------
    KeyError
        If `motif` is not one of the 16 MAN codes.
    """
    arrows = ARROWS[motif]
    drawn = [_arrow(pre, post, mutual=post + pre in arrows) for pre, post in map(tuple, arrows)]
    nodes = [element("circle", cx=cx, cy=cy, r=_NODE, fill=INK) for cx, cy in _PLACES.values()]
    return element(
        "svg",
        drawn + nodes,
        class_="glyph",
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 24 24",
        width=size,
        height=size,
        x=x,
        y=y,
        role="img",
        aria_label=label(motif),
        data_motif=motif,
    )


def _arrow(pre: str, post: str, *, mutual: bool) -> str:
    (x1, y1), (x2, y2) = _PLACES[pre], _PLACES[post]
    length = math.hypot(x2 - x1, y2 - y1)
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    tip = length - _NODE - 0.3
    base = tip - _HEAD
    # A mutual pair is one line with two heads: each arrow draws its half.
    start = length / 2 if mutual else 0.0
    shaft = element(
        "line",
        x1=x1 + ux * start,
        y1=y1 + uy * start,
        x2=x1 + ux * (base + 0.5),
        y2=y1 + uy * (base + 0.5),
        stroke=INK,
        stroke_width=1.4,
    )
    corners = (
        (tip, 0.0),
        (base, _WING),
        (base, -_WING),
    )
    points = " ".join(
        f"{x1 + ux * along - uy * across:.2f},{y1 + uy * along + ux * across:.2f}"
        for along, across in corners
    )
    return element("g", [shaft, element("polygon", points=points, fill=INK)], data_arrow=pre + post)
