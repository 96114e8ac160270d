"""Skeletons of webKnossos: positions and lengths in µm, bad files refused."""

import pytest

from schemas.errors import InputError
from tests.reading import prepare_file

SCALE = '<parameters><experiment name="ex145"/><scale x="11.24" y="11.24" z="28"/></parameters>'
NODES = """<nodes><node id="1" x="100" y="200" z="10" radius="1"/>
<node id="2" x="200" y="200" z="10"/><node id="3" x="200" y="200" z="20"/></nodes>"""
LINES = '<edges><edge source="1" target="2"/><edge source="2" target="3"/></edges>'
COMMENTS = '<comments><comment node="1" content="Soma"/></comments>'


def nml(things=None, scale=SCALE, comments=COMMENTS, head=""):
    if things is None:
        things = (
            f'<thing id="7" name="a">{NODES}{LINES}</thing>'
            '<thing id="8" name="b"><nodes><node id="9" x="0" y="0" z="0"/></nodes><edges/></thing>'
        )
    return f'<?xml version="1.0"?>{head}<things>{scale}{things}{comments}</things>'


def prepare(tmp_path, content, edges="pre,post,weight\na,b,2\nb,a,1\n"):
    (tmp_path / "edges.csv").write_text(edges)
    (tmp_path / "cells.nml").write_text(content)
    return prepare_file(tmp_path / "edges.csv", tmp_path / "cells.nml")[1]


def test_somata_and_lengths(tmp_path):
    neurons = prepare(tmp_path, nml()).tables.neurons
    assert neurons["instance"].tolist() == ["a", "b"]
    first = neurons.iloc[0]
    assert (first["soma_x"], first["soma_y"], first["soma_z"]) == pytest.approx(
        (1.124, 2.248, 0.280)
    )
    assert neurons["soma_x"].isna().tolist() == [False, True]
    assert neurons["cable_um"].tolist() == pytest.approx([1.124 + 0.280, 0])
    assert neurons["nodes"].tolist() == [3, 1]


def test_trees_of_one_name_go_by_their_ids(tmp_path):
    content = nml().replace('name="b"', 'name="a"')
    neurons = prepare(tmp_path, content, "pre,post\n7,8\n8,7\n").tables.neurons
    assert neurons["neuron_id"].tolist() == [7, 8]
    assert neurons["instance"].tolist() == ["a", "a"]


def test_skeletons_are_no_connections(tmp_path):
    (tmp_path / "cells.nml").write_text(nml())
    with pytest.raises(InputError, match="a shape but no synapses"):
        prepare_file(tmp_path / "cells.nml")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (nml(scale=""), "no scale"),
        (nml(scale='<scale x="0" y="1" z="1"/>'), "no scale"),
        (nml(scale='<scale x="nan" y="1" z="1"/>'), "no scale"),
        (nml(things=""), "no tree"),
        (nml().replace('target="3"', 'target="4"'), "not there"),
        (nml().replace('x="100"', 'x="deep"'), "cannot be read"),
        (nml().replace('x="100"', 'x="inf"'), "finite"),
        (nml(comments=COMMENTS + '<comment node="2" content="soma 2"/>'), "2 somata"),
        (nml().replace('id="7"', ""), "cannot be read"),
        (nml(head='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "document type"),
        (nml()[:-30], "cannot be read"),
        (nml().replace('name="a"', 'name="c"'), "id of"),
    ],
)
def test_bad_skeletons(tmp_path, content, word):
    with pytest.raises(InputError) as caught:
        prepare(tmp_path, content)
    assert word in str(caught.value)
    assert caught.value.problems[0].file.endswith(("cells.nml", "edges.csv"))
