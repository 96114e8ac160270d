"""From sums over dyads, pairs and cliques to the induced counts of all classes.

Partial counts (`classes.nesting`) follow from the sums of each shape; one Möbius matrix then gives
the induced ones. Everything is in whole numbers of Python, which do not overflow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement, product
from math import comb

import numpy as np
import numpy.typing as npt

from analysis.motifs.four.classes import CLASSES, class_of, nesting, shapes

Ints = npt.NDArray[np.int64]
FLIP = (1, 0, 2)  # a state, less one, seen from the other node
KINDS = range(3)


@dataclass(frozen=True, eq=False)
class Sums:
    """What the kernels sum. States count from 0: forth, back, mutual.

    Attributes
    ----------
    degrees : int64, shape (n, 3)
        Partners of every neuron by state.
    triangles : int64, shape (n, 3, 3, 3)
        [a, x, y, w]: ordered pairs (b, c) with ab in state x, ac in y, bc in w.
    dyad_pairs : int64, shape (3, 9, 9)
        [s, q, r]: over dyads in state s, seen from one end, the products of their common-neighbour
        vectors; entry 3x + y counts neurons in state x to the one and y to the other end.
    dyads : int64, shape (3, 9)
        The vectors themselves, summed.
    paths : int64, shape (3, 3, 3)
        [s, x, y]: over dyads (i, j) in state s, partners of i in state x times partners of j in y,
        without each other.
    cycles : mapping of int to int
        Class → number of 4-cycles, each once, whatever their diagonals.
    cliques : int64, shape (729,)
        Base 3 digits: states of ij, ik, jk, il, jl, kl.
    """

    degrees: Ints
    triangles: Ints
    dyad_pairs: Ints
    dyads: Ints
    paths: Ints
    cycles: Mapping[int, int]
    cliques: Ints


def induced(sums: Sums) -> list[int]:
    """Return the number of induced subgraphs of every class, shape (218,)."""
    partial = [0] * CLASSES
    n = sums.degrees.shape[0]
    for add in (_cliques, _diamonds, _paws, _paths, _stars, _smaller):
        for number, count in add(sums, n).items():
            partial[number] += count
    for number, count in sums.cycles.items():
        partial[number] += count
    return [sum(partial[other] * times for other, times in row) for row in nesting()]


def cycle_class(x: int, y: int, z: int, w: int) -> int:
    """Return the class of a 4-cycle 0–2–1–3: states of 02, 12, 03, 13, each from 0 on."""
    return _class(((0, 2), x), ((1, 2), y), ((0, 3), z), ((1, 3), w))


@lru_cache(maxsize=4096)
def _class(*states: tuple[tuple[int, int], int]) -> int:
    return class_of({dyad: state + 1 for dyad, state in states})


@lru_cache(maxsize=1)
def clique_places() -> Ints:
    """Return which clique class six states in base 3 make, shape (729,); see `Sums.cliques`."""
    numbers = []
    for place in range(729):
        ij, ik, jk, il, jl, kl = (place // 3**power % 3 for power in (5, 4, 3, 2, 1, 0))
        numbers.append(
            _class(
                ((0, 1), ij), ((0, 2), ik), ((1, 2), jk), ((0, 3), il), ((1, 3), jl), ((2, 3), kl)
            )
        )
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


@lru_cache(maxsize=1)
def clique_classes() -> tuple[int, ...]:
    """Return the 42 classes of cliques, rising, as numbers among the 218."""
    return tuple(number for number, shape in enumerate(shapes()) if shape == "clique")


def clique_weights() -> Ints:
    """Return how often each class of cliques enters the induced counts, shape (218, 42)."""
    weights = np.zeros((CLASSES, len(clique_classes())), np.int64)
    for number, row in enumerate(nesting()):
        for other, times in row:
            if other in clique_classes():
                weights[number, clique_classes().index(other)] = times
    return weights


def _halved(totals: dict[int, int], by: int) -> dict[int, int]:
    """Divide; a sum that counts everything `by` times is divisible class by class."""
    for number, count in totals.items():
        if count % by:
            raise AssertionError(f"class {number} is counted {count} / {by} times")
    return {number: count // by for number, count in totals.items()}


def _cliques(sums: Sums, _n: int) -> dict[int, int]:
    totals: dict[int, int] = {}
    for place in np.flatnonzero(sums.cliques).tolist():
        number = clique_classes()[clique_places()[place]]
        totals[number] = totals.get(number, 0) + int(sums.cliques[place])
    return totals


def _diamonds(sums: Sums, _n: int) -> dict[int, int]:
    totals: dict[int, int] = {}
    for s in KINDS:
        for q, r in combinations_with_replacement(range(9), 2):
            pairs = int(sums.dyad_pairs[s, q, r])
            if q == r:  # unordered pairs of the same kind
                pairs = (pairs - int(sums.dyads[s, q])) // 2
            if pairs:
                number = _class(
                    ((0, 1), s),
                    ((0, 2), q // 3),
                    ((1, 2), q % 3),
                    ((0, 3), r // 3),
                    ((1, 3), r % 3),
                )
                totals[number] = totals.get(number, 0) + pairs
    return totals


def _paws(sums: Sums, _n: int) -> dict[int, int]:
    totals: dict[int, int] = {}
    tailed = np.einsum("axyw,az->xyzw", sums.triangles, sums.degrees)
    all_triangles = sums.triangles.sum(0)
    for x, y, z, w in product(KINDS, repeat=4):
        count = int(tailed[x, y, z, w])
        count -= ((x == z) + (y == z)) * int(all_triangles[x, y, w])  # the tail is no corner
        if count:
            number = _class(((0, 1), x), ((0, 2), y), ((1, 2), w), ((0, 3), z))
            totals[number] = totals.get(number, 0) + count
    return _halved(totals, 2)


def _paths(sums: Sums, _n: int) -> dict[int, int]:
    totals: dict[int, int] = {}
    for s, x, y in product(KINDS, repeat=3):
        count = int(sums.paths[s, x, y]) - int(sums.dyads[s, 3 * x + y])  # the ends are two
        if count:
            number = _class(((0, 1), s), ((0, 2), x), ((1, 3), y))
            totals[number] = totals.get(number, 0) + count
    return totals


def _stars(sums: Sums, _n: int) -> dict[int, int]:
    totals: dict[int, int] = {}
    for arms in combinations_with_replacement(KINDS, 3):
        ways = np.ones(sums.degrees.shape[0], np.int64)
        for x in KINDS:
            d, k = sums.degrees[:, x], arms.count(x)
            ways = ways * (1, d, d * (d - 1) // 2, d * (d - 1) * (d - 2) // 6)[k]
        number = _class(*(((0, node + 1), x) for node, x in enumerate(arms)))
        totals[number] = _sum(ways)
    return totals


def _sum(values: Ints) -> int:
    """Sum whole numbers of up to 63 bits without overflow."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFF_FFFF).sum())


