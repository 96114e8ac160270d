"""Bad HDF5 files: missing, cyclic and outward links, bombs, wrong types; one clear error each."""

import h5py
import numpy as np
import pytest

from schemas.errors import InputError
from tests.contract.ingest.written import conntility, l4dense
from tests.reading import prepare_file
from tests.unit.ingest.refusing import rejected


def sonata(path, change=None, *, sides=("nodes", "nodes")):
    with h5py.File(path, "w") as file:
        group = file.create_group("edges/all")
        for side, population, ends in zip(
            ("source", "target"), sides, ([0, 1, 2], [1, 2, 0]), strict=True
        ):
            group[f"{side}_node_id"] = np.array(ends)
            group[f"{side}_node_id"].attrs["node_population"] = population
        if change is not None:
            change(file, group)
    return path


def replaced(name, value):
    def change(_, group):
        population = group[name].attrs["node_population"]
        del group[name]
        if value is not None:
            group[name] = value
            group[name].attrs["node_population"] = population

    return change


def external_link(file, group):
    del group["target_node_id"]
    group["target_node_id"] = h5py.ExternalLink("/etc/passwd", "/x")
    file["edges/all"].attrs["x"] = 1


def soft_circle(file, group):
    del group["target_node_id"]
    group["target_node_id"] = h5py.SoftLink("/edges/all/target_node_id")


def hanging_link(_, group):
    del group["target_node_id"]
    group["target_node_id"] = h5py.SoftLink("/nowhere")


def circle_of_groups(file, group):
    group["again"] = file["edges"]
    del group["target_node_id"]


def outside_storage(_, group):
    del group["target_node_id"]
    group.create_dataset(
        "target_node_id", (3,), "i8", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)]
    )


def virtual(_, group):
    layout = h5py.VirtualLayout((3,), "i8")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (3,))
    del group["target_node_id"]
    group.create_virtual_dataset("target_node_id", layout)


def enormous(_, group):
    del group["target_node_id"]
    made = group.create_dataset(
        "target_node_id", (2**40,), "i8", chunks=(2**16,), compression="gzip", fillvalue=1
    )
    made.attrs["node_population"] = "nodes"


SONATA = {
    "a column missing": replaced("target_node_id", None),
    "columns of different lengths": replaced("target_node_id", np.array([1, 2])),
    "ids as floats": replaced("source_node_id", np.array([0.0, 1, 2])),
    "ids as text": replaced("source_node_id", np.array([b"a", b"b", b"c"])),
    "ids beyond int64": replaced("source_node_id", np.array([0, 1, 2**63], np.uint64)),
    "a column with two axes": replaced("source_node_id", np.zeros((3, 2), int)),
    "a group for a column": lambda f, g: (g.__delitem__("target_node_id"),
                                          g.create_group("target_node_id")),
    "a link to another file": external_link,
    "a link to itself": soft_circle,
    "a link to nowhere": hanging_link,
    "a circle of groups": circle_of_groups,
    "contents in another file": outside_storage,
    "a virtual dataset": virtual,
    "a bomb": enormous,
    "two populations": lambda f, g: f.copy(g, "edges/more") or replaced_population(f),
    "two sets of edges within one population": lambda f, g: f.copy(g, "edges/more"),
    "several groups, and none said": lambda f, g: (g.create_group("0"), g.create_group("1")),
    "a group that is not there": lambda f, g: (
        g.create_group("0"),
        g.create_group("1"),
        g.__setitem__("edge_group_id", np.array([0, 1, 2])),
        g.__setitem__("edge_group_index", np.array([0, 0, 0])),
    ),
    "counts in one of two groups": lambda f, g: (
        g.__setitem__("0/nsyns", np.array([4, 5])),
        g.__setitem__("1/syn_weight", np.array([0.5])),
        g.__setitem__("edge_group_id", np.array([0, 1, 0])),
        g.__setitem__("edge_group_index", np.array([1, 0, 0])),
    ),
    "index beyond the group": lambda f, g: (
        g.__setitem__("0/syn_weight", np.ones(3)),
        g.__setitem__("edge_group_index", np.array([0, 1, 7])),
    ),
    "counts of fractions": lambda f, g: g.__setitem__("0/nsyns", np.array([1.5, 1, 1])),
    "counts of nothing": lambda f, g: g.__setitem__("0/nsyns", np.array([1, 0, 1])),
    "weights infinite": lambda f, g: g.__setitem__("0/syn_weight", np.array([1, np.inf, 1])),
    "no edges": lambda f, g: [replaced(f"{s}_node_id", np.zeros(0, int))(f, g)
                              for s in ("source", "target")],
}  # fmt: skip


def replaced_population(file):
    for side in ("source", "target"):
        file[f"edges/more/{side}_node_id"].attrs["node_population"] = "others"


@pytest.mark.parametrize("case", SONATA)
def test_sonata(tmp_path, case):
    assert rejected(sonata(tmp_path / "edges.h5", SONATA[case]))


def test_a_bipartite_sonata_file(tmp_path):
    problem = rejected(sonata(tmp_path / "edges.h5", sides=("vpm", "s1")))
    assert "no edges within one population" in problem.what


def test_what_is_right_about_the_sonata_file_of_these_cases(tmp_path):
    assert len(prepare_file(sonata(tmp_path / "e.h5"))[1].tables.connections) == 3


