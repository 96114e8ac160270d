"""What stays the same between circuits: verdicts over the effects of several of them.

A claim about *these* circuits (`set_verdict`, two and more) and one about circuits *like these*
(`population_verdict`, five and more) are different claims and never mixed. `pooled` gives the mean
effect, and where that of a further circuit would lie; `collapse` makes one estimate per individual
of modules that lie in individuals; `over_spectrum` adjusts for the number of motifs.
"""

from analysis.invariants.estimates import Estimates
from analysis.invariants.nesting import collapse
from analysis.invariants.pooling import Pooled, pooled
from analysis.invariants.populations import circuits_needed, population_verdict
from analysis.invariants.sets import set_verdict
from analysis.invariants.spectrum import over_spectrum, whole_spectrum
from analysis.invariants.verdict import Claim, Verdict

__all__ = [
    "Claim",
    "Estimates",
    "Pooled",
    "Verdict",
    "circuits_needed",
    "collapse",
    "over_spectrum",
    "pooled",
    "population_verdict",
    "set_verdict",
    "whole_spectrum",
]
