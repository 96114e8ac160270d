"""The FlyWire escape circuit: what its weights become, and one clear error for each damage."""

import json

import numpy as np
import pytest

from ingest import catalog_manifests
from ingest.harmonize import harmonise
from ingest.readers import SourceFiles
from ingest.readers.flywire_escape import read_flywire_escape
from schemas.errors import InputError

NAME = "c.json"
FIRST = 720_575_940_603_989_421  # not representable as a float
TYPES = ("LC4", "DNp01", "central", "sensory", "descending")
# two neuropils of one pair, both signs of one pair, a halved row, and neuron 4 without outputs
EDGES = [[0, 1, 3.0], [0, 1, 4.0], [2, 1, -6], [2, 0, 5.0], [2, 0, -2.0], [1, 4, 2.5], [3, 4, -7]]


def content(**changes: object):
    neurons = [
        {"id": str(FIRST + k), "type": kind, "role": "other", "side": "left", "pos": [k, 0.5, -1]}
        for k, kind in enumerate(TYPES)
    ]
    return {"neurons": neurons, "edges": [list(edge) for edge in EDGES], **changes}


def read(made):
    files = SourceFiles({NAME: json.dumps(made).encode()})
    return read_flywire_escape(files, {"circuit": NAME})


def test_rows_of_a_pair_are_one_connection_and_their_weights_measures():
    tables = harmonise(read(content()), catalog_manifests()["fly-escape-flywire"]).tables
    found = tables.connections.set_index(["pre", "post"])
    assert len(found) == 5
    assert (found["weight"] == 1).all()
    assert found.loc[(FIRST, FIRST + 1)].to_list() == [1, 7, 7]
    assert found.loc[(FIRST + 2, FIRST)].to_list() == [1, 7, 3]


def test_neurons_with_rows_of_both_signs_have_no_polarity():
    tables = harmonise(read(content()), catalog_manifests()["fly-escape-flywire"]).tables
    neurons = tables.neurons
    assert neurons["neuron_id"].to_list() == [FIRST + k for k in range(5)]
    assert neurons["polarity"].to_list() == [
        "excitatory", "unknown", "unknown", "inhibitory", "unknown"
    ]  # fmt: skip
    assert neurons["output_signs"].to_list() == ["plus", "plus, halved", "both", "minus", "none"]
    assert neurons["cell_class"].to_list() == ["projection", None, None, "sensory", None]
    assert neurons["display_x"].to_list() == [0, 1, 2, 3, 4]
    assert set(neurons["area"]) == {"nervous-system"}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("id", str(FIRST), "is there already"),
        ("id", FIRST, "neuron 1 has"),
        ("id", "720575940", "neuron 1 has '720575940'"),
        ("id", "7.20575940603989e17", "neuron 1 has"),
        ("type", " ", "neuron 1 has ' '"),
        ("role", None, "neuron 1 has 'None'"),
        ("side", 3, "neuron 1 has '3'"),
        ("pos", [0, float("nan"), 0], "neuron 1 is at no place"),
        ("pos", [0, 1], "cannot be read"),
        ("pos", ["a", 1, 2], "cannot be read"),
    ],
)
def test_bad_neurons_are_one_error(field, value, says):
    made = content()
    made["neurons"][1][field] = value
    one_problem(made, says)


@pytest.mark.parametrize(
    ("edge", "says"),
    [
        ([0, 5, 1.0], "edge 2 is [0, 5, 1.0]"),
        ([-1, 0, 1.0], "edge 2 is [-1, 0, 1.0]"),
        ([0.0, 1, 1.0], "edge 2 is [0.0, 1, 1.0]"),
        ([True, 2, 1.0], "edge 2 is [True, 2, 1.0]"),
        ([0, 1, 0], "edge 2 is [0, 1, 0]"),
        ([0, 1, 1.3], "edge 2 is [0, 1, 1.3]"),
        ([0, 1, -2.5], "edge 2 is [0, 1, -2.5]"),
        ([0, 1, float("inf")], "edge 2 is [0, 1, inf]"),
        ([0, 1, "5"], "edge 2 is [0, 1, '5']"),
        ([0, 1], "cannot be read"),
    ],
)
def test_bad_edges_are_one_error(edge, says):
    made = content()
    made["edges"][2] = edge
    one_problem(made, says)


@pytest.mark.parametrize(
    "made", [[], {"neurons": []}, content(neurons=[]), content(edges=[[]]), content(edges={"a": 1})]
)
def test_what_is_no_circuit_is_refused(made):
    one_problem(made, "cannot be read")


def test_a_circuit_without_edges_has_neurons():
    raw = read(content(edges=[]))
    assert (len(raw.neurons), len(raw.connections)) == (5, 0)
    assert raw.connections["pre"].dtype == np.int64


def one_problem(made, says):
    with pytest.raises(InputError) as caught:
        read(made)
    (problem,) = caught.value.problems
    assert says in problem.what
    assert problem.file == NAME
    assert problem.expected
    assert problem.remedy == "take the file from the pinned wheel"
