"""Kinds of reconstruction error, each a registered function that does it to a circuit.

A kind turns a circuit into one as it would have been reconstructed with that error at a level. The
kinds themselves stand in `analysis.reconstruction.kinds`; a new one is one function there, found by
the contract tests, the curve and the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from analysis.circuit import Circuit
from schemas.errors import UsageError
from schemas.registry import Registry, modules_of

ANY = "*"


@dataclass(frozen=True)
class ErrorModel:
    """Which errors, how large, and how they are spread.

    Attributes
    ----------
    levels : mapping of str to float
        Kind → level; what a level is, the kind says (`ErrorKind.level`).
    spread : float
        Of losses that differ from neuron to neuron (Beta), the SD as a share of the largest one
        possible, sqrt(f(1 − f)) at the mean f.
    rates : mapping of (str, str) to float
        Of `classes`: class of the presynaptic and of the postsynaptic neuron → miss rate as a
        multiple of the level; `*` is any class. The first of (a, b), (a, *), (*, b), (*, *) holds.
    column : str
        Column of the neuron table with these classes.
    reach : float
        Of `truncation`: SD of a synapse's distance from the soma of its target along each axis, µm.
    """

    levels: Mapping[str, float] = field(default_factory=dict)
    spread: float = 0.45
    rates: Mapping[tuple[str, str], float] = field(
        default_factory=lambda: {("inhibitory", ANY): 1.0}
    )
    column: str = "polarity"
    reach: float = 50.0

    def __post_init__(self) -> None:
        if not 0 < self.spread < 1:
            raise UsageError(f"a spread is a share between 0 and 1, not {self.spread:g}")
        if not self.reach > 0:
            raise UsageError(f"the reach of a dendrite is a positive length, not {self.reach:g} µm")


Corrupt = Callable[[Circuit, float, ErrorModel, np.random.Generator], Circuit]
Check = Callable[[Circuit, ErrorModel], None]


@dataclass(frozen=True)
class ErrorKind:
    """A kind of error.

    Attributes
    ----------
    name : str
    order : int
        When it happens, among the others: tissue, then neurites, then synapses, then thresholds.
    level : str
        What its level is.
    most : float
        Largest level.
    apply : callable
        (circuit, level, model, rng) → circuit with the error.
    none : float
        Largest level that changes nothing.
    whole : bool
        Whether levels are whole numbers.
    needs : callable, optional
        Raises `UsageError` for a circuit that lacks what the error acts on.
    """

    name: str
    order: int
    level: str
    most: float
    apply: Corrupt
    none: float = 0.0
    whole: bool = False
    needs: Check | None = None

    def check(self, level: float) -> None:
        """Refuse a level that means nothing.

        Raises
        ------
        UsageError
        """
        if not 0 <= level <= self.most or (self.whole and level != int(level)):
            wanted = "a whole number" if self.whole else "a number"
            raise UsageError(
                f"{level:g} is no level of the error {self.name!r}",
                remedy=f"its level is {self.level}: {wanted} from 0 to {self.most:g}",
            )


_KINDS = Registry[ErrorKind](
    "error", modules_of("analysis.reconstruction.kinds"), lambda kind: kind.order
)


def error(
    name: str,
    *,
    order: int,
    level: str,
    most: float = 0.99,
    none: float = 0.0,
    whole: bool = False,
    needs: Check | None = None,
) -> Callable[[Corrupt], Corrupt]:
    """Register the function that does an error; the others are those of `ErrorKind`."""

    def register(apply: Corrupt) -> Corrupt:
        made = ErrorKind(name, order, level, most, apply, none, whole, needs)
        _KINDS.add(name, made, apply.__module__)
        return apply

    return register


def kinds() -> dict[str, ErrorKind]:
    """All kinds of error, in the order in which they happen."""
    return _KINDS.all()


def get_kind(name: str) -> ErrorKind:
    """Return a kind of error by name.

    Raises
    ------
    UsageError
        If there is none.
    """
    return _KINDS.get(name)


def corrupt(circuit: Circuit, model: ErrorModel, rng: np.random.Generator) -> Circuit:
    """Return a circuit as it would have been reconstructed with more errors.

    Parameters
    ----------
    circuit : Circuit
    model : ErrorModel
        Errors are done one after the other, in the order of `kinds`.
    rng : Generator

    Returns
    -------
    Circuit
        With the frame of the given one, less the neurons that errors took away.

    Raises
    ------
    UsageError
        If an error is unknown, its level means nothing, or the circuit lacks what it acts on.
    """
    chosen = ordered(model.levels)
    for kind in chosen:
        kind.check(model.levels[kind.name])
    chosen = [kind for kind in chosen if model.levels[kind.name] > kind.none]
    for kind in chosen:
        if kind.needs is not None:
            kind.needs(circuit, model)
    for kind in chosen:
        circuit = kind.apply(circuit, model.levels[kind.name], model, rng)
    return circuit


def ordered(names: Iterable[str]) -> list[ErrorKind]:
    """Return kinds of error by their names, in the order in which they happen."""
    return sorted((get_kind(name) for name in names), key=lambda kind: kind.order)
