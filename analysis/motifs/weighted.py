"""Weighted triads: intensity and coherence of the 13 connected ones (Onnela et al. 2005).

The intensity of a triad is the geometric mean of the weights of its connections, its coherence that
mean over the arithmetic one: 1 where all are alike, near 0 where one is far weaker than the others.
DOI 10.1103/PhysRevE.71.065103.

Coherences are summed over all triads one by one. For intensities there is a shorter way, which the
null takes: those of all pairs of arms of a neuron are products of sums, and only triangles are
enumerated, to be counted themselves and to be taken off the pairs of arms that they close.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.frame import observable
from analysis.motifs.four.build import Dyads, dyads_of
from analysis.motifs.neighbours import later_lookups
from analysis.motifs.roles import CONNECTED, placed
from schemas.errors import UsageError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
States = npt.NDArray[np.uint8]
Progress = Callable[[int, int], None]

NULL = "weights_shuffled"
ONE_BY_ONE = 40_000_000_000  # triads that are enumerated, some 10 minutes
STEP = 1.5e-8  # seconds for one of them
LOOKUP = 1.6e-8  # seconds for a look-up of a sample of the null
LONGEST = 1_800.0  # seconds of all samples
ROUNDING = 1e-9  # of an intensity: sums in another order
CONNECTIONS = np.array([0, 1, 1, 2], np.int64)  # of a pair by its state
COLUMNS = (
    "motif", "count", "intensity", "mean_intensity", "coherence", "expected", "sd", "z", "p",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Weighted:
    """Dyads with the connections that stand behind each entry of their lists; −1 = none."""

    dyads: Dyads
    forth: Ints
    back: Ints

    def logs(self, weights: Floats) -> tuple[Floats, Floats]:
        """Sum of logarithms and sum of the weights of each entry's one or two connections."""
        logs, plain = np.log(np.append(weights, 1.0)), np.append(weights, 0.0)  # [-1]: none
        return logs[self.forth] + logs[self.back], plain[self.forth] + plain[self.back]


