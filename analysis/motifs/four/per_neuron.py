"""Four neurons, by neuron: the parts that need enumeration, as partial counts or cliques.

4-cliques are met at each of their neurons, among all partners of it; 4-cycles at each of theirs, by
the common neighbours of it and every other neuron; diamonds at the ends off their chord from
triangles. All else follows from connected pairs (`analysis.motifs.four.participation`).
"""

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
from analysis.motifs.four.dense import matrix_of, state_rows
from analysis.motifs.four.paths import WIDTH, pair_paths
from analysis.motifs.four.vectors import GROUP, nine_counts
from analysis.motifs.vectors import WORDS

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
States = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]


def cliques(dyads: Dyads, path: str) -> Ints:
    """Count the 4-cliques that hold each neuron, by class, shape (n, 42)."""
    matrix = np.zeros((1, 1), np.uint8)
    if path == "dense":
        matrix = matrix_of(dyads.starts, dyads.partners, dyads.states)
    return _cliques(
        matrix, path == "dense", dyads.starts, dyads.partners, dyads.states, clique_places()
    )


@kernel
def _cliques(
    matrix: States, dense: bool, starts: Ints, partners: Indices, states: States, classes: Ints
) -> Ints:
    n = starts.size - 1
    most = blocks_needed(starts, starts[:-1], states)
    rows = np.zeros((most, most * BLOCK + 1, 3, WORDS), np.uint64)
    sums = np.zeros(9 * most * 9 * WORDS, np.uint64)
    nodes = np.zeros(most * BLOCK, np.uint32)
    places = np.zeros(most * BLOCK + GROUP, np.uint32)
    line = np.zeros(most * BLOCK, np.uint8)
    bounds = np.zeros(4, np.int64)
    position = np.zeros(n, np.int32)
    found = np.zeros(classes.size, np.int64)
    counts = np.zeros((n, 42), np.int64)
    for a in range(n):
        begin, end = starts[a], starts[a + 1]
        if end - begin < 3:
            continue
        blocks = place_partners(begin, end, partners, states, n, nodes, bounds)
        if dense:
            rows_from_matrix(matrix, nodes, blocks, bounds[0], rows, line)
        else:
            _rows_from_lists(starts, partners, states, nodes, blocks, bounds[0], rows, position)
        count_extensions(rows, nodes, n, blocks, bounds, sums, places, found)
        for place in range(classes.size):
            counts[a, classes[place]] += found[place]
            found[place] = 0
    return counts


