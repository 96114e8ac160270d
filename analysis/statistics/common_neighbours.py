"""`common_neighbours`: connection probability by the number of common neighbours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, popcount
from analysis.nulls import get_null
from analysis.nulls.dyads import DyadModel, NullUnavailable
from analysis.nulls.newton import ConvergenceError
from analysis.statistics import statistic
from analysis.statistics.estimates import (
    DELETE_ONE,
    GROUPS,
    JACKKNIFE,
    NAN,
    Estimate,
    Part,
    delete_one,
    jackknife,
)
from analysis.statistics.needs import WHOLE

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
BINS = 8
LARGEST = 20_000  # neurons: a matrix of 400 MB
RATIO = "connected ÷ unconnected"
WORDS = 1.5e9  # per second
FIT = 1e-7  # seconds of the degree null for each pair of kinds of neurons


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife."""
    if circuit.n > LARGEST:
        return float("inf")
    pairs = circuit.n**2 / 2
    return (GROUPS + 3) * pairs * (circuit.n / 64 + 6) / WORDS + FIT * min(
        circuit.n, circuit.m / 4 + 1
    ) ** 2


@statistic(
    "common_neighbours",
    title="Common-neighbour rule",
    definition="Share of ordered pairs of neurons that are connected, by the number of neurons "
    "that are connected with both in whatever direction; and the mean number of common neighbours "
    "of connected pairs (in either direction) over that of unconnected ones.",
    doi="10.1073/pnas.1016051108",
    reference="Perin, Berger & Markram 2011",
    needs=WHOLE,
    unit="ratio; share, 0 to 1",
    meaning="whether neurons with common partners connect more often",
    error=f"{JACKKNIFE}; of the shares: {DELETE_ONE}, with the numbers of common neighbours taken "
    "as given",
    expects="degree",
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Compute the probabilities; the expected ones are those that degrees alone would give."""
    counts = pairs_by_common_neighbours(circuit)
    edges = _edges(counts[:, 0])
    if edges.size == 0:
        return Estimate((Part(RATIO, NAN, NAN, "there is no pair"),))
    ratio = jackknife(circuit, lambda part: {RATIO: _ratio(pairs_by_common_neighbours(part))}, seed)
    bin_of = np.searchsorted(edges, np.arange(circuit.n + 1), side="right") - 1
    rows = _rows(circuit.indptr, circuit.indices)
    pairs, linked = _per_neuron(rows, circuit.dense(np.uint8), bin_of.astype(np.int64), edges.size)
    expected, note = np.full(edges.size, NAN), ""
    try:
        model = get_null("degree").fit(circuit)
        expected = _expected(rows, model, bin_of, edges.size) / (pairs.sum(axis=0) / 2)
    except (NullUnavailable, ConvergenceError) as why:
        note = f"without expected values: {why.args[0]}"
    parts = []
    for k, name in enumerate(_names(edges)):
        total, found = pairs[:, k].sum() / 2, linked[:, k].sum() / 2  # each at both its neurons
        with np.errstate(divide="ignore", invalid="ignore"):
            without = (found - linked[:, k]) / (total - pairs[:, k])
        error = delete_one(found / total, without[pairs[:, k] > 0])
        parts.append(Part(name, found / total, *error, float(expected[k])))
    return Estimate((*ratio, *parts), note)


def pairs_by_common_neighbours(circuit: Circuit) -> Ints:
    """Count pairs of neurons by their number of common neighbours.

    Parameters
    ----------
    circuit : Circuit

    Returns
    -------
    int64, shape (most + 1, 3)
        Row = number of common neighbours; unordered pairs, those of them that are connected in
        one direction only, and in both.
    """
    counts = _tally(_rows(circuit.indptr, circuit.indices), circuit.indptr, circuit.indices)
    return counts[: int(np.flatnonzero(counts[:, 0]).max(initial=0)) + 1]


def _edges(pairs: Ints) -> Ints:
    """First number of each bin; bins hold about equally many pairs, at most `BINS` of them."""
    total = int(pairs.sum())
    if total == 0:
        return np.zeros(0, np.int64)
    before = np.cumsum(pairs) - pairs
    places = (before * BINS) // total
    starts = np.flatnonzero((np.diff(places, prepend=-1) > 0) & (pairs > 0))
    return np.asarray(np.unique(np.concatenate([[0], starts])), np.int64)


def _names(edges: Ints) -> list[str]:
    names = []
    for first, following in zip(edges.tolist(), [*edges[1:].tolist(), None], strict=True):
        if following is None:
            names.append(f"≥ {first} in common" if first else "any number in common")
        elif following == first + 1:
            names.append(f"{first} in common")
        else:
            names.append(f"{first}–{following - 1} in common")
    return names


def _ratio(counts: Ints) -> float:
    """Mean number of common neighbours of connected pairs over that of unconnected ones."""
    number = np.arange(len(counts))
    linked = counts[:, 1] + counts[:, 2]
    apart = counts[:, 0] - linked
    if not linked.sum() or not number @ apart:
        return NAN
    return float((number @ linked / linked.sum()) / (number @ apart / apart.sum()))


def _expected(rows: npt.NDArray[np.uint64], model: DyadModel, bin_of: Ints, bins: int) -> Floats:
    """Return the expected connected ordered pairs by bin, halved, shape (bins,)."""
    chance = model.one_way + model.mutual
    return _expected_tally(rows, model.classes, (chance + chance.T) / 2, bin_of, bins)


@kernel
def _rows(indptr: Ints, indices: npt.NDArray[np.int32]) -> npt.NDArray[np.uint64]:
    """Bit rows of partners in whatever direction, shape (n, words)."""
    n = indptr.size - 1
    rows = np.zeros((n, (n + 63) // 64), np.uint64)
    one = np.uint64(1)
    for a in range(n):
        for k in range(indptr[a], indptr[a + 1]):
            b = indices[k]
            rows[a, b >> 6] |= one << np.uint64(b & 63)
            rows[b, a >> 6] |= one << np.uint64(a & 63)
    return rows


@kernel
def _tally(rows: npt.NDArray[np.uint64], indptr: Ints, indices: npt.NDArray[np.int32]) -> Ints:
    n, words = rows.shape
    counts = np.zeros((n + 1, 3), np.int64)
    for a in range(n):
        for b in range(a + 1, n):
            common = 0
            for w in range(words):
                common += popcount(rows[a, w] & rows[b, w])
            counts[common, 0] += 1
            if (rows[a, b >> 6] >> np.uint64(b & 63)) & np.uint64(1):
                counts[common, 1] += 1
        # Mutual pairs: of those that a connects to, the ones that connect to a.
        for k in range(indptr[a], indptr[a + 1]):
            b = indices[k]
            if b < a:
                continue
            low, high = indptr[b], indptr[b + 1]
            while low < high:
                middle = (low + high) // 2
                if indices[middle] < a:
                    low = middle + 1
                else:
                    high = middle
            if low < indptr[b + 1] and indices[low] == a:
                common = 0
                for w in range(words):
                    common += popcount(rows[a, w] & rows[b, w])
                counts[common, 1] -= 1
                counts[common, 2] += 1
    return counts


@kernel
def _per_neuron(
    rows: npt.NDArray[np.uint64], linked: npt.NDArray[np.uint8], bin_of: Ints, bins: int
) -> tuple[Floats, Floats]:
    """Return pairs of each neuron, and half its connections, by bins of common neighbours.

    Both of shape (n, bins); a pair is counted at both of its neurons.
    """
    n, words = rows.shape
    pairs, found = np.zeros((n, bins)), np.zeros((n, bins))
    for a in range(n):
        for b in range(a + 1, n):
            common = 0
            for w in range(words):
                common += popcount(rows[a, w] & rows[b, w])
            k = bin_of[common]
            ways = (linked[a, b] + linked[b, a]) / 2
            pairs[a, k] += 1
            pairs[b, k] += 1
            found[a, k] += ways
            found[b, k] += ways
    return pairs, found


@kernel
def _expected_tally(
    rows: npt.NDArray[np.uint64], classes: Ints, chance: Floats, bin_of: Ints, bins: int
) -> Floats:
    n, words = rows.shape
    sums = np.zeros(bins)
    for a in range(n):
        for b in range(a + 1, n):
            common = 0
            for w in range(words):
                common += popcount(rows[a, w] & rows[b, w])
            sums[bin_of[common]] += chance[classes[a], classes[b]]
    return sums
