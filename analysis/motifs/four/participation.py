"""How many sets of four neurons of each class hold each neuron; exact.

The same partial counts as in `combine`, neuron by neuron: each part of a shape that the neuron can
be is counted from its connected pairs. The same matrix turns partial into induced counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.frame import observable
from analysis.motifs.four import per_neuron
from analysis.motifs.four.build import Dyads, dyads_of
from analysis.motifs.four.census import choose_path
from analysis.motifs.four.classes import CLASSES, class_of, codes, nesting
from analysis.motifs.four.combine import clique_classes, cycle_class
from analysis.motifs.four.reach import DENSE_LIMIT, participation_seconds
from analysis.motifs.neighbours import shared
from schemas.errors import UsageError

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
States = npt.NDArray[np.uint8]
Path = Literal["auto", "dense", "sparse"]

KINDS = range(3)
MOST_PARTNERS = 20_000  # of one neuron: bit rows among them take 150 MB
LONGEST = 3_600.0  # seconds
MOST_NEURONS = 2_000_000  # numbers of sets of three other neurons are whole numbers of 64 bits
BACK = np.array([1, 0, 2], np.int64)


@dataclass(frozen=True, eq=False)
class FourNodeParticipation:
    """Sets of four neurons that hold a neuron, by class.

    Attributes
    ----------
    codes : tuple of int
        Canonical codes of the 218 classes.
    counts : int64, shape (n, 218)
        One row per neuron of the circuit; 0 where it is not observed.
    observed : bool, shape (n,)
        Whether sets with it could have been observed; else its counts are missing, not 0.
    path : {"dense", "sparse"}
        How cliques and cycles were counted.
    """

    codes: tuple[int, ...]
    counts: Ints
    observed: Bools
    path: str


def four_node_participation(circuit: Circuit, *, path: Path = "auto") -> FourNodeParticipation:
    """Count, for every neuron, the induced subgraphs of four neurons that hold it, by class.

    Parameters
    ----------
    circuit : Circuit
    path : {"auto", "dense", "sparse"}, optional
        By pairs of bit rows or by lists of partners; the counts are the same.

    Returns
    -------
    FourNodeParticipation
        The counts of a class sum to four times its census.

    Raises
    ------
    FrameError
        If there are not three neurons among which every pair was observable, or single pairs were
        tested.
    UsageError
        If the circuit is too large.
    """
    dyads = dyads_of(observable(circuit, "motifs of four neurons"))
    chosen = choose_path(dyads) if path == "auto" else path
    _check(dyads, chosen)
    partial = _partial(dyads, chosen)
    core = circuit.frame.core
    counts = np.zeros((circuit.n, CLASSES), np.int64)
    counts[np.flatnonzero(core)[dyads.order]] = _induced(partial, *_rows_of_nesting())
    return FourNodeParticipation(codes(), counts, core.copy(), chosen)


def _check(dyads: Dyads, path: str) -> None:
    most = int(dyads.degrees.sum(1).max(initial=0))
    for size, limit, what in (
        (most, MOST_PARTNERS, "partners of a neuron"),
        (dyads.n, DENSE_LIMIT if path == "dense" else MOST_NEURONS, f"neurons on the {path} path"),
    ):
        if size > limit:
            raise UsageError(
                f"participation in motifs of four takes up to {limit:,} {what}, not {size:,}",
                remedy="cut a smaller circuit, or count participation in triads",
            )
    if (seconds := participation_seconds(dyads)) > LONGEST:
        raise UsageError(
            f"participation in motifs of four would take about {seconds / 3600:,.1f} hours",
            remedy="cut a smaller circuit, or count participation in triads",
        )


def _partial(dyads: Dyads, path: str) -> Ints:
    """Partial counts of every neuron, shape (n, 218); neurons in the order of the dyads."""
    n = dyads.n
    common = shared(dyads)
    counts = np.zeros((n, CLASSES), np.int64)
    counts[:, list(clique_classes())] = per_neuron.cliques(dyads, path)
    pairs = np.array(
        [[cycle_class(q // 3, q % 3, r // 3, r % 3) for r in range(9)] for q in range(9)]
    )
    per_neuron.cycles(dyads, path, pairs, counts)
    diamonds = _table(((0, 1), 0), ((0, 2), 1), ((1, 2), 2), ((0, 3), 3), ((1, 3), 4))
    diamonds = diamonds.reshape(3, 9, 9)
    per_neuron.wings(dyads, common, diamonds, counts)
    degrees = dyads.degrees
    first, triangles, paths = _around(
        dyads.starts, dyads.middle, dyads.partners, dyads.states, degrees, common
    )
    _of_pairs(
        dyads.starts, dyads.partners, dyads.states, degrees, first, common, triangles, paths,
        diamonds,
        _table(((0, 1), 0), ((0, 2), 1), ((1, 2), 2), ((0, 3), 3)),
        _table(((0, 1), 0), ((0, 2), 1), ((1, 3), 2)),
        _table(((0, 1), 0), ((0, 2), 1), ((0, 3), 2)),
        counts,
    )  # fmt: skip
    wedges, loose = _loose(dyads, triangles)
    _isolates(counts, dyads, wedges, loose)
    return counts


def _table(*sides: tuple[tuple[int, int], int]) -> Ints:
    """Class of a shape by the states of its dyads, each of which names its axis."""
    size = len(sides)
    table = np.empty((3,) * size, np.int64)
    for states in product(KINDS, repeat=size):
        table[states] = class_of({dyad: states[axis] + 1 for dyad, axis in sides})
    return table


@kernel
def _around(
    starts: Ints, middle: Ints, partners: Indices, states: States, degrees: Ints, common: Indices
) -> tuple[Ints, Ints, Ints]:
    """Give every entry the number of its pair, and sum what is around each neuron.

    Returns
    -------
    numbers : int64, shape (entries,)
        Row of `common` of the pair of each entry of the lists.
    triangles : int64, shape (n, 3, 3, 3)
        As in `combine.Sums`.
    paths : int64, shape (n, 3, 3)
        [b, s, y]: over partners c in state s, partners of c in state y other than b.
    """
    n = middle.size
    numbers = np.zeros(partners.size, np.int64)
    triangles = np.zeros((n, 3, 3, 3), np.int64)
    paths = np.zeros((n, 3, 3), np.int64)
    place = starts[:-1].copy()
    d = 0
    for i in range(n):
        for e in range(middle[i], starts[i + 1]):
            j, s = partners[e], np.int64(states[e]) - 1
            back = BACK[s]
            numbers[e] = d
            numbers[place[j]] = d  # earlier partners come in rising order
            place[j] += 1
            for x in range(3):
                for y in range(3):
                    count = np.int64(common[d, 3 * x + y])
                    triangles[i, s, x, y] += count
                    triangles[j, back, y, x] += count
                paths[i, s, x] += degrees[j, x] - (x == back)
                paths[j, back, x] += degrees[i, x] - (x == s)
            d += 1
    return numbers, triangles, paths


@kernel
def _of_pairs(
    starts: Ints,
    partners: Indices,
    states: States,
    degrees: Ints,
    numbers: Ints,
    common: Indices,
    triangles: Ints,
    paths: Ints,
    diamonds: Ints,
    paws: Ints,
    chains: Ints,
    stars: Ints,
    counts: Ints,
) -> None:
    """Add what a neuron a is in stars, paths, paws, and as an end of the chord in diamonds."""
    n = starts.size - 1
    twice = np.zeros(counts.shape[1], np.int64)
    v = np.zeros(9, np.int64)
    for a in range(n):
        row = counts[a]
        _center(degrees[a], triangles[a], paws, stars, row, twice)
        for e in range(starts[a], starts[a + 1]):
            b, s = np.int64(partners[e]), np.int64(states[e]) - 1
            back = BACK[s]
            thirds = common[numbers[e]]
            for q in range(9):  # third neurons by their states to a and to b
                v[q] = thirds[q] if a < b else thirds[3 * (q % 3) + q // 3]
            mine, yours = degrees[a], degrees[b]
            _chord(v, diamonds[s], row)
            for x in range(3):
                for y in range(3):
                    third = v[3 * x + y]
                    # A path whose middle is a – b; a corner of a paw whose centre is b.
                    row[chains[s, x, y]] += (mine[x] - (x == s)) * (yours[y] - (y == back)) - third
                    for z in range(3):
                        row[paws[back, y, x, z]] += third * (yours[z] - (z == back) - (z == y))
                    # Ends of paths a – b – c – d: c is not a, d is not a.
                    row[chains[x, back, y]] += paths[b, x, y]
                    row[chains[y, back, BACK[x]]] -= third
                    # The tail of a paw: triangles at b without a, each met twice.
                    twice[paws[back, y, x, back]] -= 2 * third
                    for w in range(3):
                        twice[paws[x, y, w, back]] += triangles[b, x, y, w]
                row[chains[back, back, x]] -= mine[x] - (x == s)
            # A leaf of a star.
            for x in range(3):
                others = yours[x] - (x == back)
                row[stars[back, x, x]] += others * (others - 1) // 2
                for y in range(x + 1, 3):
                    row[stars[back, x, y]] += others * (yours[y] - (y == back))
        for c in range(twice.size):
            row[c] += twice[c] // 2
            twice[c] = 0


@kernel
def _center(
    degrees: Ints, triangles: Ints, paws: Ints, stars: Ints, row: Ints, twice: Ints
) -> None:
    """Add the stars and, in `twice`, the paws whose centre a neuron is."""
    for x in range(3):
        d = degrees[x]
        row[stars[x, x, x]] += d * (d - 1) * (d - 2) // 6
        for y in range(3):
            if y != x:
                row[stars[x, x, y]] += d * (d - 1) // 2 * degrees[y]
            for w in range(3):
                for z in range(3):
                    twice[paws[x, y, w, z]] += triangles[x, y, w] * (
                        degrees[z] - (z == x) - (z == y)
                    )
    row[stars[0, 1, 2]] += degrees[0] * degrees[1] * degrees[2]


@kernel
def _chord(v: Ints, diamonds: Ints, row: Ints) -> None:
    for q in range(9):
        if v[q] == 0:
            continue
        row[diamonds[q, q]] += v[q] * (v[q] - 1) // 2
        for r in range(q + 1, 9):
            row[diamonds[q, r]] += v[q] * v[r]


def _loose(dyads: Dyads, triangles: Ints) -> tuple[dict[int, Ints], dict[int, Ints]]:
    """Wedges and triangles that hold each neuron, each shape (n,), by class with an isolate."""
    n, degrees = dyads.n, dyads.degrees
    owner = np.repeat(np.arange(n), np.diff(dyads.starts))
    seen_back = BACK[dyads.states.astype(np.int64) - 1]
    others = degrees[dyads.partners].copy()  # of the partner, without the neuron itself
    others[np.arange(owner.size), seen_back] -= 1
    wedges: dict[int, Ints] = {}
    for x in KINDS:
        for y in range(x, 3):
            arms = degrees[:, x] * (degrees[:, y] - (x == y)) // (1 + (x == y))
            ends = np.zeros(n, np.int64)
            for mine, other in {(x, y), (y, x)}:
                chosen = seen_back == mine
                np.add.at(ends, owner[chosen], others[chosen, other])
            wedges[class_of({(0, 1): x + 1, (0, 2): y + 1})] = arms + ends
    doubled: dict[int, Ints] = {}
    for x, y, w in product(KINDS, repeat=3):
        number = class_of({(0, 1): x + 1, (0, 2): y + 1, (1, 2): w + 1})
        doubled[number] = doubled.get(number, np.zeros(n, np.int64)) + triangles[:, x, y, w]
    return wedges, {number: count // 2 for number, count in doubled.items()}


def _isolates(
    counts: Ints, dyads: Dyads, wedges: dict[int, Ints], triangles: dict[int, Ints]
) -> None:
    """Add graphs with an isolated node, two dyads, one dyad, none."""
    n = dyads.n
    for held in (wedges, triangles):
        for number, inside in held.items():  # in it, or the isolated one
            counts[:, number] += inside * (n - 3) + (int(inside.sum()) // 3 - inside)
    kinds = np.stack([dyads.degrees[:, :2].sum(1), dyads.degrees[:, 2]], axis=1)  # one-way, mutual
    every = kinds.sum(0) // 2
    for kind, state in ((0, 1), (1, 3)):
        number = class_of({(0, 1): state})
        counts[:, number] += kinds[:, kind] * ((n - 2) * (n - 3) // 2)
        counts[:, number] += (every[kind] - kinds[:, kind]) * max(n - 3, 0)
    owner = np.repeat(np.arange(n), np.diff(dyads.starts))
    mutual = (dyads.states == 3).astype(np.int64)
    for mine, other in product((0, 1), repeat=2):
        # Pairs apart from one of the neuron: all, less those at itself or at its partner.
        near = np.zeros(n, np.int64)
        at = mutual == mine
        np.add.at(near, owner[at], kinds[dyads.partners[at], other] - (mine == other))
        number = class_of({(0, 1): (1, 3)[mine], (2, 3): (1, 3)[other]})
        counts[:, number] += kinds[:, mine] * (every[other] - kinds[:, other]) - near
    counts[:, 0] += max((n - 1) * (n - 2) * (n - 3) // 6, 0)


def _rows_of_nesting() -> tuple[Ints, Ints, Ints]:
    """Return `nesting` in compressed rows: starts, classes, signed numbers."""
    rows = nesting()
    starts = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    entries = np.array([entry for row in rows for entry in row], np.int64)
    return starts, np.ascontiguousarray(entries[:, 0]), np.ascontiguousarray(entries[:, 1])


@kernel
def _induced(partial: Ints, starts: Ints, classes: Ints, times: Ints) -> Ints:
    counts = np.zeros_like(partial)
    for a in range(partial.shape[0]):
        for c in range(starts.size - 1):
            total = 0
            for k in range(starts[c], starts[c + 1]):
                total += partial[a, classes[k]] * times[k]
            counts[a, c] = total
    return counts
