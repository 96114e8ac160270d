"""Bad NeuroML networks, in XML and in HDF5: one clear error each, in XML with its line."""

import h5py
import numpy as np
import pytest

from ingest.populations import LARGEST_NETWORK
from ingest.readers import SourceFiles, get_reader
from schemas.errors import InputError, UsageError
from tests.contract.ingest.written import neuroml_hdf5
from tests.reading import prepare_file
from tests.unit.ingest.refusing import rejected

# --- XML, a line for each element

CELL = '<instance id="{}"><location x="{}" y="2" z="3"/></instance>\n'
CELLS = CELL.format(0, 1) + CELL.format(1, 5)
POPULATIONS = (
    f'<population id="a" component="c" size="2" type="populationList">\n{CELLS}</population>\n'
    '<population id="b" component="c" size="3"/>\n'
)
ENDS = 'preCellId="../a/1/c" postCellId="b[2]"'
SIDES = 'presynapticPopulation="a" postsynapticPopulation="b"'
PROJECTION = (
    f'<projection id="p" {SIDES} synapse="s">\n'
    f'<connectionWD id="0" {ENDS} weight="0.5" delay="5ms"/>\n</projection>\n'
)
LAUGHS = '<!ENTITY l0 "lol">' + "".join(
    f'<!ENTITY l{k} "&l{k - 1};&l{k - 1};">' for k in range(1, 40)
)


def xml(
    inside=POPULATIONS + PROJECTION, *, head="", space="http://www.neuroml.org/schema/neuroml2"
):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}\n<neuroml xmlns="{space}" id="d">\n'
        f'<network id="n">\n{inside}</network>\n</neuroml>\n'
    )


def swapped(old, new):
    assert old in xml()
    return xml().replace(old, new)


def loose(ends):
    return xml(POPULATIONS + f'<synapticConnection {ends} synapse="s"/>\n')


