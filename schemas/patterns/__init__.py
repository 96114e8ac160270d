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


def read(text: str) -> Pattern:
    """Read a pattern in DotMotif's language (docs/motif-queries.md).

    Parameters
    ----------
    text : str

    Returns
    -------
    Pattern
        Not induced: only what was written is asked for.

    Raises
    ------
    PatternError
        With line, column and what was expected, or why it cannot be meant.
    """
    from schemas.patterns.text import parse  # the parser's library is loaded on first use

    return parse(text)
