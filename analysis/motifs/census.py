"""The exact induced census of the 16 triads, by the kernel that suits the circuit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.frame import observable
from analysis.motifs import bits, hubs, lists
from analysis.motifs.tested import tested_census
from analysis.motifs.triads import CLOSED, Wedges, complete

Kernel = Literal["auto", "bitset", "sparse"]
Ints = npt.NDArray[np.int64]
MATRICES = 7
BIT_BYTES = 128 << 20  # the bit matrices should not fall far out of the last cache
CHEAP_WORDS = 60_000_000  # word operations that are not worth counting look-ups
WORD_SECONDS = 2.5e-10  # of a word operation of the dense kernel; in such words:
MATRIX_WORDS = 200  # of a word of the bit matrices, which are made, turned and combined
LOOKUP_WORDS = 4  # of a look-up
LISTED_WORDS = 120  # of a connection that is sorted into lists


def triad_census(circuit: Circuit, *, kernel: Kernel = "auto") -> dict[str, int]:
    """Count the 16 induced triads of a circuit exactly.

    Parameters
    ----------
    circuit : Circuit
    kernel : {"auto", "bitset", "sparse"}, optional
        How the closed triads are counted; the counts are the same.

    Returns
    -------
    dict of str to int
        MAN code → count, in the order of `analysis.motifs.MAN`. Triples are counted whose six
        pairs are all observable, so the counts sum to `circuit.frame.triples`: C(n, 3) where
        every pair is.

    Raises
    ------
    FrameError
        If the frame holds no such triple.
    """
    if kernel not in ("auto", "bitset", "sparse"):
        raise ValueError(f"kernel {kernel!r} is none of auto, bitset, sparse")
    if circuit.frame.tested is not None:
        return tested_census(circuit)
    circuit = observable(circuit)
    n, m = circuit.n, circuit.m
    fits, dense, guess = _fits(n), _matrix_words(n, m), _guessed_words(n, m)
    if kernel == "bitset" or (kernel == "auto" and fits and dense <= min(guess, CHEAP_WORDS)):
        return _by_bits(circuit)
    starts = lists.column_starts(circuit.indices, n)
    number, order = lists.hub_order(circuit.indptr, starts)
    kind = hubs.places(m)
    later, bounds = hubs.later_partners(
        circuit.indptr, circuit.indices, starts, number, order, kind
    )
    if kernel == "auto" and fits and dense < _list_words(m, hubs.lookups(bounds)):
        return _by_bits(circuit)
    counts, degrees = hubs.histogram(circuit.indptr, starts, order, later, bounds, kind)
    return _census(hubs.closed_triads(counts).tolist(), *degrees.T)


def census_seconds(n: int, m: int) -> float:
    """Estimate the seconds of a census of n neurons and m connections, one thread."""
    guess = _guessed_words(n, m)
    return WORD_SECONDS * (min(guess, _matrix_words(n, m)) if _fits(n) else guess)


def _fits(n: int) -> bool:
    return MATRICES * n * n // 8 <= BIT_BYTES


def _matrix_words(n: int, m: int) -> float:
    return m * n / 64 + MATRIX_WORDS * n * n / 64


def _guessed_words(n: int, m: int) -> float:
    """Cost of the sparse kernel, as if all neurons had partners alike."""
    return _list_words(m, m * m / max(2 * n, 1))


def _list_words(m: int, lookups: float) -> float:
    return LOOKUP_WORDS * lookups + LISTED_WORDS * m


def _by_bits(circuit: Circuit) -> dict[str, int]:
    rows = bits.pack(circuit.indptr, circuit.indices)
    return _census(bits.closed_triads(*rows), *(bits.degrees(kind) for kind in rows))


def _census(closed: Sequence[int], o: Ints, i: Ints, m: Ints) -> dict[str, int]:
    """Complete the census from closed triads and one-way out-, one-way in- and mutual degrees."""

    def pairs(d: Ints) -> int:
        return int((d * (d - 1) // 2).sum())

    wedges = Wedges(pairs(o), pairs(i), pairs(m), int(o @ i), int(i @ m), int(o @ m))
    counts = {code: int(count) for code, count in zip(CLOSED, closed, strict=True)}
    return complete(counts, wedges, int(o.sum()), int(m.sum()) // 2, o.size)
