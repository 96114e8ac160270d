"""Any directed graph comes back the same from every format it can be written in."""

import json

import h5py
import networkx as nx
import numpy as np
import pytest
import scipy.io
import scipy.sparse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reading import prepare_file

IDS = st.integers(-(2**62), 2**62)
graphs = st.lists(IDS, min_size=2, max_size=8, unique=True).flatmap(
    lambda ids: st.tuples(
        st.just(ids),
        st.dictionaries(
            st.tuples(st.sampled_from(ids), st.sampled_from(ids)).filter(lambda e: e[0] != e[1]),
            st.integers(1, 2**31 - 1),
            min_size=1,
        ),
    )
)


def graph(ids, edges):
    made = nx.DiGraph()
    made.add_nodes_from(ids)
    made.add_weighted_edges_from([(a, b, w) for (a, b), w in edges.items()])
    return made


def as_graphml(folder, ids, edges):
    nx.write_graphml(graph(ids, edges), folder / "g")


def as_json(folder, ids, edges):
    (folder / "g").write_text(json.dumps(nx.node_link_data(graph(ids, edges), edges="links")))


def as_table(folder, ids, edges):
    rows = "".join(f"{a};{b};{w}\n" for (a, b), w in edges.items())
    (folder / "g").write_text("bodyId_pre;bodyId_post;syn_count\n" + rows)
    (folder / "n").write_text("bodyId\n" + "".join(f"{i}\n" for i in ids))
    return folder / "n"


def matrix(ids, edges):
    place = {node: k for k, node in enumerate(ids)}
    made = np.zeros((len(ids), len(ids)), np.int64)
    for (a, b), w in edges.items():
        made[place[a], place[b]] = w
    return made


def with_ids(folder, ids):
    (folder / "n").write_text("bodyId\n" + "".join(f"{i}\n" for i in ids))
    return folder / "n"


def as_sparse(folder, ids, edges):
    with (folder / "g").open("wb") as stream:
        scipy.sparse.save_npz(stream, scipy.sparse.csc_matrix(matrix(ids, edges)))
    return with_ids(folder, ids)


def as_matlab(folder, ids, edges):
    with (folder / "g").open("wb") as stream:
        scipy.io.savemat(stream, {"W": matrix(ids, edges)})
    return with_ids(folder, ids)


def as_sonata(folder, ids, edges):
    with h5py.File(folder / "g", "w") as file:
        group = file.create_group("edges/all")
        for side, k in (("source", 0), ("target", 1)):
            group[f"{side}_node_id"] = np.array([pair[k] for pair in edges])
        group["edge_group_id"] = np.zeros(len(edges), int)
        group["edge_group_index"] = np.arange(len(edges))
        group["0/nsyns"] = np.array(list(edges.values()))
    with h5py.File(folder / "n", "w") as file:
        file["nodes/nodes/node_type_id"] = np.zeros(len(ids), int)
        file["nodes/nodes/node_id"] = np.array(ids)
    return folder / "n"


@pytest.mark.parametrize(
    "write",
    [as_graphml, as_json, as_table, as_sparse, as_matlab, as_sonata],
    ids=lambda w: w.__name__,
)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(made=graphs)
def test_the_graph_comes_back(tmp_path, write, made):
    ids, edges = made
    for path in tmp_path.iterdir():
        path.unlink()
    neurons = write(tmp_path, ids, edges)
    tables = prepare_file(tmp_path / "g", neurons)[1].tables
    assert tables.neurons["neuron_id"].tolist() == sorted(ids)
    found = tables.connections[["pre", "post", "weight"]].to_numpy(dtype=object).tolist()
    assert found == [[a, b, w] for (a, b), w in sorted(edges.items())]
