"""From errors of synapses to errors of connections: simulated detection of known truth."""

import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.frame import Frame
from analysis.reconstruction.errors import ErrorModel, corrupt
from analysis.reconstruction.stated import derive, given_rates, lost_connections
from schemas.records import ErrorModel as StatedModel
from tests.unit.analysis.graphs import spatial


def figure(value, **bounds: float):
    return {"value": value, "source": "made"} | bounds


def model(**given: float | dict):
    made = {k: figure(v) if isinstance(v, float) else v for k, v in given.items()}
    return StatedModel.model_validate(made)


def weighted(seed, p=0.4, n=120):
    made = spatial(n, seed, 0.12, 0.2)
    weights = np.random.default_rng(seed).geometric(p, made.m)
    return Circuit.from_edges("made", n, made.sources(), made.indices, weights)


def test_lost_connections_by_hand():
    q = 0.2 / 0.8
    assert lost_connections([0, 100, 40, 8], 0.8) == pytest.approx(100 * q - 40 * q**2 + 8 * q**3)
    assert lost_connections([0, 100], 1.0) == 0


@pytest.mark.parametrize("recall", [0.7, 0.89])
def test_miss_rate_of_connections_is_unbiased(recall):
    """Synapses missed one by one: the share of lost connections comes back from what is left."""
    missed = ErrorModel({"synapses": 1 - recall})
    true, found, said = [], [], []
    for seed in range(25):
        whole = weighted(seed)
        seen = corrupt(whole, missed, np.random.default_rng(900 + seed))
        stated = derive(seen, model(recall=recall))
        true.append(1 - seen.m / whole.m)
        found.append(stated.miss)
        said.append(stated.miss_sd)
    off = np.array(found) - true
    assert abs(off.mean()) < 4 * off.std(ddof=1) / 5
    assert np.mean(true) < 1 - recall  # many synapses make a connection hard to miss
    assert off.std(ddof=1) / np.mean(said) == pytest.approx(1, abs=0.4)


def test_spurious_connections_come_back():
    whole = weighted(1)
    rng = np.random.default_rng(2)
    false = rng.integers(0, whole.n, (2, 400))
    pre, post = false[:, false[0] != false[1]]
    seen = Circuit.from_edges(
        "seen", whole.n, np.concatenate([whole.sources(), pre]),
        np.concatenate([whole.indices, post]),
        np.concatenate([whole.weights, np.ones(pre.size, int)]),
    )  # fmt: skip
    precision = whole.weights.sum() / seen.weights.sum()
    stated = derive(seen, model(recall=0.9, precision=float(precision)))
    added = seen.m - whole.m
    assert stated.spurious_share * seen.m == pytest.approx(added, rel=0.05)
    empty = whole.n * (whole.n - 1) - whole.m
    assert stated.spurious == pytest.approx(added / empty, rel=0.05)


def test_no_more_spurious_connections_than_have_one_synapse():
    n = 30
    pre, post = np.nonzero(np.random.default_rng(1).random((n, n)) < 0.2)
    weights = np.where(np.arange(pre.size) < 5, 1, 20)
    seen = Circuit.from_edges("heavy", n, pre, post, weights)
    stated = derive(seen, model(recall=0.9, precision=0.8))
    assert stated.spurious_share * seen.m <= 5
    assert "all that have one synapse" in " ".join(stated.how)


def test_range_of_the_recall_is_an_uncertainty():
    seen = weighted(1)
    sure = derive(seen, model(recall=0.9))
    unsure = derive(seen, model(recall=figure(0.9, low=0.85, high=0.95)))
    assert unsure.miss == sure.miss
    low, high = (derive(seen, model(recall=r)).miss for r in (0.95, 0.85))
    assert unsure.miss_sd**2 - sure.miss_sd**2 == pytest.approx(((high - low) / 2) ** 2)


def test_without_synapse_numbers_it_is_the_most_possible():
    stated = derive(weighted(1), model(recall=0.9), weight="binary")
    assert stated.miss == pytest.approx(0.1)
    assert "at most" in stated.how[0]


def test_what_cannot_be_told_is_not():
    seen = weighted(1)
    assert derive(seen, StatedModel()) is None
    assert derive(seen, model(recall=0.5)).miss is None
    assert derive(seen, model(precision=0.9)).miss is None
    cut = StatedModel.model_validate({"recall": figure(0.9), "synapse_threshold": 3})
    assert derive(seen, cut).miss is None
    assert "fewer than 3" in derive(seen, cut).how[0]


def test_errors_that_are_not_in_it_are_named():
    made = weighted(1)
    framed = Circuit.from_edges(
        "block", made.n, made.sources(), made.indices, made.weights,
        frame=Frame.whole(made.n, truncated=True),
    )  # fmt: skip
    stated = derive(framed, model(recall=0.9, proofread_axons=0.053))
    assert "94.7% of the axons were not proofread" in stated.unknown[0]
    assert "leave the volume" in stated.unknown[1]
    assert given_rates(made, 0.1).unknown == ()


def test_given_rates():
    made = weighted(1)
    stated = given_rates(made, 0.1, 0.05)
    empty = made.n * (made.n - 1) - 0.95 * made.m
    assert stated.spurious * empty == pytest.approx(0.05 * made.m, rel=0.01)
