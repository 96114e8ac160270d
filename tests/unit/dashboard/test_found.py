"""Neurons are found wherever a query puts them."""

from dashboard.found import neurons


def node(body, label="Neuron"):
    return {"labels": [label], "properties": {"uid": f"made:{body}", "bodyId": body}}


def test_neurons_are_found_in_lists_maps_and_paths():
    path = {"nodes": [node(3), node(4)], "relationships": [{"type": "ConnectsTo"}]}
    rows = [
        [node(1), 5, None, "Neuron"],
        [[node(2), [node(1)]], {"best": path}],
        [node(9, "Circuit")],
    ]
    assert [one["bodyId"] for one in neurons(rows)] == [1, 2, 3, 4]
    assert [one["bodyId"] for one in neurons(rows, most=2)] == [1, 2]
    assert neurons([[1, "a"]]) == []


def test_a_map_of_the_query_that_looks_like_a_node_does_no_harm():
    assert neurons([[{"labels": ["Neuron"], "properties": 3}], [{"labels": None}]]) == []
