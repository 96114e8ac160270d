"""`kill -9` of the process or of the server in the middle: the next run completes, same results."""

import os
import signal
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("killed")]

CHOSEN = ("larva-mb-left", "worm-witvliet-8", "rat-l6-lbc")


def stored_effects(home: Path) -> dict[str, pd.DataFrame]:
    """Every result of a home by key."""
    return {
        path.stem: pd.read_parquet(path)
        for path in sorted((home / "lake" / "results").rglob("*.parquet"))
    }


def graph_facts(command) -> list:
    """Counts and checksums of the graph, by dataset, and its results."""
    neurons = command.json(
        "query",
        "MATCH (n:Neuron)-[c:ConnectsTo]->(m:Neuron) RETURN n.dataset AS d, count(c) AS k, "
        "sum(c.weight) AS w, sum(n.bodyId % 1000003) AS a, sum(m.bodyId % 1000003) AS b ORDER BY d",
    )["rows"]
    statistics = command.json(
        "query",
        "MATCH (c:Circuit)-[:Measured]->(s:MotifStatistic) "
        "RETURN c.name AS c, s.uid AS u, s.expected AS e, s.z AS z ORDER BY u",
        "--limit",
        "5000",
    )["rows"]
    leftovers = command.json(
        "query", "MATCH (n) WHERE n:StagedNeuron OR n:RetiredNeuron RETURN count(n)"
    )["rows"]
    assert leftovers == [[0]]
    return [neurons, statistics]


@pytest.fixture(scope="module")
def undisturbed(make_command):
    command = make_command()
    command("run", *CHOSEN)
    return graph_facts(command), stored_effects(command.home), command


def same(command, undisturbed) -> None:
    facts, effects, _ = undisturbed
    assert graph_facts(command) == facts
    mine = stored_effects(command.home)
    assert mine.keys() == effects.keys()
    for key, frame in effects.items():
        pd.testing.assert_frame_equal(mine[key], frame)


def kill_family(process) -> None:
    """SIGKILL the command and its workers, but not the server, which has its own session."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


def wait_until(condition, process, seconds=240.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        if process.poll() is not None:
            return None
        time.sleep(0.02)
    raise AssertionError("the moment did not come")


MOMENTS = {
    "first dataset in the lake": lambda home: any((home / "lake" / "datasets").glob("*/latest")),
    "server starting": lambda home: (home / "server" / "console.log").is_file(),
    "first result": lambda home: any((home / "lake" / "results").rglob("*.parquet")),
}


@pytest.mark.parametrize("moment", sorted(MOMENTS))
def test_killed_process(make_command, undisturbed, moment):
    command = make_command()
    process = command.popen("run", *CHOSEN)
    wait_until(lambda: MOMENTS[moment](command.home), process)
    kill_family(process)
    command("run", *CHOSEN)
    same(command, undisturbed)
    command.end()  # its server need not run beside those of the other tests


def test_killed_server(make_command, undisturbed):
    command = make_command()
    command("run", CHOSEN[0])
    process = command.popen("run", *CHOSEN)
    time.sleep(1.0)
    for server in servers_of(command.home):
        server.kill()
    process.communicate(timeout=300)  # it may fail with a message or have been done already
    command("run", *CHOSEN)
    same(command, undisturbed)
    command.end()


def servers_of(home: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(home) in line and "EntryPoint" in line:
            found.append(process)
    return found


def test_killed_server_leaves_a_message(undisturbed):
    *_, command = undisturbed
    status = command.json("server", "status")
    assert status["state"] == "running"
    for server in servers_of(command.home):
        server.kill()
        server.wait(timeout=30)
    assert command.json("server", "status")["state"] == "stopped"
    rows = command.json("query", "MATCH (n:Neuron) RETURN count(n)")["rows"]
    assert rows == [[209 + 180 + 463]]
