"""Bad GraphML, node-link JSON, CAVE and neo4j-admin files: one clear error each."""

import json

import networkx as nx
import pytest

from tests.reading import prepare_file
from tests.unit.ingest.refusing import BIG, rejected

# --- GraphML

NODES = '<node id="1"/><node id="2"/>'
EDGE = '<edge source="1" target="2"/>'


def graphml(inside=NODES + EDGE, keys="", default="directed", head=""):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}'
        f'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{keys}'
        f'<graph edgedefault="{default}">{inside}</graph></graphml>'
    )


KEY = '<key id="w" for="edge" attr.name="weight" attr.type="long"/>'
LAUGHS = '<!ENTITY l0 "lol">' + "".join(
    f'<!ENTITY l{k} "&l{k - 1};&l{k - 1};">' for k in range(1, 40)
)
GRAPHML = {
    "billion laughs": (graphml(head=f"<!DOCTYPE x [{LAUGHS}]>", inside="&l39;"), "document type"),
    "file of the machine": (
        graphml(
            head='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
            inside=NODES + EDGE + "&e;",
        ),
        "document type",
    ),
    "outside document type": (
        graphml(head='<!DOCTYPE graphml SYSTEM "http://localhost:1/x.dtd">'),
        "document type",
    ),
    "parameter entity": (
        graphml(head='<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>'),
        "document type",
    ),
    "quadratic blow-up": (
        graphml(head=f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>', inside="&a;" * 10_000),
        "document type",
    ),
    "undirected": (graphml(default="undirected"), "undirected"),
    "an undirected edge": (
        graphml(NODES + '<edge source="1" target="2" directed="false"/>'),
        "undirected",
    ),
    "no default": (graphml().replace(' edgedefault="directed"', ""), "undirected"),
    "hyperedge": (graphml(NODES + '<hyperedge><endpoint node="1"/></hyperedge>'), "hyperedges"),
    "two graphs": (graphml() .replace("</graphml>", "") + graphml()[graphml().index("<graph "):],
                   "several graphs"),
    "nested graph": (
        graphml(f'<node id="1"><graph edgedefault="directed">{NODES}</graph></node>'),
        "several graphs",
    ),
    "no graph": ('<graphml xmlns="http://graphml.graphdrawing.org/xmlns"/>', "0 graphs"),
    "no nodes": (graphml(""), "empty"),
    "no edges": (graphml(NODES), "no connection"),
    "edge to nowhere": (graphml(NODES + '<edge source="1" target="3"/>'), "'3'"),
    "node twice": (graphml(NODES + '<node id="1"/>' + EDGE), "twice"),
    "node without id": (graphml("<node/>" + EDGE), "cannot be read"),
    "edge without target": (graphml(NODES + '<edge source="1"/>'), "cannot be read"),
    "data without key": (
        graphml(NODES + '<edge source="1" target="2"><data key="w">1</data></edge>'),
        "declares the data 'w'",
    ),
    "weight a word": (
        graphml(NODES + '<edge source="1" target="2"><data key="w">much</data></edge>', KEY),
        "'much'",
    ),
    "weight zero": (
        graphml(NODES + '<edge source="1" target="2"><data key="w">0</data></edge>', KEY),
        "'0'",
    ),
    "weight missing once": (
        graphml(
            NODES + EDGE + '<edge source="2" target="1"><data key="w">1</data></edge>', KEY
        ),
        "empty",
    ),
    "weight nan": (
        graphml(NODES + '<edge source="1" target="2"><data key="w">nan</data></edge>', KEY),
        "'nan'",
    ),
    "weight beyond int32": (
        graphml(NODES + '<edge source="1" target="2"><data key="w">3000000000</data></edge>', KEY),
        "3000000000",
    ),
    "ids as floats": (graphml().replace('"1"', '"1.0"').replace('"2"', '"2.0"'), "'1.0'"),
    "id beyond int64": (graphml().replace('"1"', '"9223372036854775808"'), "beyond 64 bits"),
    "one id a name": (
        graphml(NODES + '<node id="x"/>' + EDGE + '<edge source="1" target="x"/>'), "'x'",
    ),
    "cut off": (graphml()[:-20], "cannot be read"),
    "cut off early": (graphml()[:70], "cannot be read"),
    "tags that cross": (graphml().replace("</graph></graphml>", "</graphml></graph>"), "cannot"),
    "rubbish behind": (graphml() + "x", "cannot be read"),
    "control characters": (graphml().replace('id="1"', 'id="\x01"'), "cannot be read"),
    "unknown entity": (graphml(NODES + EDGE + "&nbsp;"), "cannot be read"),
    "Latin-1 as UTF-8": (graphml().replace('id="1"', 'id="ä"').encode("latin-1"), "cannot be read"),
    "deep nesting": (graphml("<a>" * 50_000), "cannot be read"),
    "text for a position": (
        graphml(
            '<node id="1"><data key="x">deep</data></node><node id="2"/>' + EDGE,
            '<key id="x" for="node" attr.name="x" attr.type="double"/>',
        ),
        "'deep'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", GRAPHML)
def test_graphml(tmp_path, case):
    content, word = GRAPHML[case]
    path = tmp_path / "g.graphml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert word in str(rejected(path))


def test_what_is_right_about_the_graphml_of_these_cases(tmp_path):
    path = tmp_path / "g.graphml"
    path.write_text(graphml())
    assert len(prepare_file(path)[1].tables.connections) == 1


# --- node-link JSON


def link(nodes=({"id": 1}, {"id": 2}), edges=({"source": 1, "target": 2},), **more: object):
    return {"directed": True, "nodes": list(nodes), "edges": list(edges), **more}


NODE_LINK = {
    "undirected": (link(directed=False), "undirected"),
    "direction not said": ({"nodes": [{"id": 1}], "edges": []}, "undirected"),
    "no edges": (link(edges=[]), "no connection"),
    "no nodes": (link(nodes=[]), "not there"),
    "edge to nowhere": (link(edges=[{"source": 1, "target": 3}]), "not there"),
    "gap junctions": (
        link(edges=[{"source": 1, "target": 2, "type": "electrical"}]), "chemical synapses only",
    ),
    "edges and links": (link(links=[{"source": 1, "target": 2}]), "both edges and links"),
    "a weight of another name": (
        link(edges=[{"source": 1, "target": 2, "value": 9}]), "column 'value': the column is not",
    ),
    "node twice": (link(nodes=[{"id": 1}, {"id": 1}, {"id": 2}]), "twice"),
    "node without id": (link(nodes=[{}, {"id": 2}]), "cannot be read"),
    "edge without source": (link(edges=[{"target": 2}]), "cannot be read"),
    "id a float": (link(nodes=[{"id": 1.0}, {"id": 2}]), "no id"),
    "id a truth value": (link(nodes=[{"id": True}, {"id": 2}]), "no id"),
    "id a list": (link(nodes=[{"id": [1]}, {"id": 2}]), "no id"),
    "id nothing": (link(nodes=[{"id": None}, {"id": 2}]), "no id"),
    "end a float": (link(edges=[{"source": float(BIG), "target": 2}]), "no id"),
    "id beyond int64": (
        link([{"id": 2**63}, {"id": 2}], [{"source": 2**63, "target": 2}]), "beyond 64 bits",
    ),
    "nodes a number": (link() | {"nodes": 5}, "cannot be read"),
    "nodes of numbers": (link() | {"nodes": [1, 2]}, "cannot be read"),
    "edges a word": (link() | {"edges": "none"}, "cannot be read"),
    "weight zero": (link(edges=[{"source": 1, "target": 2, "weight": 0}]), "'0'"),
    "weight a word": (link(edges=[{"source": 1, "target": 2, "weight": "much"}]), "'much'"),
    "weight a truth value": (link(edges=[{"source": 1, "target": 2, "weight": True}]), "bool"),
    "weight a list": (link(edges=[{"source": 1, "target": 2, "weight": [1]}]), "[1]"),
    "two weights": (
        link(edges=[{"source": 1, "target": 2, "count": 1, "synapses": 2}]), "may be any of",
    ),
    "measure a word": (link(edges=[{"source": 1, "target": 2, "size": "big"}]), "'big'"),
    "position a word": (link([{"id": 1, "x": "deep"}, {"id": 2}]), "'deep'"),
    "position infinite": (link([{"id": 1, "x": float("inf")}, {"id": 2, "x": 1.0}]), "'inf'"),
}  # fmt: skip


@pytest.mark.parametrize("case", NODE_LINK)
def test_node_link(tmp_path, case):
    content, word = NODE_LINK[case]
    path = tmp_path / "g.json"
    path.write_text(json.dumps(content))
    assert word in str(rejected(path))


@pytest.mark.parametrize(
    "content",
    [
        b'{"nodes": [], "edges": [',
        b"{}",
        b'{"nodes": 1}',
        b"[" * 200_000,
        b'{"nodes":' * 100_000,
        b'{"directed": true, "nodes": [{"id": 1}], "edges": [{"source": 1, "target": 1}]}',
        b'{"directed": true, "nodes": [{"id": "\xff"}], "edges": []}',
        b"{'nodes': [], 'edges': []}",
        b'{"nodes": [{"id": 1e999}], "edges": [], "directed": true}',
    ],
)
def test_broken_json(tmp_path, content):
    path = tmp_path / "g.json"
    path.write_bytes(content)
    assert rejected(path)


# --- CAVE and neo4j-admin


@pytest.mark.parametrize(
    ("rows", "row", "column", "word"),
    [
        ("0,2\n1,2\n", 2, "pre_pt_root_id", "root id is 0"),
        ("1,2\n2,0\n", 3, "post_pt_root_id", "root id is 0"),
        ("1,2\n2,8.64e17\n", 3, "post_pt_root_id", "8.64e17"),
        ("1,2\n,1\n", 3, "pre_pt_root_id", "empty"),
        ("", None, None, "empty"),
    ],
)
def test_cave(tmp_path, rows, row, column, word):
    path = tmp_path / "s.csv"
    path.write_text("pre_pt_root_id,post_pt_root_id\n" + rows)
    problem = rejected(path)
    assert (problem.row, problem.column) == (row, column)
    assert word in str(problem)


@pytest.mark.parametrize(
    ("header", "rows", "word"),
    [
        (":START_ID,:END_ID,weight:int", "1,2,x\n", "'x'"),
        (":START_ID,:END_ID,weight:int", "1,2,-1\n", "'-1'"),
        (":START_ID,:END_ID,weight:int", "1.0,2,1\n", "'1.0'"),
        (":START_ID(Body-ID),:END_ID(Body-ID)", "", "empty"),
        (":START_ID(Body-ID),:END_ID(Body-ID),strength:float", "1,2,.5\n", "not known"),
        (":START_ID,:END_ID,:TYPE", "1,2,ConnectsTo\n1,3,Contains\n", "ConnectsTo, Contains"),
        (":START_ID(Body-ID),:END_ID(SynSet-ID)", "1,2\n", "from 'Body-ID' to 'SynSet-ID'"),
    ],
)
def test_neo4j_csv(tmp_path, header, rows, word):
    path = tmp_path / "r.csv"
    path.write_text(header + "\n" + rows)
    assert word in str(rejected(path))


def test_a_graph_of_networkx_passes(tmp_path):
    """The cases above fail for what is wrong with them, not for how they are written."""
    graph = nx.DiGraph([(BIG, BIG + 1), (BIG + 1, BIG)])
    (tmp_path / "g.json").write_text(json.dumps(nx.node_link_data(graph, edges="links")))
    edges = prepare_file(tmp_path / "g.json")[1].tables.connections
    assert edges["pre"].tolist() == [BIG, BIG + 1]
