"""Start the Streamlit dashboard as a child process and wait for it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from importlib.util import find_spec
from pathlib import Path

from isocortex import show
from isocortex.workspace import Workspace
from schemas.errors import ServerError, UsageError

START_SECONDS = 60.0


def launch_dashboard(workspace: Workspace, port: int, *, browser: bool, start_server: bool) -> None:
    """Run the dashboard until it ends or is interrupted.

    Raises
    ------
    UsageError
        If the port is taken.
    ServerError
        If the dashboard or the graph server does not start.
    """
    port = _free_port(port)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the child, as Ctrl-C does
    if start_server and not workspace.settings.neo4j_uri:
        with show.progress() as progress:
            workspace.local_server.ensure(progress)
    address = f"http://127.0.0.1:{port}"
    child = subprocess.Popen(
        dashboard_command(port),
        env=os.environ | {"ISOCORTEX_HOME": str(workspace.settings.home)},
    )
    try:
        _wait(child, address)
        show.stdout().print(f"isocortex dashboard: {address}   (Ctrl-C ends it)")
        if browser:
            webbrowser.open(address)
        code = child.wait()
    except KeyboardInterrupt:
        code = 0
    finally:
        child.terminate()
        child.wait(timeout=10)
    if code not in (0, -15):
        raise ServerError(f"the dashboard ended with exit code {code}")


def dashboard_command(port: int) -> list[str]:
    """Command that serves the dashboard on loopback only, without telemetry."""
    spec = find_spec("dashboard")
    assert spec is not None
    assert spec.origin is not None
    script = Path(spec.origin).parent / "app.py"
    options = {
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(script), *flags]


def _free_port(port: int) -> int:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise UsageError(
                f"port {port} is in use", remedy="give another one with --port, or 0 for any"
            ) from None
        found: int = probe.getsockname()[1]
        return found


def _wait(child: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise ServerError(f"the dashboard ended at once with exit code {child.returncode}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise ServerError(f"the dashboard did not answer within {START_SECONDS:.0f} s")