def weighted_census(
    circuit: Circuit,
    weights: npt.ArrayLike | None = None,
    *,
    samples: int = 200,
    groups: npt.ArrayLike | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Sum intensity and coherence over all connected triads, and compare with shuffled weights.

    Parameters
    ----------
    circuit : Circuit
    weights : float, shape (m,), optional
        Weight of each connection, above 0; default the circuit's numbers of synapses.
    samples : int, optional
        Samples of the null `weights_shuffled`: the wiring stays, the weights are dealt anew among
        all connections. 0 leaves it out.
    groups : int, shape (n,), optional
        Classes of neurons; weights are then dealt within connections of like classes only.
    seed : int, optional
    progress : callable, optional
        Called with (done, samples).

    Returns
    -------
    DataFrame
        One row per connected triad: count, intensity (total over its instances, in units of the
        weights), mean_intensity, coherence (mean, 0 … 1); of the null, the mean and the standard
        deviation of the total intensity (expected, sd; no error of the observed one), z =
        (intensity − expected) / sd, and p = (1 + samples at least as intense) / (1 + samples).
        What is not defined is nan.

    Raises
    ------
    UsageError
        If a weight is not above 0, all are alike, or the circuit is too large.
    FrameError
        If no triple of neurons was observable.
    """
    given = np.asarray(circuit.weights if weights is None else weights, np.float64)
    if given.shape != (circuit.m,):
        raise ValueError(f"{circuit.m:,} connections need as many weights, not {given.shape}")
    kept = circuit.frame.core[circuit.sources()] & circuit.frame.core[circuit.indices]
    inside = observable(circuit)
    given = given[kept] if inside is not circuit else given
    _check_weights(circuit.name, given)
    dyads = dyads_of(inside)
    _check_size(dyads, samples)
    found = _Weighted(dyads, *_connections(dyads, inside))
    counts, total, coherence = _one_by_one(found, given)
    table = pd.DataFrame({"motif": CONNECTED, "count": counts, "intensity": total})
    with np.errstate(divide="ignore", invalid="ignore"):
        table["mean_intensity"] = total / counts
        table["coherence"] = coherence / counts
    classes = None
    if groups is not None:
        classes = np.asarray(groups)[circuit.frame.core if inside is not circuit else slice(None)]
    drawn = np.full((samples, len(CONNECTED)), np.nan)
    rng = np.random.default_rng(seed)
    deal = _dealer(inside, classes)
    for place in range(samples):
        drawn[place] = np.where(counts > 0, intensities(found, given[deal(rng)]), 0.0)
        if progress is not None:
            progress(place + 1, samples)
    return table.assign(**_against(total, drawn, counts))[list(COLUMNS)]


def _check_weights(name: str, weights: Floats) -> None:
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise UsageError(
            f"a connection of {name} has a weight that is not above 0: a geometric mean needs one",
            remedy="leave out connections without weight, or choose another measure",
        )
    if weights.size and (weights == weights[0]).all():
        raise UsageError(
            f"all connections of {name} have the same weight, so its triads have no intensity of "
            "their own",
            remedy="give a circuit with numbers of synapses, or a measure of its connections",
        )


def _check_size(dyads: Dyads, samples: int) -> None:
    degrees = dyads.degrees.sum(1)
    triads = int((degrees * (degrees - 1) // 2).sum())
    if triads > ONE_BY_ONE:
        raise UsageError(
            f"up to {triads:,} triads would be weighed one by one, about {triads * STEP / 60:,.0f} "
            f"minutes; the limit is {ONE_BY_ONE:,}",
            remedy="cut a smaller circuit",
        )
    each = later_lookups(dyads) * LOOKUP
    if samples * each > LONGEST:
        raise UsageError(
            f"{samples:,} samples of {NULL} would take about {samples * each / 60:,.0f} minutes",
            remedy=f"take {int(LONGEST / each):,} samples or fewer",
        )


def _connections(dyads: Dyads, circuit: Circuit) -> tuple[Ints, Ints]:
    """Place of the connections u → partner and partner → u of every entry of the lists; −1 none."""
    u = dyads.order[np.repeat(np.arange(dyads.n), np.diff(dyads.starts))].astype(np.int64)
    v = dyads.order[dyads.partners].astype(np.int64)
    keys = circuit.sources().astype(np.int64) * circuit.n + circuit.indices
    forth = np.where(dyads.states & 1, np.searchsorted(keys, u * circuit.n + v), -1)
    back = np.where(dyads.states & 2, np.searchsorted(keys, v * circuit.n + u), -1)
    return forth, back


def _dealer(circuit: Circuit, classes: npt.NDArray[np.generic] | None) -> Callable[..., Ints]:
    """Return a function that draws which connection's weight each connection gets."""
    if classes is None:
        return lambda rng: rng.permutation(circuit.m)
    number = np.unique(classes, return_inverse=True)[1].astype(np.int64)
    cell = number[circuit.sources()] * (circuit.n + 1) + number[circuit.indices]
    before = np.argsort(cell, kind="stable")

    def deal(rng: np.random.Generator) -> Ints:
        places = np.empty(circuit.m, np.int64)
        places[before] = np.lexsort([rng.random(circuit.m), cell])
        return places

    return deal


def _against(total: Floats, drawn: Floats, counts: Ints) -> dict[str, Floats]:
    """Compare with the samples of the null; nan where the triad does not occur."""
    samples = len(drawn)
    known = (counts > 0) & (samples > 1)
    expected, sd, z, p = (np.full(total.size, np.nan) for _ in range(4))
    if samples > 1:
        expected[known] = drawn[:, known].mean(0)
        sd[known] = drawn[:, known].std(0, ddof=1)
        sd[known & (sd <= ROUNDING * total)] = 0.0
        spread = known & (sd > 0)
        z[spread] = (total - expected)[spread] / sd[spread]
        at_least = (drawn >= total * (1 - ROUNDING)).sum(0)
        p[known] = ((1 + at_least) / (1 + samples))[known]
    return {"expected": expected, "sd": sd, "z": z, "p": p}


def _triads() -> tuple[Ints, Ints]:
    """Triad of a pair of arms by the states of centre to ends, and of a triangle by ij, jk, ik."""
    numbers = {motif: number for number, motif in enumerate(CONNECTED)}
    arms, triangles = np.zeros((4, 4), np.int64), np.zeros((4, 4, 4), np.int64)
    for x in range(1, 4):
        for y in range(1, 4):
            found = placed((0, 2, 1, 3)[x], y, 0)
            assert found is not None
            arms[x, y] = numbers[found[0]]
            for z in range(1, 4):
                found = placed(x, y, z)
                assert found is not None
                triangles[x, y, z] = numbers[found[0]]
    return arms, triangles


# --- one by one


def _one_by_one(found: _Weighted, weights: Floats) -> tuple[Ints, Floats, Floats]:
    """Count the triads and sum their intensities and coherences, each of shape (13,)."""
    dyads = found.dyads
    counts, sums = _enumerated(
        dyads.starts, dyads.partners, dyads.states, *found.logs(weights), *_triads(), CONNECTIONS
    )
    return counts, sums[:, 0], sums[:, 1]


@kernel
def _enumerated(
    starts: Ints,
    partners: Indices,
    states: States,
    logs: Floats,
    plain: Floats,
    arms: Ints,
    triangles: Ints,
    connections: Ints,
) -> tuple[Ints, Floats]:
    """Meet a pair of arms at its smaller end and a triangle at its smallest neuron."""
    n = starts.size - 1
    counts, sums = np.zeros(13, np.int64), np.zeros((13, 2))
    part = np.zeros((13, 2))  # of one neuron: sums of few terms are closer
    entry = np.zeros(n, np.int64)  # 1 + place of a partner of i in the lists
    after = starts[:-1].copy()  # first partner beyond i of every partner of i
    back = np.array([0, 2, 1, 3])
    for i in range(n):
        for e in range(starts[i], starts[i + 1]):
            entry[partners[e]] = e + 1
        for e in range(starts[i], starts[i + 1]):
            j, ij = partners[e], states[e]
            after[j] += 1
            for f in range(after[j], starts[j + 1]):
                k, jk = partners[f], states[f]
                g = entry[k] - 1
                log, plus = logs[e] + logs[f], plain[e] + plain[f]
                size = connections[ij] + connections[jk]
                if g < 0:
                    motif = arms[back[ij], jk]
                elif i < j < k:
                    motif = triangles[ij, jk, states[g]]
                    log += logs[g]
                    plus += plain[g]
                    size += connections[states[g]]
                else:
                    continue
                intensity = np.exp(log / size)
                counts[motif] += 1
                part[motif, 0] += intensity
                part[motif, 1] += intensity * size / plus
        for e in range(starts[i], starts[i + 1]):
            entry[partners[e]] = 0
        sums += part
        part[:] = 0
    return counts, sums


# --- intensities alone


def intensities(found: _Weighted, weights: Floats) -> Floats:
    """Total intensity of every connected triad, shape (13,), from sums of arms and triangles."""
    dyads = found.dyads
    logs, _ = found.logs(weights)
    roots = np.exp(logs[:, None] / np.array([2.0, 3.0, 4.0]))
    arms, triangles = _triads()
    totals = _closed(
        dyads.starts, dyads.middle, dyads.partners, dyads.states, logs, roots, arms, triangles,
        CONNECTIONS,
    )  # fmt: skip
    # Sums over the partners in each state, and of squares, with each root.
    owner = np.repeat(np.arange(dyads.n), np.diff(dyads.starts))
    for x in range(1, 4):
        for y in range(x, 4):
            root = roots[:, CONNECTIONS[x] + CONNECTIONS[y] - 2]
            first, second = (
                np.bincount(owner[dyads.states == s], root[dyads.states == s], dyads.n)
                for s in (x, y)
            )
            pairs = first @ second
            if x == y:
                pairs = (pairs - (root[dyads.states == x] ** 2).sum()) / 2
            totals[arms[x, y]] += pairs
    return totals


@kernel
def _closed(
    starts: Ints,
    middle: Ints,
    partners: Indices,
    states: States,
    logs: Floats,
    roots: Floats,
    arms: Ints,
    triangles: Ints,
    connections: Ints,
) -> Floats:
    """Intensities of triangles; those of the pairs of arms in them are taken off their triads."""
    n = middle.size
    totals, part = np.zeros(13), np.zeros(13)
    entry = np.zeros(n, np.int64)
    back = np.array([0, 2, 1, 3])
    for i in range(n):
        begin, end = middle[i], starts[i + 1]
        if end - begin < 2:
            continue
        for e in range(begin, end):
            entry[partners[e]] = e + 1
        for e in range(begin, end):
            j, ij = partners[e], states[e]
            for f in range(middle[j], starts[j + 1]):
                g = entry[partners[f]] - 1
                if g < 0:
                    continue
                jk, ik = states[f], states[g]
                a, b, c = connections[ij], connections[jk], connections[ik]
                part[triangles[ij, jk, ik]] += np.exp((logs[e] + logs[f] + logs[g]) / (a + b + c))
                part[arms[back[ij], jk]] -= roots[e, a + b - 2] * roots[f, a + b - 2]
                part[arms[ij, ik]] -= roots[e, a + c - 2] * roots[g, a + c - 2]
                part[arms[back[jk], back[ik]]] -= roots[f, b + c - 2] * roots[g, b + c - 2]
        for e in range(begin, end):
            entry[partners[e]] = 0
        totals += part
        part[:] = 0
    return totals
