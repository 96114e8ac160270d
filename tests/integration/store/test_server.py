"""The duties of the launcher: one child, adopted, restarted, repaired, explained."""

import contextlib
import json
import multiprocessing
import os
import socket
import stat
import subprocess
import sys
import time

import psutil
import pytest

from schemas.errors import ServerError
from store import local as local_module
from store.installation import Installation, free_ports
from store.lake import Lake
from store.local import LocalServer
from tests.circuits_made import publish, random_tables
from tests.integration.store.conftest import connect

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]


@pytest.fixture(scope="module")
def own(tmp_path_factory, lent):
    """A home whose path neither a shell nor a regular expression likes, with no server yet."""
    home = tmp_path_factory.mktemp("a b,(c)+d") / "home"
    lent(home)
    server = LocalServer(home / "server")
    yield server
    server.stop()


def children(server):
    return [p for p in server.installation.strays() if "EntryPoint" in " ".join(p.cmdline())]


def start(home, answers):
    answers.put(LocalServer(home).ensure().pid)


def test_brackets_in_the_path_are_refused_with_a_way_out(tmp_path):
    """The web server inside Neo4j takes the path of its jars for an address."""
    with pytest.raises(ServerError, match="ISOCORTEX_HOME"):
        LocalServer(tmp_path / "[d]" / "server").ensure()
    assert list(tmp_path.iterdir()) == []


def test_two_processes_that_start_at_once_share_one_server(own):
    assert own.status().state == "absent"
    assert not own.stop()
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    both = [context.Process(target=start, args=(own.home, answers)) for _ in range(2)]
    for process in both:
        process.start()
    pids = {answers.get(timeout=300) for _ in both}
    for process in both:
        process.join()
    assert len(pids) == 1
    assert [child.pid for child in children(own)] == list(pids)
    status = own.status()
    assert (status.state, status.pid) == ("running", pids.pop())


