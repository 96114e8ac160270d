"""Small tables as HTML: numbers right-aligned in tabular figures, units in the header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dashboard.views.numbers import DASH
from dashboard.views.svg import element, words


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    header : str
    numeric : bool
        Right-aligned.
    unit : str or None
        Written below the header.
    """

    header: str
    numeric: bool = False
    unit: str | None = None


@dataclass(frozen=True)
class Row:
    """A row: cells are HTML already escaped; `target` is what a click opens."""

    cells: Sequence[str]
    target: str | None = None
    tip: str | None = None
    hatched: bool = False


def table(
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    caption: str | None = None,
    wide: bool = True,
) -> str:
    """Write a table that scrolls sideways where it does not fit; `wide` ones stand alone."""
    head = element(
        "tr",
        [
            element(
                "th",
                words(column.header)
                + (element("small", words(column.unit)) if column.unit else ""),
                class_="num" if column.numeric else None,
                scope="col",
            )
            for column in columns
        ],
    )
    body = [
        element(
            "tr",
            [
                element(
                    "td",
                    cell or DASH,
                    class_=" ".join(
                        name
                        for name, given in (("num", column.numeric), ("hatched", row.hatched))
                        if given
                    )
                    or None,
                )
                for column, cell in zip(columns, row.cells, strict=True)
            ],
            data_open=row.target,
            data_tip=row.tip,
        )
        for row in rows
    ]
    title = element("caption", words(caption)) if caption else ""
    written = element("table", [title, element("thead", head), element("tbody", body)])
    return element("div", written, class_="scroll wide" if wide else "scroll")


def facts(values: Mapping[str, str], *, caption: str | None = None) -> str:
    """Write names and values; values are HTML already escaped."""
    title = element("caption", words(caption)) if caption else ""
    rows = [
        element("tr", [element("th", words(name), scope="row"), element("td", value or DASH)])
        for name, value in values.items()
    ]
    return element("div", element("table", [title, *rows], class_="facts"), class_="scroll wide")
