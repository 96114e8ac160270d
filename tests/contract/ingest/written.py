"""One small circuit, written in every format that users have, by the formats' own libraries."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import h5py
import networkx as nx
import numpy as np
import pandas as pd
import scipy.io
import scipy.sparse

BIG = 864_691_136_000_000_001  # not representable as a float
IDS = [BIG + k for k in range(6)]
TYPES = ["4P", "4P", "BC", "MC", "4P", "NGC"]
CLASSES = ["EXC", "EXC", "INH", "INH", "EXC", "INH"]
LAYERS = ["L4", "L4", "L4", "L5", "L2/3", "L4"]
# pre, post (places), number of synapses; neuron 5 is isolated, one pair is mutual
EDGES = [(0, 1, 3), (1, 0, 1), (0, 2, 2), (2, 3, 1), (3, 4, 5), (4, 0, 1)]
TRIPLES = sorted((IDS[i], IDS[j], w) for i, j, w in EDGES)
BY_PLACE = sorted((i + 1, j + 1, w) for i, j, w in EDGES)
NEURONS = pd.DataFrame(
    {
        "root_id": IDS,
        "type": TYPES,
        "synapse_class": CLASSES,
        "layer": LAYERS,
        "x": [0.5 * k for k in range(6)],
        "y": [float(k) for k in range(6)],
        "z": [-1.0 * k for k in range(6)],
    }
)


def matrix():
    made = np.zeros((6, 6), np.int64)
    for i, j, w in EDGES:
        made[i, j] = w
    return made


def graph():
    made = nx.DiGraph()
    for row in NEURONS.to_dict("records"):
        made.add_node(row.pop("root_id"), **row)
    made.add_weighted_edges_from(TRIPLES)
    return made


def neurons_csv(folder: Path) -> Path:
    NEURONS.to_csv(folder / "neurons.csv", index=False)
    return folder / "neurons.csv"


def graphml(folder):
    nx.write_graphml(graph(), folder / "g.graphml")
    return folder / "g.graphml", None


def node_link(folder):
    (folder / "g.json").write_text(json.dumps(nx.node_link_data(graph(), edges="edges")))
    return folder / "g.json", None


def matrix_npy(folder):
    np.save(folder / "m.npy", matrix())
    return folder / "m.npy", neurons_csv(folder)


def matrix_npz(folder):
    np.savez_compressed(folder / "m.npz", adjacency=matrix(), note=np.arange(3))
    return folder / "m.npz", neurons_csv(folder)


def matrix_sparse(folder):
    scipy.sparse.save_npz(folder / "s.npz", scipy.sparse.csr_matrix(matrix()))
    return folder / "s.npz", neurons_csv(folder)


def matrix_mat(folder):
    content = {"labels": TYPES, "W": scipy.sparse.csc_matrix(matrix().astype(float))}
    scipy.io.savemat(folder / "m.mat", content, do_compression=True)
    return folder / "m.mat", neurons_csv(folder)


def matrix_mat73(folder):
    """As MATLAB 7.3 writes it: a user block in front, columns first."""
    path = folder / "m73.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["W"] = matrix().T.astype(float)
        file["W"].attrs["MATLAB_class"] = np.bytes_("double")
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: now".ljust(116))
    return path, neurons_csv(folder)


def matrix_mat73_sparse(folder):
    path = folder / "s73.mat"
    made = scipy.sparse.csc_matrix(matrix().astype(float))
    with h5py.File(path, "w", userblock_size=512) as file:
        group = file.create_group("W")
        group.attrs["MATLAB_sparse"] = np.uint64(6)
        group["data"], group["ir"] = made.data, made.indices.astype(np.uint64)
        group["jc"] = made.indptr.astype(np.uint64)
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: now".ljust(116))
    return path, neurons_csv(folder)


def matrix_excel(folder):
    frame = pd.DataFrame(matrix(), index=[str(i) for i in IDS], columns=[str(i) for i in IDS])
    frame.to_excel(folder / "m.xlsx")
    return folder / "m.xlsx", neurons_csv(folder)


def sonata(folder):
    rows = [(i, j) for i, j, w in EDGES for _ in range(w)]
    with h5py.File(folder / "edges.h5", "w") as file:
        group = file.create_group("edges/s1_to_s1")
        for side, k in (("source", 0), ("target", 1)):
            group[f"{side}_node_id"] = np.array([IDS[row[k]] for row in rows], np.uint64)
            group[f"{side}_node_id"].attrs["node_population"] = "s1"
        group["edge_type_id"] = np.full(len(rows), 100)
        group["edge_group_id"] = np.zeros(len(rows), int)
        group["edge_group_index"] = np.arange(len(rows))
        group["0/syn_weight"] = np.full(len(rows), 0.25)
        other = file.create_group("edges/vpm_to_s1")
        for side in ("source", "target"):
            other[f"{side}_node_id"] = np.arange(4)
            other[f"{side}_node_id"].attrs["node_population"] = "vpm" if side == "source" else "s1"
    with h5py.File(folder / "nodes.h5", "w") as file:
        group = file.create_group("nodes/s1")
        group["node_id"] = np.array(IDS, np.uint64)
        group["node_type_id"] = np.full(6, 7)
        group["node_group_id"] = np.zeros(6, int)
        group["node_group_index"] = np.arange(6)
        words = sorted(set(TYPES))
        group["0/mtype"] = np.array([words.index(t) for t in TYPES], np.uint32)
        group["0/@library/mtype"] = np.array(words, dtype=h5py.string_dtype())
        group["0/synapse_class"] = np.array(CLASSES, dtype=h5py.string_dtype())
        group["0/layer"] = np.array(LAYERS, dtype=h5py.string_dtype())
        for axis in "xyz":
            group[f"0/{axis}"] = NEURONS[axis].to_numpy()
    return folder / "edges.h5", folder / "nodes.h5"


def neo4j_csv(folder):
    (folder / "relations.csv").write_text(
        ":START_ID(Body-ID),weight:int,:END_ID(Body-ID),:TYPE\n"
        + "".join(f"{a},{w},{b},ConnectsTo\n" for a, b, w in TRIPLES)
    )
    (folder / "nodes.csv").write_text(
        ":ID(Body-ID),bodyId:long,type:string,synapse_class:string,layer:string,"
        "x:float,y:float,z:float,:LABEL\n"
        + "".join(
            f"{r.root_id},{r.root_id},{r.type},{r.synapse_class},{r.layer},{r.x},{r.y},{r.z},Neuron\n"
            for r in NEURONS.itertuples()
        )
    )
    return folder / "relations.csv", folder / "nodes.csv"


def cave(folder):
    rows = [(a, b) for a, b, w in TRIPLES for _ in range(w)]
    synapses = pd.DataFrame(rows, columns=["pre_pt_root_id", "post_pt_root_id"])
    synapses.insert(0, "id", range(len(synapses)))
    synapses["size"] = 10.0
    synapses["ctr_pt_position"] = [[1, 2, 3]] * len(synapses)
    synapses.to_feather(folder / "synapses.feather")
    cells = NEURONS.rename(columns={"root_id": "pt_root_id", "type": "cell_type"})
    cells.insert(0, "id", range(len(cells)))
    cells["pt_position"] = [[100 * k, 200, 300] for k in range(6)]
    cells.to_parquet(folder / "cells.parquet")
    return folder / "synapses.feather", folder / "cells.parquet"


def edge_list(folder):
    frame = pd.DataFrame(TRIPLES, columns=["bodyId_pre", "bodyId_post", "weight"])
    frame.to_csv(folder / "edges.csv", index=False)
    return folder / "edges.csv", neurons_csv(folder)


def fixed_frame(group, columns):
    """A pandas frame in the fixed layout of its HDF5 files."""
    by_kind = {}
    for name, values in columns.items():
        values = np.asarray(values)
        values = values.astype("S") if values.dtype.kind in "UO" else values
        by_kind.setdefault(values.dtype, []).append((name, values))
    for k, columns_of_kind in enumerate(by_kind.values()):
        group[f"block{k}_items"] = np.array([name for name, _ in columns_of_kind], "S")
        group[f"block{k}_values"] = np.column_stack([values for _, values in columns_of_kind])


def conntility(folder):
    with h5py.File(folder / "c.h5", "w") as file:
        group = file.create_group("connectivity/full_matrix")
        group.attrs["NEUROTOP_DEFAULT_EDGE"] = "count"
        pairs = np.array([(i, j) for i, j, _ in EDGES], np.int32)
        fixed_frame(group.create_group("edge_indices"), {"row": pairs[:, 0], "col": pairs[:, 1]})
        counts = np.array([w for _, _, w in EDGES], np.int16)
        fixed_frame(group.create_group("edges"), {"count": counts, "delay": counts / 10})
        columns = {name: NEURONS[name].to_numpy() for name in NEURONS}
        fixed_frame(group.create_group("vertex_properties"), columns)
    return folder / "c.h5", None


def l4dense(folder):
    """Axons 1 to 3, dendrites 1 to 2; one synapse has no dendrite, one no axon."""
    with h5py.File(folder / "synapses.hdf5", "w") as file:
        file["synapses/preAxonId"] = np.array([[1, 1, 2, 3, 0, 2]], np.uint32)
        file["synapses/postDendriteId"] = np.array([[1, 1, 2, 1, 1, 0]], np.uint32)
        file["synapses/asiArea"] = np.array([[0.25, 0.5, 0.1, 0.2, 9, 9]])
    for part, codes, words in (
        ("axons", [1, 2, 3], {"corticocortical": 1, "thalamocortical": 2, "inhibitory": 3}),
        ("dendrites", [8, 5], {"soma": 8, "smooth": 5, "apical": 1}),
    ):
        with h5py.File(folder / f"{part}.hdf5", "w") as file:
            file[f"{part}/class"] = np.array([codes], np.uint8)
            for word, code in words.items():
                file[f"{part}/class"].attrs[word] = np.uint8(code)
            file[f"{part}/class"].attrs["MATLAB_class"] = np.bytes_("uint8")
            if part == "dendrites":
                file["dendrites/neuronId"] = np.array([[7, 0]], np.uint32)
    return folder / "synapses.hdf5", None


def tested_pairs(folder):
    """Every pair of the first four neurons, tested both ways."""
    linked = {(i, j) for i, j, _ in EDGES}
    rows = [(IDS[i], IDS[j], (i, j) in linked, 10.0 * abs(i - j))
            for i in range(4) for j in range(4) if i != j]  # fmt: skip
    table = pd.DataFrame(rows, columns=["pre", "post", "connected", "distance_um"])
    table.to_csv(folder / "pairs.csv", index=False)
    return folder / "pairs.csv", neurons_csv(folder)


def bock_graphml(folder):
    """Two characterised cells, one of which contacts the other, and three targets."""
    made = nx.DiGraph()
    kinds = ["Characterized pyramidal neuron"] * 2 + ["Cell body"] + ["Dendritic fragment"] * 2
    targets = ["", "", "Inhibitory", "Excitatory", "Inhibitory"]
    for node, (kind, target) in enumerate(zip(kinds, targets, strict=True)):
        made.add_node(f"n{node}", type1=kind, type2=target)
    made.add_weighted_edges_from(
        [("n0", "n1", 1.0), ("n0", "n2", 2.0), ("n1", "n2", 1.0), ("n1", "n3", 1.0)]
    )
    nx.write_graphml(made, folder / "bock.graphml")
    return folder / "bock.graphml", None


def microns_column(folder):
    """As the published code writes it: the first column is a row number without a name."""
    out, into = ([sum(w for *ends, w in EDGES if ends[k] == i) for i in range(6)] for k in (0, 1))
    polarity = ["I" if c == "INH" else "E" for c in CLASSES]
    neurons = pd.DataFrame({"root_id": IDS, "nucleus_id": range(6), "volume": 300.5})
    neurons = neurons.assign(clf_type=polarity, cell_type=TYPES, mtype="L4a")
    neurons = neurons.assign(axon_length=[-1.0, 9, 9, 9, 9, 9], dendrite_length=4_000.0)
    neurons = neurons.assign(num_of_incoming_synapses=into, num_of_outgoing_synapses=out)
    neurons.to_csv(folder / "connectome_neurons.csv")
    rows = [(i, j) for i, j, w in EDGES for _ in range(w)]
    synapses = pd.DataFrame(
        {
            "id_": range(len(rows)),
            "pre_id": [IDS[i] for i, _ in rows],
            "post_id": [IDS[j] for _, j in rows],
            "size": 1_000,
            "center_position": "[ 100 200  300]",
            "pre_clf_type": [polarity[i] for i, _ in rows],
            "post_mtype_type": "L4a",
        }
    )
    synapses.to_csv(folder / "connectome_synapses.csv")
    somata = [(180_000 + 1_000 * k, 220_000 + 9_000 * k, 20_000) for k in range(6)]
    types = pd.DataFrame({"id": range(6), "pt_root_id": IDS, "cell_type": TYPES})
    types["pt_position"] = [f"[{x} {y} {z}]" for x, y, z in somata]
    types.to_csv(folder / "allen_v1_column_types_slanted_ref.csv")
    status = pd.DataFrame({"pt_root_id": IDS[:3], "status_axon": ["t", "f", "t"]})
    status.to_csv(folder / "proofreading_status_and_strategy.csv")
    return folder / "connectome_synapses.csv", None


# The documented columns that are read, and one that is not, as the release declares them.
SYNPHYS = {
    "slice": "id INTEGER NOT NULL, ext_id VARCHAR, species VARCHAR, meta VARCHAR",
    "experiment": "id INTEGER NOT NULL, ext_id VARCHAR, slice_id INTEGER, target_region VARCHAR",
    "cell": "id INTEGER NOT NULL, experiment_id INTEGER, ext_id VARCHAR, cre_type VARCHAR, "
    "target_layer VARCHAR, position VARCHAR, depth FLOAT, cell_class VARCHAR, "
    "cell_class_nonsynaptic VARCHAR",
    "pair": "id INTEGER NOT NULL, experiment_id INTEGER, pre_cell_id INTEGER, "
    "post_cell_id INTEGER, has_synapse BOOLEAN, n_ex_test_spikes INTEGER, "
    "n_in_test_spikes INTEGER, distance FLOAT, lateral_distance FLOAT, vertical_distance FLOAT",
    "synapse": "id INTEGER NOT NULL, pair_id INTEGER, synapse_type VARCHAR",
    "cortical_cell_location": "id INTEGER NOT NULL, cell_id INTEGER, cortical_layer VARCHAR",
}
SYNPHYS_ROWS = {
    "slice": [(1, "s1", "mouse", "{}"), (2, "s2", "Human", None)],
    "experiment": [(11, "e11", 1, "VisP"), (12, "e12", 1, "VisP"), (13, "e13", 2, "TCx")],
    "cell": [
        (101, 11, "1", "tlx3", "5", "[1e-05, 2e-05, 0.0]", 5e-05, "ex", "ex"),
        (102, 11, "2", "pvalb", "2/3", "[4e-05, 6e-05, 0.0]", 6e-05, "in", "in"),
        (103, 11, "3", "unknown", "4", "null", None, "ex", None),
        (104, 12, "1", "sst", "4", None, None, "in", "in"),
        (105, 12, "2", None, "4", "[1e-05, 2e-05]", None, None, None),
        (106, 13, "1", "unknown", "3", None, None, "ex", "ex"),
        (107, 13, "2", "unknown", "3", None, None, "ex", "ex"),
    ],
    "pair": [
        (1001, 11, 101, 102, 1, 40, 0, 5e-05, 3e-05, 4e-05),
        (1002, 11, 102, 101, 1, 0, 11, 5e-05, 3e-05, 4e-05),
        (1003, 11, 101, 103, 0, 11, 0, None, None, None),
        (1004, 11, 103, 101, 0, 50, 50, None, None, None),
        (1005, 11, 102, 103, 1, 90, 10, None, None, None),  # too few of the kind needed
        (1006, 11, 103, 102, 0, 50, 5, None, None, None),  # kind not known: needs both
        (1007, 12, 104, 105, None, 90, 90, 1e-04, None, None),  # no result
        (1008, 12, 105, 104, 0, 20, 20, 1e-04, None, None),
        (1009, 13, 106, 107, 1, 20, 0, 1e-04, None, None),
        (1010, 13, 107, 106, 0, 20, 0, 1e-04, None, None),
    ],
    "synapse": [(1, 1001, "ex"), (2, 1002, "in"), (3, 1005, "in"), (4, 1009, "ex")],
    "cortical_cell_location": [(1, 103, "5"), (2, 101, None)],
}


def synphys_database(path, rows=SYNPHYS_ROWS, columns=SYNPHYS):
    """A database of the release's schema."""
    with closing(sqlite3.connect(path)) as connection:
        for table, declared in columns.items():
            connection.execute(f"CREATE TABLE {table} ({declared}, PRIMARY KEY (id))")
            filled = rows.get(table, [])
            marks = ", ".join("?" * (declared.count(",") + 1))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", filled)
        connection.commit()
    return path


