"""A verdict over several circuits with all that it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from analysis.invariants.estimates import Estimates

LEVEL = 0.05
POWER = 0.8
Scope = Literal["set", "population"]


class Claim(StrEnum):
    """What is said of the effects of several circuits."""

    INVARIANT = "INVARIANT"
    DIVERGENT = "DIVERGENT"
    UNDETERMINED = "UNDETERMINED"


@dataclass(frozen=True, eq=False)
class Verdict:
    """What can be said of one motif in several circuits, at one margin.

    Attributes
    ----------
    claim : Claim
    scope : {"set", "population"}
        `set`: these circuits and no others. `population`: circuits like these.
    margin : float
        δ, natural logarithm of the ratio up to which effects count as the same. Of a population:
        what the effects of 95 % of all pairs of its circuits differ by at most.
    estimates : Estimates
        Effects, their errors, rules, unit, null and ensemble.
    p_inv, p_div : float
        p of the largest difference being δ or more, and of it being δ or less; nan where the data
        support no claim.
    q_inv, q_div : float
        The same adjusted over a spectrum of motifs; nan if that was not done.
    smallest_margin : float
        Smallest margin at which circuits without a difference would be called invariant in four
        of five cases, given these errors.
    mde : float
        Smallest difference (on the scale of `margin`) that would be called divergent in four of
        five cases.
    further : int or None
        Circuits like these that are needed in addition for INVARIANT in four of five cases, if the
        spread is what it seems; None if no number would do, and of a set, which further circuits
        do not help.
    reason : str
        Why this was said.
    """

    claim: Claim
    scope: Scope
    margin: float
    estimates: Estimates
    p_inv: float = math.nan
    p_div: float = math.nan
    q_inv: float = math.nan
    q_div: float = math.nan
    smallest_margin: float = math.nan
    mde: float = math.nan
    further: int | None = None
    reason: str = ""

    @property
    def k(self) -> int:
        """Number of circuits."""
        return self.estimates.k


def claimed(p_inv: float, p_div: float) -> Claim:
    """Turn two p-values, which cannot both be small, into a claim."""
    if p_inv < LEVEL:
        return Claim.INVARIANT
    return Claim.DIVERGENT if p_div < LEVEL else Claim.UNDETERMINED


def words(claim: Claim, scope: Scope, margin: float, smallest_margin: float, mde: float) -> str:
    """Say a claim, or what would be needed for one."""
    ratio = f"×{math.exp(margin):.3g}"
    these = "every two circuits" if scope == "set" else "19 of 20 pairs of circuits like these"
    if claim is Claim.INVARIANT:
        return f"effects of {these} differ by less than {ratio}"
    if claim is Claim.DIVERGENT and scope == "set":
        return f"effects of two circuits or more differ by more than {ratio}"
    if claim is Claim.DIVERGENT:
        return f"effects of circuits like these differ by more than {ratio} in over 1 of 20 pairs"
    return (
        f"neither is shown; with these errors sameness is decidable from a margin of "
        f"×{math.exp(smallest_margin):.3g} on, a difference from ×{math.exp(mde):.3g} on"
    )
