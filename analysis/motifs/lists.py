"""Sparse kernel: closed triads by neighbour lists oriented towards hubs.

Neurons are numbered by falling degree and every pair is kept at the end with the larger number, so
each list has at most about √(2m) entries. For each neuron u its partners are marked; for each
partner v the list of v is run through, and a marked w closes a triad, met exactly once.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt

from analysis.compiled import kernel, prefetch
from analysis.motifs.naming import triad_of
from analysis.motifs.triads import CLOSED

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]

STATES = 9  # pairs of states of two connected pairs
BITS = 7  # of a counter; nine of them share a word
FULL = 127
AHEAD = 4  # lists fetched before they are needed


@kernel
def transpose(indptr: Ints, indices: Indices) -> tuple[Ints, Indices]:
    """Return compressed columns: the sorted sources of every neuron."""
    n = indptr.size - 1
    starts = np.zeros(n + 1, np.int64)
    for k in range(indices.size):
        starts[indices[k] + 1] += 1
    for i in range(n):
        starts[i + 1] += starts[i]
    place = starts[:-1].copy()
    sources = np.empty(indices.size, np.int32)
    for i in range(n):
        for k in range(indptr[i], indptr[i + 1]):
            j = indices[k]
            sources[place[j]] = i
            place[j] += 1
    return starts, sources


@kernel
def dyad_degrees(
    indptr: Ints, indices: Indices, starts: Ints, sources: Indices
) -> tuple[Ints, Ints, Ints]:
    """Return one-way out-, one-way in- and mutual degree of every neuron, each of shape (n,)."""
    n = indptr.size - 1
    only_out, only_in, mutual = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    for i in range(n):
        a, a_end, b, b_end = indptr[i], indptr[i + 1], starts[i], starts[i + 1]
        both = 0
        out_count, in_count = a_end - a, b_end - b
        while a < a_end and b < b_end:
            x, y = indices[a], sources[b]
            both += x == y
            a += x <= y
            b += y <= x
        only_out[i], only_in[i], mutual[i] = out_count - both, in_count - both, both
    return only_out, only_in, mutual


@kernel
def hub_order(indptr: Ints, starts: Ints) -> tuple[Indices, Indices]:
    """Return numbers by falling total degree: of each neuron, and the neuron of each number."""
    n = indptr.size - 1
    largest = 0
    for i in range(n):
        largest = max(largest, indptr[i + 1] - indptr[i] + starts[i + 1] - starts[i])
    first = np.zeros(largest + 2, np.int64)  # a counting sort
    for i in range(n):
        first[largest - (indptr[i + 1] - indptr[i] + starts[i + 1] - starts[i]) + 1] += 1
    for d in range(largest + 1):
        first[d + 1] += first[d]
    number, order = np.empty(n, np.int32), np.empty(n, np.int32)
    for i in range(n):
        d = largest - (indptr[i + 1] - indptr[i] + starts[i + 1] - starts[i])
        number[i] = first[d]
        order[first[d]] = i
        first[d] += 1
    return number, order


@kernel
def orient(
    indptr: Ints,
    indices: Indices,
    starts: Ints,
    sources: Indices,
    number: Indices,
    order: Indices,
) -> tuple[Ints, Indices, Ints]:
    """Make the lists towards hubs, and the dyad degrees on the way.

    Returns
    -------
    begins : int64, shape (n + 1,)
        List of the neuron with number u: `entries[begins[u]:begins[u + 1]]`.
    entries : int32
        Number of the hub << 2 | state of the pair seen from the list's owner: 1 owner → hub,
        2 hub → owner, 3 mutual.
    degrees : int64, shape (3, n)
        One-way out-, one-way in- and mutual degree by neuron.
    """
    n = indptr.size - 1
    begins = np.zeros(n + 1, np.int64)
    entries = np.empty(indices.size + 1, np.int32)  # at most one entry for each connection
    degrees = np.zeros((3, n), np.int64)
    end = 0
    for own in range(n):
        i = order[own]
        a, a_end, b, b_end = indptr[i], indptr[i + 1], starts[i], starts[i + 1]
        both = 0
        out_count, in_count = a_end - a, b_end - b
        while a < a_end or b < b_end:
            x = indices[a] if a < a_end else n
            y = sources[b] if b < b_end else n
            other = min(x, y)
            forth, back = x == other, y == other
            a += forth
            b += back
            both += forth & back
            hub = number[other]
            # Written always, kept only if the partner is the hub of the two.
            entries[end] = (hub << 2) | (forth + 2 * back)
            end += hub < own
        begins[own + 1] = end
        degrees[0, i], degrees[1, i], degrees[2, i] = out_count - both, in_count - both, both
    return begins, entries[:end], degrees


@kernel
def lookups(begins: Ints, entries: Indices) -> int:
    """Return the number of look-ups that `histogram` will make."""
    total = 0
    for k in range(entries.size):
        v = entries[k] >> 2
        total += begins[v + 1] - begins[v]
    return total


@kernel
def histogram(begins: Ints, entries: Indices) -> Ints:
    """Count closed triads by states of uv (row) and of vw and uw (column), shape (4, 9).

    Nine counters of seven bits share a word, which is emptied before one can overflow: adding to it
    costs a cycle, adding to a counter in memory several.
    """
    n = begins.size - 1
    counts = np.zeros((4, STATES), np.int64)
    one = np.zeros(16, np.uint64)  # what a pair of states adds to the word; nothing if uw is empty
    for vw in range(1, 4):
        for uw in range(1, 4):
            one[vw << 2 | uw] = np.uint64(1) << np.uint64(BITS * (3 * (vw - 1) + uw - 1))
    words = np.zeros(4, np.uint64)
    room = np.full(4, FULL, np.int64)
    mark = np.zeros(n, np.uint8)
    for u in range(n):
        begin, end = begins[u], begins[u + 1]
        if end - begin < 2:
            continue
        for k in range(begin, end):
            mark[entries[k] >> 2] = entries[k] & 3
        for k in range(begin, end):
            if k + AHEAD < end:
                prefetch(entries, begins[entries[k + AHEAD] >> 2])
            v, state = entries[k] >> 2, entries[k] & 3
            place, last = begins[v], begins[v + 1]
            word, left = words[state], room[state]
            while place < last:
                if left == 0:
                    for s in range(STATES):
                        counts[state, s] += (word >> np.uint64(BITS * s)) & np.uint64(FULL)
                    word, left = np.uint64(0), FULL
                stop = min(last, place + left)
                left -= stop - place
                # Unsigned indices: numba would test signed ones for a wrap-around.
                for q in range(np.uint64(place), np.uint64(stop)):
                    e = entries[q]
                    word += one[np.uint32((e & 3) << 2 | mark[np.uint32(e >> 2)])]
                place = stop
            words[state], room[state] = word, left
        for k in range(begin, end):
            mark[entries[k] >> 2] = 0
    for state in range(4):
        for s in range(STATES):
            counts[state, s] += (words[state] >> np.uint64(BITS * s)) & np.uint64(FULL)
    return counts


def closed_triads(begins: Ints, entries: Indices) -> Ints:
    """Return the counts of the closed triads, shape (7,), in the order of `CLOSED`."""
    found = np.zeros(len(CLOSED), np.int64)
    np.add.at(found, _CLASSES, histogram(begins, entries)[1:].ravel())
    return found


_CLASSES = np.array(
    [CLOSED.index(triad_of(uv, vw, uw)) for uv, vw, uw in product((1, 2, 3), repeat=3)], np.int64
)