def synphys(folder):
    return synphys_database(folder / "synphys.sqlite"), None


# In alphabetical order the cells of the circuit: ids cannot begin with a digit, nor be told.
POPULATIONS = {"a4P": [0, 1], "bBC": [2], "cMC": [3], "d4P": [4], "eNGC": [5]}
CELLS = {
    cell: (population, cells.index(cell)) for population, cells in POPULATIONS.items()
    for cell in cells
}  # fmt: skip


def projections():
    """(pre, post) population → pairs of cells, one for each synapse."""
    found = {}
    for i, j, w in EDGES:
        (pre, a), (post, b) = CELLS[i], CELLS[j]
        found.setdefault((pre, post), []).extend([(a, b)] * w)
    return found


def neuroml_xml(folder):
    """As libNeuroML writes it, but for a plain form of references."""
    lines = ['<?xml version="1.0"?>', '<neuroml xmlns="http://www.neuroml.org/schema/neuroml2"',
             '  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d">',
             '<iafCell id="iaf" leakReversal="-65mV" thresh="-50mV" reset="-65mV" C="1nF"/>',
             '<network id="net">']  # fmt: skip
    for name, cells in POPULATIONS.items():
        size = len(cells)
        lines += [f'<population id="{name}" component="iaf" size="{size}" type="populationList">',
                  f'<property tag="type" value="{CLASSES[cells[0]][0]}"/>',
                  f'<property tag="layer" value="{LAYERS[cells[0]]}"/>']  # fmt: skip
        for k, cell in enumerate(cells):
            x, y, z = NEURONS.loc[cell, ["x", "y", "z"]]
            lines.append(f'<instance id="{k}"><location x="{x}" y="{y}" z="{z}"/></instance>')
        lines.append("</population>")
    for number, ((pre, post), pairs) in enumerate(projections().items()):
        sides = f'presynapticPopulation="{pre}" postsynapticPopulation="{post}"'
        lines.append(f'<projection id="p{number}" {sides} synapse="ampa">')
        for k, (a, b) in enumerate(pairs):
            ends = f'preCellId="../{pre}/{a}/iaf" postCellId="{post}[{b}]"'
            lines.append(f'<connectionWD id="{k}" {ends} weight="0.5" delay="2ms"/>')
        lines.append("</projection>")
    lines += ['<electricalProjection id="e" presynapticPopulation="a4P"',
              '  postsynapticPopulation="a4P">',
              '<electricalConnection id="0" preCell="0" postCell="1" synapse="gap"/>',
              "</electricalProjection>", "</network>", "</neuroml>"]  # fmt: skip
    (folder / "net.nml").write_text("\n".join(lines))
    return folder / "net.nml", None


