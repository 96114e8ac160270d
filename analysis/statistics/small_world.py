"""`small_world`: short paths and high clustering, relative to random circuits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, trailing_zeros
from analysis.statistics import clustering, statistic
from analysis.statistics.clustering import mean_clustering
from analysis.statistics.estimates import GROUPS, JACKKNIFE, NAN, Estimate, jackknife
from analysis.statistics.needs import WHOLE

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
RANDOM = 3  # random circuits, for the circuit and without each group of neurons
WORDS = 1e9  # per second
STEPS = 3e8  # connections followed per second
LARGEST_BITS = 30_000  # neurons: bit rows of 113 MB


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife."""
    one = min(_bit_seconds(circuit), _list_seconds(circuit))
    return (GROUPS + 1) * ((1 + RANDOM) * one + clustering.seconds(circuit))


@statistic(
    "small_world",
    title="Small world",
    definition="Clustering over density, divided by the mean directed path over that of random "
    "circuits with as many neurons and connections; paths between pairs of which the first reaches "
    "the second.",
    doi="10.1371/journal.pone.0002051",
    reference="Humphries & Gurney 2008",
    needs=WHOLE,
    unit="ratio, 1 = random; steps; share",
    meaning="neighbourhoods are dense although everything is near everything",
    error=JACKKNIFE,
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Compute small-world-ness, its two ratios, the mean path and the share of reachable pairs."""

    def values(part: Circuit) -> Mapping[str, float]:
        path, reachable = mean_path(part)
        dense = mean_clustering(part)["all"] / part.density if part.m else NAN
        long = path / _random_path(part, seed)
        return {
            "small-world-ness": dense / long,
            "clustering ÷ random": dense,
            "path ÷ random": long,
            "mean path": path,
            "reachable pairs": reachable,
        }

    return Estimate(jackknife(circuit, values, seed))


def mean_path(circuit: Circuit) -> tuple[float, float]:
    """Return the mean directed path over reachable ordered pairs, and the share of these.

    Parameters
    ----------
    circuit : Circuit

    Returns
    -------
    path : float
        In steps; nan where nothing can be reached.
    reachable : float
        Share of the ordered pairs; nan with fewer than two neurons.
    """
    n = circuit.n
    if n < 2:
        return NAN, NAN
    if _bit_seconds(circuit) <= _list_seconds(circuit):
        steps, pairs = _paths_by_bits(circuit.indptr, circuit.indices)
    else:
        steps, pairs = _paths_by_lists(circuit.indptr, circuit.indices)
    return (steps / pairs if pairs else NAN), pairs / (n * (n - 1))


def _random_path(circuit: Circuit, seed: int) -> float:
    """Mean path of random circuits of as many neurons and connections."""
    n, m = circuit.n, circuit.m
    if n < 2 or m == 0:
        return NAN
    rng = np.random.default_rng(np.random.SeedSequence([seed, 13]))
    found = []
    for _ in range(RANDOM):
        pairs = rng.choice(n * (n - 1), m, replace=False)
        pre, rest = np.divmod(pairs, n - 1)
        drawn = Circuit.from_edges("random", n, pre, rest + (rest >= pre))
        found.append(mean_path(drawn)[0])
    return float(np.mean(found))


def _bit_seconds(circuit: Circuit) -> float:
    n = circuit.n
    return n * n * (n / 64 + 2) / WORDS if n <= LARGEST_BITS else float("inf")


def _list_seconds(circuit: Circuit) -> float:
    return circuit.n * (circuit.m + circuit.n) / STEPS


@kernel
def _paths_by_lists(indptr: Ints, indices: Places) -> tuple[int, int]:
    """Sum of the lengths of all shortest paths, and their number."""
    n = indptr.size - 1
    steps = pairs = 0
    level = np.full(n, -1, np.int64)
    queue = np.empty(n, np.int64)
    for source in range(n):
        level[:] = -1
        level[source] = 0
        queue[0] = source
        begin, end = 0, 1
        while begin < end:
            v = queue[begin]
            begin += 1
            for k in range(indptr[v], indptr[v + 1]):
                u = indices[k]
                if level[u] < 0:
                    level[u] = level[v] + 1
                    steps += level[u]
                    queue[end] = u
                    end += 1
        pairs += end - 1
    return steps, pairs


@kernel
def _paths_by_bits(indptr: Ints, indices: Places) -> tuple[int, int]:
    """Like `_paths_by_lists`; the targets of all neurons of a level are united row by row."""
    n = indptr.size - 1
    words = (n + 63) // 64
    one = np.uint64(1)
    rows = np.zeros((n, words), np.uint64)
    for a in range(n):
        for k in range(indptr[a], indptr[a + 1]):
            rows[a, indices[k] >> 6] |= one << np.uint64(indices[k] & 63)
    steps = pairs = 0
    unseen, now, following = (
        np.zeros(words, np.uint64),
        np.zeros(words, np.uint64),
        np.zeros(words, np.uint64),
    )
    for source in range(n):
        left = n - 1
        for w in range(words):
            high = min(64, n - 64 * w)
            unseen[w] = (one << np.uint64(high)) - one if high < 64 else ~np.uint64(0)
            now[w] = rows[source, w]
        unseen[source >> 6] &= ~(one << np.uint64(source & 63))
        length = 1
        while True:
            found = 0
            following[:] = 0
            for w in range(words):
                fresh = now[w] & unseen[w]
                unseen[w] &= ~fresh
                now[w] = fresh
                while fresh:
                    found += 1
                    fresh &= fresh - one
            steps += length * found
            pairs += found
            left -= found
            if found == 0 or left == 0:
                break
            for w in range(words):
                bits = now[w]
                while bits:
                    v = (w << 6) + trailing_zeros(bits)
                    bits &= bits - one
                    for u in range(words):
                        following[u] |= rows[v, u]
            now[:] = following
            length += 1
    return steps, pairs
