"""A stream of random numbers that kernels can draw from quickly.

The generator is xoshiro256** (Blackman & Vigna 2021, DOI 10.1145/3460772); its four words of state
are filled by a numpy `Generator`, so that the numbers follow from the seed of a `SeedSequence`.
Numpy's own generators cost ten times as much when called from compiled code.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.compiled import kernel

State = npt.NDArray[np.uint64]
LOW = np.uint64(0xFFFF_FFFF)
WORD = np.uint64(32)


def stream(rng: np.random.Generator) -> State:
    """Return a state, shape (4,), seeded from `rng`."""
    return rng.integers(1, np.iinfo(np.uint64).max, size=4, dtype=np.uint64)


@kernel
def _turned(x: np.uint64, places: np.uint64) -> np.uint64:
    return (x << places) | (x >> (np.uint64(64) - places))


@kernel
def next_word(state: State) -> np.uint64:
    """Draw 64 random bits."""
    result = _turned(state[1] * np.uint64(5), np.uint64(7)) * np.uint64(9)
    shifted = state[1] << np.uint64(17)
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = _turned(state[3], np.uint64(45))
    return result


@kernel
def below(state: State, bound: int) -> int:
    """Draw a whole number, uniform on 0 … bound − 1; 0 < bound < 2³².

    Multiplication instead of division (Lemire 2019, DOI 10.1145/3230636), exact by rejection.
    """
    limit = np.uint64(bound)
    product = (next_word(state) >> WORD) * limit
    if (product & LOW) < limit:
        short = ((LOW + np.uint64(1)) - limit) % limit
        while (product & LOW) < short:
            product = (next_word(state) >> WORD) * limit
    # numba's int() would stay unsigned
    return np.int64(product >> WORD)  # type: ignore[return-value]


@kernel
def uniform(state: State) -> float:
    """Draw a number, uniform on 0 ≤ x < 1, in steps of 2⁻⁵³."""
    return float(next_word(state) >> np.uint64(11)) * 2.0**-53
