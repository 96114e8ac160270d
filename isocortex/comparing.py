"""Compare circuits: which motifs are the same in them, within a margin, and which are not.

A claim is about the circuits that were given and about no others.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isocortex.measure import HARD_SAMPLES, NULLS, Parameters, finite, measure, null_names
from isocortex.verdicts import keep_verdicts
from schemas.errors import UsageError

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from analysis.invariants import Claim, Verdict
    from isocortex.workers import Workers
    from isocortex.workspace import Workspace
    from schemas.records import AnalysisRecord

MARGIN = 1.25
NULL = "reciprocal"
FEWEST_CIRCUITS = 2
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Question:
    """What is asked of several circuits.

    Attributes
    ----------
    margin : float
        Ratio of effects, above 1, up to which they count as the same.
    null : str
    samples, hard_limit, seed : int
        As of a census.
    """

    margin: float = MARGIN
    null: str = NULL
    samples: int = HARD_SAMPLES
    hard_limit: int | None = None
    seed: int = 0

    def check(self) -> None:
        """Refuse what cannot be asked, before a large circuit is read.

        Raises
        ------
        UsageError
        """
        if not (math.isfinite(self.margin) and self.margin > 1):
            raise UsageError(
                f"a margin is a ratio above 1, not {self.margin:g}",
                remedy="such as --margin 1.25: effects that differ by less count as the same",
            )
        if len(null_names(self.null)) != 1:
            raise UsageError(
                "circuits are compared beyond one null at a time",
                remedy="such as --null reciprocal",
            )

    @property
    def hard(self) -> bool:
        """Whether only effects beyond the hard ensemble will do.

        Those beyond refitted degrees depend on size and density, so that two sizes of one kind of
        circuit would seem to differ.
        """
        from analysis.nulls.hard import HARD

        return self.null in HARD

    @property
    def ensemble(self) -> str:
        """Ensemble that effects are taken from, of all circuits the same."""
        return "hard" if self.hard else "canonical"

    @property
    def parameters(self) -> Parameters:
        """Of the census of each circuit: the same as of `census`, whose results are used."""
        nulls = null_names(",".join((*NULLS, self.null)))
        return Parameters(nulls, self.samples, self.hard_limit, self.seed)


@dataclass(frozen=True, eq=False)
class Comparison:
    """The answer.

    Attributes
    ----------
    question : Question
    circuits : tuple of Circuit
    labels : tuple of str
        Their names, each once.
    individuals : tuple of str
        The animal that each is of, empty where that is not known.
    records : tuple of AnalysisRecord
        Of the census of each.
    verdicts : dict of str to Verdict
        Connected triad → verdict, adjusted over the triads.
    whole : Claim
        Of all triads together.
    """

    question: Question
    circuits: tuple[Circuit, ...]
    labels: tuple[str, ...]
    individuals: tuple[str, ...]
    records: tuple[AnalysisRecord, ...]
    verdicts: dict[str, Verdict]
    whole: Claim

    @property
    def claim(self) -> str:
        """What is claimed, in one sentence."""
        return (
            f"Claims are about these {len(self.circuits)} circuits and no others: whether their "
            f"effects beyond {self.question.null} ({self.question.ensemble}) differ by less, or by "
            f"more, than ×{self.question.margin:g}."
        )

    @property
    def evidence(self) -> tuple[str, ...]:
        """Evidence class of each, empty where it is not known."""
        return tuple(one.attributes.get("evidence", "") for one in self.circuits)

    @property
    def confounded(self) -> bool | None:
        """Whether evidence classes differ; None if some are not known and the others agree."""
        known = set(self.evidence) - {""}
        if len(known) > 1:
            return True
        return None if "" in self.evidence else False

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader has to know before the verdicts."""
        told = []
        if self.confounded:
            classes = ", ".join(dict.fromkeys(filter(None, self.evidence)))
            told.append(f"confounded: evidence differs ({classes}); so may what it could see")
        elif self.confounded is None:
            unknown = [
                name for name, kind in zip(self.labels, self.evidence, strict=True) if not kind
            ]
            told.append(f"the evidence of {', '.join(unknown)} is not known")
        for animal in dict.fromkeys(filter(None, self.individuals)):
            its = [
                label
                for label, one in zip(self.labels, self.individuals, strict=True)
                if one == animal
            ]
            if len(its) == len(self.labels):
                told.append(
                    f"all are of one individual ({animal}): nothing is said of what differs "
                    "between individuals"
                )
            elif len(its) > 1:
                told.append(f"{', '.join(its)} are of one individual ({animal})")
        return tuple(told)


