"""What the commands have in common: options, and errors as messages and exit codes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from isocortex import show

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from isocortex.workspace import Workspace

P = ParamSpec("P")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
CircuitName = Annotated[str, typer.Argument(help="A circuit's name, or an edge list.")]
NeuronTable = Annotated[Path | None, typer.Option(help="Neuron table of an edge list.")]
Processes = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        help="Processes that compute, or batches that a cluster has at a time; default as many "
        "as there are processors, at most 4.",
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Scheduler of a Dask cluster that draws the samples, such as tcp://host:8786.",
    ),
]


def loaded(
    workspace: Workspace, circuit: str, neurons: Path | None, *, quiet: bool = False
) -> Circuit:
    """Load the circuit that a command was given, and say what a file was taken for."""
    from isocortex import show_ingest
    from isocortex.library import load_circuit

    tell = None if quiet else partial(show_ingest.understood, kept=False)
    return load_circuit(workspace, circuit, neurons, tell)


def friendly(command: Callable[P, None]) -> Callable[P, None]:
    """Turn our errors into a message and an exit code, and Ctrl-C into 130."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        with show.errors(as_json=bool(kwargs.get("as_json"))):
            command(*args, **kwargs)

    return wrapped
