"""Every shipped query on a graph whose answers pandas and networkx know; none scans or is old."""

import numpy as np
import pandas as pd
import pytest

from schemas.graph import query_names, query_template
from schemas.records import AnalysisRecord
from store.console import run
from store.lake import Lake
from tests.circuits_made import publish
from tests.contract.store.conftest import empty, reach
from tests.contract.store.recipe_answers import RECIPES
from tests.contract.store.recipe_tables import (
    CHANGES,
    CIRCUITS,
    EFFECTS,
    FOUR,
    REFUSED,
    STATISTICS,
    TABLES,
    corrected,
    curve,
    participation,
    typed,
    typed_effects,
    verdicts,
)

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]
UNORDERED = {"feed-forward-loops"}  # which loops come first does not matter


@pytest.fixture(scope="module")
def filled(address, tmp_path_factory):
    found = reach(address)
    empty(found)
    found.prepare()
    lake = Lake(tmp_path_factory.mktemp("lake"))
    for name, made in TABLES.items():
        publish(lake, made, name, **CHANGES[name])
    found.project(lake, lake.datasets())
    for name in CIRCUITS:
        given = {
            "motif-census": EFFECTS[name], "four-node-census": FOUR[name],
            "circuit-statistics": STATISTICS[name],
        }  # fmt: skip
        if name == "aa":
            given |= {"participation": participation(), "typed-triads": typed()}
            given |= {"typed-census": typed_effects(), "error-correction": corrected()}
        if name == "cc":
            given["typed-triads"] = pd.DataFrame()
        told = {"by": "cell_class", "null": "degree", "ensemble": "hard", "error": "missed"}
        told |= {"miss": 0.08, "spurious_share": 0.0}
        kept = [(analysis, frame, told) for analysis, frame in given.items()]
        if name == "aa":
            kept += [("error-curve", frame, told | {"level": x}) for x, frame in curve().items()]
        if name == "cc":  # when all circuits are there
            of = {"circuits": ["aa/all", "bb/all"], "scope": "set", "unit": "circuit"}
            of |= {"versions": [lake.latest("aa"), lake.latest("bb")], "margin": 1.25}
            of |= {"null": "reciprocal", "ensemble": "hard"}
            kept.append(("comparison", verdicts(), of))
        for number, (analysis, frame, parameters) in enumerate(kept):
            record = AnalysisRecord(
                key=f"{name}{number:02}" * 16, analysis=analysis,
                circuit=f"{name}/all", dataset=name, version=lake.latest(name),
                parameters=parameters,
                seed=1, code_version="test", created="2026-01-01T00:00:00+00:00",
                encoding_type=analysis, encoding_version="1", seconds=0.1,
                refused=None if frame.columns.size else REFUSED,
            )  # fmt: skip
            found.write_results([(record, frame)])
    found.run("CALL db.awaitIndexes(300)")
    found.run("CALL db.prepareForReplanning(300)")  # plans go by what the indexes have sampled
    yield found
    empty(found)
    found.close()


def comparable(value):
    value = value.item() if isinstance(value, np.generic) else value
    return round(value, 9) if isinstance(value, float) else value


@pytest.mark.parametrize("name", query_names())
def test_recipe_answers_right(filled, name):
    given, answer = RECIPES[name]
    template = query_template(name)
    columns, expected = answer()
    assert expected, "the question has an answer here"
    result = run(filled, template.text, template.parameters | given, max_rows=5000)
    assert not result.truncated
    places = [result.columns.index(column) for column in columns]
    found = [tuple(comparable(row[place]) for place in places) for row in result.rows]
    wanted = [tuple(map(comparable, row)) for row in expected]
    if name in UNORDERED:
        found, wanted = sorted(found), sorted(wanted)
    assert found == wanted


def operators(plan):
    yield plan
    for child in plan.get("children", ()):
        yield from operators(child)


@pytest.mark.parametrize("name", query_names())
def test_recipe_is_served_by_indexes(filled, name):
    template = query_template(name)
    with filled.driver.session(
        database=filled.database, notifications_min_severity="INFORMATION"
    ) as session:
        summary = session.run("EXPLAIN " + template.text, template.parameters).consume()
    said = [(n.raw_classification, n.status_description) for n in summary.gql_status_objects]
    assert [s for s in said if s[0] in {"DEPRECATION", "PERFORMANCE", "UNSUPPORTED"}] == []
    for step in operators(summary.plan):
        kind = step["operatorType"].split("@")[0]
        assert kind != "AllNodesScan", template.text
        if kind == "CartesianProduct":  # of one node and one node: the ends of a path
            sides = [child["operatorType"].split("@")[0] for child in step["children"]]
            assert set(sides) == {"NodeUniqueIndexSeek"}, template.text
        if kind == "NodeByLabelScan":
            assert "Neuron" not in str(step["args"].get("Details", "")), template.text
