"""Several at the graph at once: readers during a load, loaders after one another, killed ones."""

import multiprocessing
import os
import signal
import threading
import time

import pytest

from schemas.errors import ServerError
from store import lease, projection
from store.lease import Lease, held
from tests.circuits_made import publish, random_tables
from tests.integration.store.conftest import connect, leftovers, visible

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]


def test_an_opened_graph_leaves_the_load_of_another_alone(server, graph, lake, monkeypatch):
    publish(lake, random_tables(n=50, m=900))
    seen = []

    def look(what, done, total):
        if what.startswith("connections"):
            other = connect(server)
            other.prepare()
            seen.append((other.projected(), visible(other), leftovers(other)))
            other.close()

    monkeypatch.setattr(projection, "EDGE_BATCH", 200)
    graph.project(lake, ["made"], look)
    assert len(seen) >= 4
    for projected, shown, staged in seen:
        assert projected == {}
        assert shown == {}
        assert staged == 51  # fifty neurons and the lease
    assert visible(graph)["made"][1:] == (50, 900)


def test_readers_see_the_old_or_the_new_version(server, graph, lake, monkeypatch):
    """Neo4j reads what is committed; while it applies a commit, a read may straddle it."""
    old = publish(lake, random_tables(n=60, m=1000, seed=1))
    graph.project(lake, ["made"])
    new = publish(lake, random_tables(n=70, m=1500, seed=2))
    monkeypatch.setattr(projection, "EDGE_BATCH", 100)
    commits = []
    write = Lease.write

    def timed(self, work):
        started = time.monotonic()
        write(self, work)
        commits.append((work.__name__, started, time.monotonic()))

    monkeypatch.setattr(Lease, "write", timed)
    stop = threading.Event()
    seen, torn, failures = set(), [], []

    def read():
        other = connect(server)
        try:
            while not stop.is_set():
                started = time.monotonic()
                try:
                    seen.update(visible(other).values())
                except AssertionError:
                    torn.append((started, time.monotonic()))
        except Exception as failure:
            failures.append(failure)
        finally:
            other.close()

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    try:
        graph.project(lake, ["made"])
        time.sleep(0.2)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert failures == []
    assert seen == {(old, 60, 1000), (new, 70, 1500)}
    (switched,) = [(begun, done) for name, begun, done in commits if name == "switch"]
    for begun, done in torn:
        assert begun <= switched[1]
        assert done >= switched[0]


def test_a_second_loader_waits_for_the_first(server, graph, lake, monkeypatch):
    monkeypatch.setattr(lease, "_POLL_SECONDS", 0.05)
    publish(lake, random_tables())
    waited = []
    other = connect(server)
    with held(other):
        worker = threading.Thread(
            target=graph.project, args=(lake, ["made"], lambda what, *_: waited.append(what))
        )
        worker.start()
        time.sleep(0.5)
        assert visible(other) == {}
    worker.join(30)
    assert waited[0] == "wait for another load"
    assert visible(other)["made"][1:] == (30, 200)
    other.close()


def test_a_lease_passes_whole_from_one_to_the_next(server, monkeypatch):
    """A lease that was given back while another loader waited for its node is taken again."""
    monkeypatch.setattr(lease, "_POLL_SECONDS", 0.0)
    failures, held_by = [], []

    def load(own):
        try:
            for _ in range(25):
                with held(own) as mine:
                    held_by.append(1)
                    mine.write(lambda transaction: transaction.run("RETURN 1").consume())
                    assert len(held_by) == 1
                    held_by.pop()
        except Exception as error:
            failures.append(error)

    connections = [connect(server) for _ in range(3)]
    loaders = [threading.Thread(target=load, args=(own,)) for own in connections]
    for loader in loaders:
        loader.start()
    for loader in loaders:
        loader.join(120)
    for own in connections:
        own.close()
    assert failures == []


def test_a_loader_whose_lease_was_taken_cannot_write(graph):
    mine = Lease(graph)
    assert mine.take()
    assert not Lease(graph).take()
    graph.write("MATCH (l:Loading) SET l.until = datetime() - duration('PT1S')")
    theirs = Lease(graph)
    assert theirs.take()
    with pytest.raises(ServerError, match="took over"):
        mine.write(lambda transaction: transaction.run("CREATE (:StagedNeuron)").consume())
    assert leftovers(graph) == 1
    theirs.release()
    assert leftovers(graph) == 0


def load_elsewhere(home, root):
    """Load in another process, which is killed on the way."""
    from store import projection
    from store.lake import Lake
    from store.local import LocalServer

    projection.EDGE_BATCH = 50
    found = connect(LocalServer(home))

    def slowly(what, done, total):
        time.sleep(0.05)

    found.project(Lake(root), ["made"], slowly)


def start_elsewhere(function, arguments):
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=function, args=arguments)
    process.start()
    return process


def test_killed_loader_is_cleared_at_once_and_the_load_completes(server, graph, lake):
    old = publish(lake, random_tables(seed=1))
    graph.project(lake, ["made"])
    new = publish(lake, random_tables(n=100, m=5000, seed=2))
    process = start_elsewhere(load_elsewhere, (server.home, lake.root))
    deadline = time.monotonic() + 60
    while leftovers(graph) < 50 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert leftovers(graph) > 50
    assert visible(graph) == {"made": (old, 30, 200)}
    graph.prepare()
    assert leftovers(graph) == 0
    graph.project(lake, ["made"])
    assert visible(graph) == {"made": (new, 100, 5000)}


def load_beside(home, root, names):
    from store.lake import Lake
    from store.local import LocalServer

    found = connect(LocalServer(home))
    found.prepare()
    found.project(Lake(root), names)
    found.close()


def test_concurrent_loaders_load_everything_once(server, graph, lake):
    for k in range(3):
        publish(lake, random_tables(seed=k), f"made-{k}")
    names = lake.datasets()
    both = [start_elsewhere(load_beside, (server.home, lake.root, names)) for _ in range(3)]
    for process in both:
        process.join(120)
        assert process.exitcode == 0
    assert {shown[1:] for shown in visible(graph).values()} == {(30, 200)}
    assert len(visible(graph)) == 3
    assert leftovers(graph) == 0
