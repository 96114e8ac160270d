"""The triad kernel: enumerated, inverted, and right on average."""

from itertools import product

import numpy as np
import pytest

from analysis.motifs import MAN
from analysis.motifs.naming import triad_of
from analysis.nulls import get_null
from analysis.reconstruction.errors import ErrorModel, corrupt
from analysis.reconstruction.kernel import (
    census_of,
    condition,
    corrected_census,
    corrected_degrees,
    corrected_dyads,
    dyad_kernel,
    er_effect,
    jackknife,
    kernel_effect,
    triad_kernel,
)
from analysis.reconstruction.kinds import spurious_rate
from schemas.errors import UsageError
from tests.unit.analysis.graphs import spatial
from tests.unit.analysis.test_reconstruction_errors import mutual

CIRCUIT = spatial(60, 4, 0.12, 0.2)


def enumerated(f, g):
    """Follow every state of three pairs through every error, by hand."""
    codes = [triad_of(*states) for states in product(range(4), repeat=3)]
    table = {code: np.zeros(16) for code in MAN}
    for states, code in zip(product(range(4), repeat=3), codes, strict=True):
        if table[code].any():
            continue
        for seen, other in zip(product(range(4), repeat=3), codes, strict=True):
            chance = 1.0
            for one, two in zip(states, seen, strict=True):
                for bit in (1, 2):
                    there, found = bool(one & bit), bool(two & bit)
                    lost, made = (1 - f if found else f), (g if found else 1 - g)
                    chance *= lost if there else made
            table[code][MAN.index(other)] += chance
    return np.stack([table[code] for code in MAN], axis=1)


@pytest.mark.parametrize(("f", "g"), [(0.0, 0.0), (0.1, 0.0), (0.2, 0.005), (0.4, 0.3)])
def test_kernel_is_the_enumeration(f, g):
    kernel = triad_kernel(f, g)
    assert kernel == pytest.approx(enumerated(f, g), abs=1e-14)
    assert kernel.sum(0) == pytest.approx(1.0)
    assert np.linalg.inv(kernel) @ kernel == pytest.approx(np.eye(16), abs=1e-12)
    assert dyad_kernel(f, g).sum(0) == pytest.approx(1.0)


@pytest.mark.parametrize(("f", "wanted"), [(0.1, 2.8), (0.2, 8.5), (0.3, 28), (0.5, 469)])
def test_condition_numbers(f, wanted):
    assert condition(f) == pytest.approx(wanted, rel=0.02)


@pytest.mark.parametrize(("f", "g"), [(0.6, 0.4), (1.0, 0.0), (-0.1, 0.0)])
def test_rates_without_an_inverse_are_refused(f, g):
    with pytest.raises(UsageError, match="cannot be corrected"):
        triad_kernel(f, g)


def test_corrections_are_unbiased():
    """E[K⁻¹T] = T, and so for degrees and pairs, within the error of 400 draws."""
    f, share, draws = 0.2, 0.08, 400
    rng = np.random.default_rng(5)
    n, m = CIRCUIT.n, CIRCUIT.m
    # `spurious` follows `missed`, so its rate is of the slots that are then empty.
    g = share * (1 - f) * m / (n * (n - 1) - (1 - f) * m)
    miss = f * (1 - g)  # a missed connection may be filled again
    rows = []
    for _ in range(draws):
        thin = corrupt(CIRCUIT, ErrorModel({"missed": f}), rng)
        seen = corrupt(thin, ErrorModel({"spurious": share * (1 - f) * m / thin.m}), rng)
        assert spurious_rate(thin, share * (1 - f) * m / thin.m) == pytest.approx(g, rel=0.02)
        pairs = mutual(seen)
        one_way = seen.m - 2 * pairs
        dyads = corrected_dyads(n * (n - 1) / 2 - pairs - one_way, one_way, pairs, miss, g)
        degrees = corrected_degrees(np.diff(seen.indptr)[:3], n - 1, miss, g)
        rows.append([*corrected_census(census_of(seen), miss, g), *dyads, *degrees])
    found = np.array(rows)
    true = mutual(CIRCUIT)
    one_way = m - 2 * true
    expected = [
        *census_of(CIRCUIT), n * (n - 1) / 2 - true - one_way, one_way, true,
        *np.diff(CIRCUIT.indptr)[:3],
    ]  # fmt: skip
    off = (found.mean(0) - expected) / (found.std(0, ddof=1) / np.sqrt(draws))
    assert np.abs(off).max() < 4, off


def test_er_effect_is_that_of_the_null():
    expected = get_null("er").fit(CIRCUIT).expected
    wanted = np.log(census_of(CIRCUIT) / np.array([expected[code] for code in MAN]))
    assert er_effect(census_of(CIRCUIT), CIRCUIT.n) == pytest.approx(wanted)
    both = er_effect(np.stack([census_of(CIRCUIT)] * 2), CIRCUIT.n, 0.1)
    assert both[1] == pytest.approx(er_effect(census_of(CIRCUIT), CIRCUIT.n, 0.1))


def test_inflation_is_that_of_many_circuits():
    """The SD of the corrected over that of the raw effect: estimated on one, seen on many."""
    circuits = [corrupt(spatial(60, k, 0.12, 0.2), ErrorModel({"missed": 0.2}),
                        np.random.default_rng(k)) for k in range(150)]  # fmt: skip
    counts = np.stack([census_of(one) for one in circuits])
    usual = np.median(counts, axis=0) > 50
    raw, corrected = er_effect(counts, 60), er_effect(counts, 60, 0.2)
    true = np.nanstd(corrected, axis=0)[usual] / raw[:, usual].std(0)
    found = np.median([kernel_effect(one, 0.2).inflation for one in circuits[:12]], axis=0)
    assert np.log(found[usual] / np.maximum(1, true)) == pytest.approx(0, abs=0.2)
    assert found[usual].max() > 1.2


def test_jackknife_of_a_mean():
    """For a mean, leaving one out gives its variance exactly; noise is taken off."""
    values = np.random.default_rng(1).normal(size=(40, 16))
    left = (values.sum(0) - values) / 39
    assert jackknife(left) == pytest.approx(values.var(0, ddof=1) / 40)
    assert np.isnan(jackknife(left, 1.0)).all()
