"""`clustering`: how often two partners of a neuron are connected, by the directions involved.

Triangles are counted by population counts of bit rows where the circuit is dense, by lists of
partners where it is sparse.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, popcount
from analysis.motifs import lists
from analysis.statistics import statistic
from analysis.statistics.estimates import GROUPS, JACKKNIFE, NAN, Estimate, jackknife
from analysis.statistics.needs import WHOLE

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
PATTERNS = ("all", "cycle", "middleman", "in", "out")
LOOKUPS = 3e8  # per second, of lists
WORDS = 3e9  # per second, of bit rows
LARGEST_BITS = 22_000  # neurons: two matrices of 60 MB


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife."""
    return (GROUPS + 1) * seconds(circuit)


def seconds(circuit: Circuit) -> float:
    """Seconds of one computation."""
    return min(_bit_seconds(circuit), _list_seconds(circuit)) + circuit.m / LOOKUPS


@statistic(
    "clustering",
    title="Clustering",
    definition="Mean over neurons of the share of their possible directed triangles that exist; "
    "also by pattern: cycle, middleman (a neuron passes on what goes directly too), in (two "
    "connected neurons converge on it), out (it diverges to two connected ones).",
    doi="10.1103/PhysRevE.76.026107",
    reference="Fagiolo 2007",
    needs=WHOLE,
    unit="share, 0 to 1",
    meaning="how often two partners of a neuron are connected to each other",
    error=JACKKNIFE,
    expects="er",
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Compute the mean coefficients; a neuron without a possible triangle counts as 0."""
    expected = dict.fromkeys(PATTERNS, circuit.density)
    return Estimate(jackknife(circuit, mean_clustering, seed, expected=expected))


def mean_clustering(circuit: Circuit) -> Mapping[str, float]:
    """Return the mean over neurons of each of `PATTERNS`; nan without connections."""
    if circuit.m == 0:
        return dict.fromkeys(PATTERNS, NAN)
    return dict(zip(PATTERNS, clustering(circuit).mean(axis=0).tolist(), strict=True))


def clustering(circuit: Circuit) -> Floats:
    """Return the clustering coefficients of every neuron, shape (n, 5), in order of `PATTERNS`."""
    columns = lists.transpose(circuit.indptr, circuit.indices)
    if _bit_seconds(circuit) <= _list_seconds(circuit):
        found = _by_bits(circuit.indptr, circuit.indices)
    else:
        found = _by_lists(*_partners(circuit.indptr, circuit.indices, *columns))
    degrees = lists.dyad_degrees(circuit.indptr, circuit.indices, *columns)
    mutual = degrees[2].astype(np.float64)
    out, into = degrees[0] + mutual, degrees[1] + mutual
    both = out + into
    possible = np.stack(
        [
            both * (both - 1) - 2 * mutual,
            into * out - mutual,
            into * out - mutual,
            into * (into - 1),
            out * (out - 1),
        ],
        axis=1,
    )
    shares: Floats = np.divide(found, possible, out=np.zeros(possible.shape), where=possible > 0)
    return shares


def _bit_seconds(circuit: Circuit) -> float:
    if circuit.n > LARGEST_BITS:
        return float("inf")
    return 3 * circuit.m * (circuit.n / 64 + 2) / WORDS


def _list_seconds(circuit: Circuit) -> float:
    degrees = np.diff(circuit.indptr) + np.bincount(circuit.indices, minlength=circuit.n)
    smaller = np.minimum(degrees[circuit.sources()], degrees[circuit.indices])
    return float(smaller.sum()) / LOOKUPS


@kernel
def _by_bits(indptr: Ints, indices: npt.NDArray[np.int32]) -> Floats:
    """Directed triangles at each neuron by pattern, shape (n, 5)."""
    n = indptr.size - 1
    words = (n + 63) // 64
    out, into = np.zeros((n, words), np.uint64), np.zeros((n, words), np.uint64)
    one = np.uint64(1)
    for a in range(n):
        for k in range(indptr[a], indptr[a + 1]):
            b = indices[k]
            out[a, b >> 6] |= one << np.uint64(b & 63)
            into[b, a >> 6] |= one << np.uint64(a & 63)
    found = np.zeros((n, 5))
    for a in range(n):
        for k in range(indptr[a], indptr[a + 1]):
            b = indices[k]
            onward = before = around = 0
            for w in range(words):
                onward += popcount(out[a, w] & out[b, w])
            for w in range(words):
                before += popcount(into[a, w] & into[b, w])
            for w in range(words):
                around += popcount(into[a, w] & out[b, w])
            # a→b→c and a→c, c any common target: a diverges, b passes on.
            found[a, 4] += onward
            found[b, 2] += onward
            found[b, 3] += before
            found[a, 1] += around
    for a in range(n):
        found[a, 0] = found[a, 1] + found[a, 2] + found[a, 3] + found[a, 4]
    return found


@kernel
def _partners(
    indptr: Ints, indices: npt.NDArray[np.int32], starts: Ints, sources: npt.NDArray[np.int32]
) -> tuple[Ints, npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """List the partners of each neuron, rising: 1 output, 2 input, 3 both."""
    n = indptr.size - 1
    begins = np.zeros(n + 1, np.int64)
    partners = np.empty(2 * indices.size, np.int32)
    codes = np.empty(2 * indices.size, np.uint8)
    end = 0
    for i in range(n):
        a, b = indptr[i], starts[i]
        while a < indptr[i + 1] or b < starts[i + 1]:
            forth = indices[a] if a < indptr[i + 1] else n
            back = sources[b] if b < starts[i + 1] else n
            partners[end] = min(forth, back)
            codes[end] = (1 if forth <= back else 0) + (2 if back <= forth else 0)
            a += 1 if forth <= back else 0
            b += 1 if back <= forth else 0
            end += 1
        begins[i + 1] = end
    return begins, partners[:end], codes[:end]


@kernel
def _by_lists(
    begins: Ints, partners: npt.NDArray[np.int32], codes: npt.NDArray[np.uint8]
) -> Floats:
    """Directed triangles at each neuron by pattern, shape (n, 5); every triple is met once.

    A triple is looked for at its neuron of most partners, whose partners are marked.
    """
    n = begins.size - 1
    found = np.zeros((n, 5))
    mark = np.zeros(n, np.uint8)
    size = np.diff(begins)
    for u in range(n):
        for k in range(begins[u], begins[u + 1]):
            mark[partners[k]] = codes[k]
        for k in range(begins[u], begins[u + 1]):
            v = partners[k]
            if size[v] > size[u] or (size[v] == size[u] and v > u):
                continue
            for e in range(begins[v], begins[v + 1]):
                w = partners[e]
                if mark[w] == 0 or size[w] > size[v] or (size[w] == size[v] and w > v):
                    continue
                _add(found, u, codes[k], mark[w], codes[e])
                turned = ((codes[k] & 1) << 1) | (codes[k] >> 1)
                _add(found, v, turned, codes[e], mark[w])
                _add(
                    found,
                    w,
                    ((mark[w] & 1) << 1) | (mark[w] >> 1),
                    ((codes[e] & 1) << 1) | (codes[e] >> 1),
                    codes[k],
                )
        for k in range(begins[u], begins[u + 1]):
            mark[partners[k]] = 0
    return found


@kernel
def _add(found: Floats, i: int, j: int, k: int, between: int) -> None:
    """Add the triangles of neuron i, whose partners j and k are given by codes seen from it.

    `between` is the code of the pair seen from j.
    """
    to_j, from_j = float(j & 1), float(j >> 1)
    to_k, from_k = float(k & 1), float(k >> 1)
    forth, back = float(between & 1), float(between >> 1)
    cycle = to_j * forth * from_k + to_k * back * from_j
    middle = from_j * to_k * forth + from_k * to_j * back
    converging = from_j * from_k * (forth + back)
    diverging = to_j * to_k * (forth + back)
    found[i, 1] += cycle
    found[i, 2] += middle
    found[i, 3] += converging
    found[i, 4] += diverging
    found[i, 0] += cycle + middle + converging + diverging
