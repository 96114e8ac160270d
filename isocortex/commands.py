"""What the commands have in common: options, and errors as messages and exit codes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from isocortex import show
from schemas.errors import UsageError

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
Samples = Annotated[int, typer.Option(min=10, help="Samples of each hard ensemble.")]
HardLimit = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Most neurons for which hard ensembles are sampled; default 1,000, and more where "
        "that takes seconds.",
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the hard ensembles.")]


def loaded(
    workspace: Workspace, circuit: str, neurons: Path | None, *, quiet: bool = False
) -> Circuit:
    """Load the circuit that a command was given, and say what a file was taken for."""
    from isocortex import show_ingest
    from isocortex.library import load_circuit

    tell = None if quiet else partial(show_ingest.understood, kept=False)
    return load_circuit(workspace, circuit, neurons, tell)


def refuse_idle(context: typer.Context, why: str, *names: str) -> None:
    """Refuse options that were given although they change nothing.

    Parameters
    ----------
    context : Context
        Of the command.
    why : str
        When they change nothing: "without --typed".
    *names : str
        Parameters of the command.

    Raises
    ------
    UsageError
        If any of them was given.
    """
    given = [
        parameter.opts[0] if parameter.param_type_name == "option" else parameter.name.upper()
        for parameter in context.command.params
        if parameter.name in names and _was_given(context, parameter.name)
    ]
    if given:
        raise UsageError(
            f"{' and '.join(given)} {'changes' if len(given) == 1 else 'change'} nothing {why}",
            remedy=f"leave {'it' if len(given) == 1 else 'them'} out"
            + (f", or add {why.removeprefix('without ')}" if why.startswith("without ") else ""),
        )


def _was_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name in ("COMMANDLINE", "ENVIRONMENT")


def friendly(command: Callable[P, None]) -> Callable[P, None]:
    """Turn our errors into a message and an exit code, and Ctrl-C into 130."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        with show.errors(as_json=bool(kwargs.get("as_json"))):
            command(*args, **kwargs)

    return wrapped
