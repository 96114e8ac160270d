"""`directed_simplices`: ordered cliques, the simplices of the directed flag complex.

A simplex of dimension d is a sequence of d + 1 neurons of which every one connects to all that come
later; mutual pairs make several sequences of the same neurons. The targets of each first neuron and
the connections among them are bit rows; the neurons that may follow a sequence are the bits that
their rows share, so those of the last dimension are counted and not visited.

How many there will be is estimated before by random descents (Knuth 1975, DOI
10.1090/S0025-5718-1975-0373371-6): dimensions that would take too long are not begun.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, popcount, trailing_zeros
from analysis.nulls.stream import State, stream, uniform
from analysis.statistics import in_words, statistic
from analysis.statistics.estimates import GROUPS, NAN, Estimate, Part, jackknife, without_error
from analysis.statistics.needs import WHOLE
from schemas.errors import UsageError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]

SHALLOWEST, DEEPEST = 2, 20
COUNT_SECONDS = 5.0  # estimated, of the counts
ERROR_SECONDS = 4.0  # estimated, of their standard errors
DESCENTS = 20_000
VISIT, WORD = 8e-9, 1.5e-9  # seconds for a sequence, and for each 64 neurons that may follow it
BUILD = 3e-9  # seconds for each connection of a target


@dataclass(frozen=True)
class Forecast:
    """What counting simplices would take, estimated from random descents.

    Attributes
    ----------
    counts : float64, shape (dimensions,)
        Simplices of dimension 0, 1 ….
    seconds : float64, shape (dimensions,)
        To count up to dimension 0, 1 ….
    """

    counts: Floats
    seconds: Floats

    def deepest(self, seconds: float) -> int:
        """Largest dimension that can be counted in that time, at least `SHALLOWEST`."""
        found = int(np.searchsorted(self.seconds, seconds, side="right")) - 1
        return min(DEEPEST, max(SHALLOWEST, found))


def forecast(circuit: Circuit) -> Forecast:
    """Estimate the number of simplices of each dimension, and the time that counting takes."""
    if circuit.m == 0:
        return Forecast(np.zeros(DEEPEST + 1), np.zeros(DEEPEST + 1))
    rng = np.random.default_rng(0)  # the forecast belongs to the circuit, not to a run
    counts, words = _descend(circuit.indptr, circuit.indices, DESCENTS, DEEPEST, stream(rng))
    out = np.diff(circuit.indptr).astype(np.float64)
    build = BUILD * float(out[circuit.indices].sum()) + VISIT * circuit.m
    # Counting dimension d visits every sequence of dimension d − 1.
    visits = VISIT * counts + WORD * words
    deeper = build + np.concatenate([[0.0], np.cumsum(visits[2:-1])])
    seconds = np.concatenate([[0.0, 0.0], deeper])  # neurons and connections are known
    return Forecast(counts, seconds)


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife."""
    known = forecast(circuit)
    plain, with_errors = _depths(known)
    return float(known.seconds[plain] + _share(with_errors) * known.seconds[with_errors])


