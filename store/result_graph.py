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

_OLD = (
    "MATCH (c:Circuit {name: $circuit})<-[:Used]-(a:Analysis {analysis: $analysis.analysis}) "
    "WHERE all(said IN $apart WHERE said IN a.parameters) "
)
_ITS_NODES = "MATCH (s)-[:GeneratedBy]->(a) "
_REPLACE = f"{_OLD}OPTIONAL {_ITS_NODES}DETACH DELETE s, a"
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
# A result of more rows is written in parts: the memory of a transaction is limited. Until it is
# whole it has a key of its own and its nodes are not `Measured`, so that nobody meets them.
PART = 5_000
MOST = 20_000  # nodes that a transaction deletes
_OF_DATASET = "MATCH (:Dataset {name: $dataset})<-[:Used]-(a:Analysis) "
_UNFINISHED = " (unfinished)"
_STAGED = "MATCH (a:Analysis) WHERE a.key ENDS WITH $unfinished "
_STAGE = (
    "MERGE (a:Analysis {{key: $staged}}) WITH a UNWIND $rows AS row "
    "CREATE (s:{label}) SET s = row CREATE (s)-[:GeneratedBy]->(a)"
)
_UNSTAGE = (
    "MATCH (:Circuit {name: $circuit}) MATCH (a:Analysis {key: $staged}) SET a.key = $analysis.key"
)
_MEASURED = (
    "MATCH (c:Circuit {name: $circuit}) "
    "MATCH (s)-[:GeneratedBy]->(:Analysis {key: $analysis.key}) CREATE (c)-[:Measured]->(s)"
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
    """Write one result in place of the circuits' earlier one of its kind.

    In one transaction, so that readers see the one or the other. One of more than `PART` rows is
    made ready in parts and shown in one transaction, the earlier one being taken away before.

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
        "staged": record.key + _UNFINISHED,
        "unfinished": _UNFINISHED,
    }
    rows = [] if label is None else result_rows(record, table)
    if max(_nodes(graph, _OLD, given), len(rows)) > PART:
        graph.write(_OLD + "SET a.key = a.key + $unfinished", **given)
        take_away_unfinished(graph)
    if label is None:
        given["counts"] = {row["uid"]: row["counts"] for row in participation_rows(record, table)}
        statements = [_REPLACE, _ANALYSIS, _PARTICIPATION]
    elif record.analysis in SEVERAL_CIRCUITS:
        given |= {"rows": rows, "compared": compared_rows(record, table)}
        statements = [_REPLACE, _ANALYSIS, _VERDICTS]
    elif len(rows) <= PART:
        given["rows"] = rows
        statements = [_REPLACE, _ANALYSIS, _NODES.format(label=label)]
    else:
        for first in range(0, len(rows), PART):
            part = {"staged": given["staged"], "rows": rows[first : first + PART]}
            graph.write(_STAGE.format(label=label), **part)
        statements = [_REPLACE, _UNSTAGE, _ANALYSIS, _MEASURED]
    graph.write_all([(statement, given) for statement in statements])


def take_away_unfinished(graph: Graph) -> None:
    """Delete, in parts, what a writing that was interrupted has left."""
    given = {"unfinished": _UNFINISHED, "part": PART}
    for _ in range(0, _nodes(graph, _STAGED, given), PART):
        graph.write(_STAGED + _ITS_NODES + "WITH s LIMIT $part DETACH DELETE s", **given)
    graph.write(_STAGED + "DETACH DELETE a", **given)


def take_away_many(graph: Graph, dataset: str) -> None:
    """Delete the results of a dataset in parts if they are more than one transaction can delete."""
    given = {"dataset": dataset, "unfinished": _UNFINISHED}
    if _nodes(graph, _OF_DATASET, given) > MOST:
        graph.write(_OF_DATASET + "SET a.key = a.key + $unfinished", **given)
        take_away_unfinished(graph)


def _nodes(graph: Graph, analyses: str, given: dict[str, Any]) -> int:
    """Count the nodes of these analyses."""
    (counted,) = graph.read(analyses + _ITS_NODES + "RETURN count(s) AS there", **given)
    return int(counted["there"])
