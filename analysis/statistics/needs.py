"""What statistics need of a circuit: which pairs were observable, and where its neurons lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis.circuit import Circuit
from analysis.frame import FrameError
from analysis.nulls.distance import soma_positions
from analysis.nulls.dyads import NullUnavailable
from schemas.errors import UsageError


@dataclass(frozen=True)
class Need:
    """What a statistic needs.

    Attributes
    ----------
    name : str
    words : str
        For the documentation.
    of : callable
        (circuit, title of the statistic) → the part of the circuit that has it; raises
        `FrameError` (`UsageError` for positions) where there is none.
    """

    name: str
    words: str
    of: Callable[[Circuit, str], Circuit]


def _any(circuit: Circuit, title: str) -> Circuit:
    if circuit.n and not circuit.frame.complete and not circuit.frame.pairs:
        raise _refused(title, f"no pair of {circuit.name} was observable")
    return circuit


def _whole(circuit: Circuit, title: str) -> Circuit:
    frame = circuit.frame
    if frame.complete:
        return circuit
    _need_core(circuit, title)
    return circuit.subset(frame.core)


def _degrees(circuit: Circuit, title: str) -> Circuit:
    if not circuit.frame.complete:
        _need_core(circuit, title)
    return circuit


def _need_core(circuit: Circuit, title: str) -> None:
    """Refuse a frame without neurons whose outputs and inputs were both observed."""
    if circuit.frame.tested is not None:
        raise _refused(
            title, f"single pairs were tested in {circuit.name}, and the others are not known"
        )
    if int(circuit.frame.core.sum()) < 2:
        raise _refused(
            title,
            f"{circuit.name} is bipartite: no two neurons have both their outputs and their "
            "inputs observed",
        )


def _answered(circuit: Circuit, title: str) -> Circuit:
    if not circuit.frame.complete and not circuit.frame.mutual_pairs:
        raise _refused(title, f"no pair of {circuit.name} was observable in both directions")
    return circuit


def _placed(circuit: Circuit, title: str) -> Circuit:
    try:
        soma_positions(circuit)
    except NullUnavailable as missing:
        raise UsageError(
            f"{title}: {missing.message}",
            remedy="give soma_x, soma_y and soma_z (µm) in the neuron table, or cut a circuit of "
            "the neurons that have them",
        ) from None
    return _any(circuit, title)


def _refused(title: str, why: str) -> FrameError:
    return FrameError(
        f"{title}: {why}",
        remedy="a pair that could not be observed is not an absent connection; density, and "
        "distance dependence where positions are known, are about observable pairs only",
    )


ANY = Need("pairs", "any frame: only observable pairs count", _any)
BOTH_WAYS = Need("both_ways", "pairs that were observable in both directions", _answered)
DEGREES = Need("degrees", "neurons whose outputs and inputs were observed", _degrees)
WHOLE = Need(
    "whole", "neurons among which every pair was observable; the others are left out", _whole
)
PLACED = Need("positions", "any frame, and the soma position of every neuron", _placed)