def compare_circuits(
    workspace: Workspace,
    circuits: Sequence[Circuit],
    question: Question | None = None,
    progress: Progress | None = None,
    workers: Workers | None = None,
) -> Comparison:
    """Measure circuits, or take their censuses from the store, and compare every triad.

    Verdicts over circuits of the lake are kept, for the graph.

    Parameters
    ----------
    workspace : Workspace
    circuits : sequence of Circuit
        Two and more.
    question : Question, optional
    progress : callable, optional
        Called with (what, done, total).
    workers : Workers, optional
        Who draws the hard ensembles.

    Raises
    ------
    UsageError
        If there are fewer than two, two are the same or share neurons, or one has no hard ensemble
        although the null needs it.
    FrameError
        If no triad of one was observable.
    """
    from analysis.invariants import over_spectrum, set_verdict, whole_spectrum
    from analysis.invariants.estimates import Estimates
    from analysis.motifs import CLOSED, OPEN

    started = time.perf_counter()
    question = question or Question()
    question.check()
    labels = _labels(circuits)
    _check_distinct(circuits, labels)
    if question.hard:
        for circuit, label in zip(circuits, labels, strict=True):
            _check_hard(circuit, label, question)
    records, tables = [], []
    for circuit in circuits:
        record, effects = _census(workspace, circuit, question, progress, workers)
        records.append(record)
        tables.append(_of_null(effects, question))
    verdicts = {}
    for motif in (*OPEN, *CLOSED):
        rows = [table.loc[motif] for table in tables]
        ratios, se, df, observed = (
            np.array([float(row[name]) for row in rows])
            for name in ("log_ratio", "se", "df", "observed")
        )
        rules = tuple(str(row["rule"]) for row in rows)
        estimates = Estimates(
            ratios, se, df, observed, rules, labels, "circuit", question.null, question.ensemble
        )
        verdicts[motif] = set_verdict(estimates, math.log(question.margin))
    verdicts = over_spectrum(verdicts)
    individuals = tuple(_individual(workspace, circuit) for circuit in circuits)
    found = Comparison(
        question,
        tuple(circuits),
        labels,
        individuals,
        tuple(records),
        verdicts,
        whole_spectrum(verdicts),
    )
    keep_verdicts(workspace, found, started)
    return found


