"""Datasets read from the mirror have the counts of the research notes.

Without a mirror (see `tests/conftest.py`) the tests are skipped, or fail if `ISOCORTEX_NO_SKIP=1`.
"""

import numpy as np
import pytest

pytestmark = pytest.mark.mirror


def select(tables, where):
    """Neurons that fulfil all conditions, and the connections among them."""
    neurons = tables.neurons
    for condition in where:
        column = neurons[condition.column]
        keep = column.notna()
        if condition.isin is not None:
            keep &= column.isin(condition.isin)
        if condition.minimum is not None:
            keep &= column >= condition.minimum
        neurons = neurons[keep[neurons.index]]
    return neurons, among(tables.connections, neurons, neurons)


def among(connections, pre, post):
    return connections[
        connections["pre"].isin(pre["neuron_id"]) & connections["post"].isin(post["neuron_id"])
    ]


def reciprocal_pairs(connections):
    forward = set(zip(connections["pre"], connections["post"], strict=True))
    return sum((b, a) in forward for a, b in forward) // 2


@pytest.mark.parametrize(
    ("dataset", "neurons", "connections", "synapses"),
    [
        ("mouse-microns-mm3", 6_548, 115_379, 163_188),
        ("human-h01", 15_730, 76_004, 115_165),
        ("rat-nbs1-r0c10", 6_719, 836_167, 836_167),
    ],
)
def test_dataset_counts(prepared, dataset, neurons, connections, synapses):
    manifest, result = prepared(dataset)
    assert len(result.tables.neurons) == neurons == manifest.expected.neurons
    assert len(result.tables.connections) == connections == manifest.expected.connections
    assert int(result.tables.connections["weight"].sum()) == synapses
    assert result.dropped_self_loops == result.merged_parallel == 0


@pytest.mark.parametrize(
    ("dataset", "circuit", "neurons", "connections"),
    [
        ("mouse-microns-mm3", "v1-l4", 1_865, 26_440),
        ("mouse-microns-mm3", "rl-l4", 322, 1_393),
        ("mouse-microns-mm3", "l4", 2_197, 29_948),
        ("human-h01", "l4", 3_313, 7_766),
        ("rat-nbs1-r0c10", "l4", 1_410, 47_960),
    ],
)
def test_circuit_counts(prepared, dataset, circuit, neurons, connections):
    manifest, result = prepared(dataset)
    chosen, edges = select(result.tables, manifest.circuit(circuit).where)
    assert (len(chosen), len(edges)) == (neurons, connections)


def test_every_catalogued_circuit_holds_neurons_of_its_own_area_and_layer(prepared):
    for dataset in ("mouse-microns-mm3", "human-h01", "rat-nbs1-r0c10"):
        manifest, result = prepared(dataset)
        for circuit in manifest.circuits:
            chosen, _ = select(result.tables, circuit.where)
            if circuit.area is not None:
                assert set(chosen["area"]) == {circuit.area}
            assert set(chosen["layer"]) == {circuit.layer}


def test_microns_types_areas_and_glia(prepared):
    neurons = prepared("mouse-microns-mm3")[1].tables.neurons
    assert neurons["type"].notna().sum() == 6_356
    assert neurons["type"].value_counts().to_dict() == {
        "4P": 1_998, "6P-IT": 1_504, "6P-CT": 1_189, "5P-IT": 584, "BC": 273, "MC": 247,
        "BPC": 169, "23P": 148, "OPC": 73, "NGC": 51, "5P-NP": 46, "5P-ET": 37,
        "astrocyte": 18, "oligo": 15, "pericyte": 4,
    }  # fmt: skip
    assert neurons["area"].value_counts().to_dict() == {"v1": 5_161, "rl": 1_131, "al": 64}
    glia = neurons[neurons["type"].isin(["OPC", "astrocyte", "oligo", "pericyte"])]
    assert len(glia) == 110
    assert glia["layer"].isna().all()
    assert glia["cell_class"].isna().all()


def test_microns_depth_is_that_of_the_layers(prepared):
    """Pia 0, white matter 1; tops of the layers of the column at 57.6, 226.4, 361.3, 501.6 µm.

    The layers come from another classification than types do, so that this checks the axis.
    """
    neurons = prepared("mouse-microns-mm3")[1].tables.neurons
    assert neurons["cortical_depth"].between(0, 1.15).all()
    assert neurons.loc[neurons["area"] == "v1", "cortical_depth"].between(0.05, 1.05).all()
    in_v1 = neurons[neurons["area"] == "v1"].groupby("type")["cortical_depth"].median() * 716.6
    for kind, top, bottom in (
        ("23P", 57.6, 226.4), ("4P", 226.4, 361.3), ("5P-IT", 361.3, 501.6),
        ("5P-ET", 501.6 - 80, 501.6 + 80), ("6P-IT", 501.6, 716.6), ("6P-CT", 501.6, 716.6),
    ):  # fmt: skip
        assert top < in_v1[kind] < bottom, kind


