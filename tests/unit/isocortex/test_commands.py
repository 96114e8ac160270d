"""The command line without a server: usage, exit codes, clean standard output."""

import json
from collections import Counter
from itertools import combinations, permutations

import numpy as np
import pytest
from typer.testing import CliRunner

import isocortex
from analysis.motifs.four import four_node_census
from isocortex.cli import app
from tests.contract.analysis.test_nulls import LADDER


@pytest.fixture
def run(monkeypatch, tmp_path):
    for name in ("NEO4J_URI", "ISOCORTEX_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ISOCORTEX_HOME", str(tmp_path / "home"))
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, list(arguments))


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "datasets",
        "ingest",
        "synapses",
        "circuits",
        "census",
        "describe",
        "statistics",
        "find",
        "participation",
        "query",
        "robustness",
        "cite",
        "export",
        "dashboard",
        "server",
    ],
)
def test_every_command_explains_itself(run, command):
    shown = run(command, "--help")
    assert shown.exit_code == 0
    assert "Usage" in shown.stdout


def test_version(run):
    assert run("--version").stdout.strip() == isocortex.__version__


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("census",),
        ("query", "--limit", "0", "RETURN 1"),
        ("census", "x", "--seed", "a"),
        ("describe",),
        ("describe", "x", "--statistic", "beauty"),
    ],
)
def test_wrong_usage_is_two(run, arguments):
    assert run(*arguments).exit_code == 2


def test_catalog_is_listed_before_anything_was_ingested(run):
    shown = run("datasets", "--json")
    rows = json.loads(shown.stdout)
    assert shown.exit_code == 0
    assert len(rows) >= 20
    status = {row["dataset"]: row["status"] for row in rows}
    assert set(status.values()) == {"available", "optional"}
    assert status["fly-al-hemibrain"] == "optional"
    assert status["rat-s1-pathways"] == "available"


def test_no_circuits_says_what_to_type(run):
    assert json.loads(run("circuits", "--json").stdout) == []
    assert "isocortex run" in run("circuits").stdout


def test_unknown_circuit_suggests_what_to_do(run):
    refused = run("census", "worm")
    assert refused.exit_code == 2
    assert "isocortex ingest" in refused.stderr
    assert refused.stdout == ""


def test_error_as_json_goes_to_the_error_stream(run):
    refused = run("census", "worm", "--json")
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert json.loads(refused.stderr)["error"] == "UsageError"


def test_census_of_a_file(run, tmp_path):
    path = tmp_path / "edges.csv"
    path.write_text("pre,post\n1,2\n2,3\n1,3\n")
    shown = run("census", str(path), "--nulls", "er", "--json")
    assert shown.exit_code == 0
    assert json.loads(shown.stdout)["triads"]["030T"] == 1
    assert not (tmp_path / "home").exists()


def test_census_against_the_ladder(run, tmp_path):
    rng = np.random.default_rng(4)
    edges = {(int(a), int(b)) for a, b in rng.integers(0, 12, (60, 2)) if a != b}
    path, places = tmp_path / "edges.csv", tmp_path / "neurons.csv"
    path.write_text("pre,post\n" + "".join(f"{a},{b}\n" for a, b in edges))
    rows = "".join(f"{k},{'EI'[k % 2]},{k},{k * k},0\n" for k in range(12))
    places.write_text("neuron_id,type,soma_x,soma_y,soma_z\n" + rows)
    given = ("census", str(path), "--nulls", "ladder", "--samples", "10")
    whole = json.loads(run(*given, "--neurons", str(places), "--json").stdout)
    hard = ["distance", "block_distance", "degree", "reciprocal", "block_reciprocal"]
    assert list(whole["nulls"]) == [*LADDER, *[f"{name}_hard" for name in hard]]
    assert whole["not_available"] == {}
    shown = run(*given, "--neurons", str(places)).stdout
    headers = [line for line in shown.splitlines() if line.startswith(" triad")]
    assert [word for line in headers for word in line.split() if word in LADDER] == list(LADDER)
    assert [line.split()[-1] for line in headers][-1] == "rung"
    assert "not available" not in shown
    lacking = run(*given).stdout
    assert "distance, block_distance: not available: 12 of 12 neurons" in lacking
    assert "soma_x" in lacking
    refused = run("census", str(path), "--nulls", "er,distance")
    assert refused.exit_code == 2
    assert "no soma position" in refused.stderr
    assert "not_available" not in json.loads(run("census", str(path), "--json").stdout)


def test_library_climbs_the_ladder(tmp_path, monkeypatch):
    monkeypatch.setenv("ISOCORTEX_HOME", str(tmp_path / "home"))
    path = tmp_path / "edges.csv"
    path.write_text("pre,post\n1,2\n2,3\n1,3\n3,4\n")
    effects = isocortex.census(path, nulls="ladder", samples=10)
    assert list(effects.attrs["not_available"]) == ["distance", "block_distance"]
    assert [n for n in LADDER if n in set(effects["null"])] == list(effects["null"].unique())
    assert isocortex.census(path, nulls=["er"]).attrs == {}


