"""The induced census of all 218 classes of four neurons: exact, or estimated with its error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.frame import observable
from analysis.motifs.four import dense, sparse
from analysis.motifs.four.build import Dyads, dyads_of
from analysis.motifs.four.classes import CONNECTED, codes, shapes
from analysis.motifs.four.combine import Sums, clique_weights, cycles_of_pairs, induced
from analysis.motifs.four.drawing import Drawing
from analysis.motifs.four.reach import DEGREE_LIMIT, DENSE_LIMIT, Cost, costs
from analysis.motifs.four.sets import SETS, uniform_sets
from schemas.errors import UsageError

Ints = npt.NDArray[np.int64]
Path = Literal["auto", "dense", "sparse"]
Method = Literal["auto", "exact", "hybrid", "sampled"]
METHODS = ("auto", "exact", "hybrid", "sampled")
SMALL = 2_000  # neurons: exact takes seconds, however they are connected
EXACT_SECONDS = 60.0  # of an exact census that `auto` will begin
SUMS_SECONDS = 1_800.0  # of the sums of a hybrid one
DRAWN_SECONDS = 10.0  # spent on drawn cliques, or as long as the sums take
EVERY = 10  # one in so many pairs is drawn, if a hybrid census is asked for


@dataclass(frozen=True)
class FourNodeCensus:
    """Induced counts of the classes of four neurons.

    Attributes
    ----------
    counts : dict of int to int
        Canonical code → count, all 218 classes in the order of the codes. An estimate without
        bias may be below zero.
    path : {"dense", "sparse", "sets"}
        How they were counted.
    method : {"exact", "hybrid", "sampled"}
        Whether all are exact; or cliques were estimated from some pairs, everything else being
        exact; or sets of four neurons were drawn.
    errors : dict of int to float
        Canonical code → standard error of the count; empty if all are exact.
    looked_at : tuple of int
        Pairs whose cliques were looked at, of how many; sets drawn, of how many; empty if exact.
    """

    counts: dict[int, int]
    path: str
    method: str = "exact"
    errors: dict[int, float] = field(default_factory=dict)
    looked_at: tuple[int, ...] = ()

    def connected(self) -> dict[int, int]:
        """Return the 199 classes whose four neurons hang together."""
        kept = (code for code, shape in zip(codes(), shapes(), strict=True) if shape in CONNECTED)
        return {code: self.counts[code] for code in kept}


def four_node_census(
    circuit: Circuit,
    method: Method = "auto",
    *,
    path: Path = "auto",
    every: int | None = None,
    sets: int = SETS,
    seed: int = 0,
    seconds: float | None = None,
) -> FourNodeCensus:
    """Count all induced subgraphs of four neurons by class, exactly or with a standard error.

    Parameters
    ----------
    circuit : Circuit
    method : {"auto", "exact", "hybrid", "sampled"}, optional
        `hybrid` counts stars, paths, cycles, paws and diamonds exactly and estimates cliques from
        some of the connected pairs, without bias. `sampled` draws sets of four neurons. `auto`
        takes the first of the three that is within reach by its estimated cost.
    path : {"auto", "dense", "sparse"}, optional
        By pairs of bit rows or by lists of partners; the counts are the same.
    every : int, optional
        A hybrid census draws one in so many pairs; default 10, or what the time allows under
        `auto`.
    sets : int, optional
        Sets of four neurons that a sampled census draws.
    seed : int, optional
        Seed of what is drawn; same seed, same numbers.
    seconds : float, optional
        What `auto` may spend on an exact census, or on what is exact of a hybrid one, by estimate
        and on one core; default 60, and 1,800 for a hybrid one.

    Returns
    -------
    FourNodeCensus
        Exact counts sum to C(n, 4) for the n neurons among which every pair was observable.

    Raises
    ------
    FrameError
        If there are not three such neurons, or single pairs were tested.
    UsageError
        If the circuit is too large for the path, or too small for the method, that was asked for.
    ValueError
        If the method or path is unknown.
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is none of {', '.join(METHODS)}")
    if path not in ("auto", "dense", "sparse"):
        raise ValueError(f"path {path!r} is none of auto, dense, sparse")
    if every is not None and every < 1:
        raise ValueError("one in `every` pairs is drawn: it is at least 1")
    inside = observable(circuit, "motifs of four neurons")
    if method == "sampled":
        return _by_sets(inside, sets, seed)
    dyads = dyads_of(inside)
    name = choose_path(dyads) if path == "auto" else path
    if method != "auto" or path != "auto":
        _check(dyads, name)
    if method == "auto" and dyads.n > SMALL:
        known = {one: cost for one, cost in costs(dyads).items() if path in ("auto", one)}
        chosen = _within_reach(known, seconds)
        if chosen is None:
            return _by_sets(inside, sets, seed)
        name, method = chosen
        every = every or _every(known[name])
    if method != "hybrid":
        return FourNodeCensus(_named(induced(_SUMS[name](dyads, None))), name)
    return _hybrid(dyads, name, Drawing.from_seed(every or EVERY, seed))


