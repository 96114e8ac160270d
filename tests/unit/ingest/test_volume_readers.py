"""MICrONS, H01 and nbS1: joins, units and directions on small files; bad bytes are told."""

import io

import h5py
import numpy as np
import pandas as pd
import pytest

from ingest.readers.h01_c3 import read_h01_c3
from ingest.readers.microns_mm3 import read_microns_mm3
from ingest.readers.nbs1_matrix import read_nbs1_matrix
from schemas.errors import InputError

BIG = 864_691_136_000_000_001  # not representable as a float

INFO = f"""id,x_soma,y_soma,z_soma,degree
{BIG},1000.0,600000.0,3000.0,2
{BIG + 1},2000.0,600064.0,3000.0,2
{BIG + 2},3000.0,600128.0,3000.0,1
{BIG + 3},4000.0,900000.0,3000.0,0
{BIG + 4},5000.0,600000.0,3000.0,0
"""
EDGES = "i,j,weight\n0,1,2\n1,0,1\n2,0,3\n"
MICRONS = {"neurons": "info.csv", "connections": "edges.csv", "nuclei": "nuclei.feather"}
H01 = {"neurons": "info.csv", "connections": "edges.csv", "labels": "labels.csv"}
NBS1 = {"neurons": "nodes.h5", "connections": "adj.npz", "area": "s1", "module": "R0;C10"}
LABELS = f"""segment id,excitatory synapses,inhibitory synapses,cortical layer,cell type
{BIG},7,2,Layer 4,pyramidal neuron
{BIG + 1},7,2,Layer 4,interneuron
{BIG + 2},7,2,White matter,astrocyte
{BIG + 9},7,2,Layer 1,interneuron
"""


def nuclei():
    """4P cells set the band 600.0 … 600.128 µm; one inhibitory cell lies in it, one does not."""
    return pd.DataFrame(
        {
            "pt_position_x": [1000.0, 2000.0, 3000.0, 4000.0, 77.0],
            "pt_position_y": [600000.0, 600064.0, 600128.0, 900000.0, 600128.0],
            "pt_position_z": [3000.0] * 5,
            "pt_root_id": [BIG, BIG + 70, BIG + 2, BIG + 3, BIG + 80],
            "coarse_cell_type_auto": ["E", "I", "NONNEURON", "I", "E"],
            "cell_type_auto": ["4P", "BC", "OPC", "MC", "4P"],
            "region": ["V1", "RL", "V1", "V1", "V1"],
            "proofreading_strategy": ["axon_fully_extended", "", "", "", ""],
        }
    )


@pytest.fixture
def microns(folder):
    folder.write("info.csv", INFO)
    folder.write("edges.csv", EDGES)
    nuclei().to_feather(folder.path("nuclei.feather"))
    return folder


@pytest.fixture
def h01(folder):
    folder.write("info.csv", INFO)
    folder.write("edges.csv", EDGES)
    folder.write("labels.csv", LABELS)
    return folder


def pickled(names):
    """Write a list of str as pickle protocol 0, as PyTables keeps it."""
    first, *rest = names
    return f"(lp0\nV{first}\np1\na" + "".join(f"V{n}\np2\na" for n in rest) + "."


@pytest.fixture
def nbs1(folder):
    dtype = [
        ("index", "<i8"),
        ("values_block_0", "<f8", (4,)),
        ("values_block_1", "<i8", (2,)),
        ("values_block_2", "i1", (1,)),
        ("values_block_3", "i1", (1,)),
    ]
    rows = np.zeros(3, dtype)
    rows["values_block_0"] = [[500.0, 1, 2, 3], [510.0, 4, 5, 6], [900.0, 7, 8, 9]]
    rows["values_block_1"] = [[40, 4], [30, 4], [20, 5]]
    rows["values_block_2"] = [[0], [1], [2]]
    rows["values_block_3"] = [[0], [1], [0]]
    with h5py.File(folder.path("nodes.h5"), "w") as file:
        group = file.create_group("nodes_r0c10")
        table = group.create_dataset("table", data=rows)
        names = (["depth", "x", "y", "z"], ["gid", "layer"], ["mtype"], ["synapse_class"])
        for k, block in enumerate(names):
            table.attrs[f"values_block_{k}_kind"] = np.bytes_(pickled(block))
        for k, values in ((2, [b"L4_SSC", b"L4_NBC", b"L5_TPC:A"]), (3, [b"EXC", b"INH"])):
            meta = np.array(list(enumerate(values)), dtype=[("index", "<i8"), ("values", "S9")])
            group.create_dataset(f"meta/values_block_{k}/meta/table", data=meta)
    write_matrix(folder)
    return folder