def test_depth_is_not_guessed(prepared):
    for dataset in ("human-h01", "rat-nbs1-r0c10", "mouse-microns-l23"):
        assert prepared(dataset)[1].tables.neurons["cortical_depth"].isna().all()
    assert prepared("rat-nbs1-r0c10")[1].tables.neurons["depth"].between(20, 1_400).all()  # µm


def test_microns_l4_inhibitory_cells_lie_in_the_band(prepared):
    manifest, result = prepared("mouse-microns-mm3")
    chosen, edges = select(result.tables, manifest.circuit("l4").where)
    inhibitory = chosen[chosen["polarity"] == "inhibitory"]
    assert inhibitory["type"].value_counts().to_dict() == {"BC": 80, "MC": 64, "BPC": 50, "NGC": 5}
    assert inhibitory["soma_y"].between(568.8, 687.2).all()
    assert int(edges["weight"].sum()) == 40_774


@pytest.mark.parametrize(
    ("pre", "post", "density"),
    [
        ("excitatory", "excitatory", 0.0051),
        ("excitatory", "inhibitory", 0.0081),
        ("inhibitory", "excitatory", 0.0143),
        ("inhibitory", "inhibitory", 0.0201),
    ],
)
def test_microns_l4_class_pair_densities(prepared, pre, post, density):
    manifest, result = prepared("mouse-microns-mm3")
    chosen, edges = select(result.tables, manifest.circuit("l4").where)
    sources = chosen[chosen["polarity"] == pre]
    targets = chosen[chosen["polarity"] == post]
    possible = len(sources) * (len(targets) - (pre == post))
    assert len(among(edges, sources, targets)) / possible == pytest.approx(density, abs=5e-5)


def test_microns_reciprocity_and_isolates(prepared):
    tables = prepared("mouse-microns-mm3")[1].tables
    edges = tables.connections
    assert 2 * reciprocal_pairs(edges) / len(edges) == pytest.approx(0.065, abs=5e-4)
    connected = set(edges["pre"]) | set(edges["post"])
    assert len(tables.neurons) - len(connected) == 287


@pytest.mark.parametrize(
    ("layer", "polarity", "neurons", "connections", "mutual"),
    [
        ("L1", "inhibitory", 71, 88, 5),
        ("L2", "excitatory", 760, 26_765, 923),
        ("L3", "excitatory", 1_099, 44_353, 1_299),
        ("L4", "excitatory", 1_309, 42_734, 871),
        ("L4", "inhibitory", 101, 194, 3),
        ("L5", "excitatory", 1_346, 54_759, 901),
        ("L6", "excitatory", 1_338, 64_853, 1_722),
        ("L6", "inhibitory", 154, 658, 18),
    ],
)
def test_nbs1_layers(prepared, layer, polarity, neurons, connections, mutual):
    tables = prepared("rat-nbs1-r0c10")[1].tables
    table = tables.neurons
    chosen = table[(table["layer"] == layer) & (table["polarity"] == polarity)]
    edges = among(tables.connections, chosen, chosen)
    assert (len(chosen), len(edges), reciprocal_pairs(edges)) == (neurons, connections, mutual)


def test_nbs1_rows_are_presynaptic(prepared):
    """Layer 4 to 5 is the strong direction; a transposed matrix would turn it round."""
    tables = prepared("rat-nbs1-r0c10")[1].tables
    excitatory = tables.neurons[tables.neurons["polarity"] == "excitatory"]
    layer = {name: excitatory[excitatory["layer"] == name] for name in ("L3", "L4", "L5")}
    for pre, post, density in (("L4", "L5", 0.0371), ("L4", "L3", 0.0156), ("L3", "L5", 0.0359)):
        found = len(among(tables.connections, layer[pre], layer[post]))
        possible = len(layer[pre]) * len(layer[post])
        assert found / possible == pytest.approx(density, abs=5e-5)


def test_nbs1_types_positions_and_classes(prepared):
    neurons = prepared("rat-nbs1-r0c10")[1].tables.neurons
    counts = neurons["type"].value_counts()
    assert (counts["L4_TPC"], counts["L4_UPC"], counts["L4_SSC"]) == (850, 336, 123)
    assert neurons["cell_class"].notna().all()
    assert neurons[["soma_x", "soma_y", "soma_z"]].notna().all(axis=None)
    assert set(neurons["module"]) == {"R0;C10"}


