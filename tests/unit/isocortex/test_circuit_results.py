"""What a run keeps of a circuit for the graph is what the library says of it, or why not."""

from pathlib import Path

import pandas as pd
import pytest

import isocortex as ic
from analysis.circuit import Circuit
from analysis.motifs.four import four_node_census
from isocortex import circuit_results
from isocortex.circuit_results import keep
from schemas.graph import PARTICIPATION, RESULTS, SEVERAL
from store.results import Results
from tests.circuits_made import random_tables

KINDS = {kind.analysis: kind for kind in circuit_results.circuit_results()}


@pytest.fixture(scope="module")
def circuit():
    made = random_tables(n=24, m=130, seed=5)
    return Circuit.from_tables(
        "made/all", made.neurons, made.connections, attributes={"dataset": "made"}
    )


def one_class(circuit):
    neurons = circuit.neurons.assign(cell_class="basket")
    edges = pd.DataFrame(
        {
            "pre": circuit.neuron_ids[circuit.sources()],
            "post": circuit.neuron_ids[circuit.indices],
            "weight": 1,
        }
    )
    return Circuit.from_tables("made/one", neurons, edges)


def test_all_kinds_are_of_the_graph():
    assert {*KINDS, "motif-census"} == set(RESULTS) - set(SEVERAL)


def test_typed_triads(circuit):
    record, table = keep(KINDS["typed-triads"], circuit, "v")
    assert record.refused is None
    census = ic.by_class(circuit)
    for motif, rows in table.groupby("motif"):
        found = [((r.a, r.b, r.c), r.count) for r in rows.to_records()]
        assert found == census.named(motif)
    assert table["count"].sum() == 24 * 23 * 22 // 6


def test_motifs_of_four(circuit):
    _, table = keep(KINDS["four-node-census"], circuit, "v")
    census = four_node_census(circuit)
    assert dict(zip(table["code"], table["count"], strict=True)) == census.counts
    assert len(table) == 218
    assert set(table["method"]) == {"exact"}
    assert table["se"].isna().all()
    drawn = table.set_index("code")["edges"]
    assert drawn[0] == ""
    assert drawn[1] == "0->1"
    assert drawn[max(drawn.index)].count("->") == 12


def test_statistics(circuit):
    _, table = keep(KINDS["circuit-statistics"], circuit, "v")
    found = ic.describe(circuit, seed=0)
    there = table[table["refused"] == ""]
    columns = ["statistic", "of", "value", "standard_error", "expected", "why"]
    pd.testing.assert_frame_equal(there[columns].reset_index(drop=True), found[columns])
    facts = table.set_index("statistic")
    assert facts["doi"]["modularity"].iloc[0].startswith("10.")
    assert table["definition"].str.len().min() > 20


def test_what_takes_long_is_left_out_with_the_reason(circuit, monkeypatch):
    monkeypatch.setattr(circuit_results, "STATISTIC_SECONDS", 0.0)
    (kind,) = [k for k in circuit_results.circuit_results() if k.analysis == "circuit-statistics"]
    assert kind.parameters == {"seconds": 0.0}
    _, table = keep(kind, circuit, "v")
    left = table[table["refused"] != ""]
    assert len(left) > 10
    assert left["value"].isna().all()
    assert left["refused"].str.contains("would take about").all()


def test_participation(circuit):
    _, table = keep(KINDS["participation"], circuit, "v")
    roles = ic.participation(circuit)
    assert table["neuron_id"].tolist() == roles["bodyId"].tolist()
    for motif in PARTICIPATION:
        columns = [name for name in roles if name.startswith(f"{motif}:")]
        assert table[motif].tolist() == roles[columns].sum(axis=1).tolist()


def test_large_circuits_have_no_participation_in_the_graph(circuit, monkeypatch):
    monkeypatch.setattr(circuit_results, "MOST_NEURONS", 23)
    record, table = keep(KINDS["participation"], circuit, "v")
    assert table.empty
    assert "has 24 neurons, and up to 23 go into the graph" in record.refused


def test_a_refusal_is_kept_like_a_result(circuit, tmp_path, monkeypatch):
    results, one = Results(tmp_path), one_class(circuit)
    kind = KINDS["typed-triads"]
    record, _ = keep(kind, one, "v", results=results)
    assert record.refused == "typed triads: all neurons of made/one are of one class, basket"
    monkeypatch.setattr(ic.library, "by_class", None)  # to be called is to fail
    again, table = keep(kind, one, "v", results=results)
    assert again == record
    assert table.empty


@pytest.mark.parametrize("analysis", KINDS)
def test_results_are_computed_once(circuit, tmp_path, analysis):
    results, kind = Results(tmp_path), KINDS[analysis]
    record, table = keep(kind, circuit, "v", 4, results)
    again, same = keep(kind, circuit, "v", 4, results)
    assert again.created == record.created
    assert again.seconds == record.seconds
    pd.testing.assert_frame_equal(same, table)
    assert kind.work("made/all", "v", 5).key != record.key
    assert kind.work("made/all", "w", 4).key != record.key


def test_seconds_of_motifs_of_four_bound_what_auto_begins():
    made = random_tables(n=2_001, m=6_000, seed=2)
    circuit = Circuit.from_tables("made/large", made.neurons, made.connections)
    assert four_node_census(circuit).method == "exact"
    found = four_node_census(circuit, seconds=0.0, sets=20_000)
    assert found.method == "sampled"
    assert max(found.errors.values()) > 0


def test_limits_are_those_of_the_documentation():
    page = (Path(__file__).parents[3] / "docs" / "cli.md").read_text()
    for kind in KINDS:
        assert f"| `{kind}` |" in page
    assert f"above {circuit_results.MOST_NEURONS:,} neurons" in page
    assert f"exact up to an estimated {circuit_results.FOUR_SECONDS:.0f} s" in page
    assert f"more than {circuit_results.STATISTIC_SECONDS} s" in page
