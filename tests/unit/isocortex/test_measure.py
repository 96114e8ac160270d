"""A result is computed once under its key, and its public document keeps its shape."""

import json
import math

import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.motifs import CLOSED, MAN, OPEN
from isocortex.measure import (
    Parameters,
    census_document,
    climbed,
    measure,
    null_names,
    result_key,
)
from schemas.errors import UsageError
from store.results import Results
from tests.contract.analysis.test_nulls import LADDER


@pytest.fixture
def circuit():
    rng = np.random.default_rng(5)
    pairs = rng.integers(0, 30, (150, 2))
    return Circuit.from_edges("test/one", 30, pairs[:, 0], pairs[:, 1])


QUICK = Parameters(("er", "degree"), hard_samples=20)


def test_same_key_is_not_computed_again(circuit, tmp_path):
    results = Results(tmp_path)
    first, effects, computed = measure(circuit, "v1", QUICK, results)
    again, stored, recomputed = measure(circuit, "v1", QUICK, results)
    assert (computed, recomputed) == (True, False)
    assert again == first
    assert stored.equals(effects)


@pytest.mark.parametrize(
    "other",
    [
        ("test/two", "v1", QUICK),
        ("test/one", "v2", QUICK),
        ("test/one", "v1", Parameters(("er",), 20)),
        ("test/one", "v1", Parameters(("er", "degree"), 21)),
        ("test/one", "v1", Parameters(("er", "degree"), 20, 10)),
        ("test/one", "v1", Parameters(("er", "degree"), 20, seed=1)),
    ],
)
def test_everything_that_matters_is_in_the_key(other):
    assert result_key(*other) != result_key("test/one", "v1", QUICK)


def test_document(circuit):
    record, effects, _ = measure(circuit, "v1", QUICK, None)
    document = census_document(circuit, record, effects)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert list(document) == [
        "format", "circuit", "neurons", "connections", "observable_pairs",
        "observable_triples", "density", "reciprocity", "triads", "nulls", "survives",
        "provenance",
    ]  # fmt: skip
    assert list(document["nulls"]) == ["er", "degree", "degree_hard"]
    assert list(document["triads"]) == list(MAN)
    for name, null in document["nulls"].items():
        for motif, values in null["triads"].items():
            ratio = values["log_ratio"]
            if document["triads"][motif] and values["expected"]:
                expected = math.log(document["triads"][motif] / values["expected"])
                assert ratio == pytest.approx(expected)
            else:
                assert ratio is None
            if motif in ("003", "012", "102"):
                assert values["rule"] == "not connected"
                assert values["se"] is values["low"] is values["p_holm"] is None
            elif ratio is not None:
                assert values["low"] < ratio < values["high"]
                if name == "degree":  # canonical: biased, so not tested
                    assert values["p"] is values["p_holm"] is None
                else:
                    assert values["p"] <= values["p_holm"] <= 1
    assert set(document["survives"]) == {*OPEN, *CLOSED}
    for found in document["survives"].values():
        assert (found["highest"] is None) or found["direction"] in ("more", "fewer")


def test_larger_circuits_have_no_hard_ensemble(circuit):
    few = Parameters(("degree",), hard_samples=20, hard_limit=29)
    _, effects, _ = measure(circuit, "v1", few, None)
    assert set(effects["ensemble"]) == {"canonical"}


def test_null_names_come_in_ladder_order():
    assert null_names("degree, er") == ("er", "degree")
    assert null_names("ladder") == null_names(",".join(reversed(LADDER))) == LADDER
    assert Parameters().nulls == ("er", "block", "degree", "reciprocal")


def test_ladder_leaves_out_what_cannot_be_had_and_says_why(circuit):
    names, missing = climbed("ladder", circuit)
    assert names == tuple(name for name in LADDER if "distance" not in name)
    assert list(missing) == ["distance", "block_distance"]
    parameters = Parameters(names, hard_samples=10)
    record, effects, _ = measure(circuit, "v1", parameters, None)
    document = census_document(circuit, record, effects, missing=missing)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert list(document["nulls"]) == [
        *names, "degree_hard", "reciprocal_hard", "block_reciprocal_hard",
    ]  # fmt: skip
    assert document["provenance"]["parameters"]["nulls"] == list(names)
    for why in document["not_available"].values():
        assert "no soma position" in why["reason"]
        assert "soma_x" in why["remedy"]


def test_what_is_asked_for_by_name_is_not_left_out(circuit):
    names, missing = climbed("er,distance", circuit)
    assert (names, missing) == (("er", "distance"), None)
    with pytest.raises(UsageError, match="no soma position"):
        measure(circuit, "v1", Parameters(names, hard_samples=10), None)


@pytest.mark.parametrize("text", ["", "er,chance", ",", "er,ladder"])
def test_unknown_or_no_null_is_usage(text):
    with pytest.raises(UsageError, match="null"):
        null_names(text)
