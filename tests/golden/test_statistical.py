"""The catalogued barrels: sizes, probabilities against the published counts, same bytes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.io

from analysis.circuit import Circuit
from analysis.nulls import unavailable
from analysis.nulls.distance import pair_bins
from ingest import catalog_manifests
from ingest.job import prepare
from ingest.readers import SourceFiles
from ingest.readers.pair_recordings import read_classes, read_pathways
from ingest.statistical import IDS_PER_REPLICATE, NeuronClass, reconstruct
from store.lake import Lake

PUBLISHED = Path(__file__).parents[2] / "ingest" / "published"
BARRELS = {"mouse-barrel-c2": (1_656, 140, 5), "rat-barrel": (4_089, 358, 3)}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    done = {}

    def get(name):
        if name not in done:
            done[name] = prepare(catalog_manifests()[name], cache=cache)
        return done[name]

    return get


def densities(tables, excitatory, inhibitory):
    """Density of every class pair of every replicate, from the edges alone."""
    pre = tables.connections["pre"].to_numpy()
    post = tables.connections["post"].to_numpy()
    replicate = pre // IDS_PER_REPLICATE
    inhibits = pre % IDS_PER_REPLICATE >= excitatory
    inhibited = post % IDS_PER_REPLICATE >= excitatory
    blocks = np.bincount(4 * replicate + 2 * inhibits + inhibited).reshape(-1, 4)[1:]
    size = {"E": excitatory, "I": inhibitory}
    pairs = [(a, b) for a in "EI" for b in "EI"]
    possible = np.array([size[a] * (size[b] - (a == b)) for a, b in pairs])
    return pd.DataFrame(
        blocks / possible,
        index=range(1, len(blocks) + 1),
        columns=pd.MultiIndex.from_tuples(pairs),
    )


@pytest.mark.parametrize("name", BARRELS)
def test_sizes_and_replicates(prepared, name):
    excitatory, inhibitory, replicates = BARRELS[name]
    neurons = prepared(name).tables.neurons
    sizes = neurons.groupby(["replicate", "polarity"]).size()
    assert sizes.to_dict() == {
        (r, polarity): count
        for r in range(1, replicates + 1)
        for polarity, count in (("excitatory", excitatory), ("inhibitory", inhibitory))
    }
    assert set(neurons["module"]) == {f"r{r}" for r in range(1, replicates + 1)}
    assert (neurons["neuron_id"] // IDS_PER_REPLICATE == neurons["replicate"]).all()


@pytest.mark.parametrize("name", BARRELS)
def test_no_connection_leaves_its_replicate(prepared, name):
    edges = prepared(name).tables.connections
    assert (edges["pre"] // IDS_PER_REPLICATE == edges["post"] // IDS_PER_REPLICATE).all()
    assert (edges["pre"] != edges["post"]).all()
    assert (edges["weight"] == 1).all()


@pytest.mark.parametrize(
    ("name", "connections"), [("mouse-barrel-c2", 4_595_094), ("rat-barrel", 16_359_777)]
)
def test_a_seed_means_the_same_circuit_everywhere(prepared, name, connections):
    """Another scipy may invert the Beta distribution to another last digit, no more."""
    assert abs(len(prepared(name).tables.connections) - connections) <= 20


@pytest.mark.parametrize("name", BARRELS)
def test_circuits_are_the_replicates(name):
    manifest = catalog_manifests()[name]
    replicates = BARRELS[name][2]
    assert [c.name for c in manifest.circuits] == [f"l4-r{r}" for r in range(1, replicates + 1)]
    assert {c.role for c in manifest.circuits} == {"replicate"}
    assert manifest.projected[0].isin == [1]
    assert manifest.seed is not None


def test_mouse_excitatory_pairs_stay_near_lefort(prepared):
    found = densities(prepared("mouse-barrel-c2").tables, 1_656, 140)["E"]["E"]
    # sampling error of 254/1,046 is ± .013
    assert found.sub(254 / 1046).abs().max() < 4 * 0.0133
    assert found.nunique() == 5


def test_rat_excitatory_pairs_show_that_studies_disagree(prepared):
    found = densities(prepared("rat-barrel").tables, 4_089, 358)["E"]["E"]
    assert 0.03 < found.min() < found.max() < 0.50
    assert found.max() - found.min() > 0.1


def test_reciprocal_pairs_are_what_chance_gives(prepared):
    """Block-random by construction: calibration of everything that looks for more."""
    edges = prepared("mouse-barrel-c2").tables.connections
    first = edges[
        (edges["pre"] < IDS_PER_REPLICATE + 1_656) & (edges["post"] < IDS_PER_REPLICATE + 1_656)
    ]
    pairs = 1_656 * 1_655
    p = len(first) / pairs
    code = first["pre"] * 10_000_000 + first["post"]
    mutual = code.isin(first["post"] * 10_000_000 + first["pre"]).sum() / 2
    expected = pairs / 2 * p**2
    assert abs(mutual - expected) < 4 * expected**0.5


def test_same_seed_same_connections(prepared, tmp_path):
    again = prepare(catalog_manifests()["mouse-barrel-c2"], cache=tmp_path)
    pd.testing.assert_frame_equal(
        again.tables.connections, prepared("mouse-barrel-c2").tables.connections
    )


def published(name):
    """Classes and studies behind a catalogued barrel."""
    options = catalog_manifests()[name].reader.options
    files = SourceFiles({options[k]: PUBLISHED / options[k] for k in ("neurons", "pairs")})
    classes, _ = read_classes(files, options["neurons"])
    names = [block.name for block in classes]
    assumed = options["tested_where_unpublished"]
    return classes, read_pathways(files, options["pairs"], names, assumed_tests=assumed)


@pytest.mark.parametrize("name", BARRELS)
def test_block_densities_are_the_drawn_probabilities(prepared, name):
    """Every block of every replicate, within the sampling error of its number of pairs."""
    excitatory, inhibitory, replicates = BARRELS[name]
    classes, pathways = published(name)
    manifest = catalog_manifests()[name]
    # probabilities do not depend on the sizes: tiny classes give them without the circuits
    tiny = [NeuronClass(c.name, c.type, c.cell_class, 1) for c in classes]
    drawn = reconstruct(tiny, pathways, replicates=replicates, seed=manifest.seed).probabilities
    found = densities(prepared(name).tables, excitatory, inhibitory)
    size = {"E": excitatory, "I": inhibitory}
    for row in drawn.itertuples():
        pairs = size[row.pre_class] * (size[row.post_class] - (row.pre_class == row.post_class))
        error = np.sqrt(row.probability * (1 - row.probability) / pairs)
        seen = found.loc[row.replicate, (row.pre_class, row.post_class)]
        assert abs(seen - row.probability) < 4.5 * error
        assert row.doi in {study.doi for study in pathways[row.pre_class, row.post_class]}


@pytest.mark.parametrize("name", BARRELS)
def test_probabilities_over_many_seeds_are_the_mixture_of_the_posteriors(name):
    """First replicate of 400 seeds: each study equally often, its Beta posterior within."""
    _, pathways = published(name)
    tiny = [NeuronClass(label, label, "neuron", 1) for label in ("E", "I")]
    drawn = pd.concat(
        reconstruct(tiny, pathways, replicates=1, seed=seed).probabilities for seed in range(400)
    )
    for pair, studies in pathways.items():
        of_pair = drawn[(drawn["pre_class"] == pair[0]) & (drawn["post_class"] == pair[1])]
        by_study = of_pair.groupby("doi")["probability"]
        share = 1 / len(studies)
        assert (abs(by_study.size() - 400 * share) < 4.5 * np.sqrt(400 * share)).all()
        for study in studies:
            a, b = study.posterior
            sd = np.sqrt(a * b / (a + b) ** 2 / (a + b + 1))
            values = by_study.get_group(study.doi)
            assert abs(values.mean() - a / (a + b)) < 4.5 * sd / np.sqrt(len(values))
            assert values.std() == pytest.approx(sd, rel=0.35)


CAT = {"23E": 1_034, "23I": 292, "4E": 1_096, "4I": 274}
CAT_FIGURES = {  # rows of the published matrix are targets
    ("4E", "4E"): 0.0497, ("4E", "4I"): 0.0794, ("4I", "4E"): 0.135, ("4I", "4I"): 0.1597,
    ("4E", "23E"): 0.0437, ("23E", "4E"): 0.0077, ("23E", "4I"): 0.0691, ("23I", "4I"): 0.0029,
    ("23E", "23E"): 0.1009, ("23I", "23E"): 0.1689,
}  # fmt: skip


def test_cat_column_is_a_twentieth_of_the_published_one(prepared):
    neurons = prepared("cat-v1-column").tables.neurons
    sizes = neurons.groupby(["replicate", "type"]).size()
    assert sizes.to_dict() == {(r, kind): n for r in (1, 2, 3) for kind, n in CAT.items()}
    published = pd.read_csv(PUBLISHED / "cat_v1_column_neurons.csv").set_index("class")["count"]
    assert {kind: round(published[kind] / 20) for kind in CAT} == CAT
    assert published[["23E", "4E", "4I"]].tolist() == [20_683, 21_915, 5_479]
    layers = neurons.groupby("layer")["type"].unique()
    assert {layer: set(kinds) for layer, kinds in layers.items()} == {
        "L2/3": {"23E", "23I"}, "L4": {"4E", "4I"},
    }  # fmt: skip


def test_cat_densities_are_the_published_probabilities_in_every_replicate(prepared):
    tables = prepared("cat-v1-column").tables
    kind = tables.neurons.set_index("neuron_id")["type"]
    edges = tables.connections
    replicate = edges["pre"] // IDS_PER_REPLICATE
    assert (replicate == edges["post"] // IDS_PER_REPLICATE).all()
    found = edges.groupby(
        [replicate, edges["pre"].map(kind), edges["post"].map(kind)], sort=False
    ).size()
    for (pre, post), probability in CAT_FIGURES.items():
        pairs = CAT[pre] * (CAT[post] - (pre == post))
        error = np.sqrt(probability * (1 - probability) / pairs)
        for number in (1, 2, 3):
            assert abs(found[number, pre, post] / pairs - probability) < 4.5 * error
    assert found.groupby(level=0).sum().nunique() == 3  # chance differs, probabilities do not
    assert 1.3e6 < len(edges) < 1.5e6


def test_cat_circuits(prepared):
    neurons = prepared("cat-v1-column").tables.neurons
    manifest = catalog_manifests()["cat-v1-column"]
    for cut in manifest.circuits:
        inside = neurons
        for condition in cut.where:
            inside = inside[inside[condition.column].isin(condition.isin)]
        expected = sum(CAT.values()) if cut.name == "l23-l4" else CAT["4E"] + CAT["4I"]
        assert len(inside) == expected
    assert manifest.circuit("l23-l4").role == "circuit"


@pytest.mark.mirror
class TestMappedBarrel:
    """Somata of the map under the wiring of the statistical barrel."""

    @pytest.fixture
    def tables(self, mirror, tmp_path_factory):
        manifest = catalog_manifests()["mouse-barrel-map"]
        return prepare(manifest, cache=tmp_path_factory.mktemp("c"), mirror=mirror).tables

    def test_somata_are_those_of_the_map(self, tables, mirror):
        info = scipy.io.loadmat(mirror / "barrel_soma_map" / "cellinfo_1645_assign.mat")["l4info"]
        assert info.shape == (1_561, 4)
        neurons = tables.neurons
        for _, one in neurons.groupby("replicate"):
            somata = one[["soma_x", "soma_y", "soma_z"]].to_numpy() * [1.5, 1.5, 2.0]
            assert set(map(tuple, somata.round(6))) == set(map(tuple, info[:, :3].round(6)))
        assert neurons.groupby(["replicate", "polarity"]).size().to_dict() == {
            (r, polarity): n
            for r in (1, 2)
            for polarity, n in (("excitatory", 1_327), ("inhibitory", 234))
        }
        types = neurons[neurons["replicate"] == 1]["type"].value_counts()
        assert sorted(types) == [117, 117, 557, 770]
        inhibits = neurons["type"].isin(["fast spiking", "regular spiking non-pyramidal"])
        assert (inhibits == (neurons["polarity"] == "inhibitory")).all()

    def test_wiring_is_drawn_from_the_same_studies(self, tables):
        found = densities(tables, 1_327, 234)["E"]["E"]
        assert found.sub(254 / 1046).abs().max() < 4 * 0.0133
        assert found.nunique() == 2
        assert 1.2e6 < len(tables.connections) < 2e6

    def test_distance_has_no_part_in_it(self, tables):
        """By the null's own bins: within a pair of classes the share connected is one and the same.

        That the null can be had at all is what the positions are for.
        """
        neurons = tables.neurons[tables.neurons["replicate"] == 1]
        edges = tables.connections
        inside = edges["pre"].isin(neurons["neuron_id"])
        circuit = Circuit.from_tables("map", neurons, edges[inside])
        assert unavailable(circuit, ["distance", "block_distance"]) == {}
        bins = pair_bins(circuit)
        excites = (circuit.neurons["polarity"] == "excitatory").to_numpy()
        pairs = np.outer(excites, excites) & ~np.eye(len(excites), dtype=bool)
        linked = circuit.dense() > 0
        tested = np.bincount(bins[pairs])
        hits = np.bincount(bins[pairs & linked], minlength=tested.size)
        rate = hits.sum() / tested.sum()
        z = (hits - rate * tested) / np.sqrt(np.maximum(tested, 1) * rate * (1 - rate))
        assert (tested > 1_000).sum() >= 5
        assert np.abs(z[tested > 1_000]).max() < 4.5


def test_another_seed_is_another_circuit_and_another_version(prepared, tmp_path):
    manifest = catalog_manifests()["mouse-barrel-c2"]
    options = manifest.reader.options | {"replicates": 1}
    small = manifest.model_copy(
        update={"reader": manifest.reader.model_copy(update={"options": options})}
    )
    versions = {}
    for label, seed in (("first", 2009), ("again", 2009), ("other", 2010)):
        seeded = small.model_copy(update={"seed": seed})
        made = prepare(seeded, cache=tmp_path)
        versions[label] = (
            Lake(tmp_path / label)
            .publish(
                small,
                made.tables,
                sources=made.sources,
                reader=made.reader,
                code_version="x",
            )
            .version
        )
    assert versions["first"] == versions["again"] != versions["other"]


@pytest.mark.parametrize("path", sorted(PUBLISHED.glob("*.csv")), ids=lambda p: p.stem)
def test_every_figure_has_a_doi_and_its_printed_probability(path):
    table = pd.read_csv(path)
    assert table["doi"].str.fullmatch(r"10\.\d{4,}/\S+").all()
    assert table["reference"].notna().all()
    if "tested" in table:
        counted = table.dropna(subset=["found", "tested", "probability"])
        apart = (counted["found"] / counted["tested"] - counted["probability"]).abs()
        assert (apart <= 0.0051).all()
        foreign = table["species"] != path.stem.split("_")[0]
        if "_l4_" in path.stem:
            foreign |= table["layer"] != "L4"
        notes = table.loc[foreign, "note"].astype("string")
        assert notes.str.startswith("borrowed:").all()
