"""Datasets from wheels have the counts, areas and reciprocities that were published or counted.

Counts: each package opened and counted once by hand; n, m and reciprocity of whole graphs as an
independent program found them in the same bytes.
"""

import numpy as np
import pandas as pd
import pytest

from ingest import catalog_manifests
from schemas.records import WheelSource
from store.lake import Lake

# dataset, neurons of the table, connections, sum of weights
DATASETS = [
    ("worm-witvliet-1", 161, 675, 1_152),
    ("worm-witvliet-2", 162, 865, 1_687),
    ("worm-witvliet-3", 162, 887, 1_884),
    ("worm-witvliet-4", 168, 1_011, 2_521),
    ("worm-witvliet-5", 174, 1_324, 3_644),
    ("worm-witvliet-6", 175, 1_315, 3_894),
    ("worm-witvliet-7", 181, 1_933, 6_575),
    ("worm-witvliet-8", 180, 1_933, 7_099),
    ("worm-n2u", 188, 1_433, 3_772),
    ("worm-jsh", 183, 1_293, 3_699),
    ("worm-cook-hermaphrodite", 302, 3_671, 20_848),
    ("worm-cook-male", 381, 3_988, 36_510),
    ("larva-mb-left", 209, 7_425, 25_322),
    ("larva-mb-right", 213, 7_536, 26_371),
    ("rat-l5-ttpc2", 2_003, 102_732, 650_949),
    ("rat-l6-lbc", 463, 1_480, 19_032),
    ("rat-s1-l23", 6_439, 713_949, 713_949),
    ("fly-al-hemibrain", 197, 13_754, 246_432),
    ("fly-escape-flywire", 668, 10_431, 10_431),
]
# pairs that meet in both antennal lobes; in several neuropils
MERGED = {"fly-al-hemibrain": 20, "fly-escape-flywire": 18_968 - 10_431}
# circuit, neurons, connections, share of connections that are reciprocated
CIRCUITS = [
    ("worm-witvliet-1/neurons", 161, 675, 0.172),
    ("worm-witvliet-3/neurons", 162, 887, 0.223),
    ("worm-witvliet-5/neurons", 173, 1_324, 0.239),
    ("worm-witvliet-7/neurons", 180, 1_933, 0.273),
    ("worm-witvliet-8/neurons", 180, 1_933, 0.310),
    ("worm-cook-hermaphrodite/two-letter-names", 286, 3_534, 0.358),
    ("worm-cook-male/two-letter-names", 328, 2_932, 0.330),
    ("larva-mb-left/mushroom-body", 209, 7_425, 0.503),
    ("larva-mb-right/mushroom-body", 213, 7_536, 0.507),
    ("rat-l5-ttpc2/l5-ttpc2", 2_003, 102_732, 2 * 1_752 / 102_732),
    ("rat-l6-lbc/l6-lbc", 463, 1_480, 2 * 17 / 1_480),
    ("fly-escape-flywire/escape", 668, 10_431, 0.1354),
    ("fly-escape-flywire/named-types", 338, 815, 0.1006),
]


def chosen(prepared, identifier):
    """Neurons of a circuit, and the connections among them, without the lake's help."""
    dataset, _, name = identifier.partition("/")
    manifest, result = prepared(dataset)
    neurons = result.tables.neurons
    for condition in manifest.circuit(name).where:
        column = neurons[condition.column]
        keep = column.notna()
        if condition.isin is not None:
            keep &= column.isin(condition.isin)
        if condition.minimum is not None:
            keep &= column >= condition.minimum
        neurons = neurons[keep]
    edges = result.tables.connections
    inside = edges["pre"].isin(neurons["neuron_id"]) & edges["post"].isin(neurons["neuron_id"])
    return neurons, edges[inside]


def reciprocity(edges):
    forward = set(zip(edges["pre"], edges["post"], strict=True))
    return sum((post, pre) in forward for pre, post in forward) / len(forward)


def test_every_dataset_from_a_wheel_is_counted_here():
    from_wheels = {
        name for name, m in catalog_manifests().items() if isinstance(m.source, WheelSource)
    }
    assert {row[0] for row in DATASETS} == from_wheels


