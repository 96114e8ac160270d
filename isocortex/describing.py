"""Describe a circuit by the statistics of the registry, stored under a key like a census."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from isocortex.keeping import Computation, once
from isocortex.measure import finite
from schemas.errors import UsageError
from schemas.records import AnalysisRecord

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from analysis.statistics import Statistic
    from store.results import Results

ANALYSIS = "statistics"
ENCODING_VERSION = "1"
COLUMNS = ("statistic", "of", "value", "standard_error", "expected", "why", "note")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Description:
    """The statistics of a circuit.

    Attributes
    ----------
    record : AnalysisRecord
    values : DataFrame
        One row per value, columns `COLUMNS`.
    missing : dict of str to UsageError
        Statistics that were not computed, and why.
    """

    record: AnalysisRecord
    values: pd.DataFrame
    missing: dict[str, UsageError]


def describe(
    circuit: Circuit,
    version: str,
    names: Iterable[str] | None = None,
    seed: int = 0,
    results: Results | None = None,
    progress: Progress | None = None,
    limit: float | None = None,
) -> Description:
    """Compute statistics of a circuit, or take them from the store.

    Parameters
    ----------
    circuit : Circuit
    version : str
        Version of the dataset, or the checksum of the file, that the circuit was cut from.
    names : iterable of str, optional
        Names of statistics; default all that the circuit can have and that are quick.
    seed : int, optional
    results : Results, optional
        Where results are kept; None computes without keeping.
    progress : callable, optional
        Called with (what, done, total).
    limit : float, optional
        Estimated seconds beyond which one that was not asked for by name is left out; default
        `analysis.statistics.QUICK`.

    Raises
    ------
    UsageError
        If a statistic is unknown, or one that was asked for by name cannot be had or would take
        too long.
    """
    chosen, missing = _chosen(circuit, names, limit)
    parameters = {"statistics": [one.name for one in chosen]}

    def compute() -> pd.DataFrame:
        rows: list[dict[str, Any]] = []
        for done, one in enumerate(chosen):
            if progress is not None:
                progress(f"describe {one.name}", done, len(chosen))
            rows += _rows(one, circuit, seed)
        return pd.DataFrame(rows, columns=list(COLUMNS))

    work = Computation(ANALYSIS, ENCODING_VERSION, circuit.name, version, parameters, seed)
    record, values = once(work, circuit, results, compute)
    return Description(record, values, missing)


def document(circuit: Circuit, found: Description) -> dict[str, Any]:
    """Build the public JSON document of a description (`docs/cli.md`)."""
    from analysis.statistics import get_statistic

    described: dict[str, Any] = {}
    for name, rows in found.values.groupby("statistic", sort=False):
        one = get_statistic(str(name))
        described[one.name] = _facts(one) | {
            "note": str(rows["note"].iloc[0]),
            "values": [
                {
                    "of": row["of"],
                    "value": finite(row["value"]),
                    "standard_error": finite(row["standard_error"]),
                    "expected": finite(row["expected"]),
                    "why": row["why"],
                }
                for row in rows.to_dict("records")
            ],
        }
    return {
        "format": "isocortex.describe/1",
        "circuit": circuit.name,
        "neurons": circuit.n,
        "connections": circuit.m,
        "frame": circuit.frame.words(),
        "statistics": described,
        "not_available": {
            name: {"reason": why.message, "remedy": why.remedy}
            for name, why in found.missing.items()
        },
        "provenance": found.record.model_dump(mode="json", exclude={"refused"}),
    }


def registry_document() -> list[dict[str, Any]]:
    """List the registry: name, title, definition and the rest of every statistic."""
    from analysis.statistics import statistics

    return [
        {"name": one.name, "definition": one.definition} | _facts(one)
        for one in statistics().values()
    ]


def _facts(one: Statistic) -> dict[str, Any]:
    return {
        "title": one.title,
        "meaning": one.meaning,
        "unit": one.unit,
        "needs": one.needs.name,
        "error": one.error,
        "expected_by": one.expects or None,
        "reference": one.reference,
        "doi": one.doi,
    }


def _chosen(
    circuit: Circuit, names: Iterable[str] | None, limit: float | None
) -> tuple[list[Statistic], dict[str, UsageError]]:
    """Statistics to compute, and those that are left out with the reason."""
    from analysis.statistics import LIMIT, QUICK, get_statistic, statistics

    if names is not None:
        asked = [get_statistic(name) for name in dict.fromkeys(names)]
        if not asked:
            raise UsageError("no statistic is given", remedy=f"there are {', '.join(statistics())}")
        for one in asked:
            one.check(circuit, LIMIT)
        return asked, {}
    chosen, missing = [], {}
    for one in statistics().values():
        try:
            one.check(circuit, QUICK if limit is None else limit)
            chosen.append(one)
        except UsageError as refusal:
            missing[one.name] = refusal
    return chosen, missing


def _rows(one: Statistic, circuit: Circuit, seed: int) -> list[dict[str, Any]]:
    estimate = one.compute(circuit, seed)
    return [
        {
            "statistic": one.name,
            "of": part.of,
            "value": part.value,
            "standard_error": part.standard_error,
            "expected": part.expected,
            "why": part.why,
            "note": estimate.note,
        }
        for part in estimate.parts
    ]
