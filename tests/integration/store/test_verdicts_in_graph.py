"""Verdicts over circuits of two datasets in a real graph: whole, replaced, compared, removed."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from analysis.circuit import Circuit
from isocortex.comparing import Question, compare_circuits
from isocortex.operations import write_results
from isocortex.verdicts import ANALYSIS, keep_verdicts
from store.results import Results
from store.verify import repair, verify
from tests.circuits_made import publish, random_tables

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]
QUESTION = Question(null="er", samples=10)
SLOT = ["circuits=['made/all', 'other/all']", "ensemble=canonical", "margin=1.25", "null=er"]
SAID = " ".join(["comparison", *SLOT])
VERDICT = "MATCH (v:Verdict {motif: '030T', margin: 1.25}) "
OF_ONE = "MATCH (a:Analysis) WHERE 'margin=1.25' IN a.parameters "
BOTH = ["damaged", "damaged"]
DAMAGE = {
    "lost verdict": (VERDICT + "DETACH DELETE v", f"{SAID}: missing 1", BOTH),
    "other claim": (VERDICT + "SET v.claim = 'INVARIANT!'", f"{SAID}: different 1", BOTH),
    "other error": (
        VERDICT + "MATCH (v)-[o:Over]->({name: 'made/all'}) SET o.se = o.se + 1e-9",
        f"{SAID}: different 1",
        BOTH,
    ),
    "circuit left out": (
        VERDICT + "MATCH (v)-[o:Over]->({name: 'made/all'}) DELETE o", f"{SAID}: different 1", BOTH
    ),
    "strange verdict": (
        OF_ONE + "CREATE (:Verdict {uid: 'x'})-[:GeneratedBy]->(a)", f"{SAID}: too many 1", BOTH
    ),
    "other seed": (OF_ONE + "SET a.seed = 9", "its computation has other properties", BOTH),
    "one circuit fewer": (
        OF_ONE + "MATCH (a)-[u:Used]->(:Circuit {name: 'other/all'}) DELETE u",
        f"{SAID}: it is over other circuits",
        BOTH,
    ),
    "verdict of nothing": (
        "MATCH (c:Circuit {name: 'made/all'}) CREATE (:Verdict {uid: 'x'})-[:Over]->(c)",
        "verdicts without a computation: 1",
        ["damaged", "same"],
    ),
    "the same twice": (
        f"MATCH (a:Analysis) SET a.parameters = {SLOT}",
        f"{SAID} is there twice",
        BOTH,
    ),
}  # fmt: skip


@pytest.fixture
def workspace(lake, tmp_path):
    """A lake with a comparison at two margins of circuits of two datasets."""
    publish(lake, random_tables(n=40, m=400))
    publish(lake, random_tables(n=40, m=380, seed=4), "other")
    results = Results(tmp_path / "results")
    made = SimpleNamespace(lake=lake, results=results, results_of=lambda circuit: results)
    for margin in (1.25, 1.5):
        compare(made, margin)
    return made


def compare(workspace, margin):
    circuits = [
        Circuit.from_tables(
            f"{name}/all",
            *workspace.lake.circuit_tables(name, "all"),
            attributes={"dataset": name, "version": workspace.lake.latest(name)},
        )
        for name in ("made", "other")
    ]
    return compare_circuits(workspace, circuits, replace(QUESTION, margin=margin))


@pytest.fixture
def filled(graph, workspace):
    graph.project(workspace.lake, workspace.lake.datasets())
    write_results(workspace, graph, analyses=[ANALYSIS])
    return graph


def states(graph, workspace):
    return {c.dataset: c for c in verify(graph, workspace.lake, results=workspace.results)}


def held(graph):
    """Margin → verdicts that are over both circuits."""
    rows = graph.read(
        "MATCH (v:Verdict) WHERE COUNT { (v)-[:Over]->() } = 2 "
        "RETURN v.margin AS margin, count(v) AS verdicts"
    )
    return {row["margin"]: row["verdicts"] for row in rows}


def test_verdicts_are_those_of_the_comparison(filled, workspace):
    assert held(filled) == {1.25: 13, 1.5: 13}
    found = compare(workspace, 1.25)
    rows = filled.read(
        "MATCH (v:Verdict {margin: 1.25})-[o:Over]->(c) MATCH (v)-[:GeneratedBy]->(a)-[:Used]->(c) "
        "RETURN v.motif AS motif, v.claim AS claim, v.pDiv AS p, c.name AS circuit, o.se AS se"
    )
    assert len(rows) == 26
    for row in rows:
        verdict = found.verdicts[row["motif"]]
        place = found.labels.index(row["circuit"])
        assert row["claim"] == verdict.claim
        assert row["p"] == (None if verdict.p_div != verdict.p_div else verdict.p_div)
        se = verdict.estimates.se[place]
        assert row["se"] == (None if se != se else se)
    assert {c.state for c in states(filled, workspace).values()} == {"same"}
    used = filled.read(
        "MATCH (a:Analysis)-[u:Used]->(d:Dataset) RETURN d.name AS d, u.version AS v, count(a) AS n"
    )
    assert {row["d"]: (row["v"], row["n"]) for row in used} == {
        name: (workspace.lake.latest(name), 2) for name in ("made", "other")
    }


def test_damage_of_verdicts_is_found_and_mended(filled, workspace):
    for what, (statement, said, wanted) in DAMAGE.items():
        filled.write(statement)
        found = states(filled, workspace)
        assert [check.state for check in found.values()] == wanted, what
        assert said in "; ".join(found["made"].problems), what
        assert found["made"].only_results
        repair(filled, workspace.lake, list(found.values()))
        assert held(filled) == {}
        write_results(workspace, filled)
        assert {check.state for check in states(filled, workspace).values()} == {"same"}, what
        assert held(filled) == {1.25: 13, 1.5: 13}


def test_a_newer_comparison_takes_the_place_of_its_like(filled, workspace):
    compared = compare(workspace, 1.25)
    again = replace(compared, question=replace(QUESTION, margin=1.25, seed=3))
    record, _ = keep_verdicts(workspace, again, 0.0)
    later = record.model_copy(update={"created": "2100-01-01T00:00:00+00:00"})
    workspace.results.put(later, workspace.results.get(record.key)[1])
    write_results(workspace, filled)
    assert held(filled) == {1.25: 13, 1.5: 13}
    rows = filled.read(
        "MATCH (v:Verdict)-[:GeneratedBy]->(a) RETURN DISTINCT v.margin AS m, a.seed AS s"
    )
    assert {row["m"]: row["s"] for row in rows} == {1.25: 3, 1.5: 0}


def test_a_new_version_of_one_circuit_takes_the_verdicts_out(filled, workspace):
    publish(workspace.lake, random_tables(n=41, m=390, seed=8), "other")
    filled.project(workspace.lake, ["other"])
    assert filled.read("MATCH (n:Verdict|Analysis) RETURN n") == []
    write_results(workspace, filled, analyses=[ANALYSIS])
    assert held(filled) == {}
    assert {check.state for check in states(filled, workspace).values()} == {"same"}
    compare(workspace, 1.25)
    write_results(workspace, filled, analyses=[ANALYSIS])
    assert held(filled) == {1.25: 13}
    filled.remove("made")
    assert filled.read("MATCH (n:Verdict|Analysis) RETURN n") == []