@pytest.mark.network
@pytest.mark.parametrize(("dataset", "neurons", "connections", "weight"), DATASETS)
def test_counts(prepared, dataset, neurons, connections, weight):
    manifest, result = prepared(dataset)
    tables = result.tables
    assert len(tables.neurons) == neurons == manifest.expected.neurons
    assert len(tables.connections) == connections == manifest.expected.connections
    assert int(tables.connections["weight"].sum()) == weight
    assert result.merged_parallel == MERGED.get(dataset, 0)
    assert result.unmapped == {}


@pytest.mark.network
@pytest.mark.parametrize(("circuit", "neurons", "connections", "reciprocated"), CIRCUITS)
def test_circuits(prepared, circuit, neurons, connections, reciprocated):
    cells, edges = chosen(prepared, circuit)
    assert (len(cells), len(edges)) == (neurons, connections)
    # three digits were printed, the last one not always rounded to the nearest
    assert reciprocity(edges) == pytest.approx(reciprocated, abs=6e-4)


@pytest.mark.network
@pytest.mark.parametrize(
    ("dataset", "loops"),
    [("worm-witvliet-7", 11), ("worm-cook-hermaphrodite", 38), ("worm-cook-male", 60)],
)
def test_autapses_are_counted_apart(prepared, dataset, loops):
    """1,944, 3,709 and 4,048 rows in the sources, autapses among them."""
    assert prepared(dataset)[1].dropped_self_loops == loops


@pytest.mark.network
@pytest.mark.parametrize(
    ("side", "classes"),
    [("left", (101, 58, 29, 21)), ("right", (100, 63, 29, 21))],
)
def test_larval_cell_classes(prepared, side, classes):
    neurons = prepared(f"larva-mb-{side}")[1].tables.neurons
    counts = neurons["type"].value_counts()
    assert tuple(counts[label] for label in "KPOI") == classes
    assert set(neurons["side"]) == {side}
    assert neurons["cell_class"].notna().all()


@pytest.mark.network
def test_antennal_lobe_classes_and_strong_connections(prepared):
    manifest, result = prepared("fly-al-hemibrain")
    neurons, connections = result.tables.neurons, result.tables.connections
    assert manifest.optional
    assert (connections["weight"] >= 5).sum() == 5_887
    assert set(neurons["ln_class"]) == {"broad", "sparse", "regional", "patchy"}
    assert neurons["hemibrain_name"].str.contains("LN").all()
    assert set(neurons["side"]) == {"right"}


@pytest.mark.network
def test_escape_circuit_has_types_and_no_polarity_where_signs_contradict(prepared):
    manifest, result = prepared("fly-escape-flywire")
    neurons = result.tables.neurons
    assert manifest.optional
    assert "CC BY-NC 4.0" in manifest.licence
    signs = neurons["output_signs"].value_counts().to_dict()
    assert signs == {"both": 408, "plus": 129, "minus": 91, "plus, halved": 35, "none": 5}
    unknown = neurons["output_signs"].isin(["both", "plus, halved", "none"])
    assert (neurons["polarity"] == "unknown").equals(unknown)
    assert neurons["polarity"].value_counts().to_dict() == {
        "unknown": 448, "excitatory": 129, "inhibitory": 91
    }  # fmt: skip
    types = neurons["type"].value_counts()
    assert (types["LPLC2"], types["LC4"], types["DNp01"], types["MDN"]) == (210, 104, 2, 4)
    classes = neurons["cell_class"].value_counts(dropna=False).to_dict()
    assert classes == {"projection": 328, None: 324, "sensory": 16}
    assert neurons["side"].value_counts().to_dict() == {"right": 344, "left": 322, "center": 2}
    assert neurons[["soma_x", "soma_y", "soma_z"]].isna().all(axis=None)


@pytest.mark.network
def test_escape_weights_are_measures_and_no_counts(prepared):
    manifest, result = prepared("fly-escape-flywire")
    connections = result.tables.connections
    scaled, signed = connections["scaled_weight_au"], connections["signed_weight_au"]
    assert manifest.weight == "binary"
    assert (connections["weight"] == 1).all()
    # all rows of the file, added up one by one
    assert (scaled.sum(), signed.sum()) == (202_774.5, 12_786.5)
    assert (signed.abs() < scaled).sum() == 546  # pairs with both signs
    assert (scaled < 5).sum() == 159
    # Positive rows may be halves of a number, negative ones are whole: every pair has room for 5.
    plus, minus = (scaled + signed) / 2, (scaled - signed) / 2
    assert (2 * plus + minus).min() == 5


