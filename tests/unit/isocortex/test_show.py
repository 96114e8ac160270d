"""Numbers and errors as people see them."""

import math

import pytest

from isocortex.show import number

THIN = "\u2009"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
        (0, "0"),
        (0.0, "0"),
        (1234567, f"1{THIN}234{THIN}567"),
        (0.0123456, "0.0123"),
        (-1.5, "−1.50"),
        (1234.56, f"1{THIN}230"),
        (99.96, "100"),
        (2.0, "2"),
        (-3, "−3"),
        (0.000123, "0.000123"),
        (-9.17e-8, "−9.17e−8"),
    ],
)
def test_three_significant_digits(value, text):
    assert number(value) == text
