"""Closed walks of a circuit, exactly: sums over its matrix A, A² and A³.

A² and A³ are full matrices of whole numbers (`powers`), where that is not too large, and sparse
ones where few pairs are joined by walks. The sums, which are larger, are whole numbers of any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.statistics.powers import Whole, powers
from analysis.statistics.powers import seconds as power_seconds

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

SPARSE_STEPS = 4e7  # per second, of a product of sparse matrices
PAIRS = 1.5e8  # per second, of the sums over pairs
LARGEST_DENSE = 12_000  # neurons: A, A² and A³ of 144, 288 and 576 MB
MOST_STORED = 2e8  # entries of a sparse product, 2.4 GB
BLOCK = 64
HALF = 32
LOW = (1 << HALF) - 1


@dataclass(frozen=True)
class WalkSums:
    """Sums over closed walks; a walk is counted once for each place where it may begin.

    With m = diag A², t = diag A³, M = A ∘ Aᵀ and ⟨X, Y⟩ = Σ X ∘ Y.

    Attributes
    ----------
    three, four, five, six : int
        tr A³ … tr A⁶.
    mutual : int
        Σ M.
    squared, cubed : int
        Σ m², Σ m³.
    met : int
        Σ m t.
    turned : int
        Σ t².
    round : int
        Σ_i m_i (A⁴)_ii.
    chords : int
        ⟨M, A²⟩.
    long_chords : int
        ⟨M, (A³)ᵀ⟩.
    joined : int
        Σ M_ab m_a m_b.
    crossed : int
        ⟨M, A² ∘ (A²)ᵀ⟩.
    fans : int
        Σ A_ab ((A²)_ba)².
    """

    three: int
    four: int
    five: int
    six: int
    mutual: int
    squared: int
    cubed: int
    met: int
    turned: int
    round: int
    chords: int
    long_chords: int
    joined: int
    crossed: int
    fans: int


def seconds(circuit: Circuit) -> float:
    """Estimate the time of `walk_sums` or `closed_fives`; infinite where memory does not do."""
    return min(_dense_seconds(circuit), _sparse_seconds(circuit))


def walk_sums(circuit: Circuit) -> WalkSums:
    """Compute the sums over closed walks of a circuit."""
    if _is_dense(circuit):
        linked = circuit.dense(np.uint8)
        two, three = powers(circuit)
        fours = [_joined(*halves) for halves in _around(two, two).tolist()]
        five, six = (_joined(*_around(three, other).sum(axis=0).tolist()) for other in (two, three))
        along = _edge_sums(circuit.indptr, circuit.indices, linked, two, three)
        m = np.diagonal(two).astype(np.int64)
        t = np.diagonal(three).astype(np.int64)
        four = sum(fours)
    else:
        two, three = _sparse_powers(circuit)
        matrix = _binary(circuit)
        back, back_two = matrix.T.tocsr(), two.T.tocsr()
        mutual = matrix.multiply(back)
        m, t = two.diagonal(), three.diagonal()
        around = two.multiply(back_two).tocsr()
        fours = np.asarray(around.sum(axis=1)).ravel().astype(np.int64).tolist()
        back_three = three.T.tocsr()
        four, five, six = (
            _exact_sum(product.data)
            for product in (around, two.multiply(back_three), three.multiply(back_three))
        )
        a, b = mutual.nonzero()
        along = np.array(
            [
                _exact_sum(mutual.multiply(two).data),
                _exact_sum(mutual.multiply(back_three).data),
                _exact_sum(m[a] * m[b]),
                _exact_sum(mutual.multiply(around).data),
                _exact_sum(matrix.multiply(back_two).multiply(back_two).data),
            ]
        )
    ends, turns = [int(v) for v in m], [int(v) for v in t]
    return WalkSums(
        three=sum(turns),
        four=four,
        five=five,
        six=six,
        mutual=sum(ends),
        squared=sum(v * v for v in ends),
        cubed=sum(v**3 for v in ends),
        met=sum(v * w for v, w in zip(ends, turns, strict=True)),
        turned=sum(v * v for v in turns),
        round=sum(v * w for v, w in zip(ends, fours, strict=True)),
        **dict(
            zip(
                ("chords", "long_chords", "joined", "crossed", "fans"),
                (int(v) for v in along),
                strict=True,
            )
        ),
    )


def closed_fives(circuit: Circuit) -> int:
    """Return tr A⁵, the number of closed walks of five steps times five."""
    if _is_dense(circuit):
        two, three = powers(circuit)
        return _joined(*_around(three, two).sum(axis=0).tolist())
    two, three = _sparse_powers(circuit)
    return _exact_sum(two.multiply(three.T.tocsr()).data)


def _binary(circuit: Circuit) -> Any:
    from scipy.sparse import csr_array

    ones = np.ones(circuit.m, np.int64)
    return csr_array((ones, circuit.indices.copy(), circuit.indptr.copy()), (circuit.n,) * 2)


def _sparse_powers(circuit: Circuit) -> tuple[Any, Any]:
    matrix = _binary(circuit)
    two = matrix @ matrix
    return two.tocsr(), (two @ matrix).tocsr()


def _is_dense(circuit: Circuit) -> bool:
    dense = _dense_seconds(circuit)
    out, into = np.diff(circuit.indptr), np.bincount(circuit.indices, minlength=circuit.n)
    # The first product alone: looking at all connections would take a tenth of tr A⁵.
    return dense <= float(into @ out) / SPARSE_STEPS or dense <= _sparse_seconds(circuit)


def _dense_seconds(circuit: Circuit) -> float:
    n = circuit.n
    if n > LARGEST_DENSE:
        return float("inf")
    return power_seconds(circuit) + n * n / PAIRS


def _sparse_seconds(circuit: Circuit) -> float:
    out = np.diff(circuit.indptr).astype(np.float64)
    into = np.bincount(circuit.indices, minlength=circuit.n).astype(np.float64)
    # Walks of two steps, and of three by their middle connections.
    steps = float(into @ out), float(into[circuit.sources()] @ out[circuit.indices])
    if min(steps[1], float(circuit.n) ** 2) > MOST_STORED:
        return float("inf")
    return sum(steps) / SPARSE_STEPS + 3 * min(steps[1], circuit.n**2) / PAIRS


def _exact_sum(values: Ints) -> int:
    """Sum whole numbers below 2⁶³, whatever the size of the sum."""
    whole = np.asarray(values, np.int64)
    return _joined(int((whole >> HALF).sum()), int((whole & LOW).sum()))


def _joined(high: int, low: int) -> int:
    return (int(high) << HALF) + int(low)


@kernel
def _around(one: Whole, other: Whole) -> Ints:
    """Σ_j one_ij other_ji in two halves, shape (n, 2); by squares that the first cache holds."""
    n = one.shape[0]
    halves = np.zeros((n, 2), np.uint64)
    square = np.zeros((BLOCK, BLOCK), other.dtype)
    for up in range(0, n, BLOCK):
        for across in range(0, n, BLOCK):
            turned = other[across : across + BLOCK, up : up + BLOCK]
            for i in range(turned.shape[1]):
                for j in range(turned.shape[0]):
                    square[i, j] = turned[j, i]
            for i in range(min(BLOCK, n - up)):
                on, back = one[up + i, across : across + BLOCK], square[i]
                some = np.uint64(0)  # of 64 terms, below 2⁵⁵ each: A³ is at most n²
                for j in range(on.size):
                    some += np.uint64(on[j]) * np.uint64(back[j])
                halves[up + i, 0] += some >> np.uint64(HALF)
                halves[up + i, 1] += some & np.uint64(LOW)
    return halves.astype(np.int64)


@kernel
def _edge_sums(
    indptr: Ints,
    indices: npt.NDArray[np.int32],
    linked: Bytes,
    two: Whole,
    three: Whole,
) -> Ints:
    """Return sums over connections, in the order chords, long_chords, joined, crossed, fans."""
    sums = np.zeros(5, np.int64)
    for a in range(indptr.size - 1):
        for k in range(indptr[a], indptr[a + 1]):
            b = indices[k]
            there = np.int64(two[b, a])
            sums[4] += there * there
            if linked[b, a]:
                here = np.int64(two[a, b])
                sums[0] += here
                sums[1] += np.int64(three[b, a])
                sums[2] += np.int64(two[a, a]) * np.int64(two[b, b])
                sums[3] += here * there
    return sums
