"""Pages: every file in `dashboard/pages/` is one, found here by what its first lines declare.

A page declares `TITLE`, `QUESTION` and `ORDER` as plain constants. They are read without running
the page, which is a script that Streamlit runs.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from schemas.registry import Registry


@dataclass(frozen=True)
class PageEntry:
    """A page.

    Attributes
    ----------
    path : Path
    title : str
        Word in the navigation.
    question : str
        The one question that the page answers.
    order : int
        Place in the navigation; the first page is the front page.
    """

    path: Path
    title: str
    question: str
    order: int


def _look() -> None:
    for path in (Path(__file__).parent / "pages").glob("[!_]*.py"):
        _PAGES.add(path.stem, _declared(path), path.stem)


_PAGES = Registry[PageEntry]("page", _look, lambda entry: (entry.order, entry.title))


def pages() -> tuple[PageEntry, ...]:
    """All pages in the order of the navigation.

    Raises
    ------
    ValueError
        If a page file does not declare what it is.
    """
    return tuple(_PAGES.all().values())


def page(name: str) -> PageEntry:
    """Return the page whose file is `<name>.py`.

    Raises
    ------
    UsageError
        If there is none.
    """
    return _PAGES.get(name)


def _declared(path: Path) -> PageEntry:
    said: dict[str, object] = {}
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            try:
                said[statement.targets[0].id] = ast.literal_eval(statement.value)
            except ValueError:
                continue  # computed when the page runs, so no declaration
    title, question, order = (said.get(name) for name in ("TITLE", "QUESTION", "ORDER"))
    if not (isinstance(title, str) and isinstance(question, str) and isinstance(order, int)):
        raise ValueError(f"{path.name} does not declare TITLE, QUESTION and ORDER as constants")
    return PageEntry(path, title, question, order)
