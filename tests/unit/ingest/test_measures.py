"""Measures that are no numbers of synapses keep their names and are never taken for counts."""

import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.io

from ingest.measures import is_measure
from tests.reading import prepare_file


@pytest.mark.parametrize(
    ("column", "measured"),
    [("contact_area_um2", True), ("spine_vol_um3", True), ("size", True), ("syn_weight", True),
     ("conductance_nS", True), ("uepsp_mV", True), ("delay", True), ("distance_um", True),
     ("probability", True), ("ctr_pt_x_nm", False), ("pre_pos_z_vx", False), ("x_um", False),
     ("weight", False), ("roi", False), ("id", False), ("um2", False)],
)  # fmt: skip
def test_names(column, measured):
    assert is_measure(column) is measured


def test_beside_the_count_of_an_edge_list(tmp_path):
    path = tmp_path / "edges.csv"
    path.write_text("pre,post,contact_area_um2,delay\n1,2,.5,1\n1,2,.25,3\n2,1,,2\n1,1,9,9\n")
    manifest, prepared = prepare_file(path)
    edges = prepared.tables.connections
    assert edges["weight"].tolist() == [2, 1]
    assert edges["contact_area_um2"].tolist()[0] == 0.75  # areas add up
    assert np.isnan(edges["contact_area_um2"].tolist()[1])
    assert edges["delay"].tolist() == [2.0, 2.0]  # delays do not
    assert edges["contact_area_um2"].dtype == np.float64
    assert manifest.weight == "synapse_count"


def test_rows_that_repeat_no_pair_are_connections(tmp_path):
    (tmp_path / "edges.csv").write_text("pre,post,probability\n1,2,.5\n2,1,.1\n")
    manifest, prepared = prepare_file(tmp_path / "edges.csv")
    assert manifest.weight == "binary"
    assert prepared.tables.connections["probability"].tolist() == [0.5, 0.1]


@pytest.mark.parametrize(
    "weights", [[0.5, 2.0], [-1, 2], [3, 1e12 + 0.5], [0.5, 1]], ids=lambda w: str(w)
)
@pytest.mark.parametrize("kind", ["graphml", "json"])
def test_weights_of_a_graph_that_are_no_counts(tmp_path, weights, kind):
    graph = nx.DiGraph()
    graph.add_weighted_edges_from([(1, 2, weights[0]), (2, 1, weights[1])])
    path = tmp_path / f"g.{kind}"
    if kind == "graphml":
        nx.write_graphml(graph, path)
    else:
        path.write_text(json.dumps(nx.node_link_data(graph, edges="links")))
    manifest, prepared = prepare_file(path)
    edges = prepared.tables.connections
    assert edges["weight"].tolist() == [1, 1]
    assert edges["weight_of_source"].tolist() == weights
    assert manifest.weight == "binary"


@pytest.mark.parametrize("kind", ["graphml", "json"])
def test_whole_numbers_written_as_floats_are_counts(tmp_path, kind):
    graph = nx.DiGraph()
    graph.add_weighted_edges_from([(1, 2, 3.0), (2, 1, 1.0)])
    path = tmp_path / f"g.{kind}"
    if kind == "graphml":
        nx.write_graphml(graph, path)
    else:
        path.write_text(json.dumps(nx.node_link_data(graph, edges="edges")))
    _, prepared = prepare_file(path)
    assert prepared.tables.connections["weight"].tolist() == [3, 1]
    assert list(prepared.tables.connections) == ["pre", "post", "weight"]


@pytest.mark.parametrize(
    ("entries", "weight", "measured"),
    [
        ([[0, 1], [1, 0]], [1, 1], None),
        ([[0, 2], [5, 0]], [2, 5], None),
        ([[0, 0.5], [1, 0]], [1, 1], [0.5, 1]),
        ([[0, -2], [3, 0]], [1, 1], [-2, 3]),
        ([[0, 2.0**40], [1, 0]], [1, 1], [2.0**40, 1]),
    ],
)
def test_entries_of_a_matrix(tmp_path, entries, weight, measured):
    scipy.io.savemat(tmp_path / "m.mat", {"conductance": np.array(entries, float)})
    manifest, prepared = prepare_file(tmp_path / "m.mat")
    edges = prepared.tables.connections
    assert edges["weight"].tolist() == weight
    if measured is None:
        assert "conductance" not in edges
    else:
        assert edges["conductance"].tolist() == measured
    assert manifest.weight == ("synapse_count" if max(weight) > 1 else "binary")


def test_a_matrix_called_weight_keeps_its_entries_under_another_name(tmp_path):
    np.savez(tmp_path / "m.npz", weight=np.array([[0, 0.5], [1, 0]]))
    edges = prepare_file(tmp_path / "m.npz")[1].tables.connections
    assert edges["weight"].tolist() == [1, 1]
    assert edges["weight_of_source"].tolist() == [0.5, 1]


def test_diagonal_entries_are_autapses(tmp_path):
    np.save(tmp_path / "m.npy", np.array([[4, 1], [1, 0]]))
    _, prepared = prepare_file(tmp_path / "m.npy")
    assert prepared.dropped_self_loops == 1
    assert len(prepared.tables.connections) == 2


def test_attributes_of_nodes_become_columns(tmp_path):
    graph = nx.MultiDiGraph()
    graph.add_node("n0", bodyId="864691136000000001", layer="4", pos=[1, 2], depth=1.5)
    graph.add_node("n1", bodyId="864691136000000002", layer="IV", depth=2)
    graph.add_edge("n0", "n1", size=2.5)
    graph.add_edge("n0", "n1", size=1.5)
    path = tmp_path / "g.json"
    path.write_text(json.dumps(nx.node_link_data(graph, edges="edges")))
    _, prepared = prepare_file(path)
    neurons = prepared.tables.neurons
    assert neurons["neuron_id"].tolist() == [864691136000000001, 864691136000000002]
    assert neurons["layer"].tolist() == ["L4", "L4"]
    assert neurons["depth"].tolist() == [1.5, 2.0]
    assert neurons["pos"].tolist()[0] == "[1, 2]"
    edges = prepared.tables.connections
    assert edges[["weight", "size"]].to_numpy().tolist() == [[2, 4.0]]


def test_positions_of_cave_stay_in_voxels(tmp_path):
    pd.DataFrame({"pre_pt_root_id": [1, 2], "post_pt_root_id": [2, 1]}).to_csv(
        tmp_path / "s.csv", index=False
    )
    cells = pd.DataFrame({"pt_root_id": [1], "cell_type": ["4P"], "pt_position": [[1, 2, 3]]})
    cells.to_parquet(tmp_path / "c.parquet")
    _, prepared = prepare_file(tmp_path / "s.csv", tmp_path / "c.parquet")
    neurons = prepared.tables.neurons
    assert neurons["neuron_id"].tolist() == [1, 2]  # 2 is in no cell table
    assert neurons["type"].tolist() == ["4P", None]
    assert neurons["soma_x"].isna().all()
    assert neurons["pt_position_z_voxel"].tolist()[0] == 3.0
