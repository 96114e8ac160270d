"""Compare the verdicts over several circuits in the graph with those that the lake keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from schemas.graph import SEVERAL_CIRCUITS
from store.result_rows import compared_rows, result_rows, told_apart, versions_of
from store.verify_results import computation_problems, number_problems

if TYPE_CHECKING:
    from schemas.records import AnalysisRecord
    from store.graph import Graph
    from store.results import Results

_COMPARISONS = """
MATCH (:Dataset {name: $dataset})<-[:Used]-(a:Analysis) WHERE a.analysis IN $analyses
RETURN properties(a) AS properties, [(a)-[:Used]->(c:Circuit) | c.name] AS circuits,
       [(a)-[u:Used]->(d:Dataset) | [d.name, u.version]] AS versions,
       [(a)<-[:GeneratedBy]-(v:Verdict) |
        {verdict: properties(v), over: [(v)-[o:Over]->(c:Circuit) | [c.name, properties(o)]]}]
       AS verdicts
"""
_LOOSE = """
MATCH (:Circuit {dataset: $dataset})<-[:Over]-(v:Verdict)
WHERE COUNT { (v)-[:GeneratedBy]->(a:Analysis)-[:Used]->(:Dataset {name: $dataset})
              WHERE a.analysis IN $analyses } <> 1
RETURN count(DISTINCT v) AS verdicts
"""


def verdict_problems(graph: Graph, results: Results, dataset: str) -> Iterator[str]:
    """Say which verdicts over circuits of a dataset differ from the lake's.

    Parameters
    ----------
    graph : Graph
    results : Results
    dataset : str

    Raises
    ------
    ServerError
        If the server fails.
    """
    seen = set()
    for row in graph.read(_COMPARISONS, dataset=dataset, analyses=SEVERAL_CIRCUITS):
        given = row["properties"]
        said = " ".join([given["analysis"], *told_apart(given["analysis"], given["parameters"])])
        if said in seen:
            yield f"{said} is there twice"
        seen.add(said)
        if (known := results.get(given["key"])) is None:
            continue
        record, table = known
        problems = [*_record_problems(row, record)]
        compared = compared_rows(record, table)
        wanted = {one["uid"]: (one, compared[one["uid"]]) for one in result_rows(record, table)}
        found = {one["verdict"].get("uid"): one for one in row["verdicts"]}
        whole = {uid: (one["verdict"], dict(one["over"])) for uid, one in found.items()}
        problems += number_problems(whole, wanted)
        if problems:
            yield f"{said}: {', '.join(problems)}"
    (loose,) = graph.read(_LOOSE, dataset=dataset, analyses=SEVERAL_CIRCUITS)
    if loose["verdicts"]:
        yield f"verdicts without a computation: {loose['verdicts']:,}"


def _record_problems(row: dict[str, Any], record: AnalysisRecord) -> Iterator[str]:
    over = versions_of(record)
    versions = {name.partition("/")[0]: version for name, version in over.items()}
    if sorted(row["circuits"]) != sorted(over) or dict(row["versions"]) != versions:
        yield "it is over other circuits"
    yield from computation_problems(row["properties"], record)
