"""Closed triads by the classes of their neurons, by population counts of bit rows.

Bit rows are those of the plain census, but that every class has words of its own: what two rows
share is kept word by word, which tells the class of the third neuron. Partners are listed class by
class. Triads that are their own mirror image are counted once, and turned around in the tables.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, popcount
from analysis.motifs import bits
from analysis.motifs.vectors import FEW, WORDS, add_shared_bits

Ints = npt.NDArray[np.int64]


def closed_by_bits(circuit: Circuit, classes: Ints, k: int) -> tuple[dict[str, Ints], list[Ints]]:
    """Count closed triads by class.

    Parameters
    ----------
    circuit : Circuit
    classes : int64, shape (n,)
        Class of every neuron, 0 … k − 1.
    k : int

    Returns
    -------
    tables : dict
        MAN code → int64, shape (k, k, k), by the classes of the places of the drawing; an instance
        stands once for every symmetry of its triad.
    degrees : list of int64, shape (n, k)
        One-way out-, one-way in- and mutual degrees towards every class.
    """
    sizes = np.bincount(classes, minlength=k)
    first = np.concatenate([[0], np.cumsum((sizes + 63) // 64)]).astype(np.int64)
    order = np.argsort(classes, kind="stable")
    rank = np.empty(circuit.n, np.int64)
    rank[order] = np.arange(circuit.n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    place = 64 * first[classes] + rank
    rows = bits.pack(*_placed(circuit.indptr, circuit.indices, place, 64 * int(first[-1])))
    outgoing, incoming, mutual = rows
    outgoing_up, mutual_up = bits.upper(outgoing), bits.upper(mutual)
    forth, both = _listed(outgoing, first), _listed(mutual, first)
    forth_up, both_up = _listed(outgoing_up, first), _listed(mutual_up, first)

    def shared(listed: tuple[Ints, bits.Places], mine: bits.Words, theirs: bits.Words) -> Ints:
        words = _common(mine, theirs, *listed, first)[:, :, : first[-1]]
        empty = np.zeros((k, k, 1), np.int64)
        sums = np.concatenate([empty, words.cumsum(2)], axis=2)[:, :, first]
        return np.diff(sums, axis=2)

    # Axes are (i, p, third); what is third in the pass may have another place in the drawing.
    cyclic = shared(forth_up, bits.upper(incoming), outgoing)  # at the first of the three
    down, up = shared(both_up, incoming, incoming), shared(both_up, outgoing, outgoing)
    complete = shared(both_up, mutual, mutual_up)  # in rising order
    tables = {
        "030T": shared(forth, outgoing, outgoing),  # A → B, third C
        "030C": cyclic + cyclic.transpose(1, 2, 0) + cyclic.transpose(2, 0, 1),
        "120D": (down + down.transpose(1, 0, 2)).transpose(0, 2, 1),  # A ↔ C, third B
        "120U": (up + up.transpose(1, 0, 2)).transpose(0, 2, 1),
        "120C": shared(both, outgoing, incoming).transpose(0, 2, 1),
        "210": shared(both, outgoing, mutual).transpose(0, 2, 1),
        "300": np.add.reduce([complete.transpose(p) for p in permutations(range(3))]),
    }
    return tables, [_toward(kind, place, first) for kind in rows]


@kernel
def _placed(
    indptr: Ints, indices: npt.NDArray[np.int32], place: Ints, size: int
) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Renumber a circuit into `size` places, some of which may be empty."""
    starts = np.zeros(size + 1, np.int64)
    for i in range(place.size):
        starts[place[i] + 1] = indptr[i + 1] - indptr[i]
    for p in range(size):
        starts[p + 1] += starts[p]
    moved = np.empty(indices.size, np.int32)
    for i in range(place.size):
        at = starts[place[i]]
        for q in range(indptr[i], indptr[i + 1]):
            moved[at + q - indptr[i]] = place[indices[q]]
    return starts, moved


@kernel
def _toward(rows: bits.Words, place: Ints, first: Ints) -> Ints:
    """Bits of each neuron's row by class, shape (n, k)."""
    counts = np.zeros((place.size, first.size - 1), np.int64)
    for i in range(place.size):
        for c in range(first.size - 1):
            for word in range(first[c], first[c + 1]):
                counts[i, c] += popcount(rows[word // WORDS, place[i], word % WORDS])
    return counts


@kernel
def _listed(rows: bits.Words, first: Ints) -> tuple[Ints, bits.Places]:
    """Return the bits of each row by class as lists, padded to whole groups of `FEW`.

    Returns
    -------
    starts : int64, shape (n · k + 1,)
        In groups, by row and class.
    places : uint32
        Rising, then n, the empty row.
    """
    n, k = rows.shape[1] - 1, first.size - 1
    starts = np.zeros(n * k + 1, np.int64)
    for i in range(n):
        for c in range(k):
            number = 0
            for word in range(first[c], first[c + 1]):
                number += popcount(rows[word // WORDS, i, word % WORDS])
            starts[i * k + c + 1] = starts[i * k + c] + (number + FEW - 1) // FEW
    places = np.empty((starts[n * k] + 1) * FEW, np.uint32)
    for i in range(n):
        for c in range(k):
            end = np.uint64(starts[i * k + c] * FEW)
            for word in range(first[c], first[c + 1]):
                left = rows[word // WORDS, i, word % WORDS]
                end = bits.list_bits(left, np.uint64(word << 6), places, end)
            for unused in range(end, np.uint64(starts[i * k + c + 1] * FEW)):
                places[unused] = n
    return starts, places


@kernel
def _common(
    rows: bits.Words, others: bits.Words, starts: Ints, places: bits.Places, first: Ints
) -> Ints:
    """Sum the bits that `rows` of i and `others` of p share.

    Returns
    -------
    int64, shape (k, k, words)
        By the classes of i and of p and the word of the bit.
    """
    n, k, blocks = rows.shape[1] - 1, first.size - 1, rows.shape[0]
    sums = np.zeros((k, k, blocks * WORDS), np.int64)
    for b in range(blocks):
        block = np.uint64(b * (n + 1)) * bits.ROW_BYTES
        for of_i in range(k):
            for i in range(64 * first[of_i], 64 * first[of_i + 1]):
                some = np.uint64(0)
                for w in range(WORDS):
                    some |= rows[b, i, w]
                if some == 0:
                    continue
                for c in range(k):
                    begin, end = starts[i * k + c], starts[i * k + c + 1]
                    if begin == end:
                        continue
                    at = np.uint64(((of_i * k + c) * blocks + b) * WORDS) * np.uint64(8)
                    add_shared_bits(
                        np.uint64(rows.ctypes.data) + block + np.uint64(i) * bits.ROW_BYTES,
                        np.uint64(others.ctypes.data) + block,
                        np.uint64(places.ctypes.data) + np.uint64(begin * FEW) * bits.PLACE_BYTES,
                        end - begin,
                        np.uint64(sums.ctypes.data) + at,
                    )
    # Mentioned after the last use of their addresses: numba frees what is no longer needed.
    return sums if rows.size and others.size and places.size else np.zeros_like(sums)
