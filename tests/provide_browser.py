"""Provide a Chromium for the browser tests: PATH, else the system's package, else Playwright's.

`python -m tests.provide_browser` prints which one is used; without any it says so and exits 0,
because the tests themselves decide whether a missing browser is a skip or a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Return the path of a Chromium, or None."""
    given = os.environ.get("CHROME_PATH")
    if given and Path(given).is_file():
        return given
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return _playwrights()


def provide_browser() -> str | None:
    """Return a Chromium, installing one where that is allowed."""
    found = find_browser()
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=False, timeout=300, **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
            check=False,
            timeout=900,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            **quiet,
        )
        found = find_browser()
    if found is None:
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            check=False,
            timeout=900,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        found = find_browser()
    return found


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.is_file() else None


if __name__ == "__main__":
    print(f"browser for the tests: {provide_browser() or 'none found'}")
