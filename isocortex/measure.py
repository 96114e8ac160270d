"""Measure a circuit once: the motif effect table, stored under its key."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

import isocortex
from schemas.errors import UsageError
from schemas.records import AnalysisRecord

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from analysis.motifs.four import FourNodeCensus
    from analysis.motifs.typed import TypedCensus
    from analysis.nulls.dyads import NullUnavailable
    from store.results import Results

ANALYSIS = "motif-census"
ENCODING_VERSION = "1"
EFFECT_COLUMNS = ("expected", "sd", "log_ratio", "z")
NULLS = ("er", "block", "degree", "reciprocal")
LADDER = "ladder"  # in place of names: every null that the circuit can have
HARD_SAMPLES = 200
HARD_LIMIT = 1_000
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Parameters:
    """What a census computes; part of its key.

    Attributes
    ----------
    nulls : tuple of str
        Names of the nulls, in ladder order.
    hard_samples : int
        Number of samples of each hard ensemble.
    hard_limit : int
        Largest number of neurons for which hard ensembles are sampled.
    seed : int
        Seed of the hard ensembles.
    """

    nulls: tuple[str, ...] = NULLS
    hard_samples: int = HARD_SAMPLES
    hard_limit: int = HARD_LIMIT
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Without the seed, which the record names apart."""
        return {
            "nulls": list(self.nulls),
            "hard_samples": self.hard_samples,
            "hard_limit": self.hard_limit,
        }


def null_names(text: str) -> tuple[str, ...]:
    """Parse null names separated by commas, or `ladder` for all of them, in ladder order.

    Raises
    ------
    UsageError
        If a name is unknown or none is given.
    """
    from analysis.nulls import nulls

    known = tuple(nulls())
    wanted = {name.strip() for name in text.split(",") if name.strip()}
    if wanted == {LADDER}:
        return known
    unknown = sorted(wanted - set(known))
    if unknown or not wanted:
        raise UsageError(
            f"no null is called {', '.join(unknown)}" if unknown else "no null is given",
            remedy=f"there are {', '.join(known)}; {LADDER} stands for all that can be had",
        )
    return tuple(name for name in known if name in wanted)


def climbed(
    text: str, circuit: Circuit
) -> tuple[tuple[str, ...], dict[str, NullUnavailable] | None]:
    """Return the nulls to compare a circuit with, and the rungs of the ladder that it lacks.

    Parameters
    ----------
    text : str
        Names separated by commas, or `ladder`.
    circuit : Circuit

    Returns
    -------
    names : tuple of str
    missing : dict or None
        Name → why it cannot be had; None if the ladder was not asked for. A null that was asked
        for by name is not left out: to measure it is an error that says the same.

    Raises
    ------
    UsageError
        If a name is unknown or none is given.
    FrameError
        If no triad of the circuit was observable.
    """
    from analysis.nulls import unavailable

    names = null_names(text)
    if text.strip() != LADDER:
        return names, None
    missing = unavailable(circuit, names)
    return tuple(name for name in names if name not in missing), missing


def code_version() -> str:
    """Release plus digest of the sources that make the numbers."""
    from analysis import code_version as analysis_version

    return f"{isocortex.__version__}+{analysis_version()}"


def result_key(circuit: str, version: str, parameters: Parameters) -> str:
    """Key of a result: same key, same numbers (DESIGN §6)."""
    return key_of(
        ANALYSIS, ENCODING_VERSION, circuit, version, parameters.as_dict(), parameters.seed
    )


def key_of(
    analysis: str,
    encoding: str,
    circuit: str,
    version: str,
    parameters: Mapping[str, Any],
    seed: int,
) -> str:
    """Key of a result of any analysis."""
    parts = {
        "analysis": analysis,
        "encoding": encoding,
        "circuit": circuit,
        "version": version,
        "code": code_version(),
        "parameters": dict(parameters),
        "seed": seed,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def measure(
    circuit: Circuit,
    version: str,
    parameters: Parameters,
    results: Results | None,
    progress: Progress | None = None,
) -> tuple[AnalysisRecord, pd.DataFrame, bool]:
    """Return the effect table of `circuit`, from the store if it was computed before.

    Parameters
    ----------
    circuit : Circuit
    version : str
        Version of the dataset, or the checksum of the file, that the circuit was cut from.
    parameters : Parameters
    results : Results or None
        Where results are kept; None computes without keeping.
    progress : callable, optional
        Called with (what, done, total).

    Returns
    -------
    record, effects, computed
        `computed` is False if the result was there already.
    """
    from analysis.effects import effect_table

    key = result_key(circuit.name, version, parameters)
    if results is not None and (known := results.get(key)) is not None:
        return known[0], known[1], False
    started = time.perf_counter()
    effects = effect_table(
        circuit,
        nulls=parameters.nulls,
        hard_samples=parameters.hard_samples,
        hard_limit=parameters.hard_limit,
        seed=parameters.seed,
        progress=progress,
    )
    record = AnalysisRecord(
        key=key,
        analysis=ANALYSIS,
        circuit=circuit.name,
        dataset=circuit.attributes.get("dataset", ""),
        version=version,
        parameters=parameters.as_dict(),
        seed=parameters.seed,
        code_version=code_version(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        encoding_type=ANALYSIS,
        encoding_version=ENCODING_VERSION,
        seconds=round(time.perf_counter() - started, 3),
    )
    if results is not None:
        results.put(record, effects)
    return record, effects, True


def census_document(
    circuit: Circuit,
    record: AnalysisRecord,
    effects: pd.DataFrame,
    four: FourNodeCensus | None = None,
    classes: TypedCensus | None = None,
    missing: Mapping[str, NullUnavailable] | None = None,
) -> dict[str, Any]:
    """Build the public JSON document of a census (`docs/cli.md`); `missing` as in `climbed`."""
    from analysis.statistics import pair_statistics

    pairs = pair_statistics(circuit)
    observed = effects.drop_duplicates("motif").set_index("motif")["observed"]
    nulls: dict[str, Any] = {}
    for (null, ensemble), rows in effects.groupby(["null", "ensemble"], sort=False):
        name = f"{null}_hard" if ensemble == "hard" else str(null)
        nulls[name] = {
            "ensemble": ensemble,
            "triads": {
                row["motif"]: {name: _finite(row[name]) for name in EFFECT_COLUMNS}
                for row in rows.to_dict("records")
            },
        }
    document = {
        "format": "isocortex.census/1",
        "circuit": circuit.name,
        "neurons": circuit.n,
        "connections": circuit.m,
        "observable_pairs": pairs.observable_pairs,
        "observable_triples": circuit.frame.triples,
        "density": _finite(pairs.density),
        "reciprocity": _finite(pairs.reciprocity),
        "triads": {str(motif): int(count) for motif, count in observed.items()},
        "nulls": nulls,
        "provenance": record.model_dump(mode="json"),
    }
    if missing is not None:
        document["not_available"] = {
            name: {"reason": refusal.message, "remedy": refusal.remedy}
            for name, refusal in missing.items()
        }
    if classes is not None:
        document["typed"] = {
            motif: [{"classes": list(names), "count": n} for names, n in classes.named(motif)]
            for motif in classes.counts
        }
    if four is not None:
        document["motifs4"] = {str(code): n for code, n in four.counts.items() if n}
        document["motifs4_path"] = four.path
    return document


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