def neuroml_hdf5(folder):
    """As libNeuroML writes it: attributes are bytes, all numbers float32."""

    def table(group, values, columns):
        made = group.create_dataset(group.attrs["id"], data=np.array(values, np.float32))
        for k, column in enumerate(columns):
            made.attrs[f"column_{k}"] = np.bytes_(column)

    def attributes(group, **values: object):
        for key, value in values.items():
            group.attrs[key] = np.bytes_(value) if isinstance(value, str) else value

    with h5py.File(folder / "net.nml.h5", "w") as file:
        network = file.create_group("neuroml/network")
        attributes(network, id="net", notes="N.")
        for name, cells in POPULATIONS.items():
            group = network.create_group(f"population_{name}")
            attributes(group, id=name, component="iaf", size=len(cells), type="populationList")
            group.attrs["property:type"] = np.bytes_(CLASSES[cells[0]][0])
            group.attrs["property:layer"] = np.bytes_(LAYERS[cells[0]])
            table(group, NEURONS.loc[cells, ["x", "y", "z"]], "xyz")
        for number, ((pre, post), pairs) in enumerate(projections().items()):
            group = network.create_group(f"projection_p{number}")
            attributes(group, id=f"p{number}", type="projection", synapse="ampa",
                       presynapticPopulation=pre, postsynapticPopulation=post)  # fmt: skip
            table(group, [(a, b, 0.5, 2) for a, b in pairs],
                  ("pre_cell_id", "post_cell_id", "weight", "delay"))  # fmt: skip
        group = network.create_group("projection_e")
        attributes(group, id="e", type="electricalProjection", synapse="gap",
                   presynapticPopulation="a4P", postsynapticPopulation="a4P")  # fmt: skip
        table(group, [(0, 0, 1)], ("id", "pre_cell_id", "post_cell_id"))
    return folder / "net.nml.h5", None


