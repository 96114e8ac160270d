"""`describe` and `statistics`: the command, the library, what is kept."""

import json
import math

import networkx as nx
import numpy as np
import pytest
from typer.testing import CliRunner

import isocortex
from analysis.statistics import LIMIT, QUICK, TooCostly, statistics
from isocortex.cli import app
from isocortex.describing import ANALYSIS, COLUMNS, describe
from store.lake import Lake
from store.results import Results
from tests.circuits_made import publish, random_tables
from tests.unit.analysis.graphs import heavy


@pytest.fixture
def home(monkeypatch, tmp_path):
    for name in ("NEO4J_URI", "ISOCORTEX_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ISOCORTEX_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def run(home):
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


@pytest.fixture
def edges(tmp_path):
    rng = np.random.default_rng(1)
    pairs = sorted({(int(a), int(b)) for a, b in rng.integers(0, 25, (150, 2)) if a != b})
    path = tmp_path / "edges.csv"
    path.write_text("pre,post\n" + "".join(f"{a},{b}\n" for a, b in pairs))
    return path, pairs


def test_document_of_a_file(run, edges, home):
    path, pairs = edges
    shown = run("describe", str(path), "--json")
    assert shown.exit_code == 0
    document = json.loads(shown.stdout)
    assert document["format"] == "isocortex.describe/1"
    assert document["connections"] == len(pairs)
    assert set(document["statistics"]) == set(statistics()) - {"distance_dependence"}
    assert "no soma position" in document["not_available"]["distance_dependence"]["reason"]
    assert "soma_x" in document["not_available"]["distance_dependence"]["remedy"]
    clustering = document["statistics"]["clustering"]
    assert clustering["doi"] == "10.1103/PhysRevE.76.026107"
    assert clustering["expected_by"] == "er"
    first = clustering["values"][0]
    assert first["of"] == "all"
    assert first["value"] == pytest.approx(nx.average_clustering(nx.DiGraph(pairs)))
    assert first["standard_error"] > 0
    density = document["statistics"]["density"]
    assert density["expected_by"] is None
    assert density["values"][0]["expected"] is None
    assert document["provenance"]["analysis"] == ANALYSIS
    assert not home.exists()


def test_what_is_asked_for_by_name_is_all_there_is(run, edges):
    given = ("--statistic", "simple_cycles", "--statistic", "density", "--json")
    document = json.loads(run("describe", str(edges[0]), *given).stdout)
    assert list(document["statistics"]) == ["simple_cycles", "density"]
    assert document["not_available"] == {}
    again = json.loads(run("describe", str(edges[0]), *given, "--seed", "1").stdout)
    assert again["statistics"]["density"] == document["statistics"]["density"]
    assert again["statistics"]["simple_cycles"] != document["statistics"]["simple_cycles"]


def test_table_of_a_file(run, edges):
    shown = run("describe", str(edges[0]))
    assert shown.exit_code == 0
    for name, one in statistics().items():
        if name != "distance_dependence":
            assert f"{name} {one.meaning}" in shown.stdout
    assert "±" in shown.stdout
    assert "distance_dependence: not computed: 25 of 25 neurons" in shown.stdout
    assert "Without an error: " in shown.stdout


def test_refused_by_name_is_an_error(run, edges):
    refused = run("describe", str(edges[0]), "--statistic", "distance_dependence")
    assert refused.exit_code == 2
    assert "no soma position" in refused.stderr
    unknown = run("describe", str(edges[0]), "--statistic", "beauty", "--json")
    assert unknown.exit_code == 2
    assert "modularity" in json.loads(unknown.stderr)["remedy"]


def test_slow_ones_wait_to_be_asked_for(monkeypatch):
    one = statistics()["clustering"]
    circuit = heavy(40, 1)
    monkeypatch.setattr(type(one), "check", _as_if_slow(type(one).check, QUICK + 1))
    found = describe(circuit, "")
    assert "clustering" not in set(found.values["statistic"])
    assert found.missing["clustering"].message == "Clustering: heavy would take about 11 s"
    assert "--statistic clustering" in found.missing["clustering"].remedy
    assert set(describe(circuit, "", ["clustering"]).values["statistic"]) == {"clustering"}


def test_endless_ones_are_refused_even_by_name(monkeypatch):
    one = statistics()["clustering"]
    monkeypatch.setattr(type(one), "check", _as_if_slow(type(one).check, 10 * LIMIT))
    with pytest.raises(TooCostly, match="would take about 5 h") as refused:
        describe(heavy(40, 1), "", ["clustering"])
    assert refused.value.remedy == "cut a smaller circuit"


def _as_if_slow(check, seconds):
    """Let `clustering` claim that it takes that long."""
    from dataclasses import replace

    def slow(self, circuit, limit=LIMIT):
        if self.name != "clustering":
            return check(self, circuit, limit)
        return check(replace(self, cost=lambda _: seconds), circuit, limit)

    return slow


def test_results_of_the_lake_are_kept_and_found(run, home):
    lake = Lake(home / "lake")
    publish(lake, random_tables(40, 300))
    first = json.loads(run("describe", "made", "--json").stdout)
    again = json.loads(run("describe", "made", "--json").stdout)
    assert again == first  # the moment of computing too: it was not computed again
    assert first["provenance"]["version"]
    (record,) = Results(home / "lake").find(analysis=ANALYSIS)
    assert record.parameters == {"statistics": list(first["statistics"])}
    assert "distance_dependence" in first["statistics"]
    # A census of the same circuit is another result.
    assert run("census", "made", "--json").exit_code == 0
    assert len(Results(home / "lake").find()) == 2


@pytest.mark.usefixtures("home")
def test_library(edges):
    found = isocortex.describe(edges[0])
    assert tuple(found.columns) == COLUMNS
    assert list(found.attrs["not_available"]) == ["distance_dependence"]
    one = isocortex.describe(edges[0], "density")
    assert len(one) == 1
    assert one.loc[0, "value"] == pytest.approx(len(edges[1]) / (25 * 24))
    assert math.isfinite(one.loc[0, "standard_error"])
    assert callable(isocortex.describe)  # no module of that name takes its place
    two = isocortex.describe(heavy(30, 1), ["clustering", "reciprocity"])
    assert list(two["statistic"].unique()) == ["clustering", "reciprocity"]
    with pytest.raises(Exception, match="no statistic is given"):
        isocortex.describe(heavy(30, 1), [])


def test_registry_is_listed(run):
    rows = json.loads(run("statistics", "--json").stdout)
    assert [row["name"] for row in rows] == list(statistics())
    assert all(row["doi"].startswith("10.") and row["definition"] for row in rows)
    shown = run("statistics").stdout
    for name, one in statistics().items():
        assert name in shown
        assert one.doi in shown