@kernel
def _rows_from_lists(
    starts: Ints,
    partners: Indices,
    states: States,
    nodes: npt.NDArray[np.uint32],
    blocks: int,
    first: int,
    rows: Words,
    position: Indices,
) -> None:
    """Write the rows of all positions from the lists of the neurons at them."""
    nobody = position.size
    for p in range(first << 6, blocks * BLOCK):
        if nodes[p] != nobody:
            position[nodes[p]] = p + 1
            for b in range(p // BLOCK, blocks):
                rows[b, p] = 0
    for p in range(first << 6, blocks * BLOCK):
        if nodes[p] == nobody:
            continue
        k = np.int64(nodes[p])
        for f in range(starts[k], starts[k + 1]):
            q = position[partners[f]] - 1
            if q > p:
                rows[q // BLOCK, p, states[f] - 1, (q >> 6) % WORDS] |= np.uint64(1) << np.uint64(
                    q & 63
                )
    for p in range(first << 6, blocks * BLOCK):
        if nodes[p] != nobody:
            position[nodes[p]] = 0


def cycles(dyads: Dyads, path: str, table: Ints, counts: Ints) -> None:
    """Add the 4-cycles through each neuron, whatever their diagonals.

    Parameters
    ----------
    table : int64, shape (9, 9)
        Class by how the two common neighbours are connected; see `combine.cycle_class`.
    counts : int64, shape (n, 218)
        Added to.
    """
    if path == "dense":
        _cycles_of_pairs(state_rows(dyads.starts, dyads.partners, dyads.states), table, counts)
    else:
        _cycles_of_lists(dyads.starts, dyads.partners, dyads.states, table, counts)


@kernel
def _cycles_of_pairs(rows: Words, table: Ints, counts: Ints) -> None:
    n, blocks = rows.shape[0], rows.shape[1]
    v = np.zeros(9)
    v_at, rows_at = np.uint64(v.ctypes.data), np.uint64(rows.ctypes.data)
    size = np.uint64(blocks * 3 * WORDS * 8)
    for i in range(n):
        mine = rows_at + np.uint64(i) * size
        for j in range(i + 1, n):
            nine_counts(mine, rows_at + np.uint64(j) * size, blocks, v_at)
            for q in range(9):
                one = np.int64(v[q])
                if one == 0:
                    continue
                same = one * (one - 1) // 2
                counts[i, table[q, q]] += same
                counts[j, table[q, q]] += same
                for r in range(q + 1, 9):
                    pairs = one * np.int64(v[r])
                    counts[i, table[q, r]] += pairs
                    counts[j, table[q, r]] += pairs
    if rows.size == 0 and v.size == 0:  # addresses are used up to here
        counts[0, 0] = 0


@kernel
def _cycles_of_lists(
    starts: Ints, partners: Indices, states: States, table: Ints, counts: Ints
) -> None:
    """Count, for every neuron a, pairs of paths a – u – w and a – u' – w."""
    n = starts.size - 1
    found = np.zeros((9, WIDTH), np.int64)
    seen = np.zeros((n, WIDTH), np.uint16)
    totals = np.zeros((3, 4, WIDTH), np.uint32)
    touched = np.empty(partners.size + 1, np.uint32)
    for a in range(n):
        pair_paths(a, starts[a + 1], n, starts, partners, states, seen, totals, touched, found)
        for q in range(9):
            for r in range(9):
                counts[a, table[q, r]] += found[q, r]
        found[:] = 0


def wings(dyads: Dyads, common: Indices, table: Ints, counts: Ints) -> None:
    """Add the diamonds whose chord does not hold the neuron.

    Parameters
    ----------
    common : int32, shape (dyads, 9)
        As of `analysis.motifs.neighbours.shared`.
    table : int64, shape (3, 9, 9)
        Class by the state of the chord and how the two others are connected to its ends.
    counts : int64, shape (n, 218)
        Added to.
    """
    _wings(dyads.starts, dyads.middle, dyads.partners, dyads.states, common, table, counts)


@kernel
def _wings(
    starts: Ints,
    middle: Ints,
    partners: Indices,
    states: States,
    common: Indices,
    table: Ints,
    counts: Ints,
) -> None:
    """At every triangle i, k, l: each of the three is off the chord of the other two."""
    n = middle.size
    first = np.zeros(n + 1, np.int64)
    for i in range(n):
        first[i + 1] = first[i] + starts[i + 1] - middle[i]
    entry = np.zeros(n, np.int64)
    for i in range(n):
        begin, end = middle[i], starts[i + 1]
        if end - begin < 2:
            continue
        for e in range(begin, end):
            entry[partners[e]] = e + 1
        for e in range(begin, end):
            k, ik = partners[e], states[e]
            for f in range(middle[k], starts[k + 1]):
                g = entry[partners[f]] - 1
                if g < 0:
                    continue
                kl, il = states[f], states[g]
                _wing(common[first[i] + e - begin], ik, 3 * il + kl - 4, table, counts[partners[f]])
                _wing(common[first[i] + g - begin], il, 3 * ik + TURN[kl] - 4, table, counts[k])
                _wing(
                    common[first[k] + f - middle[k]],
                    kl,
                    3 * TURN[ik] + TURN[il] - 4,
                    table,
                    counts[i],
                )
        for e in range(begin, end):
            entry[partners[e]] = 0


@kernel
def _wing(thirds: Indices, chord: int, mine: int, table: Ints, counts: Ints) -> None:
    for r in range(9):
        counts[table[chord - 1, mine, r]] += thirds[r]
    counts[table[chord - 1, mine, mine]] -= 1  # the neuron itself