# name → (reader, writer)
WRITERS = {
    "edge_list": ("edge_list", edge_list),
    "graphml": ("graphml", graphml),
    "node_link": ("node_link", node_link),
    "neo4j_csv": ("neo4j_csv", neo4j_csv),
    "cave": ("cave", cave),
    "sonata": ("sonata", sonata),
    "conntility": ("conntility", conntility),
    "l4dense": ("l4dense", l4dense),
    "neuroml-xml": ("neuroml", neuroml_xml),
    "neuroml-hdf5": ("neuroml", neuroml_hdf5),
    "tested_pairs": ("tested_pairs", tested_pairs),
    "bock": ("bock_graphml", bock_graphml),
    "microns_column": ("microns_column", microns_column),
    "synphys": ("synphys", synphys),
    "matrix-npy": ("matrix", matrix_npy),
    "matrix-npz": ("matrix", matrix_npz),
    "matrix-sparse": ("matrix", matrix_sparse),
    "matrix-mat": ("matrix", matrix_mat),
    "matrix-mat73": ("matrix", matrix_mat73),
    "matrix-mat73-sparse": ("matrix", matrix_mat73_sparse),
    "matrix-excel": ("matrix", matrix_excel),
}
# Of another circuit: axons and dendrites, or pairs that were tested, without numbers of synapses;
# or of this one under other ids, or in other layers.
OTHERS = (
    "l4dense", "tested_pairs", "synphys", "microns_column", "bock", "neuroml-xml", "neuroml-hdf5",
)  # fmt: skip