def codes_of_quadruples(edges, n):
    """Canonical code of every four neurons, as docs/four-node.md defines it."""
    found = Counter()
    for four in combinations(range(n), 4):
        found[
            min(
                sum(
                    ((p[i], p[j]) in edges) << 2 * q | ((p[j], p[i]) in edges) << 2 * q + 1
                    for q, (i, j) in enumerate(combinations(range(4), 2))
                )
                for p in permutations(four)
            )
        ] += 1
    return {str(code): count for code, count in found.items()}


def test_census_of_four_neurons(run, tmp_path):
    rng = np.random.default_rng(4)
    edges = {(int(a), int(b)) for a, b in rng.integers(0, 11, (40, 2)) if a != b}
    path = tmp_path / "edges.csv"
    path.write_text("pre,post\n" + "".join(f"{a},{b}\n" for a, b in edges))
    n = len({node for edge in edges for node in edge})
    assert n == 11
    document = json.loads(run("census", str(path), "--nulls", "er", "--size", "4", "--json").stdout)
    assert document["motifs4"] == codes_of_quadruples(edges, n)
    assert document["motifs4_path"] in {"dense", "sparse"}
    shown = run("census", str(path), "--nulls", "er", "--size", "4")
    assert "of 199 connected motifs occur" in " ".join(shown.stdout.split())
    assert run("census", str(path), "--size", "5").exit_code == 2
    assert document["motifs4_method"] == "exact"
    assert not {"motifs4_se", "motifs4_interval"} & document.keys()


@pytest.mark.parametrize(("method", "said"), [("hybrid", "connected pairs"), ("sampled", "sets")])
def test_census_of_four_neurons_estimated(run, tmp_path, monkeypatch, method, said):
    # As good here as the ten million of the default.
    monkeypatch.setitem(four_node_census.__kwdefaults__, "sets", 200_000)
    rng = np.random.default_rng(5)
    pairs = {(int(a), int(b)) for a, b in rng.integers(0, 40, (900, 2)) if a != b}
    (tmp_path / "edges.csv").write_text("pre,post\n" + "".join(f"{a},{b}\n" for a, b in pairs))
    given = ("census", str(tmp_path / "edges.csv"), "--nulls", "er", "--size", "4")
    document = json.loads(run(*given, "--method", method, "--json").stdout)
    assert document["motifs4_method"] == method
    assert document["motifs4"].keys() == document["motifs4_se"].keys()
    assert max(document["motifs4_se"].values()) > 0
    told = document["motifs4_interval"]
    assert all(0 <= low <= high for low, high in told.values())
    assert all(n <= told[code][1] for code, n in document["motifs4"].items() if n > 0)
    shown = run(*given, "--method", method).stdout
    assert said in " ".join(shown.split())
    assert "standard error" in shown
    assert "95 % interval" in " ".join(shown.split())


def test_census_by_class(run, tmp_path):
    (tmp_path / "edges.csv").write_text("pre,post\n1,2\n2,3\n1,3\n3,4\n4,1\n")
    (tmp_path / "neurons.csv").write_text("neuron_id,type\n1,E\n2,I\n3,E\n4,\n")
    given = ("census", str(tmp_path / "edges.csv"), "--neurons", str(tmp_path / "neurons.csv"))
    given += ("--nulls", "er", "--typed", "--by", "type")
    typed = json.loads(run(*given, "--json").stdout)["typed"]
    assert typed["030T"] == [{"classes": ["E", "I", "E"], "count": 1}]
    assert typed["030C"] == [{"classes": ["(none)", "E", "E"], "count": 1}]
    assert sum(row["count"] for rows in typed.values() for row in rows) == 4
    effects = json.loads(run(*given, "--json").stdout)["typed_effects"]
    assert effects["by"] == "type"
    one = next(row for row in effects["nulls"]["er"]["triads"]["030T"] if row["observed"])
    assert one["classes"] == ["E", "I", "E"]
    assert one["low"] < one["log_ratio"] < one["high"]
    shown = run(*given).stdout
    assert "Triads by type: observed over expected by er (canonical)" in shown
    assert "E → I → E, A → C" in shown
    refused = run(*given[:-1], "nothing")
    assert refused.exit_code == 2
    assert "have no column 'nothing'" in refused.stderr


def test_status_without_a_server_is_absent(run, tmp_path):
    shown = run("server", "status", "--json")
    assert json.loads(shown.stdout)["state"] == "absent"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("verb", ["start", "stop", "browser"])
def test_local_verbs_refuse_a_server_of_ones_own(run, monkeypatch, verb):
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    refused = run("server", verb)
    assert refused.exit_code == 2
    assert "NEO4J_URI" in refused.stderr


def test_unreachable_server_is_a_failure_with_a_way_out(run, monkeypatch):
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    refused = run("query", "RETURN 1")
    assert refused.exit_code == 1
    assert "NEO4J_URI" in refused.stderr


def test_taken_port_is_usage(run, monkeypatch):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = run("dashboard", "--port", port, "--no-server", "--no-browser")
    assert refused.exit_code == 2
    assert port in refused.stderr
