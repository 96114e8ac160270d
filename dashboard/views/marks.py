"""Marks that carry a meaning everywhere: evidence, species, null ensembles, confounding."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.views.palette import EVIDENCE_MARKS, EVIDENCE_WORDS, SPECIES, UNKNOWN
from dashboard.views.svg import GROUND, INK, element, words
from schemas.records import Evidence
from schemas.vocabularies import vocabulary


def evidence_mark(
    evidence: str, x: float, y: float, radius: float = 5, fill: str = INK, outline: str = INK
) -> str:
    """Draw the mark of an evidence class around (x, y): the same in plots, tables and badges."""
    circle = {"cx": x, "cy": y, "r": radius}
    rim = {"stroke": outline, "stroke_width": 1.4}
    if evidence == Evidence.EM_DENSE:
        return element("circle", **circle, fill=fill, **rim)
    if evidence == Evidence.EM_SPARSE:
        gap = element(
            "rect", x=x - radius - 1, y=y - 1.3, width=2 * radius + 2, height=2.6, fill=GROUND
        )
        return element("g", [element("circle", **circle, fill=fill, **rim), gap])
    if evidence == Evidence.PAIRED_RECORDING:
        half = f"M{x:.2f},{y - radius:.2f} a{radius},{radius} 0 0 0 0,{2 * radius} z"
        return element(
            "g",
            [
                element("circle", **circle, fill=GROUND, **rim),
                element("path", d=half, fill=fill),
            ],
        )
    if evidence == Evidence.STATISTICAL:
        thick = {"stroke": fill, "stroke_width": 2}
        return element("circle", cx=x, cy=y, r=radius - 0.4, fill=GROUND, **thick)
    if evidence == Evidence.MODEL:
        reach = radius * 1.2
        corners = f"{x},{y - reach} {x + reach},{y} {x},{y + reach} {x - reach},{y}"
        return element("polygon", points=corners, fill=GROUND, stroke=fill, stroke_width=2)
    arm = radius * 0.85
    cross = (
        f"M{x - arm:.2f},{y - arm:.2f} L{x + arm:.2f},{y + arm:.2f} "
        f"M{x - arm:.2f},{y + arm:.2f} L{x + arm:.2f},{y - arm:.2f}"
    )
    return element("path", d=cross, fill="none", stroke=fill, stroke_width=2.2)


def evidence_icon(evidence: str, size: int = 13) -> str:
    """Draw the mark of an evidence class as a small picture between words."""
    middle = size / 2
    return element(
        "svg",
        evidence_mark(evidence, middle, middle, middle - 1.6),
        class_="icon",
        width=size,
        height=size,
        viewBox=f"0 0 {size} {size}",
        role="img",
        aria_label=EVIDENCE_WORDS.get(evidence, evidence),
        data_evidence=evidence,
    )


def evidence_badge(evidence: str) -> str:
    """Evidence class with its mark and its words."""
    return element(
        "span", [evidence_icon(evidence), " ", words(EVIDENCE_WORDS[evidence])], class_="badge"
    )


def species_chip(species: str) -> str:
    """Species with its hue."""
    dot = element("span", class_="dot", style=f"background:{SPECIES.get(species, UNKNOWN)}")
    known = vocabulary("species").get(species, {})
    return element(
        "span",
        [dot, words(known.get("label", species))],
        class_="chip",
        title=known.get("scientific_name"),
    )


def plain(evidence: str) -> str:
    """Mark of an evidence class as a character, for menus."""
    return EVIDENCE_MARKS.get(evidence, "?")


def legend(evidence: Iterable[str]) -> str:
    """Explain the marks that occur on a page, in their fixed order."""
    there = set(evidence)
    return element(
        "p",
        [evidence_badge(kind.value) + " " for kind in Evidence if kind.value in there],
        class_="legend",
    )
