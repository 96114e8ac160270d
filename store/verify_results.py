"""Compare the results in the graph with those that the lake keeps under the same keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from schemas.graph import SEVERAL_CIRCUITS
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
    from store.results import Results

_ANALYSES = """
MATCH (:Dataset {name: $dataset})<-[u:Used]-(a:Analysis) WHERE NOT a.analysis IN $elsewhere
RETURN properties(a) AS properties, u.version AS version,
       [(a)-[:Used]->(c:Circuit) | c.name] AS circuits
"""
_NODES = """
MATCH (c:Circuit {dataset: $dataset})-[:Measured]->(s)
RETURN c.name AS circuit, labels(s) AS labels, properties(s) AS properties,
       [(s)-[:GeneratedBy]->(a) | a.key] AS keys
"""
_COUNTS = """
MATCH (c:Circuit {dataset: $dataset})<-[r:InCircuit]-(n:Neuron) WHERE size(keys(r)) > 0
RETURN c.name AS circuit, n.uid AS uid, properties(r) AS counts
"""
Rows = dict[str, dict[str, Any]]


class _Found(NamedTuple):
    """What the graph holds of one computation."""

    label: str | None
    rows: Rows


def result_problems(graph: Graph, results: Results, dataset: str) -> Iterator[str]:
    """Say which results about one circuit of a dataset differ from the lake's.

    Every number of a computation in the graph is compared with the table that the lake keeps under
    its key. A computation whose table the lake lacks is left alone, as is a result that is in the
    lake only: not all go into the graph.

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
    analyses = graph.read(_ANALYSES, dataset=dataset, elsewhere=SEVERAL_CIRCUITS)
    by_key, loose = _nodes(graph.read(_NODES, dataset=dataset))
    counts: dict[str, Rows] = {}
    for row in graph.read(_COUNTS, dataset=dataset):
        counts.setdefault(row["circuit"], {})[row["uid"]] = row["counts"]
    seen: set[tuple[str, str]] = set()  # circuit, computation
    for row in analyses:
        key, name = row["properties"]["key"], row["properties"]["analysis"]
        if len(row["circuits"]) != 1:
            yield f"{name} of {len(row['circuits'])} circuits"
            continue
        (circuit,) = row["circuits"]
        said_of = " ".join([name, *told_apart(name, row["properties"]["parameters"])])
        if (circuit, said_of) in seen:
            yield f"{said_of} of {circuit} is there twice"
        seen.add((circuit, said_of))
        if name == "participation":
            found = _Found(None, counts.pop(circuit, {}))
        else:
            found = by_key.pop((circuit, key), _Found(None, {}))
        if (known := results.get(key)) is None:
            continue
        record, table = known
        label = label_of(record)
        if label is None:
            wanted = {one["uid"]: one["counts"] for one in participation_rows(record, table)}
            wanted = {uid: given for uid, given in wanted.items() if given}
        else:
            wanted = {one["uid"]: one for one in result_rows(record, table)}
        said = [*_record_problems(row, circuit, record), *_row_problems(found, label, wanted)]
        if said:
            yield f"{said_of} of {circuit}: {', '.join(said)}"
    yield from (f"triads of neurons in {circuit} without a computation" for circuit in counts)
    loose += [circuit for circuit, _ in by_key]
    yield from (f"numbers of {circuit} without a computation" for circuit in sorted(set(loose)))


def _nodes(read: Iterable[dict[str, Any]]) -> tuple[dict[tuple[str, str], _Found], list[str]]:
    """Sort nodes by circuit and key; those of no computation, or of several, are loose."""
    by_key: dict[tuple[str, str], _Found] = {}
    loose = []
    for row in read:
        if len(row["keys"]) != 1 or len(row["labels"]) != 1:
            loose.append(row["circuit"])
            continue
        found = by_key.setdefault((row["circuit"], row["keys"][0]), _Found(row["labels"][0], {}))
        if row["labels"][0] != found.label:
            loose.append(row["circuit"])
        found.rows[str(row["properties"].get("uid"))] = row["properties"]
    return by_key, loose


def _record_problems(row: dict[str, Any], circuit: str, record: AnalysisRecord) -> Iterator[str]:
    if row["version"] != record.version or circuit != record.circuit:
        yield "its computation is about something else"
    yield from computation_problems(row["properties"], record)


def computation_problems(properties: dict[str, Any], record: AnalysisRecord) -> Iterator[str]:
    """Say in what an `Analysis` of the graph differs from the record in the lake."""
    found = dict(properties)
    created = found.pop("created", None)
    if found != analysis_properties(record) or created is None:
        yield "its computation has other properties"
    elif created.to_native() != datetime.fromisoformat(record.created):
        yield "its computation has another time"


def _row_problems(found: _Found, label: str | None, wanted: Rows) -> Iterator[str]:
    if found.rows and found.label != label:
        yield f"numbers are {found.label}"
    yield from number_problems(found.rows, wanted)


def number_problems(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    """Say how many of the nodes of a computation, by their uid, differ from those of the lake."""
    missing = sum(uid not in found for uid in wanted)
    more = sum(uid not in wanted for uid in found)
    other = sum(uid in found and found[uid] != row for uid, row in wanted.items())
    for number, what in ((missing, "missing"), (more, "too many"), (other, "different")):
        if number:
            yield f"{what} {number:,}"
