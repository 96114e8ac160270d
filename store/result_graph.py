"""Results in the graph: what was measured, against which null, by which computation."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import pandas as pd

from schemas.records import AnalysisRecord

if TYPE_CHECKING:
    from store.graph import Graph

_REPLACE = (
    "MATCH (c:Circuit {name: $circuit})-[:Measured]->(s:MotifStatistic)"
    "-[:GeneratedBy]->(a:Analysis {analysis: $analysis.analysis}) "
    "DETACH DELETE s WITH DISTINCT a DETACH DELETE a"
)
_ANALYSIS = (
    "MATCH (d:Dataset {name: $dataset}) MERGE (a:Analysis {key: $analysis.key}) "
    "SET a = $analysis, a.created = datetime($created) MERGE (a)-[u:Used]->(d) "
    "SET u.version = $version"
)
_STATISTICS = (
    "MATCH (c:Circuit {name: $circuit}) MATCH (a:Analysis {key: $analysis.key}) "
    "UNWIND $rows AS row CREATE (s:MotifStatistic) SET s = row "
    "CREATE (c)-[:Measured]->(s) CREATE (s)-[:GeneratedBy]->(a)"
)


def write(graph: Graph, record: AnalysisRecord, effects: pd.DataFrame) -> None:
    """Write one effect table in one transaction, in place of the circuit's earlier one."""
    given: dict[str, Any] = {
        "circuit": record.circuit,
        "dataset": record.dataset,
        "version": record.version,
        "created": record.created,
        "analysis": {
            "key": record.key,
            "analysis": record.analysis,
            "codeVersion": record.code_version,
            "seed": record.seed,
            "datasetVersion": record.version,
            "parameters": [f"{name}={value}" for name, value in record.parameters.items()],
        },
        "rows": [_statistic(record.key, row) for row in effects.to_dict("records")],
    }
    graph.write_all([(statement, given) for statement in (_REPLACE, _ANALYSIS, _STATISTICS)])


def _statistic(key: str, row: dict[Hashable, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "uid": f"{key}:{row['motif']}:{row['null']}:{row['ensemble']}",
        "motif": row["motif"],
        "null": row["null"],
        "ensemble": row["ensemble"],
        "observed": int(row["observed"]),
        "rule": row["rule"],
    }
    for column, name in (
        ("expected", "expected"),
        ("sd", "sd"),
        ("log_ratio", "logRatio"),
        ("z", "z"),
        ("se", "se"),
        ("df", "df"),
        ("low", "low"),
        ("high", "high"),
        ("p", "p"),
        ("p_holm", "pHolm"),
        ("mde", "mde"),
    ):
        value = float(row[column])
        if math.isfinite(value):  # what is not defined is absent
            properties[name] = value
    return properties
