"""`isocortex census --weighted`: which weights are taken, and how they are told."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from isocortex import weighting
from isocortex.cli import app
from isocortex.library import load_circuit
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.errors import UsageError

# 1→2→3, 1→3 with weights 1, 2, 4; 3→4 alone
EDGES = "pre,post,weight\n1,2,1\n2,3,2\n1,3,4\n3,4,2\n"
TYPES = "neuron_id,type\n1,E\n2,I\n3,E\n4,I\n"


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("ISOCORTEX_HOME", str(tmp_path / "home"))
    (tmp_path / "edges.csv").write_text(EDGES)
    (tmp_path / "neurons.csv").write_text(TYPES)
    given = ["census", str(tmp_path / "edges.csv"), "--neurons", str(tmp_path / "neurons.csv")]
    given += ["--nulls", "er", "--weighted", "--samples", "20"]
    return lambda *more: CliRunner().invoke(app, [*given, *more])


def test_json(run):
    told = json.loads(run("--json").stdout)["weighted"]
    assert {name: told[name] for name in ("weights", "null", "within", "samples", "seed")} == {
        "weights": "synapse_count", "null": "weights_shuffled", "within": None,
        "samples": 20, "seed": 0,
    }  # fmt: skip
    loop = told["triads"]["030T"]
    assert loop["count"] == 1
    assert loop["intensity"] == loop["mean_intensity"] == pytest.approx(2)
    assert loop["coherence"] == pytest.approx(2 / (7 / 3))
    assert 1 / 21 <= loop["p"] <= 1
    assert told["triads"]["300"] == {
        "count": 0, "intensity": 0, "mean_intensity": None, "coherence": None,
        "expected": None, "sd": None, "z": None, "p": None,
    }  # fmt: skip


def test_what_people_see(run):
    shown = " ".join(run().stdout.split())
    assert "weights: synapse_count" in shown
    assert "anew among all connections" in shown
    shown = " ".join(run("--within", "type").stdout.split())
    assert "anew among connections between the same type" in shown


def test_a_file_without_weights_is_refused(run, tmp_path):
    (tmp_path / "edges.csv").write_text("pre,post\n1,2\n2,3\n1,3\n")
    refused = run()
    assert refused.exit_code == 2
    assert "have the same weight" in refused.stderr or "has no weights" in refused.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--within", "nothing"), "have no column 'nothing'"),
        (("--measure", "size"), "measures of a file are read when it is ingested"),
    ],
)
def test_refusals(run, given, said):
    refused = run(*given)
    assert refused.exit_code == 2
    assert said in " ".join(refused.stderr.split())


@pytest.fixture
def workspace(monkeypatch, tmp_path):
    """Return a lake with one dataset whose connections have a size beside their weight."""
    from ingest.job import prepare_understood
    from ingest.own import understand

    monkeypatch.setenv("ISOCORTEX_HOME", str(tmp_path / "home"))
    path = tmp_path / "sized.csv"
    path.write_text("pre,post,weight,size\n3,4,2,0.5\n1,2,1,4\n2,3,2,2\n1,3,4,1\n")
    manifest, known = understand(path, None)
    manifest, prepared = prepare_understood(manifest, known)
    made = Workspace(Settings.from_environment())
    made.lake.publish(
        manifest,
        prepared.tables,
        sources=prepared.sources,
        reader=prepared.reader,
        code_version="test",
    )
    return made


def test_a_measure_keeps_its_name(workspace):
    circuit = load_circuit(workspace, "sized", None)
    values = weighting._measured(workspace, circuit, "size")
    assert values.tolist() == [4, 1, 2, 0.5]
    weighed = weighting.weigh(workspace, circuit, weighting.Weighting("size", samples=5))
    assert weighed.weights == "size"
    rows = weighed.triads.set_index("motif")
    assert rows.loc["030T", "intensity"] == pytest.approx(2)
    with pytest.raises(UsageError, match="have no measure 'volume'"):
        weighting.weigh(workspace, circuit, weighting.Weighting("volume"))


def test_a_binary_circuit_has_no_weights(workspace):
    circuit = load_circuit(workspace, "sized", None)
    binary = type(circuit).from_edges(
        "binary", 3, np.array([0, 1]), np.array([1, 2]), attributes={"weight": "binary"}
    )
    with pytest.raises(UsageError, match="binary has no weights"):
        weighting.weigh(workspace, binary, weighting.Weighting())
