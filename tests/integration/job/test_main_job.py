"""The main job from end to end, through the command line, on real data and a real server."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.motifs import MAN
from isocortex.measure import EFFECT_COLUMNS
from tests.homes import SMALL

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("job")]


def test_run_projects_and_measures_everything(small):
    again = small.json("run", *SMALL)
    assert {outcome["state"] for outcome in again["datasets"]} == {"unchanged"}
    assert again["projected"] == []
    assert again["computed"] == []
    assert len(again["reused"]) >= len(SMALL)


def test_datasets_json(small):
    rows = {row["dataset"]: row for row in small.json("datasets")}
    left = rows["larva-mb-left"]
    assert set(left) == {
        "dataset", "version", "species", "evidence", "neurons", "connections", "pathways", "status",
        "errors",
    }  # fmt: skip
    assert (left["neurons"], left["connections"], left["species"]) == (209, 7425, "fly")
    assert left["status"] == "ingested"
    assert rows["worm-witvliet-1"]["status"] == "available"
    assert rows["worm-witvliet-1"]["version"] is None


def test_census_json_shape(small):
    document = small.json("census", "larva-mb-left")
    assert document["format"] == "isocortex.census/1"
    assert (document["neurons"], document["connections"]) == (209, 7425)
    assert document["reciprocity"] == pytest.approx(0.503, abs=5e-4)
    assert list(document["triads"]) == list(MAN)
    assert sum(document["triads"].values()) == 209 * 208 * 207 // 6
    assert set(document["nulls"]) == {
        "er", "block", "degree", "reciprocal", "degree_hard", "reciprocal_hard",
    }  # fmt: skip
    for name, null in document["nulls"].items():
        assert null["ensemble"] == ("hard" if name.endswith("_hard") else "canonical")
        assert list(null["triads"]) == list(MAN)
        for values in null["triads"].values():
            assert set(values) == set(EFFECT_COLUMNS)
    assert document["provenance"]["key"]
    degree = document["nulls"]["degree_hard"]["triads"]
    # uncertainty.md §5: 030T −.39, 030C −1.06, 111D .25 against the hard degree null
    assert degree["030T"]["log_ratio"] == pytest.approx(-0.39, abs=0.02)
    assert degree["030C"]["log_ratio"] == pytest.approx(-1.06, abs=0.04)
    assert degree["111D"]["log_ratio"] == pytest.approx(0.25, abs=0.02)
    assert degree["030T"]["se"] == pytest.approx(0.08, abs=0.01)
    assert degree["030C"]["se"] == pytest.approx(0.12, abs=0.01)
    assert degree["111D"]["se"] == pytest.approx(0.04, abs=0.01)
    assert document["survives"]["030C"]["highest"] == "reciprocal"


def test_query_json_and_ids(small):
    document = small.json(
        "query",
        "MATCH (n:Neuron)-[c:ConnectsTo]->(m:Neuron) WHERE n.dataset = $d "
        "RETURN count(c) AS connections, sum(c.weight) AS synapses",
        "--param",
        "d=larva-mb-right",
    )
    assert document == {
        "columns": ["connections", "synapses"],
        "rows": [[7536, 26371]],
        "truncated": False,
    }


def test_query_is_truncated_aloud(small):
    document = small.json("query", "MATCH (n:Neuron) RETURN n.uid ORDER BY n.uid", "--limit", "5")
    assert len(document["rows"]) == 5
    assert document["truncated"] is True


def test_graph_holds_the_results(small):
    document = small.json(
        "query",
        "MATCH (c:Circuit)-[:Measured]->(s:MotifStatistic {motif: '030T', null: 'degree', "
        "ensemble: 'hard'})-[:GeneratedBy]->(a:Analysis) RETURN c.name, s.logRatio, a.key",
    )
    stored = {row[0]: row[1:] for row in document["rows"]}
    assert len(stored) == len(SMALL)
    name = "larva-mb-left"
    census = small.json("census", name)
    log_ratio, key = next(v for k, v in stored.items() if k.startswith(name))
    assert key == census["provenance"]["key"]
    assert log_ratio == census["nulls"]["degree_hard"]["triads"]["030T"]["log_ratio"]


@pytest.mark.parametrize(
    "cypher",
    [
        "CREATE (n:Neuron) RETURN n",
        "MATCH (n) DETACH DELETE n",
        "LOAD CSV FROM 'file:///x' AS r RETURN r",
    ],
)
def test_writing_query_is_refused(small, cypher):
    done = small("query", cypher, check=False)
    assert done.returncode == 2
    assert "error" in done.stderr
    assert small.json("query", "MATCH (n:Neuron) RETURN count(n)")["rows"][0][0] > 0


def test_cypher_triads_equal_the_census(small):
    """Two ways to the same number: induced feed-forward loops by Cypher and by the kernels."""
    circuit = "worm-witvliet-8"
    counts = small.json("census", circuit)
    name = counts["circuit"]
    rows = small.json(
        "query",
        "MATCH (k:Circuit {name: $c})<-[:InCircuit]-(a:Neuron)-[:ConnectsTo]->(b:Neuron)"
        "-[:ConnectsTo]->(c:Neuron), (a)-[:ConnectsTo]->(c) "
        "WHERE (b)-[:InCircuit]->(k) AND (c)-[:InCircuit]->(k) "
        "AND NOT (b)-[:ConnectsTo]->(a) AND NOT (c)-[:ConnectsTo]->(b) "
        "AND NOT (c)-[:ConnectsTo]->(a) RETURN count(*)",
        "--param",
        f"c={name}",
        "--timeout",
        "120",
    )["rows"]
    assert rows == [[counts["triads"]["030T"]]]


def test_census_of_a_file_needs_no_store(make_command, tmp_path):
    command = make_command()
    path = tmp_path / "edges.csv"
    path.write_text("pre,post,weight\n1,2,3\n2,3,1\n1,3,2\n9007199254740993,1,1\n")
    before = sorted(p.name for p in command.home.iterdir())
    document = command.json("census", str(path))
    assert document["neurons"] == 4
    assert document["connections"] == 4
    assert document["triads"]["030T"] == 1
    assert sorted(p.name for p in command.home.iterdir()) == before


def test_census_is_reproducible_and_seeded(small):
    one = small.json("census", "rat-l6-lbc", "--seed", "7", "--samples", "40")
    two = small.json("census", "rat-l6-lbc", "--seed", "7", "--samples", "40")
    other = small.json("census", "rat-l6-lbc", "--seed", "8", "--samples", "40")
    assert one["nulls"] == two["nulls"]
    assert one["nulls"]["degree_hard"] != other["nulls"]["degree_hard"]
    assert one["nulls"]["degree"] == other["nulls"]["degree"]


def test_run_finds_users_file_in_lake_and_graph(small, tmp_path):
    rng = np.random.default_rng(3)
    pairs = {(int(a), int(b)) for a, b in rng.integers(1, 60, (700, 2)) if a != b}
    path = tmp_path / "mine.csv"
    path.write_text("source,target\n" + "".join(f"{a},{b}\n" for a, b in sorted(pairs)))
    refused = small("ingest", str(path), check=False)
    assert refused.returncode == 2
    assert "--evidence" in refused.stderr
    outcome = small.json("ingest", str(path), "--name", "mine", "--evidence", "simulated")
    assert outcome["state"] == "new"
    again = small.json("ingest", str(path), "--name", "mine", "--evidence", "simulated")
    assert again["state"] == "unchanged"
    assert again["version"] == outcome["version"]
    count = small.json(
        "query", "MATCH (:Neuron {dataset: 'mine'})-[c:ConnectsTo]->() RETURN count(c)"
    )
    assert count["rows"] == [[len(pairs)]]


def test_server_status_names_the_password_file(small):
    document = small.json("server", "status")
    assert document["state"] == "running"
    assert set(document) >= {"uri", "user", "database", "state", "version", "password_file"}
    file = Path(document["password_file"])
    assert file.stat().st_mode & 0o077 == 0
    secret = json.loads(file.read_text())["password"]
    assert len(secret) >= 20
    assert secret not in json.dumps(document)


@pytest.mark.parametrize(
    "arguments",
    [
        ("census", "no-such-circuit"),
        ("census", "no/such/file.csv"),
        ("ingest", "no-such-dataset"),
        ("run", "no-such-dataset"),
        ("census", "larva-mb-left", "--nulls", "er,nothing"),
        ("query",),
        ("query", "MATCH (n RETURN n"),
        ("query", "--template", "no-such-template"),
    ],
)
def test_wrong_usage_is_two_and_says_what_to_do(small, arguments):
    done = small.here(*arguments, check=False)
    assert done.exit_code == 2, done.stderr
    assert "error" in done.stderr.lower()
    assert done.stdout == ""
