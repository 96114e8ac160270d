"""People who come from neuPrint and DotMotif ask as they are used to, and get the right answers."""

import threading
import time

import networkx as nx
import pandas as pd
import pytest
from dotmotif import Motif
from dotmotif.executors.Neo4jExecutor import Neo4jExecutor
from dotmotif.executors.NetworkXExecutor import NetworkXExecutor
from py2neo import Graph as Py2neoGraph

from store.console import run
from store.lake import Lake
from tests.circuits_made import publish, random_tables
from tests.contract.store.conftest import empty, reach

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]
TABLES = random_tables(n=40, m=320, seed=11)
TABLES.neurons["instance"] = [f"cell_{k}" for k in range(40)]
ENTITY_LABELS = {"node": "Neuron", "edge": {"DEFAULT": "ConnectsTo", "SYN": "ConnectsTo"}}


@pytest.fixture(scope="module")
def filled(address, tmp_path_factory):
    found = reach(address)
    empty(found)
    found.prepare()
    lake = Lake(tmp_path_factory.mktemp("lake"))
    publish(lake, TABLES)
    found.project(lake, ["made"])
    yield found
    empty(found)
    found.close()


def joined():
    facts = TABLES.neurons
    return (
        TABLES.connections.merge(facts.add_prefix("pre_"), left_on="pre", right_on="pre_neuron_id")
        .merge(facts.add_prefix("post_"), left_on="post", right_on="post_neuron_id")
    )  # fmt: skip


def rows(frame):
    return list(frame.itertuples(index=False, name=None))


