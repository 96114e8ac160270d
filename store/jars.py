"""The jars of the local Neo4j: found by jgo, accepted by sha256.

`store/neo4j.lock.toml` lists coordinates and checksums, no addresses. Neo4j is GPLv3: it is fetched
at the user's side and runs as a process of its own; nothing of it is in our distribution.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tomllib
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from schemas.errors import ServerError

Progress = Callable[[str, int, int], None]
DOWNLOADS = 8
LOCK: Traversable = files("store") / "neo4j.lock.toml"
ENDPOINT = (
    "org.neo4j.app:neo4j-server:5.26.31+org.neo4j:neo4j:5.26.31"
    "+org.neo4j.client:neo4j-browser:5.24.0"
)


@dataclass(frozen=True)
class Jar:
    """One locked jar."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Name of the file in the jar folder."""
        tail = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{tail}.jar"


def locked_jars(lock: Traversable) -> tuple[Jar, ...]:
    """Return the jars of a lock."""
    found = []
    for entry in _read(lock)["jars"]:
        group, artifact, version, *classifier = entry["jar"].split(":")
        found.append(Jar(group, artifact, version, "".join(classifier), entry["sha256"]))
    return tuple(found)


def server_version() -> str:
    """Version of the locked server."""
    return str(_read(LOCK)["server"])


def provide_jars(
    folder: Path, progress: Progress | None = None, lock: Traversable | None = None
) -> Path:
    """Make sure that every jar of a lock lies in `folder`, and return it.

    A jar that is there is kept, so that an interrupted download goes on where it stopped; a
    marker written last says that all of them were checked.

    Parameters
    ----------
    folder : Path
    progress : callable, optional
        Called with (what, done, total).
    lock : Traversable, optional
        The lock; default the one that isocortex ships.

    Raises
    ------
    ServerError
        If a jar cannot be had or is not the locked one.
    """
    lock = lock or LOCK
    marker = folder / f".complete-{_digest(lock)}"
    if marker.is_file():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    jars = locked_jars(lock)
    done = 0
    with ThreadPoolExecutor(DOWNLOADS) as pool:
        waiting = [pool.submit(_provide, jar, folder) for jar in jars]
        try:
            for job in as_completed(waiting):
                job.result()
                done += 1
                if progress is not None:
                    progress("download Neo4j", done, len(jars))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    wanted = {jar.file_name for jar in jars}
    for stray in folder.glob("*.jar"):
        if stray.name not in wanted:  # of an older lock: must not be on the class path
            stray.unlink()
    shutil.rmtree(folder / ".downloads", ignore_errors=True)
    marker.touch()
    return folder


def _provide(jar: Jar, folder: Path) -> None:
    target = folder / jar.file_name
    if target.is_file() and _sha256(target) == jar.sha256:
        return
    # A cache of its own for each try: jgo refuses to overwrite, and a torn file must not stay.
    cache = folder / ".downloads" / uuid.uuid4().hex
    name = f"{jar.group}:{jar.artifact}:{jar.version}"
    try:
        downloaded = _download(jar, cache)
        if _sha256(downloaded) != jar.sha256:
            raise ServerError(
                f"the jar {name} is not the locked one: its sha256 differs",
                remedy="try again; if it stays, the package index in reach serves other files",
            )
        downloaded.replace(target)
    except ServerError:
        raise
    except Exception as failure:  # jgo raises what its HTTP library raises
        raise ServerError(
            f"the jar {name} cannot be downloaded: {failure}",
            remedy="check that the Maven repository is in reach, or set NEO4J_URI to a server",
        ) from failure
    finally:
        shutil.rmtree(cache, ignore_errors=True)


def _download(jar: Jar, cache: Path) -> Path:
    from jgo.maven import MavenContext, PythonResolver

    context = MavenContext(resolver=PythonResolver(), repo_cache=cache, timeout=30)
    version = context.project(jar.group, jar.artifact).at_version(jar.version)
    found: Path = version.artifact(classifier=jar.classifier, packaging="jar").resolve()
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(lock: Traversable) -> dict[str, Any]:
    return tomllib.loads(lock.read_text(encoding="utf-8"))


def _digest(lock: Traversable) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()[:12]


def write_lock(path: Path, cache: Path, endpoint: str = ENDPOINT) -> None:
    """Resolve `endpoint` anew and write the lock; done by hand when Neo4j is upgraded."""
    from jgo.env import EnvironmentBuilder
    from jgo.maven import MavenContext, PythonResolver

    context = MavenContext(resolver=PythonResolver(), repo_cache=cache / "repository")
    EnvironmentBuilder(context, cache_dir=cache / "environment").from_endpoint(endpoint)
    (resolved,) = (cache / "environment").rglob("jgo.lock.toml")
    entries = tomllib.loads(resolved.read_text(encoding="utf-8"))["dependencies"]
    lines = [
        "# The jars of a Neo4j Community server, with the sha256 of each.",
        "# Made by `python -m store.jars`; no addresses: each is found by its coordinates.",
        "",
        f'server = "{endpoint.split("+")[0].rsplit(":", 1)[1]}"',
        "jars = [",
    ]
    for entry in sorted(entries, key=lambda e: (e["groupId"], e["artifactId"])):
        parts = [entry["groupId"], entry["artifactId"], entry["version"], entry.get("classifier")]
        name = ":".join(part for part in parts if part)
        lines.append(f'  {{ jar = "{name}", sha256 = "{entry["sha256"]}" }},')
    path.write_text("\n".join([*lines, "]", ""]), encoding="utf-8")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        write_lock(Path(__file__).parent / "neo4j.lock.toml", Path(scratch))
    sys.stdout.write("wrote store/neo4j.lock.toml\n")
