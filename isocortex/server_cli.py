"""`isocortex server …`: the local Neo4j, or a look at the one given by `NEO4J_URI`."""

from __future__ import annotations

import webbrowser
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from isocortex import operations, show
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.errors import IsocortexError, UsageError

if TYPE_CHECKING:
    from store.backup import BackupFacts

server = typer.Typer(help="The graph server.", no_args_is_help=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


@server.command()
def status(as_json: Json = False) -> None:
    """Tell which server is used and whether it answers."""
    with show.errors(as_json=as_json):
        document = describe(Workspace(Settings.from_environment()))
        if as_json:
            show.json_document(document)
        else:
            show.facts("Graph server", document)


@server.command()
def start() -> None:
    """Start the local Neo4j; it goes on when this command ends."""
    with show.errors():
        workspace = _local("start")
        with show.progress() as progress:
            workspace.local_server.ensure(progress)
        show.facts("Graph server", describe(workspace))


@server.command()
def stop() -> None:
    """Stop the local Neo4j."""
    with show.errors():
        stopped = _local("stop").local_server.stop()
        show.stdout().print("stopped" if stopped else "was not running")


@server.command()
def browser(
    open_page: Annotated[
        bool, typer.Option("--open/--print", help="Open it, or only print the address.")
    ] = True,
) -> None:
    """Open the official Neo4j Browser on the local server."""
    with show.errors():
        workspace = _local("browser")
        with show.progress() as progress:
            workspace.local_server.ensure(progress)
        document = describe(workspace)
        show.facts("Neo4j Browser", document)
        if open_page:
            webbrowser.open(str(document["browser"]))


@server.command()
def logs(
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines.")] = 40,
    detailed: Annotated[
        bool, typer.Option("--debug", help="The detailed log instead of the server's own.")
    ] = False,
) -> None:
    """Print the end of the local server's log."""
    with show.errors():
        path = _local("logs").local_server.installation.log_file(detailed=detailed)
        with path.open(encoding="utf-8", errors="replace") as stream:
            for line in deque(stream, maxlen=lines):
                typer.echo(line.rstrip("\n"))
        show.stderr().print(f"[dim]{path}[/dim]", highlight=False)


@server.command()
def verify(
    repair: Annotated[
        bool, typer.Option("--repair", help="Load again from the lake what differs.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Compare the graph with the lake; exit code 1 if they differ at the end."""
    with show.errors(as_json=as_json):
        workspace = Workspace(Settings.from_environment())
        with show.progress() as progress:
            checks, repaired = operations.verify(workspace, mend=repair, progress=progress)
        document = operations.document(checks, repaired)
        if as_json:
            show.json_document(document)
        else:
            show.checks(document)
        if not document["same"]:
            raise typer.Exit(1)


@server.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to write, such as graph.backup.")],
) -> None:
    """Write the local graph into one file; the server stops meanwhile."""
    with show.errors():
        workspace = _local("backup", "use `neo4j-admin database dump` (Community) or `backup`")
        with show.progress() as progress:
            facts = operations.backup(workspace, file, progress)
        show.facts(f"Backup {file}", _said(facts))


@server.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `server backup` wrote.")],
) -> None:
    """Replace the local graph by a backup; if that fails the graph stays as it was."""
    with show.errors():
        workspace = _local("restore", "use `neo4j-admin database load` or `restore`")
        with show.progress() as progress:
            facts = operations.restore(workspace, file, progress)
        show.facts(f"Restored from {file}", _said(facts))


@server.command()
def upgrade() -> None:
    """Bring the server and the graph's schema to this release."""
    with show.errors():
        workspace = Workspace(Settings.from_environment())
        with show.progress() as progress:
            done = operations.upgrade(workspace, progress)
        show.facts("Upgraded", done)


def _said(facts: BackupFacts) -> dict[str, Any]:
    return {
        "created": facts.created,
        "Neo4j": facts.server,
        "graph schema": facts.graph_schema,
        "datasets": len(facts.datasets),
    }


def describe(workspace: Workspace) -> dict[str, Any]:
    """Public JSON document of `server status` (`docs/cli.md`)."""
    settings = workspace.settings
    if settings.neo4j_uri:
        document: dict[str, Any] = {
            "uri": settings.neo4j_uri,
            "user": settings.neo4j_user,
            "database": settings.neo4j_database,
            "state": "running",
            "version": None,
            "password_file": None,
            "browser": None,
        }
        try:
            with workspace.graph() as graph:
                document["version"] = graph.server_version()
        except IsocortexError as error:
            document["state"] = f"unreachable: {error.message}"
        return document
    known = workspace.local_server.status()
    return {
        "uri": known.uri,
        "user": known.user,
        "database": known.database,
        "state": known.state,
        "version": known.version,
        "password_file": None if known.password_file is None else str(known.password_file),
        "browser": known.browser_url,
    }


def _local(verb: str, instead: str = "") -> Workspace:
    workspace = Workspace(Settings.from_environment())
    if workspace.settings.neo4j_uri:
        raise UsageError(
            f"NEO4J_URI names a server of your own; `server {verb}` is for the local one",
            remedy=f"{instead or 'unset NEO4J_URI'}"
            + (" on its machine, or unset NEO4J_URI" if instead else " to use the local server"),
        )
    return workspace