def write_matrix(folder, **changes: np.ndarray):
    arrays = {
        "indices": np.array([1, 2, 0], np.int32),
        "indptr": np.array([0, 2, 3, 3], np.int32),
        "format": np.array(b"csr"),
        "shape": np.array([3, 3]),
        "data": np.ones(3, bool),
    }
    arrays |= changes
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    folder.write("adj.npz", buffer.getvalue())


def test_microns_joins_by_position(microns):
    tables = read_microns_mm3(microns, MICRONS)
    neurons = tables.neurons
    assert neurons["neuron_id"].tolist() == [BIG + k for k in range(5)]
    assert neurons["type"].fillna("").tolist() == ["4P", "BC", "OPC", "MC", ""]
    assert neurons["layer"].fillna("").tolist() == ["L4", "L4", "", "", ""]
    assert neurons["area"].fillna("").tolist() == ["v1", "rl", "v1", "v1", ""]
    assert neurons["cell_class"].fillna("").tolist() == [
        "l4-excitatory", "basket", "", "martinotti", "",
    ]  # fmt: skip
    assert neurons["polarity"].fillna("").tolist() == [
        "excitatory", "inhibitory", "", "inhibitory", "",
    ]  # fmt: skip
    assert neurons["soma_y"].tolist() == [600.0, 600.064, 600.128, 900.0, 600.0]
    assert neurons["root_id_v1300"].iloc[1] == BIG + 70


def test_rows_become_ids_from_pre_to_post(microns):
    edges = read_microns_mm3(microns, MICRONS).connections
    assert edges.to_numpy().tolist() == [
        [BIG, BIG + 1, 2],
        [BIG + 1, BIG, 1],
        [BIG + 2, BIG, 3],
    ]


def test_h01_joins_by_segment(h01):
    neurons = read_h01_c3(h01, H01).neurons
    assert neurons["layer"].fillna("").tolist() == ["L4", "L4", "WM", "", ""]
    assert neurons["cell_class"].fillna("").tolist() == ["pyramidal", "inhibitory", "", "", ""]
    assert neurons["polarity"].fillna("").tolist() == ["excitatory", "inhibitory", "", "", ""]


def test_nbs1_reads_table_and_matrix(nbs1):
    tables = read_nbs1_matrix(nbs1, NBS1)
    neurons = tables.neurons
    assert neurons["neuron_id"].tolist() == [40, 30, 20]
    assert neurons["type"].tolist() == ["L4_SSC", "L4_NBC", "L5_TPC:A"]
    assert neurons["cell_class"].tolist() == ["spiny-stellate", "basket", "pyramidal"]
    assert neurons["polarity"].tolist() == ["excitatory", "inhibitory", "excitatory"]
    assert neurons["layer"].tolist() == ["L4", "L4", "L5"]
    assert neurons[["soma_x", "soma_y", "soma_z", "depth"]].iloc[0].tolist() == [1, 2, 3, 500]
    assert tables.connections[["pre", "post"]].to_numpy().tolist() == [[40, 30], [40, 20], [30, 40]]


