"""Numbers as people read them."""

import math

import numpy as np
import pytest

from dashboard.views.numbers import DASH, effect, number, percent, plural, signed, size


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (7, "7"),
        (1234567, "1\u2009234\u2009567"),
        (np.int64(864691134875730426), "864\u2009691\u2009134\u2009875\u2009730\u2009426"),
        (2**62 + 1, "4\u2009611\u2009686\u2009018\u2009427\u2009387\u2009905"),
        (-42, "−42"),
        (0.5, "0.500"),
        (0.0042, "0.00420"),
        (9.996, "10.0"),
        (99.96, "100"),
        (0.09996, "0.100"),
        (1234.5, "1\u2009230"),
        (12.345, "12.3"),
        (-0.128, "−0.128"),
        (3.2e-7, "3.20\u2009×\u200910⁻⁷"),
        (None, DASH),
        (math.nan, DASH),
        (math.inf, DASH),
        ("", DASH),
    ],
)
def test_number(value, shown):
    assert number(value) == shown


def test_signs_and_shares():
    assert signed(1.5) == "+1.50"
    assert signed(-1.5) == "−1.50"
    assert signed(0) == "0"
    assert percent(0.0761) == "7.61\u2009%"
    assert percent(math.nan) == DASH
    assert plural(1, "circuit") == "1 circuit"
    assert plural(2, "species", "species") == "2 species"
    assert size(123_456_789) == "123\u2009MB"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1.234, "+1.23"), (-0.0665, "−0.067"), (0.00001, "0.000"), (12.34, "+12.3"), (math.nan, DASH)],
)
def test_effects_have_no_more_digits_than_the_axis(value, shown):
    assert effect(value) == shown
