"""Reconstruction errors on circuits of known truth: shifts, corrections, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.motifs import MAN
from analysis.reconstruction.correction import left_over
from analysis.reconstruction.effects import measured, pool
from analysis.reconstruction.errors import ErrorModel, corrupt
from analysis.reconstruction.kernel import (
    census_of,
    corrected_census,
    er_effect,
    kernel_effect,
    triad_kernel,
)
from analysis.reconstruction.simex import simex
from tests.unit.analysis.graphs import heavy, spatial
from tests.validation.check import Check

Floats = npt.NDArray[np.float64]
CIRCUITS = 40
INFLATIONS = 6
USUAL = np.array([motif != "300" for motif in MAN])  # a handful in 100 neurons
# (name, maker, f, spurious per true connection, kind of loss)
RUNS = (
    ("dist", 0.1, 0.0, "missed"),
    ("dist", 0.2, 0.0, "missed"),
    ("heavy", 0.1, 0.0, "missed"),
    ("heavy", 0.2, 0.0, "missed"),
    ("dist", 0.1, 0.1, "missed"),
    ("dist", 0.2, 0.0, "axon"),
)


def made(name: str, seed: int) -> Circuit:
    """100 neurons, density .10: `dist` with reciprocity .32, `heavy` with log-normal strengths."""
    if name == "dist":
        return spatial(100, seed, 0.09, 0.11)
    return heavy(100, seed, 9.0, 0.7, 0.15)


def run() -> Iterator[Check]:
    """Yield one check after the other."""
    yield from _kernel()
    for name, miss, spurious, kind in RUNS:
        yield from _shifts(name, miss, spurious, kind)


def _kernel() -> Iterator[Check]:
    worst = 0.0
    for f in (0.1, 0.2, 0.3, 0.5):
        for g in (0.0, 0.005):
            kernel = triad_kernel(f, g)
            worst = max(worst, float(np.abs(np.linalg.solve(kernel, kernel) - np.eye(16)).max()))
    yield Check("K⁻¹K = I", f"off by {worst:.0e}", "≤ 1e-12", worst <= 1e-12)
    circuit, rng = made("dist", 1), np.random.default_rng(5)
    found = np.stack(
        [
            corrected_census(census_of(corrupt(circuit, ErrorModel({"missed": 0.2}), rng)), 0.2)
            for _ in range(2_000)
        ]
    )
    error = found.std(0, ddof=1) / np.sqrt(len(found))
    off = float(np.abs((found.mean(0) - census_of(circuit)) / error).max())
    yield Check("E[K⁻¹ T] = T, f .2, 2,000 draws", f"{off:.1f} standard errors", "≤ 4", off <= 4)


def _effect(circuit: Circuit, null: str, rng: np.random.Generator) -> Floats:
    return pool([measured(circuit, null, "hard", 200, rng)]).effect


def _shifts(name: str, miss: float, spurious: float, kind: str) -> Iterator[Check]:
    """Effects of circuits with errors, less those of the same circuits without."""
    rows: dict[str, list[Floats]] = {key: [] for key in ("er", "degree", "reciprocal")}
    naive: dict[str, list[Floats]] = {key: [] for key in rows}
    inflated: dict[str, list[Floats]] = {"er": [], "degree": []}
    spreads: dict[str, tuple[list[Floats], list[Floats]]] = {"er": ([], []), "degree": ([], [])}
    levels = {kind: miss} | ({"spurious": spurious} if spurious else {})
    share = spurious / (1 + spurious)
    for seed in range(CIRCUITS):
        true, rng = made(name, 1000 + seed), np.random.default_rng(seed)
        seen = corrupt(true, ErrorModel(levels), rng)
        truth = {null: _effect(true, null, rng) for null in ("degree", "reciprocal")}
        raw = {null: _effect(seen, null, rng) for null in truth}
        truth["er"], raw["er"] = (er_effect(census_of(c), c.n) for c in (true, seen))
        rate = share * seen.m / (true.n * (true.n - 1) - true.m)
        line = simex(seen, "degree", miss, share, seed=seed, with_inflation=seed < INFLATIONS)
        fixed = {
            "er": er_effect(census_of(seen), seen.n, miss, rate),
            "degree": raw["degree"] + line.shift,
            "reciprocal": raw["reciprocal"],
        }
        for null in rows:
            naive[null].append(raw[null] - truth[null])
            rows[null].append(fixed[null] - truth[null])
        for null, (before, after) in spreads.items():
            before.append(raw[null])
            after.append(fixed[null])
        if seed < INFLATIONS:
            inflated["er"].append(kernel_effect(seen, miss, rate).inflation)
            inflated["degree"].append(line.inflation)
    errors = f"f {miss:g}" + (f", {spurious:.0%} spurious" if spurious else "")
    errors += ", by axon" if kind == "axon" else ""
    for null, shifts in rows.items():
        limit = left_over(null, miss, share)
        yield _shift(f"{name}, {errors}: {null}", shifts, naive[null], limit)
    for null, (before, after) in spreads.items():
        if kind == "missed" and not spurious:
            yield _inflation(f"{name}, {errors}: {null}", before, after, inflated[null])


def _shift(what: str, shifts: list[Floats], naive: list[Floats], limit: float) -> Check:
    table = np.stack(shifts)[:, USUAL]
    mean = np.nanmean(table, 0)
    error = np.nanstd(table, 0, ddof=1) / np.sqrt(CIRCUITS)
    worst = int(np.abs(mean).argmax())
    before = float(np.abs(np.nanmean(np.stack(naive)[:, USUAL], 0)).max())
    # Two standard errors of the mean of 40 are the check's own noise.
    ok = bool((np.abs(mean) <= limit + 2 * error).all())
    motif = np.array(MAN)[USUAL][worst]
    found = f"{mean[worst]:+.3f} ± {error[worst]:.3f} ({motif}); uncorrected {before:.3f}"
    return Check(f"shift, {what}", found, f"≤ {limit:g}", ok)


def _inflation(
    what: str, before: list[Floats], after: list[Floats], inflated: list[Floats]
) -> Check:
    with np.errstate(invalid="ignore"):
        true = np.nanstd(np.stack(after), 0) / np.nanstd(np.stack(before), 0)
    said = np.nanmedian(np.stack(inflated)[:, USUAL], 0)
    ratio = said / np.maximum(1, true[USUAL])
    low, middle, high = np.quantile(ratio, (0, 0.5, 1))
    found = f"said / seen {middle:.2f} ({low:.2f} … {high:.2f})"
    return Check(f"inflation, {what}", found, "median .9 … 1.15", bool(0.9 <= middle <= 1.15))
