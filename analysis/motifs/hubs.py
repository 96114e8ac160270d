"""Sparse kernel: closed triads, counted while the lists towards hubs are made.

Neurons are numbered by falling degree and taken in this order. A neuron v, whose list of hubs is
complete when its turn comes, marks them. Each later partner u has by then listed its hubs before v:
those w that are marked close a triad, met exactly once. Then v joins the list of u. So a list of d
hubs costs d (d − 1) / 2 look-ups, and lists have at most about √(2m) entries.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.compiled import inlined, kernel, prefetch
from analysis.motifs.lists import AHEAD, LINE, fetch_list
from analysis.motifs.naming import triad_of
from analysis.motifs.triads import CLOSED

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]

LINES = 3  # of a row, fetched before it is needed; the processor foresees what follows
CHUNK = 8  # entries of a list that are looked up together
STATES = 9  # pairs of states of two connected pairs
BITS = 7  # of a counter; nine of them share a word
FULL = 127
NOWHERE = 63  # the bit above the counters, from which a sum runs out of the word


class LaterPartners(NamedTuple):
    """Partners with larger numbers, by the number of a neuron.

    Attributes
    ----------
    target_bounds, targets : int64, shape (n + 1,), and int32
        Those that neuron v is connected to: `targets[target_bounds[v]:target_bounds[v + 1]]`.
    source_starts, source_ends, sources : int64, shapes (n + 1,) and (n,), and int32
        Those that are connected to v: `sources[source_starts[v]:source_ends[v]]`, rising.
    """

    target_bounds: Ints
    targets: Indices
    source_starts: Ints
    source_ends: Ints
    sources: Indices


def places(m: int) -> npt.NDArray[Any]:
    """Return an empty array of the smallest type that holds places among m connections."""
    return np.empty(0, np.uint32 if m < 2**32 else np.int64)


@kernel
def later_partners(
    indptr: Ints, indices: Indices, starts: Ints, number: Indices, order: Indices, kind: Any
) -> tuple[LaterPartners, Ints]:
    """Give every connection to the end with the smaller number.

    Parameters
    ----------
    indptr, indices
        Connections by source.
    starts : int64, shape (n + 1,)
        Bounds of the connections by target (`lists.column_starts`).
    number, order
        Numbers by falling degree, and the neuron of each (`lists.hub_order`).
    kind
        `places`: its type decides how much of what is written at random stays in the cache.

    Returns
    -------
    later : LaterPartners
    bounds : int64, shape (n + 1,)
        Where lists towards hubs begin, with room for every connection, in whole chunks.
    """
    n, m = number.size, indices.size
    slots = np.zeros(2 * n, kind.dtype)  # next place among sources, and size of the list, of each
    source_starts = np.zeros(n + 1, np.int64)
    for v in range(n):
        slots[2 * v] = source_starts[v]
        source_starts[v + 1] = source_starts[v] + starts[order[v] + 1] - starts[order[v]]
    target_bounds, targets = np.zeros(n + 1, np.int64), np.empty(m + 1, np.int32)
    sources = np.empty(m + 1, np.int32)
    kept = 0
    for v in range(n):
        i = order[v]
        if v + AHEAD < n:
            row = indptr[order[v + AHEAD]]
            for line in range(LINES):
                prefetch(indices, min(row + LINE * line, m - 1))
        for k in range(indptr[i], indptr[i + 1]):
            u = np.int64(number[np.uint32(indices[k])])
            later = u > v
            targets[kept] = u  # written always, kept only if u comes after v
            kept += int(later)
            slot = np.uint64(2 * u + later)
            place = np.int64(slots[slot])
            slots[slot] = place + 1
            sources[m if later else place] = v  # the last place takes what is not kept
        target_bounds[v + 1] = kept
        slots[2 * v + 1] += indptr[i + 1] - indptr[i] - (kept - target_bounds[v])
    source_ends, bounds = np.empty(n, np.int64), np.zeros(n + 1, np.int64)
    for v in range(n):
        source_ends[v] = slots[2 * v]
        chunks = (np.int64(slots[2 * v + 1]) + CHUNK - 1) // CHUNK
        bounds[v + 1] = bounds[v] + CHUNK * chunks
    return LaterPartners(target_bounds, targets, source_starts, source_ends, sources), bounds


@kernel
def lookups(bounds: Ints) -> float:
    """Return the most look-ups that lists with these bounds can need."""
    total = 0.0
    for v in range(bounds.size - 1):
        size = float(bounds[v + 1] - bounds[v])
        total += size * (size - 1) / 2
    return total


@inlined
def _gather(
    targets: Indices, sources: Indices, tags: npt.NDArray[np.uint8], lists: Any, partners: Indices
) -> tuple[int, int]:
    """Gather the partners of v that come after it; return how many, and how many are mutual.

    `partners` takes their number << 2 | state of the pair seen from the partner (1 partner → v,
    2 v → partner, 3 mutual). `tags`, of every neuron, is 0 before and after. No branch depends on
    a connection, as it would at every step of merging two sorted lists.
    """
    found, both = 0, 0
    for k in range(sources.size):
        tags[np.uint32(sources[k])] = 1
    for k in range(targets.size):
        u = np.uint32(targets[k])
        prefetch(lists, 2 * np.int64(u))
        partners[found] = (u << 2) | (2 + tags[u])
        found += 1
        both += tags[u]
        tags[u] = 0
    for k in range(sources.size):
        u = np.uint32(sources[k])
        prefetch(lists, 2 * np.int64(u))
        partners[found] = (u << 2) | 1  # kept only if u is no target as well
        found += tags[u]
        tags[u] = 0
    return found, both


@kernel
def _empty(word: Any, counts: Ints) -> None:
    for s in range(STATES):
        counts[s] += (np.uint64(word) >> np.uint64(BITS * s)) & np.uint64(FULL)


@kernel
def histogram(
    indptr: Ints,
    starts: Ints,
    order: Indices,
    later: LaterPartners,
    bounds: Ints,
    kind: Any,
) -> tuple[Ints, Ints]:
    """Count closed triads by the states of their pairs, and dyad degrees on the way.

    Nine counters of seven bits share a word, which is emptied before one can overflow: adding to it
    costs a cycle, adding to a counter in memory several.

    Parameters
    ----------
    indptr, starts
        Bounds of the connections by source and by target.
    order
        The neuron of each number (`lists.hub_order`).
    later, bounds
        Of `later_partners`.
    kind
        `places`.

    Returns
    -------
    counts : int64, shape (4, 9)
        By state of uv (row) and of vw and uw (column), for w before v before u.
    degrees : int64, shape (n, 3)
        One-way out-, one-way in- and mutual degree by number.
    """
    n = order.size
    counts, degrees = np.zeros((4, STATES), np.int64), np.zeros((n, 3), np.int64)
    nobody = 4 * n  # marked by none
    entries = np.full(bounds[n] + CHUNK, nobody, np.int32)  # number of a hub << 2 | state from here
    lists = np.empty(2 * n, kind.dtype)  # begin and end of each
    most = 0
    for v in range(n):
        lists[2 * v], lists[2 * v + 1] = bounds[v], bounds[v]
        sources = later.source_ends[v] - later.source_starts[v]
        most = max(most, later.target_bounds[v + 1] - later.target_bounds[v] + sources)
    partners, tags = np.empty(most + 1, np.int32), np.zeros(n, np.uint8)
    shift = np.full(nobody + 4, NOWHERE, np.uint8)  # by entry: where its counter is in the word
    marks = shift.view(np.uint32)
    nothing = np.uint32(0x01010101 * NOWHERE)
    marked = np.empty(4, np.uint32)
    for vw in range(1, 4):
        first = 3 * BITS * (vw - 1)
        marked[vw] = NOWHERE | first << 8 | (first + BITS) << 16 | (first + 2 * BITS) << 24
    words, room = np.zeros(4, np.uint64), np.full(4, FULL, np.int64)
    for v in range(n):
        if v + AHEAD < n:
            prefetch(later.sources, later.source_starts[v + AHEAD])
            prefetch(later.sources, later.source_starts[v + AHEAD] + LINE)
        targets = later.targets[later.target_bounds[v] : later.target_bounds[v + 1]]
        sources = later.sources[later.source_starts[v] : later.source_ends[v]]
        found, both = _gather(targets, sources, tags, lists, partners)
        for q in range(min(AHEAD, found)):
            _fetch(entries, lists, partners[q] >> 2)
        own, own_end = np.int64(lists[2 * v]), np.int64(lists[2 * v + 1])
        for k in range(own, own_end):
            marks[entries[k] >> 2] = marked[entries[k] & 3]
            both += entries[k] & 3 == 3
        for q in range(found):
            if q + AHEAD < found:
                _fetch(entries, lists, partners[q + AHEAD] >> 2)
            u, state = np.int64(partners[q] >> 2), partners[q] & 3
            place, end = np.int64(lists[2 * u]), np.int64(lists[2 * u + 1])
            word, left = words[state], room[state]
            while end - place > left:
                left -= left % CHUNK
                _empty(_added(word, place, place + left, entries, shift), counts[state])
                place += left
                word, left = np.uint64(0), FULL
            word = _added(word, place, end, entries, shift)
            words[state], room[state] = word, left - (end - place)
            entries[end] = (v << 2) | state
            lists[2 * u + 1] = end + 1
        for k in range(own, own_end):
            marks[entries[k] >> 2] = nothing
        i = order[v]
        degrees[v, 0] = indptr[i + 1] - indptr[i] - both
        degrees[v, 1] = starts[i + 1] - starts[i] - both
        degrees[v, 2] = both
    for state in range(4):
        _empty(words[state], counts[state])
    return counts, degrees


@inlined
def _added(
    word: Any, first: Any, end: Any, entries: Indices, shift: npt.NDArray[np.uint8]
) -> np.uint64:
    """Add to a word what `entries[first:end]` count.

    Whole chunks are added, whose loop is short enough to be foreseen: the last goes beyond the end
    to entries of nobody.
    """
    total = np.uint64(word)
    # Unsigned indices: numba would test signed ones for a wrap-around.
    for chunk in range(np.uint64(first), np.uint64(end), np.uint64(CHUNK)):
        for r in range(np.uint64(CHUNK)):
            total += np.uint64(1) << np.uint64(shift[np.uint32(entries[chunk + r])])
    return total


@inlined
def _fetch(entries: Indices, lists: Any, u: int) -> None:
    """Ask for the list of the neuron with number u."""
    fetch_list(entries, lists[2 * u], lists[2 * u + 1])


def closed_triads(counts: Ints) -> Ints:
    """Return the counts of the closed triads, shape (7,), in the order of `CLOSED`."""
    found = np.zeros(len(CLOSED), np.int64)
    np.add.at(found, _CLASSES, counts[1:].ravel())
    return found


_CLASSES = np.array(
    [CLOSED.index(triad_of(uv, vw, uw)) for uv, vw, uw in product((1, 2, 3), repeat=3)], np.int64
)
