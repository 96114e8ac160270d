"""`isocortex server …` as an operator uses it, on a real home."""

import json
import shutil
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from isocortex.measure import ANALYSIS, Parameters
from store.results import Results

pytestmark = [
    pytest.mark.server,
    pytest.mark.network,
    pytest.mark.xdist_group("job"),
]
WORM, RAT = "worm-witvliet-8", "rat-l6-lbc"
RESULTS = "MATCH (s:MotifStatistic) RETURN count(s) AS count"


@pytest.fixture(scope="module")
def tended(make_command, small):
    """A home that begins with data and results of the small one, so that only a graph is made."""
    command = make_command()
    known, mine = Results(small.home / "lake"), Results(command.home / "lake")
    for dataset in (WORM, RAT):
        there = Path("lake") / "datasets" / dataset
        shutil.copytree(small.home / there, command.home / there)
        for record in known.find():
            usual = record.parameters == Parameters().as_dict()
            if record.dataset == dataset and (record.analysis != ANALYSIS or usual):
                mine.put(*known.get(record.key))
    assert command.json("run", WORM, RAT)["projected"] == [WORM, RAT]
    return command


def write(command, statement):
    known = command.json("server", "status")
    password = json.loads(Path(known["password_file"]).read_text())["password"]
    with (
        GraphDatabase.driver(known["uri"], auth=(known["user"], password)) as driver,
        driver.session(database=known["database"]) as session,
    ):
        session.run(statement).consume()


def count(command, statement):
    return command.json("query", statement)["rows"][0][0]


def test_verify_says_same(tended):
    found = tended.json("server", "verify")
    assert found["format"] == "isocortex.verify/1"
    assert found["same"] is True
    rows = {row["dataset"]: row for row in found["datasets"]}
    assert rows[WORM]["connections"] == 1933
    assert rows[RAT]["neurons"] == 463
    assert "Graph against lake" in tended.here("server", "verify").stdout


def test_verify_finds_and_mends_and_results_come_back(tended):
    before = count(tended, RESULTS)
    assert before > 100
    write(
        tended,
        f"MATCH (:Neuron {{dataset: '{WORM}'}})-[c:ConnectsTo]->() WITH c LIMIT 1 DELETE c",
    )
    refused = tended("server", "verify", check=False)
    assert refused.returncode == 1
    assert "server verify --repair" in refused.stderr
    assert "damaged" in refused.stdout
    mended = tended.json("server", "verify", "--repair")
    assert mended["same"] is True
    assert mended["repaired"] == [WORM]
    assert count(tended, RESULTS) == before


def test_backup_and_restore_round_trip(tended, tmp_path):
    path = tmp_path / "graph.backup"
    said = tended("server", "backup", str(path)).stdout
    assert "graph schema" in said
    write(tended, "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS")
    assert tended.here("server", "verify", check=False).exit_code == 1
    tended("server", "restore", str(path))
    assert tended.json("server", "verify")["same"] is True
    again = tended.here("server", "backup", str(path), check=False)
    assert again.exit_code == 2
    assert "exists" in again.stderr


def test_upgrade_says_what_it_did(tended):
    assert "nothing" in tended("server", "upgrade").stdout
    write(tended, "MATCH (v:SchemaVersion) SET v.version = 0")
    refused = tended.here("query", RESULTS, check=False)
    assert refused.exit_code == 1
    assert "isocortex server upgrade" in refused.stderr
    said = tended("server", "upgrade").stdout
    assert WORM in said
    assert RAT in said
    assert tended.json("server", "verify")["same"] is True
    assert count(tended, RESULTS) > 100


def test_logs_are_printed(tended):
    lines = tended.here("server", "logs", "--lines", "5").stdout.splitlines()
    assert len(lines) == 5
    assert "INFO" in lines[-1]
    assert len(tended.here("server", "logs", "--debug", "-n", "3").stdout.splitlines()) == 3


def test_operations_of_the_local_server_refuse_another(tended, tmp_path):
    tended.environment["NEO4J_URI"] = "bolt://127.0.0.1:1"
    try:
        for verb in ("backup", "restore"):
            refused = tended.here("server", verb, str(tmp_path / "x"), check=False)
            assert refused.exit_code == 2
            assert "neo4j-admin database" in refused.stderr
        assert tended.here("server", "logs", check=False).exit_code == 2
    finally:
        del tended.environment["NEO4J_URI"]
