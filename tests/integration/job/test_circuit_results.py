"""What `run` puts into the graph beside effects equals what the library says, found by Cypher."""

import pandas as pd
import pytest

import isocortex as ic
from analysis.motifs.four import four_node_census
from analysis.statistics import statistics
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.graph import PARTICIPATION, SEVERAL, query_template
from store.console import run

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("job")]
CIRCUIT = "larva-mb-left/mushroom-body"


@pytest.fixture
def ask(small, monkeypatch):
    """Return a function that asks the graph of the home of the small datasets."""
    monkeypatch.setenv("ISOCORTEX_HOME", str(small.home))
    for name in ("NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD", "NEO4J_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    with Workspace(Settings.from_environment()).graph() as graph:

        def rows(text):
            found = run(graph, text, {"c": CIRCUIT}, max_rows=50_000)
            assert not found.truncated
            return [tuple(row) for row in found.rows]

        yield rows


def test_typed_triads(ask):
    found = ask(
        "MATCH (:Circuit {name: $c})-[:Measured]->(t:TypedMotif) RETURN t.motif, t.classes, t.count"
    )
    census = ic.by_class(ic.circuit(CIRCUIT))
    wanted = {
        (motif, names): count for motif in census.counts for names, count in census.named(motif)
    }
    assert {(motif, tuple(names)): count for motif, names, count in found} == wanted
    untyped = ask(
        "MATCH (:Circuit {name: $c})-[:Measured]->(s:MotifStatistic {null: 'er'}) "
        "RETURN s.motif, s.observed"
    )
    assert census.untyped() == dict(untyped)


def test_motifs_of_four(ask):
    found = ask(
        "MATCH (:Circuit {name: $c})-[:Measured]->(f:FourNodeMotif) "
        "RETURN f.code, f.count, f.method, f.se"
    )
    census = four_node_census(ic.circuit(CIRCUIT))
    assert {code: count for code, count, *_ in found} == census.counts
    assert len(found) == 218
    assert {row[2:] for row in found} == {("exact", None)}


def test_statistics(ask):
    found = ask(
        "MATCH (:Circuit {name: $c})-[:Measured]->(s:CircuitStatistic) "
        "RETURN s.name, coalesce(s.of, ''), s.value, s.se, s.refused, s.definition, s.unit"
    )
    there = {row[:2]: row[2:4] for row in found if row[4] is None}
    left_out = {row[0] for row in found if row[4] is not None}
    described = ic.describe(CIRCUIT)
    wanted = {
        (row.statistic, row.of): tuple(
            None if pd.isna(value) else value for value in (row.value, row.standard_error)
        )
        for row in described.itertuples()
        if row.statistic not in left_out
    }
    assert there.keys() == wanted.keys()
    for name, values in wanted.items():  # workers sum with fewer threads, in another order
        assert there[name] == pytest.approx(values, rel=1e-9), name
    assert len(there) > 30
    assert {name for name, _ in there} | left_out == {one[0] for one in found}
    assert len({one[0] for one in found}) == len(statistics())
    assert "distance_dependence" in left_out
    assert all(row[5] and row[6] for row in found)


def test_participation(ask):
    found = ask(
        "MATCH (:Circuit {name: $c})<-[r:InCircuit]-(n:Neuron) RETURN n.bodyId, properties(r)"
    )
    roles = ic.participation(CIRCUIT).set_index("bodyId")
    assert len(found) == len(roles) == 209
    for body, counts in found:
        for motif, name in PARTICIPATION.items():
            columns = [column for column in roles if column.startswith(f"{motif}:")]
            assert counts[name] == roles.loc[body, columns].sum()


def test_what_is_left_out_is_said(small, ask):
    said = {row[:2]: row[2] for row in ask(query_template("left-out").text)}
    reason = said["rat-l6-lbc/l6-lbc", "typed-triads"]
    assert "all neurons of rat-l6-lbc/l6-lbc are of one class" in reason
    again = small.json("run", "rat-l6-lbc")
    assert again["left_out"] == {"rat-l6-lbc/l6-lbc": {"typed-triads": reason}}
    assert again["computed"] == []


def test_what_commands_computed_is_there_after_a_run_and_not_computed_again(small, ask):
    worm = "MATCH (:Circuit {name: 'worm-witvliet-8/neurons'})-[:Measured]->"
    typed = small.json("census", "worm-witvliet-8", "--typed", "--nulls", "er")["typed_effects"]
    asked = ("--null", "er", "--levels", "0,.1", "--draws", "2", "--miss", ".1")
    errors = small.json("robustness", "worm-witvliet-8", *asked)
    assert ask(worm + "(t:TypedEffect|ErrorCurvePoint|CorrectedEffect) RETURN t.uid") == []
    assert small.json("run", "worm-witvliet-8")["computed"] == []
    found = ask(
        worm + "(t:TypedEffect)-[:GeneratedBy]->(a {analysis: 'typed-census'}) "
        "RETURN t.motif, t.classes, t.null, t.observed, t.expected, t.pAdjusted, a.key"
    )
    wanted = [
        (motif, one["classes"], "er", one["observed"], one["expected"], one["p_adjusted"])
        for motif, cells in typed["nulls"]["er"]["triads"].items()
        for one in cells
    ]
    assert sorted(row[:-1] for row in found) == sorted(wanted)
    assert {row[-1] for row in found} == {typed["provenance"]["key"]}
    assert len(found) > 100
    found_curve = ask(
        worm + "(e:ErrorCurvePoint) RETURN e.level, e.motif, e.observed, e.expected, e.logRatio"
    )
    assert sorted(found_curve, key=str) == sorted(
        (
            (level["level"], motif, one["observed"], one["expected"], one["log_ratio"])
            for level in errors["levels"]
            for motif, one in level["triads"].items()
        ),
        key=str,
    )
    sides = ("larva-mb-left", "larva-mb-right")
    compared = small.json("compare", *sides, "--null", "er")
    small.json("run", "larva-mb-left")
    verdicts = ask(
        "MATCH (:Circuit {name: $c})<-[o:Over]-(v:Verdict)-[:Over]->(c) WHERE c.name <> $c "
        "RETURN v.motif, v.claim, v.margin, o.logRatio, c.name"
    )
    assert sorted(verdicts) == sorted(
        (motif, one["verdict"], 1.25, one["circuits"][0]["log_ratio"], f"{sides[1]}/mushroom-body")
        for motif, one in compared["triads"].items()
    )
    found_corrected = ask(worm + "(e:CorrectedEffect) RETURN e.motif, e.corrected, e.miss, e.claim")
    assert sorted(found_corrected) == sorted(
        (motif, one["corrected"], 0.1, one["claim"])
        for motif, one in errors["corrected"]["triads"].items()
    )
    assert small.json("server", "verify")["same"]
    small.json("run", "worm-witvliet-8")
    assert ask(worm + "(t:TypedEffect) RETURN count(t)") == [(len(found),)]


def test_same_key_and_provenance(ask):
    found = ask(
        "MATCH (:Circuit {name: $c})<-[:Used]-(a:Analysis)-[u:Used]->(d:Dataset) "
        "RETURN a.analysis, a.key, a.codeVersion, u.version, d.version, a.parameters"
    )
    found = [row for row in found if row[0] not in SEVERAL]
    assert {row[0] for row in found} == {
        "motif-census", "typed-triads", "four-node-census", "circuit-statistics", "participation",
    }  # fmt: skip
    kept = Workspace(Settings.from_environment()).results
    for name, key, code, used, there, parameters in found:
        record, _ = kept.get(key)
        assert (record.analysis, record.code_version, record.version) == (name, code, used)
        assert used == there
        assert parameters
