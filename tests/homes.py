"""Real homes, made by the real command: small datasets of the package index, a real Neo4j.

`tests/conftest.py` takes the fixtures up: imported by two folders they would be two, and every
home be made twice.
"""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from isocortex.cli import app
from store.local import LocalServer
from tests.jars import lend

SMALL = ("larva-mb-left", "larva-mb-right", "worm-witvliet-8", "rat-l6-lbc")
LONG = ("run", "ingest")  # commands that are always processes of their own
NO_SKIP = os.environ.get("ISOCORTEX_NO_SKIP") == "1"


@dataclass
class Command:
    """Runs `isocortex` in a home of its own, as a user's shell would.

    Calling it starts a process. `here` runs the same command line in this one, which need not
    import everything first: for what a test asks only to look at what another command has done.
    """

    home: Path
    environment: dict[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def arguments(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "isocortex", *arguments]

    def __call__(
        self,
        *arguments: str,
        check: bool = True,
        stdin: str | None = None,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.arguments(*arguments),
            env=self.environment,
            cwd=cwd,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=420,
        )
        if check:
            assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return done

    def here(self, *arguments: str, check: bool = True) -> Result:
        changed = {k: v for k, v in self.environment.items() if os.environ.get(k) != v}
        gone = {k: None for k in os.environ if k not in self.environment}
        done = CliRunner().invoke(app, arguments, env=changed | gone)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        if check:
            assert done.exit_code == 0, done.stderr
        return done

    def slowness(self) -> float:
        """How much longer than a quiet second the machine takes now, from starting Python."""
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import pandas"], check=True, timeout=60)
        return max(0.0, time.perf_counter() - started - 0.5)

    def json(self, *arguments: str):
        run = self if arguments[0] in LONG else self.here
        return json.loads(run(*arguments, "--json").stdout)

    def popen(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self.arguments(*arguments),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        """Leave nothing running, whatever a failed test left."""
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        LocalServer(self.home / "server").stop()


@pytest.fixture(scope="session")
def make_command(tmp_path_factory, shared_cache):
    """Factory of homes that share the downloads but nothing else."""
    made: list[Command] = []

    def make() -> Command:
        home = tmp_path_factory.mktemp("home")
        shared_cache(home)
        lend(home)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("NEO4J_", "ISOCORTEX_"))}
        command = Command(home, kept | {"ISOCORTEX_HOME": str(home), "NO_COLOR": "1"})
        made.append(command)
        return command

    yield make
    for command in made:
        command.end()


@pytest.fixture(scope="session")
def small(make_command) -> Command:
    """A home in which the small datasets were run."""
    command = make_command()
    done = command("run", *SMALL, check=False)
    if done.returncode != 0 and not NO_SKIP and "cannot be had" in done.stderr:
        pytest.skip("the package index is out of reach")
    assert done.returncode == 0, done.stderr
    return command
