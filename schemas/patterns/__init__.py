"""Motifs as queries: what a pattern is, and DotMotif's language for writing one."""

from schemas.patterns.pattern import (
    Comparison,
    Condition,
    Connection,
    Pair,
    Pattern,
    PatternError,
    Place,
)
from schemas.patterns.text import read

__all__ = [
    "Comparison",
    "Condition",
    "Connection",
    "Pair",
    "Pattern",
    "PatternError",
    "Place",
    "read",
]
