"""One real Neo4j for the tests of the store, emptied before each that writes."""

import os

import pytest

from store.graph import Graph
from store.lake import Lake


def connect(server, local=None):
    given = server.credentials()
    return Graph.connect(given.uri, given.user, given.password, given.database, local=local)


def visible(graph):
    """Datasets in the graph, which are whole: version, neurons and connections of each."""
    rows = graph.read(
        "MATCH (d:Dataset) RETURN d.name AS d, d.version AS v, d.neurons AS n, d.connections AS m, "
        "COUNT { (d)<-[:InDataset]-(:Neuron) } AS neurons, COUNT { MATCH (a:Neuron {dataset: "
        "d.name})-[:ConnectsTo]->(b:Neuron {dataset: d.name}) } AS connections ORDER BY d"
    )
    for row in rows:
        assert (row["n"], row["m"]) == (row["neurons"], row["connections"])
    return {row["d"]: (row["v"], row["neurons"], row["connections"]) for row in rows}


def leftovers(graph):
    """Count what loads have not cleared."""
    (row,) = graph.read("MATCH (n:StagedNeuron|RetiredNeuron|Loading) RETURN count(n) AS count")
    return row["count"]


@pytest.fixture
def graph(server):
    """An empty graph on a server given by its address."""
    found = connect(server)
    found.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS")
    found.prepare()
    yield found
    found.close()


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


@pytest.fixture(autouse=True)
def no_other_server(monkeypatch):
    for name in [name for name in os.environ if name.startswith("NEO4J_")]:
        monkeypatch.delenv(name)
