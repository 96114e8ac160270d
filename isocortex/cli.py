"""The command line: run, ingest, census, find, describe, query, dashboard and others.

Standard output carries the answer, the error stream everything else, so that `--json` can be
piped. Exit codes: 0 done, 1 failed, 2 wrong usage or input, 130 interrupted.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

import isocortex
from isocortex import show
from isocortex.answering import Format, chosen_format, write_answer
from isocortex.census_cli import census
from isocortex.commands import Cluster, Json, Processes, friendly, refuse_idle
from isocortex.compare_cli import compare
from isocortex.describe_cli import describe, statistics
from isocortex.errors import INTERRUPTED, WRONG
from isocortex.errors import show as show_error
from isocortex.export_cli import export
from isocortex.find_cli import find
from isocortex.participation_cli import participation
from isocortex.robustness_cli import robustness
from isocortex.server_cli import server
from isocortex.settings import Settings
from isocortex.workspace import Workspace, is_file_name
from schemas.errors import UsageError
from schemas.records import Evidence

app = typer.Typer(
    name="isocortex",
    help="Comparative connectomics: circuits across species, their motifs against honest nulls.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(server, name="server")
app.add_typer(export, name="export")


# What `ingest` takes of a file, and of nothing else.
OF_A_FILE = ("neurons", "name", "species", "evidence", "self_loops", "member")


class Loops(StrEnum):
    """What becomes of connections from a neuron to itself."""

    DROP = "drop"
    KEEP = "keep"
    ERROR = "error"


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(isocortex.__version__)
        raise typer.Exit


@app.command()
@friendly
def run(
    only: Annotated[list[str] | None, typer.Argument(help="Datasets; default all.")] = None,
    workers: Processes = None,
    cluster: Cluster = None,
    as_json: Json = False,
) -> None:
    """Ingest the catalog, fill the graph, measure every circuit: the main job."""
    from isocortex import pipeline

    workspace = Workspace(Settings.from_environment())
    with show.progress() as progress:
        summary = pipeline.run(
            workspace.settings,
            only=only or (),
            progress=progress,
            workers=workers,
            cluster=cluster,
        )
    if as_json:
        show.json_document(summary.as_dict())
    else:
        show.run_summary(workspace, summary)
    if any(outcome.state == "failed" for outcome in summary.datasets):
        raise typer.Exit(WRONG)


@app.command()
@friendly
def datasets(as_json: Json = False) -> None:
    """List the datasets: the catalog's and your own."""
    from isocortex.library import dataset_rows

    rows = dataset_rows(Workspace(Settings.from_environment()))
    if as_json:
        show.json_document(rows)
    else:
        show.datasets(rows)


