"""Write what is derived from the schemas: `make schemas`.

The JSON Schemas of the records go beside this module, the pages of the graph and of its queries
into `docs/`.
"""

from __future__ import annotations

import json
from pathlib import Path

from schemas.graph import (
    LABELS,
    QUERY_GROUPS,
    RELATIONSHIPS,
    SCHEMA_VERSION,
    query_names,
    query_template,
)
from schemas.records import JSON_SCHEMAS

_HERE = Path(__file__).parent


def json_schemas() -> dict[str, str]:
    """Return `{file name: text}` of every exported schema."""
    return {
        f"{name}.json": json.dumps(record.model_json_schema(), indent=2, sort_keys=True) + "\n"
        for name, record in JSON_SCHEMAS.items()
    }


def graph_page() -> str:
    """Return the Markdown page that describes the graph."""
    lines = [
        "# The graph",
        "",
        (
            "Made by `make schemas` from `schemas/graph.py`; the tests compare the two. "
            f"Schema version {SCHEMA_VERSION}."
        ),
        "",
        "Words and style are neuPrint's, so its users' Cypher runs unchanged. Direction is always",
        "pre → post; ids are exact 64-bit integers; positions are µm.",
        "",
        "```mermaid",
        "graph LR",
        *dict.fromkeys(f"  {r.start} -- {r.name} --> {r.end}" for r in RELATIONSHIPS),
        "```",
        "",
        "## Labels",
        "",
        "| label | key | properties | what it is |",
        "|---|---|---|---|",
    ]
    for label in LABELS:
        properties = ", ".join(f"`{name}` {kind}" for name, kind in label.properties.items())
        lines.append(f"| `{label.name}` | `{label.key}` | {properties} | {label.meaning} |")
    lines += ["", "## Relationships", "", "| from | type | to | properties | what it means |"]
    lines.append("|---|---|---|---|---|")
    for r in RELATIONSHIPS:
        properties = ", ".join(f"`{name}` {kind}" for name, kind in r.properties.items())
        lines.append(f"| `{r.start}` | `{r.name}` | `{r.end}` | {properties} | {r.meaning} |")
    lines += [
        "",
        "## Results",
        "",
        "`isocortex run` computes five things of every circuit, each an `Analysis` with the",
        "key of its numbers, the version of the code and, in `parameters`, the limits up to which",
        "it is done ([cli.md](cli.md)). What a circuit cannot have is there as well: `refused` of",
        "the `Analysis` or of the `CircuitStatistic` says why, and a count of triads that could",
        "not be observed is absent, not 0. Typed triads name the classes of A, B and C as drawn in",
        "[methods.md](methods.md); codes of four neurons are those of",
        "[four-node.md](four-node.md).",
        "",
        "What other commands computed of circuits stands in the graph after the next `isocortex",
        "run`, or `isocortex run DATASET`: `TypedEffect` from `census --typed`, `ErrorCurvePoint`",
        "and `CorrectedEffect` from `robustness`, `Verdict` from `compare`. It is written as it",
        "was computed; of several computations of a circuit the newest by each column, at each",
        "level of an error under a null, of the correction under each null, and of the verdicts",
        "over the same circuits beyond a null within a margin. A `Verdict` is `Over` all circuits",
        "that were compared, with the effect and error of each; a new version of one takes it out.",
        "",
        "```cypher",
        'MATCH (:Circuit {name: "worm-witvliet-8/neurons"})<-[r:InCircuit]-(n:Neuron)',
        "RETURN n.instance, r.triads030T ORDER BY r.triads030T DESC LIMIT 5",
        "```",
        "",
        "## From neuPrint and DotMotif",
        "",
        "`n.bodyId`, `n.type`, `n.instance`, `n.dataset` and `c.weight` mean what they mean in",
        "neuPrint; several datasets share the graph, so say `{dataset: …}` where it matters.",
        "DotMotif 0.18 and its py2neo need two things said: the labels, and a connection of your",
        "own (theirs passes an option that py2neo refuses). Open chains may come back to their",
        "first cell unless the motif has `enforce_inequality=True`.",
        "",
        "```python",
        'labels = {"node": "Neuron", "edge": {"DEFAULT": "ConnectsTo", "SYN": "ConnectsTo"}}',
        "graph = py2neo.Graph(uri, auth=(user, password))",
        "executor = Neo4jExecutor(graph=graph, entity_labels=labels)",
        'executor.find(Motif("A -> B\\nB -> C\\nA -> C", enforce_inequality=True))',
        "```",
        "",
        "## While somebody loads",
        "",
        "A version of a dataset replaces another in one transaction (results of more than 20,000",
        "nodes are taken away before it: its memory is limited). Neo4j reads what is committed",
        "at the moment of reading, so a query that runs during that transaction could see some of",
        "both. `isocortex query`, the dashboard and exports look at `SchemaVersion.switches` and",
        "`switchingUntil` before and after, and ask again; so can you. `StagedNeuron` and",
        "`RetiredNeuron` are neurons of a load that is not complete and of a replaced version that",
        "is being deleted; neither is a `Neuron`. A neuron may lie in many circuits.",
        "",
    ]
    return "\n".join(lines)


def cypher_page() -> str:
    """Return the Markdown page of the query templates."""
    templates = [query_template(name) for name in query_names()]
    lines = [
        "# Cypher for people",
        "",
        "Made by `make schemas` from the templates in `schemas/cypher/queries`; the tests compare",
        f"the two and run each of the {len(templates)} on a graph whose answers are known.",
        "The graph: [graph.md](graph.md).",
        "",
        "Each is also a template of the dashboard's Query page and of the command line:",
        "",
        "```",
        "isocortex query --templates",
        "isocortex query --template strongest-connections --param type=K --param limit=5",
        "```",
        "",
        "Parameters have the values shown unless you give others. `weight` is what the dataset",
        "counts (`Dataset.weight` says what); a pair that is not connected has no relationship.",
        "Cypher finds instances; counts of motifs are in the graph as `isocortex run` made them:",
        "`MotifStatistic` (against nulls), `TypedMotif` (by cell class), `FourNodeMotif`, and",
        "on `InCircuit` those that hold a neuron. `TypedEffect` (by class, against nulls) is there",
        "of circuits of which `isocortex census CIRCUIT --typed` was asked for before a run,",
        "`ErrorCurvePoint` and `CorrectedEffect` where `isocortex robustness CIRCUIT` was, and",
        "`Verdict` where `isocortex compare CIRCUIT CIRCUIT` was.",
        "Circuits of different evidence are not comparable as they stand.",
    ]
    for group in QUERY_GROUPS:
        lines += ["", f"## {group}"]
        for one in (one for one in templates if one.group == group):
            lines += [
                "",
                f"### {one.title}",
                "",
                f"`{one.name}`. {one.description}",
                "",
                "```cypher",
            ]
            lines += [one.text.rstrip("\n"), "```"]
            if one.parameters:
                lines += ["", "| parameter | value | what it is |", "|---|---|---|"]
                for name, value in one.parameters.items():
                    given = json.dumps(value, ensure_ascii=False)
                    lines.append(f"| `${name}` | `{given}` | {one.meanings[name]} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Write them."""
    folder = _HERE / "json"
    folder.mkdir(exist_ok=True)
    for name, text in json_schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
    (_HERE.parent / "docs" / "graph.md").write_text(graph_page(), encoding="utf-8")
    (_HERE.parent / "docs" / "cypher.md").write_text(cypher_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
