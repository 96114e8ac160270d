"""Pairs in cells: within one cell every pair is as likely as any other.

A null of pairs that are alike by class, by distance or by both is a number for every pair, its
cell. On average it is kept by a probability for each cell, `cell_model`. It is kept exactly by
shuffling: what stands in the pairs of a cell is dealt anew among them, `Cells`. Every deal is an
independent draw, uniform over all graphs with the same counts in every cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.nulls.dyads import DyadModel, NullUnavailable, independent
from analysis.nulls.stream import State, below, stream

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]

LARGEST_SHUFFLED = 5_000  # neurons: a shuffle lists all pairs, 25 million
BOTH = 2  # column of `Cells.counts`: connected both ways
STATES = 4


def cell_model(circuit: Circuit, cells: npt.NDArray[np.int32]) -> DyadModel:
    """Independent connections, with the density of its cell for every ordered pair.

    Parameters
    ----------
    circuit : Circuit
    cells : int32, shape (n, n)
        Cell of every ordered pair; the diagonal means nothing.
    """
    number = int(cells.max(initial=0)) + 1
    seen = circuit.frame.matrix()
    possible = np.zeros(number, np.int64)
    for row, observed in zip(cells, seen, strict=True):
        possible += np.bincount(row[observed], minlength=number)
    share = _shares(cells[circuit.sources(), circuit.indices], possible)
    probability = share[cells]
    np.fill_diagonal(probability, 0)
    return independent(np.arange(circuit.n), probability)


def tested_states(circuit: Circuit, cells: Ints) -> Floats:
    """Chances of the states of each pair tested both ways if connections were independent.

    Parameters
    ----------
    circuit : Circuit
        With a frame of tested pairs.
    cells : int64, shape (k,)
        Cell of every tested ordered pair.

    Returns
    -------
    float64, shape (d, 4)
        For the pairs of `frame.both_ways`: unconnected, forth only, back only, both ways.
    """
    tested, dyads = circuit.frame.tested, circuit.frame.both_ways
    assert tested is not None
    assert dyads is not None
    keys = tested[:, 0] * circuit.n + tested[:, 1]
    linked = np.isin(keys, circuit.sources().astype(np.int64) * circuit.n + circuit.indices)
    possible = np.bincount(cells, minlength=int(cells.max(initial=0)) + 1)
    probability = _shares(cells[linked], possible)[cells]
    forth = probability[np.searchsorted(keys, dyads[:, 0] * circuit.n + dyads[:, 1])]
    back = probability[np.searchsorted(keys, dyads[:, 1] * circuit.n + dyads[:, 0])]
    return np.stack(
        [(1 - forth) * (1 - back), forth * (1 - back), (1 - forth) * back, forth * back], axis=1
    )


def _shares(linked: npt.NDArray[np.integer[Any]], possible: Ints) -> Floats:
    found = np.bincount(linked, minlength=possible.size).astype(np.float64)
    return np.divide(found, possible, out=np.zeros_like(found), where=possible > 0)


@dataclass(frozen=True, eq=False)
class Cells:
    """Pairs of neurons, cell after cell, and how many of each cell are connected.

    Attributes
    ----------
    circuit : Circuit
        Whose pairs these are.
    first, second : int32, shape (k,)
        Ends of the pairs; those of cell c stand at `starts[c]` … `starts[c + 1]` − 1.
    starts : int64, shape (cells + 1,)
    counts : int64, shape (cells, 3)
        Pairs of the cell that are connected from first to second only, back only, both ways.
    turns : bool, shape (cells,)
        Whether first and second are alike, so that a connection one way may turn around.
    """

    circuit: Circuit
    first: Places
    second: Places
    starts: Ints
    counts: Ints
    turns: Bools

    @classmethod
    def of_connections(cls, circuit: Circuit, cells: npt.NDArray[np.int32]) -> Cells:
        """Cells of ordered pairs: the connections of every cell are counted.

        Parameters
        ----------
        circuit : Circuit
        cells : int32, shape (n, n)
            Cell of every ordered pair.

        Raises
        ------
        NullUnavailable
            If the circuit is too large for a list of its pairs.
        """
        check_shuffle(circuit)
        first, second = np.nonzero(circuit.frame.matrix())
        cell = cells[first, second]
        linked = circuit.dense(np.uint8)[first, second]
        turns = np.zeros(int(cell.max(initial=-1)) + 1, np.bool_)
        return cls._sorted(circuit, cell, first, second, linked, turns)

    @classmethod
    def of_dyads(cls, circuit: Circuit, classes: Ints) -> Cells:
        """Cells of unordered pairs by the classes of their ends: mutual and one-way pairs count.

        Pairs that are observable in one direction only have cells of their own, by the classes of
        the one end and the other, in which their connections are counted.

        Parameters
        ----------
        circuit : Circuit
        classes : int64, shape (n,)

        Raises
        ------
        NullUnavailable
            If the circuit is too large for a list of its pairs.
        """
        check_shuffle(circuit)
        seen = circuit.frame.matrix()
        first, second = np.nonzero(np.triu(seen & seen.T))
        turned = classes[first] > classes[second]
        first, second = np.where(turned, second, first), np.where(turned, first, second)
        number = int(classes.max(initial=-1)) + 1
        linked = circuit.dense(np.uint8)
        state = linked[first, second] + 2 * linked[second, first]
        cell = classes[first] * number + classes[second]
        pre, post = np.nonzero(seen & ~seen.T)
        turns = np.concatenate([np.eye(number).ravel(), np.zeros(number**2)]).astype(np.bool_)
        return cls._sorted(
            circuit,
            np.concatenate([cell, number**2 + classes[pre] * number + classes[post]]),
            np.concatenate([first, pre]),
            np.concatenate([second, post]),
            np.concatenate([state, linked[pre, post]]),
            turns,
        )

    @classmethod
    def _sorted(
        cls,
        circuit: Circuit,
        cell: npt.NDArray[np.integer[Any]],
        first: Ints,
        second: Ints,
        state: Bytes,
        turns: Bools,
    ) -> Cells:
        number = turns.size
        order = np.argsort(cell, kind="stable")
        starts = np.zeros(number + 1, np.int64)
        np.cumsum(np.bincount(cell, minlength=number), out=starts[1:])
        kinds = np.bincount(cell.astype(np.int64) * STATES + state, minlength=number * STATES)
        return cls(
            circuit,
            first[order].astype(np.int32),
            second[order].astype(np.int32),
            starts,
            kinds.reshape(number, STATES)[:, 1:].astype(np.int64),
            turns,
        )

    def samples(self, number: int, rng: np.random.Generator) -> Iterator[Circuit]:
        """Yield `number` graphs with the same counts in every cell."""
        state = stream(rng)
        first, second = self.first.copy(), self.second.copy()
        circuit = self.circuit
        for _ in range(number):
            linked = np.zeros((circuit.n, circuit.n), np.uint8)
            _deal(first, second, self.starts, self.counts, self.turns, linked, state)
            indptr, indices = _rows(linked)
            yield Circuit(
                "sample",
                circuit.neurons,
                indptr,
                indices,
                np.ones_like(indices),
                observed=circuit.observed,
            )


def check_shuffle(circuit: Circuit) -> None:
    """Refuse a circuit whose pairs are too many for a list.

    Raises
    ------
    NullUnavailable
    """
    if circuit.n > LARGEST_SHUFFLED:
        raise NullUnavailable(
            f"pairs are shuffled up to {LARGEST_SHUFFLED:,} neurons, not {circuit.n:,}",
            remedy="compare with the canonical ensemble, or cut a smaller circuit",
        )


@kernel
def _deal(
    first: Places,
    second: Places,
    starts: Ints,
    counts: Ints,
    turns: Bools,
    linked: Bytes,
    state: State,
) -> None:
    """Draw the connected pairs of every cell without replacement, into `linked`.

    The lists are left in the order of the draw: from any order the next draw is uniform again.
    """
    for c in range(turns.size):
        place = starts[c]
        for kind in range(counts.shape[1]):
            for _ in range(counts[c, kind]):
                other = place + below(state, starts[c + 1] - place)
                a, b = first[other], second[other]
                first[other], second[other] = first[place], second[place]
                first[place], second[place] = a, b
                place += 1
                back = kind == 1
                if turns[c] and kind != BOTH:
                    back = below(state, 2) == 1
                if kind == BOTH or not back:
                    linked[a, b] = 1
                if kind == BOTH or back:
                    linked[b, a] = 1


@kernel
def _rows(linked: Bytes) -> tuple[Ints, Places]:
    """Compress a matrix of zeros and ones into rows."""
    n = linked.shape[0]
    indptr = np.zeros(n + 1, np.int64)
    for i in range(n):
        indptr[i + 1] = indptr[i]
        for j in range(n):
            indptr[i + 1] += linked[i, j]
    indices = np.empty(indptr[n], np.int32)
    end = 0
    for i in range(n):
        for j in range(n):
            if linked[i, j]:
                indices[end] = j
                end += 1
    return indptr, indices