def test_secrets_are_the_owners_alone_and_not_on_the_command_line(own):
    own.ensure()
    path = own.status().password_file
    password = json.loads(path.read_text())["password"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(own.home.stat().st_mode) == 0o700
    (child,) = children(own)
    assert password not in " ".join(child.cmdline())
    assert password not in (own.home / "running.json").read_text()
    assert list(own.home.glob("admin.options")) == []


def test_it_listens_on_loopback_only(own):
    own.ensure()
    (child,) = children(own)
    listening = [c.laddr.ip for c in child.net_connections() if c.status == psutil.CONN_LISTEN]
    assert len(listening) >= 2
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


def test_it_outlives_the_command_and_is_adopted(own):
    before = own.ensure().pid
    code = (
        "import sys; from pathlib import Path; from store.local import LocalServer;"
        "print(LocalServer(Path(sys.argv[1])).ensure().pid)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(own.home)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == before
    assert psutil.pid_exists(before)


def test_killed_server_is_started_again_with_its_data(own):
    own.ensure()
    graph = connect(own)
    graph.prepare()
    graph.write("CREATE (:Species {name: 'kept'})")
    graph.close()
    (child,) = children(own)
    child.kill()
    child.wait(20)
    assert own.status().state == "stopped"
    with pytest.raises(ServerError, match="does not run"):
        own.credentials()
    own.ensure()
    graph = connect(own)
    assert graph.read("MATCH (s:Species) RETURN s.name AS n") == [{"n": "kept"}]
    graph.write("MATCH (s:Species) DELETE s")
    graph.close()


def test_server_of_a_killed_command_is_ended_before_another_starts(own):
    """A command may be killed between the start and the note of it."""
    own.ensure()
    (orphan,) = children(own)
    (own.home / "running.json").unlink()
    assert own.status().state == "stopped"
    own.ensure()
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
    assert len(children(own)) == 1


def test_stop_ends_it(own):
    own.ensure()
    (child,) = children(own)
    assert own.stop()
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert own.status().state == "stopped"
    assert not own.stop()


def test_stale_note_of_another_process_is_not_believed(own):
    own.stop()
    note = {"pid": os.getpid(), "created": 1.0, "bolt_port": 1, "http_port": 2}
    (own.home / "running.json").write_text(json.dumps(note))
    assert own.status().state == "stopped"
    (own.home / "running.json").write_text("{")
    assert own.status().state == "stopped"
    assert not own.stop()


def test_taken_port_is_tried_again(own, monkeypatch):
    own.stop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        unlucky = [[taken.getsockname()[1], *free_ports(1)]]

        def ports(count):
            return unlucky.pop() if unlucky else free_ports(count)

        monkeypatch.setattr(local_module, "free_ports", ports)
        assert own.ensure().state == "running"
    assert unlucky == []


def test_changed_password_is_explained_and_the_way_out_works(own):
    own.ensure()
    path = own.status().password_file
    kept = path.read_text()
    path.write_text(json.dumps({"user": "neo4j", "password": "another"}))
    with pytest.raises(ServerError, match="refuses the password in") as refused:
        own.ensure()
    assert str(path) in str(refused.value)
    path.write_text("{}")
    with pytest.raises(ServerError, match="missing or damaged"):
        own.credentials()
    path.write_text(kept)
    assert own.ensure().state == "running"


def run_import(home, root):
    local = LocalServer(home)
    local.ensure()
    graph = connect(local, local=local)
    graph.prepare()
    graph.project(Lake(root), ["made"])
    graph.close()


def test_killed_import_is_thrown_away_and_done_again(own, tmp_path):
    own.ensure()
    graph = connect(own)
    graph.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS")
    graph.close()
    lake = Lake(tmp_path / "lake")
    publish(lake, random_tables(n=2000, m=200_000))
    process = multiprocessing.get_context("spawn").Process(
        target=run_import, args=(own.home, lake.root)
    )
    process.start()
    deadline = time.monotonic() + 120
    while not importing(own) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.join()
    assert (own.home / "importing").exists()
    run_import(own.home, lake.root)
    assert not (own.home / "importing").exists()
    assert not (own.home / "import").exists()
    graph = connect(own)
    rows = graph.read("MATCH (:Neuron)-[c:ConnectsTo]->(:Neuron) RETURN count(c) AS c")
    assert rows == [{"c": 200_000}]
    assert len(children(own)) == 1
    graph.close()


def importing(server):
    for process in server.installation.strays():
        with contextlib.suppress(psutil.Error):  # it may end while it is looked at
            if "Neo4jAdminCommand" in " ".join(process.cmdline()):
                return True
    return False


def test_failed_import_names_the_cause_and_leaves_what_was_there(own, tmp_path):
    folder = tmp_path / "import"
    folder.mkdir()
    (folder / "n.csv").write_text(":ID,:LABEL\na,Neuron\n")
    (folder / "e.csv").write_text(":START_ID,:END_ID\na,missing\n")
    own.ensure()
    graph = connect(own)
    before = graph.read("MATCH (n) RETURN count(n) AS c")
    graph.close()
    with pytest.raises(ServerError, match="missing"):
        own.bulk_import(folder, ["--nodes=n.csv", "--relationships=ConnectsTo=e.csv"])
    assert own.status().state == "stopped"
    own.ensure()
    graph = connect(own)
    assert graph.read("MATCH (n) RETURN count(n) AS c") == before
    graph.close()


def test_full_disk_is_explained(own, monkeypatch):
    script = own.home / "java"
    script.write_text("#!/bin/sh\necho 'java.io.IOException: No space left on device'; exit 1\n")
    script.chmod(0o755)
    monkeypatch.setattr(Installation, "_java", lambda self: [str(script)])
    own.stop()
    with pytest.raises(ServerError, match="No space left on device") as failed:
        own.ensure()
    assert "free space on the disk" in str(failed.value)


def test_directory_that_cannot_be_used_is_explained(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerError, match="cannot be used") as failed:
        LocalServer(tmp_path / "file" / "server").ensure()
    assert "ISOCORTEX_HOME" in str(failed.value)


def test_child_of_a_process_that_runs_on_is_stopped_by_another(own):
    """Its parent has not asked after it, so that it stays in the list of processes."""
    own.stop()
    own.ensure()  # a child of this process
    code = (
        "import sys; from pathlib import Path; from store.local import LocalServer;"
        "print(LocalServer(Path(sys.argv[1])).stop())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(own.home)], capture_output=True, text=True, timeout=40
    )
    assert done.stdout == "True\n", done.stderr
