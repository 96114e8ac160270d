"""The catalogued barrels: sizes, probabilities against the published counts, same bytes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

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
        assert table.loc[foreign, "note"].str.startswith("borrowed:").all()
