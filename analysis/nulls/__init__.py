"""Null models: one file each, found here by name.

A null is a function from a circuit to a `DyadModel`, the canonical ensemble in which its constraint
holds on average; `analysis.nulls.hard` samples ensembles in which it holds exactly. The ladder,
from the weakest to the strongest constraint: er → block → degree → reciprocal.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from analysis.circuit import Circuit
from analysis.nulls.dyads import DyadModel
from schemas.errors import UsageError

Fit = Callable[[Circuit], DyadModel]


@dataclass(frozen=True)
class Null:
    """A null model.

    Attributes
    ----------
    name : str
    rung : int
        Place on the ladder; a higher rung explains more.
    keeps : str
        What every graph of the ensemble has in common with the circuit.
    fit : callable
        Circuit → canonical ensemble.
    """

    name: str
    rung: int
    keeps: str
    fit: Fit


_FOUND: dict[str, Null] = {}


def null(name: str, *, rung: int, keeps: str) -> Callable[[Fit], Fit]:
    """Register the function that fits a null."""

    def register(fit: Fit) -> Fit:
        _FOUND[name] = Null(name, rung, keeps, fit)
        return fit

    return register


def nulls() -> dict[str, Null]:
    """All nulls in ladder order."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_FOUND.items(), key=lambda item: item[1].rung))


def get_null(name: str) -> Null:
    """Return a null by name.

    Raises
    ------
    UsageError
        If there is none.
    """
    found = nulls()
    if name not in found:
        raise UsageError(f"no null is called {name!r}", remedy=f"there are {', '.join(found)}")
    return found[name]
