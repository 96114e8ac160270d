"""`isocortex export …`: files for other programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from isocortex import show
from isocortex.packages import write_datapackage, write_rocrate
from isocortex.settings import Settings
from isocortex.workspace import Workspace

Writer = Callable[[Workspace, str, Path], list[str]]

export = typer.Typer(help="Files for other programs.", no_args_is_help=True, rich_markup_mode=None)


def _circuit_folder(what: str, write: Writer) -> None:
    """Add the command that writes a circuit as files of one kind."""

    def command(
        circuit: Annotated[str, typer.Argument(help="Circuit of the lake.")],
        folder: Annotated[Path, typer.Argument(help="Folder to make.")],
    ) -> None:
        with show.errors():
            names = write(Workspace(Settings.from_environment()), circuit, folder)
            show.stdout().print(f"{folder}: {', '.join(names)}", soft_wrap=True)

    command.__doc__ = f"Write a circuit as {what}: CSV tables and where they come from."
    export.command(write.__name__.removeprefix("write_"))(command)


_circuit_folder("a Frictionless data package", write_datapackage)
_circuit_folder("an RO-Crate", write_rocrate)


@export.command("neo4j-admin")
def neo4j_admin(
    datasets: Annotated[list[str], typer.Argument(help="Datasets of the lake.")],
    folder: Annotated[Path, typer.Argument(help="Folder to make.")],
) -> None:
    """Write the CSV files of `neo4j-admin database import`, with the command."""
    from store.bulk import export as write

    with show.errors():
        workspace = Workspace(Settings.from_environment())
        with show.progress() as progress:
            names = write(workspace.lake, datasets, folder, progress)
        show.stdout().print(f"{len(names)} files in {folder}; next: sh {folder / 'import.sh'}")
