"""Results under their keys: same key, same numbers, computed once (DESIGN §6)."""

from __future__ import annotations

import hashlib
import json
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
    from analysis.nulls.ensembles import Ensemble
    from isocortex.sampling import Sampling
    from isocortex.workers import Workers
    from store.results import Results


def code_version() -> str:
    """Release plus digest of the sources that make the numbers."""
    from analysis import code_version as analysis_version

    return f"{isocortex.__version__}+{analysis_version()}"


@dataclass(frozen=True)
class Computation:
    """What is computed of which circuit.

    Attributes
    ----------
    analysis, encoding : str
        Name of the analysis, and version of its table.
    circuit, version : str
        Name of the circuit, and version of the dataset, or checksum of the file, it was cut from.
    parameters : mapping
        All but the seed.
    seed : int
    """

    analysis: str
    encoding: str
    circuit: str
    version: str
    parameters: Mapping[str, Any]
    seed: int

    @property
    def key(self) -> str:
        """Key of the result."""
        parts = {
            "analysis": self.analysis,
            "encoding": self.encoding,
            "circuit": self.circuit,
            "version": self.version,
            "code": code_version(),
            "parameters": dict(self.parameters),
            "seed": self.seed,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def record(
        self,
        dataset: str,
        started: float,
        diagnostics: dict[str, Any] | None = None,
        refused: str | None = None,
    ) -> AnalysisRecord:
        """Describe the result, which is there now; `started` is of `time.perf_counter`."""
        return AnalysisRecord(
            key=self.key,
            analysis=self.analysis,
            circuit=self.circuit,
            dataset=dataset,
            version=self.version,
            parameters=dict(self.parameters),
            seed=self.seed,
            code_version=code_version(),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            encoding_type=self.analysis,
            encoding_version=self.encoding,
            seconds=round(time.perf_counter() - started, 3),
            diagnostics=diagnostics or {},
            refused=refused,
        )


def once(
    work: Computation,
    circuit: Circuit,
    results: Results | None,
    compute: Callable[[], pd.DataFrame],
    *,
    refusable: bool = False,
) -> tuple[AnalysisRecord, pd.DataFrame]:
    """Take a result from the store, or compute and keep it; without a store, compute it.

    Where it is `refusable`, a refusal is a result too: its record says why, its table is empty.
    """
    if results is not None and (known := results.get(work.key)) is not None:
        return known
    started = time.perf_counter()
    refused = None
    try:
        table = compute()
    except UsageError as refusal:
        if not refusable:
            raise
        table, refused = pd.DataFrame(), refusal.message
    record = work.record(circuit.attributes.get("dataset", ""), started, refused=refused)
    if results is not None:
        results.put(record, table)
    return record, table


def once_drawn(
    work: Computation,
    circuit: Circuit,
    results: Results | None,
    compute: Callable[[Sampling], pd.DataFrame],
    workers: Workers | None = None,
    drawn: Mapping[str, Ensemble] | None = None,
) -> tuple[AnalysisRecord, pd.DataFrame, Sampling | None]:
    """Do as `once` for what draws hard ensembles; batches are kept until the result is.

    Parameters
    ----------
    work, circuit, results
        As of `once`.
    compute : callable
        Makes the table with what draws.
    workers : Workers, optional
        Who draws; default this process does.
    drawn : mapping, optional
        Ensembles that were drawn just now, by null.

    Returns
    -------
    record, table, sampling
        `sampling` is what drew, None if the result was there already.
    """
    from isocortex.sampling import Sampling
    from isocortex.workers import Workers

    if results is not None and (known := results.get(work.key)) is not None:
        return *known, None
    batches = None if results is None else results.batches(work.key)
    sampling = Sampling(workers or Workers(), batches, drawn)
    started = time.perf_counter()
    table = compute(sampling)
    dataset = circuit.attributes.get("dataset", "")
    record = work.record(dataset, started, sampling.diagnostics)
    if results is not None and batches is not None:
        results.put(record, table)
        batches.drop()
    return record, table, sampling
