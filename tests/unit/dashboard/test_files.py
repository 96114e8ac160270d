"""What leaves the dashboard as a file comes back as it was."""

import io
import json

import networkx as nx
import pandas as pd
import pytest

from dashboard import chosen
from dashboard.views.rows import as_csv, as_json, exact, frame

BIG = 864691134875730426


def test_graphml_round_trip(circuit):
    graph = nx.read_graphml(io.BytesIO(chosen.graphml(circuit)), node_type=int)
    assert set(graph.nodes) == set(circuit.neuron_ids.tolist())
    edges = {(a, b): w for a, b, w in graph.edges(data="weight")}
    pre, post, weight = (circuit.to_pandas()[1][c].tolist() for c in ("pre", "post", "weight"))
    assert edges == dict(zip(zip(pre, post, strict=True), weight, strict=True))
    facts = circuit.neurons.set_index("neuron_id")
    for body, given in graph.nodes(data=True):
        assert given["type"] == facts.loc[body, "type"]
        assert ("soma_x" in given) == bool(pd.notna(facts.loc[body, "soma_x"]))
        if "soma_x" in given:
            assert given["soma_x"] == facts.loc[body, "soma_x"]
        assert "instance" not in given


def test_csv_keeps_ids_exact(circuit):
    neurons = pd.read_csv(io.StringIO(chosen.neurons_csv(circuit)))
    assert neurons["neuron_id"].tolist() == circuit.neuron_ids.tolist()
    connections = pd.read_csv(io.StringIO(chosen.connections_csv(circuit)))
    pd.testing.assert_frame_equal(connections, circuit.to_pandas()[1], check_dtype=False)


def test_choose_by_class_and_size(circuit):
    part, left_out = chosen.choose(circuit, column="polarity", wanted=["excitatory"], most=10)
    assert part.n == 10
    total = (circuit.neurons["polarity"] == "excitatory").sum()
    assert left_out == total - 10
    assert set(part.neurons["polarity"]) == {"excitatory"}
    out, inn = chosen.degrees(circuit)
    both = pd.Series(out + inn, index=circuit.neuron_ids)
    excitatory = both[(circuit.neurons["polarity"] == "excitatory").to_numpy()]
    assert both[part.neuron_ids].min() >= excitatory.nlargest(10).min()


def test_choose_missing_values_and_groupings(circuit):
    assert chosen.groupings(circuit.neurons) == ["cell_class", "type", "polarity"]
    part, _ = chosen.choose(circuit, column="cell_class", wanted=[chosen.MISSING], most=300)
    assert part.neurons["cell_class"].isna().all()
    assert part.n == circuit.neurons["cell_class"].isna().sum()


def test_choose_around_a_cell(circuit):
    body = int(circuit.neuron_ids[5])
    part, left_out = chosen.choose(circuit, around=body, most=300)
    connections = circuit.to_pandas()[1]
    partners = set(connections.loc[connections["pre"] == body, "post"])
    partners |= set(connections.loc[connections["post"] == body, "pre"])
    assert set(part.neuron_ids.tolist()) == partners | {body}
    assert left_out == 0
    few, left_out = chosen.choose(circuit, around=body, most=5)
    assert body in few.neuron_ids
    assert left_out == len(partners) + 1 - 5


def test_rows_stay_exact_for_the_browser():
    shown = frame(["id", "n", "x", "what", "id"], [[BIG, 1, 0.5, {"a": [1]}, None]])
    assert shown["id"].tolist() == [str(BIG)], "a browser would round it"
    assert shown["n"].tolist() == [1]
    assert shown["what"].tolist() == ['{"a": [1]}']
    assert list(shown.columns) == ["id", "n", "x", "what", "id (2)"]
    assert frame(["a"], []).empty
    table = exact(pd.DataFrame({"id": [BIG, 3], "n": [1, 2]}))
    assert table["id"].tolist() == [str(BIG), "3"]
    assert table["n"].tolist() == [1, 2]


@pytest.mark.parametrize("value", [BIG, None, "text, with comma", [1, 2], {"a": BIG}, 0.25])
def test_files_of_rows(value):
    document = json.loads(as_json(["a"], [[value]], False))
    assert document == {"columns": ["a"], "rows": [[value]], "truncated": False}
    back = pd.read_csv(
        io.StringIO(as_csv(["a", "b"], [[value, 1]])), dtype=str, keep_default_na=False
    )
    cell = back["a"].iloc[0]
    expected = json.dumps(value) if isinstance(value, list | dict) else value
    assert cell == ("" if value is None else str(expected))
