"""Sparse kernel: closed triads, counted while the lists towards hubs are made.

Neurons are numbered by falling degree and taken in this order. A neuron v, whose list of hubs is
complete when its turn comes, marks them. Each later partner u has by then listed its hubs before v:
those w that are marked close a triad, met exactly once. Then v joins the list of u. So a list of d
hubs costs d (d − 1) / 2 look-ups, and lists have at most about √(2m) entries.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt

from analysis.compiled import kernel, prefetch
from analysis.motifs.lists import AHEAD, fetch_list, next_partner
from analysis.motifs.naming import triad_of
from analysis.motifs.triads import CLOSED

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]

STATES = 9  # pairs of states of two connected pairs
BITS = 7  # of a counter; nine of them share a word
FULL = 127
NOWHERE = 63  # the bit above the counters, from which a sum runs out of the word


@kernel
def list_bounds(indptr: Ints, indices: Indices, number: Indices) -> Ints:
    """Return where lists towards hubs begin, shape (n + 1,), with room for every connection."""
    n = indptr.size - 1
    bounds = np.zeros(n + 1, np.int64)
    for i in range(n):
        own = number[i]
        for k in range(indptr[i], indptr[i + 1]):
            bounds[max(own, number[indices[k]]) + 1] += 1
    for v in range(n):
        bounds[v + 1] += bounds[v]
    return bounds


@kernel
def lookups(bounds: Ints) -> float:
    """Return the most look-ups that lists with these bounds can need."""
    total = 0.0
    for v in range(bounds.size - 1):
        size = float(bounds[v + 1] - bounds[v])
        total += size * (size - 1) / 2
    return total


@kernel
def _later(
    v: int,
    outgoing: Indices,
    incoming: Indices,
    number: Indices,
    lists: Ints,
    later: Indices,
    degrees: Ints,
) -> int:
    """Gather the partners of the neuron with number v that come after it; return how many.

    `later` takes their number << 2 | state of the pair seen from the partner (1 partner → v,
    2 v → partner, 3 mutual), `degrees` the one-way out-, one-way in- and mutual degree of v.
    """
    found, both, a, b = 0, 0, 0, 0
    while a < outgoing.size or b < incoming.size:
        other, forth, back = next_partner(outgoing, a, outgoing.size, incoming, b, incoming.size)
        a += forth
        b += back
        both += forth & back
        u = number[other]
        prefetch(lists, 2 * np.int64(u))
        later[found] = (u << 2) | (back + 2 * forth)  # kept only if u comes after v
        found += u > v
    degrees[0], degrees[1], degrees[2] = outgoing.size - both, incoming.size - both, both
    return found


@kernel
def _empty(word: int, counts: Ints) -> None:
    for s in range(STATES):
        counts[s] += (np.uint64(word) >> np.uint64(BITS * s)) & np.uint64(FULL)


@kernel
def histogram(
    indptr: Ints,
    indices: Indices,
    starts: Ints,
    sources: Indices,
    number: Indices,
    order: Indices,
    bounds: Ints,
) -> tuple[Ints, Ints]:
    """Count closed triads by the states of their pairs, and dyad degrees on the way.

    Nine counters of seven bits share a word, which is emptied before one can overflow: adding to it
    costs a cycle, adding to a counter in memory several.

    Parameters
    ----------
    indptr, indices, starts, sources
        Connections by source and by target (`lists.transpose`).
    number, order
        Numbers by falling degree, and the neuron of each (`lists.hub_order`).
    bounds
        Of `list_bounds`.

    Returns
    -------
    counts : int64, shape (4, 9)
        By state of uv (row) and of vw and uw (column), for w before v before u.
    degrees : int64, shape (n, 3)
        One-way out-, one-way in- and mutual degree by number.
    """
    n = number.size
    counts, degrees = np.zeros((4, STATES), np.int64), np.zeros((n, 3), np.int64)
    entries = np.empty(indices.size + 1, np.int32)  # number of a hub << 2 | state seen from here
    lists = np.empty(2 * n, np.int64)  # begin and end of each
    most = 0
    for v in range(n):
        lists[2 * v], lists[2 * v + 1] = bounds[v], bounds[v]
        most = max(most, indptr[v + 1] - indptr[v] + starts[v + 1] - starts[v])
    later = np.empty(most + 1, np.int32)
    shift = np.full(4 * n, NOWHERE, np.uint8)  # by entry: where its counter is in the word
    marks = shift.view(np.uint32)
    nothing = np.uint32(0x01010101 * NOWHERE)
    marked = np.empty(4, np.uint32)
    for vw in range(1, 4):
        first = 3 * BITS * (vw - 1)
        marked[vw] = NOWHERE | first << 8 | (first + BITS) << 16 | (first + 2 * BITS) << 24
    words, room = np.zeros(4, np.uint64), np.full(4, FULL, np.int64)
    for v in range(n):
        i = order[v]
        outgoing, incoming = indices[indptr[i] : indptr[i + 1]], sources[starts[i] : starts[i + 1]]
        found = _later(v, outgoing, incoming, number, lists, later, degrees[v])
        for q in range(min(AHEAD, found)):
            u = np.int64(later[q] >> 2)
            fetch_list(entries, lists[2 * u], lists[2 * u + 1])
        own, own_end = lists[2 * v], lists[2 * v + 1]
        for k in range(own, own_end):
            marks[entries[k] >> 2] = marked[entries[k] & 3]
        for q in range(found):
            if q + AHEAD < found:
                u = np.int64(later[q + AHEAD] >> 2)
                fetch_list(entries, lists[2 * u], lists[2 * u + 1])
            u, state = np.int64(later[q] >> 2), later[q] & 3
            place, end = lists[2 * u], lists[2 * u + 1]
            word, left = words[state], room[state]
            while end - place > left:
                # Unsigned indices: numba would test signed ones for a wrap-around.
                for r in range(np.uint64(place), np.uint64(place + left)):
                    word += np.uint64(1) << np.uint64(shift[np.uint32(entries[r])])
                place += left
                _empty(word, counts[state])
                word, left = np.uint64(0), FULL
            for r in range(np.uint64(place), np.uint64(end)):
                word += np.uint64(1) << np.uint64(shift[np.uint32(entries[r])])
            words[state], room[state] = word, left - (end - place)
            entries[end] = (v << 2) | state
            lists[2 * u + 1] = end + 1
        for k in range(own, own_end):
            marks[entries[k] >> 2] = nothing
    for state in range(4):
        _empty(words[state], counts[state])
    return counts, degrees


def closed_triads(counts: Ints) -> Ints:
    """Return the counts of the closed triads, shape (7,), in the order of `CLOSED`."""
    found = np.zeros(len(CLOSED), np.int64)
    np.add.at(found, _CLASSES, counts[1:].ravel())
    return found


_CLASSES = np.array(
    [CLOSED.index(triad_of(uv, vw, uw)) for uv, vw, uw in product((1, 2, 3), repeat=3)], np.int64
)
