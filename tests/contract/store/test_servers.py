"""What we rely on holds on each server: answers, types, transactions, uniqueness."""

import datetime
import multiprocessing

import networkx as nx
import numpy as np
import pytest
from neo4j import GraphDatabase
from neo4j.exceptions import Neo4jError
from neo4j.spatial import CartesianPoint
from neo4j.time import Date, DateTime, Duration

from analysis.circuit import Circuit
from analysis.motifs import triad_census
from schemas.errors import ServerError
from schemas.graph import cypher
from store.lake import Lake
from tests.circuits_made import publish, random_tables
from tests.contract.store.conftest import reach
from tests.contract.store.corpus import FILL, PARAMETERS, READS, VALUES, WRITES

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]


@pytest.fixture
def known(scratch):
    for statement in FILL:
        scratch.write(statement, **VALUES)
    return scratch


def answers(result):
    return [tuple(record.values()) for record in result]


def test_corpus_is_large():
    assert len(READS) + len(WRITES) >= 100
    assert len({text for text, _ in READS}) == len(READS)


def test_answers_are_right(known):
    wrong = []
    with known.driver.session(database=known.database) as session:
        for text, expected in READS:
            found = answers(session.run(text, PARAMETERS))
            if found != list(expected):
                wrong.append((text, found, expected))
    assert wrong == []


def test_writes_are_seen_and_rolled_back(known):
    wrong = []
    with known.driver.session(database=known.database) as session:
        for statements, expected in WRITES:
            with session.begin_transaction() as transaction:
                for text in statements[:-1]:
                    transaction.run(text).consume()
                found = answers(transaction.run(statements[-1]))
                transaction.rollback()
            if found != list(expected):
                wrong.append((statements, found, expected))
        (again,) = answers(session.run("MATCH (n:Cell) RETURN count(n), sum(n.size)"))
    assert wrong == []
    assert again == (8, 3.5 + 1.25 - 2.0 + 14.0)


