"""Triads of rat visual cortex, layer 5, after Song et al. 2005 (DOI 10.1371/journal.pbio.0030068).

Pairs and triples as tested by paired recordings; expectations if pairs were independent.
"""

import pytest

from analysis.motifs import MAN
from analysis.statistics import triads_from_pairs

PAIRS = {"mutual": 218, "one_way": 495, "unconnected": 3_312}
TRIPLES = 2_446
OBSERVED_AND_RATIO = {
    "003": (1_375, 1.01),
    "012": (579, 0.95),
    "102": (274, 1.02),
    "021D": (33, 1.45),
    "021U": (25, 1.10),
    "021C": (41, 0.90),
    "111D": (41, 1.02),
    "111U": (24, 0.60),
    "201": (17, 0.96),
    "030T": (9, 2.64),
    "030C": (4, 3.52),
    "120D": (6, 3.99),
    "120C": (4, 1.33),
    "120U": (5, 3.33),
    "210": (6, 2.27),
    "300": (3, 7.72),
}


def test_pairs_over_chance():
    tested = sum(PAIRS.values())
    connections = 2 * PAIRS["mutual"] + PAIRS["one_way"]
    assert (connections, 2 * tested) == (931, 8_050)
    p = connections / (2 * tested)
    assert p == pytest.approx(0.11565, abs=5e-6)
    assert PAIRS["mutual"] / (tested * p**2) == pytest.approx(4.049, abs=5e-4)
    assert PAIRS["one_way"] / (tested * 2 * p * (1 - p)) == pytest.approx(0.601, abs=5e-4)


def test_triads_over_independent_pairs():
    expected = triads_from_pairs(TRIPLES, PAIRS)
    assert tuple(expected) == MAN
    assert sum(observed for observed, _ in OBSERVED_AND_RATIO.values()) == TRIPLES
    for code, (observed, ratio) in OBSERVED_AND_RATIO.items():
        assert observed / expected[code] == pytest.approx(ratio, abs=5.1e-3), code


def test_expectations_sum_to_the_number_of_triples():
    for pairs in (PAIRS, {"mutual": 1, "one_way": 2, "unconnected": 3}):
        assert sum(triads_from_pairs(TRIPLES, pairs).values()) == pytest.approx(TRIPLES)


def test_one_direction_of_a_one_way_pair():
    """With one-way pairs only, 8 tournaments of three neurons: 6 transitive, 2 cyclic."""
    expected = triads_from_pairs(80, {"mutual": 0, "one_way": 10, "unconnected": 0})
    assert expected["030T"] == pytest.approx(60)
    assert expected["030C"] == pytest.approx(20)
