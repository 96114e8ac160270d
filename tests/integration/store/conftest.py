"""One real Neo4j for the tests of the store, emptied before each that writes."""

import os
from pathlib import Path

import pytest

from schemas.errors import ServerError
from store.graph import Graph
from store.lake import Lake
from store.local import LocalServer
from tests import jars
from tests.conftest import out_of_reach


@pytest.fixture(scope="session")
def lent():
    """Return a function that puts the server's jars into a home."""

    def lend(home):
        try:
            jars.lend(home)
        except ServerError as missing:
            out_of_reach(str(missing))

    return lend


@pytest.fixture(scope="session")
def server(tmp_path_factory, lent):
    """A server of the tests' own; `ISOCORTEX_TEST_SERVER` names a home to keep between runs."""
    kept = os.environ.get("ISOCORTEX_TEST_SERVER")
    home = Path(kept) if kept else tmp_path_factory.mktemp("store")
    lent(home)
    started = LocalServer(home / "server")
    started.ensure()
    yield started
    if not kept:
        started.stop()


def connect(server, local=None):
    given = server.credentials()
    return Graph.connect(given.uri, given.user, given.password, given.database, local=local)


@pytest.fixture
def graph(server):
    """An empty graph on a server given by its address."""
    found = connect(server)
    found.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS")
    found.prepare()
    yield found
    found.close()


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


@pytest.fixture(autouse=True)
def no_other_server(monkeypatch):
    for name in [name for name in os.environ if name.startswith("NEO4J_")]:
        monkeypatch.delenv(name)
