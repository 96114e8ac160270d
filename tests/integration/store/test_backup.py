"""Backup and restore: the same graph comes back, and a failure leaves the one that was there."""

import json
import multiprocessing
import tarfile
import time

import pytest

from schemas.errors import ServerError, UsageError
from schemas.graph import SCHEMA_VERSION
from store import backup as backup_module
from store.backup import backup, read_facts, restore
from store.lake import Lake
from store.local import LocalServer
from store.verify import verify
from tests.circuits_made import publish, random_tables
from tests.integration.store.conftest import connect
from tests.integration.store.test_server import importing

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]


@pytest.fixture(scope="module")
def own(server):
    """The server of the other tests, empty."""
    graph = connect(server)
    graph.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS")
    graph.close()
    return server


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    found = Lake(tmp_path_factory.mktemp("lake"))
    publish(found, random_tables(n=200, m=4000))
    return found


@pytest.fixture(scope="module")
def saved(own, lake, tmp_path_factory):
    """A backup of a graph with one dataset; afterwards a second one is added."""
    own.ensure()
    graph = connect(own, local=own)
    graph.prepare()
    graph.project(lake, ["made"])
    datasets = graph.projected()
    graph.close()
    path = tmp_path_factory.mktemp("backups") / "graph.backup"
    facts = backup(own, path, datasets)
    assert own.status().state == "running", "it runs again"
    assert facts == read_facts(path)
    assert facts.datasets == {"made": lake.latest("made")}
    publish(lake, random_tables(n=50, m=300, seed=2), "later")
    graph = connect(own, local=own)
    graph.project(lake, ["later"])
    graph.close()
    return path


def states(server, lake):
    graph = connect(server)
    graph.prepare()
    found = {check.dataset: check.state for check in verify(graph, lake)}
    graph.close()
    return found


def rewritten(path, target, facts=None, dump=None):
    """Copy a backup with other facts or another dump."""
    with tarfile.open(path) as archive:
        archive.extractall(target, filter="data")
    known = json.loads((target / "backup.json").read_text())
    (target / "backup.json").write_text(json.dumps(known | (facts or {})))
    if dump is not None:
        (target / "neo4j.dump").write_bytes(dump)
    made = target / "made.backup"
    with tarfile.open(made, "w") as archive:
        for name in ("backup.json", "neo4j.dump"):
            archive.add(target / name, name)
    return made


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path, to: to / "none.backup", "there is no file"),
        (lambda path, to: cut(path, to, 40), "not a whole backup"),
        (lambda path, to: cut(path, to, 2000), "not a whole backup"),
        (lambda path, to: rewritten(path, to, {"graph_schema": "x"}), "not a whole backup"),
        (lambda path, to: rewritten(path, to, {"format": "isocortex.backup/2"}), "newer isocortex"),
        (lambda path, to: rewritten(path, to, {"graph_schema": SCHEMA_VERSION + 1}), "newer"),
        (lambda path, to: rewritten(path, to, {"server": "2031.01.0"}), "Neo4j 2031.01.0"),
        (lambda path, to: rewritten(path, to, {"sha256": "0" * 64}), "sha256"),
    ],
)
def test_what_is_no_whole_backup_is_refused_before_anything_stops(
    own, saved, tmp_path, spoil, said
):
    pid = own.status().pid
    with pytest.raises(UsageError, match=said):
        restore(own, spoil(saved, tmp_path))
    assert own.status().pid == pid, "the server was not even stopped"


def cut(path, folder, size):
    short = folder / "short.backup"
    short.write_bytes(path.read_bytes()[:size])
    return short


def test_dump_that_neo4j_refuses_leaves_the_graph(own, saved, lake, tmp_path):
    nonsense = b"DZV1" + b"nothing" * 1000
    given = rewritten(saved, tmp_path, dump=nonsense)
    digest = backup_module._sha256(tmp_path / "neo4j.dump")
    (tmp_path / "again").mkdir()
    given = rewritten(given, tmp_path / "again", {"sha256": digest})
    with pytest.raises(ServerError, match="neo4j-admin database load failed"):
        restore(own, given)
    own.ensure()
    assert states(own, lake) == {"made": "same", "later": "same"}
    assert list(own.home.glob(".staging/*")) == []


def start_restore(home, path):
    restore(LocalServer(home), path)


def test_killed_restore_leaves_the_graph(own, saved, lake):
    own.ensure()
    process = multiprocessing.get_context("spawn").Process(
        target=start_restore, args=(own.home, saved)
    )
    process.start()
    deadline = time.monotonic() + 120
    while not importing(own) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.join()
    assert (own.home / "importing").exists()
    own.ensure()
    assert states(own, lake) == {"made": "same", "later": "same"}
    assert not (own.home / "aside").exists()


def test_restored_graph_is_the_one_that_was_saved(own, saved, lake):
    restore(own, saved)
    assert own.status().state == "running"
    assert states(own, lake) == {"made": "same", "later": "absent"}
    graph = connect(own)
    assert graph.read("SHOW CONSTRAINTS YIELD name RETURN count(*) AS c")[0]["c"] >= 12
    graph.close()


def test_backup_does_not_overwrite(own, saved, tmp_path):
    with pytest.raises(UsageError, match="exists"):
        backup(own, saved, {})
    with pytest.raises(UsageError, match="does not exist"):
        backup(own, tmp_path / "no" / "x.backup", {})
