"""Null models: one file each, found here by name.

A null is a function from a circuit to a `DyadModel`, the canonical ensemble in which its constraint
holds on average; `analysis.nulls.hard` samples ensembles in which it holds exactly. The ladder,
from the weakest to the strongest constraint: er → block → distance → block_distance → degree →
reciprocal → block_reciprocal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.frame import observable
from analysis.nulls.cells import Cells
from analysis.nulls.dyads import DyadModel, NullUnavailable
from analysis.nulls.parameters import Parameters
from schemas.registry import Registry, modules_of

Fit = Callable[[Circuit], DyadModel]
Check = Callable[[Circuit], None]
Exact = Callable[[Circuit], Cells]
Tested = Callable[[Circuit], npt.NDArray[np.float64]]
Fitted = Callable[[Circuit], Parameters]


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
    needs : callable, optional
        Raises `NullUnavailable` for a circuit that lacks what `fit` needs.
    exact : callable, optional
        Circuit → cells within which shuffling keeps the constraint exactly.
    tested : callable, optional
        Circuit whose pairs were tested one by one → chances of the four states (none, forth, back,
        both) of each pair of `frame.both_ways`, shape (d, 4). A null without it needs what such a
        circuit does not tell.
    parameters : callable, optional
        Circuit → what `fit` has parameters for. Effects beyond a null without it have no error.
    """

    name: str
    rung: int
    keeps: str
    fit: Fit
    needs: Check | None = None
    exact: Exact | None = None
    tested: Tested | None = None
    parameters: Fitted | None = None

    def check(self, circuit: Circuit) -> None:
        """Refuse a circuit that lacks what this null needs.

        Raises
        ------
        NullUnavailable
        """
        if circuit.frame.tested is not None and self.tested is None:
            raise NullUnavailable(
                f"{self.name} cannot be had for {circuit.name}: single pairs were tested, so "
                f"{self.keeps} is not known",
                remedy="compare with er, block, distance, block_distance or block_reciprocal",
            )
        if self.needs is not None:
            self.needs(circuit)


_NULLS = Registry[Null]("null", modules_of(__name__), lambda null: null.rung)


def null(
    name: str,
    *,
    rung: int,
    keeps: str,
    needs: Check | None = None,
    exact: Exact | None = None,
    tested: Tested | None = None,
    parameters: Fitted | None = None,
) -> Callable[[Fit], Fit]:
    """Register the function that fits a null; the others are those of `Null`."""

    def register(fit: Fit) -> Fit:
        made = Null(name, rung, keeps, fit, needs, exact, tested, parameters)
        _NULLS.add(name, made, fit.__module__)
        return fit

    return register


def nulls() -> dict[str, Null]:
    """All nulls in ladder order."""
    return _NULLS.all()


def get_null(name: str) -> Null:
    """Return a null by name.

    Raises
    ------
    UsageError
        If there is none.
    """
    return _NULLS.get(name)


def unavailable(circuit: Circuit, names: Iterable[str]) -> dict[str, NullUnavailable]:
    """Say which nulls cannot be had for a circuit, and why.

    Parameters
    ----------
    circuit : Circuit
    names : iterable of str
        Names of nulls.

    Returns
    -------
    dict of str to NullUnavailable
        In the order of `names`; empty where all of them can be had.

    Raises
    ------
    FrameError
        If no triad of the circuit was observable.
    """
    part = circuit if circuit.frame.tested is not None else observable(circuit)
    found = {}
    for name in names:
        try:
            get_null(name).check(part)
        except NullUnavailable as refusal:
            found[name] = refusal
    return found
