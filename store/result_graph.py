"""Results in the graph: what was measured on a circuit, and by which computation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from schemas.graph import SEVERAL_CIRCUITS
from schemas.records import AnalysisRecord
from store.result_rows import (
    analysis_properties,
    compared_rows,
    label_of,
    participation_rows,
    result_rows,
    told_apart,
    versions_of,
)

if TYPE_CHECKING:
    from store.graph import Graph

_REPLACE = (
    "MATCH (c:Circuit {name: $circuit})<-[:Used]-(a:Analysis {analysis: $analysis.analysis}) "
    "WHERE all(said IN $apart WHERE said IN a.parameters) "
    "OPTIONAL MATCH (s)-[:GeneratedBy]->(a) DETACH DELETE s, a"
)
_ANALYSIS = (
    "UNWIND $over AS one MATCH (c:Circuit {name: one.circuit})-[:InDataset]->(d:Dataset) "
    "WITH collect([c, d, one.version]) AS them WHERE size(them) = size($over) "
    "MERGE (a:Analysis {key: $analysis.key}) SET a = $analysis, a.created = datetime($created) "
    "WITH a, them UNWIND them AS one WITH a, one[0] AS c, one[1] AS d, one[2] AS version "
    "MERGE (a)-[u:Used]->(d) SET u.version = version MERGE (a)-[:Used]->(c)"
)
# A label is one of `schemas.graph.RESULTS`, so it may stand in the text.
_NODES = (
    "MATCH (c:Circuit {{name: $circuit}}) MATCH (a:Analysis {{key: $analysis.key}}) "
    "UNWIND $rows AS row CREATE (s:{label}) SET s = row "
    "CREATE (c)-[:Measured]->(s) CREATE (s)-[:GeneratedBy]->(a)"
)
_VERDICTS = (
    "MATCH (a:Analysis {key: $analysis.key}) UNWIND $rows AS row "
    "CREATE (v:Verdict) SET v = row CREATE (v)-[:GeneratedBy]->(a) "
    "WITH v, $compared[v.uid] AS figures UNWIND keys(figures) AS name "
    "MATCH (c:Circuit {name: name}) CREATE (v)-[o:Over]->(c) SET o = figures[name]"
)
# A neuron that is not among the counts, as all are of a refusal, keeps none of an earlier result.
_PARTICIPATION = (
    "MATCH (:Circuit {name: $circuit})<-[r:InCircuit]-(n:Neuron) "
    "SET r = coalesce($counts[n.uid], {})"
)


def write(graph: Graph, record: AnalysisRecord, table: pd.DataFrame) -> None:
    """Write one result in one transaction, in place of the circuits' earlier one of its kind.

    Raises
    ------
    UsageError
        If results of this analysis do not go into the graph.
    ServerError
        If the server fails.
    """
    label = label_of(record)
    analysis, over = analysis_properties(record), versions_of(record)
    given: dict[str, Any] = {
        "circuit": next(iter(over)),
        "over": [{"circuit": name, "version": version} for name, version in over.items()],
        "created": record.created,
        "analysis": analysis,
        "apart": told_apart(record.analysis, analysis["parameters"]),
    }
    if label is None:
        given["counts"] = {row["uid"]: row["counts"] for row in participation_rows(record, table)}
        statements = [_REPLACE, _ANALYSIS, _PARTICIPATION]
    elif record.analysis in SEVERAL_CIRCUITS:
        given["rows"] = result_rows(record, table)
        given["compared"] = compared_rows(record, table)
        statements = [_REPLACE, _ANALYSIS, _VERDICTS]
    else:
        given["rows"] = result_rows(record, table)
        statements = [_REPLACE, _ANALYSIS, _NODES.format(label=label)]
    graph.write_all([(statement, given) for statement in statements])
