"""Excursions from a graph to another with the same dyad degrees, through graphs that have others.

Switches that keep one-way and mutual degrees at every step need pairs that are not connected. In a
small or dense circuit there are few, and the chain is shut in: already the directed cycle of four
neurons cannot become any of the other five. An excursion leaves the ensemble. It switches single
connections, as the chain of `degree` does, and so may break mutual pairs up and make new ones;
graphs whose mutual degrees are off by Δ in all have weight exp(−Δ/2). It ends where Δ is 0 again,
and counts for nothing if that takes too long. Each way out and back is as likely as the same way
backwards, so graphs of the ensemble stay equally likely; and single switches with reversed 3-cycles
reach all graphs with the same degrees (Berger & Müller-Hannemann 2010, arXiv:0912.0685).
"""

from __future__ import annotations

from math import exp

import numpy as np

from analysis.compiled import kernel
from analysis.nulls.stream import State, below, uniform
from analysis.nulls.switches import Ints, Places, Words, flip, linked, reverse_cycle

LONGEST = 60  # steps
WEIGHT = 0.5  # of a unit of Δ


@kernel
def excursions(
    sources: Places,
    targets: Places,
    starts: Ints,
    bits: Words,
    times: int,
    cycle_share: float,
    state: State,
) -> int:
    """Make excursions, and count those that came back to the ensemble with steps made.

    Parameters
    ----------
    sources, targets : int32, shape (m,)
        All connections, by source; targets follow the moves.
    starts : int64, shape (n + 1,)
        Where the targets of each neuron begin.
    bits : uint64, shape (n, words)
        The graph; follows the moves.
    times : int
        Excursions to begin.
    cycle_share : float
        Share of the steps that try to reverse a 3-cycle.
    state : State
        Random numbers.
    """
    n, m = starts.size - 1, targets.size
    off = np.zeros(n, np.int64)  # mutual degree, less what it must be
    made = np.zeros((LONGEST, 4), np.int64)  # first and second place; or place, −1, both ends
    returned = 0
    for _ in range(times):
        steps = distance = 0
        for _ in range(LONGEST):
            first = below(state, m)
            a, b = sources[first], targets[first]
            if uniform(state) < cycle_share:
                c = below(state, n)
                if reverse_cycle(targets, starts, bits, first, a, b, c):
                    made[steps, 0], made[steps, 1] = first, -1
                    made[steps, 2], made[steps, 3] = b, c
                    steps += 1
            else:
                second = below(state, m)
                c, d = sources[second], targets[second]
                if not (a == d or b == c or linked(bits, a, d) or linked(bits, c, b)):
                    change = _enter(bits, off, a, b, c, d, 1)
                    if change <= 0 or uniform(state) < exp(-WEIGHT * change):
                        _switch(targets, bits, first, second, a, c)
                        made[steps, 0], made[steps, 1] = first, second
                        steps += 1
                        distance += change
                    else:
                        _enter(bits, off, a, b, c, d, -1)
            if distance == 0:
                break
        if distance == 0:
            returned += steps > 0
            continue
        for step in range(steps - 1, -1, -1):
            first, second = made[step, 0], made[step, 1]
            if second >= 0:
                _switch(targets, bits, first, second, sources[first], sources[second])
            else:
                b, c = made[step, 2], made[step, 3]
                reverse_cycle(targets, starts, bits, first, sources[first], c, b)
        off[:] = 0
    return returned


@kernel
def _enter(bits: Words, off: Ints, a: int, b: int, c: int, d: int, times: int) -> int:
    """Enter what mutual degrees become if a → b, c → d turn into a → d, c → b; −1 takes it back.

    Return how much further from those of the ensemble they are, summed over the neurons.
    """
    before = abs(off[a]) + abs(off[b]) + abs(off[c]) + abs(off[d])
    _enter_pair(bits, off, a, b, -times)
    _enter_pair(bits, off, c, d, -times)
    _enter_pair(bits, off, a, d, times)
    _enter_pair(bits, off, c, b, times)
    after = abs(off[a]) + abs(off[b]) + abs(off[c]) + abs(off[d])
    return np.int64(after - before)  # type: ignore[return-value]


@kernel
def _enter_pair(bits: Words, off: Ints, pre: int, post: int, change: int) -> None:
    if linked(bits, post, pre):
        off[pre] += change
        off[post] += change


@kernel
def _switch(targets: Places, bits: Words, first: int, second: int, a: int, c: int) -> None:
    b, d = targets[first], targets[second]
    targets[first], targets[second] = d, b
    flip(bits, a, b)
    flip(bits, c, d)
    flip(bits, a, d)
    flip(bits, c, b)
