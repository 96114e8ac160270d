"""`isocortex server …`: the local Neo4j, or a look at the one given by `NEO4J_URI`."""

from __future__ import annotations

import webbrowser
from typing import Annotated, Any

import typer

from isocortex import show
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.errors import IsocortexError, UsageError

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


def _local(verb: str) -> Workspace:
    workspace = Workspace(Settings.from_environment())
    if workspace.settings.neo4j_uri:
        raise UsageError(
            f"NEO4J_URI names a server of your own; `server {verb}` is for the local one",
            remedy="unset NEO4J_URI to use the local server",
        )
    return workspace
