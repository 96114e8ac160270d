"""How robust a circuit's effects are to errors: its curve and its correction, stored under keys.

Every level of a curve is a result of its own, so a run that was stopped continues where it was, and
a further level costs only itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from isocortex.keeping import Computation, once
from isocortex.measure import Parameters, measure, result_key
from schemas.errors import UsageError
from schemas.records import AnalysisRecord, ErrorModel, Figure

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from analysis.reconstruction.stated import Stated
    from isocortex.workspace import Workspace
    from store.results import Results

    Result = tuple[AnalysisRecord, pd.DataFrame]

CURVE = "error-curve"
CORRECTION = "error-correction"
ENCODING_VERSION = "1"
HARD_LIMIT = 1_000  # neurons; every draw of every level has an ensemble of its own
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Question:
    """Which effects are followed over which error.

    Attributes
    ----------
    null : {"er", "degree", "reciprocal"}
    error : str
        Kind of error (`analysis.reconstruction.errors.kinds`).
    levels : tuple of float
    draws : int
        Circuits drawn at every level.
    samples : int
        Samples of the hard ensemble of each.
    seed : int
    """

    null: str = "reciprocal"
    error: str = "missed"
    levels: tuple[float, ...] = (0.0, 0.05, 0.1, 0.2)
    draws: int = 10
    samples: int = 60
    seed: int = 0

    def check(self) -> None:
        """Refuse what cannot be asked, before a large circuit is read.

        Raises
        ------
        UsageError
        """
        from analysis.reconstruction.correction import check_null
        from analysis.reconstruction.errors import get_kind

        check_null(self.null)
        kind = get_kind(self.error)
        for level in self.levels:
            kind.check(level)


@dataclass(frozen=True)
class Rates:
    """Error figures said by the user, in place of the manifest's; None = not said.

    Attributes
    ----------
    recall, precision : float or None
        Of synapses.
    miss : float or None
        Share of the connections that were missed.
    """

    recall: float | None = None
    precision: float | None = None
    miss: float | None = None

    def check(self) -> None:
        """Refuse what is no share, and two figures for the same thing.

        Raises
        ------
        UsageError
        """
        for name, value in asdict(self).items():
            if value is not None and not 0 <= value <= 1:
                raise UsageError(f"--{name} is a share between 0 and 1, not {value:g}")
        if self.miss is not None and (self.recall is not None or self.precision is not None):
            raise UsageError(
                "--miss is about connections, --recall and --precision are about synapses",
                remedy="give one or the other",
            )
        if self.miss == 1:
            raise UsageError("where all connections were missed nothing can be said")


@dataclass(frozen=True)
class Robustness:
    """The answer.

    Attributes
    ----------
    question : Question
    curve : list of (record, table)
        One for every level, in the order of the levels.
    stated : Stated or None
        The circuit's own error rates; None where none are known.
    correction : (record, table) or None
    last_level : float or None
        Level beyond which no claim holds.
    """

    question: Question
    curve: list[Result]
    stated: Stated | None
    correction: Result | None
    last_level: float | None


def levels_of(text: str) -> tuple[float, ...]:
    """Parse levels separated by commas, in rising order and once each.

    Raises
    ------
    UsageError
        If one is no number, or none is given.
    """
    found = set()
    for word in filter(None, (part.strip() for part in text.split(","))):
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise UsageError(f"{word!r} is no level", remedy="such as --levels 0,.05,.1,.2")
        found.add(value)
    if not found:
        raise UsageError("no level is given", remedy="such as --levels 0,.05,.1,.2")
    return tuple(sorted(found))


def answer(
    workspace: Workspace,
    circuit: Circuit,
    question: Question,
    rates: Rates | None = None,
    progress: Progress | None = None,
) -> Robustness:
    """Follow a circuit's effects over an error, and correct them for its own.

    Parameters
    ----------
    workspace : Workspace
    circuit : Circuit
        Results of a circuit of the lake are kept.
    question : Question
    rates : Rates, optional
        Error figures in place of those of the dataset's manifest.
    progress : callable, optional
        Called with (what, done, total).

    Raises
    ------
    UsageError
        If something in the question is unknown, or the circuit lacks what the error acts on.
    FrameError
        If no triad was observable.
    """
    from analysis.frame import observable
    from analysis.reconstruction.curve import last_level

    question.check()
    part = observable(circuit)
    results = workspace.results_of(circuit)
    stated = _stated(workspace, part, rates or Rates())
    curve = [_level(part, question, level, results, progress) for level in question.levels]
    correction = None
    if stated is not None:
        correction = _correction(part, question, stated, results, progress)
    already = 0.0 if stated is None or stated.miss is None else stated.miss
    last = last_level(question.null, question.error, already)
    return Robustness(question, curve, stated, correction, last)


def _stated(workspace: Workspace, circuit: Circuit, rates: Rates) -> Stated | None:
    """Error rates of a circuit: those said, else those of its dataset's manifest."""
    from analysis.reconstruction.stated import derive, given_rates

    rates.check()
    if rates.miss is not None:
        return given_rates(circuit, rates.miss)
    dataset, version = (circuit.attributes.get(name) for name in ("dataset", "version"))
    errors, weight = ErrorModel(), "synapse_count"
    if dataset:
        manifest = workspace.lake.manifest(dataset, version)
        errors, weight = manifest.errors, manifest.weight
    said = {
        name: Figure(value=value, source="said on the command line")
        for name, value in (("recall", rates.recall), ("precision", rates.precision))
        if value is not None
    }
    return derive(circuit, errors.model_copy(update=said), weight)


