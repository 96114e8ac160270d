"""The address bar holds the whole state: links to pages, and going where a click points."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn
from urllib.parse import parse_qs, urlencode

import streamlit as st

from dashboard import registry
from dashboard.views.svg import element, words


def address(page: str, **state: str | int | Iterable[str]) -> str:
    """Relative address of a page with its state; a list becomes a repeated parameter."""
    given = {
        name: value if isinstance(value, str | int) else list(value)
        for name, value in state.items()
    }
    return f"{page}?{urlencode(given, doseq=True)}" if given else page


def link(target: str, text: object, **attributes: object) -> str:
    """Write a link for a board: a click stays in the session, a new tab opens the address."""
    return element("a", words(text), href=target, data_open=target, target="_self", **attributes)


def begin(key: str, value: str | list[str]) -> None:
    """Give a widget that is bound to the address a value to begin with, and write it there.

    Only for widgets whose own default is empty: their value always stands in the address, so that
    a link keeps its meaning when what is offered first has changed.
    """
    if key not in st.query_params and key not in st.session_state:
        st.query_params[key] = value
        st.session_state[key] = value


def go(target: str) -> NoReturn:
    """Go to an address made by `address`."""
    page, _, query = target.partition("?")
    st.switch_page(registry.page(page).path, query_params=parse_qs(query))


def follow(opened: str | None) -> None:
    """Go where a click on a board points, if there was one."""
    if opened is not None:
        go(opened)
