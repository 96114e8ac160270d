"""`isocortex find`: where a motif lies in a circuit, or how often."""

from __future__ import annotations

import sys
from enum import Enum
from typing import Annotated

import typer

from isocortex import finding, show, show_found
from isocortex.commands import CircuitName, Json, NeuronTable, loaded, refuse_idle
from isocortex.finding import LIMIT, TIMEOUT, Way
from isocortex.settings import Settings
from isocortex.workspace import Workspace, is_file_name


class By(Enum):
    """Ways to answer."""

    AUTO = "auto"
    CENSUS = "census"
    MATCHER = "matcher"
    GRAPH = "graph"


def find(
    context: typer.Context,
    pattern: Annotated[
        str,
        typer.Argument(
            help="DotMotif text (A -> B; B !> A), a file *.motif, - for stdin, or a code: 030T."
        ),
    ],
    circuit: CircuitName,
    neurons: NeuronTable = None,
    induced: Annotated[
        bool, typer.Option("--induced", help="Pairs that are not named have to be unconnected.")
    ] = False,
    count: Annotated[bool, typer.Option("--count", help="Only count.")] = False,
    placements: Annotated[
        bool,
        typer.Option("--placements", help="Every way to give the names, as DotMotif counts."),
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Most instances to return.")] = LIMIT,
    by: Annotated[
        By, typer.Option(help="How to answer; auto: census or graph where they can, else matcher.")
    ] = By.AUTO,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait.")] = TIMEOUT,
    cypher: Annotated[
        bool, typer.Option("--cypher", help="Print the Cypher and its parameters, ask nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find a motif in a circuit, or count it; DotMotif's language."""
    if count:
        refuse_idle(context, "with --count", "limit")
    if cypher:
        refuse_idle(context, "with --cypher", "by", "timeout")
    way: Way = by.value
    workspace = Workspace(Settings.from_environment())
    with show.progress() as progress:
        given = loaded(workspace, circuit, neurons, quiet=as_json or cypher)
        asked = finding.question(
            finding.written(pattern, sys.stdin),
            given,
            induced=True if induced else None,
            once=not placements,
            in_lake=neurons is None and not is_file_name(circuit),
        )
        if cypher:
            show_found.cypher(
                finding.statement(asked, limit=limit, counting=count), as_json=as_json
            )
            return
        if count:
            number = finding.count(asked, workspace, by=way, timeout=timeout, progress=progress)
        else:
            found = finding.instances(
                asked, workspace, limit=limit, by=way, timeout=timeout, progress=progress
            )
    if as_json:
        show.json_document(
            finding.document(asked, counted=number)
            if count
            else finding.document(asked, found=found)
        )
    elif count:
        show_found.counted(asked, number)
    else:
        show_found.instances(asked, found)
