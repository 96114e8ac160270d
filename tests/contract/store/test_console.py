"""The read-only console on a real server: hostile statements change nothing, harmless ones run."""

import contextlib
import threading
import time

import pytest

from schemas.errors import QueryRefused, ServerError, UsageError
from store import console
from store.console import QueryResult, QueryStopped, run
from store.lake import Lake
from tests.circuits_made import publish, random_tables
from tests.contract.store.conftest import empty, reach
from tests.contract.store.statements import (
    ADMINISTRATION,
    BOMBS,
    DISGUISED,
    ENDLESS,
    HARMLESS,
    NONSENSE,
    REACHING,
    VALUES,
    WRITES,
)

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]


@pytest.fixture(scope="module")
def filled(address, tmp_path_factory):
    """A graph that holds one dataset."""
    found = reach(address)
    empty(found)
    found.prepare()
    lake = Lake(tmp_path_factory.mktemp("lake"))
    publish(lake, random_tables(n=60, m=900))
    found.project(lake, ["made"])
    yield found
    empty(found)
    found.close()


def fingerprint(graph):
    """Everything that a statement could change."""
    data = graph.read(
        "MATCH (n) RETURN count(n) AS nodes, sum(size(keys(n))) AS properties, "
        "COUNT { ()-[]->() } AS links, COUNT { (:Bad) } AS bad"
    )
    types = graph.read("MATCH (n:Neuron) RETURN n.type AS t, count(*) AS c ORDER BY t")
    schema = graph.read("SHOW INDEXES YIELD name RETURN collect(name) AS names")
    users = graph.read("SHOW USERS YIELD user RETURN collect(user) AS users")
    databases = graph.read("SHOW DATABASES YIELD name RETURN collect(name) AS names")
    return data, types, [sorted(row["names"]) for row in schema], users, databases


@pytest.mark.parametrize(
    "statements",
    [WRITES, ADMINISTRATION, REACHING, DISGUISED, NONSENSE, ENDLESS],
    ids=["writes", "administration", "reaching", "disguised", "nonsense", "endless"],
)
def test_hostile_statements_are_refused_and_change_nothing(filled, statements):
    before = fingerprint(filled)
    for text in statements:
        with pytest.raises(QueryRefused):
            run(filled, text, VALUES, timeout=5.0)
    assert fingerprint(filled) == before


def test_the_server_refuses_writes_even_unchecked(filled, monkeypatch):
    """READ access mode is the second lock, should the words of the first ever miss one."""
    monkeypatch.setattr(console, "check", lambda text, values: "")
    before = fingerprint(filled)
    for text in [*WRITES, *ADMINISTRATION]:
        with pytest.raises(QueryRefused):
            run(filled, text, {}, timeout=5.0)
    assert fingerprint(filled) == before


@pytest.mark.parametrize("text", BOMBS, ids=lambda text: text[:50])
def test_bomb_is_stopped_and_the_server_lives(filled, text):
    started = time.monotonic()
    with contextlib.suppress(QueryRefused):
        assert run(filled, text, {}, timeout=1.0, max_bytes=4 * 1024**2).truncated
    assert time.monotonic() - started < 60.0
    assert count_when_it_answers(filled) == [[60]]


def count_when_it_answers(graph):
    """A machine under load may take its time to drop what a bomb had queued."""
    for _ in range(3):
        with contextlib.suppress(ServerError):
            return run(graph, "MATCH (n:Neuron) RETURN count(n) AS c", timeout=60.0).rows
    return None


def test_harmless_statements_run(filled):
    for text in HARMLESS:
        result = run(filled, text, VALUES, timeout=30.0)
        assert isinstance(result, QueryResult), text
        assert len(result.types) == len(result.columns)


def test_values_come_as_json_has_them(filled):
    text = (
        "MATCH (n:Neuron {bodyId: 1})-[c:ConnectsTo]->(m) WITH n, c, m LIMIT 1 "
        "MATCH p = (n)-[:InDataset]->() RETURN n, c, p, 9223372036854775807 AS big, "
        "-9223372036854775808 AS small, 1.5 AS f, 0.0 / 0.0 AS nan, 1.0 / 0.0 AS inf, "
        "null AS nothing, true AS yes, [1, 'a', null] AS l, {k: [1]} AS m, "
        "date('2026-01-02') AS d, datetime('2026-01-02T03:04:05Z') AS t, duration('P1DT2S') AS u, "
        "point({x: 1, y: 2}) AS o"
    )
    result = run(filled, text)
    (row,) = result.rows
    got = dict(zip(result.columns, row, strict=True))
    assert got["n"]["labels"] == ["Neuron"]
    assert got["n"]["properties"]["uid"] == "made:1"
    assert got["c"]["type"] == "ConnectsTo"
    assert got["c"]["properties"]["weight"] >= 1
    assert [len(got["p"]["nodes"]), len(got["p"]["relationships"])] == [2, 1]
    assert (got["big"], got["small"]) == (2**63 - 1, -(2**63))
    assert (got["f"], got["nan"], got["inf"], got["nothing"]) == (1.5, "nan", "inf", None)
    assert (got["yes"], got["l"], got["m"]) == (True, [1, "a", None], {"k": [1]})
    assert got["d"] == "2026-01-02"
    assert got["t"] == "2026-01-02T03:04:05.000000000+00:00"
    assert got["u"] == "P1DT2S"
    assert got["o"] == {"srid": 7203, "coordinates": [1.0, 2.0]}
    assert dict(zip(result.columns, result.types, strict=True)) == {
        "n": "node", "c": "relationship", "p": "path", "big": "integer", "small": "integer",
        "f": "float", "nan": "float", "inf": "float", "nothing": "null", "yes": "boolean",
        "l": "list", "m": "map", "d": "date", "t": "datetime", "u": "duration", "o": "point",
    }  # fmt: skip


