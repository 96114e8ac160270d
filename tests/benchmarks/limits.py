"""What this machine can do at most, by small kernels, and what the figures need of it at least.

A limit is the time of the unavoidable steps of a method at the rate of the machine for such steps
alone: words of bit rows that are ANDed and counted, lines added from the first cache, independent
reads at random places of a table of the size in question, random words drawn, multiplications.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import ceil, log2
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, popcount
from analysis.motifs import triad_census
from analysis.motifs.four.build import dyads_of
from analysis.motifs.triads import CLOSED
from analysis.nulls.hard import BURN_IN, ROUNDS, THINNING
from analysis.nulls.stream import State, next_word, stream
from analysis.statistics.powers import BITS
from tests.benchmarks.clock import cpu_seconds, row

Words = npt.NDArray[np.uint64]
CACHED = 1_024  # words, 8 KiB
TURNS = 50_000
READS = 20_000_000
RANK = 64  # of the probability matrices of a fitted null, about
SMALLEST = 1 << 12  # bytes of a table


def run() -> list[dict[str, Any]]:
    """Measure what the limits are made of, one thread."""
    constants = (
        ("words of 64 bits ANDed and counted, first cache", words(), 1e9, "1e9/s"),
        ("lines of 64 bytes added, first cache", lines(), 1e9, "1e9/s"),
        ("read from memory in sequence", bandwidth(), 1e9, "GB/s"),
        ("random reads, table of 32 KiB", random_reads(1 << 15), 1e6, "1e6/s"),
        ("random reads, table of 4 MiB", random_reads(1 << 22), 1e6, "1e6/s"),
        ("random reads, table of 256 MiB", random_reads(1 << 28), 1e6, "1e6/s"),
        ("random words of 64 bits drawn", draws(), 1e6, "1e6/s"),
        ("multiplications and additions in BLAS, double", flops(), 1e9, "Gflop/s"),
    )
    return [
        row(f"machine: {what}", rate / per, unit, "", True) for what, rate, per, unit in constants
    ]


def _best(work: Callable[[], Any]) -> float:
    return min(cpu_seconds(work, 1, warm=turn == 0) for turn in range(5))


@lru_cache(maxsize=1)
def words() -> float:
    """Words ANDed and counted in a second."""
    values = np.arange(CACHED, dtype=np.uint64)
    return CACHED * TURNS / _best(lambda: _count(values, TURNS))


@lru_cache(maxsize=1)
def lines() -> float:
    """Lines of 64 bytes read from the first cache and added in a second."""
    values = np.arange(CACHED, dtype=np.uint64)
    return CACHED * TURNS / 8 / _best(lambda: _add(values, TURNS))


@lru_cache(maxsize=1)
def bandwidth() -> float:
    """Bytes read from memory in a second."""
    values = np.ones(1 << 25, np.uint64)
    return values.nbytes / _best(lambda: _add(values, 1))


@lru_cache(maxsize=1)
def draws() -> float:
    """Random words in a second."""
    state = stream(np.random.default_rng(0))
    return READS / _best(lambda: _draw(state, READS))


@lru_cache(maxsize=1)
def flops() -> float:
    """Floating-point operations of a product of matrices in a second, double precision."""
    matrix = np.random.default_rng(0).random((1_000, 1_000))
    return 2e9 / _best(lambda: matrix @ matrix)


def random_reads(size: float) -> float:
    """Independent reads in a second from a table of so many bytes, or the next power of two."""
    return _random_reads(max(SMALLEST, 1 << ceil(log2(max(size, 1)))))


@lru_cache(maxsize=32)
def _random_reads(size: int) -> float:
    table = np.ones(size, np.uint8)
    shift = np.uint64(64 - ceil(log2(size)))
    return READS / _best(lambda: _read(table, shift, READS))


@kernel
def _count(values: Words, turns: int) -> int:
    total = 0
    for turn in range(turns):
        mask = np.uint64(turn)
        for w in range(values.size):
            total += popcount(values[w] & mask)
    return total


@kernel
def _add(values: Words, turns: int) -> int:
    total = np.uint64(0)
    for turn in range(turns):
        for w in range(values.size):
            total += values[w]
        values[turn & 7] += np.uint64(1)
    return int(total)


@kernel
def _draw(state: State, number: int) -> int:
    total = np.uint64(0)
    for _ in range(number):
        total ^= next_word(state)
    return int(total)


@kernel
def _read(table: npt.NDArray[np.uint8], shift: np.uint64, number: int) -> int:
    total = 0
    for k in range(np.uint64(number)):
        total += table[(k * np.uint64(0x9E37_79B9_7F4A_7C15)) >> shift]
    return total


def triads_by_bits(circuit: Circuit) -> float:
    """Seconds: five rows for every mutual pair, two half rows for every one-way pair."""
    one_way, mutual = _pairs(circuit)
    return circuit.n / 64 * (one_way + 4.5 * mutual) / words()


def typed_by_bits(circuit: Circuit) -> float:
    """Seconds: a row for every one-way pair and half a row for every second one, for its cycles.

    Of every mutual pair six rows, and half a row for 300.
    """
    one_way, mutual = _pairs(circuit)
    return circuit.n / 64 * (1.25 * one_way + 6.5 * mutual) / words()


def triads_by_lists(circuit: Circuit) -> float:
    """Seconds: every connection put to its place, every look-up of a mark."""
    looked = _lookups(circuit)
    return looked / random_reads(circuit.n) + circuit.m / random_reads(4 * circuit.m)


def four_by_bits(circuit: Circuit) -> float:
    """Seconds: three part rows for every triangle, nine counts for every pair of neurons."""
    census = triad_census(circuit)
    triangles = sum(census[code] for code in CLOSED)
    pairs = circuit.n**2 / 2
    return (8 * 3 * triangles + 9 * pairs * circuit.n / 64) / words()


def four_by_lists(circuit: Circuit) -> float:
    """Seconds: every look-up of a position, every two-step path at its last neuron's counters."""
    dyads = dyads_of(circuit)
    paths = _paths(dyads.starts, dyads.middle, dyads.partners)
    looked = _lookups(circuit)
    return looked / random_reads(4 * circuit.n) + paths / random_reads(32 * circuit.n)


