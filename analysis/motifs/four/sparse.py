"""Sparse path: triangles of later partners, and 4-cycles from their last neuron."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.compiled import inlined, kernel, prefetch
from analysis.motifs.four.build import Dyads
from analysis.motifs.four.cliques import (
    BLOCK,
    TURN,
    blocks_needed,
    count_extensions,
    place_partners,
)
from analysis.motifs.four.combine import clique_places, cycle_class
from analysis.motifs.four.drawing import Drawing, Shares, draw_extensions
from analysis.motifs.four.paths import WIDTH, pair_paths
from analysis.motifs.four.vectors import GROUP
from analysis.motifs.lists import AHEAD, fetch_list
from analysis.motifs.vectors import WORDS
from analysis.nulls.stream import State

Floats = npt.NDArray[np.float64]

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Places = npt.NDArray[np.uint32]
States = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]


def cliques(dyads: Dyads, drawing: Drawing | None = None) -> tuple[Ints, Indices]:
    """Return 4-cliques by six states, shape (729,), and the common neighbours of every dyad.

    The latter of shape (dyads, 9), dyads in the order in which they stand under their earlier
    neuron. With a `drawing` the cliques are estimated from some of the pairs.
    """
    by = Drawing.from_seed(0, 0) if drawing is None else drawing
    found, common = _cliques(
        dyads.starts, dyads.middle, dyads.partners, dyads.states,
        by.every, by.state, clique_places(), by.totals, by.shares, by.tallies, by.pairs,
    )  # fmt: skip
    return found if drawing is None else drawing.cliques(), common


@kernel
def _cliques(
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
) -> tuple[Ints, Indices]:
    """Count all cliques if `every` is 0, else draw one in `every` pairs."""
    n = middle.size
    first = np.zeros(n + 1, np.int64)
    for i in range(n):
        first[i + 1] = first[i] + starts[i + 1] - middle[i]
    common = np.zeros((first[n], 9), np.int32)
    counted = common.reshape(-1)
    most = blocks_needed(starts, middle, states)
    rows = np.zeros((most, most * BLOCK + 1, 3, WORDS), np.uint64)
    sums = np.zeros(9 * most * 9 * WORDS, np.uint64)
    nodes = np.zeros(most * BLOCK, np.uint32)
    places = np.zeros(most * BLOCK + GROUP, np.uint32)
    entry = np.zeros(most * BLOCK, np.int64)
    position = np.zeros(n, np.int32)  # of a partner of the base neuron
    later = np.zeros(n, np.uint8)  # 1 for a partner after the base neuron
    closing = np.zeros((2, most * BLOCK + 1), np.int64)  # entries that close a triangle
    bounds = np.zeros(4, np.int64)
    found = np.zeros(729, np.int64)
    for i in range(n):
        begin, end = middle[i], starts[i + 1]
        if end - begin < 2:
            continue
        blocks = place_partners(begin, end, partners, states, n, nodes, bounds)
        for p in range(bounds[0] << 6, blocks * BLOCK):
            if nodes[p] != n:
                position[nodes[p]] = p
                later[nodes[p]] = 1
                for b in range(p // BLOCK, blocks):
                    rows[b, p] = 0
        for e in range(begin, end):
            entry[position[partners[e]]] = e
        triangles, hits, turn = 0, 0, 0
        for e in range(begin, end + 1):
            # One partner ahead, so that the counters to be raised are there in time.
            waiting = hits
            hits = 0
            if e < end:
                if e + AHEAD < end:
                    k = partners[e + AHEAD]
                    fetch_list(partners, middle[k], starts[k + 1])
                k = partners[e]
                # Only listed: whether a look-up hits is nothing that a processor can foresee.
                for f in range(np.uint64(middle[k]), np.uint64(starts[k + 1])):
                    closing[turn, hits] = f
                    hits += later[np.uint32(partners[f])]
                to_common = first[k] - middle[k]
                for h in range(hits):
                    prefetch(counted, 9 * (closing[turn, h] + to_common))
                    prefetch(counted, 9 * (closing[turn, h] + to_common) + 8)
            turn = 1 - turn
            if waiting:
                k = partners[e - 1]
                triangles += waiting
                _enter(
                    e - 1, closing[turn, :waiting], first[i] - begin, first[k] - middle[k],
                    partners, states, position, entry, rows, common,
                )  # fmt: skip
        if triangles > 2 and every == 0:
            count_extensions(rows, nodes, n, blocks, bounds, sums, places, found)
        elif triangles > 2:
            draw_extensions(
                rows, nodes, n, blocks, bounds, sums, places, every, state, classes,
                totals, shares, tallies, looked_at,
            )  # fmt: skip
        for e in range(begin, end):
            later[partners[e]] = 0
    return found, common


@inlined
def _enter(
    e: int,
    closing: Ints,
    own_common: int,
    to_common: int,
    partners: Indices,
    states: States,
    position: Indices,
    entry: Ints,
    rows: Words,
    common: Indices,
) -> None:
    """Enter the triangles of a base neuron i, its partner k of entry e and k's partners l."""
    p = position[partners[e]]
    ik = states[e]
    for f in closing:
        q = position[partners[f]]
        kl = states[f]
        forth = q > p  # which of the two comes first is not to be foreseen either
        one, other = min(p, q), max(p, q)
        part = (kl if forth else TURN[kl]) - 1
        bit = np.uint64(1) << np.uint64(other & 63)
        rows[other // BLOCK, one, part, (other >> 6) % WORDS] |= bit
        g = entry[q]
        il = states[g]
        # Third neurons of the dyads ik, il and kl, by their states to the two.
        common[own_common + e, 3 * il + kl - 4] += 1
        common[own_common + g, 3 * ik + TURN[kl] - 4] += 1
        common[to_common + f, 3 * TURN[ik] + TURN[il] - 4] += 1


def over_dyads(dyads: Dyads, common: Indices) -> tuple[Ints, Ints, Ints]:
    """Sum common-neighbour vectors over dyads.

    Returns
    -------
    products : int64, shape (3, 9, 9)
    vectors : int64, shape (3, 9)
    triangles : int64, shape (n, 3, 3, 3)
        As in `combine.Sums`.
    """
    return _over_dyads(dyads.starts, dyads.middle, dyads.partners, dyads.states, common)


@kernel
def _over_dyads(
    starts: Ints, middle: Ints, partners: Indices, states: States, common: Indices
) -> tuple[Ints, Ints, Ints]:
    n = middle.size
    products = np.zeros((3, 9, 9), np.int64)
    vectors = np.zeros((3, 9), np.int64)
    triangles = np.zeros((n, 3, 3, 3), np.int64)
    d = 0
    for i in range(n):
        for e in range(middle[i], starts[i + 1]):
            j, s = partners[e], np.int64(states[e]) - 1
            back = np.int64(TURN[s + 1]) - 1
            for q in range(9):
                count = np.int64(common[d, q])
                if count == 0:
                    continue
                vectors[s, q] += count
                for r in range(9):
                    products[s, q, r] += count * common[d, r]
                triangles[i, s, q // 3, q % 3] += count
                triangles[j, back, q % 3, q // 3] += count
            d += 1
    return products, vectors, triangles


def cycles(dyads: Dyads) -> dict[int, int]:
    """Return 4-cycles by class, each met at its last neuron (Chiba & Nishizeki 1985).

    DOI 10.1137/0214017.
    """
    found = _cycles(dyads.starts, dyads.middle, dyads.partners, dyads.states)
    totals: dict[int, int] = {}
    for q in range(9):
        for r in range(9):
            number = cycle_class(q // 3, q % 3, r // 3, r % 3)
            totals[number] = totals.get(number, 0) + int(found[q, r])
    return totals


@kernel
def _cycles(starts: Ints, middle: Ints, partners: Indices, states: States) -> Ints:
    n = middle.size
    found = np.zeros((9, WIDTH), np.int64)
    seen = np.zeros((n, WIDTH), np.uint16)
    totals = np.zeros((3, 4, WIDTH), np.uint32)
    touched = np.empty(partners.size + 1, np.uint32)
    for v in range(n):
        pair_paths(v, middle[v], v, starts, partners, states, seen, totals, touched, found)
    return found
