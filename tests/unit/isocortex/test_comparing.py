"""`isocortex compare`: claims about the circuits that are given, and about no others."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import isocortex
from analysis.circuit import Circuit
from analysis.frame import Frame, FrameError
from analysis.invariants import Claim
from isocortex.cli import app
from isocortex.comparing import Question, compare_circuits, document
from isocortex.measure import ANALYSIS, Parameters, measure
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.errors import UsageError
from tests.circuits_made import publish, random_tables

QUICK = Question(samples=20)
FAST = ("--samples", "20")


@pytest.fixture
def workspace(monkeypatch, tmp_path):
    """A home with three circuits, two of one animal and one of another evidence."""
    for name in ("NEO4J_URI", "ISOCORTEX_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ISOCORTEX_HOME", str(tmp_path / "home"))
    made = Workspace(Settings.from_environment())
    publish(made.lake, random_tables(60, 500), "one")
    publish(made.lake, random_tables(60, 520, seed=2), "two")
    other = {"species": "mouse", "name": "another"}
    publish(made.lake, random_tables(60, 480, seed=3), "model", evidence="model", individual=other)
    return made


def run(*arguments: str):
    return CliRunner().invoke(app, ["compare", *arguments])


def test_document(workspace):
    told = run("one", "two", *FAST, "--json")
    assert told.exit_code == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["format"] == "isocortex.compare/1"
    assert (found["scope"], found["unit"], found["margin"]) == ("set", "circuit", 1.25)
    assert (found["null"], found["ensemble"]) == ("reciprocal", "hard")
    assert "these 2 circuits and no others" in found["claim"]
    assert found["confounded"] is False
    assert "one individual (one)" in found["warnings"][0]
    assert [one["circuit"] for one in found["circuits"]] == ["one/all", "two/all"]
    assert len(found["triads"]) == 13
    loop = found["triads"]["030T"]
    assert set(loop) == {
        *("verdict", "p_inv", "p_div", "q_inv", "q_div", "smallest_margin", "mde", "reason"),
        "circuits",
    }
    assert loop["mde"] > 1.25
    assert set(loop["circuits"][0]) == {"circuit", "observed", "log_ratio", "se", "df", "rule"}
    rare = found["triads"]["300"]
    assert rare["verdict"] == "UNDETERMINED"
    assert rare["p_inv"] is None
    assert "fewer than 10" in rare["reason"]


def test_effects_are_those_of_the_census(workspace):
    """Hard ones, found where `census` left them, and left where it finds them."""
    circuits = [workspace.circuit(name) for name in ("one", "two")]
    parameters = Parameters(hard_samples=20)
    first = circuits[0]
    record, effects, _ = measure(first, first.attributes["version"], parameters, workspace.results)
    found = compare_circuits(workspace, circuits, QUICK)
    assert found.records[0] == record
    rows = effects[(effects["null"] == "reciprocal") & (effects["ensemble"] == "hard")]
    rows = rows.set_index("motif")
    for motif, verdict in found.verdicts.items():
        for name, values in (("log_ratio", "effects"), ("se", "se"), ("df", "df")):
            ours = getattr(verdict.estimates, values)[0]
            assert ours == pytest.approx(rows.loc[motif, name], nan_ok=True)
    assert len(workspace.results.find("two/all", ANALYSIS)) == 1
    other = circuits[1]
    again = measure(other, other.attributes["version"], parameters, workspace.results)
    assert again[2] is False


def test_verdicts_are_kept_whatever_the_order(workspace):
    circuits = [workspace.circuit(name) for name in ("two", "one")]
    found = compare_circuits(workspace, circuits, QUICK)
    (record,) = workspace.results.find(analysis="comparison")
    assert record.parameters["circuits"] == ["one/all", "two/all"]
    assert record.parameters["versions"] == [workspace.lake.latest(n) for n in ("one", "two")]
    assert (record.parameters["margin"], record.parameters["scope"]) == (1.25, "set")
    _, table = workspace.results.get(record.key)
    assert table["motif"].tolist() == list(found.verdicts)
    for row in table.to_dict("records"):
        verdict = found.verdicts[row["motif"]]
        assert row["verdict"] == verdict.claim.value
        assert row["p_inv"] == pytest.approx(verdict.p_inv, nan_ok=True)
        assert row["mde"] == pytest.approx(math.exp(verdict.mde), nan_ok=True)
        given = verdict.estimates
        assert row["se:two/all"] == pytest.approx(given.se[0], nan_ok=True)
        assert row["observed:one/all"] == given.observed[1]
    compare_circuits(workspace, circuits[::-1], QUICK)
    assert workspace.results.find(analysis="comparison") == [record]
    compare_circuits(workspace, circuits, replace(QUICK, margin=1.5))
    assert len(workspace.results.find(analysis="comparison")) == 2
    made = random_tables(60, 500, seed=4)
    of_file = Circuit.from_tables("file", made.neurons, made.connections)
    compare_circuits(workspace, [circuits[0], of_file], QUICK)
    assert len(workspace.results.find(analysis="comparison")) == 2


def test_evidence_of_two_kinds_is_confounded(workspace):
    circuits = [workspace.circuit(name) for name in ("one", "model")]
    found = compare_circuits(workspace, circuits, QUICK)
    assert found.confounded is True
    assert "simulated, model" in found.warnings[0]
    assert document(found)["confounded"] is True
    shown = run("one", "model", *FAST).stdout
    assert shown.splitlines()[0].startswith("Claims are about these 2 circuits and no others")
    assert shown.splitlines()[1].startswith("! confounded")
    assert "one individual" not in shown


def test_table_in_the_terminal(workspace):
    shown = run("one", "two", "model", *FAST, "--null", "degree").stdout
    assert "log₂(obs/exp) ± SE, degree (hard)" in shown
    row = next(line for line in shown.splitlines() if line.strip().startswith("021D"))
    assert row.count("±") == 3
    assert "! one/all, two/all are of one individual (one)" in shown
    assert any(claim in row for claim in Claim)
    assert "All 13 triads together: UNDETERMINED" in shown
    assert "comparable beyond reciprocal only" in shown


def test_library(workspace):
    table = isocortex.compare(["one", workspace.circuit("two")], margin=4, samples=20)
    assert table["motif"].tolist()[:2] == ["021D", "021U"]
    assert (table["verdict"] == "INVARIANT").sum() >= 5
    assert table.attrs["margin"] == 4
    assert table.attrs["whole_spectrum"] == "UNDETERMINED"  # 300 is too rare
    assert "log_ratio:two/all" in table
    with pytest.raises(UsageError, match="one circuit is given"):
        isocortex.compare("one")


def test_a_difference_is_found(workspace, tmp_path):
    """A circuit of feed-forward triads against a random one of the same size."""
    rng = np.random.default_rng(0)
    order = rng.permutation(60)
    pre, post = np.nonzero(rng.random((60, 60)) < 0.3)
    keep = order[pre] < order[post]
    feed = Circuit.from_edges("feed", 60, pre[keep], post[keep])
    found = compare_circuits(
        workspace, [feed, workspace.circuit("one")], Question(null="er", samples=20)
    )
    cycle = found.verdicts["030T"]
    assert cycle.claim is Claim.DIVERGENT
    assert "feed and one/all differ by more than ×1.25" in cycle.reason
    assert found.question.ensemble == "canonical"
    assert found.confounded is None
    assert "evidence of feed is not known" in found.warnings[0]
    assert found.whole is Claim.DIVERGENT


def test_files_of_one_name_are_told_apart(workspace, tmp_path):
    rng = np.random.default_rng(1)
    paths = []
    for place in ("a", "b"):
        folder = tmp_path / place
        folder.mkdir()
        pairs = rng.integers(0, 40, (300, 2))
        edges = pd.DataFrame(pairs[pairs[:, 0] != pairs[:, 1]], columns=["pre", "post"])
        edges.drop_duplicates().to_csv(folder / "edges.csv", index=False)
        paths.append(str(folder / "edges.csv"))
    told = run(*paths, *FAST, "--json")
    found = json.loads(told.stdout)
    assert [one["circuit"] for one in found["circuits"]] == paths
    assert workspace.results.find() == []
    (tmp_path / "c.csv").write_bytes((tmp_path / "a" / "edges.csv").read_bytes())
    twice = run(paths[0], str(tmp_path / "c.csv"), "--json")
    assert twice.exit_code == 2
    assert "are the same circuit" in json.loads(twice.stderr)["message"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing", "other", "--margin", "1"), "a ratio above 1"),
        (("nothing", "other", "--margin", "nan"), "a ratio above 1"),
        (("nothing", "other", "--null", "nonsense"), "no null is called"),
        (("nothing", "other", "--null", "er,degree"), "one null at a time"),
        (("nothing", "other", "--null", "ladder"), "one null at a time"),
        (("one",), "nothing to compare"),
        (("one", "one/all"), "are the same circuit"),
        (("one", "two", "--hard-limit", "50"), "--hard-limit 60"),
    ],
)
def test_wrong_usage(workspace, arguments, said):
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert said in " ".join(refused.stderr.split())
    assert workspace.results.find() == []


def test_circuits_that_share_neurons_are_refused(workspace):
    whole = workspace.circuit("one")
    part = whole.subset(np.arange(60) < 40, "part")
    with pytest.raises(UsageError, match="share 40 neurons"):
        compare_circuits(workspace, [whole, part], QUICK)
    rest = whole.subset(np.arange(60) >= 40, "rest")
    found = compare_circuits(workspace, [part, rest], QUICK)
    assert all(math.isfinite(v.margin) for v in found.verdicts.values())


def test_tested_pairs_have_no_hard_effects(workspace):
    pre, post = np.nonzero(~np.eye(6, dtype=bool))
    tested = Circuit.from_edges(
        "tested", 6, pre[:12], post[:12], frame=Frame.of_pairs(6, pre[:20], post[:20])
    )
    with pytest.raises(FrameError, match="single pairs were tested"):
        compare_circuits(workspace, [workspace.circuit("one"), tested], QUICK)


def test_nulls_without_degrees_need_no_hard_ensemble(workspace):
    found = json.loads(
        run("one", "two", *FAST, "--hard-limit", "0", "--null", "er", "--json").stdout
    )
    assert found["ensemble"] == "canonical"
    assert found["triads"]["030T"]["circuits"][0]["se"] > 0