def _named(values: list[int]) -> dict[int, int]:
    return dict(zip(codes(), values, strict=True))


def _within_reach(
    known: dict[str, Cost], seconds: float | None = None
) -> tuple[str, Method] | None:
    """Return path and method of the best census that may be begun; None if none may."""
    if not known:
        return None
    quickest = min(known, key=lambda name: known[name].total)
    if known[quickest].total <= (EXACT_SECONDS if seconds is None else seconds):
        return quickest, "exact"
    quickest = min(known, key=lambda name: known[name].sums)
    if known[quickest].sums > (SUMS_SECONDS if seconds is None else seconds):
        return None
    return quickest, "hybrid"


def _every(cost: Cost) -> int:
    return max(2, ceil(cost.cliques / max(DRAWN_SECONDS, cost.sums)))


def _by_sets(circuit: Circuit, sets: int, seed: int) -> FourNodeCensus:
    if circuit.n < 4:
        raise UsageError(
            "sets of four neurons cannot be drawn from fewer", remedy="count them: method exact"
        )
    counts, errors = uniform_sets(circuit, sets, seed)
    named = dict(zip(codes(), errors, strict=True))
    whole = circuit.n * (circuit.n - 1) * (circuit.n - 2) * (circuit.n - 3) // 24
    return FourNodeCensus(_named(counts), "sets", "sampled", named, (sets, whole))


def _hybrid(dyads: Dyads, path: str, drawing: Drawing) -> FourNodeCensus:
    counts = induced(_SUMS[path](dyads, drawing))
    weights = clique_weights().astype(np.float64)
    variance = np.einsum("ca,ab,cb->c", weights, drawing.covariance, weights)
    errors = dict(zip(codes(), np.sqrt(np.maximum(variance, 0)).tolist(), strict=True))
    looked_at = (int(drawing.pairs[0]), int(drawing.pairs[1]))
    return FourNodeCensus(_named(counts), path, "hybrid", errors, looked_at)


def _check(dyads: Dyads, path: str) -> None:
    if path == "dense" and dyads.n > DENSE_LIMIT:
        raise _beyond("dense", f"{DENSE_LIMIT:,} neurons", dyads.n)
    most = int(dyads.degrees.sum(1).max(initial=0))
    if path == "sparse" and most > DEGREE_LIMIT:
        raise _beyond("sparse", f"{DEGREE_LIMIT:,} partners of a neuron", most)


def _beyond(path: str, limit: str, size: int) -> UsageError:
    return UsageError(
        f"the {path} path takes up to {limit}, not {size:,}",
        remedy="draw sets of four neurons: method sampled; or cut a smaller circuit",
    )


def choose_path(dyads: Dyads) -> str:
    """Return the quicker path for a circuit of this density; see docs/four-node.md."""
    if dyads.n > DENSE_LIMIT or dyads.n == 0:
        return "sparse"
    density = dyads.partners.size / dyads.n**2
    return "dense" if density > 0.08 + 20 / dyads.n else "sparse"


def _dense(dyads: Dyads, drawing: Drawing | None) -> Sums:
    cliques, matrix = dense.cliques(dyads, drawing)
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


def _sparse(dyads: Dyads, drawing: Drawing | None) -> Sums:
    cliques, common = sparse.cliques(dyads, drawing)
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


_SUMS: dict[str, Callable[[Dyads, Drawing | None], Sums]] = {"dense": _dense, "sparse": _sparse}


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
