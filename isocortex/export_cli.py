"""`isocortex export …`: files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from isocortex import show
from isocortex.settings import Settings
from isocortex.workspace import Workspace

export = typer.Typer(help="Files for other programs.", no_args_is_help=True, rich_markup_mode=None)


Circuit = Annotated[str, typer.Argument(help="Circuit of the lake.")]
Folder = Annotated[Path, typer.Argument(help="Folder to make.")]


@export.command()
def datapackage(circuit: Circuit, folder: Folder) -> None:
    """Write a circuit as a Frictionless data package: CSV tables and where they come from."""
    from isocortex.packages import write_datapackage

    with show.errors():
        _told(folder, write_datapackage(Workspace(Settings.from_environment()), circuit, folder))


@export.command()
def rocrate(circuit: Circuit, folder: Folder) -> None:
    """Write a circuit as an RO-Crate: CSV tables and where they come from."""
    from isocortex.packages import write_rocrate

    with show.errors():
        _told(folder, write_rocrate(Workspace(Settings.from_environment()), circuit, folder))


def _told(folder: Path, names: list[str]) -> None:
    show.stdout().print(f"{folder}: {', '.join(names)}", soft_wrap=True)


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