@pytest.mark.parametrize(
    "value",
    [
        *(2**63 - 1, -(2**63), 0, -1, 864691134875730426),
        *(1.5, -0.0, 5e-324, 1.7976931348623157e308, float("inf"), -float("inf")),
        *(True, False, "", "ä\u0000\U0001f9e0\u2028'\"\\`", "x" * 70_000),
        *([], [1, 2**53 + 1], ["a", "ö"], [1.5, float("inf")], [True, False]),
        *(b"", b"\x00\xff\x80", bytes(range(256))),
        *(Date(2026, 11, 27), DateTime(2026, 1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC)),
        *(Duration(months=1, days=-2, seconds=3, nanoseconds=4), CartesianPoint((1.0, -2.5, 3.0))),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_values_come_back_as_they_went(scratch, value):
    scratch.write("CREATE (:Held {value: $value})", value=value)
    (row,) = scratch.read(
        "MATCH (n:Held) RETURN n.value AS value, n.value = $value AS same", value=value
    )
    assert row["same"] is True
    assert row["value"] == value
    assert type(row["value"]) is type(value) or isinstance(value, bytes)


def test_nan_comes_back(scratch):
    scratch.write("CREATE (:Held {value: $value})", value=float("nan"))
    (row,) = scratch.read("MATCH (n:Held) RETURN n.value AS value")
    assert np.isnan(row["value"])


@pytest.mark.parametrize(
    "last",
    [
        "RETURN 1 / 0",
        "CREATE (:Held {id: 1})",
        "RETURN toInteger([])",
        "nonsense",
        "RETURN $absent",
    ],
)
def test_failing_batch_leaves_nothing(scratch, last):
    scratch.run("CREATE CONSTRAINT held_id IF NOT EXISTS FOR (n:Held) REQUIRE n.id IS UNIQUE")
    try:
        with pytest.raises(ServerError):
            scratch.write_all(
                [("UNWIND range(1, 5000) AS k CREATE (:Held {id: k})", {}), (last, {})]
            )
        assert scratch.read("MATCH (n:Held) RETURN count(n) AS c") == [{"c": 0}]
    finally:
        scratch.run("DROP CONSTRAINT held_id")


def test_failing_statement_leaves_nothing(scratch):
    """An auto-commit statement is a transaction of its own."""
    with scratch.driver.session(database=scratch.database) as session, pytest.raises(Neo4jError):
        session.run("UNWIND range(3, 0, -1) AS k CREATE (:Held {id: 6 / k})").consume()
    assert scratch.read("MATCH (n:Held) RETURN count(n) AS c") == [{"c": 0}]


def merge_all(address, answers):
    with GraphDatabase.driver(address.uri, auth=(address.user, address.password)) as driver:
        for k in range(40):
            driver.execute_query(
                "MERGE (n:Held {id: $k}) ON CREATE SET n.made = 1 ON MATCH SET n.made = n.made + 1",
                k=k,
                database_=address.database,
            )
    answers.put("done")


def test_uniqueness_holds_among_processes(scratch, address):
    scratch.run("CREATE CONSTRAINT held_id IF NOT EXISTS FOR (n:Held) REQUIRE n.id IS UNIQUE")
    try:
        scratch.run("CALL db.awaitIndexes(60)")
        context = multiprocessing.get_context("spawn")
        done = context.Queue()
        four = [context.Process(target=merge_all, args=(address, done)) for _ in range(4)]
        for process in four:
            process.start()
        assert [done.get(timeout=120) for _ in four] == ["done"] * 4
        for process in four:
            process.join()
        rows = scratch.read("MATCH (n:Held) RETURN count(n) AS c, sum(n.made) AS made")
        assert rows == [{"c": 40, "made": 160}]
        with pytest.raises(ServerError, match="already exists"):
            scratch.write("CREATE (:Held {id: 1})")
    finally:
        scratch.run("DROP CONSTRAINT held_id")


def test_schema_is_ours_and_can_be_made_twice(scratch):
    scratch.prepare()
    scratch.prepare()
    wanted = [s for s in cypher("constraints").split(";") if s.strip()]
    with scratch.driver.session(
        database=scratch.database, notifications_min_severity="WARNING"
    ) as session:
        for statement in wanted:
            summary = session.run(statement).consume()
            said = [n.raw_classification for n in summary.gql_status_objects]
            assert "DEPRECATION" not in said
    rows = scratch.read("SHOW INDEXES YIELD state, populationPercent RETURN collect(state) AS s")
    assert set(rows[0]["s"]) == {"ONLINE"}


def test_first_loads_versions_and_increments(scratch, tmp_path):
    lake = Lake(tmp_path / "lake")
    publish(lake, random_tables(n=60, m=900))
    scratch.prepare()
    scratch.project(lake, ["made"])
    tables = lake.tables("made")
    found = scratch.circuit_connections("made/all")
    assert found["weight"].sum() == tables.connections["weight"].sum()
    assert len(found) == 900
    publish(lake, random_tables(n=60, m=700, seed=3))
    publish(lake, random_tables(n=20, m=50, seed=4), "second")
    scratch.project(lake, lake.datasets())
    assert scratch.projected() == {name: lake.latest(name) for name in lake.datasets()}
    assert len(scratch.circuit_connections("made/all")) == 700
    scratch.remove("made")
    assert set(scratch.projected()) == {"second"}


PATTERNS = {
    "030T": "(a)-[:ConnectsTo]->(b)-[:ConnectsTo]->(c), (a)-[:ConnectsTo]->(c)",
    "030C": "(a)-[:ConnectsTo]->(b)-[:ConnectsTo]->(c)-[:ConnectsTo]->(a)",
    "021D": "(b)<-[:ConnectsTo]-(a)-[:ConnectsTo]->(c)",
    "300": (
        "(a)-[:ConnectsTo]->(b)-[:ConnectsTo]->(a), (b)-[:ConnectsTo]->(c)-[:ConnectsTo]->(b), "
        "(a)-[:ConnectsTo]->(c)-[:ConnectsTo]->(a)"
    ),
}
SYMMETRY = {"030T": 1, "030C": 3, "021D": 2, "300": 6}
THERE = {"030T": "abbcac", "030C": "abbcca", "021D": "abac", "300": "abbabccbacca"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_instances_in_cypher_are_the_counts_of_the_matrices(scratch, tmp_path, seed):
    lake = Lake(tmp_path / "lake")
    publish(lake, random_tables(n=25, m=200, seed=seed))
    scratch.prepare()
    scratch.project(lake, ["made"])
    tables = lake.tables("made")
    circuit = Circuit.from_tables("made/all", tables.neurons, tables.connections)
    counts = triad_census(circuit)
    graph = nx.DiGraph(tables.connections[["pre", "post"]].itertuples(index=False, name=None))
    graph.add_nodes_from(tables.neurons["neuron_id"])
    assert dict(counts) == nx.triadic_census(graph)
    for motif, pattern in PATTERNS.items():
        there = {THERE[motif][i : i + 2] for i in range(0, len(THERE[motif]), 2)}
        absent = [
            f"NOT ({x})-[:ConnectsTo]->({y})"
            for x in "abc" for y in "abc" if x != y and x + y not in there
        ]  # fmt: skip
        where = " AND ".join(["a <> b AND b <> c AND a <> c", *absent])
        labelled = pattern.replace("(a)", "(a:Neuron)", 1)
        (row,) = scratch.read(f"MATCH {labelled} WHERE {where} RETURN count(*) AS c")
        assert row["c"] == counts[motif] * SYMMETRY[motif], motif


def test_wrong_password_and_wrong_database_are_explained(address):
    with pytest.raises(ServerError, match="refuses user"):
        reach(type(address)(address.uri, address.user, "not this one", address.database))
    opened = reach(type(address)(address.uri, address.user, address.password, "nowhere"))
    with pytest.raises(ServerError, match="NEO4J_DATABASE"):
        opened.read("RETURN 1 AS x")
    opened.close()
