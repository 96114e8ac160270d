"""Statistics of a circuit: one file each, found here by name.

A statistic is a function from a circuit (and a seed) to an `Estimate`: one value or a small named
table of them, each with a standard error or the reason why it has none. What a circuit's frame
cannot support, and what would take too long, is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from analysis.circuit import Circuit
from analysis.statistics.estimates import Estimate, Part
from analysis.statistics.needs import Need
from analysis.statistics.pairs import (
    PairStatistics,
    block_table,
    pair_statistics,
    triads_from_pairs,
)
from schemas.errors import UsageError
from schemas.registry import Registry, modules_of

__all__ = [
    "Estimate",
    "PairStatistics",
    "Part",
    "Statistic",
    "TooCostly",
    "block_table",
    "get_statistic",
    "pair_statistics",
    "statistic",
    "statistics",
    "triads_from_pairs",
]

Measure = Callable[[Circuit, int], Estimate]
Cost = Callable[[Circuit], float]
QUICK = 10.0  # seconds that a statistic may take without having been asked for by name
LIMIT = 1_800.0  # seconds beyond which none is begun


class TooCostly(UsageError):
    """A statistic would take longer, or more memory, than anyone should wait for unasked."""


@dataclass(frozen=True)
class Statistic:
    """A statistic of a circuit.

    Attributes
    ----------
    name, title : str
    definition : str
        One sentence.
    doi, reference : str
        Where it is defined, and how that is cited in short.
    needs : Need
        What of the frame and of the neuron table it is computed on.
    unit : str
        Unit or range of its values.
    meaning : str
        What a value says, in a few words.
    error : str
        How its standard error comes about.
    expects : str
        By which null model its expected values are, empty where it has none.
    cost : callable
        Circuit → estimated seconds on one core, standard error included.
    measure : callable
        (circuit, seed) → `Estimate`; the circuit is what `needs` makes of the one that was given.
    """

    name: str
    title: str
    definition: str
    doi: str
    reference: str
    needs: Need
    unit: str
    meaning: str
    error: str
    expects: str
    cost: Cost
    measure: Measure

    def seconds(self, circuit: Circuit) -> float:
        """Estimate the seconds that `compute` takes on one core.

        Raises
        ------
        FrameError, UsageError
            As `compute`, but for the time.
        """
        return self.cost(self.needs.of(circuit, self.title))

    def compute(self, circuit: Circuit, seed: int = 0, *, limit: float = LIMIT) -> Estimate:
        """Compute the statistic.

        Parameters
        ----------
        circuit : Circuit
        seed : int, optional
            Of the groups of the jackknife and of algorithms that draw; same seed, same numbers.
        limit : float, optional
            Seconds (estimated, on one core) beyond which it is not begun.

        Raises
        ------
        FrameError
            If the frame cannot support it.
        TooCostly
            If it is estimated to take longer than `limit`.
        UsageError
            If the neuron table lacks what it needs.
        """
        return self.measure(self.check(circuit, limit), seed)

    def check(self, circuit: Circuit, limit: float = LIMIT) -> Circuit:
        """Return the part of a circuit that the statistic is about, or refuse it.

        Raises
        ------
        FrameError, TooCostly, UsageError
            As `compute`.
        """
        part = self.needs.of(circuit, self.title)
        seconds = self.cost(part)
        if seconds <= limit:
            return part
        if seconds > LIMIT:
            remedy = "cut a smaller circuit"
        else:
            remedy = f"ask for it by name: isocortex describe … --statistic {self.name}"
        if math.isinf(seconds):
            raise TooCostly(f"{self.title}: {circuit.name} would not fit memory", remedy=remedy)
        raise TooCostly(
            f"{self.title}: {circuit.name} would take about {in_words(seconds)}", remedy=remedy
        )


_STATISTICS = Registry[Statistic]("statistic", modules_of(__name__))


def statistic(
    name: str,
    *,
    title: str,
    definition: str,
    doi: str,
    reference: str,
    needs: Need,
    unit: str,
    meaning: str,
    error: str,
    cost: Cost,
    expects: str = "",
) -> Callable[[Measure], Measure]:
    """Register the function that measures a statistic; the others are those of `Statistic`."""

    def register(measure: Measure) -> Measure:
        made = Statistic(
            name,
            title,
            definition,
            doi,
            reference,
            needs,
            unit,
            meaning,
            error,
            expects,
            cost,
            measure,
        )
        _STATISTICS.add(name, made, measure.__module__)
        return measure

    return register


def statistics() -> dict[str, Statistic]:
    """All statistics in alphabetical order."""
    return _STATISTICS.all()


def get_statistic(name: str) -> Statistic:
    """Return a statistic by name.

    Raises
    ------
    UsageError
        If there is none.
    """
    return _STATISTICS.get(name)


def in_words(seconds: float) -> str:
    """Say a time the way a person would: `40 s`, `3 min`, `5 h`, `12 days`."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds:.1f} s"
