"""The triads by cell class: 16 kinds × the classes of their three neurons, exact.

Closed triads are counted with the classes of their neurons, by bit rows in which every class has
words of its own or by the lists of the sparse kernel. All others follow from degrees towards each
class: two arms of a neuron less those whose ends are connected, a pair and a third neuron less
those that are attached, all triples of classes less the rest.

Tables have one axis a place of the drawing. In a *whole* table an instance stands once for every
symmetry of its triad, in a *reduced* one it stands once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations, product
from math import comb
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.frame import observable
from analysis.motifs import lists
from analysis.motifs.triads import CLOSED, MAN
from analysis.motifs.typed_bits import closed_by_bits

Ints = npt.NDArray[np.int64]
Path = Literal["auto", "dense", "sparse"]
Cell = tuple[int, int, int]
MOST_CLASSES = 16
DENSE_BYTES = 256 << 20  # of one bit matrix times seven
DENSEST = 1 / 64  # below this density the lists are the quicker ones

# One drawing of each triad on the places A, B, C = 0, 1, 2; `classes` of the result follow it.
ARROWS: dict[str, tuple[tuple[int, int], ...]] = {
    "003": (),
    "012": ((0, 1),),
    "102": ((0, 1), (1, 0)),
    "021D": ((1, 0), (1, 2)),
    "021U": ((0, 1), (2, 1)),
    "021C": ((0, 1), (1, 2)),
    "111D": ((0, 1), (1, 0), (2, 1)),
    "111U": ((0, 1), (1, 0), (1, 2)),
    "030T": ((0, 1), (1, 2), (0, 2)),
    "030C": ((0, 1), (1, 2), (2, 0)),
    "201": ((0, 1), (1, 0), (1, 2), (2, 1)),
    "120D": ((1, 0), (1, 2), (0, 2), (2, 0)),
    "120U": ((0, 1), (2, 1), (0, 2), (2, 0)),
    "120C": ((0, 1), (1, 2), (0, 2), (2, 0)),
    "210": ((0, 1), (1, 2), (2, 1), (0, 2), (2, 0)),
    "300": ((0, 1), (1, 0), (1, 2), (2, 1), (0, 2), (2, 0)),
}
_OUT, _IN, _MUTUAL = range(3)
# Arms of a neuron, as (kind of the first, kind of the second), by the triad that they make.
_ARMS = {
    "021D": (_OUT, _OUT),
    "021U": (_IN, _IN),
    "021C": (_IN, _OUT),
    "111D": (_MUTUAL, _IN),
    "111U": (_MUTUAL, _OUT),
    "201": (_MUTUAL, _MUTUAL),
}


def symmetries(motif: str) -> list[Cell]:
    """Return the relabellings of A, B, C that leave the drawing of a triad as it is."""
    drawn = set(ARROWS[motif])
    ways: list[Cell] = [(a, b, c) for a, b, c in permutations(range(3))]
    return [p for p in ways if {(p[a], p[b]) for a, b in drawn} == drawn]


@dataclass(frozen=True)
class TypedCensus:
    """Induced counts of the 16 triads by the classes of their neurons.

    Attributes
    ----------
    classes : tuple of str
        Names of the classes.
    counts : dict
        MAN code → {classes of A, B, C in `ARROWS`, as numbers → count}; only what occurs. Of the
        ways to write symmetric places the smallest is there.
    path : {"dense", "sparse"}
        How the closed ones were counted.
    """

    classes: tuple[str, ...]
    counts: dict[str, dict[Cell, int]]
    path: str

    def untyped(self) -> dict[str, int]:
        """Sum over classes: the plain census."""
        return {motif: sum(cells.values()) for motif, cells in self.counts.items()}

    def named(self, motif: str) -> list[tuple[tuple[str, ...], int]]:
        """Return the classes by name and the counts of a triad, the most frequent first."""
        ordered = sorted(self.counts[motif].items(), key=lambda pair: (-pair[1], pair[0]))
        return [(tuple(self.classes[k] for k in cell), count) for cell, count in ordered]


@dataclass(frozen=True, eq=False)
class CellCounter:
    """Counts chosen triads by class in one graph after the other.

    Attributes
    ----------
    labels : tuple of str
        Class of each neuron.
    cells : tuple of (str, tuple of int)
        MAN code and classes of the places, as in `TypedCensus`.
    """

    labels: tuple[str, ...]
    cells: tuple[tuple[str, Cell], ...]

    @property
    def number(self) -> int:
        """How many counts there are."""
        return len(self.cells)

    def __call__(self, graph: Circuit) -> Ints:
        """Count them, shape (number,)."""
        counts = typed_census(graph, self.labels).counts
        return np.array([counts[motif].get(cell, 0) for motif, cell in self.cells], np.int64)


def typed_census(circuit: Circuit, labels: Sequence[str], *, path: Path = "auto") -> TypedCensus:
    """Count the 16 induced triads of a circuit by the classes of their neurons, exactly.

    Parameters
    ----------
    circuit : Circuit
    labels : sequence of str, length n
        Class of each neuron; at most `MOST_CLASSES` different ones.
    path : {"auto", "dense", "sparse"}, optional
        How the closed triads are counted; the counts are the same.

    Returns
    -------
    TypedCensus
        The counts sum to C(n, 3), or to the number of triples whose pairs were all observable.

    Raises
    ------
    FrameError
        If no triple was observable, or single pairs were tested.
    ValueError
        If the path is unknown, the labels are not one a neuron, or there are too many classes.
    """
    if path not in ("auto", "dense", "sparse"):
        raise ValueError(f"path {path!r} is none of auto, dense, sparse")
    names = tuple(sorted(set(labels)))
    if len(labels) != circuit.n:
        raise ValueError(f"{len(labels)} labels for {circuit.n} neurons")
    if len(names) > MOST_CLASSES:
        raise ValueError(f"{len(names)} classes; at most {MOST_CLASSES} are counted apart")
    number = {name: place for place, name in enumerate(names)}
    whole = observable(circuit, "typed triads")
    classes = np.array([number[label] for label in labels], np.int64)
    if whole is not circuit:
        circuit, classes = whole, classes[circuit.frame.core]
    chosen = _choose(circuit, len(names)) if path == "auto" else path
    by_path = closed_by_bits if chosen == "dense" else _sparse
    tables, degrees = by_path(circuit, classes, len(names))
    closed = {motif: _reduced(motif, table) for motif, table in tables.items()}
    return TypedCensus(names, _complete(classes, len(names), closed, degrees), chosen)


def _choose(circuit: Circuit, k: int) -> str:
    padded = circuit.n + 64 * k
    fits = 7 * padded * padded // 8 <= DENSE_BYTES
    return "dense" if fits and circuit.density >= DENSEST else "sparse"


def _reduced(motif: str, whole: Ints) -> Ints:
    """Reduce a whole table: of the cells that symmetry makes equal the smallest is kept."""
    k = whole.shape[0]
    axes = np.indices(whole.shape)
    own = (axes[0] * k + axes[1]) * k + axes[2]
    turned = [(axes[p[0]] * k + axes[p[1]]) * k + axes[p[2]] for p in symmetries(motif)]
    smallest = np.minimum.reduce(turned)
    alike = np.add.reduce([one == own for one in turned])
    reduced: Ints = np.where(own == smallest, whole // alike, 0)
    return reduced


# --- closed triads by lists


def _sparse(circuit: Circuit, classes: Ints, k: int) -> tuple[dict[str, Ints], list[Ints]]:
    """Count closed triads, whole tables, and the degrees that the others follow from."""
    columns = lists.transpose(circuit.indptr, circuit.indices)
    number, order = lists.hub_order(circuit.indptr, columns[0])
    begins, entries = lists.orient(circuit.indptr, circuit.indices, *columns, number, order)
    table = _met(begins, entries, classes[order], k, _MOTIFS, _PLACES)
    full = {motif: np.zeros((k, k, k), np.int64) for motif in CLOSED}
    for place, motif in enumerate(CLOSED):
        for p in symmetries(motif):
            full[motif] += table[place].transpose(p)
    forth = _toward(circuit.indptr, circuit.indices, classes, k)
    back = _toward(*columns, classes, k)
    both = _mutual(circuit.indptr, circuit.indices, *columns, classes, k)
    degrees = [forth - both, back - both, both]
    return full, degrees


def _tables() -> tuple[Ints, Ints]:
    """Which triad three states make, and which of u, v, w take its places A, B, C."""
    motifs, places = np.zeros(27, np.int64), np.zeros((27, 3), np.int64)
    pairs = ((0, 1), (1, 2), (0, 2))  # uv, vw, uw
    for number, states in enumerate(product((1, 2, 3), repeat=3)):
        arrows = {
            arrow
            for (x, y), state in zip(pairs, states, strict=True)
            for arrow, bit in (((x, y), 1), ((y, x), 2))
            if state & bit
        }
        for place, motif in enumerate(CLOSED):
            for p in permutations(range(3)):  # p[A] is the one of u, v, w at place A
                if {(p[a], p[b]) for a, b in ARROWS[motif]} == arrows:
                    motifs[number], places[number] = place, p
    return motifs, places


_MOTIFS, _PLACES = _tables()


@kernel
def _met(
    begins: Ints,
    entries: npt.NDArray[np.int32],
    classes: Ints,
    k: int,
    motifs: Ints,
    places: Ints,
) -> Ints:
    """Count closed triads by kind and classes of their places, shape (7, k, k, k)."""
    n = begins.size - 1
    counts = np.zeros((7, k, k, k), np.int64)
    mark = np.zeros(n, np.uint8)
    three = np.zeros(3, np.int64)
    for u in range(n):
        begin, end = begins[u], begins[u + 1]
        if end - begin < 2:
            continue
        for q in range(begin, end):
            mark[entries[q] >> 2] = entries[q] & 3
        three[0] = classes[u]
        for q in range(begin, end):
            v, uv = entries[q] >> 2, entries[q] & 3
            three[1] = classes[v]
            for r in range(begins[v], begins[v + 1]):
                w = entries[r] >> 2
                uw = mark[w]
                if uw:
                    s = 9 * (uv - 1) + 3 * ((entries[r] & 3) - 1) + np.int64(uw) - 1
                    three[2] = classes[w]
                    counts[
                        motifs[s], three[places[s, 0]], three[places[s, 1]], three[places[s, 2]]
                    ] += 1
        for q in range(begin, end):
            mark[entries[q] >> 2] = 0
    return counts


# --- all others, from degrees


def _complete(
    classes: Ints, k: int, closed: dict[str, Ints], degrees: list[Ints]
) -> dict[str, dict[Cell, int]]:
    """Count all 16 triads; degrees are one-way out, one-way in, mutual towards classes, (n, k)."""
    sizes = np.bincount(classes, minlength=k)
    found = dict(closed)
    for motif, (first, second) in _ARMS.items():
        arms = _arms(degrees[first], degrees[second], classes, k, same=first == second)
        for other, table in closed.items():
            for y, center, z in permutations(range(3)):
                if (_kind(other, center, y), _kind(other, center, z)) == (first, second):
                    arms -= table.transpose(y, center, z)
        found[motif] = _reduced(motif, arms)
    attached = dict(found)
    same = np.eye(k, dtype=np.int64)
    for motif, kind in (("012", _OUT), ("102", _MUTUAL)):
        linked = np.array([degrees[kind][classes == c].sum(0) for c in range(k)], np.int64)
        linked = linked.reshape(k, k)
        # The third neuron is any but the two of the pair, less those that are attached to it.
        others = sizes[None, None, :] - same[:, None, :] - same[None, :, :]
        pairs = linked[:, :, None] * others
        for other, table in attached.items():
            for x, y, z in permutations(range(3)):
                if _kind(other, x, y) == kind:
                    pairs -= table.transpose(x, y, z)
        found[motif] = _reduced(motif, pairs)
    found["003"] = _rest(sizes, np.add.reduce(list(found.values())))
    return {motif: _cells(found[motif]) for motif in MAN}


def _cells(table: Ints) -> dict[Cell, int]:
    flat = table.ravel()
    some = np.flatnonzero(flat)
    cells = _all_cells(table.shape[0])
    return {cells[c]: n for c, n in zip(some.tolist(), flat[some].tolist(), strict=True)}


@lru_cache(maxsize=MOST_CLASSES + 1)
def _all_cells(k: int) -> list[Cell]:
    """Return the cells of a table in its order: made once, for there are many tables."""
    return list(product(range(k), range(k), range(k)))


@kernel
def _toward(indptr: Ints, indices: npt.NDArray[np.int32], classes: Ints, k: int) -> Ints:
    counts = np.zeros((indptr.size - 1, k), np.int64)
    for i in range(indptr.size - 1):
        for q in range(indptr[i], indptr[i + 1]):
            counts[i, classes[indices[q]]] += 1
    return counts


@kernel
def _mutual(
    indptr: Ints,
    indices: npt.NDArray[np.int32],
    starts: Ints,
    sources: npt.NDArray[np.int32],
    classes: Ints,
    k: int,
) -> Ints:
    counts = np.zeros((indptr.size - 1, k), np.int64)
    for i in range(indptr.size - 1):
        a, b = indptr[i], starts[i]
        while a < indptr[i + 1] and b < starts[i + 1]:
            x, y = indices[a], sources[b]
            if x == y:
                counts[i, classes[x]] += 1
            a += x <= y
            b += y <= x
    return counts


def _arms(first: Ints, second: Ints, classes: Ints, k: int, *, same: bool) -> Ints:
    """Pairs of arms by the classes of (end, centre, other end), a whole table."""
    table = np.zeros((k, k, k), np.int64)
    for c in range(k):
        inside = classes == c
        # Sums of whole numbers far below 2⁵³: exact, and as quick as products of matrices are.
        ends, others = (arm[inside].astype(np.float64) for arm in (first, second))
        table[:, c, :] = (ends.T @ others).astype(np.int64)
        if same:  # an arm makes no pair with itself
            table[np.arange(k), c, np.arange(k)] -= first[inside].sum(0)
    return table


def _kind(motif: str, x: int, y: int) -> int | None:
    """How y is connected to x in the drawing of a triad, seen from x."""
    forth, back = (x, y) in ARROWS[motif], (y, x) in ARROWS[motif]
    return _MUTUAL if forth and back else _OUT if forth else _IN if back else None


def _rest(sizes: Ints, taken: Ints) -> Ints:
    """Three neurons without a connection: all sets of three by classes, less those with any."""
    rest = np.zeros_like(taken)
    for a, b, c in product(range(sizes.size), repeat=3):
        if a <= b <= c:
            ways = 1
            for kind in {a, b, c}:
                ways *= comb(int(sizes[kind]), (a, b, c).count(kind))
            rest[a, b, c] = ways - sum(int(taken[p]) for p in set(permutations((a, b, c))))
    return rest