@pytest.mark.network
def test_looming_detectors_drive_the_giant_fiber_of_their_side(prepared):
    """Known of both types (doi:10.1038/s41586-022-05562-8): pre and post are not exchanged."""
    cells, edges = chosen(prepared, "fly-escape-flywire/named-types")
    of = cells.set_index("neuron_id")
    detectors = of.index[of["type"].isin(["LC4", "LPLC2"])]
    giants = of.index[of["type"] == "DNp01"]
    onto = edges[edges["pre"].isin(detectors) & edges["post"].isin(giants)]
    back = edges[edges["pre"].isin(giants) & edges["post"].isin(detectors)]
    same = of["side"].loc[onto["pre"]].to_numpy() == of["side"].loc[onto["post"]].to_numpy()
    assert (len(onto), len(back), int(same.sum())) == (188, 31, 188)


@pytest.mark.network
def test_the_same_worm_neuron_has_the_same_id_in_every_animal(prepared):
    by_name = {}
    for dataset in (row[0] for row in DATASETS if row[0].startswith("worm")):
        neurons = prepared(dataset)[1].tables.neurons
        for name, neuron_id in zip(neurons["instance"], neurons["neuron_id"], strict=True):
            assert by_name.setdefault(name, neuron_id) == neuron_id
    assert len(by_name) == len(set(by_name.values())) > 381


@pytest.mark.network
def test_sides_of_paired_worm_neurons(prepared):
    neurons = prepared("worm-cook-hermaphrodite")[1].tables.neurons.set_index("instance")
    assert neurons.loc["AVAL", "side"] == "left"
    assert neurons.loc["AVAR", "side"] == "right"
    assert pd.isna(neurons.loc["RIH", "side"])
    left, right = ((neurons["side"] == side).sum() for side in ("left", "right"))
    assert left == right


@pytest.mark.network
def test_tiles_of_the_flat_map_are_a_partition(prepared):
    manifest, result = prepared("rat-s1-l23")
    neurons = result.tables.neurons
    tiles = [cut for cut in manifest.circuits if cut.role == "module"]
    assert len(tiles) == 9
    members = [set(chosen(prepared, f"rat-s1-l23/{cut.name}")[0]["neuron_id"]) for cut in tiles]
    assert sum(map(len, members)) == len(set().union(*members)) == len(neurons) == 6_439
    for axis in ("flat_x", "flat_y"):
        # nine squares of equal width over a window of 400 µm
        assert np.ptp(neurons[axis]) == pytest.approx(400, abs=0.5)
        widths = neurons.groupby("module")[axis].agg(np.ptp)
        assert widths.between(125, 133.4).all()
    row = neurons.groupby("module")["flat_y"].mean()
    assert row["tile-1-2"] < row["tile-2-2"] < row["tile-3-2"]
    column = neurons.groupby("module")["flat_x"].mean()
    assert column["tile-2-1"] < column["tile-2-2"] < column["tile-2-3"]


@pytest.mark.network
def test_rat_model_layers_and_types(prepared):
    neurons = prepared("rat-s1-l23")[1].tables.neurons
    assert neurons["layer"].value_counts().to_dict() == {"L3": 3_737, "L2": 2_702}
    assert neurons["type"].nunique() == 5


@pytest.mark.network
@pytest.mark.parametrize("dataset", ["worm-witvliet-8", "larva-mb-left", "rat-l6-lbc"])
def test_the_version_depends_on_contents_alone(prepared, dataset, tmp_path):
    manifest, result = prepared(dataset)
    versions = {
        Lake(tmp_path / name)
        .publish(
            manifest,
            result.tables,
            sources=result.sources,
            reader=result.reader,
            code_version=name,
        )
        .version
        for name in ("one", "two")
    }
    assert len(versions) == 1
