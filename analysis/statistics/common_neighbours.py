"""`common_neighbours`: connection probability by the number of common neighbours."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, popcount
from analysis.nulls import get_null
from analysis.nulls.dyads import DyadModel, NullUnavailable
from analysis.nulls.newton import ConvergenceError
from analysis.statistics import statistic
from analysis.statistics.estimates import GROUPS, JACKKNIFE, NAN, Estimate, Part, jackknife
from analysis.statistics.needs import WHOLE

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
BINS = 8
LARGEST = 30_000  # neurons: bit rows of 113 MB
WORDS = 1.5e9  # per second
FIT = 1e-7  # seconds of the degree null for each pair of kinds of neurons


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife."""
    if circuit.n > LARGEST:
        return float("inf")
    pairs = circuit.n**2 / 2
    return (GROUPS + 1) * pairs * (circuit.n / 64 + 6) / WORDS + FIT * min(
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
    error=JACKKNIFE,
    expects="degree",
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Compute the probabilities; the expected ones are those that degrees alone would give."""
    counts = pairs_by_common_neighbours(circuit)
    edges = _edges(counts[:, 0])
    if edges.size == 0:
        return Estimate((Part("connected ÷ unconnected", NAN, NAN, "there is no pair"),))
    parts = jackknife(circuit, lambda part: _shares(pairs_by_common_neighbours(part), edges), seed)
    try:
        model = get_null("degree").fit(circuit)
    except (NullUnavailable, ConvergenceError) as why:
        return Estimate(parts, f"without expected values: {why.args[0]}")
    by_number = _expected(circuit, model, counts.shape[0])
    expected = dict(zip(_names(edges), _binned(by_number, counts[:, 0], edges), strict=True))
    return Estimate(
        tuple(Part(p.of, p.value, p.standard_error, p.why, expected.get(p.of, NAN)) for p in parts)
    )


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
    counts = _tally(_partner_rows(circuit), circuit.indptr, circuit.indices)
    return counts[: int(np.flatnonzero(counts[:, 0]).max(initial=0)) + 1]


def _partner_rows(circuit: Circuit) -> npt.NDArray[np.uint64]:
    return _rows(circuit.indptr, circuit.indices)


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


def _shares(counts: Ints, edges: Ints) -> Mapping[str, float]:
    """Part name → value."""
    number = np.arange(len(counts))
    linked = counts[:, 1] + counts[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        connected = np.float64(number @ linked) / linked.sum()
        apart = counts[:, 0] - linked
        unconnected = np.float64(number @ apart) / apart.sum()
        ratio = float(connected / unconnected) if unconnected > 0 else NAN
    shares = _binned((counts[:, 1] + 2 * counts[:, 2]) / 2, counts[:, 0], edges)
    return {"connected ÷ unconnected": ratio} | dict(zip(_names(edges), shares, strict=True))


def _binned(sums: Floats, pairs: Ints, edges: Ints) -> list[float]:
    """Divide sums over pairs by their number, in bins.

    A circuit without some neurons may not reach the last bins.
    """
    bins = np.searchsorted(edges, np.arange(len(pairs)), side="right") - 1
    top = np.bincount(bins, weights=sums[: len(pairs)], minlength=edges.size)
    below = np.bincount(bins, weights=pairs, minlength=edges.size)
    return [float(a / b) if b else NAN for a, b in zip(top, below, strict=True)]


def _expected(circuit: Circuit, model: DyadModel, size: int) -> Floats:
    """Return half the expected connected ordered pairs by common neighbours, shape (size,)."""
    chance = model.one_way + model.mutual
    return _expected_tally(_partner_rows(circuit), model.classes, (chance + chance.T) / 2, size)


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
def _expected_tally(
    rows: npt.NDArray[np.uint64], classes: Ints, chance: Floats, size: int
) -> Floats:
    n, words = rows.shape
    sums = np.zeros(size)
    for a in range(n):
        for b in range(a + 1, n):
            common = 0
            for w in range(words):
                common += popcount(rows[a, w] & rows[b, w])
            sums[common] += chance[classes[a], classes[b]]
    return sums