XML = {  # content, line, words of the error
    "billion laughs": (xml(head=f"<!DOCTYPE x [{LAUGHS}]>", inside="&l39;"), None, "document type"),
    "file of the machine": (
        xml(head='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', inside="&e;"),
        None,
        "document type",
    ),
    "document type elsewhere": (
        xml(head='<!DOCTYPE neuroml SYSTEM "http://localhost:1/x.dtd">'), None, "document type",
    ),
    "unknown entity": (xml("&nbsp;"), None, "cannot be read"),
    "cut off": (xml()[:-20], None, "cannot be read"),
    "cut off in an attribute": (xml()[: xml().index("delay")], None, "cannot be read"),
    "cut off behind the root": (xml()[:110], None, "cannot be read"),
    "tags that cross": (swapped("</network>\n</neuroml>", "</neuroml></network>"), None, "cannot"),
    "rubbish behind": (xml() + "x", None, "cannot be read"),
    "Latin-1 as UTF-8": (swapped('id="d"', 'id="ä"').encode("latin-1"), None, "cannot be read"),
    "deep nesting": (xml("<a>" * 50_000), None, "cannot be read"),
    "version 1": (xml(space="http://morphml.org/neuroml/schema"), None, "its root is <neuroml> of"),
    "networkml": ("<networkml><populations/></networkml>", None, "its root is <networkml>"),
    "no network": (xml().replace("network", "component"), None, "it holds no network"),
    "two networks": (
        swapped("</network>", '</network><network id="m"></network>'), None, "2 networks (n, m)",
    ),
    "network twice": (swapped("</network>", '</network><network id="n"/>'), None, "there twice"),
    "empty network": (xml(""), None, "it holds no population"),
    "no populations": (xml(PROJECTION), None, "it holds no population"),
    "no projections": (xml(POPULATIONS), None, "no connection"),
    "missing population": (swapped('id="b"', 'id="B"'), 9, "population 'b', which is not there"),
    "population twice": (swapped('id="b" comp', 'id="a" comp'), 8, "population 'a' is there twice"),
    "population without id": (swapped('id="b" comp', "comp"), 8, "a population has no id"),
    "projection without population": (
        swapped('postsynapticPopulation="b"', ""), 9, "no postsynapticPopulation",
    ),
    "missing size": (swapped(' size="3"', ""), 8, "neither a size nor instances"),
    "size no number": (swapped('size="3"', 'size="many"'), 8, "'many'"),
    "negative size": (swapped('size="3"', 'size="-3"'), 8, "'-3'"),
    "size in float": (swapped('size="3"', 'size="3.0"'), 8, "'3.0'"),
    "size a bomb": (swapped('size="3"', f'size="{10**17}"'), None, f"most {LARGEST_NETWORK:,}"),
    "fewer instances than its size": (swapped('size="2"', 'size="3"'), 4, "its size says 3"),
    "instance twice": (swapped('instance id="1"', 'instance id="0"'), 4, "instance 0"),
    "instance without number": (swapped('instance id="1"', 'instance id="x"'), 6, "'x'"),
    "location no number": (swapped('x="5"', 'x="deep"'), 6, "'deep'"),
    "location with a unit": (swapped('x="5"', 'x="5um"'), 6, "'5um'"),
    "location infinite": (swapped('x="5"', 'x="INF"'), 6, "'INF'"),
    "location beyond a double": (swapped('x="5"', 'x="1e999"'), 6, "'1e999'"),
    "location without x": (swapped('x="5" ', ""), 6, "found ''"),
    "no location": (swapped('<location x="5" y="2" z="3"/>', ""), 6, "instance 1 has no location"),
    "index out of range": (swapped("b[2]", "b[3]"), 10, "cell 3 of population 'b', which has 3"),
    "instance out of range": (swapped("../a/1/c", "../a/2/c"), 10, "cell 2 of population 'a'"),
    "index beyond 64 bits": (swapped("b[2]", f"b[{10**19}]"), 10, "a cell, as b[3]"),
    "negative index": (swapped("b[2]", "b[-1]"), 10, "'b[-1]'"),
    "no index": (swapped("b[2]", "b"), 10, "'b'"),
    "two indices": (swapped("../a/1/c", "../a/1/1/c"), 10, "'../a/1/1/c'"),
    "index of another population": (swapped("b[2]", "a[1]"), 10, "as its projection says"),
    "connection without post": (swapped('postCellId="b[2]"', ""), 10, "found ''"),
    "ends called as in version 1": (
        swapped(ENDS, 'pre_cell_id="1" post_cell_id="2"'), 10, "found ''",
    ),
    "weight no number": (swapped("0.5", "strong"), 10, "'strong'"),
    "weight not finite": (swapped("0.5", "NaN"), 10, "'NaN'"),
    "delay without unit": (swapped("5ms", "5"), 10, "a time"),
    "delay in volts": (swapped("5ms", "5mV"), 10, "'5mV'"),
    "electrical only": (
        xml(POPULATIONS + f'<electricalProjection id="e" {SIDES}><electricalConnection id="0" '
            'preCell="0" postCell="0" synapse="g"/></electricalProjection>'),
        None, "1 electrical connections and no others",
    ),
    "loose connection of nothing": (loose('from="a[0]"'), 9, "found ''"),
    "loose connection of a bare number": (loose('from="0" to="b[1]"'), 9, "'0'"),
    "loose connection to nowhere": (loose('from="a[0]" to="z[1]"'), 9, "population 'z'"),
    "loose connection out of range": (loose('from="a[0]" to="b[9]"'), 9, "cell 9"),
    "autapses only": (
        xml(POPULATIONS + '<synapticConnection from="a[0]" to="a[0]"/>\n'), None, "with itself",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", XML)
def test_xml(tmp_path, case):
    content, row, words = XML[case]
    path = tmp_path / "net.nml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    problem = rejected(path)
    assert words in str(problem)
    assert problem.row == row
    assert "GraphML" not in str(problem)


def test_what_is_right_about_the_xml_of_these_cases(tmp_path):
    path = tmp_path / "net.nml"
    path.write_text(xml())
    tables = prepare_file(path)[1].tables
    assert tables.connections.to_numpy().tolist() == [[2, 5, 1, 0.5, 5]]


@pytest.mark.parametrize("case", ["size no number", "instance without number", "missing size"])
def test_one_mistake_is_one_problem(tmp_path, case):
    """What follows from a mistake is not reported beside it."""
    (tmp_path / "net.nml").write_text(XML[case][0])
    with pytest.raises(InputError) as caught:
        prepare_file(tmp_path / "net.nml")
    assert caught.value.found == 1


def test_every_mistake_is_told(tmp_path):
    path = tmp_path / "net.nml"
    connection = '<connection id="0" preCellId="a[9]" postCellId="b[{}]"/>\n'
    made = "".join(connection.format(k) for k in range(2, 102))
    path.write_text(xml(POPULATIONS + f'<projection id="p" {SIDES}>\n{made}</projection>\n'))
    with pytest.raises(InputError) as caught:
        prepare_file(path)
    assert caught.value.found == 100 + 99
    assert [p.row for p in caught.value.problems] == [*range(10, 30), *range(11, 31)]


def test_a_neuron_table_is_refused():
    files = SourceFiles({"net.nml": xml().encode(), "n.csv": b"neuron_id\n1\n"})
    with pytest.raises(UsageError, match="tells its neurons itself"):
        get_reader("neuroml")(files, {"connections": "net.nml", "neurons": "n.csv"})


# --- HDF5

POPULATION, FIRST = "neuroml/network/population_a4P", "neuroml/network/projection_p0"
CELL_TABLE, FIRST_TABLE = f"{POPULATION}/a4P", f"{FIRST}/p0"


def put(name, value, columns=None):
    """Put something in the place of a table, under the same columns or others."""

    def change(file):
        attributes = dict(file[name].attrs)
        del file[name]
        file[name] = value
        if isinstance(value, np.ndarray):
            named = attributes if columns is None else columns
            for key, text in named.items():
                file[name].attrs[key] = text

    return change


def without(name):
    return lambda file: file.__delitem__(name)


def attribute(name, key, value=None):
    def change(file):
        del file[name].attrs[key]
        if value is not None:
            file[name].attrs[key] = value

    return change


def enormous(file):
    del file[FIRST_TABLE]
    file.create_dataset(FIRST_TABLE, (2**40, 4), "f4", chunks=(2**16, 4), compression="gzip")


def outside_storage(file):
    del file[CELL_TABLE]
    external = [("/etc/passwd", 0, h5py.h5f.UNLIMITED)]
    file.create_dataset(CELL_TABLE, (2, 3), "f4", external=external)


def virtual(file):
    layout = h5py.VirtualLayout((2, 3), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (2, 3))
    del file[CELL_TABLE]
    file.create_virtual_dataset(CELL_TABLE, layout)


def again(file):
    file["neuroml/network/population_again"] = file[POPULATION]


def circle(file):
    file["neuroml/network/projection_again"] = file["neuroml"]


def rows(*given: list[float]):
    return np.array(given, np.float32)


HDF5 = {
    "a circle of links": (put(FIRST_TABLE, h5py.SoftLink(f"/{FIRST_TABLE}")), "link"),
    "a link to nowhere": (put(FIRST, h5py.SoftLink("/nowhere")), "cannot be read"),
    "a link to another projection": (
        put(FIRST, h5py.SoftLink("/neuroml/network/projection_p1")), "is a link",
    ),
    "a link out of the file": (put(POPULATION, h5py.ExternalLink("/etc/passwd", "/x")), "cannot"),
    "a circle of groups": (circle, "no 'presynapticPopulation'"),
    "a population under two names": (again, "population 'a4P' is there twice"),
    "storage elsewhere": (outside_storage, "in another file"),
    "virtual": (virtual, "in another file"),
    "enormous": (enormous, "more than this program takes"),
    "no network": (lambda f: f.move("neuroml/network", "neuroml/network_of"), "neither"),
    "the network a number": (put("neuroml/network", 5), "is no group"),
    "missing population": (without(POPULATION), "population 'a4P', which is not there"),
    "population a number": (put(POPULATION, 5), "is no group"),
    "population without id": (attribute(POPULATION, "id"), "no 'id'"),
    "missing size": (
        lambda f: (attribute(POPULATION, "size")(f), without(CELL_TABLE)(f)),
        "neither a size nor instances",
    ),
    "size no number": (attribute(POPULATION, "size", "many"), "'many'"),
    "size another": (attribute(POPULATION, "size", 3), "its size says 3"),
    "size a list": (attribute(POPULATION, "size", np.array([1, 2])), "no single value"),
    "size a bomb": (
        lambda f: (attribute(POPULATION, "size", 10**17)(f), without(CELL_TABLE)(f)),
        f"most {LARGEST_NETWORK:,}",
    ),
    "location not a number": (put(CELL_TABLE, rows([0, np.nan, 1], [0, 0, 0])), "no finite"),
    "locations as text": (put(CELL_TABLE, np.array([[b"x"] * 3] * 2)), "no table of numbers"),
    "locations in one axis": (put(CELL_TABLE, np.arange(3.0)), "no table of numbers"),
    "no column z": (attribute(CELL_TABLE, "column_2", "w"), "no columns x, y and z"),
    "a column too many": (put(CELL_TABLE, rows([1, 2], [3, 4])), "has 2 columns, and a column_2"),
    "instance twice": (
        put(CELL_TABLE, rows([1, 0, 0, 0], [1, 0, 0, 0]), {}), "instance 1 of population 'a4P'",
    ),
    "instance no whole number": (put(CELL_TABLE, rows([0.5, 0, 0, 0], [1, 0, 0, 0]), {}), "0.5"),
    "index out of range": (put(FIRST_TABLE, rows([0, 2, 1, 1])), "cell 2 of population 'a4P'"),
    "index negative": (put(FIRST_TABLE, rows([0, -1, 1, 1])), "a cell -1"),
    "index a fraction": (put(FIRST_TABLE, rows([0, 0.5, 1, 1])), "a cell 0.5"),
    "index no number": (put(FIRST_TABLE, rows([0, np.nan, 1, 1])), "a cell nan"),
    "index beyond float32": (put(FIRST_TABLE, rows([2**24, 1, 1, 1])), "which float32 rounds"),
    "no column of cells": (attribute(FIRST_TABLE, "column_0"), "no column pre_cell_id"),
    "two things, none called so": (
        lambda f: (f.move(FIRST_TABLE, f"{FIRST}/x"), f.create_group(f"{FIRST}/y")),
        "holds 2 things",
    ),
    "infinite weight": (put(FIRST_TABLE, rows([0, 1, np.inf, 1])), "no finite number"),
    "a projection of another kind": (attribute(FIRST, "type", "input"), "of type 'input'"),
    "projection without population": (
        attribute(FIRST, "postsynapticPopulation"), "no 'postsynapticPopulation'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HDF5)
def test_hdf5(tmp_path, case):
    change, words = HDF5[case]
    path, _ = neuroml_hdf5(tmp_path)
    with h5py.File(path, "a") as file:
        change(file)
    if case == "no network":  # then it is no file of this format
        with pytest.raises(InputError):
            prepare_file(path)
        with pytest.raises(InputError, match="there is no neuroml/network"):
            get_reader("neuroml")(SourceFiles({"f": path}), {"connections": "f"})
        return
    assert words in str(rejected(path))
