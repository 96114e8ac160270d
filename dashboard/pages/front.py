"""Front page: the atlas and what the results say now."""

from __future__ import annotations

from dashboard import data
from dashboard.address import follow, link
from dashboard.page import head, need_circuits
from dashboard.views.atlas import atlas
from dashboard.views.board import board
from dashboard.views.marks import legend
from dashboard.views.statements import Statement, statements
from dashboard.views.svg import element, words

TITLE = "Atlas"
QUESTION = "Which circuits are here, and what do they rest on?"
ORDER = 0


def _line(one: Statement) -> str:
    more = " " + link(one.target, "Show") if one.target else ""
    return element("li", words(one.text) + more)


head(__file__)
if need_circuits():
    circuits = data.circuits()
    said = statements(circuits, data.effects())
    opened = board(
        atlas(circuits),
        legend(circuits["evidence"]),
        element("h3", "What the results say now"),
        element("ul", [_line(one) for one in said], class_="statements"),
        key="front",
    )
    follow(opened)
