"""The servers that the contracts of the store are held to.

`local` is the child that isocortex starts; `calendar` a Neo4j of the current calendar release that
is reached by its address only; `given` the one that `make test-graph NEO4J_URI=…` names.
"""

import os
from pathlib import Path

import pytest

from schemas.errors import ServerError
from store.graph import Graph
from store.installation import Installation
from store.local import Credentials, LocalServer
from tests import jars
from tests.integration.store.conftest import graph
from tests.reach import out_of_reach

__all__ = ["graph"]

CALENDAR = Path(__file__).with_name("neo4j-2026.lock.toml")
GIVEN = os.environ.get("ISOCORTEX_TEST_URI")
SERVERS = ["given"] if GIVEN else ["local", "calendar"]


class CalendarRelease(Installation):
    """The files of a Neo4j 2026; its main class has another name."""

    entry = "org.neo4j.server.Neo4jCommunity"
    lock = CALENDAR


@pytest.fixture(scope="session")
def calendar(tmp_path_factory):
    """A server of the current calendar release."""
    home = tmp_path_factory.mktemp("calendar")
    try:
        jars.lend(home, CALENDAR)
    except ServerError as missing:
        out_of_reach(str(missing))
    started = LocalServer(home / "server")
    started.installation = CalendarRelease(started.home)
    started.ensure()
    yield started.credentials()
    started.stop()


@pytest.fixture(scope="session", params=SERVERS)
def address(request):
    """How to reach each server; a given one has to be empty."""
    if request.param == "local":
        return request.getfixturevalue("server").credentials()
    if request.param == "calendar":
        return request.getfixturevalue("calendar")
    found = Credentials(
        GIVEN,
        os.environ.get("NEO4J_USER", "neo4j"),
        os.environ.get("NEO4J_PASSWORD", ""),
        os.environ.get("NEO4J_DATABASE", "neo4j"),
    )
    opened = reach(found)
    (row,) = opened.read("MATCH (n) RETURN count(n) AS nodes")
    opened.close()
    if row["nodes"]:
        pytest.exit(
            f"{found.uri} holds {row['nodes']:,} nodes. These tests delete everything: give them a "
            "scratch database (NEO4J_DATABASE); nothing was changed",
            returncode=2,
        )
    return found


def reach(address):
    """Connect as to a server of one's own, whichever it is."""
    return Graph.connect(address.uri, address.user, address.password, address.database)


def empty(opened):
    """Delete all nodes."""
    opened.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS")


@pytest.fixture
def scratch(address):
    """An empty database on each server, emptied again afterwards."""
    opened = reach(address)
    empty(opened)
    yield opened
    empty(opened)
    opened.close()
