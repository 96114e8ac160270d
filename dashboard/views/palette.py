"""Colours in their fixed roles, marks of evidence; the same on every page and in both themes."""

from __future__ import annotations

from schemas.records import Evidence

# Okabe & Ito's palette; a colour never carries a meaning alone.
EXCITATORY = "#0072B2"
INHIBITORY = "#D55E00"
UNKNOWN = "#999999"
OVER = "#009E73"
UNDER = "#CC79A7"
NEUTRAL = "#56B4E9"
HIGHLIGHT = "#E69F00"
POLARITY = {"excitatory": EXCITATORY, "inhibitory": INHIBITORY, "unknown": UNKNOWN}

# One hue per species, none of them a role above.
SPECIES = {
    "mouse": "#4B3F9E",
    "rat": "#3E9CBF",
    "cat": "#2F8F80",
    "macaque": "#3B7A2A",
    "human": "#8F8A1F",
    "fly": "#B8506A",
    "worm": "#8A3268",
}

EVIDENCE_MARKS = {
    Evidence.EM_DENSE.value: "●",
    Evidence.EM_SPARSE.value: "◍",
    Evidence.PAIRED_RECORDING.value: "◐",
    Evidence.STATISTICAL.value: "○",
    Evidence.MODEL.value: "◇",
    Evidence.SIMULATED.value: "×",
}
EVIDENCE_WORDS = {
    Evidence.EM_DENSE.value: "dense electron microscopy",
    Evidence.EM_SPARSE.value: "sparse electron microscopy",
    Evidence.PAIRED_RECORDING.value: "paired recordings",
    Evidence.STATISTICAL.value: "statistical reconstruction",
    Evidence.MODEL.value: "model",
    Evidence.SIMULATED.value: "simulated",
}


def effect_colour(state: str | None) -> str:
    """Colour of an effect: over, under, or neutral while it lies inside the null's band."""
    return {"over": OVER, "under": UNDER}.get(state or "", NEUTRAL)
