"""The triads by cell class: 16 kinds × the classes of their three neurons, exact.

Closed triads are counted with the classes of their neurons, by bit rows in which every class has
blocks of its own or by the lists of the sparse kernel. All others follow from degrees towards each
class: two arms of a neuron less those whose ends are connected, a pair and a third neuron less
those that are attached, all triples of classes less the rest.

Tables have one axis a place of the drawing. In a *whole* table an instance stands once for every
symmetry of its triad, in a *reduced* one it stands once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations, product
from math import comb
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel, popcount
from analysis.frame import observable
from analysis.motifs import bits, lists
from analysis.motifs.triads import CLOSED, MAN
from analysis.motifs.vectors import GROUP, WORDS, shared_bits

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
    found = (_dense if chosen == "dense" else _sparse)(circuit, classes, len(names))
    return TypedCensus(names, _complete(classes, len(names), *found), chosen)


def _choose(circuit: Circuit, k: int) -> str:
    padded = circuit.n + k * bits.BLOCK
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


# --- closed triads by bit rows


def _dense(circuit: Circuit, classes: Ints, k: int) -> tuple[dict[str, Ints], list[Ints]]:
    """Count closed triads, and the degrees that the others follow from."""
    sizes = np.bincount(classes, minlength=k)
    first = np.concatenate([[0], np.cumsum((sizes + bits.BLOCK - 1) // bits.BLOCK)])
    order = np.argsort(classes, kind="stable")
    rank = np.empty(circuit.n, np.int64)
    rank[order] = np.arange(circuit.n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    place = first[classes] * bits.BLOCK + rank
    rows = bits.pack(*_placed(circuit.indptr, circuit.indices, place, int(first[-1]) * bits.BLOCK))
    outgoing, incoming, mutual = rows
    of_block = np.repeat(np.arange(k), np.diff(first))

    forth, both = (
        [bits.listed_within(kind, int(first[c]), int(first[c + 1])) for c in range(k)]
        for kind in (outgoing, mutual)
    )

    def shared(pairs: list[tuple[Ints, bits.Places]], mine: bits.Words, theirs: bits.Words) -> Ints:
        table = np.zeros((k, k, k), np.int64)
        for c, listed in enumerate(pairs):
            table[:, c, :] = _common(mine, theirs, *listed, of_block, k)
        return table

    # Axes are (i, p, third); what is third in the pass may have another place in the drawing.
    tables = {
        "030T": shared(forth, outgoing, outgoing),  # A → B, third C
        "030C": shared(forth, incoming, outgoing),
        "120D": shared(both, incoming, incoming).transpose(0, 2, 1),  # A ↔ C, third B
        "120U": shared(both, outgoing, outgoing).transpose(0, 2, 1),
        "120C": shared(both, outgoing, incoming).transpose(0, 2, 1),
        "210": shared(forth, mutual, mutual),  # A → B, third C
        "300": shared(both, mutual, mutual),
    }
    degrees = [_toward_bits(kind, place, of_block, k) for kind in rows]
    return {motif: _reduced(motif, table) for motif, table in tables.items()}, degrees


@kernel
def _toward_bits(rows: bits.Words, place: Ints, of_block: Ints, k: int) -> Ints:
    """Bits of each neuron's row by the class of their block, shape (n, k)."""
    counts = np.zeros((place.size, k), np.int64)
    for b in range(rows.shape[0]):
        for i in range(place.size):
            for w in range(WORDS):
                counts[i, of_block[b]] += popcount(rows[b, place[i], w])
    return counts


@kernel
def _placed(
    indptr: Ints, indices: npt.NDArray[np.int32], place: Ints, size: int
) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Renumber a circuit into `size` places, most of which may be empty."""
    starts = np.zeros(size + 1, np.int64)
    for i in range(place.size):
        starts[place[i] + 1] = indptr[i + 1] - indptr[i]
    for p in range(size):
        starts[p + 1] += starts[p]
    moved = np.empty(indices.size, np.int32)
    for i in range(place.size):
        at = starts[place[i]]
        for q in range(indptr[i], indptr[i + 1]):
            moved[at + q - indptr[i]] = place[indices[q]]
    return starts, moved


@kernel
def _common(
    rows: bits.Words, others: bits.Words, starts: Ints, places: bits.Places, of_block: Ints, k: int
) -> Ints:
    """Sum the bits that `rows` of i and `others` of p share, by the classes of i and of the bit."""
    n = rows.shape[1] - 1
    table = np.zeros((k, k), np.int64)
    for b in range(rows.shape[0]):
        first = np.uint64(b * (n + 1)) * bits.ROW_BYTES
        for i in range(n):
            groups = starts[i + 1] - starts[i]
            if groups == 0:
                continue
            some = np.uint64(0)
            for w in range(WORDS):
                some |= rows[b, i, w]
            if some == 0:
                continue
            table[of_block[i // bits.BLOCK], of_block[b]] += shared_bits(
                np.uint64(rows.ctypes.data) + first + np.uint64(i) * bits.ROW_BYTES,
                np.uint64(others.ctypes.data) + first,
                np.uint64(places.ctypes.data) + np.uint64(starts[i] * GROUP) * bits.PLACE_BYTES,
                groups,
            )
    # Mentioned after the last use of their addresses: numba frees what is no longer needed.
    return table if rows.size and others.size and places.size else np.zeros((k, k), np.int64)


# --- closed triads by lists


def _sparse(circuit: Circuit, classes: Ints, k: int) -> tuple[dict[str, Ints], list[Ints]]:
    """Count closed triads, and the degrees that the others follow from."""
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
    return {motif: _reduced(motif, counts) for motif, counts in full.items()}, degrees


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
        linked = np.zeros((k, k), np.int64)
        np.add.at(linked, classes, degrees[kind])
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
    places = np.argwhere(table)
    counts = table[tuple(places.T)].tolist()
    return {(a, b, c): n for (a, b, c), n in zip(places.tolist(), counts, strict=True)}


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
        table[:, c, :] = first[inside].T @ second[inside]
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
