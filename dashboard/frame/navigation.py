"""Style and navigation of every page: Streamlit runs this script, `app.py` serves it."""

from __future__ import annotations

from importlib.resources import files

import streamlit as st

from dashboard.registry import pages

LOOKS = files("dashboard") / "views" / "browser"

st.set_page_config(
    page_title="isocortex", page_icon=(LOOKS / "icon.svg").read_text(), layout="wide"
)
st.html(f"<style>{(LOOKS / 'page.css').read_text()}</style>")
shown = st.navigation(
    [
        st.Page(
            entry.path,
            title=entry.title,
            url_path=None if place == 0 else entry.path.stem,
            default=place == 0,
        )
        for place, entry in enumerate(pages())
    ],
    position="top",
)
shown.run()
