"""What people see in the terminal: tables in fixed order, marks and words; JSON for scripts."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from isocortex.errors import INTERRUPTED
from isocortex.errors import show as show_error
from isocortex.known_errors import lines, of_manifest
from schemas.errors import IsocortexError
from schemas.graph import QUERY_GROUPS, query_names, query_template
from schemas.vocabularies import vocabulary

if TYPE_CHECKING:
    from isocortex.pipeline import RunSummary
    from isocortex.workspace import Workspace
    from store.console import QueryResult

Report = Callable[[str, int, int], None]
THIN = "\u2009"
DASH = "–"
SMALLEST_DECADE = -4  # smaller numbers are written with an exponent
PIPE_WIDTH = 400  # a pipe has no edge at which to fold
LINE_SECONDS = 5.0  # between lines of progress where there is no terminal
# The same marks as in the dashboard's plots (docs: how evidence is shown).
EVIDENCE_MARKS = {
    "em_dense": "●",
    "em_sparse": "◍",
    "paired_recording": "◐",
    "statistical": "○",
    "model": "◇",
    "simulated": "×",
}


def stdout() -> Console:
    """Console of the answer."""
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)


def stderr() -> Console:
    """Console of everything that is not the answer."""
    return Console(stderr=True)


def json_document(document: Any) -> None:
    """Print one JSON document and nothing else."""
    typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False, default=str))


@contextmanager
def errors(*, as_json: bool = False) -> Iterator[None]:
    """Turn our errors into a message and an exit code, and Ctrl-C into 130."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        if was_interrupted(error):
            stderr().print("interrupted; the same command resumes where it stopped")
            raise typer.Exit(INTERRUPTED) from None
        if not isinstance(error, IsocortexError):
            raise
        raise typer.Exit(show_error(error, stderr(), as_json=as_json)) from None


def was_interrupted(error: BaseException | None) -> bool:
    """Whether Ctrl-C began what ended in `error`.

    Tidying up may fail for it: a library that was about to note that it closed a file closes it
    again, and what the main thread then sees is the second failure.
    """
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


@contextmanager
def progress() -> Iterator[Report]:
    """Show progress on the error stream: bars in a terminal, else a line every few seconds."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,}/{task.total:,}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=stderr(),
        transient=True,
    )
    known: dict[str, TaskID] = {}

    def report(what: str, done: int, total: int) -> None:
        # One bar per kind of work: its first word; the rest says what is under way.
        kind = what.split(" ", 1)[0]
        if kind not in known:
            known[kind] = bars.add_task(what, total=total)
        bars.update(known[kind], description=what, completed=done, total=total)

    with bars:
        yield report


def _lines() -> Report:
    """Report for logs: quiet for quick work, never silent for long."""
    console = stderr()
    last = time.monotonic()

    def report(what: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_SECONDS:
            last = time.monotonic()
            console.print(f"{what} ({done:,}/{total:,})", markup=False, highlight=False)

    return report


def number(value: float | None, digits: int = 3) -> str:
    """Three significant digits, thousands separated by a thin space; a dash if missing."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return DASH
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}".replace(",", THIN).replace("-", "−")
    scientific = f"{value:.{digits - 1}e}"
    mantissa, exponent = scientific.split("e")
    size = int(exponent)  # of the rounded number: 99.96 is 100
    if size < SMALLEST_DECADE:
        return f"{mantissa}e{size}".replace("-", "−")
    decimals = max(0, digits - 1 - size)
    return f"{float(scientific):,.{decimals}f}".replace(",", THIN).replace("-", "−")


def evidence(name: str) -> str:
    """Evidence class with its mark."""
    return f"{EVIDENCE_MARKS.get(name, '?')} {name}"


def table(title: str, columns: list[str], numeric: set[str]) -> Table:
    """Make an empty table in the house style: numbers right-aligned, title left."""
    made = Table(
        title=title, title_justify="left", title_style="bold", header_style="bold", box=None
    )
    for name in columns:
        made.add_column(
            name,
            justify="right" if name in numeric else "left",
            no_wrap=name in numeric,
            overflow="fold",  # a name that is cut off is no name
        )
    return made


