"""What instances are counted as: the connected triads, whole or by the labels of their neurons."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.motifs.triads import CLOSED, OPEN
from analysis.motifs.typed import ARROWS, Cell, symmetries

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]

PAIR = "mutual"
TRIADS = (*OPEN, *CLOSED)
STATES = 4  # none, forth, back, mutual
THIRDS = STATES**2  # of a third neuron towards both neurons of a pair
# States of a third neuron that is connected with both.
WITH_BOTH = tuple(4 * x + y for x in range(1, STATES) for y in range(1, STATES))


class Columns(NamedTuple):
    """Where instances are entered; column C takes those that are of no kind.

    Attributes
    ----------
    place : uint32, shape (L, L, L, 4, 16)
        By the labels of i, j and the third neuron k, the state of i, j and 4 · (i, k) + (j, k).
    pair : uint32, shape (L, L)
        Of a mutual pair by the labels of i and j.
    """

    place: Places
    pair: Places


@dataclass(frozen=True, eq=False)
class Kinds:
    """Kinds of instances, one column each.

    Attributes
    ----------
    names : tuple
        MAN code or `mutual`, and the labels of the places of the drawing (`ARROWS`) as numbers.
    columns : Columns
    """

    names: tuple[tuple[str, Cell], ...]
    columns: Columns

    @property
    def number(self) -> int:
        """Number of kinds."""
        return len(self.names)

    @property
    def neurons(self) -> Floats:
        """Return the number of neurons of an instance, shape (C,)."""
        return np.array([2.0 if motif == PAIR else 3.0 for motif, _ in self.names])

    @property
    def pairs(self) -> Floats:
        """Return how often a sum over pairs counts an instance, shape (C,)."""
        return np.array([1.0 if motif == PAIR else 3.0 for motif, _ in self.names])


def untyped() -> Kinds:
    """Return the connected triads and the mutual pair, whatever the labels."""
    kinds = typed([(motif, (0, 0, 0)) for motif in TRIADS], 1)
    pair = np.full((1, 1), kinds.number, np.uint32)
    place = kinds.columns.place
    columns = Columns(np.where(place == kinds.number, kinds.number + 1, place), pair)
    return Kinds((*kinds.names, (PAIR, (0, 0, 0))), Columns(*map(_compact, columns)))


def typed(cells: list[tuple[str, Cell]], labels: int) -> Kinds:
    """Return connected triads by the labels of their neurons.

    Parameters
    ----------
    cells : list of (str, tuple of int)
        MAN code and labels of the places of its drawing; of the ways to write symmetric places
        the smallest (`analysis.motifs.typed`).
    labels : int
        Number L of labels.
    """
    number = len(cells)
    column = np.full((len(TRIADS), labels**3), number, np.uint32)
    for place, (motif, cell) in enumerate(cells):
        column[TRIADS.index(motif), np.ravel_multi_index(cell, (labels,) * 3)] = place
    found = np.full((*(labels,) * 3, STATES, THIRDS), number, np.uint32)
    axes = np.indices((labels,) * 3)  # labels of i, j, k
    for (state, third), (motif, ends) in _MADE.items():
        codes = whole_codes(motif, [axes[end] for end in ends], labels)
        found[..., state, third] = column[TRIADS.index(motif), codes]
    return Kinds(tuple(cells), Columns(found, np.full((labels, labels), number, np.uint32)))


def all_cells(labels: int) -> list[tuple[str, Cell]]:
    """Return every connected triad with every choice of labels once."""
    axes = np.indices((labels,) * 3)
    own = np.ravel_multi_index(tuple(axes), (labels,) * 3)
    found: list[tuple[str, Cell]] = []
    for motif in TRIADS:
        least = np.argwhere(whole_codes(motif, list(axes), labels) == own)
        found += [(motif, (a, b, c)) for a, b, c in least.tolist()]
    return found


def whole_codes(motif: str, classes: list[Ints], labels: int) -> Ints:
    """Return the smallest number of the ways to write the labels of places A, B, C of a triad."""
    turned = [
        (classes[p[0]] * labels + classes[p[1]]) * labels + classes[p[2]] for p in symmetries(motif)
    ]
    smallest: Ints = np.minimum.reduce(turned)
    return smallest


def _compact(values: Places) -> Places:
    return np.ascontiguousarray(values, np.uint32)


def _made() -> dict[tuple[int, int], tuple[str, Cell]]:
    """Map state of i, j and of a third k to the triad, and which of i, j, k is at A, B, C."""
    drawn = {motif: set(ARROWS[motif]) for motif in TRIADS}
    found: dict[tuple[int, int], tuple[str, Cell]] = {}
    for states in product(range(STATES), repeat=3):
        arrows = {
            arrow
            for (x, y), state in zip(((0, 1), (0, 2), (1, 2)), states, strict=True)
            for arrow, bit in (((x, y), 1), ((y, x), 2))
            if state & bit
        }
        for motif, (a, b, c) in product(TRIADS, permutations(range(3))):
            at = (a, b, c)
            if {(at[x], at[y]) for x, y in drawn[motif]} == arrows:
                found[states[0], STATES * states[1] + states[2]] = motif, at
    return found


_MADE = _made()