def closed_fives(circuit: Circuit) -> float:
    """Seconds: for every row and `BITS` columns one line of each block, of 8 and of 16 bits."""
    n = circuit.n
    return n * n / BITS * (n / 64 + n / 32) / lines()


def trades(circuit: Circuit, rounds: int) -> float:
    """Seconds: a random word for each word of each pair of rows."""
    return rounds * circuit.n / 2 * circuit.n / 64 / draws()


def hard_samples(circuit: Circuit, samples: int, batches: int) -> float:
    """Seconds: `degree` by trades, `reciprocal` by switches of six random reads; two censuses."""
    attempts = BURN_IN * batches + THINNING * samples
    reads = random_reads(4 * circuit.m + circuit.n**2 / 8)
    switches = 6 * attempts * circuit.m / reads
    return trades(circuit, ROUNDS * attempts) + switches + 2 * samples * triads_by_bits(circuit)


def moments(circuit: Circuit, nulls: int = 1) -> float:
    """Seconds: nine products of matrices of low rank for every pair."""
    return nulls * 9 * RANK * circuit.n**2 / flops()


def _pairs(circuit: Circuit) -> tuple[int, int]:
    census_pairs = circuit.sources().astype(np.int64) * circuit.n + circuit.indices
    back = circuit.indices.astype(np.int64) * circuit.n + circuit.sources()
    both = int(np.isin(census_pairs, back).sum())
    return circuit.m - both, both // 2


def _lookups(circuit: Circuit) -> int:
    """Pairs of partners of one neuron that both have more connections."""
    dyads = dyads_of(circuit)
    later = dyads.starts[1:] - dyads.middle
    return int((later * (later - 1) // 2).sum())


@kernel
def _paths(
    starts: npt.NDArray[np.int64], middle: npt.NDArray[np.int64], partners: npt.NDArray[np.int32]
) -> int:
    """Paths v – u – w with both u and w before v."""
    total = 0
    for v in range(middle.size):
        for e in range(starts[v], middle[v]):
            u = partners[e]
            for f in range(starts[u], starts[u + 1]):
                if partners[f] >= v:
                    break
                total += 1
    return total
