"""What statistics need of a circuit: which pairs were observable, and where its neurons lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis.circuit import Circuit
from analysis.frame import FrameError
from analysis.nulls.distance import soma_positions


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
        `FrameError` (or `NullUnavailable` for positions) where there is none.
    """

    name: str
    words: str
    of: Callable[[Circuit, str], Circuit]


def _any(circuit: Circuit, title: str) -> Circuit:
    if circuit.n and not circuit.frame.complete and not circuit.frame.pairs:
        raise FrameError(f"{title} of {circuit.name}: no pair was observable")
    return circuit


def _whole(circuit: Circuit, title: str) -> Circuit:
    frame = circuit.frame
    if frame.complete:
        return circuit
    if frame.tested is not None:
        raise _refused(circuit, title, "single pairs were tested, and the others are not known")
    if int(frame.core.sum()) < 2:
        raise _refused(
            circuit,
            title,
            "it is bipartite: no neuron has both its outputs and its inputs observed",
        )
    return circuit.subset(frame.core)


def _degrees(circuit: Circuit, title: str) -> Circuit:
    frame = circuit.frame
    if frame.tested is not None:
        raise _refused(circuit, title, "single pairs were tested, so no neuron's degree is known")
    if not frame.complete and int(frame.core.sum()) < 2:
        raise _refused(
            circuit,
            title,
            "it is bipartite: no neuron has both its outputs and its inputs observed",
        )
    return circuit


def _answered(circuit: Circuit, title: str) -> Circuit:
    if not circuit.frame.complete and not circuit.frame.mutual_pairs:
        raise _refused(circuit, title, "no pair was observable in both directions")
    return circuit


def _placed(circuit: Circuit, title: str) -> Circuit:
    soma_positions(circuit)
    return _any(circuit, title)


def _refused(circuit: Circuit, title: str, why: str) -> FrameError:
    return FrameError(
        f"{title} of {circuit.name} cannot be had: {why}",
        remedy="a pair that could not be observed is not an absent connection; density and "
        "distance dependence are about observable pairs and can be had",
    )


ANY = Need("pairs", "any frame: only observable pairs count", _any)
BOTH_WAYS = Need("both_ways", "pairs that were observable in both directions", _answered)
DEGREES = Need("degrees", "neurons whose outputs and inputs were observed", _degrees)
WHOLE = Need(
    "whole", "neurons among which every pair was observable; the others are left out", _whole
)
PLACED = Need("positions", "any frame, and the soma position of every neuron", _placed)
