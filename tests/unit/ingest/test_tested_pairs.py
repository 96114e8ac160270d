"""Paired recordings of a user's: what was tested, what was found, and what is wrong."""

import pytest

from schemas.errors import InputError
from tests.reading import prepare_file

GOOD = """slice,pre,post,connected,distance_um
a,1,2,yes,30
a,2,1,no,30
a,1,3,TRUE,50
b,1,2,0,10
b,2,1,1,10
"""


def prepared(tmp_path, text, neurons=None):
    path = tmp_path / "pairs.csv"
    path.write_text(text)
    other = None
    if neurons is not None:
        other = tmp_path / "cells.csv"
        other.write_text(neurons)
    return prepare_file(path, other)


def test_pairs_in_clusters(tmp_path):
    manifest, done = prepared(tmp_path, GOOD)
    assert manifest.reader.format == "tested_pairs"
    assert (manifest.frame.kind, manifest.weight) == ("pairs", "binary")
    neurons = done.tables.neurons
    assert neurons["instance"].tolist() == ["a/1", "a/2", "a/3", "b/1", "b/2"]
    assert neurons["module"].tolist() == ["a", "a", "a", "b", "b"]
    called = neurons.set_index("neuron_id")["instance"]
    connections = done.tables.connections
    assert [*zip(connections["pre"].map(called), connections["post"].map(called), strict=True)] == [
        ("a/1", "a/2"),
        ("a/1", "a/3"),
        ("b/2", "b/1"),
    ]
    assert connections["distance_um"].tolist() == [30, 50, 10]
    assert len(done.tables.tested) == 5


def test_pairs_with_ids_and_a_neuron_table(tmp_path):
    text = "pre_id,post_id,has_synapse\n7,9,false\n9,7,true\n"
    cells = "neuron_id,type\n7,E\n9,I\n11,I\n"
    _, done = prepared(tmp_path, text, cells)
    assert done.tables.neurons["neuron_id"].tolist() == [7, 9, 11]
    assert done.tables.tested.to_numpy().tolist() == [[7, 9], [9, 7]]
    assert done.tables.connections[["pre", "post"]].to_numpy().tolist() == [[9, 7]]


def test_neurons_without_a_connection_stay(tmp_path):
    _, done = prepared(tmp_path, "pre,post,connected\n7,9,false\n9,7,true\n9,12,no\n")
    assert done.tables.neurons["neuron_id"].tolist() == [7, 9, 12]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pre,post,connected\n1,2,maybe\n2,1,yes\n", "row 2, column 'connected': found 'maybe'"),
        ("pre,post,connected\n1,2,\n2,1,yes\n", "row 2, column 'connected': the cell is empty"),
        ("pre,post,connected\n1,2,yes\n1,2,no\n", "twice, once connected and once not"),
        ("run,pre,post,connected\na,1,2,yes\nb,1,2,yes\n", "row 3, .*twice; .*\n.*'cluster'"),
        ("pre,post,connected\n1,1,no\n2,1,yes\n", "row 2, column 'post': a neuron is paired"),
        ("cluster,pre,post,connected\n,1,2,yes\n", "row 2, column 'cluster': the cell is empty"),
        ("pre,post,connected\n1.5,2,yes\n3,2,no\n", "row 2, column 'pre': found '1.5'"),
        ("pre,post,connected\n1,2,no\n2,1,no\n", "at least one connection"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, says):
    with pytest.raises(InputError, match=says):
        prepared(tmp_path, text)
