"""Motifs: what they are called and how often they are there."""

from analysis.motifs.census import triad_census
from analysis.motifs.triads import CLOSED, MAN, OPEN

__all__ = ["CLOSED", "MAN", "OPEN", "triad_census"]