def test_more_rows_than_asked_for_are_truncated_aloud(filled):
    exact = run(filled, "MATCH (n:Neuron) RETURN n.bodyId AS b ORDER BY b", max_rows=60)
    assert (len(exact.rows), exact.truncated) == (60, False)
    short = run(filled, "MATCH (n:Neuron) RETURN n.bodyId AS b ORDER BY b", max_rows=59)
    assert (len(short.rows), short.truncated) == (59, True)
    assert short.rows == exact.rows[:59]
    endless = run(filled, "UNWIND range(1, 1000000000) AS x RETURN x", max_rows=5)
    assert endless.rows == [[1], [2], [3], [4], [5]]
    assert endless.truncated


def test_more_bytes_than_allowed_are_truncated_aloud(filled):
    text = "UNWIND range(1, 1000) AS x RETURN [y IN range(1, 3000) | x * y] AS l"
    result = run(filled, text, max_bytes=1024**2)
    assert result.truncated
    assert 10 < len(result.rows) < 1000
    assert [len(row[0]) for row in result.rows] == [3000] * len(result.rows)
    with pytest.raises(QueryStopped, match="one row of the result is larger than 1 MiB"):
        run(filled, "RETURN range(1, 1000000) AS l", max_bytes=1024**2)
    assert run(filled, "RETURN 1 AS x").rows == [[1]]


def running(graph):
    """How many of the console's counting queries the server still runs."""
    rows = graph.read(
        "SHOW TRANSACTIONS YIELD metaData, currentQuery "
        "WHERE metaData.application = 'isocortex console' AND currentQuery ENDS WITH 'count(*)' "
        "RETURN count(*) AS count"
    )
    return rows[0]["count"]


def test_time_out_is_the_servers_and_is_explained(filled):
    started = time.monotonic()
    with pytest.raises(QueryStopped, match=r"stopped after 0\.5 s"):
        run(filled, "UNWIND range(1, 100000000000) AS x RETURN count(*)", timeout=0.5)
    assert time.monotonic() - started < 10.0
    assert running(filled) == 0


def test_query_can_be_cancelled(filled):
    cancel = threading.Event()
    threading.Timer(0.5, cancel.set).start()
    started = time.monotonic()
    with pytest.raises(QueryStopped, match="cancelled"):
        run(filled, "UNWIND range(1, 100000000000) AS x RETURN count(*)", cancel=cancel)
    assert time.monotonic() - started < 5.0
    deadline = time.monotonic() + 20
    while running(filled) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert running(filled) == 0


def test_memory_limit_is_not_tried_again(filled):
    started = time.monotonic()
    with pytest.raises(QueryStopped):
        run(filled, "UNWIND range(1, 1000000000) AS x RETURN collect(x) AS l", timeout=20.0)
    assert time.monotonic() - started < 25.0


def test_errors_of_the_statement_name_the_place(filled):
    with pytest.raises(QueryRefused) as refused:
        run(filled, "MATCH (n:Neuron)\nRETURN m")
    assert str(refused.value).startswith("line 2, column 8: Variable `m` not defined")
    with pytest.raises(QueryRefused, match="--param name=value"):
        run(filled, "RETURN $missing")
    with pytest.raises(QueryRefused, match="by zero"):
        run(filled, "RETURN 1 / 0")


def test_values_travel_as_parameters(filled):
    nasty = "x'}) DETACH DELETE n //"
    assert run(filled, "MATCH (n:Neuron {type: $t}) RETURN n", {"t": nasty}).rows == []
    assert run(filled, "RETURN $t AS t", {"t": nasty}).rows == [[nasty]]
    big = {"list": [1, 2**63 - 1], "map": {"a": None}}
    assert run(filled, "RETURN $v AS v", {"v": big}).rows == [[big]]
    for unfit in (2**63, object(), {1, 2}):
        with pytest.raises(UsageError, match="cannot be sent"):
            run(filled, "RETURN $v AS v", {"v": unfit})


def test_plan_is_a_table(filled):
    text = "MATCH (n:Neuron {uid: 'made:1'}) RETURN n.type AS t"
    plan = run(filled, f"EXPLAIN {text}")
    assert plan.columns == ["operator", "details", "estimated rows", "rows", "hits"]
    assert any("NodeUniqueIndexSeek" in row[0] for row in plan.rows)
    profile = run(filled, f"PROFILE {text}")
    assert [row[3] for row in profile.rows] == [1] * len(profile.rows)


def test_server_that_went_away_is_an_error_of_its_own(address):
    found = reach(address)
    found.driver.close()
    with pytest.raises((ServerError, UsageError)):
        run(found, "RETURN 1")
