"""Single moves on a graph held in bits; the chains of `analysis.nulls.hard` are made of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.compiled import kernel

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]
ONE = np.uint64(1)


@kernel
def linked(bits: Words, a: int, b: int) -> bool:
    """Whether a → b is there."""
    return bool((bits[a, b >> 6] >> np.uint64(b & 63)) & ONE)


@kernel
def flip(bits: Words, a: int, b: int) -> None:
    """Set a → b, or take it away."""
    bits[a, b >> 6] ^= ONE << np.uint64(b & 63)


@kernel
def reverse_cycle(
    targets: Places, starts: Ints, bits: Words, first: int, a: int, b: int, c: int
) -> int:
    """Turn a → b → c → a into a → c → b → a if all three pairs are one-way; 1 if turned."""
    if not turn_cycle(bits, a, b, c):
        return 0
    targets[first] = c
    targets[position(targets, starts, b, c)] = a
    targets[position(targets, starts, c, a)] = b
    return 1


@kernel
def turn_cycle(bits: Words, a: int, b: int, c: int) -> bool:
    """Turn a → b → c → a round in the bits if a → b is there and all three pairs are one-way."""
    if c == a or c == b:  # noqa: SIM109 - their types differ
        return False
    if not linked(bits, b, c) or not linked(bits, c, a):
        return False
    if linked(bits, b, a) or linked(bits, c, b) or linked(bits, a, c):
        return False
    flip(bits, a, b)
    flip(bits, b, c)
    flip(bits, c, a)
    flip(bits, a, c)
    flip(bits, c, b)
    flip(bits, b, a)
    return True


@kernel
def position(targets: Places, starts: Ints, source: int, target: int) -> int:
    """Return where source → target stands in the list; it is there."""
    place = starts[source]
    while targets[place] != target:
        place += 1
    return int(place)