def facts(title: str, document: dict[str, Any]) -> None:
    """Print names and values."""
    made = table(title, ["", " "], set())
    for name, value in document.items():
        made.add_row(name.replace("_", " "), DASH if value is None else str(value))
    stdout().print(made)


def datasets(rows: list[dict[str, Any]]) -> None:
    """Print the datasets."""
    counted = ["neurons", "connections", "pathways"]
    columns = ["dataset", "species", "evidence", *counted, "version", "status"]
    made = table("Datasets", columns, set(counted))
    for row in rows:
        made.add_row(
            row["dataset"],
            row["species"],
            evidence(row["evidence"]),
            *(number(row[what]) for what in counted),
            row["version"] or DASH,
            row["status"],
        )
    stdout().print(made)
    for said in lines(rows):
        stdout().print(said, markup=False, highlight=False)


def checks(document: dict[str, Any]) -> None:
    """Print what `server verify` found, and what to do."""
    columns = ["dataset", "version", "state", "neurons", "connections", "what differs"]
    made = table("Graph against lake", columns, {"neurons", "connections"})
    for row in document["datasets"]:
        made.add_row(
            row["dataset"],
            row["version"] or DASH,
            row["state"],
            number(row["neurons"]),
            number(row["connections"]),
            "; ".join(row["problems"]),
        )
    stdout().print(made)
    if document["repaired"]:
        stderr().print(f"loaded again: {', '.join(document['repaired'])}", highlight=False)
    elif not document["same"]:
        stderr().print("next: isocortex server verify --repair", highlight=False)


