"""Measure a circuit once: the motif effect table, stored under its key."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from isocortex.keeping import Computation, once_drawn
from schemas.errors import UsageError
from schemas.records import AnalysisRecord

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from analysis.motifs.four import FourNodeCensus
    from analysis.motifs.typed import TypedCensus
    from analysis.nulls.dyads import NullUnavailable
    from analysis.nulls.ensembles import Ensemble
    from isocortex.sampling import Sampling
    from isocortex.workers import Workers
    from store.results import Results

ANALYSIS = "motif-census"
ENCODING_VERSION = "2"
EFFECT_COLUMNS = (
    "expected", "sd", "log_ratio", "z", "se", "df", "rule", "low", "high", "p", "p_holm", "mde",
)  # fmt: skip
NULLS = ("er", "block", "degree", "reciprocal")
DIRECTIONS = {True: "more", False: "fewer", None: None}  # of a departure from a null
LADDER = "ladder"  # in place of names: every null that the circuit can have
HARD_SAMPLES = 600  # p by rank reaches .05 for 13 motifs from 520 on
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
    hard_limit : int or None
        Largest number of neurons for which hard ensembles are sampled; None = as many as are
        quickly sampled (`analysis.nulls.ensembles.worth_sampling`).
    seed : int
        Seed of the hard ensembles.
    """

    nulls: tuple[str, ...] = NULLS
    hard_samples: int = HARD_SAMPLES
    hard_limit: int | None = None
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


def result_key(circuit: str, version: str, parameters: Parameters) -> str:
    """Key of an effect table."""
    return _computation(circuit, version, parameters).key


def _computation(circuit: str, version: str, parameters: Parameters) -> Computation:
    return Computation(
        ANALYSIS, ENCODING_VERSION, circuit, version, parameters.as_dict(), parameters.seed
    )


def measure(
    circuit: Circuit,
    version: str,
    parameters: Parameters,
    results: Results | None,
    progress: Progress | None = None,
    workers: Workers | None = None,
    drawn: Mapping[str, Ensemble] | None = None,
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
    workers : Workers, optional
        Who draws the hard ensembles; default this process does. The numbers do not depend on it.
    drawn : mapping, optional
        Hard ensembles of these parameters that were drawn just now, by null.

    Returns
    -------
    record, effects, computed
        `computed` is False if the result was there already.

    Notes
    -----
    Batches of samples that were drawn before an interruption are not drawn again, if results are
    kept.
    """
    from analysis.effects import effect_table

    def table(sampling: Sampling) -> pd.DataFrame:
        given = parameters.as_dict() | {"seed": parameters.seed}
        return effect_table(circuit, **given, progress=progress, sampler=sampling)

    work = _computation(circuit.name, version, parameters)
    record, effects, sampling = once_drawn(work, circuit, results, table, workers, drawn)
    return record, effects, sampling is not None


def against(
    circuit: Circuit,
    nulls: str | Iterable[str],
    parameters: Parameters,
    compute: Callable[[Parameters], tuple[AnalysisRecord, pd.DataFrame]],
) -> pd.DataFrame:
    """Compare a circuit with nulls, and say in `attrs` what did not converge or cannot be had.

    Parameters
    ----------
    circuit : Circuit
    nulls : str or iterable of str
        Names, or `ladder`.
    parameters : Parameters
        All but the nulls.
    compute : callable
        Makes record and table for parameters with the nulls that can be had.
    """
    asked = nulls if isinstance(nulls, str) else ",".join(nulls)
    names, missing = climbed(asked, circuit)
    record, effects = compute(replace(parameters, nulls=names))
    if record.diagnostics:
        effects.attrs["diagnostics"] = record.diagnostics
    if missing is not None:
        effects.attrs["not_available"] = {name: why.message for name, why in missing.items()}
    return effects


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
    from analysis.uncertainty.rungs import survived

    pairs = pair_statistics(circuit)
    observed = effects.drop_duplicates("motif").set_index("motif")["observed"]
    nulls: dict[str, Any] = {}
    for (null, ensemble), rows in effects.groupby(["null", "ensemble"], sort=False):
        name = f"{null}_hard" if ensemble == "hard" else str(null)
        nulls[name] = {
            "ensemble": ensemble,
            "triads": {
                row["motif"]: {name: plain(row[name]) for name in EFFECT_COLUMNS}
                for row in rows.to_dict("records")
            },
        }
        if ensemble == "hard" and null in record.diagnostics:
            nulls[name]["diagnostics"] = record.diagnostics[str(null)]
    document = {
        "format": "isocortex.census/1",
        "circuit": circuit.name,
        "neurons": circuit.n,
        "connections": circuit.m,
        "observable_pairs": pairs.observable_pairs,
        "observable_triples": circuit.frame.triples,
        "density": finite(pairs.density),
        "reciprocity": finite(pairs.reciprocity),
        "triads": {str(motif): int(count) for motif, count in observed.items()},
        "nulls": nulls,
        "survives": {
            motif: {
                "highest": found.highest,
                "direction": DIRECTIONS[found.more],
                "beyond": [
                    {"null": null, "direction": DIRECTIONS[more]} for null, more in found.beyond
                ],
            }
            for motif, found in survived(effects).items()
        },
        "provenance": record.model_dump(mode="json", exclude={"diagnostics", "refused"}),
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
        errors = four.errors
        told = {code: n for code, n in four.counts.items() if n or errors.get(code)}
        document["motifs4"] = {str(code): n for code, n in told.items()}
        document["motifs4_path"] = four.path
        document["motifs4_method"] = four.method
        if errors:
            document["motifs4_se"] = {str(code): errors[code] for code in told}
            document["motifs4_interval"] = {
                str(code): list(ends) for code, ends in four.intervals.items() if ends[1]
            }
    return document


def plain(value: Any) -> float | str | None:
    """Return a value of an effect table as JSON has it."""
    return value if isinstance(value, str) else finite(value)


def finite(value: Any) -> float | None:
    """Return a number as JSON has it, which knows none that are not finite."""
    return float(value) if math.isfinite(value) else None