def _smaller(sums: Sums, n: int) -> dict[int, int]:
    """Graphs with an isolated node, two dyads, one dyad, none."""
    totals: dict[int, int] = {}

    def add(count: int, *states: tuple[tuple[int, int], int]) -> None:
        number = _class(*states)
        totals[number] = totals.get(number, 0) + count

    for x, y, w in product(KINDS, repeat=3):
        add(int(sums.triangles[..., x, y, w].sum()), ((0, 1), x), ((0, 2), y), ((1, 2), w))
    totals = {number: count * (n - 3) for number, count in _halved(totals, 6).items()}
    d = sums.degrees
    wedges: dict[tuple[int, int], int] = {}
    for x, y in combinations_with_replacement(KINDS, 2):
        ways = d[:, x] * (d[:, x] - 1) // 2 if x == y else d[:, x] * d[:, y]
        wedges[x, y] = int(ways.sum())
        add(wedges[x, y] * (n - 3), ((0, 1), x), ((0, 2), y))
    one_way, mutual = int(d[:, 0].sum()), int(d[:, 2].sum()) // 2
    both_one_way = wedges[0, 0] + wedges[0, 1] + wedges[1, 1]
    add(comb(one_way, 2) - both_one_way, ((0, 1), 0), ((2, 3), 0))
    add(one_way * mutual - wedges[0, 2] - wedges[1, 2], ((0, 1), 0), ((2, 3), 2))
    add(comb(mutual, 2) - wedges[2, 2], ((0, 1), 2), ((2, 3), 2))
    add(one_way * comb(max(n - 2, 0), 2), ((0, 1), 0))
    add(mutual * comb(max(n - 2, 0), 2), ((0, 1), 2))
    add(comb(n, 4))
    return totals


def cycles_of_pairs(products: Ints, vectors: Ints) -> dict[int, int]:
    """Return 4-cycles by class from the common neighbours of all pairs, connected or not.

    Parameters
    ----------
    products : int64, shape (4, 9, 9)
    vectors : int64, shape (4, 9)
        As of `dense.pairs`. A cycle is met at both of its diagonals.
    """
    totals: dict[int, int] = {}
    for q, r in combinations_with_replacement(range(9), 2):
        pairs = sum(int(products[s, q, r]) for s in range(4))
        if q == r:
            pairs = (pairs - sum(int(vectors[s, q]) for s in range(4))) // 2
        number = cycle_class(q // 3, q % 3, r // 3, r % 3)
        totals[number] = totals.get(number, 0) + pairs
    return _halved(totals, 2)
