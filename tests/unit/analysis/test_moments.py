"""Analytic means and standard deviations are those of the ensemble that is sampled."""

from itertools import combinations, product

import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.motifs import CLOSED, MAN, triad_census
from analysis.nulls import bands, get_null, moments
from analysis.nulls.dyads import DyadModel
from analysis.nulls.moments import ENUMERATED
from analysis.nulls.products import Factors, Product, factors
from tests.contract.analysis.test_nulls import LADDER, labelled
from tests.unit.analysis.graphs import heavy, spatial

SAMPLES = 1_200
CASES = {
    "spatial 60": labelled(spatial(60, 11, 0.15)),
    "heavy 60": labelled(heavy(60, 12, 9)),
    "heavy 300": labelled(heavy(300, 13, 18)),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("null", LADDER)
def test_moments_equal_those_of_samples(null, case):
    circuit = CASES[case]
    model = get_null(null).fit(circuit)
    rng = np.random.default_rng(5)
    drawn = np.empty((SAMPLES, len(MAN)))
    for row in drawn:
        counts = triad_census(model.sample(rng))
        row[:] = [counts[code] for code in MAN]
    for code, column in zip(MAN, drawn.T, strict=True):
        mean, sd = column.mean(), column.std(ddof=1)
        # 4.5 standard errors: one false alarm in 10⁵ tests.
        assert abs(mean - model.expected[code]) <= 4.5 * sd / np.sqrt(SAMPLES) + 1e-9, code
        if code in CLOSED and model.expected[code] > 1:
            assert model.sd[code] == pytest.approx(sd, rel=0.10), code
        elif model.expected[code] > 20:
            assert model.sd[code] == pytest.approx(sd, rel=0.15), code


def test_small_ensembles_are_exact():
    """All 4⁶ graphs of four neurons, weighed by their probability."""
    rng = np.random.default_rng(3)
    n = 4
    u = rng.random((n, n)) * 0.4
    m = rng.random((n, n)) * 0.2
    m = (m + m.T) / 2
    model = DyadModel(np.arange(n), np.ones(n, np.int64), u, m)
    assert n <= ENUMERATED
    pairs = list(combinations(range(n), 2))
    mean, square = np.zeros(16), np.zeros(16)
    for states in product(range(4), repeat=len(pairs)):
        weight, edges = 1.0, []
        for (a, b), state in zip(pairs, states, strict=True):
            weight *= (1 - u[a, b] - u[b, a] - m[a, b], u[a, b], u[b, a], m[a, b])[state]
            edges += [(a, b)] * (state & 1) + [(b, a)] * (state >> 1)
        pre, post = zip(*edges, strict=True) if edges else ((), ())
        counts = np.array(list(triad_census(Circuit.from_edges("x", n, pre, post)).values()))
        mean += weight * counts
        square += weight * counts**2
    assert list(model.expected.values()) == pytest.approx(mean.tolist())
    assert list(model.sd.values()) == pytest.approx(np.sqrt(square - mean**2).tolist())


def test_low_rank_factors_give_the_same_products():
    rng = np.random.default_rng(0)
    k = 300
    x, y = rng.lognormal(-2, 1, (2, k))
    p = np.outer(x, y) / (1 + np.outer(x, y))
    noise = rng.random((k, k))
    sizes = rng.integers(1, 4, k).astype(float)
    smooth, rough = factors(p), factors(noise)
    assert smooth.left is not None
    assert smooth.right.shape[0] < k / 4
    assert rough.left is None  # no low rank: multiplied as it is
    for first, a in ((smooth, p), (rough, noise)):
        for second, b in ((smooth, p), (rough, noise), (Factors(None, p), p)):
            made = Product(first, second, sizes).band(10, 90)
            assert made == pytest.approx(((a * sizes) @ b)[10:90, 10:], rel=1e-9)


def test_moments_do_not_depend_on_the_way_they_are_computed(monkeypatch):
    model = get_null("degree").fit(CASES["heavy 300"])
    usual = moments.triad_moments(model)
    monkeypatch.setattr(bands, "BAND", 3_000)  # many bands
    monkeypatch.setattr(bands, "factors", lambda matrix: Factors(None, matrix))
    plain = moments.triad_moments(model)
    for one, other in zip(usual, plain, strict=True):
        assert one == pytest.approx(other, rel=1e-9)
