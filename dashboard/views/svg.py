"""Elements of SVG as text, escaped; coordinates in CSS pixels."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

INK = "var(--st-text-color)"
GROUND = "var(--st-background-color)"
GROUND_2 = "var(--st-secondary-background-color)"
RULE = "var(--st-border-color)"


def element(name: str, content: str | Iterable[str] = "", /, **attributes: object) -> str:
    """Write one element.

    Parameters
    ----------
    name : str
    content : str or iterable of str
        Elements inside, already text; `words` escapes what people wrote.
    **attributes
        `stroke_width=1` becomes `stroke-width="1"`, a trailing underscore is dropped; None is left
        out. Values are escaped.
    """
    inner = content if isinstance(content, str) else "".join(content)
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{given}>{inner}</{name}>"


def words(text: object) -> str:
    """Escape text of people and data for HTML and SVG."""
    return escape(str(text), quote=True)


def figure(width: float, height: float, content: Iterable[str], *, label: str) -> str:
    """Wrap elements into a picture with a name for screen readers; it scrolls where it must."""
    picture = element(
        "svg",
        content,
        class_="figure",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=label,
    )
    return element("figure", picture)


def prose(text: object) -> str:
    """Escape text and set what stands between backticks as code."""
    parts = words(text).split("`")
    return "".join(element("code", part) if place % 2 else part for place, part in enumerate(parts))


def text(
    x: float,
    y: float,
    content: object,
    *,
    anchor: str = "start",
    size: float = 12,
    weight: int | None = None,
    fill: str = INK,
    **attributes: object,
) -> str:
    """Write text; `y` is the middle of its line."""
    return element(
        "text",
        words(content),
        x=x,
        y=y,
        text_anchor=anchor,
        dominant_baseline="central",
        font_size=size,
        font_weight=weight,
        fill=fill,
        **attributes,
    )


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    stroke: str = INK,
    width: float = 1,
    **attributes: object,
) -> str:
    """Draw a straight line."""
    return element(
        "line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, **attributes
    )


def rect(x: float, y: float, width: float, height: float, **attributes: object) -> str:
    """Draw a rectangle."""
    return element("rect", x=x, y=y, width=max(0.0, width), height=max(0.0, height), **attributes)


def hatch(name: str) -> str:
    """Define the hatched ground of comparisons that are confounded; use as `fill=url(#name)`."""
    stripe = line(0, 0, 0, 8, stroke=INK, width=1.2, stroke_opacity=0.22)
    return element(
        "defs",
        element(
            "pattern",
            stripe,
            id=name,
            width=8,
            height=8,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        ),
    )


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
