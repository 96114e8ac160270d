"""Results in a real graph: whole, replaced, compared with the lake, mended, upgraded, removed."""

from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.circuit import Circuit
from isocortex.circuit_results import circuit_results, keep
from isocortex.class_effects import measure_typed
from isocortex.error_curves import Question, Rates, answer
from isocortex.measure import Parameters, measure
from schemas.errors import ServerError, UsageError
from schemas.graph import LOADED_SINCE, RESULTS, SCHEMA_VERSION
from store import result_graph
from store.result_rows import result_rows
from store.results import Results
from store.verify import repair, verify
from tests.circuits_made import publish, random_tables

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]
ER = Parameters(("er",))
BY = ("cell_class", "type")  # both stand in the graph
MADE = "MATCH (c:Circuit {name: 'made/all'}) "
OF_MADE = MADE + "MATCH (c)<-[:Used]-(a:Analysis {analysis: "
DAMAGE = {
    "lost number": (
        MADE + "MATCH (c)-[:Measured]->(t:TypedMotif) WITH t LIMIT 1 DETACH DELETE t",
        "typed-triads of made/all: missing 1",
    ),
    "other count": (
        MADE + "MATCH (c)-[:Measured]->(f:FourNodeMotif {code: 0}) SET f.count = f.count + 1",
        "four-node-census of made/all: different 1",
    ),
    "other effect": (
        MADE + "MATCH (c)-[:Measured]->(s:MotifStatistic {motif: '030T'}) SET s.z = s.z + 1e-9",
        "motif-census of made/all: different 1",
    ),
    "other effect by class": (
        MADE + "MATCH (c)-[:Measured]->(t:TypedEffect {motif: '030T', by: 'type'}) "
        "WITH t LIMIT 1 SET t.expected = t.expected + 1e-9",
        "typed-census by=type of made/all: different 1",
    ),
    "other level of an error": (
        MADE + "MATCH (c)-[:Measured]->(e:ErrorCurvePoint {motif: '201', level: 0.1}) "
        "SET e.level = 0.2",
        "error-curve ensemble=canonical error=missed level=0.1 null=er of made/all: different 1",
    ),
    "lost correction": (
        MADE + "MATCH (c)-[:Measured]->(e:CorrectedEffect {motif: '201'}) DETACH DELETE e",
        "error-correction ensemble=canonical null=er of made/all: missing 1",
    ),
    "results of one kind twice": (
        OF_MADE + "'typed-census'}) SET a.parameters = ['by=type']",
        "typed-census by=type of made/all is there twice",
    ),
    "strange number": (
        OF_MADE + "'circuit-statistics'}) "
        "CREATE (c)-[:Measured]->(:CircuitStatistic {uid: 'x'})-[:GeneratedBy]->(a)",
        "circuit-statistics of made/all: too many 1",
    ),
    "number of nothing": (
        MADE + "CREATE (c)-[:Measured]->(:TypedMotif {uid: 'x'})",
        "numbers of made/all without a computation",
    ),
    "other participation": (
        MADE + "MATCH (c)<-[r:InCircuit]-({bodyId: 3}) SET r.triads030T = r.triads030T + 1",
        "participation of made/all: different 1",
    ),
    "lost participation": (
        MADE + "MATCH (c)<-[r:InCircuit]-({bodyId: 3}) SET r = {}",
        "participation of made/all: missing 1",
    ),
    "participation of nothing": (
        OF_MADE + "'participation'}) DETACH DELETE a",
        "triads of neurons in made/all without a computation",
    ),
    "other seed": (
        OF_MADE + "'typed-triads'}) SET a.seed = 9",
        "typed-triads of made/all: its computation has other properties",
    ),
    "lost computation": (
        OF_MADE + "'typed-triads'}) DETACH DELETE a", "numbers of made/all without a computation",
    ),
    "computation of no circuit": (
        OF_MADE + "'typed-triads'}) MATCH (a)-[u:Used]->(c) DELETE u", "typed-triads of 0 circuits",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results of two datasets, which every test finds computed."""
    return Results(tmp_path_factory.mktemp("results"))


def errors(lake, results, circuit):
    """Return two levels of a curve and a correction, as `robustness` keeps them."""
    workspace = SimpleNamespace(lake=lake, results_of=lambda circuit: results)
    asked = Question("er", levels=(0.0, 0.1), draws=2)
    found = answer(workspace, circuit, asked, Rates(miss=0.1))
    return [*found.curve, found.correction]


def compute(lake, results, dataset):
    version = lake.latest(dataset)
    circuit = Circuit.from_tables(
        f"{dataset}/all",
        *lake.circuit_tables(dataset, "all", version),
        attributes={"dataset": dataset, "version": version},
    )
    found = [keep(kind, circuit, version, 0, results) for kind in circuit_results()]
    found.append(measure(circuit, version, ER, results)[:2])
    found += [measure_typed(circuit, by, version, ER, results)[:2] for by in BY]
    return found + errors(lake, results, circuit)


@pytest.fixture
def filled(graph, lake, results):
    publish(lake, random_tables(n=30, m=200))
    publish(lake, random_tables(n=20, m=100, seed=4), "other")
    graph.project(lake, lake.datasets())
    for dataset in lake.datasets():
        graph.write_results(compute(lake, results, dataset))
    return graph


def states(graph, lake, results):
    return {check.dataset: check for check in verify(graph, lake, results=results)}


def identities(graph):
    return graph.read("MATCH (n:Neuron) RETURN elementId(n) AS id ORDER BY id")


def held(graph):
    """Numbers in the graph, by circuit and label."""
    rows = graph.read(
        "MATCH (c:Circuit)-[:Measured]->(s)-[:GeneratedBy]->(:Analysis)-[:Used]->(c) "
        "RETURN c.name AS c, labels(s)[0] AS label, count(s) AS n"
    )
    return {(row["c"], row["label"]): row["n"] for row in rows}


def test_what_was_written_is_there_and_the_same(filled, lake, results):
    wanted = {}
    for dataset in ("made", "other"):
        for record, table in compute(lake, results, dataset):
            if (label := RESULTS[record.analysis]) is not None:
                place = f"{dataset}/all", label
                wanted[place] = wanted.get(place, 0) + len(result_rows(record, table))
    assert held(filled) == wanted
    assert all(wanted.values())
    found = states(filled, lake, results)
    assert {name: check.state for name, check in found.items()} == {"made": "same", "other": "same"}
    participation = compute(lake, results, "made")[0][1].set_index("neuron_id")
    rows = filled.read(
        MADE + "MATCH (c)<-[r:InCircuit]-(n) RETURN n.bodyId AS body, r.triads210 AS triads"
    )
    assert {row["body"]: row["triads"] for row in rows} == participation["210"].to_dict()


def test_damage_of_results_is_found_and_mended_without_loading(filled, lake, results):
    before = identities(filled)
    for what, (statement, said) in DAMAGE.items():
        filled.write(statement)
        found = states(filled, lake, results)
        assert found["made"].state == "damaged", what
        assert found["made"].only_results, what
        assert said in "; ".join(found["made"].problems), what
        assert found["other"].state == "same", what
        assert repair(filled, lake, list(found.values())) == ["made"]
        assert {c for c, _ in held(filled)} == {"other/all"}
        filled.write_results(compute(lake, results, "made"))
        again = states(filled, lake, results)
        assert {check.state for check in again.values()} == {"same"}, what
    assert identities(filled) == before


def test_an_earlier_result_is_replaced_and_a_refusal_leaves_no_numbers(filled, lake, results):
    whole, analyses = held(filled), len(filled.projected_results())
    for record, table in compute(lake, results, "made"):
        changed = record.model_copy(update={"key": "f" * 64, "refused": "not today"})
        filled.write_results([(changed, pd.DataFrame())])
        (found,) = filled.read(
            MADE + "MATCH (c)<-[:Used]-(a:Analysis {key: $key}) "
            "RETURN a.refused AS refused, COUNT { (a)<-[:GeneratedBy]-() } AS numbers, "
            "COUNT { (c)<-[r:InCircuit]-() WHERE r.triads030T IS NOT NULL } AS counts",
            key=changed.key,
        )
        assert len(filled.projected_results()) == analyses
        assert (found["refused"], found["numbers"]) == ("not today", 0)
        assert found["counts"] == (0 if record.analysis == "participation" else 30)
        filled.write_results([(record, table)])
        assert held(filled) == whole
    beside = record.model_copy(update={"analysis": "statistics"})
    with pytest.raises(UsageError, match="do not go into the graph"):
        filled.write_results([(beside, table)])


def test_a_large_result_is_written_in_parts_and_whole_or_not_at_all(
    filled, lake, results, monkeypatch
):
    whole, computed = held(filled), compute(lake, results, "made")
    monkeypatch.setattr(result_graph, "PART", 7)
    filled.write_results(computed)
    assert held(filled) == whole
    assert {c.state for c in states(filled, lake, results).values()} == {"same"}
    large = [one for one in computed if one[0].analysis == "typed-triads"]
    assert len(large[0][1]) > 30
    written, parts = filled.write, []

    def fail(statement, **given):  # noqa: ANN003
        if "CREATE (s:TypedMotif)" in statement:
            parts.append(statement)
            if len(parts) == 3:
                raise ServerError("the server went away")
        written(statement, **given)

    with monkeypatch.context() as broken:
        broken.setattr(filled, "write", fail)
        with pytest.raises(ServerError, match="went away"):
            filled.write_results(large)
    assert ("made/all", "TypedMotif") not in held(filled)
    assert large[0][0].key not in filled.projected_results()
    assert len(filled.read("MATCH (t:TypedMotif) WHERE NOT ()-[:Measured]->(t) RETURN t")) == 14
    filled.write_results(large)
    assert held(filled) == whole
    assert {c.state for c in states(filled, lake, results).values()} == {"same"}
    assert not filled.read("MATCH (a:Analysis) WHERE NOT (a)-[:Used]->() RETURN a")


def test_many_results_go_in_parts_before_their_dataset_is_switched(
    filled, lake, results, monkeypatch
):
    monkeypatch.setattr(result_graph, "PART", 7)
    monkeypatch.setattr(result_graph, "MOST", 40)
    publish(lake, random_tables(n=31, m=210, seed=8))
    filled.project(lake, ["made"])
    assert {c for c, _ in held(filled)} == {"other/all"}
    assert states(filled, lake, results)["made"].state == "same"
    left = "|".join(label for label in RESULTS.values() if label)
    assert not filled.read(f"MATCH (s:{left}) WHERE NOT ()-[:Measured]->(s) RETURN s")
    assert not filled.read("MATCH (a:Analysis) WHERE a.key CONTAINS ' ' RETURN a")


def test_older_schema_keeps_its_datasets_and_gets_its_results_anew(filled, lake, results):
    before = identities(filled)
    filled.write("MATCH (s:TypedMotif|TypedEffect|FourNodeMotif|CircuitStatistic) DETACH DELETE s")
    filled.write("MATCH (a:Analysis) WHERE a.analysis <> 'motif-census' DETACH DELETE a")
    filled.write("MATCH (:Analysis)-[u:Used]->(:Circuit) DELETE u")
    filled.write("MATCH ()-[r:InCircuit]->() SET r = {}")
    filled.write("MATCH (v:SchemaVersion) SET v.version = $v", v=LOADED_SINCE)
    with pytest.raises(ServerError, match="server upgrade"):
        filled.prepare()
    assert filled.upgrade(lake) == []
    assert filled.schema_version() == SCHEMA_VERSION
    assert filled.read("MATCH (n:Analysis|MotifStatistic) RETURN n") == []
    filled.prepare()
    for dataset in lake.datasets():
        filled.write_results(compute(lake, results, dataset))
    assert {c.state for c in states(filled, lake, results).values()} == {"same"}
    assert identities(filled) == before


def test_a_new_version_and_removal_take_the_results_along(filled, lake, results):
    publish(lake, random_tables(n=31, m=210, seed=7))
    filled.project(lake, ["made"])
    assert {c for c, _ in held(filled)} == {"other/all"}
    assert states(filled, lake, results)["made"].state == "same"
    filled.remove("other")
    left = "|".join(["Analysis", *(label for label in RESULTS.values() if label)])
    assert filled.read(f"MATCH (n:{left}) RETURN n") == []
