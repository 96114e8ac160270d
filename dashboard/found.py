"""Neurons among the rows of a query, so that each can be opened where it lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

MOST = 30


def neurons(rows: Iterable[Iterable[Any]], most: int = MOST) -> list[dict[str, Any]]:
    """Return the properties of the neurons in rows, lists, maps and paths; each once, in order.

    Parameters
    ----------
    rows : iterable of iterable
        Cells as `store.console` gives them: a node is a map with `labels` and `properties`.
    most : int, optional
        Stop after so many.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        for cell in row:
            for properties in _within(cell):
                found.setdefault(str(properties.get("uid")), properties)
                if len(found) == most:
                    return list(found.values())
    return list(found.values())


def _within(cell: Any) -> Iterator[dict[str, Any]]:
    if isinstance(cell, list):
        for one in cell:
            yield from _within(one)
    elif isinstance(cell, dict):
        if "Neuron" in (cell.get("labels") or ()) and isinstance(cell.get("properties"), dict):
            yield cell["properties"]
        else:
            for one in cell.values():
                yield from _within(one)