def compare(
    circuits: Iterable[Circuit | str | Path],
    *,
    margin: float = MARGIN,
    null: str = NULL,
    samples: int = HARD_SAMPLES,
    hard_limit: int | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Say which triads are the same in several circuits, within a margin, and which are not.

    Parameters
    ----------
    circuits : iterable of Circuit, str or Path
        Two and more, each a circuit or what `isocortex.circuit` takes.
    margin : float, optional
        Ratio above 1: effects that differ by less count as the same.
    null : str, optional
        Any null of the ladder; of `degree` and `reciprocal` the hard ensemble is used.
    samples, hard_limit, seed : int, optional
        As of `census`, whose results are used.

    Returns
    -------
    DataFrame
        One row per connected triad: verdict (INVARIANT, DIVERGENT, UNDETERMINED), p_inv, p_div,
        q_inv, q_div (adjusted over the triads), smallest_margin and mde (ratios), reason; then
        observed, log_ratio, se, df and rule of every circuit, as `log_ratio:<circuit>`.
        `attrs` holds what is claimed, margin, null, ensemble, `confounded`, warnings, and the
        verdict over all triads.

    Raises
    ------
    UsageError
        As `compare_circuits`.
    """
    from isocortex.library import given_circuit
    from isocortex.settings import Settings
    from isocortex.workspace import Workspace

    question = Question(margin, null, samples, hard_limit, seed)
    question.check()
    workspace = Workspace(Settings.from_environment())
    if isinstance(circuits, str | Path):
        raise UsageError("one circuit is given", remedy="give a list of two and more")
    given = [given_circuit(workspace, one) for one in circuits]
    found = compare_circuits(workspace, given, question)
    table = pd.DataFrame([verdict_row(motif, verdict) for motif, verdict in found.verdicts.items()])
    table.attrs |= {
        "claim": found.claim,
        "margin": margin,
        "null": null,
        "ensemble": question.ensemble,
        "confounded": found.confounded,
        "warnings": list(found.warnings),
        "whole_spectrum": found.whole.value,
    }
    return table


def document(found: Comparison) -> dict[str, Any]:
    """Build the public JSON document (`docs/cli.md`)."""
    rows = zip(found.circuits, found.labels, found.individuals, strict=True)
    return {
        "format": "isocortex.compare/1",
        "claim": found.claim,
        "scope": "set",
        "unit": "circuit",
        "margin": found.question.margin,
        "null": found.question.null,
        "ensemble": found.question.ensemble,
        "circuits": [
            {
                "circuit": label,
                "neurons": circuit.n,
                "connections": circuit.m,
                "species": circuit.attributes.get("species"),
                "individual": individual or None,
                "evidence": circuit.attributes.get("evidence"),
            }
            for circuit, label, individual in rows
        ],
        "confounded": found.confounded,
        "warnings": list(found.warnings),
        "whole_spectrum": found.whole.value,
        "triads": {
            motif: _figures(verdict) | {"circuits": _by_circuit(verdict)}
            for motif, verdict in found.verdicts.items()
        },
        "provenance": [
            record.model_dump(mode="json", exclude={"diagnostics"}) for record in found.records
        ],
    }


def _figures(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": verdict.claim.value,
        **{name: finite(getattr(verdict, name)) for name in ("p_inv", "p_div", "q_inv", "q_div")},
        "smallest_margin": finite(math.exp(verdict.smallest_margin)),
        "mde": finite(math.exp(verdict.mde)),
        "reason": verdict.reason,
    }


def _by_circuit(verdict: Verdict) -> list[dict[str, Any]]:
    given = verdict.estimates
    return [
        {
            "circuit": label,
            "observed": int(given.observed[place]),
            "log_ratio": finite(given.effects[place]),
            "se": finite(given.se[place]),
            "df": finite(given.df[place]),
            "rule": given.rules[place],
        }
        for place, label in enumerate(given.labels)
    ]


def verdict_row(motif: str, verdict: Verdict) -> dict[str, Any]:
    """Return the figures of a verdict, and those of each circuit as `log_ratio:<circuit>`."""
    row = {"motif": motif} | _figures(verdict)
    for one in _by_circuit(verdict):
        label = one.pop("circuit")
        row |= {f"{name}:{label}": value for name, value in one.items()}
    return row


def _labels(circuits: Sequence[Circuit]) -> tuple[str, ...]:
    """Names of the circuits; of files that are called alike, their paths."""
    names = [one.name for one in circuits]
    return tuple(
        one.attributes.get("file", one.name) if names.count(one.name) > 1 else one.name
        for one in circuits
    )


def _check_distinct(circuits: Sequence[Circuit], labels: Sequence[str]) -> None:
    """Refuse too few circuits, one twice, and circuits that share neurons."""
    if len(circuits) < FEWEST_CIRCUITS:
        raise UsageError(
            f"{len(circuits)} circuit is given, nothing to compare", remedy="give two and more"
        )
    for later, one in enumerate(circuits):
        for earlier, other in enumerate(circuits[:later]):
            names = f"{labels[earlier]} and {labels[later]}"
            if np.array_equal(one.indptr, other.indptr) and np.array_equal(
                one.indices, other.indices
            ):
                raise UsageError(f"{names} are the same circuit", remedy="give every circuit once")
            dataset = one.attributes.get("dataset")
            if dataset is None or dataset != other.attributes.get("dataset"):
                continue
            if shared := np.intersect1d(one.neuron_ids, other.neuron_ids).size:
                raise UsageError(
                    f"{names} share {shared:,} neurons; what their errors have in common is not "
                    "known",
                    remedy="compare circuits without common neurons",
                )


def _check_hard(circuit: Circuit, label: str, question: Question) -> None:
    """Refuse a circuit that has no hard ensemble, before any is sampled."""
    from analysis.frame import FrameError, observable
    from analysis.nulls.ensembles import worth_sampling

    if circuit.frame.tested is not None:
        raise FrameError(
            f"{label} has no effects beyond nulls of degrees: single pairs were tested, so the "
            "degree of a neuron is not known",
            remedy="leave it out",
        )
    part, limit = observable(circuit), question.hard_limit
    if not worth_sampling(part, [question.null], limit):
        n = part.n
        most = "within seconds" if limit is None else f"up to {limit:,} neurons"
        raise UsageError(
            f"{label} has {n:,} neurons and {part.m:,} connections, and hard ensembles are sampled "
            f"{most} only; canonical effects beyond nulls of degrees depend on the size of a "
            "circuit and cannot be compared",
            remedy=f"sample its hard ensemble with --hard-limit {n}, which may take long, or take "
            "a null without degrees, such as --null block",
        )


def _census(
    workspace: Workspace,
    circuit: Circuit,
    question: Question,
    progress: Progress | None,
    workers: Workers | None,
) -> tuple[AnalysisRecord, pd.DataFrame]:
    version = circuit.attributes.get("version", "")
    stored = workspace.results_of(circuit)
    record, effects, _ = measure(circuit, version, question.parameters, stored, progress, workers)
    return record, effects


def _of_null(effects: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Rows of the null and the ensemble that is compared, by motif."""
    rows = effects[(effects["null"] == question.null) & (effects["ensemble"] == question.ensemble)]
    return rows.set_index("motif")


def _individual(workspace: Workspace, circuit: Circuit) -> str:
    """Name of the animal of a circuit of the lake; empty if it is not known, or of several."""
    dataset, version = (circuit.attributes.get(name) for name in ("dataset", "version"))
    if not dataset or dataset not in workspace.lake.datasets():
        return ""
    individual = workspace.lake.manifest(dataset, version).individual
    return "" if individual.composite else individual.name
