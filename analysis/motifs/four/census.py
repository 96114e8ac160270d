"""The exact induced census of all 218 classes of four neurons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.frame import observable
from analysis.motifs.four import dense, sparse
from analysis.motifs.four.build import Dyads, dyads_of
from analysis.motifs.four.classes import CONNECTED, codes, shapes
from analysis.motifs.four.combine import Sums, cycles_of_pairs, induced

Ints = npt.NDArray[np.int64]
Path = Literal["auto", "dense", "sparse"]
DENSE_LIMIT = 20_000  # neurons: the dense path keeps n² bytes
DEGREE_LIMIT = 46_340  # partners: the sparse path sums 16-bit counters of one neuron in 32 bits


@dataclass(frozen=True)
class FourNodeCensus:
    """Induced counts of the classes of four neurons.

    Attributes
    ----------
    counts : dict of int to int
        Canonical code → count, all 218 classes in the order of the codes.
    path : {"dense", "sparse"}
        How they were counted.
    """

    counts: dict[int, int]
    path: str

    def connected(self) -> dict[int, int]:
        """Return the 199 classes whose four neurons hang together."""
        kept = (code for code, shape in zip(codes(), shapes(), strict=True) if shape in CONNECTED)
        return {code: self.counts[code] for code in kept}


def four_node_census(circuit: Circuit, *, path: Path = "auto") -> FourNodeCensus:
    """Count all induced subgraphs of four neurons exactly, by class.

    Parameters
    ----------
    circuit : Circuit
    path : {"auto", "dense", "sparse"}, optional
        By pairs of bit rows or by lists of partners; the counts are the same.

    Returns
    -------
    FourNodeCensus
        The counts sum to C(n, 4) for the n neurons among which every pair was observable.

    Raises
    ------
    FrameError
        If there are not three such neurons, or single pairs were tested.
    ValueError
        If the path is unknown, or the circuit is too large for the one that was asked for.
    """
    if path not in ("auto", "dense", "sparse"):
        raise ValueError(f"path {path!r} is none of auto, dense, sparse")
    dyads = dyads_of(observable(circuit, "motifs of four neurons"))
    chosen = _choose(dyads) if path == "auto" else path
    if chosen == "dense" and dyads.n > DENSE_LIMIT:
        raise ValueError(f"the dense path takes up to {DENSE_LIMIT:,} neurons, not {dyads.n:,}")
    if chosen == "sparse" and dyads.degrees.sum(1).max(initial=0) > DEGREE_LIMIT:
        raise ValueError(f"the sparse path takes up to {DEGREE_LIMIT:,} partners of a neuron")
    sums = _dense(dyads) if chosen == "dense" else _sparse(dyads)
    return FourNodeCensus(dict(zip(codes(), induced(sums), strict=True)), chosen)


def _choose(dyads: Dyads) -> str:
    if dyads.n > DENSE_LIMIT or dyads.n == 0:
        return "sparse"
    density = dyads.partners.size / dyads.n**2
    return "dense" if density > 0.08 + 20 / dyads.n else "sparse"


def _dense(dyads: Dyads) -> Sums:
    cliques, matrix = dense.cliques(dyads)
    products, vectors, triangles = dense.pairs(dyads, matrix)
    return Sums(
        degrees=dyads.degrees,
        triangles=triangles,
        dyad_pairs=products[1:],
        dyads=vectors[1:],
        paths=paths(dyads),
        cycles=cycles_of_pairs(products, vectors),
        cliques=cliques,
    )


def _sparse(dyads: Dyads) -> Sums:
    cliques, common = sparse.cliques(dyads)
    products, vectors, triangles = sparse.over_dyads(dyads, common)
    return Sums(
        degrees=dyads.degrees,
        triangles=triangles,
        dyad_pairs=products,
        dyads=vectors,
        paths=paths(dyads),
        cycles=sparse.cycles(dyads),
        cliques=cliques,
    )


def paths(dyads: Dyads) -> Ints:
    """Sum, over dyads, partners of one end times partners of the other; see `combine.Sums`."""
    return _paths(dyads.starts, dyads.middle, dyads.partners, dyads.states, dyads.degrees)


@kernel
def _paths(
    starts: Ints,
    middle: Ints,
    partners: npt.NDArray[np.int32],
    states: npt.NDArray[np.uint8],
    degrees: Ints,
) -> Ints:
    total = np.zeros((3, 3, 3), np.int64)
    for i in range(middle.size):
        for e in range(middle[i], starts[i + 1]):
            j, s = partners[e], np.int64(states[e]) - 1
            back = (1, 0, 2)[s]
            for x in range(3):
                for y in range(3):
                    total[s, x, y] += (degrees[i, x] - (x == s)) * (degrees[j, y] - (y == back))
    return total