def circuit_rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Rows of `circuits`, in species order."""
    order = {name: place for place, name in enumerate(vocabulary("species"))}
    rows = []
    for identifier, manifest, cut in workspace.circuits():
        size = workspace.lake.circuit_counts(manifest.dataset, cut.name)
        rows.append(
            {
                "circuit": identifier,
                "title": cut.title,
                "species": manifest.individual.species,
                "area": cut.area or manifest.area,
                "layer": cut.layer or manifest.layer,
                "evidence": manifest.evidence.value,
                "role": cut.role,
                "neurons": size.neurons,
                "connections": size.connections,
                "version": workspace.lake.latest(manifest.dataset),
                "errors": of_manifest(manifest),
            }
        )
    return sorted(rows, key=lambda row: (order[row["species"]], row["circuit"]))


def circuits(rows: list[dict[str, Any]]) -> None:
    """Print the circuits."""
    if not rows:
        stdout().print("no circuits yet: run `isocortex run`, or `isocortex ingest DATASET`")
        return
    columns = ["circuit", "species", "area", "layer", "evidence", "neurons", "connections"]
    made = table("Circuits", columns, {"neurons", "connections"})
    for row in rows:
        made.add_row(
            row["circuit"],
            row["species"],
            row["area"] or DASH,
            row["layer"] or DASH,
            evidence(row["evidence"]),
            number(row["neurons"]),
            number(row["connections"]),
        )
    stdout().print(made)
    for said in lines(rows):
        stdout().print(said, markup=False, highlight=False)


def templates(*, as_json: bool) -> None:
    """Print the shipped queries."""
    found = [query_template(name) for name in query_names()]
    if as_json:
        kept = ("name", "group", "title", "description", "parameters")
        json_document([{key: getattr(one, key) for key in kept} for one in found])
        return
    made = table("Query templates", ["name", "what it answers", "parameters"], set())
    for one in sorted(found, key=lambda one: QUERY_GROUPS.index(one.group)):
        given = ", ".join(f"{name}={json.dumps(v)}" for name, v in one.parameters.items())
        made.add_row(one.name, one.title, given)
    stdout().print(made)


def query_result(result: QueryResult) -> None:
    """Print rows of a query."""
    made = table("", [str(name) for name in result.columns], set())
    for row in result.rows:
        made.add_row(*[_cell(value) for value in row])
    console = stdout()
    console.print(made)
    note = f"{number(len(result.rows))} rows"
    console.print(
        note + (", truncated: raise --limit for more" if result.truncated else ""), style="dim"
    )


def run_summary(workspace: Workspace, summary: RunSummary) -> None:
    """Print what a run did: datasets, then the effects of one motif everywhere."""
    from isocortex import show_convergence

    console = stdout()
    made = table(
        "Circuits, feed-forward loops (030T) against the reciprocal null",
        [
            "circuit",
            "species",
            "evidence",
            "neurons",
            "connections",
            "log₂ obs/exp",
            "95 % interval",
            "p (BH)",
            "ensemble",
        ],
        {"neurons", "connections", "log₂ obs/exp", "p (BH)"},
    )
    measured = {*summary.computed, *summary.reused} - summary.refused.keys()
    rows = [row for row in circuit_rows(workspace) if row["circuit"] in measured]
    effects = [_effect(workspace, row["circuit"], "030T", "reciprocal") for row in rows]
    adjusted = _across(effects)
    for row, effect, q in zip(rows, effects, adjusted, strict=True):
        made.add_row(
            row["circuit"],
            row["species"],
            evidence(row["evidence"]),
            number(row["neurons"]),
            number(row["connections"]),
            DASH if effect is None else number(effect["log_ratio"] / math.log(2)),
            DASH if effect is None else _interval(effect),
            number(q),
            DASH if effect is None else str(effect["ensemble"]),
        )
    console.print(made)
    new = sum(outcome.state == "new" for outcome in summary.datasets)
    unchanged = sum(outcome.state == "unchanged" for outcome in summary.datasets)
    console.print(
        f"{new} datasets ingested, {unchanged} reused; {len(summary.projected)} projected; "
        f"{len(summary.computed)} circuits measured, {len(summary.reused)} results reused "
        f"({sum(summary.seconds.values()):.0f} s)"
    )
    show_convergence.circuits(summary.not_converged)
    if summary.refused:
        console.print("[bold]without triads:[/bold]")
        for why in summary.refused.values():
            console.print(f"  {why}", markup=False)
    if summary.left_out:
        kinds = sorted({kind for kinds in summary.left_out.values() for kind in kinds})
        console.print(
            f"{', '.join(kinds)} left out in {len(summary.left_out)} circuits: isocortex query "
            "--template left-out says why",
            style="dim",
        )
    for state in ("skipped", "failed"):
        these = [outcome for outcome in summary.datasets if outcome.state == state]
        if these:
            console.print(f"[bold]{len(these)} datasets {state}:[/bold]")
            for outcome in these:
                console.print(f"  {outcome.dataset}: {outcome.reason}", markup=False)
    console.print(
        "next: isocortex dashboard, isocortex query --template circuits, README.md", style="dim"
    )


def _across(effects: list[Any]) -> list[float]:
    """Adjust the p of one motif for the circuits it is shown for."""
    from analysis.uncertainty import benjamini_hochberg

    found = [math.nan if effect is None else float(effect["p"]) for effect in effects]
    return [float(q) for q in benjamini_hochberg(found)]


def _interval(effect: Any) -> str:
    low, high = (float(effect[name]) / math.log(2) for name in ("low", "high"))
    if not math.isfinite(high):
        return DASH
    return f"{number(low)} … {number(high)}" if math.isfinite(low) else f"below {number(high)}"


def _effect(workspace: Workspace, circuit: str, motif: str, null: str) -> Any:
    """Newest effect of a motif; the hard ensemble where it was sampled."""
    from isocortex.measure import ANALYSIS

    records = workspace.results.find(circuit=circuit, analysis=ANALYSIS)
    found = workspace.results.get(records[0].key) if records else None
    if found is None:
        return None
    rows = found[1][(found[1]["motif"] == motif) & (found[1]["null"] == null)]
    if rows.empty:
        return None
    return rows.sort_values("ensemble", ascending=False).iloc[0]


def _cell(value: Any) -> str:
    if value is None:
        return DASH
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, float):
        return number(value)
    return str(value)
