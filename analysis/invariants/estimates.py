"""The effect of one motif in several circuits, each with its error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.effects import NO_INTERVAL
from analysis.uncertainty.interval import FEWEST
from schemas.errors import UsageError

Floats = npt.NDArray[np.float64]

LEAST_FREEDOM = 5.0  # degrees of freedom below which a standard error is too uncertain for a claim
FEWEST_CIRCUITS = 2


@dataclass(frozen=True, eq=False)
class Estimates:
    """Effects log(T/E) of one motif in k circuits against the same null and ensemble.

    Attributes
    ----------
    effects, se, df : float64, shape (k,)
        Effect, its standard error and degrees of freedom; nan where there is none.
    observed : float64, shape (k,)
        Instances T.
    rules : tuple of str
        Rule of each standard error, or why there is none (`analysis.effects`).
    labels : tuple of str
        What each is the effect of.
    unit : str
        What they are: `circuit`, `individual` …
    null, ensemble : str
    shared : bool
        Whether the errors hold one estimate in common, so that two of them together have no more
        degrees of freedom than either.
    """

    effects: Floats
    se: Floats
    df: Floats
    observed: Floats
    rules: tuple[str, ...]
    labels: tuple[str, ...]
    unit: str = "circuit"
    null: str = ""
    ensemble: str = ""
    shared: bool = False

    def __post_init__(self) -> None:
        for name in ("effects", "se", "df", "observed"):
            values = np.array(getattr(self, name), np.float64)
            values.setflags(write=False)
            object.__setattr__(self, name, values)
            if values.shape != (self.k,):
                raise ValueError(f"{name} has shape {values.shape}, there are {self.k} labels")
        if len(self.rules) != self.k:
            raise ValueError(f"there are {len(self.rules)} rules and {self.k} labels")

    @property
    def k(self) -> int:
        """Number of circuits."""
        return len(self.labels)

    @property
    def variances(self) -> Floats:
        """Squares of the standard errors, shape (k,)."""
        return self.se**2

    def unusable(self, least_freedom: float = LEAST_FREEDOM) -> str:
        """Say why no claim can rest on these; empty if one can.

        The reasons lie in counts and degrees of freedom, never in the effects: what is left out
        for them does not bias what is said of the rest.
        """
        for place, label in enumerate(self.labels):
            observed, df, se = self.observed[place], self.df[place], self.se[place]
            if observed < FEWEST:
                return f"{label} has {observed:g} instances, fewer than {FEWEST}"
            if not (math.isfinite(self.effects[place]) and math.isfinite(se) and se > 0):
                rule = self.rules[place]
                return f"{label} has no standard error: {NO_INTERVAL.get(rule, rule)}"
            if not df >= least_freedom:
                return (
                    f"the standard error of {label} has {df:.1f} degrees of freedom, fewer than "
                    f"{least_freedom:.0f}"
                )
        return ""


def check_margin(margin: float) -> None:
    """Refuse a margin that is none.

    Raises
    ------
    UsageError
    """
    if not (math.isfinite(margin) and margin > 0):
        raise UsageError(
            f"a margin of {margin:g} cannot be asked for",
            remedy="the margin is the logarithm of a ratio above 1",
        )


def check_number(estimates: Estimates) -> None:
    """Refuse to compare one circuit with itself.

    Raises
    ------
    UsageError
    """
    if estimates.k < FEWEST_CIRCUITS:
        raise UsageError(
            f"there is {estimates.k} {estimates.unit}: nothing to compare",
            remedy="give two and more",
        )


def check_independent(estimates: Estimates, units: Sequence[str] | None, nesting: str) -> None:
    """Refuse estimates several of which come from one unit.

    Parameters
    ----------
    estimates : Estimates
    units : sequence of str or None
        The individual, or whatever the claim is about, that each lies in.
    nesting : str
        Name of the column that they come from.

    Raises
    ------
    UsageError
        If a unit occurs twice: taken for independent, its modules would make intervals far too
        narrow.
    """
    if units is None:
        return
    if len(units) != estimates.k:
        raise ValueError(f"there are {len(units)} units and {estimates.k} estimates")
    repeated = [name for name in dict.fromkeys(units) if list(units).count(name) > 1]
    if repeated:
        raise UsageError(
            f"several estimates are of one {nesting!r}: {', '.join(map(str, repeated))}; they are "
            "not independent and cannot be pooled as they are",
            remedy=f"collapse them to one estimate per {nesting!r} first (collapse)",
        )
