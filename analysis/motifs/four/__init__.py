"""Motifs of four neurons: all 218 classes."""

from analysis.motifs.four.census import FourNodeCensus, four_node_census

__all__ = ["FourNodeCensus", "four_node_census"]
