"""Roles in the 13 connected triads: what a neuron, or a connection, is in them.

A role is an orbit: places of a triad that its symmetries exchange are one role. There are 30 roles
of neurons, called `030T:source`, and 30 of connections, called by the roles of their ends,
`030T:source->target`.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations

import numpy as np
import numpy.typing as npt

from analysis.motifs.triads import MAN
from analysis.motifs.typed import ARROWS

Ints = npt.NDArray[np.int64]
CONNECTED = MAN[3:]

# Of the places A, B, C in `ARROWS`.
NAMES: dict[str, tuple[str, str, str]] = {
    "021D": ("end", "hub", "end"),
    "021U": ("end", "hub", "end"),
    "021C": ("source", "relay", "target"),
    "111D": ("partner", "hub", "source"),
    "111U": ("partner", "hub", "target"),
    "030T": ("source", "relay", "target"),
    "030C": ("member", "member", "member"),
    "201": ("end", "hub", "end"),
    "120D": ("pair", "source", "pair"),
    "120U": ("pair", "target", "pair"),
    "120C": ("source", "relay", "target"),
    "210": ("source", "target", "hub"),
    "300": ("member", "member", "member"),
}

# Third neurons of a connected pair (i, j), by how they are attached: 3x + y in state x to i and y
# to j; 9 + y to j only, in state y; 12 + x to i only, in state x. States count from 0: forth,
# back, mutual, seen from i or j.
THIRDS = 15
# The same third neurons, seen from j.
SWAPPED = np.array([3 * (q % 3) + q // 3 for q in range(9)] + [12, 13, 14, 9, 10, 11], np.int64)
# How often a neuron i meets a third one, over its pairs, in halves: triads closed and those of
# which i is the centre are met at two pairs, those of which i is an end at one.
HALVES = np.array([1] * 9 + [2] * 3 + [1] * 3, np.int64)
BACK = (1, 0, 2)  # a state seen from the other neuron


@cache
def neuron_roles() -> dict[str, int]:
    """Return the 30 roles of neurons → how many places of their triad they have."""
    counts: dict[str, int] = {}
    for motif in CONNECTED:
        for name in NAMES[motif]:
            counts[f"{motif}:{name}"] = counts.get(f"{motif}:{name}", 0) + 1
    return counts


@cache
def connection_roles() -> dict[str, int]:
    """Return the 30 roles of connections → how many connections of their triad have it."""
    counts: dict[str, int] = {}
    for motif in CONNECTED:
        for a, b in ARROWS[motif]:
            name = f"{motif}:{NAMES[motif][a]}->{NAMES[motif][b]}"
            counts[name] = counts.get(name, 0) + 1
    return counts


def motif_of(role: str) -> str:
    """Return the triad of a role."""
    return role.partition(":")[0]


@cache
def placed(ab: int, bc: int, ac: int) -> tuple[str, tuple[int, int, int]] | None:
    """Return the triad of three neurons and the place of each in its drawing; None if apart.

    Parameters
    ----------
    ab, bc, ac : int
        State of each pair seen from its first neuron: 0 none, 1 forth, 2 back, 3 mutual.
    """
    arrows = {
        arrow
        for (x, y), state in (((0, 1), ab), ((1, 2), bc), ((0, 2), ac))
        for arrow, bit in (((x, y), 1), ((y, x), 2))
        if state & bit
    }
    for motif in CONNECTED:
        for a, b, c in permutations(range(3)):
            where = (a, b, c)
            if {(where[x], where[y]) for x, y in arrows} == set(ARROWS[motif]):
                return motif, where
    return None


def neuron_table() -> Ints:
    """Role of i in `neuron_roles`, by the state of (i, j) and the third neuron, shape (3, 15)."""
    numbers = {role: number for number, role in enumerate(neuron_roles())}
    table = np.empty((3, THIRDS), np.int64)
    for s in range(3):
        for q in range(THIRDS):
            motif, where = _triad(s, q)
            table[s, q] = numbers[f"{motif}:{NAMES[motif][where[0]]}"]
    return table


def connection_table() -> Ints:
    """Role of i → j in `connection_roles`, shape (3, 15); −1 where only j → i is there."""
    numbers = {role: number for number, role in enumerate(connection_roles())}
    table = np.full((3, THIRDS), -1, np.int64)
    for s in (0, 2):
        for q in range(THIRDS):
            motif, where = _triad(s, q)
            names = NAMES[motif]
            table[s, q] = numbers[f"{motif}:{names[where[0]]}->{names[where[1]]}"]
    return table


def _triad(s: int, q: int) -> tuple[str, tuple[int, int, int]]:
    """Return the triad of i, j and a third neuron, and their places."""
    if q < 9:
        to_i, to_j = q // 3 + 1, q % 3 + 1
    else:
        to_i, to_j = (0, q - 8) if q < 12 else (q - 11, 0)
    found = placed(s + 1, to_j, to_i)
    assert found is not None
    return found
