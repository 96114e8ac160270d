"""Dense kernel: closed triads by population counts of bit rows.

Bit matrices hold one-way outputs, one-way inputs and mutual partners. For each connected pair the
common neighbours of a kind are the bits that two rows share, and each triad is counted where that
is cheapest: triads of one-way pairs and 300 at their first neurons, so that only later ones are
looked at, the others at their mutual pair.

Matrices are stored in blocks of 512 columns, [block, neuron, word]: the rows of one block stay in
the second cache while all pairs are run through. The last row of each block is empty; lists of
partners are padded with it to whole groups.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.compiled import inlined, kernel, popcount, trailing_zeros
from analysis.motifs.vectors import GROUP, WORDS, shared_bits

Words = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]

BLOCK = 64 * WORDS
ROW_BYTES = np.uint64(8 * WORDS)
PLACE_BYTES = np.uint64(4)
ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


@kernel
def pack(indptr: Ints, indices: npt.NDArray[np.int32]) -> tuple[Words, Words, Words]:
    """Return bit rows of one-way outputs, one-way inputs and mutual partners.

    Each of shape (blocks, n + 1, `WORDS`); the circuit has no self-connections.
    """
    n = indptr.size - 1
    blocks = (n + BLOCK - 1) // BLOCK
    outgoing = np.zeros((blocks, n + 1, WORDS), np.uint64)
    for i in range(n):
        for k in range(indptr[i], indptr[i + 1]):
            j = np.uint64(indices[k])
            word = j >> np.uint64(6)
            outgoing[word // np.uint64(WORDS), i, word % np.uint64(WORDS)] |= np.uint64(1) << (
                j & np.uint64(63)
            )
    incoming = _transposed(outgoing)
    mutual = outgoing & incoming
    return outgoing ^ mutual, incoming ^ mutual, mutual


@kernel
def _transposed(rows: Words) -> Words:
    """Transpose a blocked bit matrix by squares of 64 × 64 bits."""
    n = rows.shape[1] - 1
    turned = np.zeros_like(rows)
    square = np.zeros(64, np.uint64)
    words = (n + 63) // 64
    for up in range(words):
        high = min(64, n - 64 * up)
        for across in range(words):
            some = np.uint64(0)
            for r in range(high):
                square[r] = rows[across // WORDS, 64 * up + r, across % WORDS]
                some |= square[r]
            square[high:] = 0
            if some == 0:
                continue
            # Swap ever smaller off-diagonal quarters.
            half, mask = np.uint64(32), np.uint64(0xFFFF_FFFF)
            while half:
                k = np.uint64(0)
                while k < np.uint64(64):
                    change = ((square[k] >> half) ^ square[k + half]) & mask
                    square[k] ^= change << half
                    square[k + half] ^= change
                    k = ((k | half) + np.uint64(1)) & ~half
                half >>= np.uint64(1)
                mask ^= mask << half
            for r in range(min(64, n - 64 * across)):
                turned[up // WORDS, 64 * across + r, up % WORDS] = square[r]
    return turned


@kernel
def degrees(rows: Words) -> Ints:
    """Return the number of bits of each row, shape (n,)."""
    blocks, n = rows.shape[0], rows.shape[1] - 1
    counts = np.zeros(n, np.int64)
    for b in range(blocks):
        for i in range(n):
            total = 0
            for w in range(WORDS):
                total += popcount(rows[b, i, w])
            counts[i] += total
    return counts


@kernel
def upper(rows: Words) -> Words:
    """Return the rows without the bits of neurons up to their own."""
    kept = np.zeros_like(rows)
    for i in range(rows.shape[1] - 1):
        for word in range(i >> 6, rows.shape[0] * WORDS):
            beyond = i + 1 - (word << 6)
            mask = ALL
            if beyond > 0:
                mask = ALL << np.uint64(beyond) if beyond < 64 else np.uint64(0)
            b, w = word // WORDS, word % WORDS
            kept[b, i, w] = rows[b, i, w] & mask
    return kept


@inlined
def list_bits(bits: Any, first: Any, places: Places, end: Any) -> Any:
    """Write the places of the bits of a word from place `end` of a list on; return the new end.

    The first bit is place `first`. Up to three places beyond the end are written over.
    """
    following = end + np.uint64(popcount(bits))
    # Four at a time: a loop of known length is foreseen.
    while end < following:
        for step in range(np.uint64(4)):
            places[end + step] = first + np.uint64(trailing_zeros(bits))
            bits &= bits - np.uint64(1)
        end += np.uint64(4)
    return following


@kernel
def listed(rows: Words) -> tuple[Ints, Places]:
    """Return the bits of each row as lists, padded to whole groups.

    Returns
    -------
    starts : int64, shape (n + 1,)
        In groups.
    places : uint32
        Rising, then n, the empty row.
    """
    n = rows.shape[1] - 1
    starts = np.zeros(n + 1, np.int64)
    counts = degrees(rows)
    for i in range(n):
        starts[i + 1] = starts[i] + (counts[i] + GROUP - 1) // GROUP
    places = np.empty(starts[n] * GROUP + 4, np.uint32)
    for i in range(n):
        end = np.uint64(starts[i] * GROUP)
        for word in range(rows.shape[0] * WORDS):
            bits = rows[word // WORDS, i, word % WORDS]
            end = list_bits(bits, np.uint64(word << 6), places, end)
        for place in range(end, np.uint64(starts[i + 1] * GROUP)):
            places[place] = n
    return starts, places


@kernel
def common(rows: Words, others: Words, starts: Ints, places: Places, others_upper: bool) -> int:
    """Sum, over pairs (i, p) of the lists, of the bits that `rows` of i and `others` of p share.

    With `others_upper`, `others` come from `upper` and lists need not be followed beyond the block.
    """
    n = rows.shape[1] - 1
    ends = starts[:-1].copy() if others_upper else starts[1:].copy()
    total = 0
    for b in range(rows.shape[0]):
        first = np.uint64(b * (n + 1)) * ROW_BYTES
        for i in range(n):
            some = np.uint64(0)
            for w in range(WORDS):
                some |= rows[b, i, w]
            if some == 0:
                continue
            while ends[i] < starts[i + 1] and places[ends[i] * GROUP] < (b + 1) * BLOCK:
                ends[i] += 1
            total += shared_bits(
                np.uint64(rows.ctypes.data) + first + np.uint64(i) * ROW_BYTES,
                np.uint64(others.ctypes.data) + first,
                np.uint64(places.ctypes.data) + np.uint64(starts[i] * GROUP) * PLACE_BYTES,
                ends[i] - starts[i],
            )
    # Mentioned after the last use of their addresses: numba frees what is no longer needed.
    return total if rows.size and others.size and places.size else 0


def closed_triads(outgoing: Words, incoming: Words, mutual: Words) -> list[int]:
    """Return the counts of the closed triads in the order of `CLOSED`."""
    one_way = outgoing | incoming
    partners = one_way | mutual
    mutual_up = upper(mutual)
    pairs = listed(mutual_up)
    cyclic = common(upper(incoming), outgoing, *listed(upper(outgoing)), False)
    one_way_up = upper(one_way)
    transitive = common(one_way, one_way_up, *listed(one_way_up), True) - cyclic
    complete = common(mutual, mutual_up, *pairs, True)
    down = common(incoming, incoming, *pairs, False)
    up = common(outgoing, outgoing, *pairs, False)
    chain = common(one_way, one_way, *pairs, False) - down - up
    # Of the mutual pairs of a 210 there are two, of a 300 three.
    all_kinds = common(partners, partners, *pairs, False)
    two_ten = (all_kinds - down - up - chain - 3 * complete) // 2
    return [transitive, cyclic, down, up, chain, two_ten, complete]
