"""Verdicts over circuits of the lake, kept under a key for the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from isocortex.keeping import Computation

if TYPE_CHECKING:
    from isocortex.comparing import Comparison
    from isocortex.workspace import Workspace
    from schemas.records import AnalysisRecord

ANALYSIS = "comparison"
ENCODING_VERSION = "1"


def keep_verdicts(
    workspace: Workspace, found: Comparison, started: float
) -> tuple[AnalysisRecord, pd.DataFrame] | None:
    """Keep the verdicts of a comparison, which are made anew each time, beside the censuses.

    Parameters
    ----------
    workspace : Workspace
    found : Comparison
    started : float
        When the comparison began, of `time.perf_counter`.

    Returns
    -------
    record, table
        One row a motif: the figures of its verdict, and of every circuit observed, log_ratio, se,
        df and rule, as `log_ratio:<circuit>`. None where a circuit is not of the lake, or two are
        versions of one.
    """
    from isocortex.comparing import verdict_row

    if any(workspace.results_of(one) is None for one in found.circuits):
        return None
    versions = {one.name: one.attributes["version"] for one in found.circuits}
    if len(versions) < len(found.circuits):
        return None
    work = _computation(found, dict(sorted(versions.items())))
    if (known := workspace.results.get(work.key)) is not None:
        return known
    rows = [verdict_row(motif, verdict) for motif, verdict in found.verdicts.items()]
    table = pd.DataFrame(rows).assign(whole=found.whole.value, confounded=found.confounded)
    record = work.record("", started)
    workspace.results.put(record, table)
    return record, table


def _computation(found: Comparison, versions: dict[str, str]) -> Computation:
    """Name a comparison; the order in which its circuits were given does not matter."""
    question = found.question
    scopes = {verdict.scope for verdict in found.verdicts.values()}
    units = {verdict.estimates.unit for verdict in found.verdicts.values()}
    (scope,), (unit,) = scopes, units
    parameters = {
        "circuits": list(versions),
        "versions": list(versions.values()),
        "scope": scope,
        "unit": unit,
        "margin": question.margin,
        "null": question.null,
        "ensemble": question.ensemble,
        "hard_samples": question.samples,
        "hard_limit": question.hard_limit,
    }
    circuits, kept = " ".join(versions), " ".join(versions.values())
    return Computation(ANALYSIS, ENCODING_VERSION, circuits, kept, parameters, question.seed)
