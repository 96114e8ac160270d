"""From a pattern and a circuit to the arrays that the kernel runs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.frame import FrameError
from analysis.motifs import lists
from analysis.motifs.matching.columns import comparable, meeting
from analysis.motifs.matching.kernel import ABSENT, OPERATORS, PRESENT, pack
from schemas.patterns import Connection, Pair, Pattern

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NONE = -1
BIT_BYTES = 128 << 20  # 32,000 neurons


@dataclass(frozen=True)
class Plan:
    """What the kernel needs, in the order of its arguments.

    Attributes
    ----------
    order : tuple of int
        Place in the pattern of the neuron that each level places.
    roots : int64, shape (r,)
        Candidates of the first level.
    slots : int
        Number of connections whose position is kept.
    arrays : tuple
        Arguments of `kernel.advance` from `candidates` to `tested`.
    """

    order: tuple[int, ...]
    roots: Ints
    slots: int
    arrays: tuple[Any, ...]


def plan(circuit: Circuit, pattern: Pattern, below: tuple[Pair, ...] = ()) -> Plan:
    """Prepare the search for a pattern.

    Parameters
    ----------
    circuit : Circuit
    pattern : Pattern
        With resolved attributes; what is not named may be there.
    below : tuple of pairs of names
        The first has to have the smaller neuron id.

    Raises
    ------
    FrameError
        If no neuron could have been seen to be one of the pattern.
    """
    candidates = _candidates(circuit, pattern)
    order = _order(pattern, candidates.sum(axis=1))
    level = {pattern.neurons[place]: at for at, place in enumerate(order)}
    masks, links, slots = _links(circuit, pattern, level)
    neurons, codes = _comparisons(circuit, pattern, level, below)
    weighed: list[list[list[int]]] = [[] for _ in order]
    for one in pattern.comparisons:
        if not isinstance(one.left, str) and not isinstance(one.right, str):
            ends = [level[name] for name in (*one.left, *one.right)]
            operator = OPERATORS.index(one.operator)
            weighed[max(ends)].append([slots[one.left], 0, operator, slots[one.right], 0])
    fits = circuit.n**2 // 8 <= BIT_BYTES
    bits = pack(circuit.indptr, circuit.indices) if fits else np.zeros((0, 0), np.uint64)
    back = lists.transpose(circuit.indptr, circuit.indices)
    tested = circuit.frame.tested
    if tested is None:
        rows = np.zeros(0, np.int64), np.zeros(0, np.int32)
    else:
        counts = np.bincount(tested[:, 0], minlength=circuit.n)
        rows = np.r_[0, np.cumsum(counts)].astype(np.int64), tested[:, 1].astype(np.int32)
    ordered = np.ascontiguousarray(candidates[list(order)])
    arrays = (
        ordered.astype(np.uint8),
        circuit.indptr,
        circuit.indices,
        *back,
        bits,
        *_flat(links),
        masks,
        *_flat(neurons),
        codes,
        *_flat(weighed),
        circuit.weights,
        *rows,
    )
    roots = np.flatnonzero(ordered[0]) if order else np.zeros(0, np.int64)
    return Plan(order, roots.astype(np.int64), len(slots), arrays)


def _candidates(circuit: Circuit, pattern: Pattern) -> Bools:
    """Neurons that could be each neuron of the pattern, shape (k, n)."""
    out = np.diff(circuit.indptr)
    inn = np.bincount(circuit.indices, minlength=circuit.n)
    frame = circuit.frame
    rows = []
    for name in pattern.neurons:
        seen = np.ones(circuit.n, np.bool_)
        if any(link.pre == name for link in (*pattern.present, *pattern.absent)):
            seen &= frame.sources
        if any(link.post == name for link in (*pattern.present, *pattern.absent)):
            seen &= frame.targets
        if circuit.n and not seen.any():
            raise FrameError(
                f"no neuron of {circuit.name} can be {name}: of none were both outputs and inputs "
                "observed, so that what is not there could not have been seen either",
                remedy="ask for less: connections from one side to the other",
            )
        fit = seen & _has_attributes(circuit, pattern, name)
        fit &= out >= sum(link.pre == name for link in pattern.present)
        fit &= inn >= sum(link.post == name for link in pattern.present)
        rows.append(fit)
    return np.array(rows, np.bool_).reshape(pattern.size, circuit.n)


def _has_attributes(circuit: Circuit, pattern: Pattern, name: str) -> Bools:
    fit = np.ones(circuit.n, np.bool_)
    for owner, condition in pattern.conditions:
        if owner == name:
            fit &= meeting(circuit.neurons[condition.attribute], [condition])
    for link in pattern.present:
        if link.pre == name and link.polarity is not None:
            fit &= of_polarity(circuit, link.polarity)
    return fit


def of_polarity(circuit: Circuit, polarity: str) -> Bools:
    """Whether each neuron is known to be of a polarity, shape (n,)."""
    if "polarity" not in circuit.neurons:
        return np.zeros(circuit.n, np.bool_)
    same: Bools = (circuit.neurons["polarity"] == polarity).fillna(False).to_numpy(dtype=bool)
    return same


def _order(pattern: Pattern, sizes: Ints) -> tuple[int, ...]:
    """Order in which to place: few candidates first, then what hangs on most that is placed."""
    partners: dict[str, set[str]] = {name: set() for name in pattern.neurons}
    for link in pattern.present:
        partners[link.pre].add(link.post)
        partners[link.post].add(link.pre)
    found: list[int] = []
    placed: set[str] = set()
    while len(found) < pattern.size:
        place = min(
            (at for at in range(pattern.size) if at not in found),
            key=lambda at: (
                -len(partners[pattern.neurons[at]] & placed),
                int(sizes[at]),
                -len(partners[pattern.neurons[at]]),
                at,
            ),
        )
        found.append(place)
        placed.add(pattern.neurons[place])
    return tuple(found)


def _links(
    circuit: Circuit, pattern: Pattern, level: dict[str, int]
) -> tuple[npt.NDArray[np.uint8], list[list[list[int]]], dict[Pair, int]]:
    """Masks of connections, links of each level, and slot of each connection that is compared."""
    slots: dict[Pair, int] = {}
    for one in pattern.comparisons:
        for side in (one.left, one.right):
            if not isinstance(side, str):
                slots.setdefault(side, len(slots))
    masks: list[Bools] = []
    links: list[list[list[int]]] = [[] for _ in level]
    for asked, given in ((PRESENT, pattern.present), (ABSENT, pattern.absent)):
        for link in given:
            mask = _mask(circuit, link, asked)
            if mask is not None:
                masks.append(mask)
            pre, post = level[link.pre], level[link.post]
            links[max(pre, post)].append(
                [
                    min(pre, post),
                    int(pre > post),
                    asked,
                    NONE if mask is None else len(masks) - 1,
                    slots.get(link.pair, NONE) if asked == PRESENT else NONE,
                ]
            )
    for row in links:
        row.sort(key=lambda one: (-one[2], one[0]))  # what is there leaves fewest over
    return np.array(masks, np.uint8).reshape(len(masks), circuit.m), links, slots


def _mask(circuit: Circuit, link: Connection, asked: int) -> Bools | None:
    """Mark the connections that meet what an edge asks, shape (m,); None if it asks nothing."""
    polarity = link.polarity if asked == ABSENT else None  # where it is there, its neuron has it
    if polarity is None and not link.conditions:
        return None
    mask = meeting(circuit.weights, link.conditions)
    if polarity is not None:
        mask &= of_polarity(circuit, polarity)[circuit.sources()]
    return mask


def _comparisons(
    circuit: Circuit, pattern: Pattern, level: dict[str, int], below: tuple[Pair, ...]
) -> tuple[list[list[list[int]]], Ints]:
    codes: list[Ints] = []
    rows: list[list[list[int]]] = [[] for _ in level]

    def add(left: str, operator: str, right: str, pair: tuple[int, int]) -> None:
        at = max(level[left], level[right])
        rows[at].append([level[left], pair[0], OPERATORS.index(operator), level[right], pair[1]])

    for one in pattern.comparisons:
        if isinstance(one.left, str) and isinstance(one.right, str):
            codes += comparable(circuit.neurons[one.attribute], circuit.neurons[one.other])
            add(one.left, one.operator, one.right, (len(codes) - 2, len(codes) - 1))
    if below:
        ranks = np.argsort(np.argsort(circuit.neuron_ids)).astype(np.int64)
        codes.append(ranks)
        for first, second in below:
            add(first, "<", second, (len(codes) - 1, len(codes) - 1))
    return rows, np.array(codes, np.int64).reshape(len(codes), circuit.n)


def _flat(rows: list[list[list[int]]]) -> tuple[Ints, Ints]:
    """Put rows of rows of five numbers behind each other, with where each begins."""
    starts = np.cumsum([0, *(len(row) for row in rows)]).astype(np.int64)
    flat = np.array([one for row in rows for one in row], np.int64).reshape(-1, 5)
    return starts, flat
