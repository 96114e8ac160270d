"""The 218 classes of directed graphs on four nodes: codes, names of shapes, and how they nest.

A labelled graph on nodes 0 … 3 has the code Σ state << 2q over its dyads q = 01, 02, 03, 12, 13,
23, with the state of a dyad seen from its smaller node: 0 none, 1 forth, 2 back, 3 mutual. A class
is called by the smallest code of its members, and its number is the rank of that code.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, permutations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

PAIRS = tuple(combinations(range(4), 2))
TURNED = (0, 2, 1, 3)  # a state seen from the other node
LABELLED = 4**6
CLASSES = 218


def code(states: dict[tuple[int, int], int]) -> int:
    """Return the code of a labelled graph.

    Parameters
    ----------
    states : dict
        (a, b) → state of the dyad seen from a; dyads that are not named are empty.
    """
    total = 0
    for (a, b), state in states.items():
        seen = state if a < b else TURNED[state]
        total |= seen << 2 * PAIRS.index((min(a, b), max(a, b)))
    return total


def edges_of(graph: int) -> list[tuple[int, int]]:
    """Return the connections of a labelled graph."""
    found = []
    for q, (a, b) in enumerate(PAIRS):
        state = graph >> 2 * q & 3
        found += [(a, b)] * (state & 1) + [(b, a)] * (state >> 1)
    return found


@lru_cache(maxsize=1)
def class_table() -> tuple[Ints, tuple[int, ...]]:
    """Return the class of every code, shape (4096,), and the canonical code of every class."""
    smallest = np.full(LABELLED, LABELLED, np.int64)
    graphs = np.arange(LABELLED)
    turned = np.array(TURNED)
    for order in permutations(range(4)):
        image = np.zeros(LABELLED, np.int64)
        for q, (a, b) in enumerate(PAIRS):
            state = graphs >> 2 * q & 3
            x, y = order[a], order[b]
            if x > y:
                x, y, state = y, x, turned[state]
            image |= state << 2 * PAIRS.index((x, y))
        smallest = np.minimum(smallest, image)
    codes, classes = np.unique(smallest, return_inverse=True)
    return classes.astype(np.int64), tuple(codes.tolist())


@lru_cache(maxsize=1)
def codes() -> tuple[int, ...]:
    """Return the canonical code of every class, rising."""
    return class_table()[1]


def class_of(states: dict[tuple[int, int], int]) -> int:
    """Return the number of the class of a labelled graph given by its dyads."""
    return int(class_table()[0][code(states)])


_SHAPES: dict[tuple[int, tuple[int, ...]], str] = {  # dyads, sorted undirected degrees → shape
    (0, (0, 0, 0, 0)): "empty",
    (1, (0, 0, 1, 1)): "one dyad",
    (2, (0, 1, 1, 2)): "wedge and isolate",
    (2, (1, 1, 1, 1)): "two dyads",
    (3, (0, 2, 2, 2)): "triangle and isolate",
    (3, (1, 1, 1, 3)): "star",
    (3, (1, 1, 2, 2)): "path",
    (4, (2, 2, 2, 2)): "cycle",
    (4, (1, 2, 2, 3)): "paw",
    (5, (2, 2, 3, 3)): "diamond",
    (6, (3, 3, 3, 3)): "clique",
}
CONNECTED = ("star", "path", "cycle", "paw", "diamond", "clique")


@lru_cache(maxsize=1)
def shapes() -> tuple[str, ...]:
    """Return the shape of every class: its dyads without their directions."""
    found = []
    for graph in codes():
        present = [pair for q, pair in enumerate(PAIRS) if graph >> 2 * q & 3]
        degrees = tuple(sorted(sum(node in pair for pair in present) for node in range(4)))
        found.append(_SHAPES[len(present), degrees])
    return tuple(found)


@lru_cache(maxsize=1)
def nesting() -> tuple[tuple[tuple[int, int], ...], ...]:
    """For every class the (class, signed number) whose partial counts add up to its induced count.

    A partial count of a class is the number of ways to keep some of the dyads of four neurons so
    that those kept are of that class. Inverting the sum over subsets of dyads gives induced counts
    (Möbius inversion): the sign is that of the number of dyads left out.
    """
    classes, canonical = class_table()
    rows: list[dict[int, int]] = [{} for _ in canonical]
    for number, graph in enumerate(canonical):
        dyads = [q for q in range(6) if graph >> 2 * q & 3]
        for kept in range(2 ** len(dyads)):
            part = sum((graph >> 2 * q & 3) << 2 * q for k, q in enumerate(dyads) if kept >> k & 1)
            smaller = int(classes[part])
            sign = -1 if (len(dyads) - kept.bit_count()) % 2 else 1
            rows[smaller][number] = rows[smaller].get(number, 0) + sign
    return tuple(tuple(sorted(row.items())) for row in rows)
