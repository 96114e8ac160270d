"""The two mushroom bodies of one larva: motifs that are shown to be the same, by margin and null.

The reference figures were worked out with other code on the same data: effects beyond hard
ensembles of 200 samples (of `er` beyond the analytic mean) with their standard errors, and how many
of the 13 triads and the mutual pairs are invariant. No motif is divergent.
"""

import math

import numpy as np
import pytest

from analysis.invariants import Claim, Estimates, set_verdict
from analysis.motifs import MAN
from analysis.nulls import get_null
from analysis.nulls.hard import sample_censuses
from analysis.uncertainty import effect_interval, effect_variances

pytestmark = pytest.mark.network

HEMISPHERES = ("larva-mb-left/mushroom-body", "larva-mb-right/mushroom-body")
SAMPLES = 200
CHAIN = 3.0  # the variance of a mean over a thinned chain, in units of independent samples
INVARIANT = {  # null: number of motifs invariant at margins 1.1, 1.25, 1.5, of how many
    "er": ((0, 0, 3), 14),
    "degree": ((1, 8, 14), 14),
    "reciprocal": ((0, 9, 13), 13),
}
BY_DEGREE = {  # effect left, its standard error, effect right
    "030T": (-0.39, 0.08, -0.29),
    "030C": (-1.06, 0.12, -1.07),
    "111D": (0.25, 0.04, 0.17),
    "mutual": (0.175, 0.03, 0.156),
}


@pytest.fixture(scope="module")
def estimates(circuit):
    """Return a function: null → estimates of every motif in both hemispheres."""
    done = {}

    def get(null):
        if null not in done:
            found = [_effects(circuit(name), null) for name in HEMISPHERES]
            done[null] = {
                motif: Estimates(
                    *(np.array([one[motif][place] for one in found]) for place in range(4)),
                    tuple(one[motif][4] for one in found),
                    ("left", "right"),
                )
                for motif in found[0]
            }
        return done[null]

    return get


def _effects(circuit, null):
    """Effect, standard error, degrees of freedom, count and rule of each motif."""
    model = get_null(null).fit(circuit)
    variances = effect_variances(circuit, get_null(null), model)
    if null == "er":
        return {motif: _row(one, one.expected, 0.0) for motif, one in variances.items()}
    samples = sample_censuses(circuit, null, SAMPLES, np.random.default_rng(3))
    # Every mutual pair is seen with each of the other neurons.
    mutual = samples @ [int(code[0]) for code in MAN] / (circuit.n - 2)
    found = {}
    for motif, variance in variances.items():
        drawn = mutual if motif == "mutual" else samples[:, MAN.index(motif)]
        if drawn.std() > 0:  # else the null keeps the mutual pairs
            error = drawn.std(ddof=1) * math.sqrt(CHAIN / SAMPLES)
            found[motif] = _row(variance, drawn.mean(), error)
    return found


def _row(variance, expected, error):
    got = effect_interval(variance.observed, expected, variance, error)
    effect = math.log(variance.observed / expected)
    return effect, got.se, got.df, variance.observed, got.rule


@pytest.mark.parametrize("null", INVARIANT)
def test_how_many_motifs_are_the_same(estimates, null):
    wanted, of = INVARIANT[null]
    assert len(estimates(null)) == of
    for margin, number in zip((1.1, 1.25, 1.5), wanted, strict=True):
        claims = [set_verdict(one, math.log(margin)).claim for one in estimates(null).values()]
        # One motif may lie on the edge of a margin: samples of another seed move it.
        assert abs(claims.count(Claim.INVARIANT) - number) <= 1
        assert Claim.DIVERGENT not in claims


@pytest.mark.parametrize("motif", BY_DEGREE)
def test_effects_beyond_degree(estimates, motif):
    left, error, right = BY_DEGREE[motif]
    found = estimates("degree")[motif]
    assert found.effects == pytest.approx([left, right], abs=0.03)
    assert found.se[0] == pytest.approx(error, abs=0.006)