def _level(
    circuit: Circuit,
    question: Question,
    level: float,
    results: Results | None,
    progress: Progress | None,
) -> Result:
    from analysis.reconstruction.curve import curve_level
    from analysis.reconstruction.effects import ensemble_of

    ensemble = ensemble_of(question.null, circuit.n, HARD_LIMIT)
    parameters = {
        "null": question.null,
        "ensemble": ensemble,
        "error": question.error,
        "level": level,
        "draws": question.draws,
        "samples": question.samples,
    }

    def compute() -> pd.DataFrame:
        return curve_level(
            circuit,
            question.null,
            question.error,
            level,
            ensemble=ensemble,
            draws=question.draws,
            samples=question.samples,
            seed=question.seed,
            progress=_named(progress, f"{question.error} {level:g}"),
        )

    return _once(CURVE, circuit, parameters, question.seed, results, compute)


def _correction(
    circuit: Circuit,
    question: Question,
    stated: Stated,
    results: Results | None,
    progress: Progress | None,
) -> Result:
    from analysis.reconstruction.correction import correct
    from analysis.reconstruction.effects import ensemble_of

    null = question.null
    ensemble = ensemble_of(null, circuit.n, HARD_LIMIT)
    parameters = {"null": null, "ensemble": ensemble} | {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in vars(stated).items()
    }

    def compute() -> pd.DataFrame:
        effects = _effects(circuit, null, ensemble, question.seed, results, progress)
        return correct(
            circuit,
            null,
            stated,
            effects,
            seed=question.seed,
            progress=_named(progress, "correction"),
        )

    return _once(CORRECTION, circuit, parameters, question.seed, results, compute)


def _effects(
    circuit: Circuit,
    null: str,
    ensemble: str,
    seed: int,
    results: Results | None,
    progress: Progress | None,
) -> pd.DataFrame:
    """Effects under one null: of the stored census if there is one, else taken now and not kept.

    A census of a single null must not stand in the place of the full one.
    """
    version = circuit.attributes.get("version", "")
    known = None
    if results is not None:
        known = results.get(result_key(circuit.name, version, Parameters(seed=seed)))
    if known is None:
        alone = Parameters((null,), seed=seed)
        effects = measure(circuit, version, alone, None, progress)[1]
    else:
        effects = known[1]
    return effects[(effects["null"] == null) & (effects["ensemble"] == ensemble)]


def _once(
    analysis: str,
    circuit: Circuit,
    parameters: Mapping[str, Any],
    seed: int,
    results: Results | None,
    compute: Callable[[], pd.DataFrame],
) -> Result:
    """Take a result from the store, or compute and keep it."""
    version = circuit.attributes.get("version", "")
    work = Computation(analysis, ENCODING_VERSION, circuit.name, version, parameters, seed)
    return once(work, circuit, results, compute)


def _named(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(what, done, total)


def document(circuit: Circuit, found: Robustness) -> dict[str, Any]:
    """Build the public JSON document (`docs/cli.md`)."""
    from analysis.reconstruction.errors import get_kind

    question = found.question
    records = [record for record, _ in found.curve]
    made: dict[str, Any] = {
        "format": "isocortex.robustness/1",
        "circuit": circuit.name,
        "null": question.null,
        "ensemble": records[0].parameters["ensemble"],
        "error": question.error,
        "level_is": get_kind(question.error).level,
        "levels": [_level_document(table, found.last_level) for _, table in found.curve],
        "last_level": found.last_level,
        "stated": None if found.stated is None else asdict(found.stated),
        "corrected": None,
    }
    if found.correction is not None:
        record, table = found.correction
        records.append(record)
        kept = [name for name in table.columns if name not in ("motif", "null", "ensemble", "by")]
        made["corrected"] = {
            "by": table["by"].iloc[0],
            "triads": _triads(table, kept),
        }
    made["provenance"] = [record.model_dump(mode="json", exclude={"refused"}) for record in records]
    return made


def _level_document(table: pd.DataFrame, last: float | None) -> dict[str, Any]:
    first = table.iloc[0]
    return {
        "level": float(first["level"]),
        "claim": last is None or bool(first["level"] <= last),
        "draws": int(first["draws"]),
        "connections": float(first["connections"]),
        "neurons": float(first["neurons"]),
        "triads": _triads(table, ["observed", "expected", "log_ratio", "spread", "defined"]),
    }


def _triads(table: pd.DataFrame, columns: list[str]) -> dict[str, dict[str, Any]]:
    return {
        str(row["motif"]): {name: _plain(row[name]) for name in columns}
        for row in table.to_dict("records")
    }


def _plain(value: Any) -> Any:
    """Python's own types; what is not defined is None."""
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain
