"""What the reader of NeuroML takes: the standard's forms of cells and connections."""

import h5py
import numpy as np
import pytest

from ingest.readers import SourceFiles, get_reader
from schemas.errors import InputError
from tests.contract.ingest.written import neuroml_hdf5
from tests.reading import prepare_file
from tests.unit.ingest.test_bad_neuroml import (
    CELL_TABLE,
    FIRST_TABLE,
    POPULATION,
    POPULATIONS,
    PROJECTION,
    SIDES,
    put,
    rows,
    xml,
)


def prepared(tmp_path, content, **more: str):
    (tmp_path / "net.nml").write_text(content)
    return prepare_file(tmp_path / "net.nml", **more)


def edges(tmp_path, inside):
    return prepared(tmp_path, xml(POPULATIONS + inside))[1].tables.connections


@pytest.mark.parametrize(
    "reference", ["b[2]", "../b[2]", "b/2", "../b/2", "../b/2/", "../b/2/c", "../b/2/c/"]
)
def test_forms_of_a_reference(tmp_path, reference):
    connection = f'<connection id="0" preCellId="a[0]" postCellId="{reference}"/>'
    found = edges(tmp_path, f'<projection id="p" {SIDES} synapse="s">{connection}</projection>')
    assert found.to_numpy().tolist() == [[1, 5, 1]]


def test_parallel_connections_are_counted_and_their_weights_are_none(tmp_path):
    made = "".join(
        f'<connectionWD id="{k}" preCellId="a[0]" postCellId="b[{b}]" weight="{w}" delay="{d}"/>'
        for k, (b, w, d) in enumerate([(0, 7, "1ms"), (0, 8, "0.003s"), (1, -0.5, "20 us")])
    )
    plain = '<connection id="9" preCellId="a[1]" postCellId="b[1]"/>'
    manifest, done = prepared(
        tmp_path,
        xml(f'{POPULATIONS}<projection id="p" {SIDES} synapse="s">{made}{plain}</projection>'),
    )
    found = done.tables.connections
    assert list(found) == ["pre", "post", "weight", "weight_of_source", "delay_ms"]
    assert found.to_numpy().tolist() == [
        [1, 3, 2, 15, 2], [1, 4, 1, -0.5, 0.02], [2, 4, 1, 1, 0],
    ]  # fmt: skip
    assert (manifest.weight, done.merged_parallel) == ("synapse_count", 1)


def test_connections_that_repeat_no_pair_are_binary(tmp_path):
    assert prepared(tmp_path, xml())[0].weight == "binary"


def test_connections_outside_of_projections(tmp_path):
    found = edges(
        tmp_path,
        '<synapticConnection from="a[0]" to="b[1]" synapse="s" destination="d"/>'
        '<explicitConnection from="b[1]" to="a[0]" synapse="s"/>'
        '<synapticConnectionWD from="a[0]" to="b[1]" synapse="s" weight="2" delay="1ms"/>',
    )
    assert found.to_numpy().tolist() == [[1, 4, 2, 3, 0.5], [4, 1, 1, 1, 0]]


def test_continuous_connections_are_synapses(tmp_path):
    found = edges(
        tmp_path,
        f'<continuousProjection id="c" {SIDES}>'
        '<continuousConnection id="0" preCell="0" postCell="1" preComponent="x" postComponent="y"/>'
        '<continuousConnectionInstanceW id="1" preCell="../a/1/c" postCell="b[1]" weight="3"/>'
        "</continuousProjection>",
    )
    assert found.to_numpy().tolist() == [[1, 4, 1, 1], [2, 4, 1, 3]]


def test_electrical_connections_are_left_out_and_told(tmp_path):
    gap = '<electricalConnectionInstance id="{}" preCell="../a/0/c" postCell="../a/1/c"/>'
    manifest, done = prepared(
        tmp_path,
        xml().replace(
            "</network>",
            '<electricalProjection id="e" presynapticPopulation="a" postsynapticPopulation="a">'
            f"{gap.format(0)}{gap.format(1)}</electricalProjection></network>",
        ),
    )
    assert len(done.tables.connections) == 1
    assert manifest.caveats[0].endswith("left out: 2 in the file.")


def test_gap_junctions_in_plain_projections_are_electrical(tmp_path):
    """Files older than electricalProjection have them there."""
    gap = '<network id="n"><synapticConnection from="a[0]" to="b[0]" synapse="g"/>'
    content = xml().replace('<network id="n">', f'<gapJunction id="g" conductance="1nS"/>{gap}')
    other = PROJECTION.replace('synapse="s"', 'synapse="g"').replace('id="p"', 'id="q"')
    content = content.replace("</network>", f"{other}</network>")
    manifest, done = prepared(tmp_path, content)
    assert len(done.tables.connections) == 1
    assert manifest.caveats[0].endswith("left out: 2 in the file.")


def test_autapses_follow_the_policy(tmp_path):
    inside = (
        '<synapticConnection from="a[0]" to="a[0]"/>\n<synapticConnection from="a[0]" to="b[0]"/>'
    )
    content = xml(POPULATIONS + inside)
    assert prepared(tmp_path, content)[1].dropped_self_loops == 1
    kept = prepared(tmp_path, content, self_loops="keep")[1].tables.connections
    assert kept[["pre", "post"]].to_numpy().tolist() == [[1, 1], [1, 3]]
    with pytest.raises(InputError) as caught:
        prepared(tmp_path, content, self_loops="error")
    assert caught.value.problems[0].row == 9


def test_ids_do_not_depend_on_the_order_of_the_file(tmp_path):
    first, second = POPULATIONS.split("</population>\n")
    turned = xml().replace(POPULATIONS, second + first + "</population>\n")
    assert turned != xml()
    one, other = (prepared(tmp_path, text)[1].tables for text in (xml(), turned))
    assert one.neurons.equals(other.neurons)
    assert one.connections.equals(other.connections)


def test_cells_are_found_by_their_numbers_not_their_places(tmp_path):
    content = xml().replace('instance id="0"', 'instance id="7"')
    done = prepared(tmp_path, content)[1].tables
    assert done.neurons["instance"].tolist()[:2] == ["a[1]", "a[7]"]
    assert done.neurons["soma_x"].tolist()[:2] == [5, 1]
    assert done.connections["pre"].tolist() == [1]
    assert done.neurons["soma_x"].isna().tolist() == [False, False, True, True, True]


def test_properties_become_columns(tmp_path):
    tags = {"type": "E", "layer": "IV", "instance": "x", "color": "1 0 0", "radius": "5"}
    made = "".join(f'<property tag="{tag}" value="{value}"/>' for tag, value in tags.items())
    done = prepared(tmp_path, xml().replace('"populationList">', f'"populationList">{made}'))[1]
    neurons = done.tables.neurons
    first, last = neurons.iloc[0], neurons.iloc[-1]
    assert (first["type"], first["polarity"], first["layer"]) == ("a", "excitatory", "L4")
    assert (first["property_instance"], first["color"], first["radius"]) == ("x", "1 0 0", 5)
    assert (last["type"], last["polarity"], last["layer"]) == ("b", "unknown", None)


def test_a_type_that_is_no_polarity_keeps_its_word(tmp_path):
    made = '"populationList"><property tag="type" value="pyramidal"/>'
    done = prepared(tmp_path, xml().replace('"populationList">', made))[1]
    assert done.tables.neurons["property_type"].tolist()[:3] == ["pyramidal", "pyramidal", None]
    assert done.unmapped == {}


def test_elements_of_the_same_names_elsewhere_are_not_the_network(tmp_path):
    """Cell models hold projections, instances and properties of their own."""
    strange = (
        '<cell id="x"><network id="m"><population id="a"/></network><property tag="x"/></cell>'
    )
    content = xml().replace('<network id="n">', f'{strange}<network id="n">')
    content = content.replace("<connectionWD", "<notes>one</notes><connectionWD")
    assert len(prepared(tmp_path, content)[1].tables.neurons) == 5


def test_one_of_several_networks_by_name():
    content = xml().replace("</network>", '</network><network id="m"></network>')
    files = SourceFiles({"f": content.encode()})
    raw = get_reader("neuroml")(files, {"connections": "f", "network": "n"})
    assert len(raw.neurons) == 5
    with pytest.raises(InputError, match="0 networks 'z'"):
        get_reader("neuroml")(files, {"connections": "f", "network": "z"})


def test_instances_without_numbers_are_counted(tmp_path):
    content = xml().replace('instance id="0"', "instance").replace('instance id="1"', "instance")
    assert prepared(tmp_path, content)[1].tables.connections["pre"].tolist() == [2]


# --- HDF5


def tables(tmp_path, change):
    path, _ = neuroml_hdf5(tmp_path)
    with h5py.File(path, "a") as file:
        change(file)
    return prepare_file(path)[1].tables


def test_columns_are_found_by_their_names(tmp_path):
    names = {"column_0": "id", "column_3": "pre_cell_id", "column_1": "post_cell_id"}
    found = tables(tmp_path, put(FIRST_TABLE, rows([7, 1, 9, 0], [8, 0, 9, 1]), names)).connections
    assert found[["pre", "post"]].to_numpy().tolist()[:2] == [[1, 2], [1, 3]]
    assert found["weight_of_source"].tolist()[0] == 1  # not said: the synapse as it is


def test_older_writers_do_not_name_the_columns_of_cells(tmp_path):
    made = put(CELL_TABLE, rows([1, 5, 6, 7], [0, 2, 3, 4]), {})
    assert tables(tmp_path, made).neurons["soma_x"].tolist()[:2] == [2, 5]


def test_attributes_in_arrays_and_as_text(tmp_path):
    def change(file):
        file[POPULATION].attrs["id"] = np.array([b"a4P"])
        file[POPULATION].attrs["component"] = "iaf"
        file[POPULATION].attrs["size"] = np.array([[2]])

    assert tables(tmp_path, change).neurons["type"].tolist()[:2] == ["a4P", "a4P"]


def test_a_projection_without_connections_has_no_table(tmp_path):
    assert len(tables(tmp_path, lambda f: f.__delitem__(FIRST_TABLE)).connections) == 4


def test_a_population_without_locations(tmp_path):
    found = tables(tmp_path, lambda f: f.__delitem__(CELL_TABLE)).neurons
    assert found["soma_x"].isna().tolist() == [True, True, False, False, False, False]
