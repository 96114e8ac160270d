"""A pattern asked of a real Neo4j lies where the arrays say, and nothing hostile gets through."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.motifs.counting import count_pattern
from analysis.motifs.matching import column_kinds, find_placements
from analysis.motifs.named import class_graphs, pattern_of, triads
from isocortex import finding
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.errors import UsageError
from schemas.patterns import read
from schemas.patterns.attributes import resolved
from schemas.tables import CircuitTables
from store.console import run
from store.lake import Lake
from store.motifs import compile_pattern
from tests.circuits_made import publish
from tests.contract.store.conftest import empty, reach
from tests.motifs_asked import OURS, SHARED, asked_circuit

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]
N = 24
IN_GRAPH = {name: text for name, text in (SHARED | OURS).items() if ".kind" not in text}
CUTS = [
    {"name": "all", "title": "All"},
    {"name": "some", "title": "Some", "where": [{"column": "type", "isin": ["t0", "t1"]}]},
]


@pytest.fixture(scope="module")
def asked(address, tmp_path_factory):
    """The graph of a dataset with two circuits, and a function from their names to arrays."""
    host = asked_circuit(17, n=N, density=0.15)
    neurons, connections = host.to_pandas()
    neurons = neurons.drop(columns=["x", "y", "kind"])
    neurons.loc[::5, "type"] = None
    found = reach(address)
    empty(found)
    found.prepare()
    lake = Lake(tmp_path_factory.mktemp("lake"))
    version = publish(lake, CircuitTables(neurons, connections), circuits=CUTS)
    found.project(lake, ["made"])

    def arrays(name):
        tables = lake.circuit_tables("made", name, version)
        return Circuit.from_tables(f"made/{name}", *tables, attributes={"version": version})

    yield found, arrays
    empty(found)
    found.close()


def fitted(text, circuit, *, induced=False):
    pattern = pattern_of(text) or read(text)
    closed = pattern.closed(induced=induced or pattern.induced)
    return resolved(closed, column_kinds(circuit.neurons), circuit.name)


def from_graph(graph, circuit, pattern, *, once=True, count=False):
    made = compile_pattern(
        pattern,
        circuit=circuit.name,
        version=circuit.attributes["version"],
        limit=None,
        once=once,
        count=count,
    )
    result = run(graph, made.text, made.values, max_rows=10**6)
    assert not result.truncated
    return result


@pytest.mark.parametrize("induced", [False, True])
def test_graph_and_arrays_find_the_same(asked, induced):
    graph, arrays = asked
    found = 0
    texts = list(IN_GRAPH.items())[:: 3 if induced else 1]
    asked_for = [("all", True, texts), ("some", True, texts[::4]), ("some", False, texts[1::4])]
    for cut, once, some in asked_for:
        circuit = arrays(cut)
        for what, text in some:
            pattern = fitted(text, circuit, induced=induced)
            result = from_graph(graph, circuit, pattern, once=once)
            memory = find_placements(circuit, pattern, limit=10**6, once=once)
            assert memory.complete
            rows = circuit.neuron_ids[memory.rows].tolist()
            assert result.columns == list(pattern.neurons)
            assert sorted(result.rows) == sorted(rows), what
            found += len(rows)
    assert found > 500


def test_graph_counts_what_the_census_counts(asked):
    graph, arrays = asked
    circuit = arrays("all")
    connected = [name for name, edges in triads().items() if len(edges) > 1]
    for name in [*connected, "012", *(f"4:{code}" for code in list(class_graphs(4))[100::60])]:
        pattern = fitted(name, circuit)
        quick = count_pattern(circuit, pattern)
        assert quick.path == "census"
        assert from_graph(graph, circuit, pattern, count=True).rows == [[quick.subgraphs]]


def test_another_version_is_not_answered_for(asked):
    graph, arrays = asked
    circuit = arrays("all")
    pattern = fitted("A -> B", circuit)
    made = compile_pattern(pattern, circuit=circuit.name, version="other", limit=5)
    assert run(graph, made.text, made.values).rows == []


POISON = [
    "x' OR true //",
    'x" OR true //',
    "`) DETACH DELETE n //",
    "\\u0027 OR 1 = 1",
    "$limit",
    "}) MATCH (n) DETACH DELETE n //",
    "😀",
]


def test_hostile_values_are_only_values(asked):
    graph, arrays = asked
    circuit = arrays("all")
    before = graph.read("MATCH (n) RETURN count(n) AS nodes, COUNT { ()-[]->() } AS links")
    known = circuit.neurons["type"].notna().to_numpy()
    for value in POISON:
        quoted = f"'{value}'" if '"' in value else f'"{value}"'
        if quoted.count(quoted[0]) > 2:
            continue
        for condition in (
            f"A.type = {quoted}",
            f"A.type in [{quoted}]",
            f"A.type contains {quoted}",
        ):
            pattern = fitted(f"A -> B; {condition}", circuit)
            assert from_graph(graph, circuit, pattern).rows == []
        pattern = fitted(f"A -> B; A.type !in [{quoted}]", circuit)
        assert len(from_graph(graph, circuit, pattern).rows) == int(known[circuit.sources()].sum())
    after = graph.read("MATCH (n) RETURN count(n) AS nodes, COUNT { ()-[]->() } AS links")
    assert after == before


def test_names_of_a_pattern_are_only_names(asked):
    graph, arrays = asked
    circuit = arrays("all")
    pattern = fitted("MATCH -> WHERE; WHERE -> DELETE; the_circuit -> MATCH", circuit)
    memory = find_placements(circuit, pattern, limit=10**6)
    rows = from_graph(graph, circuit, pattern).rows
    assert sorted(rows) == sorted(np.asarray(circuit.neuron_ids[memory.rows]).tolist())
    assert rows


@pytest.fixture
def workspace(asked, address, tmp_path, monkeypatch):
    """A workspace whose graph is the one of these tests."""
    for name, value in {
        "NEO4J_URI": address.uri,
        "NEO4J_USER": address.user,
        "NEO4J_PASSWORD": address.password,
        "NEO4J_DATABASE": address.database,
        "ISOCORTEX_HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    return Workspace(Settings.from_environment())


def test_a_circuit_of_the_lake_is_looked_at_in_the_graph(asked, workspace):
    _, arrays = asked
    circuit = arrays("all")
    question = finding.question("A -> B [weight >= 2]; B -> A", circuit, in_lake=True)
    found = finding.instances(question, workspace)
    other = finding.instances(question, workspace, by="matcher")
    assert (found.path, other.path) == ("graph", "matcher")
    assert found.complete
    assert found.table.equals(other.table)
    assert len(found.table) > 0
    short = finding.instances(question, workspace, limit=len(found.table) - 1)
    assert (len(short.table), short.complete) == (len(found.table) - 1, False)
    exact = finding.instances(question, workspace, limit=len(found.table))
    assert exact.complete
    counts = [finding.count(question, workspace, by=by).count for by in ("auto", "graph")]
    assert counts == [len(found.table)] * 2
    nothing = finding.question("A -> B; A.type = t9", circuit, in_lake=True)
    assert finding.instances(nothing, workspace).table.empty


def test_a_circuit_that_the_graph_lacks_is_refused(asked, workspace):
    _, arrays = asked
    circuit = arrays("all")
    for change, why in (
        ({"attributes": {"version": "older"}}, "at version .*, not older"),
        ({"name": "made/gone"}, "made/gone is not there"),
    ):
        question = finding.question("A -> B", replace(circuit, **change), in_lake=True)
        with pytest.raises(UsageError, match=why):
            finding.instances(question, workspace)
