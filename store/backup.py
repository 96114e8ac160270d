"""Backup and restore of the local Neo4j: one file, checked before anything is replaced.

A backup is a tar archive of `backup.json` (what it holds) and `neo4j.dump` (`neo4j-admin database
dump`, compressed by it). The lake is not in it: it is the source of truth, made of plain files.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.errors import ServerError, UsageError
from schemas.graph import SCHEMA_VERSION
from store.files import flush, staged_folder
from store.installation import DATABASE
from store.jars import server_version

if TYPE_CHECKING:
    from store.local import LocalServer

Progress = Callable[[str, int, int], None]
FACTS, DUMP = "backup.json", f"{DATABASE}.dump"


class BackupFacts(BaseModel):
    """What a backup says about itself.

    Attributes
    ----------
    format : str
    created : str
        ISO 8601, UTC.
    server : str
        Version of the Neo4j that wrote it.
    graph_schema : int
        Version of the graph's schema.
    datasets : dict of str to str
        Version of each dataset.
    sha256 : str
        Checksum of the dump.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: str
    created: str
    server: str
    graph_schema: int
    datasets: dict[str, str]
    sha256: str


def backup(
    server: LocalServer, target: Path, datasets: dict[str, str], progress: Progress | None = None
) -> BackupFacts:
    """Write the graph of the local server into one file; the server stops meanwhile.

    Parameters
    ----------
    server : LocalServer
    target : Path
        File to write; it appears whole or not at all.
    datasets : dict of str to str
        Datasets of the graph with their versions.
    progress : callable, optional

    Raises
    ------
    UsageError
        If `target` exists or its folder does not.
    ServerError
        If the dump fails.
    """
    if target.exists():
        raise UsageError(f"{target} exists", remedy="name another file, or remove it")
    if not target.parent.is_dir():
        raise UsageError(f"the folder {target.parent} does not exist", remedy="make it first")
    with staged_folder(server.home) as folder:
        _tell(progress, "dump", 0)
        with server.offline(progress) as installation:
            installation.admin(
                "database", "dump", DATABASE, options=[f"--to-path={folder}"], cwd=folder
            )
        facts = BackupFacts(
            format="isocortex.backup/1",
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            server=server_version(),
            graph_schema=SCHEMA_VERSION,
            datasets=datasets,
            sha256=_sha256(folder / DUMP),
        )
        (folder / FACTS).write_text(facts.model_dump_json(indent=2), encoding="utf-8")
        staged = target.with_name(f".{target.name}.part")
        try:
            with tarfile.open(staged, "w") as archive:
                for name in (FACTS, DUMP):
                    archive.add(folder / name, name)
            flush(staged)
            staged.replace(target)
        except OSError as failure:
            raise ServerError(
                f"{target} cannot be written: {failure}", remedy="name a file with room for it"
            ) from failure
        finally:
            staged.unlink(missing_ok=True)
    _tell(progress, "dump", 1)
    return facts


def read_facts(source: Path) -> BackupFacts:
    """Return what a backup says about itself.

    Raises
    ------
    UsageError
        If it is none, is damaged, or is newer than this isocortex.
    """
    try:
        with tarfile.open(source, "r") as archive:
            member = archive.extractfile(FACTS)
            facts = BackupFacts.model_validate_json(b"" if member is None else member.read(1 << 22))
            archive.getmember(DUMP)
    except FileNotFoundError:
        raise UsageError(f"there is no file {source}", remedy="check its name") from None
    except (tarfile.TarError, KeyError, ValidationError, OSError) as wrong:
        raise UsageError(
            f"{source} is not a whole backup of isocortex: {str(wrong).splitlines()[0]}",
            remedy="give a file that `isocortex server backup` wrote",
        ) from None
    if facts.format != "isocortex.backup/1" or facts.graph_schema > SCHEMA_VERSION:
        raise UsageError(
            f"{source} was written by a newer isocortex (graph schema {facts.graph_schema}, "
            f"known here {SCHEMA_VERSION})",
            remedy="restore it with that isocortex",
        )
    if _numbers(facts.server) > _numbers(server_version()):
        raise UsageError(
            f"{source} was written by Neo4j {facts.server}, here is {server_version()}",
            remedy="restore it with the isocortex that wrote it, or rebuild with `isocortex run`",
        )
    return facts


def restore(server: LocalServer, source: Path, progress: Progress | None = None) -> BackupFacts:
    """Replace the graph of the local server by a backup; a failure leaves the graph as it was.

    Raises
    ------
    UsageError
        If the file is no whole backup, or a newer one.
    ServerError
        If Neo4j does not take it.
    """
    facts = read_facts(source)
    with staged_folder(server.home) as folder:
        _tell(progress, "restore", 0)
        with tarfile.open(source, "r") as archive:
            archive.extract(DUMP, folder, filter="data")
        if _sha256(folder / DUMP) != facts.sha256:
            raise UsageError(
                f"{source} is damaged: the dump's sha256 is not the one in {FACTS}",
                remedy="use another copy; the graph was not touched",
            )
        with server.offline(progress) as installation, installation.replacing():
            installation.admin(
                "database",
                "load",
                DATABASE,
                options=[f"--from-path={folder}", "--overwrite-destination=true"],
                cwd=folder,
            )
    _tell(progress, "restore", 1)
    return facts


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _tell(progress: Progress | None, what: str, done: int) -> None:
    if progress is not None:
        progress(what, done, 1)
