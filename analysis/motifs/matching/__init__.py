"""Placements of a pattern in a circuit, found one by one: any size, any condition."""

from analysis.motifs.matching.columns import column_kinds, meeting
from analysis.motifs.matching.search import (
    SECONDS,
    Placements,
    SearchStopped,
    count_placements,
    draw_placements,
    find_placements,
)

__all__ = [
    "SECONDS",
    "Placements",
    "SearchStopped",
    "column_kinds",
    "count_placements",
    "draw_placements",
    "find_placements",
    "meeting",
]
