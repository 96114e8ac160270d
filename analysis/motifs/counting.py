"""Count a pattern the quickest exact way: by the census where it suffices, else one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analysis.circuit import Circuit
from analysis.motifs.census import triad_census
from analysis.motifs.four import four_node_census
from analysis.motifs.matching import SECONDS, count_placements
from analysis.motifs.named import embeddings
from schemas.patterns import Pattern, PatternError
from schemas.patterns.symmetry import Symmetry

Path = Literal["census", "matcher"]
TRIAD = 3
SIZES = (3, 4)  # of a census


@dataclass(frozen=True)
class PatternCount:
    """How often a pattern is there.

    Attributes
    ----------
    subgraphs : int
        Placements, those that a symmetry of the pattern exchanges counted once.
    symmetries : int
        Symmetries of the pattern.
    path : {"census", "matcher"}
        How it was counted.
    """

    subgraphs: int
    symmetries: int
    path: Path

    @property
    def placements(self) -> int:
        """Ways to give the neurons the names of the pattern."""
        return self.subgraphs * self.symmetries


def why_no_census(circuit: Circuit, pattern: Pattern) -> str | None:
    """Say why the census does not give a count; None if it does.

    Parameters
    ----------
    circuit : Circuit
    pattern : Pattern
        With absences written out (`Pattern.closed`).
    """
    if pattern.size not in SIZES:
        return f"it counts motifs of 3 and 4 neurons, and the pattern has {pattern.size}"
    if not pattern.plain:
        return "it knows connections only, and the pattern asks for attributes"
    frame = circuit.frame
    if not (frame.complete or pattern.induced):
        return (
            "not every pair was observable, and a pattern that is not induced may lie where the "
            "census does not look"
        )
    if frame.tested is not None and pattern.size != TRIAD:
        return "single pairs were tested, and among them only triads are counted"
    return None


def count_pattern(
    circuit: Circuit, pattern: Pattern, *, path: Path | None = None, seconds: float = SECONDS
) -> PatternCount:
    """Count a pattern in a circuit exactly.

    Parameters
    ----------
    circuit : Circuit
    pattern : Pattern
        With resolved attributes and absences written out (`Pattern.closed`).
    path : {"census", "matcher"}, optional
        Default: the census where it suffices.
    seconds : float, optional
        For the matcher.

    Raises
    ------
    PatternError
        If the census was asked for and does not suffice.
    FrameError
        If the absences of the pattern could not have been observed.
    SearchStopped
        If the matcher is not done in time.
    """
    symmetries = Symmetry(pattern).size
    reason = why_no_census(circuit, pattern)
    if path == "census" and reason is not None:
        raise PatternError(f"the census does not give this count: {reason}")
    if path == "matcher" or reason is not None:
        found = count_placements(circuit, pattern, seconds=seconds)
        return PatternCount(found, symmetries, "matcher")
    if pattern.size == TRIAD:
        counts = triad_census(circuit)
    else:
        counts = {str(code): n for code, n in four_node_census(circuit).counts.items()}
    placements = sum(counts[name] * number for name, number in embeddings(pattern).items())
    return PatternCount(placements // symmetries, symmetries, "census")
