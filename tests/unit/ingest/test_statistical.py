"""Statistical reconstruction on small made-up classes."""

import numpy as np
import pytest

from ingest.statistical import (
    IDS_PER_REPLICATE,
    NeuronClass,
    Study,
    deal_studies,
    draw_connections,
    draw_probability,
    reconstruct,
)

CLASSES = [NeuronClass("E", "Exc", "excitatory", 60), NeuronClass("I", "Inh", "inhibitory", 20)]


def pathways(*studies: Study):
    return {(a, b): list(studies) for a in "EI" for b in "EI"}


def test_posterior_is_jeffreys():
    study = Study("10.1/x", 254, 1046)
    assert study.posterior == (254.5, 792.5)
    assert study.mean == pytest.approx(254 / 1046, abs=3e-4)


@pytest.mark.parametrize(("found", "tested"), [(254, 1046), (0, 30), (11, 178), (30, 30)])
def test_draws_have_the_mean_and_spread_of_the_posterior(found, tested):
    study = Study("10.1/x", found, tested)
    rng = np.random.default_rng(1)
    draws = np.array([draw_probability(study, rng) for _ in range(4000)])
    a, b = study.posterior
    sd = np.sqrt(a * b / (a + b) ** 2 / (a + b + 1))
    assert abs(draws.mean() - study.mean) < 4 * sd / np.sqrt(len(draws))
    assert draws.std() == pytest.approx(sd, rel=0.1)
    assert 0 <= draws.min() <= draws.max() <= 1


def test_every_study_is_dealt_before_one_comes_again():
    dealt = deal_studies(4, 12, np.random.SeedSequence(3))
    assert all(sorted(dealt[k : k + 4]) == [0, 1, 2, 3] for k in (0, 4, 8))
    assert deal_studies(4, 3, np.random.SeedSequence(3)) == dealt[:3]


def test_every_study_is_equally_likely_in_the_first_replicate():
    first = [deal_studies(4, 1, np.random.SeedSequence(k))[0] for k in range(2000)]
    counts = np.bincount(first, minlength=4)
    assert abs(counts - 500).max() < 4 * np.sqrt(2000 * 0.25 * 0.75)


def test_connections_have_the_probability_and_no_self_loops():
    pre, post = draw_connections(400, 400, 0.2, np.random.default_rng(5), same_class=True)
    assert (pre != post).all()
    pairs = 400 * 399
    assert abs(len(pre) - 0.2 * pairs) < 4 * np.sqrt(pairs * 0.16)
    assert len({*zip(pre.tolist(), post.tolist(), strict=True)}) == len(pre)


def test_chunks_do_not_change_the_draw(monkeypatch):
    whole = draw_connections(50, 30, 0.3, np.random.default_rng(5), same_class=False)
    monkeypatch.setattr("ingest.statistical.PAIRS_PER_CHUNK", 90)
    parts = draw_connections(50, 30, 0.3, np.random.default_rng(5), same_class=False)
    np.testing.assert_array_equal(whole, parts)


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_certain_probabilities(probability):
    pre, _ = draw_connections(7, 7, probability, np.random.default_rng(0), same_class=True)
    assert len(pre) == probability * 42


def test_same_seed_same_circuit_other_seed_another():
    first, again, other = (
        reconstruct(CLASSES, pathways(Study("10.1/x", 20, 100)), replicates=2, seed=seed)
        for seed in (7, 7, 8)
    )
    assert first.connections.equals(again.connections)
    assert first.neurons.equals(again.neurons)
    assert not first.connections.equals(other.connections)


def test_replicates_differ_and_do_not_depend_on_how_many_follow():
    studies = pathways(Study("10.1/x", 20, 100), Study("10.1/y", 60, 100))
    few = reconstruct(CLASSES, studies, replicates=2, seed=7)
    many = reconstruct(CLASSES, studies, replicates=4, seed=7)
    head = many.connections[many.connections["pre"] < 3 * IDS_PER_REPLICATE]
    assert few.connections.equals(head.reset_index(drop=True))
    assert (
        many.probabilities.groupby(["pre_class", "post_class"])["probability"].nunique().eq(4).all()
    )


def test_spread_between_studies_reaches_the_replicates():
    studies = pathways(Study("10.1/x", 6, 100), Study("10.1/y", 36, 100))
    drawn = reconstruct(CLASSES, studies, replicates=2, seed=1).probabilities
    for _, pair in drawn.groupby(["pre_class", "post_class"]):
        assert set(pair["doi"]) == {"10.1/x", "10.1/y"}
        by_doi = pair.set_index("doi")["probability"]
        assert by_doi["10.1/x"] < 0.2 < by_doi["10.1/y"]


def test_neurons_and_dtypes():
    drawn = reconstruct(CLASSES, pathways(Study("10.1/x", 20, 100)), replicates=3, seed=0)
    assert drawn.neurons["neuron_id"].is_unique
    assert drawn.neurons["neuron_id"].dtype == np.int64
    assert drawn.connections.dtypes.astype(str).to_dict() == {
        "pre": "int64", "post": "int64", "weight": "int32",
    }  # fmt: skip
    assert drawn.neurons.groupby(["replicate", "block"]).size().tolist() == [60, 20] * 3
    assert drawn.connections["pre"].isin(drawn.neurons["neuron_id"]).all()
    assert drawn.connections["post"].isin(drawn.neurons["neuron_id"]).all()


def test_missing_pair_and_too_many_neurons():
    with pytest.raises(KeyError):
        reconstruct(CLASSES, {("E", "E"): [Study("10.1/x", 1, 2)]}, replicates=1, seed=0)
    crowd = [NeuronClass("E", "Exc", "excitatory", IDS_PER_REPLICATE + 1)]
    with pytest.raises(ValueError, match="do not fit"):
        reconstruct(crowd, {("E", "E"): [Study("10.1/x", 1, 2)]}, replicates=1, seed=0)
