"""Neighbour lists: by target, with dyad degrees, and oriented towards hubs.

Neurons are numbered by falling degree and every pair is kept at the end with the larger number, so
each list towards hubs has at most about √(2m) entries.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.compiled import kernel, prefetch

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]

AHEAD = 8  # lists fetched before they are needed
LINE = 16  # entries of a cache line


@kernel
def column_starts(indices: Indices, n: int) -> Ints:
    """Return where the sources of every neuron begin in compressed columns, shape (n + 1,)."""
    starts = np.zeros(n + 1, np.int64)
    for k in range(indices.size):
        starts[indices[k] + 1] += 1
    for i in range(n):
        starts[i + 1] += starts[i]
    return starts


@kernel
def transpose(indptr: Ints, indices: Indices) -> tuple[Ints, Indices]:
    """Return compressed columns: the sorted sources of every neuron."""
    n = indptr.size - 1
    starts = column_starts(indices, n)
    place = starts[:-1].copy()
    sources = np.empty(indices.size, np.int32)
    for i in range(n):
        for k in range(indptr[i], indptr[i + 1]):
            j = indices[k]
            sources[place[j]] = i
            place[j] += 1
    return starts, sources


@kernel
def next_partner(
    outgoing: Indices, a: int, a_end: int, incoming: Indices, b: int, b_end: int
) -> tuple[int, bool, bool]:
    """Merge two sorted lists: return the next partner, and whether it is a target and a source.

    `outgoing[a:a_end]` and `incoming[b:b_end]` are what is left; not both are empty.
    """
    none = np.iinfo(np.int32).max
    x = outgoing[a] if a < a_end else none
    y = incoming[b] if b < b_end else none
    return min(x, y), x <= y, y <= x


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
) -> tuple[Ints, Indices]:
    """Make the lists towards hubs.

    Returns
    -------
    begins : int64, shape (n + 1,)
        List of the neuron with number u: `entries[begins[u]:begins[u + 1]]`.
    entries : int32
        Number of the hub << 2 | state of the pair seen from the list's owner: 1 owner → hub,
        2 hub → owner, 3 mutual.
    """
    n = indptr.size - 1
    begins = np.zeros(n + 1, np.int64)
    entries = np.empty(indices.size + 1, np.int32)  # at most one entry for each connection
    end = 0
    for own in range(n):
        i = order[own]
        a, a_end, b, b_end = indptr[i], indptr[i + 1], starts[i], starts[i + 1]
        while a < a_end or b < b_end:
            other, forth, back = next_partner(indices, a, a_end, sources, b, b_end)
            a += forth
            b += back
            hub = number[other]
            # Written always, kept only if the partner is the hub of the two.
            entries[end] = (hub << 2) | (forth + 2 * back)
            end += hub < own
        begins[own + 1] = end
    return begins, entries[:end]


@kernel
def fetch_list(entries: Indices, place: int, end: int) -> None:
    """Ask for a list before it is needed: most are too short for the processor to foresee."""
    prefetch(entries, place)
    prefetch(entries, min(place + LINE, end))
    place += 2 * LINE
    while place < end:
        prefetch(entries, place)
        place += LINE
    prefetch(entries, end)