def test_edges_in_several_groups(tmp_path):
    """As BMTK writes them: every row says its group, and its place there."""
    path = sonata(
        tmp_path / "e.h5",
        lambda f, g: (
            g.__setitem__("0/nsyns", np.array([4, 5])),
            g.__setitem__("1/nsyns", np.array([6])),
            g.__setitem__("1/delay", np.array([1.5])),
            g.__setitem__("edge_group_id", np.array([0, 1, 0])),
            g.__setitem__("edge_group_index", np.array([1, 0, 0])),
        ),
    )
    edges = prepare_file(path)[1].tables.connections.sort_values(["pre", "post"])
    with h5py.File(path) as file:
        ends = file["edges"][next(iter(file["edges"]))]
        rows = sorted(zip(ends["source_node_id"], ends["target_node_id"], [5, 6, 4], strict=True))
    assert edges[["pre", "post", "weight"]].to_numpy().tolist() == [list(row) for row in rows]
    assert edges["delay"].dropna().tolist() == [1.5]


def test_nodes_in_the_file_of_the_edges(tmp_path):
    path = sonata(tmp_path / "e.h5")
    with h5py.File(path, "r+") as file:
        file["nodes/nodes/node_type_id"] = np.zeros(5, int)
    assert len(prepare_file(path)[1].tables.neurons) == 5


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.__delitem__("nodes/nodes"),
        lambda f: f.__delitem__("nodes/nodes/node_type_id"),
        lambda f: f.__setitem__("nodes/nodes/node_id", np.array([0, 1])),
        lambda f: f.__setitem__("nodes/nodes/node_id", np.array([0, 1, 1])),
        lambda f: f.__setitem__("nodes/nodes/node_id", np.array([0.5, 1, 1])),
        lambda f: f.__setitem__("nodes/nodes/node_id", np.array([7, 8, 9])),
        lambda f: f.__setitem__("nodes/nodes/0/x", np.array([0, np.inf, 1])),
    ],
)
def test_sonata_nodes(tmp_path, change):
    with h5py.File(tmp_path / "nodes.h5", "w") as file:
        file["nodes/nodes/node_type_id"] = np.zeros(3, int)
        change(file)
    assert rejected(sonata(tmp_path / "edges.h5"), tmp_path / "nodes.h5")


# --- conntility and L4dense2019


def changed(path, change):
    with h5py.File(path, "a") as file:
        change(file)
    return path


def put(name, value):
    def change(file):
        del file[name]
        file[name] = value

    return change


MATRIX = "connectivity/full_matrix"
CONNTILITY = {
    "edges outside the vertices": put(
        f"{MATRIX}/edge_indices/block0_values", np.array([[0, 1], [1, 9]])
    ),
    "negative places": put(f"{MATRIX}/edge_indices/block0_values", np.array([[0, 1], [1, -1]])),
    "places as floats": put(f"{MATRIX}/edge_indices/block0_values", np.array([[0.0, 1]])),
    "odd number of places": put(f"{MATRIX}/edge_indices/block0_values", np.arange(3)),
    "edges of another length": put(f"{MATRIX}/edge_indices/block0_values", np.array([[0, 1]])),
    "no vertices": lambda f: f.__delitem__(f"{MATRIX}/vertex_properties"),
    "vertices a number": put(f"{MATRIX}/vertex_properties", 5),
    "vertices without columns": lambda f: [
        f.__delitem__(f"{MATRIX}/vertex_properties/{key}")
        for key in list(f[f"{MATRIX}/vertex_properties"])
    ],
    "names without values": lambda f: f.__delitem__(f"{MATRIX}/vertex_properties/block0_values"),
    "a default property that is not there": lambda f: f[MATRIX].attrs.__setitem__(
        "NEUROTOP_DEFAULT_EDGE", "nothing"
    ),
    "two matrices": lambda f: f.copy(f["connectivity"], "another"),
    "a link for the vertices": put(f"{MATRIX}/vertex_properties", h5py.ExternalLink("/x", "/y")),
    "an id twice": put(f"{MATRIX}/vertex_properties/block0_values", np.full((6, 1), 7)),
}


@pytest.mark.parametrize("case", CONNTILITY)
def test_conntility(tmp_path, case):
    path, _ = conntility(tmp_path)
    assert rejected(changed(path, CONNTILITY[case]))


SYNAPSES = {
    "lengths differ": put("synapses/preAxonId", np.array([1, 2])),
    "axons as floats": put("synapses/preAxonId", np.full(6, 1.5)),
    "negative dendrite": put("synapses/postDendriteId", np.array([1, 1, -2, 1, 1, 1])),
    "axon beyond its file": put("synapses/preAxonId", np.array([1, 1, 2, 9, 0, 2])),
    "axon beyond any": put("synapses/preAxonId", np.array([1, 1, 2, 2**40, 0, 2])),
    "nothing attached": put("synapses/preAxonId", np.zeros(6, int)),
    "infinite area": put("synapses/asiArea", np.array([1, np.inf, 1, 1, 1, 1])),
}


@pytest.mark.parametrize("case", SYNAPSES)
def test_l4dense_synapses(tmp_path, case):
    path, _ = l4dense(tmp_path)
    assert refused_anywhere(changed(path, SYNAPSES[case]))


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.__delitem__("axons/class"),
        put("axons/class", np.array([1, 2])),
        put("axons/class", np.array([1.5, 2, 3])),
        lambda f: f.__delitem__("axons"),
    ],
)
def test_l4dense_axons(tmp_path, change):
    path, _ = l4dense(tmp_path)
    changed(tmp_path / "axons.hdf5", change)
    assert refused_anywhere(path).endswith("axons.hdf5")


def refused_anywhere(path):
    """File that the error names: one of those beside each other."""
    with pytest.raises(InputError) as caught:
        prepare_file(path)
    (problem,) = caught.value.problems[:1]
    assert problem.remedy
    return problem.file
