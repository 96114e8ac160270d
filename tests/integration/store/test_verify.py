"""Whatever is wrong in the graph is found, named and mended; what is right is left alone."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from schemas.errors import ServerError
from schemas.graph import LOADED_SINCE, SCHEMA_VERSION
from schemas.tables import CircuitTables
from store.verify import PRIME, checksums, repair, verify
from tests.circuits_made import connections, neurons, pathways, publish, random_tables

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]
EXTREMES = [-(2**63), -7, 0, 2**53 + 1, 864691134875730426, 2**63 - 1]
ONE = (
    "MATCH (n:Neuron {dataset: 'made'})-[c:ConnectsTo]->(m) "
    "WITH n, c, m ORDER BY n.bodyId, m.bodyId LIMIT 1 "
)
TWO = "MATCH (m)<-[c:ConnectsTo]-(n:Neuron {dataset: 'made'})-[d:ConnectsTo]->(o) "
NEURON = "MATCH (n:Neuron {uid: 'made:3'}) "
PATHWAY = "MATCH (p:Pathway {uid: 'made:1'}) "
FIGURES = [
    {
        "pre_type": pre, "post_type": "b", "pre_class": "basket", "post_class": "pyramidal",
        "probability": 0.25, "distance_um": [10.0, 20.0], "probability_at": [0.5, 0.125],
        "doi": "10.1/x",
    }
    for pre in "ac"
]  # fmt: skip
DAMAGE = {
    "lost connection": (ONE + "DELETE c", "outgoing connections: 1"),
    "other weight": (ONE + "SET c.weight = c.weight + 1", "outgoing connections: 1"),
    "no weight": (ONE + "REMOVE c.weight", "outgoing connections: 1"),
    "doubled connection": (ONE + "CREATE (n)-[:ConnectsTo {weight: 1}]->(m)", "outgoing"),
    "moved connection": (
        ONE + "MATCH (o:Neuron {dataset: 'made'}) WHERE o <> n AND NOT (n)-->(o) "
        "WITH n, c, o ORDER BY o.bodyId LIMIT 1 "
        "CREATE (n)-[:ConnectsTo {weight: c.weight}]->(o) DELETE c",
        "outgoing connections: 1",
    ),
    "turned connection": (
        ONE + "CREATE (m)-[:ConnectsTo {weight: c.weight}]->(n) DELETE c", "outgoing connections: 1"
    ),
    "connection out of the dataset": (
        ONE + "MATCH (o:Neuron {uid: 'other:' + toString(m.bodyId)}) "
        "CREATE (n)-[:ConnectsTo {weight: c.weight}]->(o) DELETE c",
        "outgoing connections: 1",
    ),
    "weights exchanged": (
        TWO + "WHERE c.weight < d.weight WITH c, d, c.weight AS w LIMIT 1 "
        "SET c.weight = d.weight, d.weight = w",
        "outgoing connections",
    ),
    "lost neuron": (NEURON + "DETACH DELETE n", "neuron missing: made:3"),
    "strange neuron": (
        "CREATE (:Neuron {uid: 'made:77', bodyId: 77, dataset: 'made'})",
        "too many: made:77",
    ),
    "other type": (NEURON + "SET n.type = 'x'", "other properties: made:3"),
    "moved soma": (NEURON + "SET n.somaX = n.somaX + 1e-9", "other properties: made:3"),
    "neuron of another dataset": (NEURON + "SET n.dataset = 'other'", "neuron missing: made:3"),
    "lost circuit": (
        "MATCH (c:Circuit {name: 'made/all'}) DETACH DELETE c",
        "circuit missing: made/all",
    ),
    "strange circuit": ("CREATE (:Circuit {name: 'made/x', dataset: 'made'})", "too many: made/x"),
    "neuron out of its circuit": (
        NEURON + "MATCH (n)-[r:InCircuit]->() DELETE r", "circuit with other neurons: made/all"
    ),
    "other density": (
        "MATCH (c:Circuit {name: 'made/all'}) SET c.density = 0.5", "other properties: made/all"
    ),
    "other licence": ("MATCH (d:Dataset {name: 'made'}) SET d.licence = 'none at all'", "licence"),
    "lost pathway": (PATHWAY + "DETACH DELETE p", "pathway missing: made:1"),
    "strange pathway": (
        "CREATE (:Pathway {uid: 'made:9', dataset: 'made'})", "pathway too many: made:9"
    ),
    "other probability": (PATHWAY + "SET p.probability = 0.5", "properties or links: made:1"),
    "other distances": (
        PATHWAY + "SET p.distances = [10.0, 20.1]", "properties or links: made:1"
    ),
    "pathway without its class": (
        PATHWAY + "MATCH (p)-[r:From]->() DELETE r", "properties or links: made:1"
    ),
    "pathway out of the dataset": (
        PATHWAY + "MATCH (p)-[r:InDataset]->() DELETE r", "properties or links: made:1"
    ),
    "neuron unlinked": (NEURON + "MATCH (n)-[r:InDataset]->() DELETE r", "29 neurons are linked"),
}  # fmt: skip


@pytest.fixture
def filled(graph, lake):
    publish(lake, replace(random_tables(n=30, m=200), pathways=pathways(FIGURES)))
    publish(lake, random_tables(n=30, m=100, seed=4), "other")
    graph.project(lake, lake.datasets())
    return graph


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_found_and_mended(filled, lake, what):
    statement, said = DAMAGE[what]
    filled.write(statement)
    by_name = {check.dataset: check for check in verify(filled, lake)}
    assert by_name["made"].state == "damaged"
    assert said in "; ".join(by_name["made"].problems)
    untouched = filled.read("MATCH (d:Dataset {name: 'other'}) RETURN elementId(d) AS id")
    assert repair(filled, lake, list(by_name.values())) == [
        name for name, check in by_name.items() if check.repairable
    ]
    assert {check.state for check in verify(filled, lake)} == {"same"}
    if by_name["other"].state == "same":
        again = filled.read("MATCH (d:Dataset {name: 'other'}) RETURN elementId(d) AS id")
        assert again == untouched


def test_right_graph_is_the_same(filled, lake):
    edges = [(a, b, 2**31 - 1) for a in EXTREMES for b in EXTREMES if a != b]
    publish(lake, CircuitTables(neurons(EXTREMES), connections(edges)), "extreme")
    publish(lake, CircuitTables(neurons([1, 2]), connections([])), "unconnected")
    filled.project(lake, lake.datasets())
    found = verify(filled, lake)
    assert {check.dataset: check.state for check in found} == dict.fromkeys(
        ["extreme", "made", "other", "unconnected"], "same"
    )
    counts = {check.dataset: (check.neurons, check.connections) for check in found}
    assert counts["extreme"] == (6, 30)
    assert counts["unconnected"] == (2, 0)
    assert [problem for check in found for problem in check.problems] == []


def test_older_absent_and_unknown_are_told_apart(filled, lake):
    publish(lake, random_tables(n=30, m=210, seed=9))
    publish(lake, random_tables(n=5, m=6), "new")
    filled.write("CREATE (:Dataset {name: 'elsewhere', version: 'abc'})")
    found = {check.dataset: check for check in verify(filled, lake)}
    states = {name: check.state for name, check in found.items()}
    assert states == {"elsewhere": "unknown", "made": "older", "new": "absent", "other": "same"}
    assert sorted(repair(filled, lake, list(found.values()))) == ["made", "new"]
    states = {check.dataset: check.state for check in verify(filled, lake)}
    assert states == {"elsewhere": "unknown", "made": "same", "new": "same", "other": "same"}


def test_checksums_equal_plain_arithmetic():
    rng = np.random.default_rng(3)
    post = [*EXTREMES, *rng.integers(-(2**63), 2**63 - 1, 40).tolist()]
    weight = rng.integers(1, 2**31 - 1, len(post)).tolist()

    def rest(value):  # of a division that rounds towards zero, as Java's
        return abs(value) % PRIME * (1 if value >= 0 else -1)

    found = checksums(pd.DataFrame({"pre": 5, "post": post, "weight": weight})).loc[5]
    assert found["connections"] == len(post)
    assert found["weight"] == sum(weight)
    assert found["checksum"] == sum(rest(rest(p) * w) for p, w in zip(post, weight, strict=True))


def test_older_schema_is_refused_until_it_is_upgraded(filled, lake):
    filled.write("MATCH (v:SchemaVersion) SET v.version = $v", v=LOADED_SINCE - 1)
    filled.write("MATCH (n:Neuron {dataset: 'made'}) REMOVE n.polarity")
    with pytest.raises(ServerError, match="server upgrade"):
        filled.prepare()
    assert filled.upgrade(lake) == ["made", "other"]
    filled.prepare()
    assert filled.schema_version() == SCHEMA_VERSION
    assert {check.state for check in verify(filled, lake)} == {"same"}
    assert filled.upgrade(lake) == []


def test_upgrade_refuses_what_the_lake_lacks(filled, lake):
    filled.write("MATCH (v:SchemaVersion) SET v.version = $v", v=SCHEMA_VERSION - 1)
    filled.write("CREATE (:Dataset {name: 'elsewhere', version: 'abc'})")
    with pytest.raises(ServerError, match="elsewhere cannot be written anew"):
        filled.upgrade(lake)
    assert filled.schema_version() == SCHEMA_VERSION - 1


def test_newer_schema_is_refused(filled, lake):
    filled.write("MATCH (v:SchemaVersion) SET v.version = $v", v=SCHEMA_VERSION + 1)
    for attempt in (filled.prepare, lambda: filled.upgrade(lake)):
        with pytest.raises(ServerError, match="use the newer isocortex") as refused:
            attempt()
        assert f"schema version {SCHEMA_VERSION + 1}" in str(refused.value)
