"""`isocortex participation`: what a user types and what comes back."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import isocortex as ic
from analysis.circuit import Circuit
from analysis.frame import Frame
from isocortex.cli import app
from schemas.errors import UsageError

EDGES = "pre,post,weight\n11,12,1\n12,13,1\n11,13,2\n13,14,1\n14,13,5\n"  # 11→12→13, 11→13, 13↔14
TYPES = "neuron_id,type\n11,E\n12,I\n13,E\n14,I\n15,E\n"


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("ISOCORTEX_HOME", str(tmp_path / "home"))
    (tmp_path / "edges.csv").write_text(EDGES)
    (tmp_path / "neurons.csv").write_text(TYPES)
    given = ["participation", str(tmp_path / "edges.csv"), "--neurons"]
    given.append(str(tmp_path / "neurons.csv"))
    return lambda *more: CliRunner().invoke(app, [*given, *more])


def test_json_has_all_rows_the_most_involved_first(run):
    told = json.loads(run("--json").stdout)
    assert (told["format"], told["of"], told["size"]) == (
        "isocortex.participation/1", "neurons", 3,
    )  # fmt: skip
    assert told["neurons"] == len(told["rows"]) == 5
    assert len(told["columns"]) == 31
    rows = {row[0]: dict(zip(told["columns"], row, strict=True)) for row in told["rows"]}
    assert [row[0] for row in told["rows"]] == [13, 11, 12, 14, 15]
    assert {role: n for role, n in rows[13].items() if n} == {
        "bodyId": 13, "030T:target": 1, "111D:hub": 2,
    }  # fmt: skip
    assert {role: n for role, n in rows[15].items() if n} == {"bodyId": 15}


def test_one_triad_by_connection(run):
    told = json.loads(run("--json", "--by-connection", "--motif", "030T", "--top", "3").stdout)
    assert told["columns"] == [
        "pre", "post", "030T:source->relay", "030T:relay->target", "030T:source->target",
    ]  # fmt: skip
    assert told["connections"] == 5
    assert told["rows"] == [[11, 12, 1, 0, 0], [11, 13, 0, 0, 1], [12, 13, 0, 1, 0]]


def test_what_people_see(run):
    shown = run("--top", "2").stdout
    assert "030T" in shown
    assert "2 of 5 neurons, counted exactly" in " ".join(shown.split())
    shown = run("--motif", "111D", "--by-connection").stdout
    assert "111D:partner->hub" in shown
    assert "pre type" in shown


def test_motifs_of_four(run):
    told = json.loads(run("--size", "4", "--json").stdout)
    assert told["size"] == 4
    assert len(told["columns"]) == 200
    rows = {row[0]: row[1:] for row in told["rows"]}
    assert {neuron: sum(row) for neuron, row in rows.items()} == {
        11: 1, 12: 1, 13: 1, 14: 1, 15: 0,
    }  # fmt: skip
    code = told["columns"][1 + rows[11].index(1)]
    only = json.loads(run("--size", "4", "--motif", code, "--json").stdout)
    assert only["columns"] == ["bodyId", code]
    assert only["rows"] == [[11, 1], [12, 1], [13, 1], [14, 1], [15, 0]]
    shown = run("--size", "4").stdout
    assert "connected motifs of four" in shown
    assert "paw" in shown


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_files(run, tmp_path, suffix):
    path = tmp_path / f"table{suffix}"
    assert run("--output", str(path)).exit_code == 0
    table = pd.read_csv(path) if suffix == ".csv" else pd.read_parquet(path)
    assert table["bodyId"].tolist() == [13, 11, 12, 14, 15]
    assert table["030T:source"].sum() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--motif", "003"), "003 is no connected triad"),
        (("--size", "4", "--motif", "0"), "0 is the code of no connected motif"),
        (("--size", "4", "--by-connection"), "for neurons, not for connections"),
        (("--output", "table.txt"), "not known by its name"),
        (("--output", "nowhere/table.csv"), "cannot be written"),
        (("--output", "table.csv", "--json"), "contradict each other"),
    ],
)
def test_refusals(run, given, said):
    refused = run(*given)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert refused.stdout == ""


def test_library_tells_missing_from_none():
    frame = Frame(np.arange(5) < 4, np.ones(5, bool))
    circuit = Circuit.from_edges("x", 5, [0, 1, 0, 0], [1, 2, 2, 4], frame=frame)
    table = ic.participation(circuit)
    assert table["bodyId"].tolist() == [0, 1, 2, 3, 4]
    assert table.loc[3].drop("bodyId").eq(0).all()
    assert table.loc[4].drop("bodyId").isna().all()
    pairs = ic.participation(circuit, "connections", motifs=["030T"])
    assert pairs.iloc[:, 2:].sum().tolist() == [1, 1, 1]
    assert pairs["030T:source->target"].isna().sum() == 1
    with pytest.raises(UsageError, match="no participation of 'synapses'"):
        ic.participation(circuit, "synapses")
