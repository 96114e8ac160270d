"""Cypher that returns what a page shows, so that every number can be asked for again."""

from __future__ import annotations

import json

from dashboard.views.glyphs import ARROWS

STATISTIC = (
    "MATCH (c:Circuit {name: $circuit})-[:Measured]->(s:MotifStatistic "
    "{motif: $motif, null: $null, ensemble: $ensemble})-[:GeneratedBy]->(a:Analysis)\n"
    "RETURN s.observed, s.expected, s.sd, s.logRatio, s.z, a.key, a.seed, a.codeVersion, "
    "a.datasetVersion"
)


def instances(motif: str) -> str:
    """Write the query for neurons that form a triad; absent connections are absent.

    Parameters
    ----------
    motif : str
        MAN code; `003` cannot be asked for, it has no connection to begin with.

    Returns
    -------
    str
        Cypher with the parameters $circuit and $limit; empty for `003`.
    """
    arrows = ARROWS[motif]
    if not arrows:
        return ""
    pairs = [x + y for x in "abc" for y in "abc" if x != y]
    there = ",\n  ".join(f"({pre})-[:ConnectsTo]->({post})" for pre, post in map(tuple, arrows))
    absent = [
        f"NOT ({pre})-[:ConnectsTo]->({post})"
        for pre, post in map(tuple, pairs)
        if pre + post not in arrows
    ]
    alone = [node for node in "abc" if not any(node in arrow for arrow in arrows)]
    members = [f"({node})-[:InCircuit]->(k)" for node in "abc" if node not in alone]
    loose = "".join(f",\n  ({node}:Neuron)-[:InCircuit]->(k)" for node in alone)
    apart = ["a <> b", "b <> c", "a <> c"]
    where = "\n  AND ".join([*members, *apart, *absent])
    return (
        f"MATCH (k:Circuit {{name: $circuit}})\n"
        f"MATCH {there}{loose}\nWHERE {where}\n"
        "RETURN a.bodyId AS a, b.bodyId AS b, c.bodyId AS c LIMIT $limit"
    )


def values_text(values: dict[str, object]) -> str:
    """Write parameters as the Query page takes them: one `name = value` a line, values as JSON."""
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
