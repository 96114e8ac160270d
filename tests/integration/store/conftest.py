"""One real Neo4j for the tests of the store, emptied before each that writes."""

import os

import pytest

from store.graph import Graph
from store.lake import Lake


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
