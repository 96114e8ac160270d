"""Global curveball: neurons trade targets in pairs, so that every out- and in-degree stays.

In a round all neurons are paired at random. The targets that only one of two has, neither being
one of the two, are dealt anew between them, each keeping its number (Strona et al. 2014, DOI
10.1038/ncomms5114; of global rounds: Carstens et al. 2018, arXiv:1804.08487). Rows are bits, so a
trade deals 64 targets at a time: random words whose bits are set about as often as wanted, then
single bits, drawn uniformly, set or unset until the number is right. By symmetry every deal is
equally likely.

Trades cannot turn a lone directed 3-cycle round; that is tried at random places besides.
"""

from __future__ import annotations

import numpy as np

from analysis.compiled import kernel, popcount, trailing_zeros
from analysis.nulls.stream import State, below, next_word
from analysis.nulls.switches import ONE, Words, turn_cycle

STEPS = 5  # binary digits of the share of bits that a random word has set


@kernel
def trade_targets(bits: Words, trades: int, state: State) -> int:
    """Make trades in rounds, and as many attempts to turn a 3-cycle; count connections that moved.

    Parameters
    ----------
    bits : uint64, shape (n, words)
        Rows of targets; changed.
    trades : int
        The last round may be cut short.
    state : State
        Random numbers.
    """
    n = bits.shape[0]
    order = np.arange(n)
    dealt, free = np.zeros(bits.shape[1], np.uint64), np.zeros(bits.shape[1], np.uint64)
    moved, made = 0, 0
    while made < trades:
        for last in range(n - 1, 0, -1):
            other = below(state, last + 1)
            order[last], order[other] = order[other], order[last]
        for pair in range(min(n // 2, trades - made)):
            moved += _trade(bits, order[2 * pair], order[2 * pair + 1], dealt, free, state)
            moved += _turn_cycle(bits, below(state, n), state)
            moved += _turn_cycle(bits, below(state, n), state)
        made += n // 2
    return moved


@kernel
def _trade(bits: Words, i: int, j: int, dealt: Words, free: Words, state: State) -> int:
    """Deal the targets that only one of i and j has; `dealt` and `free` are room for a row."""
    one, other = bits[i], bits[j]
    total, wanted = 0, 0
    for w in range(free.size):
        free[w] = one[w] ^ other[w]
    # Neither may connect to itself: the two are no goods.
    free[i >> 6] &= ~(ONE << np.uint64(i & 63))
    free[j >> 6] &= ~(ONE << np.uint64(j & 63))
    for w in range(free.size):
        total += popcount(free[w])
        wanted += popcount(free[w] & one[w])
    if wanted in (0, total):
        return 0
    level = min(max((wanted * (1 << STEPS) + total // 2) // total, 1), (1 << STEPS) - 1)
    held = 0
    for w in range(free.size):
        dealt[w] = _random_bits(level, state) & free[w] if free[w] else np.uint64(0)
        held += popcount(dealt[w])
    while held > wanted:
        _flip_one(dealt, free, True, below(state, held))
        held -= 1
    while held < wanted:
        _flip_one(dealt, free, False, below(state, total - held))
        held += 1
    moved = 0
    for w in range(free.size):
        moved += popcount(dealt[w] & ~one[w])
        one[w] = (one[w] & ~free[w]) | dealt[w]
        other[w] = (other[w] & ~free[w]) | (free[w] ^ dealt[w])
    return 2 * moved


@kernel
def _random_bits(level: int, state: State) -> np.uint64:
    """Draw 64 bits, each set with probability level / 2^`STEPS`."""
    word = np.uint64(0)
    for step in range(trailing_zeros(np.uint64(level)), STEPS):
        if (level >> step) & 1:
            word |= next_word(state)
        else:
            word &= next_word(state)
    return word


@kernel
def _flip_one(dealt: Words, free: Words, held: bool, rank: int) -> None:
    """Flip the bit of `dealt` that has this rank among those of `free` that are set, or are not."""
    w = 0
    while True:
        these = dealt[w] if held else free[w] ^ dealt[w]
        count = popcount(these)
        if rank < count:
            break
        rank -= count
        w += 1
    for _ in range(rank):
        these &= these - ONE
    dealt[w] ^= these & (~these + ONE)


@kernel
def _turn_cycle(bits: Words, a: int, state: State) -> int:
    """Turn a → b → c → a round if it is there and one-way, b a target of a; count connections.

    The cycle that results is proposed as often as this one, since degrees stay.
    """
    n, degree = bits.shape[0], 0
    for w in range(bits.shape[1]):
        degree += popcount(bits[a, w])
    if degree == 0:
        return 0
    rank, w = below(state, degree), 0
    while rank >= popcount(bits[a, w]):
        rank -= popcount(bits[a, w])
        w += 1
    these = bits[a, w]
    for _ in range(rank):
        these &= these - ONE
    b, c = (w << 6) + trailing_zeros(these), below(state, n)
    return 3 if turn_cycle(bits, a, b, c) else 0
