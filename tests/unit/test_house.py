"""The house stands as designed: layout, locks, names, file sizes."""

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "ingest", "analysis", "store", "isocortex", "dashboard")
SOURCES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


@pytest.mark.parametrize("room", ROOMS)
def test_room_is_ours(room):
    """Generic top-level names could be shadowed by another distribution."""
    module = importlib.import_module(room)
    assert Path(module.__file__).parent == ROOT / room


def test_lock_has_hashes_and_no_addresses():
    text = (ROOT / "requirements" / "lock.txt").read_text()
    assert "://" not in text
    for line in text.splitlines():
        if re.match(r"^[a-z]", line):
            assert line.rstrip().endswith("\\"), f"no hash follows {line}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_readable(path):
    assert len(path.read_text().splitlines()) < 500
    assert path.stem not in {"utils", "util", "helpers", "helper", "misc", "common"}


def test_every_module_imports():
    """Catches what a resolver cannot: libraries that refuse each other at import."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, prefix=f"{room}."):
            if module.name.startswith("dashboard.") and module.name != "dashboard.data":
                continue  # pages are scripts; the page tests run them
            importlib.import_module(module.name)


def test_nothing_in_dashboard_is_named_after_a_room():
    """Streamlit puts that folder first on sys.path."""
    names = {path.stem for path in (ROOT / "dashboard").iterdir() if path.name != "__init__.py"}
    assert not names & {*ROOMS, "tests"}


def test_import_is_quick_and_lazy():
    """`import isocortex` must not pull the heavy libraries in."""
    code = (
        "import sys, isocortex; "
        "heavy = {'graspologic', 'streamlit', 'numba', 'scipy', 'neo4j'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