EDGES = joined()
TYPED = EDGES[EDGES["pre_type"] == "t1"]
NEUPRINT = {
    "adjacencies of a type": (
        ("MATCH (n:Neuron)-[c:ConnectsTo]->(m:Neuron) WHERE n.type = 't1' "
        "RETURN n.bodyId, m.bodyId, c.weight ORDER BY n.bodyId, m.bodyId"),
        rows(TYPED.sort_values(["pre", "post"])[["pre", "post", "weight"]]),
    ),
    "by body ids": (
        ("WITH [3, 5, 8] AS bodies MATCH (n:Neuron) WHERE n.bodyId IN bodies "
        "RETURN n.bodyId AS bodyId, n.instance AS instance, n.type AS type ORDER BY bodyId"),
        [(k, f"cell_{k - 1}", f"t{(k - 1) % 3}") for k in (3, 5, 8)],
    ),
    "by regular expression": (
        "MATCH (n :Neuron) WHERE n.type =~ 't[01]' RETURN count(n)",
        [(int(TABLES.neurons["type"].isin(["t0", "t1"]).sum()),)],
    ),
    "least weight": (
        ("MATCH (n:Neuron)-[e:ConnectsTo]->(m:Neuron) WHERE e.weight >= 8 AND n.bodyId <> m.bodyId "
        "RETURN n.bodyId AS bodyId_pre, m.bodyId AS bodyId_post, e.weight AS weight "
        "ORDER BY bodyId_pre, bodyId_post"),
        rows(
            EDGES[EDGES["weight"] >= 8].sort_values(["pre", "post"])[["pre", "post", "weight"]]
        ),
    ),
    "strongest downstream types": (
        ("MATCH (a:Neuron)-[x:ConnectsTo]->(b:Neuron) WHERE a.type = 't1' "
        "RETURN b.type AS type, sum(x.weight) AS total ORDER BY total DESC"),
        rows(
            TYPED.groupby("post_type")["weight"].sum().sort_values(ascending=False).reset_index()
        ),
    ),
    "common inputs": (
        ("MATCH (k:Neuron)<-[:ConnectsTo]-(r:Neuron)-[:ConnectsTo]->(l:Neuron) "
        "WHERE k.bodyId = 4 AND l.bodyId = 9 RETURN count(DISTINCT r)"),
        [
            (
                len(
                    set(EDGES.loc[EDGES["post"] == 4, "pre"])
                    & set(EDGES.loc[EDGES["post"] == 9, "pre"])
                ),
            )
        ],
    ),
    "inputs and outputs": (
        ("MATCH (n:Neuron {bodyId: 7}) OPTIONAL MATCH (n)-[o:ConnectsTo]->(:Neuron) "
        "WITH n, sum(o.weight) AS downstream OPTIONAL MATCH (n)<-[i:ConnectsTo]-(:Neuron) "
        "RETURN downstream, sum(i.weight) AS upstream"),
        [
            (
                int(EDGES.loc[EDGES["pre"] == 7, "weight"].sum()),
                int(EDGES.loc[EDGES["post"] == 7, "weight"].sum()),
            )
        ],
    ),
    "a path of given weight": (
        ("MATCH p = (src:Neuron {bodyId: 1})-[:ConnectsTo*2]->(dest:Neuron {bodyId: 2}) "
        "WHERE ALL (r IN relationships(p) WHERE r.weight >= 3) RETURN count(p)"),
        [
            (
                len(
                    set(EDGES.loc[(EDGES["pre"] == 1) & (EDGES["weight"] >= 3), "post"])
                    & set(EDGES.loc[(EDGES["post"] == 2) & (EDGES["weight"] >= 3), "pre"])
                ),
            )
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", NEUPRINT)
def test_neuprint_query_runs_unchanged(filled, what):
    text, expected = NEUPRINT[what]
    with filled.driver.session(database=filled.database) as session:
        found = [tuple(record.values()) for record in session.run(text)]
    assert found == expected
    assert expected


MOTIFS = {
    "feed-forward loop": "A -> B\nB -> C\nA -> C",
    "three-cycle": "A -> B\nB -> C\nC -> A",
    "reciprocal pair": "A -> B\nB -> A",
    "strong chain": "A -> B [weight >= 6]\nB -> C [weight >= 6]",
    "typed": 'A -> B\nA.type = "t1"\nB.type = "t2"',
    "without a way back": "A -> B\nB !> A",
}


@pytest.fixture(scope="module")
def executors(filled, address):
    """DotMotif on our graph, and on the same circuit in memory."""
    graph = nx.DiGraph()
    for row in TABLES.neurons.itertuples(index=False):
        graph.add_node(str(row.neuron_id), type=row.type)
    for row in TABLES.connections.itertuples(index=False):
        graph.add_edge(str(row.pre), str(row.post), weight=row.weight)
    theirs = Neo4jExecutor(
        # DotMotif 0.18 passes `username`, which py2neo does not know: hand the connection over.
        graph=Py2neoGraph(address.uri, auth=(address.user, address.password)),
        entity_labels=ENTITY_LABELS,
    )
    return theirs, NetworkXExecutor(graph=graph)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("what", MOTIFS)
def test_dotmotif_finds_the_same(executors, what):
    graph, memory = executors
    # Without this an open chain may come back to its first cell in Cypher, as in any Cypher.
    motif = Motif(MOTIFS[what], enforce_inequality=True)
    found = pd.DataFrame(graph.find(motif).data())
    found = {tuple(str(node["bodyId"]) for node in row) for row in rows(found[sorted(found)])}
    expected = memory.find(motif)
    wanted = {tuple(one[name] for name in sorted(one)) for one in expected}
    assert found == wanted
    assert len(found) > 5


READERS = 8
SNAPSHOT = (
    "MATCH (d:Dataset {name: 'made'}) OPTIONAL MATCH (n:Neuron {dataset: 'made'}) "
    "WITH d, count(n) AS n, sum(COUNT { (n)-[:ConnectsTo]->(:Neuron) }) AS m "
    "RETURN d.version AS version, d.neurons AS neurons, d.connections AS connections, n, m"
)


def test_readers_are_served_while_an_increment_loads(scratch, address, tmp_path):
    """Eight at once see the old version or the new one whole, and no error."""
    lake = Lake(tmp_path / "lake")
    old = publish(lake, random_tables(n=300, m=20_000, seed=1))
    scratch.prepare()
    scratch.project(lake, ["made"])
    new = publish(lake, random_tables(n=320, m=30_000, seed=2))
    stop, trouble = threading.Event(), []
    seen: list[set[str]] = [set() for _ in range(READERS)]
    looks = [0] * READERS

    def look(place):
        opened = reach(address)
        try:
            while not stop.is_set():
                result = run(opened, SNAPSHOT)
                row = dict(zip(result.columns, result.rows[0], strict=True))
                seen[place].add(row["version"])
                looks[place] += 1
                if (row["n"], row["m"]) != (row["neurons"], row["connections"]):
                    trouble.append(row)
        except Exception as failure:
            trouble.append(failure)
        finally:
            opened.close()

    readers = [threading.Thread(target=look, args=(place,)) for place in range(READERS)]
    for reader in readers:
        reader.start()
    while min(looks) == 0 and not trouble:
        time.sleep(0.02)
    scratch.project(lake, ["made"])
    before_end = list(looks)
    deadline = time.monotonic() + 60
    while min(a - b for a, b in zip(looks, before_end, strict=True)) < 2 and not trouble:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    stop.set()
    for reader in readers:
        reader.join(60)
    assert trouble == []
    assert set().union(*seen) == {old, new}
    assert all(new in versions for versions in seen)
