"""Results in the graph: what was measured on a circuit, and by which computation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from schemas.records import AnalysisRecord
from store.result_rows import (
    analysis_properties,
    label_of,
    participation_rows,
    result_rows,
    told_apart,
)

if TYPE_CHECKING:
    from store.graph import Graph

_REPLACE = (
    "MATCH (c:Circuit {name: $circuit})<-[:Used]-(a:Analysis {analysis: $analysis.analysis}) "
    "WHERE all(said IN $apart WHERE said IN a.parameters) "
    "OPTIONAL MATCH (s)-[:GeneratedBy]->(a) DETACH DELETE s, a"
)
_ANALYSIS = (
    "MATCH (d:Dataset {name: $dataset}) MATCH (c:Circuit {name: $circuit}) "
    "MERGE (a:Analysis {key: $analysis.key}) SET a = $analysis, a.created = datetime($created) "
    "MERGE (a)-[u:Used]->(d) SET u.version = $version MERGE (a)-[:Used]->(c)"
)
# A label is one of `schemas.graph.RESULTS`, so it may stand in the text.
_NODES = (
    "MATCH (c:Circuit {{name: $circuit}}) MATCH (a:Analysis {{key: $analysis.key}}) "
    "UNWIND $rows AS row CREATE (s:{label}) SET s = row "
    "CREATE (c)-[:Measured]->(s) CREATE (s)-[:GeneratedBy]->(a)"
)
# A neuron that is not among the counts, as all are of a refusal, keeps none of an earlier result.
_PARTICIPATION = (
    "MATCH (:Circuit {name: $circuit})<-[r:InCircuit]-(n:Neuron) "
    "SET r = coalesce($counts[n.uid], {})"
)


def write(graph: Graph, record: AnalysisRecord, table: pd.DataFrame) -> None:
    """Write one result in one transaction, in place of the circuit's earlier one of its kind.

    Raises
    ------
    UsageError
        If results of this analysis do not go into the graph.
    ServerError
        If the server fails.
    """
    label = label_of(record)
    analysis = analysis_properties(record)
    given: dict[str, Any] = {
        "circuit": record.circuit,
        "dataset": record.dataset,
        "version": record.version,
        "created": record.created,
        "analysis": analysis,
        "apart": told_apart(record.analysis, analysis["parameters"]),
    }
    if label is None:
        given["counts"] = {row["uid"]: row["counts"] for row in participation_rows(record, table)}
        statements = [_REPLACE, _ANALYSIS, _PARTICIPATION]
    else:
        given["rows"] = result_rows(record, table)
        statements = [_REPLACE, _ANALYSIS, _NODES.format(label=label)]
    graph.write_all([(statement, given) for statement in statements])
