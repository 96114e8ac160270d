"""From the lake into a real graph: exact, whole, once; by import and by increments alike."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from schemas.errors import ServerError
from schemas.graph import SCHEMA_VERSION
from schemas.tables import CircuitTables
from store import projection
from tests.circuits_made import connections, neurons, pathways, publish, random_tables
from tests.integration.store.conftest import connect, leftovers, visible

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]

EXTREMES = [-(2**63), -1, 0, 2**53 + 1, 2**63 - 1]
ODD = [
    'say "x"',
    "a,b",
    "two\nlines",
    "it's",
    "",
    " ",
    "back\\slash",
    "`",
    "{a: 1}",
    "神経 🧠",
    "\t",
]


def facts(graph):
    """Everything in the graph, in an order of its own."""
    nodes = graph.read(
        "MATCH (n) WHERE NOT n:SchemaVersion AND NOT n:Loading "
        "RETURN labels(n) AS labels, properties(n) AS properties"
    )
    links = graph.read(
        "MATCH (a)-[r]->(b) RETURN coalesce(a.uid, a.name, a.key) AS a, type(r) AS type, "
        "properties(r) AS properties, coalesce(b.uid, b.name, b.key) AS b"
    )
    return (
        sorted(str((row["labels"], sorted(row["properties"].items()))) for row in nodes),
        sorted(str(tuple(row.values())) for row in links),
    )


def odd_tables():
    ids = list(range(1, len(ODD) + 1))
    table = neurons(ids, type=ODD, instance=ODD[::-1])
    return CircuitTables(table, connections([(a, b, a) for a in ids for b in ids if a < b]))


ODD_PATHWAYS = [
    {
        "pre_type": odd, "post_type": "b;c", "pre_class": "basket", "post_class": None,
        "post_layer": "L4", "pre_cells": number, "probability": 1 / (3 + number),
        "distance_um": [0.1, 1e-9 + number] if number > 1 else None,
        "probability_at": [1 / 3, 1e-17] if number > 1 else None, "doi": "10.1/x",
    }
    for number, odd in enumerate(ODD, 1)
]  # fmt: skip
ALONE = {"circuits": [], "expected": {"neurons": 0, "connections": 0, "pathways": len(ODD)}}


def fill(lake):
    """Publish datasets that differ in everything that matters to a projection."""
    publish(lake, random_tables(n=40, m=400), "plain", area="s1", layer="L4")
    publish(lake, odd_tables(), "odd", title='A "title", of\ntwo lines')
    edges = [(a, b, 2**31 - 1) for a in EXTREMES for b in EXTREMES if a != b]
    publish(lake, CircuitTables(neurons(EXTREMES), connections(edges)), "extreme")
    publish(lake, CircuitTables(neurons([1, 2]), connections([])), "unconnected")
    part = {"name": "part", "title": "Part", "where": [{"column": "type", "isin": ["t1"]}]}
    publish(
        lake,
        random_tables(n=40, m=400, seed=2),
        "partial",
        circuits=[part, {"name": "all", "title": "All"}],
        projected=[{"column": "type", "isin": ["t1", "t2"]}],
    )
    gaps = random_tables(n=4, m=5)
    gaps.neurons.loc[1, ["soma_x", "cell_class"]] = [np.nan, None]
    publish(lake, gaps, "gaps", individual={"species": "rat", "name": "two"})
    figures = pathways(
        [{"pre_type": "a", "post_type": "a", "found": 0, "tested": 9, "doi": "10.1/y"}]
    )
    publish(lake, replace(random_tables(n=5, m=6), pathways=figures), "beside")
    none = CircuitTables(neurons([]), connections([]), pathways=pathways(ODD_PATHWAYS))
    publish(lake, none, "alone", **ALONE)


def test_import_and_increments_make_the_same_graph(server, graph, lake):
    fill(lake)
    assert set(lake.datasets()) == {
        "plain", "odd", "extreme", "unconnected", "partial", "gaps", "beside", "alone",
    }  # fmt: skip
    graph.project(lake, lake.datasets())
    by_bolt = facts(graph)
    shown = visible(graph)
    assert shown["plain"] == (lake.latest("plain"), 40, 400)
    assert shown["unconnected"][1:] == (2, 0)
    assert shown["alone"][1:] == (0, 0)
    found = graph.read(
        "MATCH (d:Dataset {name: 'alone'})<-[:InDataset]-(p:Pathway)-[:From]->(k:CellClass) "
        "RETURN p.pre AS pre, p.preCells AS cells, p.distances AS d, p.probabilities AS p, "
        "k.name AS k, d.pathways AS n, COUNT { (p)-[:Onto]->() } AS onto ORDER BY cells"
    )
    assert [tuple(row.values()) for row in found] == [
        (
            r["pre_type"],
            r["pre_cells"],
            r["distance_um"],
            r["probability_at"],
            "basket",
            len(ODD),
            0,
        )
        for r in ODD_PATHWAYS
    ]
    assert leftovers(graph) == 0
    graph.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS")
    graph.close()
    local = connect(server, local=server)
    local.prepare()
    local.project(lake, lake.datasets())
    assert facts(local) == by_bolt
    assert leftovers(local) == 0
    for dataset in lake.datasets():
        expected = lake.projected_tables(dataset)[1][["pre", "post", "weight"]]
        for name in lake.projected_circuits(dataset):
            if name == "all":
                pd.testing.assert_frame_equal(
                    local.circuit_connections(f"{dataset}/{name}"), expected, check_dtype=False
                )
    indexed = local.read("SHOW CONSTRAINTS YIELD name RETURN count(*) AS count")
    assert indexed[0]["count"] >= 12
    local.close()


def test_ids_are_exact_to_the_extremes(graph, lake):
    edges = [(a, b, 1) for a in EXTREMES for b in EXTREMES if a < b]
    publish(lake, CircuitTables(neurons(EXTREMES), connections(edges)), "extreme")
    graph.project(lake, ["extreme"])
    rows = graph.read("MATCH (n:Neuron) RETURN n.bodyId AS b, n.uid AS u ORDER BY b")
    assert [row["b"] for row in rows] == EXTREMES
    assert [row["u"] for row in rows] == [f"extreme:{body}" for body in EXTREMES]
    back = graph.circuit_connections("extreme/all")
    assert list(zip(back["pre"], back["post"], strict=True)) == [(a, b) for a, b, _ in edges]


def test_text_is_kept_to_the_letter(graph, lake):
    publish(lake, odd_tables(), "odd")
    graph.project(lake, ["odd"])
    rows = graph.read("MATCH (n:Neuron) RETURN n.type AS t ORDER BY n.bodyId")
    assert [row["t"] for row in rows] == ODD


def test_the_same_version_twice_is_no_work(graph, lake, monkeypatch):
    publish(lake, random_tables())
    graph.project(lake, ["made"])
    before = graph.read("MATCH (n) RETURN elementId(n) AS id ORDER BY id")
    monkeypatch.setattr(projection, "load", None)  # to be called is to fail
    graph.project(lake, ["made"])
    graph.prepare()
    assert graph.read("MATCH (n) RETURN elementId(n) AS id ORDER BY id") == before


def test_a_new_version_takes_the_place_of_the_old(graph, lake):
    publish(lake, random_tables(n=30, m=200, seed=1))
    publish(lake, random_tables(n=20, m=100, seed=3), "other")
    graph.project(lake, ["made", "other"])
    new = publish(lake, random_tables(n=35, m=250, seed=2))
    graph.project(lake, ["made", "other"])
    assert visible(graph)["made"] == (new, 35, 250)
    assert visible(graph)["other"][1:] == (20, 100)
    assert leftovers(graph) == 0
    old = publish(lake, random_tables(n=30, m=200, seed=1))
    graph.project(lake, ["made"])
    assert visible(graph)["made"] == (old, 30, 200)


def test_retyped_prose_is_refreshed_without_loading(graph, lake, monkeypatch):
    publish(lake, random_tables())
    graph.project(lake, ["made"])
    publish(
        lake, random_tables(), title="Retyped", circuits=[{"name": "all", "title": "Everything"}]
    )
    monkeypatch.setattr(projection, "load", None)
    graph.project(lake, ["made"])
    rows = graph.read(
        "MATCH (c:Circuit)-[:InDataset]->(d:Dataset) RETURN c.title AS c, d.title AS d"
    )
    assert rows == [{"c": "Everything", "d": "Retyped"}]
    assert visible(graph)["made"][1:] == (30, 200)


def test_lost_batch_is_noticed_and_nothing_becomes_visible(graph, lake, monkeypatch):
    old = publish(lake, random_tables(seed=1))
    graph.project(lake, ["made"])
    publish(lake, random_tables(n=50, m=900, seed=2))
    whole = projection._grouped
    monkeypatch.setattr(projection, "EDGE_BATCH", 100)
    monkeypatch.setattr(projection, "_grouped", lambda frame: list(whole(frame))[1:])
    with pytest.raises(ServerError, match="arrived instead of 50 and 900"):
        graph.project(lake, ["made"])
    assert visible(graph) == {"made": (old, 30, 200)}
    monkeypatch.undo()
    graph.prepare()
    assert leftovers(graph) == 0
    graph.project(lake, ["made"])
    assert visible(graph)["made"][1:] == (50, 900)


def test_a_graph_without_datasets_answers(graph, lake):
    graph.project(lake, [])
    assert graph.projected() == {}
    assert visible(graph) == {}
    assert graph.circuit_connections("made/all").empty


def test_dataset_can_be_removed(graph, lake):
    for seed, name in enumerate(("one", "two"), 1):
        figures = pathways(ODD_PATHWAYS[:2])
        publish(lake, replace(random_tables(seed=seed), pathways=figures), name)
    graph.project(lake, ["one", "two"])
    graph.remove("one")
    assert set(visible(graph)) == {"two"}
    assert leftovers(graph) == 0
    names = graph.read("MATCH (n:Neuron|Circuit|Pathway) RETURN DISTINCT n.dataset AS d")
    assert names == [{"d": "two"}]


def test_foreign_neurons_are_refused_and_left_alone(graph):
    graph.write("MATCH (v:SchemaVersion) DELETE v")
    graph.write("CREATE (:Neuron {name: 'theirs'})")
    with pytest.raises(ServerError, match="1 Neuron nodes that isocortex did not write") as refused:
        graph.prepare()
    assert "NEO4J_DATABASE" in str(refused.value)
    rows = graph.read("MATCH (n) RETURN labels(n) AS l, properties(n) AS p")
    assert rows == [{"l": ["Neuron"], "p": {"name": "theirs"}}]


def test_other_data_beside_ours_is_left_alone(graph, lake):
    graph.write("MATCH (v:SchemaVersion) DELETE v")
    graph.write("CREATE (:Person {name: 'Ada'})-[:Knows]->(:Person {name: 'Bo'})")
    graph.prepare()
    publish(lake, random_tables())
    graph.project(lake, ["made"])
    graph.remove("made")
    rows = graph.read("MATCH (a:Person)-[:Knows]->(b) RETURN a.name AS a, b.name AS b")
    assert rows == [{"a": "Ada", "b": "Bo"}]


def test_newer_schema_is_refused_and_an_unready_one_is_completed(graph):
    graph.write("MATCH (v:SchemaVersion) SET v.version = $v", v=SCHEMA_VERSION + 1)
    with pytest.raises(ServerError, match=f"schema version {SCHEMA_VERSION + 1}"):
        graph.prepare()
    graph.write("MATCH (v:SchemaVersion) SET v.version = $v REMOVE v.ready", v=SCHEMA_VERSION)
    graph.prepare()
    rows = graph.read("MATCH (v:SchemaVersion) RETURN v.version AS v, v.ready AS r")
    assert rows == [{"v": SCHEMA_VERSION, "r": True}]


def test_wrong_address_password_and_database_are_explained(server):
    from store.graph import Graph

    given = server.credentials()
    with pytest.raises(ServerError, match="refuses user 'neo4j'") as refused:
        Graph.connect(given.uri, "neo4j", "wrong", "neo4j")
    assert "NEO4J_PASSWORD" in str(refused.value)
    with pytest.raises(ServerError, match="no Neo4j answers"):
        Graph.connect("bolt://127.0.0.1:1", "neo4j", "x", "neo4j")
    with pytest.raises(ServerError, match="is not an address"):
        Graph.connect("http://127.0.0.1", "neo4j", "x", "neo4j")
    found = Graph.connect(given.uri, given.user, given.password, "nothing")
    with pytest.raises(ServerError, match="nothing") as refused:
        found.prepare()
    assert "NEO4J_DATABASE" in str(refused.value)
    found.close()


@pytest.mark.parametrize("version", ["5.25.1", "4.4.16", "Memgraph/2.1"])
def test_older_server_is_refused(server, monkeypatch, version):
    from store.graph import Graph

    monkeypatch.setattr(Graph, "server_version", lambda self: version)
    given = server.credentials()
    with pytest.raises(ServerError, match=r"needs Neo4j 5\.26 or newer"):
        Graph.connect(given.uri, given.user, given.password, given.database)
