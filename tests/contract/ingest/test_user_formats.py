"""One circuit in every format of users: recognised by content, and the same circuit every time."""

import zipfile

import pytest

from ingest.readers import SourceFiles, get_reader, user_formats
from ingest.recognise import recognise
from schemas.errors import InputError
from tests.contract.ingest.written import (
    BY_PLACE,
    CLASSES,
    IDS,
    LAYERS,
    OTHERS,
    TRIPLES,
    TYPES,
    WRITERS,
)
from tests.reach import out_of_reach
from tests.reading import prepare_file

POLARITY = {"EXC": "excitatory", "INH": "inhibitory"}


def test_every_user_format_is_written_here():
    assert {reader for reader, _ in WRITERS.values()} == set(user_formats())


@pytest.mark.parametrize("name", WRITERS)
def test_the_content_tells_the_format(tmp_path, name):
    reader, write = WRITERS[name]
    path, neurons = write(tmp_path)
    plain = path.rename(tmp_path / "file")  # no suffix to go by
    known = recognise(plain, neurons)
    assert known.format == reader
    assert known.options["connections"] == str(plain)
    assert known.what


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in OTHERS])
def test_the_same_circuit_in_every_format(tmp_path, name):
    path, second = WRITERS[name][1](tmp_path)
    manifest, prepared = prepare_file(path, second)
    edges = prepared.tables.connections
    assert [tuple(row) for row in edges[["pre", "post", "weight"]].to_numpy().tolist()] == TRIPLES
    neurons = prepared.tables.neurons
    assert neurons["neuron_id"].tolist() == IDS
    assert neurons["type"].tolist() == TYPES
    assert neurons["layer"].tolist() == LAYERS
    assert neurons["polarity"].tolist() == [POLARITY[c] for c in CLASSES]
    if name != "cave":  # its positions are voxels unless columns say otherwise
        assert neurons["soma_y"].tolist() == [0, 1, 2, 3, 4, 5]
    assert manifest.weight == "synapse_count"
    assert prepared.unmapped == {}


@pytest.mark.parametrize("name", [n for n in WRITERS if n not in ("cave", *OTHERS)])
def test_without_neurons(tmp_path, name):
    path, _ = WRITERS[name][1](tmp_path)
    _, prepared = prepare_file(path)
    assert len(prepared.tables.connections) == len(TRIPLES)
    assert sorted(prepared.tables.connections["weight"]) == sorted(t[2] for t in TRIPLES)


@pytest.mark.parametrize("name", ["neuroml-xml", "neuroml-hdf5"])
def test_the_same_circuit_in_neuroml(tmp_path, name):
    """The file has no ids; cells are numbered by population, and a population is a type."""
    manifest, prepared = prepare_file(WRITERS[name][1](tmp_path)[0])
    edges = prepared.tables.connections
    assert [tuple(row) for row in edges[["pre", "post", "weight"]].to_numpy()] == BY_PLACE
    assert edges["weight_of_source"].tolist() == [w / 2 for _, _, w in BY_PLACE]
    assert edges["delay_ms"].tolist() == [2.0] * len(BY_PLACE)
    neurons = prepared.tables.neurons
    assert neurons["neuron_id"].tolist() == [1, 2, 3, 4, 5, 6]
    assert neurons["type"].tolist() == ["a4P", "a4P", "bBC", "cMC", "d4P", "eNGC"]
    assert neurons["instance"].tolist()[:3] == ["a4P[0]", "a4P[1]", "bBC[0]"]
    assert neurons["component"].tolist() == ["iaf"] * 6
    assert neurons["layer"].tolist() == LAYERS
    assert neurons["polarity"].tolist() == [POLARITY[c] for c in CLASSES]
    assert neurons[["soma_x", "soma_y", "soma_z"]].to_numpy().tolist() == [
        [0.5 * k, k, -k] for k in range(6)
    ]
    assert manifest.weight == "synapse_count"
    (caveat,) = manifest.caveats
    assert caveat.endswith("electrical connections (gap junctions) are left out: 1 in the file.")
    assert prepared.unmapped == {}


def test_axons_and_dendrites_of_the_dense_reconstruction(tmp_path):
    path, _ = WRITERS["l4dense"][1](tmp_path)
    known = recognise(path)
    assert [p.name for p in known.files] == ["synapses.hdf5", "axons.hdf5", "dendrites.hdf5"]
    manifest, prepared = prepare_file(path)
    assert [source.name for source in prepared.sources] == [p.name for p in known.files]
    base = 1_000_000_000
    edges = prepared.tables.connections
    assert edges[["pre", "post", "weight"]].to_numpy().tolist() == [
        [1, base + 1, 2], [2, base + 2, 1], [3, base + 1, 1],
    ]  # fmt: skip
    assert edges["asi_area_um2"].tolist() == [0.75, 0.1, 0.2]
    neurons = prepared.tables.neurons
    assert neurons["type"].tolist() == [
        "corticocortical", "thalamocortical", "inhibitory", "soma", "smooth",
    ]  # fmt: skip
    assert neurons["polarity"].tolist()[:3] == ["excitatory", "excitatory", "inhibitory"]
    assert neurons["part"].tolist() == ["axon"] * 3 + ["dendrite"] * 2
    assert neurons["neuron"].isna().tolist() == [True, True, True, False, True]
    assert manifest.weight == "synapse_count"
    assert manifest.frame.kind == "bipartite"


def test_the_dense_reconstruction_without_its_other_files(tmp_path):
    path, _ = WRITERS["l4dense"][1](tmp_path)
    (tmp_path / "axons.hdf5").unlink()
    (tmp_path / "dendrites.hdf5").unlink()
    _, prepared = prepare_file(path)
    assert len(prepared.tables.neurons) == 5
    assert prepared.tables.neurons["type"].isna().all()


@pytest.mark.network
@pytest.mark.parametrize(
    ("member", "matrix", "neurons", "connections", "weight"),
    [
        ("examples/data/L23_EXC_sampled_cmat.h5", None, 6_439, 713_949, "binary"),
        ("examples/data/C_elegans_witvliet.h5", "chemical", 324, 775, "synapse_count"),
    ],
)
def test_real_files_of_conntility(
    shared_cache, tmp_path, member, matrix, neurons, connections, weight
):
    """775: the chemical connections of animal 1, the file's default stage."""
    shared_cache(tmp_path)
    wheels = list((tmp_path / "cache" / "wheels").glob("connectome-utilities-*.whl"))
    if not wheels:
        out_of_reach("the package index is out of reach")
    with zipfile.ZipFile(wheels[0]) as archive:
        files = SourceFiles({"c.h5": archive.read(member)})
    options = {"connections": "c.h5"} | ({} if matrix is None else {"matrix": matrix})
    raw = get_reader("conntility")(files, options)
    assert (len(raw.neurons), len(raw.connections), raw.weight) == (neurons, connections, weight)
    if matrix is None:
        assert raw.neurons["polarity"].unique().tolist() == ["EXC"]
        assert raw.neurons["layer"].value_counts().to_dict() == {"3": 3_737, "2": 2_702}
        assert raw.neurons["soma_x"].notna().all()
    else:
        assert raw.neurons["Neuron"].tolist()[:2] == ["ADAL", "ADAR"]
        with pytest.raises(InputError, match="3 matrices"):
            get_reader("conntility")(files, {"connections": "c.h5"})
