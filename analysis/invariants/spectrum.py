"""Verdicts over many motifs at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from analysis.invariants.verdict import LEVEL, Claim, Verdict, claimed, words
from analysis.uncertainty.multiple import benjamini_hochberg


def over_spectrum(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Adjust the verdicts of many motifs for their number.

    Parameters
    ----------
    verdicts : mapping of str to Verdict
        Motif → verdict, of the same circuits at the same margin.

    Returns
    -------
    dict of str to Verdict
        With `q_inv` and `q_div`, adjusted by Benjamini & Hochberg among the motifs that have a p,
        and the claim that follows from these.
    """
    found = list(verdicts.values())
    same = benjamini_hochberg([one.p_inv for one in found]).tolist()
    apart = benjamini_hochberg([one.p_div for one in found]).tolist()
    return {
        motif: _adjusted(one, q_inv, q_div)
        for motif, one, q_inv, q_div in zip(verdicts, found, same, apart, strict=True)
    }


def whole_spectrum(verdicts: Mapping[str, Verdict]) -> Claim:
    """Say whether all motifs together agree, or any differs.

    Parameters
    ----------
    verdicts : mapping of str to Verdict
        After `over_spectrum`.

    Returns
    -------
    Claim
        INVARIANT if every motif has an unadjusted `p_inv` below .05 (an intersection–union test
        needs no adjustment), DIVERGENT if any motif is, else UNDETERMINED.
    """
    found = list(verdicts.values())
    if found and all(one.p_inv < LEVEL for one in found):
        return Claim.INVARIANT
    if any(one.claim is Claim.DIVERGENT for one in found):
        return Claim.DIVERGENT
    return Claim.UNDETERMINED


def _adjusted(verdict: Verdict, q_inv: float, q_div: float) -> Verdict:
    claim = claimed(q_inv, q_div)
    reason = verdict.reason
    if claim is not verdict.claim:
        reason = words(claim, verdict.scope, verdict.margin, verdict.smallest_margin, verdict.mde)
        reason = f"after adjustment for the number of motifs {reason}"
    return replace(verdict, claim=claim, q_inv=q_inv, q_div=q_div, reason=reason)
