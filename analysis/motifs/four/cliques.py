"""4-cliques with all their states, by bit rows of the later partners of each neuron.

For a base neuron i its later partners get positions, grouped by their state to i and padded to
whole words, so that a word has one state to i. Row p holds the later positions that the partner at
p is connected with, by state. A triangle i, j, k then extends to the bits that rows j and k share.

Positions are packed towards the end of the blocks: a last block that is full costs no more than
one that is not, and the first block has fewer neurons before it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.compiled import kernel, trailing_zeros
from analysis.motifs.four.vectors import GROUP, equal_bytes, extend_triangles
from analysis.motifs.vectors import WORDS

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Places = npt.NDArray[np.uint32]
States = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]

BLOCK = 64 * WORDS
ONE = np.uint64(1)
ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
LOW6 = np.uint64(63)
SIX = np.uint64(6)
TURN = np.array([0, 2, 1, 3], np.uint8)


@kernel
def blocks_needed(starts: Ints, middle: Ints, states: States) -> int:
    """Return the largest number of blocks that the positions of one neuron take."""
    most = 1
    for i in range(middle.size):
        words = 0
        counts = np.zeros(4, np.int64)
        for e in range(middle[i], starts[i + 1]):
            counts[states[e]] += 1
        for s in range(1, 4):
            words += (counts[s] + 63) >> 6
        most = max(most, (words + WORDS - 1) // WORDS)
    return most


@kernel
def place_partners(
    begin: int,
    end: int,
    partners: Indices,
    states: States,
    nobody: int,
    nodes: Places,
    bounds: Ints,
) -> int:
    """Give positions to the entries begin … end − 1 of the lists; return the number of blocks.

    Parameters
    ----------
    nobody : int
        Stands in `nodes` where no neuron is.
    nodes : uint32
        Written: the neuron at every position.
    bounds : int64, shape (4,)
        Written: first word of each state's group, and the end.
    """
    counts = np.zeros(4, np.int64)
    for e in range(begin, end):
        counts[states[e]] += 1
    words = 0
    for s in range(1, 4):
        words += (counts[s] + 63) >> 6
    blocks = (words + WORDS - 1) // WORDS
    bounds[0] = blocks * WORDS - words
    places = np.zeros(4, np.int64)
    for s in range(3):
        places[s + 1] = bounds[s] << 6
        bounds[s + 1] = bounds[s] + ((counts[s + 1] + 63) >> 6)
    for p in range(blocks * BLOCK):
        nodes[p] = nobody
    for e in range(begin, end):
        s = states[e]
        nodes[places[s]] = partners[e]
        places[s] += 1
    return int(blocks)


@kernel
def rows_from_matrix(
    matrix: States, nodes: Places, blocks: int, first: int, rows: Words, line: States
) -> None:
    """Write the rows of all positions from the matrix of states."""
    nobody = matrix.shape[0] - 1
    length = blocks * BLOCK
    line_at = np.uint64(line.ctypes.data)
    for p in range(first << 6, length):
        node = nodes[p]
        if node == nobody:
            continue
        own = p >> 6
        for q in range(np.uint64(own << 6), np.uint64(length)):
            line[q] = matrix[node, nodes[q]]
        later = (ALL << np.uint64(p & 63)) << ONE if p & 63 < 63 else np.uint64(0)
        for word in range((own // WORDS) * WORDS, blocks * WORDS):
            b, w = word // WORDS, word % WORDS
            for s in range(3):
                bits = np.uint64(0)
                if word >= own:
                    bits = equal_bytes(line_at + np.uint64(word << 6), np.uint64(s + 1))
                    if word == own:
                        bits &= later
                rows[b, p, s, w] = bits
    if line.size == 0:  # the address is used up to here
        return


@kernel
def count_extensions(
    rows: Words,
    nodes: Places,
    nobody: int,
    blocks: int,
    bounds: Ints,
    sums: Words,
    places: Places,
    cliques: Ints,
) -> None:
    """Count the 4-cliques of one base neuron into `cliques`, by six states in base 3.

    Parameters
    ----------
    sums : uint64, shape (3, 3, blocks, 3, 3, WORDS)
        Zero; by states of ik, jk, jl and kl.
    places : uint32
        Room for a list of positions.
    """
    empty = rows.shape[1] - 1
    row_bytes = np.uint64(3 * WORDS * 8)
    block_bytes = np.uint64(rows.shape[1]) * row_bytes
    rows_at = np.uint64(rows.ctypes.data)
    sums_at = np.uint64(sums.ctypes.data)
    places_at = np.uint64(places.ctypes.data)
    cell = np.uint64(9 * WORDS * 8)
    for ij in range(3):
        used = False
        for j in range(bounds[ij] << 6, bounds[ij + 1] << 6):
            if nodes[j] == nobody:
                break  # the rest of the group's last word
            for ik in range(3):
                for jk in range(3):
                    length = 0
                    for word in range(max(bounds[ik], j >> 6), bounds[ik + 1]):
                        bits = rows[word // WORDS, j, jk, word % WORDS]
                        while bits:
                            places[length] = (word << 6) + trailing_zeros(bits)
                            length += 1
                            bits &= bits - ONE
                    if length == 0:
                        continue
                    used = True
                    for q in range(length, length + GROUP):
                        places[q] = empty
                    ready = 0
                    for b in range(j // BLOCK, blocks):
                        # Rows are empty in the blocks before their own.
                        while ready < length and places[ready] < (b + 1) * BLOCK:
                            ready += 1
                        offset = np.uint64(b) * block_bytes
                        extend_triangles(
                            rows_at + offset + np.uint64(j) * row_bytes,
                            rows_at + offset,
                            places_at,
                            (ready + GROUP - 1) // GROUP,
                            sums_at + np.uint64((3 * ik + jk) * blocks + b) * cell,
                        )
        if not used:
            continue
        for ik in range(3):
            for jk in range(3):
                for b in range(blocks):
                    for w in range(WORDS):
                        word = b * WORDS + w
                        il = (word >= bounds[1]) + (word >= bounds[2])
                        start = ((ij * 3 + ik) * 3 + jk) * 27 + il * 9
                        for c in range(9):
                            at = ((((3 * ik + jk) * blocks + b) * 9) + c) * WORDS + w
                            cliques[start + c] += np.int64(sums[at])
                            sums[at] = 0
    if rows.size == 0 and sums.size == 0 and places.size == 0:  # addresses are used up to here
        return