@app.command()
@friendly
def ingest(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(help="A dataset of the catalog, a file, or a manifest (.toml).")
    ],
    neurons: Annotated[Path | None, typer.Option(help="Neuron table that goes with it.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of your dataset.")] = None,
    species: Annotated[str, typer.Option(help="Species of your dataset.")] = "mouse",
    evidence: Annotated[
        Evidence | None, typer.Option(help="How the connections of your dataset are known.")
    ] = None,
    self_loops: Annotated[
        Loops, typer.Option(help="What becomes of connections from a neuron to itself.")
    ] = Loops.DROP,
    member: Annotated[
        str | None, typer.Option(help="File inside of a zip, tar or tar.gz archive.")
    ] = None,
    init: Annotated[
        bool, typer.Option("--init", help="Only write a manifest of the file, to be completed.")
    ] = False,
    accept_checksum: Annotated[
        bool,
        typer.Option(
            "--accept-checksum", help="Accept files whose publisher gives no checksum; it is kept."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring one dataset into the lake and the graph; bad input changes nothing."""
    from isocortex import importing, show_ingest

    given = importing.Given(neurons, name, species, evidence, self_loops.value, member)
    if init:
        refuse_idle(context, "with --init", "accept_checksum", "as_json")
        written = importing.write_manifest(Path(what).expanduser(), given, Path.cwd())
        show.stdout().print(f"{written.name} written; complete it: isocortex ingest {written.name}")
        return
    workspace = Workspace(Settings.from_environment())
    with show.progress() as progress:
        if what.endswith(importing.MANIFEST):
            refuse_idle(context, "with a manifest, which says it itself", *OF_A_FILE)
            outcome = importing.ingest_manifest(
                workspace, Path(what).expanduser(), progress, accept_checksum=accept_checksum
            )
        elif is_file_name(what):
            refuse_idle(context, "with a file of your own", "accept_checksum")
            outcome = importing.ingest_file(
                workspace,
                Path(what).expanduser(),
                given,
                tell=None if as_json else show_ingest.understood,
                progress=progress,
            )
        else:
            refuse_idle(context, "with a dataset of the catalog", *OF_A_FILE)
            outcome = importing.ingest_named(
                workspace, what, progress, accept_checksum=accept_checksum
            )
    if as_json:
        show.json_document(show_ingest.document(workspace, outcome))
    else:
        show_ingest.ingested(workspace, outcome)


@app.command()
@friendly
def synapses(
    sources: Annotated[list[Path], typer.Argument(help="Parquet files, one row per synapse.")],
    to: Annotated[Path, typer.Option(help="Parquet file of connections to make.")],
    keep: Annotated[
        list[str] | None,
        typer.Option(help="Condition on each synapse: score>=50, x<=1200, region=VISp|VISl."),
    ] = None,
    neurons: Annotated[
        Path | None, typer.Option(help="Neuron table; both ends of a synapse must be in it.")
    ] = None,
    add_up: Annotated[
        list[str] | None, typer.Option(help="Column to sum per connection, beside the count.")
    ] = None,
    minimum: Annotated[int, typer.Option(min=1, help="Synapses that make a connection.")] = 1,
    memory: Annotated[str, typer.Option(help="What may be taken of it; then the disk.")] = "3GB",
    threads: Annotated[int, typer.Option(min=1, help="Processor threads.")] = 2,
    as_json: Json = False,
) -> None:
    """Count the synapses of every connection, of files far larger than memory."""
    from ingest.conditions import Choice, Condition
    from ingest.synapses import connections_of
    from isocortex import show_ingest

    choice = Choice(tuple(map(Condition.read, keep or [])), tuple(add_up or []), minimum)
    with show.progress() as progress:
        tally = connections_of(
            sources,
            to,
            choice,
            neurons=neurons,
            memory=memory,
            threads=threads,
            progress=progress,
        )
    if as_json:
        show.json_document({"file": str(to), "minimum": minimum} | asdict(tally))
    else:
        show_ingest.synapses(to, choice, tally)


@app.command()
@friendly
def circuits(as_json: Json = False) -> None:
    """List the circuits in the lake."""
    rows = show.circuit_rows(Workspace(Settings.from_environment()))
    if as_json:
        show.json_document(rows)
    else:
        show.circuits(rows)


for _command in (census, compare, describe, find, participation, robustness, statistics):
    app.command()(friendly(_command))


@app.command()
@friendly
def cite(
    context: typer.Context,
    circuits: Annotated[list[str], typer.Argument(help="Circuits or datasets.")],
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Write BibTeX.")] = False,
    as_json: Json = False,
) -> None:
    """Say how to cite the data behind circuits."""
    from isocortex import citing

    if as_json:
        refuse_idle(context, "with --json", "bibtex")
    found = citing.cited(Workspace(Settings.from_environment()), circuits)
    if as_json:
        show.json_document(citing.document(found))
    else:
        typer.echo(citing.bibtex(found).strip() if bibtex else citing.text(found))


@app.command()
@friendly
def query(
    context: typer.Context,
    cypher: Annotated[
        str | None, typer.Argument(help="Cypher, a file ending in .cypher, or - for stdin.")
    ] = None,
    template: Annotated[str | None, typer.Option(help="Name of a shipped query.")] = None,
    templates: Annotated[
        bool, typer.Option("--templates", help="List the shipped queries and their parameters.")
    ] = False,
    param: Annotated[list[str] | None, typer.Option(help="name=value, repeatable.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most rows to return.")] = 1000,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait.")] = 30.0,
    form: Annotated[Format | None, typer.Option("--format", help="How to write the rows.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="File to write; its suffix gives the format.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a read-only Cypher statement on the graph."""
    from isocortex.asking import parameters_of, statement_of
    from store.console import run as run_query

    if templates:
        idle = ("cypher", "template", "param", "limit", "timeout", "form", "output")
        refuse_idle(context, "with --templates", *idle)
        show.templates(as_json=as_json)
        return
    chosen = chosen_format(form, output, as_json=as_json)
    workspace = Workspace(Settings.from_environment())
    text, defaults = statement_of(cypher, template, sys.stdin)
    values = defaults | parameters_of(param or [])
    with show.progress() as progress, workspace.graph(progress) as graph:
        result = run_query(graph, text, values, timeout=timeout, max_rows=limit)
    write_answer(result, chosen, output)


@app.command()
@friendly
def dashboard(
    port: Annotated[int, typer.Option(help="Port on this machine; 0 = any free one.")] = 8501,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    start_server: Annotated[
        bool, typer.Option("--server/--no-server", help="Start the local Neo4j for queries.")
    ] = True,
) -> None:
    """Look at circuits, motifs and datasets in a browser."""
    from isocortex.launching import launch_dashboard

    launch_dashboard(
        Workspace(Settings.from_environment()), port, browser=browser, start_server=start_server
    )


def main() -> Any:
    """Entry point of the console script."""
    try:
        return app()
    except UsageError as error:
        raise SystemExit(show_error(error, show.stderr(), as_json=False)) from None
    except SystemExit as end:
        if show.was_interrupted(end):  # before or after the command itself
            raise SystemExit(INTERRUPTED) from None
        raise
