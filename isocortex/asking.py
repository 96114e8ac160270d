"""Where the text and the parameters of a query come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TextIO

from schemas.errors import UsageError
from schemas.graph import query_names, query_template
from schemas.registry import unknown


def statement_of(
    cypher: str | None, template: str | None, stdin: TextIO
) -> tuple[str, dict[str, Any]]:
    """Return the statement and the default parameters of a template.

    Raises
    ------
    UsageError
        If there is no statement, or no such file or template.
    """
    if template is not None:
        if cypher is not None:
            raise UsageError("give a statement or --template, not both")
        if template not in query_names():
            raise unknown("query template", template, query_names())
        shipped = query_template(template)
        return shipped.text, dict(shipped.parameters)
    if cypher is None:
        raise UsageError(
            "no statement given",
            remedy=f"give Cypher, or --template with one of {', '.join(query_names())}",
        )
    if cypher == "-":
        return stdin.read(), {}
    if cypher.endswith(".cypher"):
        path = Path(cypher)
        if not path.is_file():
            raise UsageError(f"there is no file {cypher}")
        return path.read_text(encoding="utf-8"), {}
    return cypher, {}


def parameters_of(pairs: list[str]) -> dict[str, Any]:
    """Parse `name=value`; a value that is JSON is taken as such, else as text.

    Raises
    ------
    UsageError
        If a pair has no `=` or no name.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(f"--param {pair!r} is not name=value")
        try:
            values[name] = json.loads(text)
        except json.JSONDecodeError:
            values[name] = text
    return values
