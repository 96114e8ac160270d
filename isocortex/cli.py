"""The command line: run, ingest, census, find, describe, query, dashboard and others.

Standard output carries the answer, the error stream everything else, so that `--json` can be
piped. Exit codes: 0 done, 1 failed, 2 wrong usage or input, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from functools import partial, wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer

import isocortex
from isocortex import show, show_counts, show_effects
from isocortex.answering import Format, chosen_format, write_answer
from isocortex.errors import INTERRUPTED, WRONG
from isocortex.errors import show as show_error
from isocortex.export_cli import export
from isocortex.find_cli import find
from isocortex.participation_cli import participation
from isocortex.robustness_cli import robustness
from isocortex.server_cli import server
from isocortex.settings import Settings
from isocortex.workspace import Workspace, is_file_name
from schemas.errors import IsocortexError, UsageError
from schemas.records import Evidence

P = ParamSpec("P")

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
app.command()(participation)
app.command()(robustness)


class Loops(StrEnum):
    """What becomes of connections from a neuron to itself."""

    DROP = "drop"
    KEEP = "keep"
    ERROR = "error"


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


class Method(StrEnum):
    """How motifs of four neurons are counted."""

    AUTO = "auto"
    EXACT = "exact"
    HYBRID = "hybrid"
    SAMPLED = "sampled"


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def friendly(command: Callable[P, None]) -> Callable[P, None]:
    """Turn our errors into a message and an exit code, and Ctrl-C into 130."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except IsocortexError as error:
            as_json = bool(kwargs.get("as_json"))
            raise typer.Exit(show_error(error, show.stderr(), as_json=as_json)) from None
        except KeyboardInterrupt:
            show.stderr().print("interrupted; the same command resumes where it stopped")
            raise typer.Exit(INTERRUPTED) from None

    return wrapped


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

    given = importing.Given(neurons, name, species, evidence, self_loops.value)
    if init:
        written = importing.write_manifest(Path(what).expanduser(), given, Path.cwd())
        show.stdout().print(f"{written.name} written; complete it: isocortex ingest {written.name}")
        return
    workspace = Workspace(Settings.from_environment())
    with show.progress() as progress:
        if what.endswith(importing.MANIFEST):
            outcome = importing.ingest_manifest(
                workspace, Path(what).expanduser(), progress, accept_checksum=accept_checksum
            )
        elif is_file_name(what):
            outcome = importing.ingest_file(
                workspace,
                Path(what).expanduser(),
                given,
                tell=None if as_json else show_ingest.understood,
                progress=progress,
            )
        else:
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
    from ingest.synapses import Choice, Condition, connections_of
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


