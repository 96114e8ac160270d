"""Split R̂ and effective sample size of series whose autocorrelation is known."""

import json

import numpy as np
import pytest
from scipy.signal import lfilter

from analysis.nulls.convergence import diagnose, effective_size, split_rhat


def autoregressive(phi, chains, length, quantities=200, seed=1):
    """AR(1) in equilibrium: n samples are worth n (1 − φ) / (1 + φ)."""
    noise = np.random.default_rng(seed).normal(size=(chains, length + 500, quantities))
    return lfilter([1], [1, -phi], noise, axis=1)[:, 500:]


@pytest.mark.parametrize("phi", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_effective_size_of_long_chains_is_that_of_theory(phi):
    chains = autoregressive(phi, 4, 1_000, 100)
    wanted = 4_000 * (1 - phi) / (1 + phi)
    assert effective_size(chains).mean() == pytest.approx(wanted, rel=0.05)


@pytest.mark.parametrize(("phi", "chains"), [(0.3, 4), (0.5, 4), (0.7, 4), (0.5, 20), (0.7, 20)])
def test_effective_size_of_chains_as_short_as_ours_is_near(phi, chains):
    wanted = chains * 50 * (1 - phi) / (1 + phi)
    assert effective_size(autoregressive(phi, chains, 50)).mean() == pytest.approx(wanted, rel=0.2)


def test_effective_size_is_that_of_the_means():
    """Independent oracle: the variance between means of many series is σ² / size."""
    chains = autoregressive(0.6, 4, 200, 1_500)
    means = chains.mean((0, 1))
    size = chains.var() / means.var()
    assert effective_size(chains).mean() == pytest.approx(size, rel=0.1)


def test_independent_samples_are_worth_themselves():
    chains = autoregressive(0.0, 4, 50)
    assert effective_size(chains).mean() > 0.93 * 200
    assert effective_size(chains).max() <= 200
    assert split_rhat(chains).mean() == pytest.approx(1, abs=0.005)
    assert (split_rhat(chains) > 1.05).mean() < 0.02


def test_alternating_samples_are_not_worth_more_than_their_number():
    assert effective_size(autoregressive(-0.5, 4, 200)).max() <= 800


def test_rhat_by_hand():
    """Halves 0 2 0 2 and 4 6 4 6: B/n = 8, W = 4/3, so R̂² = (3/4 · 4/3 + 8) / (4/3)."""
    chain = np.array([0, 2, 0, 2, 4, 6, 4, 6])[None, :, None]
    assert split_rhat(chain)[0] == pytest.approx(np.sqrt(6.75))


def test_a_drift_shows_though_chains_agree():
    """All chains leave the same place alike: only halves tell."""
    chains = autoregressive(0.0, 4, 50) + np.linspace(2, 0, 50)[None, :, None]
    assert (split_rhat(chains) > 1.05).mean() > 0.95


def test_chains_that_disagree_show():
    chains = autoregressive(0.0, 4, 50)
    chains[0] += 2
    assert (split_rhat(chains) > 1.05).all()
    assert (effective_size(chains) < 50).all()


def test_large_counts_lose_nothing():
    chains = np.rint(autoregressive(0.4, 4, 50) * 50).astype(np.int64)
    moved = chains + 2**60
    assert np.allclose(split_rhat(chains), split_rhat(moved), rtol=1e-12)
    assert np.allclose(effective_size(chains), effective_size(moved), rtol=1e-12)


def test_what_does_not_vary_has_none_and_stuck_chains_are_infinitely_far_apart():
    constant = np.full((3, 20, 1), 7)
    assert np.isnan(split_rhat(constant)).all()
    assert np.isnan(effective_size(constant)).all()
    stuck = constant.copy()
    stuck[1] = 8
    assert np.isposinf(split_rhat(stuck)).all()
    assert effective_size(stuck)[0] < 6


def test_too_short_to_be_judged():
    for judge in (split_rhat, effective_size):
        with pytest.raises(ValueError, match="no chain"):
            judge(np.zeros((4, 7, 1)))


def diagnosed(chains, names=("a", "b"), attempts=10):
    counts = np.rint(chains * 1_000).astype(np.int64).reshape(-1, chains.shape[-1])
    moved, tried = np.full(len(counts), 4), np.full(len(counts), attempts)
    return diagnose(counts, names, chains.shape[1], moved, tried)


def test_diagnosis_names_the_worst():
    chains = autoregressive(0.0, 4, 50, 2)
    found = diagnosed(chains)
    assert (found["chains"], found["samples"], found["acceptance"]) == (4, 50, 0.4)
    assert found["converged"]
    chains[0, :, 1] += 3
    found = diagnosed(chains)
    assert found["converged"] is False
    assert found["rhat"] == found["motifs"]["b"]["rhat"] > 1.05 > found["motifs"]["a"]["rhat"]
    assert found["ess"] == found["motifs"]["b"]["ess"] < 100 < found["motifs"]["a"]["ess"]
    assert found["autocorrelation_time"] == pytest.approx(200 / found["ess"], rel=0.01)


def test_diagnosis_of_what_cannot_be_judged_is_json():
    single = diagnosed(autoregressive(0.0, 1, 50, 2))
    assert (single["rhat"], single["ess"], single["converged"]) == (None, None, None)
    few = diagnosed(autoregressive(0.0, 3, 50, 2))
    assert few["converged"] is None
    assert few["ess"] > 50
    still = diagnosed(np.ones((4, 50, 2)))
    assert still["converged"]
    assert still["motifs"] == {}
    stuck = np.ones((4, 50, 2))
    stuck[0, :, 1] = 2
    found = diagnosed(stuck)
    assert (found["rhat"], found["converged"], list(found["motifs"])) == (None, False, ["b"])
    assert diagnosed(stuck, attempts=0)["acceptance"] is None
    json.dumps([single, few, still, found], allow_nan=False)
