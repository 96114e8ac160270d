"""From tables of results to properties: the one place that knows both names of a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import pandas as pd

from schemas.errors import UsageError
from schemas.graph import PARTICIPATION, RESULTS, SEVERAL, SEVERAL_CIRCUITS
from schemas.records import AnalysisRecord
from store.properties import missing, plain, uid

Row = dict[str, Any]
Cells = dict[Hashable, Any]
_EFFECTS = {  # column → property
    "expected": "expected",
    "sd": "sd",
    "log_ratio": "logRatio",
    "z": "z",
    "se": "se",
    "df": "df",
    "low": "low",
    "high": "high",
    "p": "p",
    "p_holm": "pHolm",
    "mde": "mde",
}
_TYPED_EFFECTS = {
    "expected": "expected",
    "log_ratio": "logRatio",
    "se": "se",
    "df": "df",
    "rule": "rule",
    "low": "low",
    "high": "high",
    "p": "p",
    "p_adjusted": "pAdjusted",
    "mde": "mde",
}
_STATISTICS = {
    "statistic": "name",
    "of": "of",
    "title": "title",
    "value": "value",
    "standard_error": "se",
    "expected": "expected",
    "expected_by": "expectedBy",
    "unit": "unit",
    "definition": "definition",
    "reference": "reference",
    "doi": "doi",
    "why": "why",
    "note": "note",
    "refused": "refused",
}


_CURVE = {
    "motif": "motif",
    "null": "null",
    "ensemble": "ensemble",
    "error": "error",
    "level": "level",
    "draws": "draws",
    "defined": "defined",
    "observed": "observed",
    "expected": "expected",
    "log_ratio": "logRatio",
    "spread": "spread",
    "connections": "connections",
    "neurons": "neurons",
}
_CORRECTION = {
    "motif": "motif",
    "null": "null",
    "ensemble": "ensemble",
    "raw": "raw",
    "corrected": "corrected",
    "by": "by",
    "shift": "shift",
    "inflation": "inflation",
    "mc_sd": "mcSd",
    "rate_sd": "rateSd",
    "se": "se",
    "df": "df",
    "low": "low",
    "high": "high",
    "residual": "residual",
    "claim": "claim",
    "reason": "reason",
}
_VERDICT = {
    "verdict": "claim",
    "p_inv": "pInv",
    "p_div": "pDiv",
    "q_inv": "qInv",
    "q_div": "qDiv",
    "smallest_margin": "smallestMargin",
    "mde": "mde",
    "reason": "reason",
    "whole": "whole",
    "confounded": "confounded",
}
_COMPARED = {"log_ratio": "logRatio", "se": "se", "df": "df", "rule": "rule"}
_ASKED = ("scope", "margin", "unit", "null", "ensemble")  # of a comparison
_RATES = {"miss": "miss", "spurious_share": "spuriousShare"}  # parameter → property


def label_of(record: AnalysisRecord) -> str | None:
    """Return the label of the nodes that hold the numbers; None if they stand on `InCircuit`.

    Raises
    ------
    UsageError
        If results of this analysis are kept beside the graph, not in it.
    """
    if record.analysis not in RESULTS:
        raise UsageError(
            f"results of {record.analysis!r} do not go into the graph",
            remedy=f"those of {', '.join(RESULTS)} do",
        )
    return RESULTS[record.analysis]


def result_rows(record: AnalysisRecord, table: pd.DataFrame) -> list[Row]:
    """Properties of the nodes of a result; none if it was refused.

    Raises
    ------
    UsageError
        If results of this analysis do not go into the graph as nodes.
    """
    label = label_of(record)
    if label is None:
        raise UsageError(f"results of {record.analysis!r} are no nodes of the graph")
    if record.refused is not None:
        return []
    made = [_ROWS[label](record, row) for row in table.to_dict("records")]
    return [{"uid": f"{record.key}:{name}"} | row for name, row in made]


def versions_of(record: AnalysisRecord) -> dict[str, str]:
    """Return the circuits that a result is about, each with the version of its dataset."""
    if record.analysis not in SEVERAL_CIRCUITS:
        return {record.circuit: record.version}
    return dict(zip(record.parameters["circuits"], record.parameters["versions"], strict=True))


def compared_rows(record: AnalysisRecord, table: pd.DataFrame) -> dict[str, dict[str, Row]]:
    """Return, of a comparison, the properties of `Over`: uid of a verdict → circuit → these."""
    return {
        f"{record.key}:{row['motif']}": {
            circuit: {"observed": int(row[f"observed:{circuit}"])}
            | _present(row, {f"{name}:{circuit}": kept for name, kept in _COMPARED.items()})
            for circuit in versions_of(record)
        }
        for row in table.to_dict("records")
    }


def participation_rows(record: AnalysisRecord, table: pd.DataFrame) -> list[Row]:
    """Return `uid` of each neuron and the `counts` that its `InCircuit` has; none if refused."""
    if record.refused is not None:
        return []
    lists = [table[motif].tolist() for motif in PARTICIPATION]
    names = list(PARTICIPATION.values())
    return [
        {
            "uid": uid(record.dataset, body),
            "counts": {
                name: int(count)
                for name, count in zip(names, counts, strict=True)
                if not missing(count)
            },
        }
        for body, *counts in zip(table["neuron_id"].tolist(), *lists, strict=True)
    ]


def said_parameters(record: AnalysisRecord) -> list[str]:
    """Parameters of a computation, `name=value`."""
    return [f"{name}={value}" for name, value in record.parameters.items()]


def told_apart(analysis: str, parameters: Iterable[str]) -> tuple[str, ...]:
    """Pick the parameters, `name=value`, that tell results of one analysis of a circuit apart.

    Of results that they do not tell apart the graph holds one.
    """
    names = SEVERAL.get(analysis, ())
    return tuple(sorted(said for said in parameters if said.partition("=")[0] in names))


def analysis_properties(record: AnalysisRecord) -> Row:
    """Properties of an Analysis node but `created`, which is a moment."""
    properties: Row = {
        "key": record.key,
        "analysis": record.analysis,
        "codeVersion": record.code_version,
        "seed": record.seed,
        "parameters": said_parameters(record),
    }
    if record.analysis not in SEVERAL_CIRCUITS:
        properties["datasetVersion"] = record.version
    return properties if record.refused is None else properties | {"refused": record.refused}


def _effect(_record: AnalysisRecord, row: Cells) -> tuple[str, Row]:
    found: Row = {
        "motif": row["motif"],
        "null": row["null"],
        "ensemble": row["ensemble"],
        "observed": int(row["observed"]),
        "rule": row["rule"],
    }
    return f"{row['motif']}:{row['null']}:{row['ensemble']}", found | _present(row, _EFFECTS)


def _typed(_record: AnalysisRecord, row: Cells) -> tuple[str, Row]:
    classes = [row["a"], row["b"], row["c"]]
    found = {"motif": row["motif"], "classes": classes, "count": int(row["count"])}
    return _joined(row["motif"], *classes), found


def _typed_effect(record: AnalysisRecord, row: Cells) -> tuple[str, Row]:
    classes = [row[place] for place in ("A", "B", "C")]
    found: Row = {
        "motif": row["motif"],
        "classes": classes,
        "by": record.parameters["by"],
        "null": row["null"],
        "ensemble": row["ensemble"],
        "observed": int(row["observed"]),
    }
    name = _joined(row["motif"], *classes, row["null"], row["ensemble"])
    return name, found | _present(row, _TYPED_EFFECTS)


def _four(_record: AnalysisRecord, row: Cells) -> tuple[str, Row]:
    found = {
        "code": int(row["code"]),
        "shape": row["shape"],
        "edges": row["edges"].split(),
        "count": int(row["count"]),
        "method": row["method"],
    }
    return str(row["code"]), found | _present(row, {"se": "se"})


def _statistic(_record: AnalysisRecord, row: Cells) -> tuple[str, Row]:
    return f"{row['statistic']}:{row['of']}", _present(row, _STATISTICS)


def _curve_point(_record: AnalysisRecord, row: Cells) -> tuple[str, Row]:
    return str(row["motif"]), _present(row, _CURVE)


def _corrected(record: AnalysisRecord, row: Cells) -> tuple[str, Row]:
    rates = _present({name: record.parameters[name] for name in _RATES}, _RATES)
    found = {"observed": int(row["observed"])} | rates
    return str(row["motif"]), found | _present(row, _CORRECTION)


def _verdict(record: AnalysisRecord, row: Cells) -> tuple[str, Row]:
    found: Row = {"motif": row["motif"], "circuits": len(record.parameters["circuits"])}
    found |= {name: record.parameters[name] for name in _ASKED}
    return str(row["motif"]), found | _present(row, _VERDICT)


def _joined(*parts: str) -> str:
    """Join words, which may hold the colon that parts them, to a name of these words alone."""
    return ":".join(part.replace("%", "%25").replace(":", "%3A") for part in parts)


def _present(row: Cells, names: dict[str, str]) -> Row:
    """Rename the cells that hold something; what is not defined is absent."""
    kept = {}
    for column, name in names.items():
        value = plain(row[column])
        infinite = isinstance(value, float) and not math.isfinite(value)
        if not (infinite or missing(value) or value == ""):
            kept[name] = value
    return kept


_ROWS: dict[str, Callable[[AnalysisRecord, Cells], tuple[str, Row]]] = {
    "MotifStatistic": _effect,
    "TypedMotif": _typed,
    "TypedEffect": _typed_effect,
    "FourNodeMotif": _four,
    "CircuitStatistic": _statistic,
    "ErrorCurvePoint": _curve_point,
    "CorrectedEffect": _corrected,
    "Verdict": _verdict,
}
