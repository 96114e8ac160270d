"""Cypher that returns what a page shows, so that every number can be asked for again."""

from __future__ import annotations

import json

STATISTIC = (
    "MATCH (c:Circuit {name: $circuit})-[:Measured]->(s:MotifStatistic "
    "{motif: $motif, null: $null, ensemble: $ensemble})-[:GeneratedBy]->(a:Analysis)\n"
    "RETURN s.observed, s.expected, s.sd, s.logRatio, s.z, a.key, a.seed, a.codeVersion, "
    "a.datasetVersion"
)


def values_text(values: dict[str, object]) -> str:
    """Write parameters as the Query page takes them: one `name = value` a line, values as JSON."""
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
