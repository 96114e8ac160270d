"""One real Neo4j for the tests of the store; taken up by `tests/conftest.py`, so that it is one."""

import os
from pathlib import Path

import pytest

from schemas.errors import ServerError
from store.local import LocalServer
from tests import jars
from tests.reach import out_of_reach


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