def fails(reader, files, options, name, *words: str):
    with pytest.raises(InputError) as caught:
        reader(files, options)
    problem = caught.value.problems[0]
    assert problem.file == name
    for word in words:
        assert word in str(problem)
    return caught.value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["row 1", "is empty"]),
        ("i,j\n0,1\n", ["row 1", "'weight'", "missing"]),
        ("i,j,weight\n0,1,2\n1,", ["row 3"]),
        ("i,j,weight\n0,1,2,9,9\n", ["edges.csv"]),
        ("i,j,weight\n0,1.5,2\n", ["row 2", "'j'", "'1.5'", "integer"]),
        ("i,j,weight\n0,9,2\n", ["row 2", "'j'", "no row of the neuron table"]),
        ("i,j,weight\n-1,0,2\n", ["row 2", "'i'"]),
        (b"i,j,weight\n0,\xff\xfe,2\n", ["edges.csv"]),
    ],
)
def test_bad_connections(microns, text, words):
    microns.write("edges.csv", text)
    fails(read_microns_mm3, microns, MICRONS, "edges.csv", *words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (INFO.replace("x_soma", "x"), ["'x_soma'", "missing"]),
        (INFO.replace("600064.0", "deep"), ["row 3", "'y_soma'", "'deep'"]),
        (INFO.replace(str(BIG + 1), str(BIG)), ["row 3", "'id'", "more than once"]),
        (INFO[: INFO.rindex(",3000")], ["row 6", "3 cells"]),
    ],
)
def test_bad_neurons(microns, text, words):
    microns.write("info.csv", text)
    fails(read_microns_mm3, microns, MICRONS, "info.csv", *words)


def test_bad_nuclei(microns):
    whole = microns.path("nuclei.feather").read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], b"x" * 400):
        microns.write("nuclei.feather", damaged)
        fails(read_microns_mm3, microns, MICRONS, "nuclei.feather", "no complete Feather")
    nuclei().drop(columns="region").to_feather(microns.path("nuclei.feather"))
    fails(read_microns_mm3, microns, MICRONS, "nuclei.feather", "'region'", "missing")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LABELS.replace("cortical layer", "layer"), ["'cortical layer'", "missing"]),
        (LABELS.replace("Layer 1", "Layer 9"), ["row 5", "'Layer 9'", "no known layer"]),
        (LABELS.replace(str(BIG + 9), str(BIG)), ["row 5", "more than once"]),
        ("\x00\x01", ["labels.csv"]),
    ],
)
def test_bad_labels(h01, text, words):
    h01.write("labels.csv", text)
    fails(read_h01_c3, h01, H01, "labels.csv", *words)


def test_bad_matrix(nbs1):
    whole = nbs1.path("adj.npz").read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], b"PK" + b"x" * 400):
        nbs1.write("adj.npz", damaged)
        fails(read_nbs1_matrix, nbs1, NBS1, "adj.npz", "cannot be read")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"format": np.array(b"coo")}, "'coo'"),
        ({"shape": np.array([4, 4])}, "4 × 4"),
        ({"indptr": np.array([0, 2, 1, 3])}, "contradict"),
        ({"indptr": np.array([0, 3])}, "contradict"),
        ({"indices": np.array([1, 2, 3])}, "outside"),
        ({"data": np.ones(2, bool)}, "contradict"),
        ({"indices": np.array([None, 1, 2], dtype=object)}, "cannot be read"),
    ],
)
def test_impossible_matrix(nbs1, changes, word):
    write_matrix(nbs1, **changes)
    fails(read_nbs1_matrix, nbs1, NBS1, "adj.npz", word)


def test_bad_nodes(nbs1):
    whole = nbs1.path("nodes.h5").read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], b"x" * 400):
        nbs1.write("nodes.h5", damaged)
        fails(read_nbs1_matrix, nbs1, NBS1, "nodes.h5", "cannot be read")
    nbs1.write("nodes.h5", whole)
    with h5py.File(nbs1.path("nodes.h5"), "a") as file:
        table = file["nodes_r0c10/table"]
        table.attrs["values_block_1_kind"] = np.bytes_(pickled(["gid", "stratum"]))
    fails(read_nbs1_matrix, nbs1, NBS1, "nodes.h5", "'layer'", "missing")
