"""How certain an effect is: what it would have been in another circuit of the same kind.

`effect_variances` gives the variance of log(observed/expected) of every connected triad, with the
null refitted; `effect_interval` its 95 % interval, p and the smallest effect that can be detected;
`holm`, `step_down` and `benjamini_hochberg` adjust for many tests; `rungs` says which nulls a motif
departs from. The standard deviation of a null is something else and is not used for any of these.
"""

from analysis.uncertainty.interval import Interval, effect_interval
from analysis.uncertainty.multiple import benjamini_hochberg, holm, step_down
from analysis.uncertainty.variance import FEWEST_NEURONS, Variance, effect_variances

__all__ = [
    "FEWEST_NEURONS",
    "Interval",
    "Variance",
    "benjamini_hochberg",
    "effect_interval",
    "effect_variances",
    "holm",
    "step_down",
]
