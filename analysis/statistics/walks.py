"""Closed walks of a circuit, exactly: sums over its matrix A, A² and A³.

Products run in BLAS where the circuit is dense, in sparse matrices where it is sparse; tr A⁵ alone
by population counts and sums of rows, in less than half the time of BLAS. A² and A³ hold whole
numbers that their types hold exactly (2²⁴ in single precision, 2⁵³ in double), and the sums, which
are larger, are whole numbers of any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, popcount

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

SINGLE = 2**24  # whole numbers below are exact in single precision
MULTIPLICATIONS = 6e10  # per second, of one core in BLAS
SPARSE_STEPS = 4e7  # per second, of a product of sparse matrices
PAIRS = 1.5e8  # per second, of the sums over pairs
LARGEST_DENSE = 12_000  # neurons: three matrices of 576 MB
MOST_STORED = 2e8  # entries of a sparse product, 2.4 GB
BLOCK = 64
ROWS = 16
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
    if _dense_seconds(circuit) <= _sparse_seconds(circuit):
        linked = circuit.dense(np.uint8)
        two, three = _powers(circuit)
        entries = _pair_sums(two, three)
        along = _edge_sums(circuit.indptr, circuit.indices, linked, two, three)
        m = np.diagonal(two).astype(np.int64)
        t = np.diagonal(three).astype(np.int64)
        four, five, six = (_joined(*halves) for halves in entries[0].tolist())
        fours = entries[1]
    else:
        two, three = _sparse_powers(circuit)
        matrix = _binary(circuit)
        back, back_two = matrix.T.tocsr(), two.T.tocsr()
        mutual = matrix.multiply(back)
        m, t = two.diagonal(), three.diagonal()
        around = two.multiply(back_two).tocsr()
        fours = np.asarray(around.sum(axis=1)).ravel().astype(np.int64)
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
        round=sum(v * int(w) for v, w in zip(ends, fours, strict=True)),
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
    if _dense_seconds(circuit) <= _sparse_seconds(circuit):
        squares = _squared(circuit.indptr, circuit.indices)
        return _joined(*_fives(circuit.indptr, circuit.indices, *squares).tolist())
    two, three = _sparse_powers(circuit)
    return _exact_sum(two.multiply(three.T.tocsr()).data)


def _powers(circuit: Circuit) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """A² and A³, in the shortest floating point type that holds them exactly."""
    largest = max(1, int(np.diff(circuit.indptr).max(initial=0)))
    into = max(1, int(np.bincount(circuit.indices, minlength=circuit.n).max(initial=0)))
    # (A³)_ij ≤ Σ over targets of i of (A²)_kj, and (A²)_kj is at most an in- or out-degree.
    bound = largest * min(largest, into)
    matrix = circuit.dense(np.float32 if bound < SINGLE else np.float64)
    two = matrix @ matrix
    return two, two @ matrix


def _binary(circuit: Circuit) -> Any:
    from scipy.sparse import csr_array

    ones = np.ones(circuit.m, np.int64)
    return csr_array((ones, circuit.indices.copy(), circuit.indptr.copy()), (circuit.n,) * 2)


def _sparse_powers(circuit: Circuit) -> tuple[Any, Any]:
    matrix = _binary(circuit)
    two = matrix @ matrix
    return two.tocsr(), (two @ matrix).tocsr()


def _dense_seconds(circuit: Circuit) -> float:
    n = circuit.n
    if n > LARGEST_DENSE:
        return float("inf")
    return 2 * n**3 / MULTIPLICATIONS + n * n / PAIRS


def _sparse_seconds(circuit: Circuit) -> float:
    out = np.diff(circuit.indptr).astype(np.float64)
    into = np.bincount(circuit.indices, minlength=circuit.n).astype(np.float64)
    second = np.zeros(circuit.n)
    np.add.at(second, circuit.sources(), out[circuit.indices])  # walks of two steps
    steps = float(into @ out), float(into @ second)
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
def _squared(
    indptr: Ints, indices: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """A² and its transpose by population counts, in blocks of columns, [block, row, column]."""
    n = indptr.size - 1
    words = (n + 511) // 512 * 8
    one = np.uint64(1)
    out, into = np.zeros((n, words), np.uint64), np.zeros((n, words), np.uint64)
    for a in range(n):
        for k in range(indptr[a], indptr[a + 1]):
            b = indices[k]
            out[a, b >> 6] |= one << np.uint64(b & 63)
            into[b, a >> 6] |= one << np.uint64(a & 63)
    blocks = (n + BLOCK - 1) // BLOCK
    two = np.zeros((blocks, n, BLOCK), np.int32)
    turned = np.zeros((blocks, n, BLOCK), np.int32)
    for up in range(0, n, ROWS):
        for j in range(n):
            for i in range(up, min(n, up + ROWS)):
                common = 0
                for w in range(words):
                    common += popcount(out[i, w] & into[j, w])
                two[j // BLOCK, i, j % BLOCK] = common
                turned[i // BLOCK, j, i % BLOCK] = common
    return two, turned


@kernel
def _fives(
    indptr: Ints,
    indices: npt.NDArray[np.int32],
    two: npt.NDArray[np.int32],
    turned: npt.NDArray[np.int32],
) -> Ints:
    """Return ⟨A A², (A²)ᵀ⟩ in two halves; the rows of A² of one block stay in the second cache."""
    n = indptr.size - 1
    halves = np.zeros(2, np.int64)
    three = np.zeros(BLOCK, np.int32)
    for b in range(two.shape[0]):
        rows = two[b]
        for i in range(n):
            three[:] = 0
            k, stop = indptr[i], indptr[i + 1]
            # Four rows at a time: the sum is fetched and stored for each, which costs as much.
            while k + 4 <= stop:
                p, q, r, s = indices[k], indices[k + 1], indices[k + 2], indices[k + 3]
                for c in range(BLOCK):
                    three[c] += rows[p, c] + rows[q, c] + rows[r, c] + rows[s, c]
                k += 4
            while k < stop:
                for c in range(BLOCK):
                    three[c] += rows[indices[k], c]
                k += 1
            for c in range(BLOCK):
                term = np.int64(three[c]) * np.int64(turned[b, i, c])
                halves[0] += term >> HALF
                halves[1] += term & LOW
    return halves


@kernel
def _pair_sums(two: npt.NDArray[Any], three: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """⟨A², (A²)ᵀ⟩, ⟨A², (A³)ᵀ⟩, ⟨A³, (A³)ᵀ⟩ in halves, shape (3, 2), and the rows of the first."""
    n = two.shape[0]
    halves = np.zeros((3, 2), np.int64)
    rows = np.zeros(n, np.int64)
    for up in range(0, n, BLOCK):
        for across in range(0, n, BLOCK):
            for i in range(up, min(up + BLOCK, n)):
                for j in range(across, min(across + BLOCK, n)):
                    here, there = np.int64(two[i, j]), np.int64(two[j, i])
                    on, back = np.int64(three[i, j]), np.int64(three[j, i])
                    rows[i] += here * there
                    term = here * back
                    halves[1, 0] += term >> HALF
                    halves[1, 1] += term & LOW
                    term = on * back
                    halves[2, 0] += term >> HALF
                    halves[2, 1] += term & LOW
    for i in range(n):
        halves[0, 0] += rows[i] >> HALF
        halves[0, 1] += rows[i] & LOW
    return halves, rows


@kernel
def _edge_sums(
    indptr: Ints,
    indices: npt.NDArray[np.int32],
    linked: Bytes,
    two: npt.NDArray[Any],
    three: npt.NDArray[Any],
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
