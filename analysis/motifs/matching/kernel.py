"""Backtracking in machine code, one neuron of the pattern at a time, that can stop and go on.

A level places one neuron of the pattern. Its candidates are the shortest list among the partners of
neurons already placed that have to be connected to it, or all neurons if there is none. Then come
the checks that its place allows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.compiled import kernel

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]

# Columns of a link: level of the other neuron, whether this one is presynaptic, what is asked,
# row of the mask of connections (or -1), slot that keeps the position (or -1).
OTHER, OUTWARD, ASKED, MASK, SLOT = range(5)
ABSENT, PRESENT = 0, 1
# Columns of a comparison: level or slot on the left, its codes, operator, the same on the right.
LEFT, LEFT_CODES, OPERATOR, RIGHT, RIGHT_CODES = range(5)
OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
LEVEL = 0  # of the state: it outlives a call; -1 = done
ROOTS, OUT, IN, ALL = 0, 1, 2, 3


@kernel
def advance(
    state: Ints,
    lists: Ints,
    placed: Ints,
    slots: Ints,
    roots: Ints,
    candidates: Bytes,
    starts: Ints,
    targets: npt.NDArray[np.int32],
    back_starts: Ints,
    sources: npt.NDArray[np.int32],
    bits: Words,
    link_starts: Ints,
    links: Ints,
    masks: Bytes,
    comparison_starts: Ints,
    comparisons: Ints,
    codes: Ints,
    edge_starts: Ints,
    edges: Ints,
    weights: npt.NDArray[np.int32],
    tested_starts: Ints,
    tested: npt.NDArray[np.int32],
    found: npt.NDArray[np.int64],
    budget: int,
) -> int:
    """Go on until `budget` steps are made, `found` is full, or all is done; return how many.

    Parameters
    ----------
    state : int64, shape (1,)
        Level; -1 = done.
    lists : int64, shape (k, 3)
        Which list each level walks, where it is, where the list ends.
    placed : int64, shape (k,)
        Neuron at each level.
    slots : int64, shape (s,)
        Positions of connections that comparisons need.
    roots : int64, shape (r,)
        Candidates of the first level, in the order in which they are tried.
    candidates : uint8, shape (k, n)
    starts, targets, back_starts, sources
        Rows of the circuit forth and back.
    bits : uint64, shape (n, w)
        The matrix of connections bit by bit, or of no rows if it were too large.
    link_starts, links : int64, shapes (k + 1,), (l, 5)
    masks : uint8, shape (e, m)
        Whether a connection meets the conditions of an edge of the pattern.
    comparison_starts, comparisons : int64, shapes (k + 1,), (c, 5)
    codes : int64, shape (q, n)
    edge_starts, edges : int64, shapes (k + 1,), (d, 5)
        Comparisons of the weights of two connections.
    weights : int32, shape (m,)
    tested_starts, tested
        Rows of tested pairs; `tested_starts` is empty where whole neurons were observed.
    found : int64, shape (f, k)
        Written from its beginning; f = 0 only counts.
    budget : int
    """
    last = placed.size - 1
    n = starts.size - 1
    level = state[LEVEL]
    count = 0
    steps = 0
    while level >= 0 and steps < budget:
        place = lists[level, 1]
        if place >= lists[level, 2]:
            level -= 1
            continue
        lists[level, 1] = place + 1
        kind = lists[level, 0]
        if kind == OUT:
            v = np.int64(targets[place])
        elif kind == IN:
            v = np.int64(sources[place])
        elif kind == ROOTS:
            v = roots[place]
        else:
            v = place
        steps += 1
        if candidates[level, v] == 0:
            continue
        fits = True
        for earlier in range(level):
            if placed[earlier] == v:
                fits = False
                break
        if not fits:
            continue
        for at in range(link_starts[level], link_starts[level + 1]):
            steps += 1
            other = placed[links[at, OTHER]]
            a, b = (v, other) if links[at, OUTWARD] == 1 else (other, v)
            mask, slot = links[at, MASK], links[at, SLOT]
            there = bits.shape[0] == 0 or (bits[a, b >> 6] >> np.uint64(b & 63)) & np.uint64(1) == 1
            if there and (bits.shape[0] == 0 or mask >= 0 or slot >= 0):
                position = _position(targets, starts[a], starts[a + 1], int(b))
                there = position >= 0 and (mask < 0 or masks[mask, position] == 1)
                if slot >= 0:
                    slots[slot] = position
            if there != (links[at, ASKED] == PRESENT):
                fits = False
                break
            if links[at, ASKED] == ABSENT and tested_starts.size > 0:
                seen = _position(tested, tested_starts[a], tested_starts[a + 1], int(b)) >= 0
                if not seen:
                    fits = False
                    break
        if not fits:
            continue
        placed[level] = v
        for at in range(comparison_starts[level], comparison_starts[level + 1]):
            left = codes[comparisons[at, LEFT_CODES], placed[comparisons[at, LEFT]]]
            right = codes[comparisons[at, RIGHT_CODES], placed[comparisons[at, RIGHT]]]
            if left < 0 or right < 0 or not _holds(left, comparisons[at, OPERATOR], right):
                fits = False
                break
        for at in range(edge_starts[level], edge_starts[level + 1]):
            first = int(weights[slots[edges[at, LEFT]]])
            second = int(weights[slots[edges[at, RIGHT]]])
            if not _holds(first, edges[at, OPERATOR], second):
                fits = False
                break
        if not fits:
            continue
        if level < last:
            level += 1
            _open(level, lists, placed, starts, back_starts, link_starts, links, n)
            continue
        if found.shape[0] > 0:
            for one in range(last + 1):
                found[count, one] = placed[one]
        count += 1
        if count == found.shape[0]:
            break
    state[LEVEL] = level
    return count


@kernel
def pack(starts: Ints, targets: npt.NDArray[np.int32]) -> Words:
    """Write the matrix of connections bit by bit, shape (n, words)."""
    n = starts.size - 1
    bits = np.zeros((n, (n + 63) // 64), np.uint64)
    for i in range(n):
        for at in range(starts[i], starts[i + 1]):
            bits[i, targets[at] >> 6] |= np.uint64(1) << np.uint64(targets[at] & 63)
    return bits


@kernel
def _open(
    level: int,
    lists: Ints,
    placed: Ints,
    starts: Ints,
    back_starts: Ints,
    link_starts: Ints,
    links: Ints,
    n: int,
) -> None:
    """Choose the list that a level walks."""
    lists[level, 0], lists[level, 1], lists[level, 2] = ALL, 0, n
    shortest = n + 1
    for at in range(link_starts[level], link_starts[level + 1]):
        if links[at, ASKED] != PRESENT:
            continue
        other = placed[links[at, OTHER]]
        if links[at, OUTWARD] == 1:
            begin, end, kind = back_starts[other], back_starts[other + 1], IN
        else:
            begin, end, kind = starts[other], starts[other + 1], OUT
        if end - begin < shortest:
            shortest = end - begin
            lists[level, 0], lists[level, 1], lists[level, 2] = kind, begin, end


@kernel
def _position(row: npt.NDArray[np.int32], begin: int, end: int, wanted: int) -> int:
    """Position of a neuron in a sorted row, or -1."""
    low, high = begin, end
    while low < high:
        middle = (low + high) // 2
        if row[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    if low < end and row[low] == wanted:
        return low
    return -1


@kernel
def _holds(left: int, operator: int, right: int) -> bool:
    """Whether `left operator right`; operators by their place in `OPERATORS`."""
    if operator == 0:
        return left == right
    if operator == 1:
        return left != right
    if operator == 2:
        return left < right
    if operator == 3:
        return left <= right
    if operator == 4:
        return left > right
    return left >= right