@statistic(
    "directed_simplices",
    title="Directed simplices",
    definition="Number of sequences of d + 1 neurons, each of which connects to all later ones, "
    "by dimension d.",
    doi="10.3389/fncom.2017.00048",
    reference="Reimann et al. 2017",
    needs=WHOLE,
    unit="count",
    meaning="groups of neurons wired all to all in one direction",
    error="jackknife over 20 groups of neurons; conservative; none in dimensions where it would "
    "take long",
    expects="er",
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Count the simplices."""
    known = forecast(circuit)
    plain, with_errors = _depths(known)
    counts = directed_simplices(circuit, plain)
    named = {name(d): float(count) for d, count in enumerate(counts)}
    expected = {name(d): _expected(d, circuit) for d in range(len(counts))}
    parts = without_error(named, "its error would take too long", expected)
    if circuit.n:
        errors = jackknife(
            circuit,
            lambda part: _padded(directed_simplices(part, with_errors), with_errors),
            seed,
            possible=_possible(with_errors),
        )
        by_name = {part.of: part for part in errors}
        parts = tuple(
            Part(p.of, p.value, by_name[p.of].standard_error, by_name[p.of].why, p.expected)
            if p.of in by_name
            else p
            for p in parts
        )
    note = ""
    if counts[-1] and len(counts) == plain + 1 < DEEPEST:
        note = (
            f"dimensions above {plain} are not counted: {plain + 1} would take about "
            f"{in_words(float(known.seconds[plain + 1]))}"
        )
    return Estimate(_fixed_neurons(parts), note)


def name(d: int) -> str:
    """Name of the part that holds the simplices of dimension d."""
    return f"dimension {d}"


def directed_simplices(circuit: Circuit, dimension: int = DEEPEST) -> list[int]:
    """Count the simplices of dimension 0, 1 … exactly.

    Parameters
    ----------
    circuit : Circuit
    dimension : int, optional
        Largest dimension to count, 1 … 20.

    Returns
    -------
    list of int
        Up to the last dimension that has any, or to `dimension`.

    Raises
    ------
    UsageError
        If the dimension is none of 1 … 20.
    """
    if not 1 <= dimension <= DEEPEST:
        raise UsageError(f"dimension {dimension} is none of 1 … {DEEPEST}")
    counts = [circuit.n, circuit.m]
    if dimension > 1 and circuit.m:
        counts += _count(circuit.indptr, circuit.indices, dimension)[2:].tolist()
    while counts and counts[-1] == 0:
        counts.pop()
    return counts or [0]


def _depths(known: Forecast) -> tuple[int, int]:
    """Dimensions that are counted, and those whose error is computed too."""
    plain = known.deepest(COUNT_SECONDS)
    fitting = [d for d in range(plain + 1) if _share(d) * known.seconds[d] <= ERROR_SECONDS]
    return plain, fitting[-1]


def _share(d: int) -> float:
    """Time of the jackknife over that of one count; a part of the circuit has fewer simplices."""
    return GROUPS * (1 - 1 / GROUPS) ** (d + 1)


def _padded(counts: list[int], dimension: int) -> dict[str, float]:
    padded = counts + [0] * (dimension + 1 - len(counts))
    return {name(d): float(count) for d, count in enumerate(padded)}


def _possible(dimension: int) -> Mapping[str, Callable[[int], float]]:
    return {name(d): partial(_sequences, d) for d in range(1, dimension + 1)}


def _sequences(d: int, n: int) -> float:
    number = 1.0
    for taken in range(d + 1):
        number *= max(0, n - taken)
    return number


def _expected(d: int, circuit: Circuit) -> float:
    share = circuit.density if circuit.n > 1 else 0.0
    return _sequences(d, circuit.n) * share ** (d * (d + 1) // 2)


def _fixed_neurons(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Say of the number of neurons that it is given, not estimated."""
    first = parts[0]
    return (Part(first.of, first.value, NAN, "given", first.expected), *parts[1:])


@kernel
def _count(indptr: Ints, indices: Places, dimension: int) -> Ints:
    """Simplices of dimension 0 … `dimension` (at least 2), shape (dimension + 1,)."""
    n = indptr.size - 1
    counts = np.zeros(dimension + 1, np.int64)
    place = np.full(n, -1, np.int64)
    widest = 0
    for v in range(n):
        widest = max(widest, indptr[v + 1] - indptr[v])
    words_most = (widest + 63) // 64
    rows = np.zeros((widest, words_most), np.uint64)
    follow = np.zeros((dimension + 1, words_most), np.uint64)  # who may come next, by depth
    left = np.zeros((dimension + 1, words_most), np.uint64)  # of these, who was not tried yet
    word_of = np.zeros(dimension + 1, np.int64)
    for v in range(n):
        start, k = indptr[v], indptr[v + 1] - indptr[v]
        if k < 2:
            continue
        words = (k + 63) // 64
        for a in range(k):
            place[indices[start + a]] = a
        for a in range(k):
            rows[a, :words] = 0
            for e in range(indptr[indices[start + a]], indptr[indices[start + a] + 1]):
                b = place[indices[e]]
                if b >= 0:
                    rows[a, b >> 6] |= np.uint64(1) << np.uint64(b & 63)
        for a in range(k):
            place[indices[start + a]] = -1
        for a in range(k):
            found = 0
            for w in range(words):
                follow[2, w] = rows[a, w]
                left[2, w] = rows[a, w]
                found += popcount(rows[a, w])
            counts[2] += found
            if found < 2 or dimension == 2:
                continue  # one follower has none itself
            depth = 2
            word_of[2] = 0
            while depth >= 2:
                w = word_of[depth]
                while w < words and left[depth, w] == 0:
                    w += 1
                word_of[depth] = w
                if w == words:
                    depth -= 1
                    continue
                b = (w << 6) + trailing_zeros(left[depth, w])
                left[depth, w] &= left[depth, w] - np.uint64(1)
                found = 0
                if depth + 1 == dimension:
                    for u in range(words):
                        found += popcount(follow[depth, u] & rows[b, u])
                    counts[dimension] += found
                    continue
                for u in range(words):
                    both = follow[depth, u] & rows[b, u]
                    follow[depth + 1, u] = both
                    left[depth + 1, u] = both
                    found += popcount(both)
                counts[depth + 1] += found
                if found > 1:
                    depth += 1
                    word_of[depth] = 0
    return counts


@kernel
def _descend(
    indptr: Ints, indices: Places, descents: int, deepest: int, state: State
) -> tuple[Floats, Floats]:
    """Estimate simplices of each dimension, and the words that their followers take.

    A descent begins at a random connection and goes on to a random one of those that may follow;
    each step is weighted by the number of choices before it.
    """
    n = indptr.size - 1
    m = indptr[n]
    counts, words = np.zeros(deepest + 1), np.zeros(deepest + 1)
    counts[0] = n
    widest = 0
    for v in range(n):
        widest = max(widest, indptr[v + 1] - indptr[v])
    follow = np.zeros(widest + 1, np.int32)
    for _ in range(descents):
        first = min(m - 1, int(uniform(state) * m))
        v = np.searchsorted(indptr, first, side="right") - 1
        size = indptr[v + 1] - indptr[v]
        wide = (size + 63) // 64
        for a in range(size):
            follow[a] = indices[indptr[v] + a]
        chosen = indices[first]
        weight = m / descents
        for d in range(1, deepest + 1):
            counts[d] += weight
            words[d] += weight * wide
            # Both lists are sorted.
            kept, e, stop = 0, indptr[chosen], indptr[chosen + 1]
            for a in range(size):
                while e < stop and indices[e] < follow[a]:
                    e += 1
                if e < stop and indices[e] == follow[a]:
                    follow[kept] = follow[a]
                    kept += 1
            size = kept
            if size == 0:
                break
            weight *= size
            chosen = follow[min(size - 1, int(uniform(state) * size))]
    return counts, words
