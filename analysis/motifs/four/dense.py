"""Dense path: a matrix of states, and bit rows of every pair of neurons."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.compiled import kernel
from analysis.motifs.four.build import Dyads
from analysis.motifs.four.cliques import (
    BLOCK,
    TURN,
    blocks_needed,
    count_extensions,
    place_partners,
    rows_from_matrix,
)
from analysis.motifs.four.combine import clique_places
from analysis.motifs.four.drawing import Drawing, Shares, draw_extensions
from analysis.motifs.four.vectors import GROUP, nine_counts
from analysis.motifs.vectors import WORDS
from analysis.nulls.stream import State

Floats = npt.NDArray[np.float64]

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
States = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
TILE = 128  # neurons whose rows stay in the second cache


def cliques(dyads: Dyads, drawing: Drawing | None = None) -> tuple[Ints, States]:
    """Return 4-cliques by six states, shape (729,), and the states, shape (n + 1, n + 1).

    With a `drawing` they are estimated from some of the pairs.
    """
    matrix = matrix_of(dyads.starts, dyads.partners, dyads.states)
    lists = (dyads.starts, dyads.middle, dyads.partners, dyads.states)
    if drawing is None:
        return _cliques(matrix, *lists), matrix
    _drawn(
        matrix, *lists, drawing.every, drawing.state, clique_places(),
        drawing.totals, drawing.shares, drawing.tallies, drawing.pairs,
    )  # fmt: skip
    return drawing.cliques(), matrix


@kernel
def matrix_of(starts: Ints, partners: Indices, states: States) -> States:
    """Return the states of all pairs, shape (n + 1, n + 1); the last row and column are empty."""
    n = starts.size - 1
    matrix = np.zeros((n + 1, n + 1), np.uint8)
    for u in range(n):
        for e in range(starts[u], starts[u + 1]):
            matrix[u, partners[e]] = states[e]
    return matrix


@kernel
def _cliques(matrix: States, starts: Ints, middle: Ints, partners: Indices, states: States) -> Ints:
    n = middle.size
    most = blocks_needed(starts, middle, states)
    rows = np.zeros((most, most * BLOCK + 1, 3, WORDS), np.uint64)
    sums = np.zeros(9 * most * 9 * WORDS, np.uint64)
    nodes = np.zeros(most * BLOCK, np.uint32)
    places = np.zeros(most * BLOCK + GROUP, np.uint32)
    line = np.zeros(most * BLOCK, np.uint8)
    bounds = np.zeros(4, np.int64)
    found = np.zeros(729, np.int64)
    for i in range(n):
        begin, end = middle[i], starts[i + 1]
        if end - begin < 3:
            continue
        blocks = place_partners(begin, end, partners, states, n, nodes, bounds)
        rows_from_matrix(matrix, nodes, blocks, bounds[0], rows, line)
        count_extensions(rows, nodes, n, blocks, bounds, sums, places, found)
    return found


@kernel
def _drawn(
    matrix: States,
    starts: Ints,
    middle: Ints,
    partners: Indices,
    states: States,
    every: int,
    state: State,
    classes: Ints,
    totals: Ints,
    shares: Shares,
    tallies: Floats,
    looked_at: Ints,
) -> None:
    n = middle.size
    most = blocks_needed(starts, middle, states)
    rows = np.zeros((most, most * BLOCK + 1, 3, WORDS), np.uint64)
    sums = np.zeros(most * 9 * WORDS, np.uint64)
    nodes = np.zeros(most * BLOCK, np.uint32)
    places = np.zeros(most * BLOCK + GROUP, np.uint32)
    line = np.zeros(most * BLOCK, np.uint8)
    bounds = np.zeros(4, np.int64)
    for i in range(n):
        begin, end = middle[i], starts[i + 1]
        if end - begin < 3:
            continue
        blocks = place_partners(begin, end, partners, states, n, nodes, bounds)
        rows_from_matrix(matrix, nodes, blocks, bounds[0], rows, line)
        draw_extensions(
            rows, nodes, n, blocks, bounds, sums, places, every, state, classes,
            totals, shares, tallies, looked_at,
        )  # fmt: skip


def pairs(dyads: Dyads, matrix: States) -> tuple[Ints, Ints, Ints]:
    """Sum common-neighbour vectors over all pairs of neurons.

    Returns
    -------
    products : int64, shape (4, 9, 9)
        By state of the pair, 0 if unconnected: sums of products of two entries.
    vectors : int64, shape (4, 9)
        Sums.
    triangles : int64, shape (n, 3, 3, 3)
        As in `combine.Sums`.
    """
    rows = state_rows(dyads.starts, dyads.partners, dyads.states)
    return _pairs(rows, matrix)


@kernel
def state_rows(starts: Ints, partners: Indices, states: States) -> Words:
    """Bit rows of partners by state, shape (n, blocks, 3, WORDS)."""
    n = starts.size - 1
    rows = np.zeros((n, (n + BLOCK - 1) // BLOCK, 3, WORDS), np.uint64)
    for u in range(n):
        for e in range(starts[u], starts[u + 1]):
            v = np.uint64(partners[e])
            word = v >> np.uint64(6)
            rows[u, word // np.uint64(WORDS), states[e] - 1, word % np.uint64(WORDS)] |= np.uint64(
                1
            ) << (v & np.uint64(63))
    return rows


@kernel
def _pairs(rows: Words, matrix: States) -> tuple[Ints, Ints, Ints]:
    n, blocks = rows.shape[0], rows.shape[1]
    products = np.zeros((4, 9, 9), np.int64)
    vectors = np.zeros((4, 9), np.int64)
    triangles = np.zeros((n, 3, 3, 3), np.int64)
    part = np.zeros((4, 9, 9))  # of one neuron and one tile: exact in floating point
    v = np.zeros(9)
    v_at = np.uint64(v.ctypes.data)
    rows_at = np.uint64(rows.ctypes.data)
    size = np.uint64(blocks * 3 * WORDS * 8)
    for tile in range(0, n, TILE):
        end = min(tile + TILE, n)
        for i in range(end):
            mine = rows_at + np.uint64(i) * size
            for j in range(max(i + 1, tile), end):
                nine_counts(mine, rows_at + np.uint64(j) * size, blocks, v_at)
                s = matrix[i, j]
                for q in range(9):
                    vq = v[q]
                    for r in range(9):
                        part[s, q, r] += vq * v[r]
                for q in range(9):
                    vectors[s, q] += np.int64(v[q])
                if s:
                    back = TURN[s] - 1
                    for x in range(3):
                        for y in range(3):
                            third = np.int64(v[3 * x + y])
                            triangles[i, s - 1, x, y] += third
                            triangles[j, back, y, x] += third
            for s in range(4):
                for q in range(9):
                    for r in range(9):
                        products[s, q, r] += np.int64(part[s, q, r])
                        part[s, q, r] = 0.0
    if rows.size == 0 and v.size == 0:  # addresses are used up to here
        products[0, 0, 0] = 0
    return products, vectors, triangles
