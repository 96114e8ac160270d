"""`isocortex robustness`: levels are results of their own, the document keeps its shape."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

import isocortex
from analysis.motifs import MAN
from isocortex.cli import app
from isocortex.error_curves import CORRECTION, CURVE, Question, Rates, answer, levels_of
from isocortex.measure import Parameters, measure
from isocortex.operations import write_results
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.errors import UsageError
from tests.circuits_made import publish, random_tables

QUICK = Question("reciprocal", levels=(0.0, 0.2), draws=2, samples=10)
FIGURE = {"value": 0.9, "source": "made"}


@pytest.fixture
def workspace(monkeypatch, tmp_path):
    """A home with one circuit whose manifest states a recall and a precision."""
    for name in ("NEO4J_URI", "ISOCORTEX_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ISOCORTEX_HOME", str(tmp_path / "home"))
    made = Workspace(Settings.from_environment())
    errors = {"recall": FIGURE, "precision": FIGURE | {"value": 0.99}}
    publish(made.lake, random_tables(30, 200), errors=errors)
    publish(made.lake, random_tables(30, 200, seed=2), "plain")
    return made


def run(*arguments: str):
    return CliRunner().invoke(app, ["robustness", *arguments])


@pytest.mark.parametrize(
    ("text", "wanted"), [("0,.05,.1", (0, 0.05, 0.1)), (".2, 0 ,.2", (0, 0.2)), ("3", (3,))]
)
def test_levels(text, wanted):
    assert levels_of(text) == wanted


@pytest.mark.parametrize("text", ["", ",", "a", "nan", "0,inf"])
def test_no_levels(text):
    with pytest.raises(UsageError, match="level"):
        levels_of(text)


def test_every_level_is_kept_and_a_further_one_costs_only_itself(workspace):
    circuit = workspace.circuit("made/all")
    first = answer(workspace, circuit, QUICK)
    assert len(workspace.results.find("made/all", CURVE)) == 2
    assert len(workspace.results.find("made/all", CORRECTION)) == 1
    created = {record.key: record for record, _ in first.curve}
    more = Question("reciprocal", levels=(0.0, 0.1, 0.2), draws=2, samples=10)
    told = []
    second = answer(workspace, circuit, more, progress=lambda what, *_: told.append(what))
    assert set(told) == {"missed 0.1"}
    assert [record for record, _ in second.curve if record.key in created] == list(created.values())
    assert second.correction[0] == first.correction[0]
    other = Question("reciprocal", levels=(0.0,), draws=2, samples=10, seed=1)
    assert answer(workspace, circuit, other).curve[0][0].key not in created


def test_a_census_is_used_and_none_is_put_in_its_place(workspace):
    circuit = workspace.circuit("made/all")
    answer(workspace, circuit, QUICK)
    assert workspace.results.find("made/all", "motif-census") == []
    whole = measure(circuit, circuit.attributes["version"], Parameters(), workspace.results)[1]
    rows = whole[(whole["null"] == "reciprocal") & (whole["ensemble"] == "hard")]
    table = answer(workspace, circuit, QUICK, Rates(miss=0.1)).correction[1]
    assert table["raw"].to_numpy() == pytest.approx(rows["log_ratio"].to_numpy(), nan_ok=True)


def test_own_errors_come_from_the_manifest_unless_said(workspace):
    circuit = workspace.circuit("made/all")
    stated = answer(workspace, circuit, QUICK).stated
    assert 0 < stated.miss < 0.1
    assert 0 < stated.spurious_share < 0.1
    said = answer(workspace, circuit, QUICK, Rates(recall=0.8)).stated
    assert said.miss > stated.miss
    assert said.spurious_share == stated.spurious_share
    assert answer(workspace, circuit, QUICK, Rates(miss=0.15)).stated.miss == 0.15
    plain = answer(workspace, workspace.circuit("plain/all"), QUICK)
    assert (plain.stated, plain.correction) == (None, None)


def test_document(workspace):
    shown = run("made", "--null", "degree", "--levels", "0,.3", "--draws", "2", "--samples", "10",
                "--json")  # fmt: skip
    assert shown.exit_code == 0, shown.stderr
    document = json.loads(shown.stdout)
    assert document["format"] == "isocortex.robustness/1"
    assert (document["null"], document["ensemble"], document["error"]) == (
        "degree", "hard", "missed",
    )  # fmt: skip
    assert [level["level"] for level in document["levels"]] == [0, 0.3]
    assert [level["claim"] for level in document["levels"]] == [True, False]
    assert list(document["levels"][0]["triads"]) == list(MAN)
    assert document["corrected"]["by"] == "simex"
    row = document["corrected"]["triads"]["021C"]
    assert row["claim"]
    assert row["corrected"] == pytest.approx(row["raw"] + row["shift"])
    assert row["inflation"] >= 1
    effects = isocortex.census("made", nulls=["degree"])
    raw = effects[effects["ensemble"] == "hard"].set_index("motif").loc["021C"]
    spread = np.hypot(raw["se"] * row["inflation"], np.hypot(row["mc_sd"], row["rate_sd"]))
    assert row["se"] == pytest.approx(spread)
    assert row["low"] < row["corrected"] < row["high"]
    assert [record["analysis"] for record in document["provenance"]] == [CURVE, CURVE, CORRECTION]


def test_terminal_says_what_holds_and_what_does_not(workspace):
    given = ("made", "--null", "degree", "--levels", "0,.3", "--draws", "2", "--samples", "10")
    shown = run(*given).stdout
    assert "0.3 (no claim)" in shown
    assert "synapse recall 0.9" in shown
    assert "SIMEX" in shown
    assert "Not corrected: 25.0% of the connections missed" in run(*given, "--miss", ".25").stdout
    assert "none stated" in run("plain", "--levels", "0", "--draws", "2").stdout


def test_file_of_ones_own(workspace, tmp_path):
    rng = np.random.default_rng(4)
    edges = {(int(a), int(b)) for a, b in rng.integers(0, 20, (150, 2)) if a != b}
    path = tmp_path / "edges.csv"
    path.write_text("pre,post\n" + "".join(f"{a},{b}\n" for a, b in edges))
    given = (str(path), "--levels", "0,.2", "--draws", "2", "--samples", "10")
    document = json.loads(run(*given, "--miss", ".1", "--json").stdout)
    assert document["corrected"]["by"] == "none"
    assert workspace.results.find() == []
    refused = run(*given, "--error", "truncation", "--json")
    assert refused.exit_code == 2
    assert "soma position" in json.loads(refused.stderr)["message"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--null", "block"), "not studied"),
        (("--error", "nonsense"), "no error is called"),
        (("--levels", "0,2"), "no level"),
        (("--error", "threshold", "--levels", "1.5"), "whole number"),
        (("--miss", "2"), "between 0 and 1"),
        (("--miss", "1"), "nothing can be said"),
        (("--miss", ".1", "--recall", ".9"), "one or the other"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_read(workspace, arguments, said):
    refused = run("nothing", *arguments)
    assert refused.exit_code == 2
    assert said in " ".join(refused.stderr.split())


def test_the_newest_of_each_level_goes_into_the_graph(workspace):
    """Levels stand beside each other; of one that was asked for again the newest."""

    class Graph:
        def projected_results(self):
            return set()

        def circuits(self):
            return {"made/all": workspace.lake.latest("made"), "plain/all": "another"}

        def write_results(self, pairs, progress):
            self.keys = {record.key for record, _ in pairs}
            self.written = [(one.analysis, one.parameters.get("level")) for one, _ in pairs]

    circuit = workspace.circuit("made/all")
    measure(circuit, circuit.attributes["version"], Parameters(("er",)), workspace.results)
    answer(workspace, circuit, QUICK)
    beside = workspace.circuit("plain/all")  # of which the graph holds another version
    answer(workspace, beside, replace(QUICK, levels=(0.0,)))
    for number, record in enumerate(workspace.results.find("made/all", CURVE)):
        again = record.model_copy(
            update={"key": f"{number}" * 64, "created": "2000-01-01T00:00:00"}
        )
        workspace.results.put(again, workspace.results.get(record.key)[1])
    graph = Graph()
    write_results(workspace, graph)
    curves = [(CURVE, 0.0), (CURVE, 0.2), (CORRECTION, None)]
    assert sorted(graph.written, key=str) == sorted([*curves, ("motif-census", None)], key=str)
    assert not graph.keys & {"0" * 64, "1" * 64}
    write_results(workspace, graph, analyses=[CURVE])
    assert sorted(graph.written) == curves[:2]


def test_library(workspace):
    table = isocortex.robustness("made", null="er", levels=[0.2, 0], draws=2, miss=0.1)
    assert table["level"].unique().tolist() == [0.0, 0.2]
    assert table.attrs["stated"]["miss"] == 0.1
    assert {row["by"] for row in table.attrs["corrected"]} == {"kernel"}
    assert isocortex.robustness("plain", levels=[0], draws=2).attrs["corrected"] is None