@pytest.mark.parametrize(
    ("layer", "polarity", "neurons", "connections", "mutual"),
    [
        ("L1", "inhibitory", 540, 50, 3),
        ("L2", "excitatory", 2_909, 12_137, 176),
        ("L3", "excitatory", 1_824, 7_070, 89),
        ("L4", "excitatory", 2_357, 4_104, 46),
        ("L4", "inhibitory", 636, 209, 1),
        ("L5", "excitatory", 1_588, 3_824, 39),
        ("L6", "excitatory", 769, 3_170, 33),
    ],
)
def test_h01_layers(prepared, layer, polarity, neurons, connections, mutual):
    tables = prepared("human-h01")[1].tables
    table = tables.neurons
    chosen = table[(table["layer"] == layer) & (table["polarity"] == polarity)]
    edges = among(tables.connections, chosen, chosen)
    assert (len(chosen), len(edges), reciprocal_pairs(edges)) == (neurons, connections, mutual)


def test_h01_labels_and_positions(prepared):
    tables = prepared("human-h01")[1].tables
    neurons = tables.neurons
    assert neurons["type"].notna().sum() == 15_649
    assert (neurons["type"] == "spiny stellate neuron").sum() == 182
    assert (neurons["layer"] == "WM").sum() == 692
    # nm turned into µm: the slab is a few mm wide and some 170 µm thick
    assert np.ptp(neurons["soma_z"]) < 200 < np.ptp(neurons["soma_x"]) < 5_000
    assert tables.connections["weight"].max() == 89


def test_microns_l23_counts(prepared):
    manifest, result = prepared("mouse-microns-l23")
    edges = result.tables.connections
    assert result.dropped_self_loops == 2
    assert len(edges) + result.dropped_self_loops == 1_736
    assert int(edges["weight"].sum()) + 2 == 1_961
    assert set(result.tables.neurons["polarity"]) == {"excitatory"}
    connected, _ = select(result.tables, manifest.circuit("connected").where)
    assert len(connected) == 334
    square, among_them = select(result.tables, manifest.circuit("proofread").where)
    assert (len(square), len(among_them)) == (104, 680)
    assert len(among_them) / 104**2 == pytest.approx(0.063, abs=5e-4)
    assert 2 * reciprocal_pairs(among_them) == 62
    assert 2 * reciprocal_pairs(edges) / len(edges) == pytest.approx(0.036, abs=5e-4)


def test_microns_l23_positions_are_those_of_the_voxels(prepared):
    neurons = prepared("mouse-microns-l23")[1].tables.neurons
    first = neurons[neurons["neuron_id"] == 648518346349540057].iloc[0]
    assert (first["soma_x"], first["soma_y"], first["soma_z"]) == pytest.approx(
        (103_860 * 0.004, 44_385 * 0.004, 891 * 0.040)
    )


def test_kasthuri_is_bipartite_with_the_published_counts(prepared):
    tables = prepared("mouse-kasthuri")[1].tables
    neurons, edges = tables.neurons, tables.connections
    assert int(edges["weight"].sum()) == 1_700
    assert edges["weight"].value_counts().to_dict() == {1: 1_437, 2: 107, 3: 12, 4: 2, 5: 1}
    axons, dendrites = (set(neurons.loc[neurons["part"] == p, "neuron_id"])
                        for p in ("axon", "dendrite"))  # fmt: skip
    assert (len(axons), len(dendrites)) == (856, 173)
    assert set(edges["pre"]) <= axons
    assert set(edges["post"]) <= dendrites
    assert neurons["type"].value_counts().to_dict() == {
        "axon, excitatory": 809, "dendrite, spiny": 159, "axon, inhibitory": 45,
        "dendrite, smooth": 14, "axon": 1, "axon, myelinated": 1,
    }  # fmt: skip
    assert (edges.groupby("post")["weight"].sum() >= 10).sum() == 58


def test_larval_brain_counts(prepared):
    _, result = prepared("larva-brain")
    tables = result.tables
    assert len(tables.neurons) == 3_554
    assert len(tables.connections) + result.dropped_self_loops == 119_010
    assert result.dropped_self_loops == 577


@pytest.mark.parametrize(
    ("circuit", "neurons", "connections"), [("left", 1_774, 38_728), ("right", 1_778, 41_517)]
)
def test_larval_hemispheres(prepared, circuit, neurons, connections):
    manifest, result = prepared("larva-brain")
    chosen, edges = select(result.tables, manifest.circuit(circuit).where)
    assert (len(chosen), len(edges)) == (neurons, connections)
    # Kenyon cells have no fixed partner; other neurons mostly do
    paired = chosen[chosen["cell_class"] != "kenyon"]["pair"].notna().mean()
    assert paired > 0.9


def test_larval_pairs_are_mutual_and_across_the_midline(prepared):
    neurons = prepared("larva-brain")[1].tables.neurons.set_index("neuron_id")
    paired = neurons[neurons["pair"].notna()]
    inside = paired[paired["pair"].isin(neurons.index)]
    partners = neurons.loc[inside["pair"].astype("int64")]
    assert (partners["pair"].astype("int64").to_numpy() == inside.index.to_numpy()).all()
    assert (partners["side"].to_numpy() != inside["side"].to_numpy()).mean() > 0.99