@app.command()
@friendly
def census(
    circuit: Annotated[str, typer.Argument(help="A circuit's name, or an edge list.")],
    neurons: Annotated[Path | None, typer.Option(help="Neuron table of an edge list.")] = None,
    nulls: Annotated[
        str,
        typer.Option(
            help="Nulls to compare with, separated by commas; `ladder`: all that can be had."
        ),
    ] = "er,block,degree,reciprocal",
    samples: Annotated[int, typer.Option(min=10, help="Samples of each hard ensemble.")] = 600,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the hard ensembles.")] = 0,
    size: Annotated[
        int, typer.Option(min=3, max=4, help="4 counts the 218 motifs of four neurons as well.")
    ] = 3,
    method: Annotated[
        Method, typer.Option(help="How four neurons are counted; `auto`: exact where in reach.")
    ] = Method.AUTO,
    typed: Annotated[
        bool, typer.Option("--typed", help="Count the triads by the classes of their neurons too.")
    ] = False,
    by: Annotated[
        str, typer.Option(help="Column of the neuron table that `--typed` takes as classes.")
    ] = "cell_class",
    workers: Processes = None,
    cluster: Cluster = None,
    weighted: Annotated[
        bool, typer.Option("--weighted", help="Intensity and coherence of the triads too.")
    ] = False,
    weights: Annotated[
        str | None,
        typer.Option("--measure", help="Measure that `--weighted` takes; default the weights."),
    ] = None,
    within: Annotated[
        str | None, typer.Option(help="Column of classes within which weights are shuffled.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Count the 16 triads and compare them with the null ladder."""
    from analysis.motifs.four import four_node_census
    from isocortex import show_convergence, show_ingest, weighting
    from isocortex.library import by_class, load_circuit
    from isocortex.measure import (
        HARD_LIMIT,
        Parameters,
        census_document,
        climbed,
        measure,
        null_names,
    )
    from isocortex.workers import chosen_workers

    workspace = Workspace(Settings.from_environment())
    null_names(nulls)  # a wrong name is said before a large file is read
    with show.progress() as progress, chosen_workers(workers, cluster) as crew:
        tell = None if as_json else partial(show_ingest.understood, kept=False)
        loaded = load_circuit(workspace, circuit, neurons, tell)
        names, missing = climbed(nulls, loaded)
        parameters = Parameters(names, samples, HARD_LIMIT, seed)
        stored = workspace.results if loaded.attributes.get("dataset") else None
        record, effects, _ = measure(
            loaded, loaded.attributes.get("version", ""), parameters, stored, progress, crew
        )
        classes = by_class(loaded, by) if typed else None
        weighed = None
        if weighted:
            by_weight = weighting.Weighting(weights, within, samples, seed)
            weighed = weighting.weigh(workspace, loaded, by_weight, progress)
        four = four_node_census(loaded, method.value, seed=seed) if size == 4 else None
    if as_json:
        document = census_document(loaded, record, effects, four, classes, missing)
        if weighed is not None:
            document["weighted"] = weighting.document(weighed)
        show.json_document(document)
    else:
        show_effects.census(loaded, record, effects, missing)
        show_convergence.warnings(record)
        if classes is not None:
            show_counts.typed(classes, by)
        if weighed is not None:
            weighting.show_weighed(weighed)
        if four is not None:
            show_counts.motifs4(four)


app.command()(friendly(find))


@app.command()
@friendly
def describe(
    circuit: Annotated[str, typer.Argument(help="A circuit's name, or an edge list.")],
    statistic: Annotated[
        list[str] | None,
        typer.Option(help="Name of a statistic, repeatable; default all that are quick."),
    ] = None,
    neurons: Annotated[Path | None, typer.Option(help="Neuron table of an edge list.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of groups and of what draws.")] = 0,
    as_json: Json = False,
) -> None:
    """Compute statistics of a circuit: cycles, clustering, modules, hubs, distance and others."""
    from analysis.statistics import get_statistic
    from isocortex import describing, show_ingest, show_statistics
    from isocortex.library import load_circuit

    for name in statistic or ():
        get_statistic(name)  # a wrong name is said before a large file is read
    workspace = Workspace(Settings.from_environment())
    with show.progress() as progress:
        tell = None if as_json else partial(show_ingest.understood, kept=False)
        loaded = load_circuit(workspace, circuit, neurons, tell)
        stored = workspace.results if loaded.attributes.get("dataset") else None
        version = loaded.attributes.get("version", "")
        found = describing.describe(loaded, version, statistic or None, seed, stored, progress)
    if as_json:
        show.json_document(describing.document(loaded, found))
    else:
        show_statistics.described(loaded, found)


@app.command()
@friendly
def statistics(as_json: Json = False) -> None:
    """List the statistics: what each is, what it needs, where it is defined."""
    from isocortex import show_statistics
    from isocortex.describing import registry_document

    if as_json:
        show.json_document(registry_document())
    else:
        show_statistics.registry(registry_document())


@app.command()
@friendly
def cite(
    circuits: Annotated[list[str], typer.Argument(help="Circuits or datasets.")],
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Write BibTeX.")] = False,
    as_json: Json = False,
) -> None:
    """Say how to cite the data behind circuits."""
    from isocortex import citing

    found = citing.cited(Workspace(Settings.from_environment()), circuits)
    if as_json:
        show.json_document(citing.document(found))
    else:
        typer.echo(citing.bibtex(found).strip() if bibtex else citing.text(found))


@app.command()
@friendly
def query(
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
