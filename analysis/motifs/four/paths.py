"""4-cycles as pairs of paths of two steps between the same two neurons, from lists of partners.

Every neuron w has nine counters of the paths v – u – w met so far from one neuron v, by the states
of vu and uw. A path more is paired with all of them. Most counters are not in the cache when a path
comes to them. So they are listed, to be cleared without going all paths again, and lists of
partners are fetched ahead.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.compiled import inlined, prefetch
from analysis.motifs.four.cliques import TURN
from analysis.motifs.four.vectors import add_counters
from analysis.motifs.lists import AHEAD, LINE

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Places = npt.NDArray[np.uint32]
States = npt.NDArray[np.uint8]
Counters = npt.NDArray[np.uint16]

WIDTH = 16  # counters of a neuron: nine, padded to half a cache line
MOST_PATHS = 1 << 16  # with counters of 16 bits, that totals of 32 bits can take
LINES = 4  # of a list of partners, fetched before they are needed


@inlined
def pair_paths(
    v: int,
    last: int,
    limit: int,
    starts: Ints,
    partners: Indices,
    states: States,
    seen: Counters,
    totals: Places,
    touched: Places,
    found: Ints,
) -> None:
    """Count pairs of paths v – u – w and v – u' – w, u' before u.

    Parameters
    ----------
    v : int
    last : int
        Where the partners u of v that are looked at end.
    limit : int
        Neurons w before it are looked at, but for v itself.
    starts, partners, states
        Lists of partners, rising (`build.Dyads`).
    seen : uint16, shape (n, WIDTH)
        Counters, 0 before and after.
    totals : uint32, shape (3, 4, WIDTH)
        By state of vu and of uw, 0 before and after.
    touched : uint32, at least one more than there are partners
        For the neurons whose counters are not 0.
    found : int64, shape (9, WIDTH)
        Added to: pairs by the kinds of the second and of the first path.
    """
    seen_at, totals_at = np.uint64(seen.ctypes.data), np.uint64(totals.ctypes.data)
    paths, pending = 0, 0
    for e in range(starts[v], last):
        if e + AHEAD < last:
            _fetch_partners(starts[partners[e + AHEAD]], partners, states)
        u, kind = partners[e], np.int64(states[e]) - 1
        if pending + starts[u + 1] - starts[u] > MOST_PATHS:
            _empty(totals, found)
            pending = 0
        of_kind = totals_at + np.uint64(kind) * np.uint64(4 * 4 * WIDTH)
        before = paths
        for f in range(np.uint64(starts[u]), np.uint64(starts[u + 1])):
            w = np.uint64(np.uint32(partners[f]))
            if w >= np.uint64(limit):
                break
            if w == np.uint64(v):
                continue
            state = np.uint64(TURN[states[f]])
            add_counters(of_kind + state * np.uint64(4 * WIDTH), seen_at + w * np.uint64(2 * WIDTH))
            seen[w, np.uint64(3 * kind) + state - np.uint64(1)] += np.uint16(1)
            touched[np.uint64(paths)] = w
            paths += 1
        pending += paths - before
    if paths > limit:
        seen[:limit] = 0
    else:
        for t in range(np.uint64(paths)):
            seen[np.uint64(touched[t])] = 0
    if paths:
        _empty(totals, found)


@inlined
def _fetch_partners(first: int, partners: Indices, states: States) -> None:
    """Ask for the partners that begin at `first`; more than these the processor foresees."""
    for line in range(LINES):
        prefetch(partners, first + LINE * line)
    prefetch(states, first)
    prefetch(states, first + LINE * LINES)


@inlined
def _empty(totals: Places, found: Ints) -> None:
    """Move 32-bit totals to `found`."""
    for kind in range(3):
        for state in range(1, 4):
            for r in range(9):
                found[3 * kind + state - 1, r] += totals[kind, state, r]
    totals[:] = 0
