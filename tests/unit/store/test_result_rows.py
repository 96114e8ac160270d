"""Tables of results become properties: named as in the graph, absent where not defined."""

import math

import pandas as pd
import pytest

from schemas.errors import UsageError
from schemas.graph import LABELS, PARTICIPATION, RELATIONSHIPS, RESULTS, SEVERAL
from schemas.records import AnalysisRecord
from store.result_rows import (
    analysis_properties,
    compared_rows,
    label_of,
    participation_rows,
    result_rows,
    told_apart,
    versions_of,
)

NAN = float("nan")
EFFECT = {
    "motif": "030T", "null": "degree", "ensemble": "hard", "observed": 7, "expected": 5.5,
    "sd": 1.0, "log_ratio": 0.24, "z": 1.5, "se": 0.1, "df": 12.0, "rule": "V", "low": NAN,
    "high": 0.4, "p": 0.2, "p_holm": 1.0, "mde": NAN,
}  # fmt: skip
STATISTIC = {
    "statistic": "clustering", "of": "cycle", "value": 0.25, "standard_error": NAN,
    "expected": 0.1, "why": "fewer than 10 neurons", "note": "", "refused": "", "title": "T",
    "unit": "share", "definition": "D.", "expected_by": "er", "reference": "F", "doi": "10.1/x",
}  # fmt: skip
REFUSED = STATISTIC | {
    "of": "", "value": NAN, "expected": NAN, "why": "", "refused": "it would take 2 days",
}  # fmt: skip
CORRECTED = {
    "motif": "030T", "null": "er", "ensemble": "canonical", "observed": 40, "raw": 0.5,
    "corrected": 0.625, "by": "kernel", "shift": 0.125, "inflation": 1.25, "mc_sd": 0.0,
    "rate_sd": 0.0625, "se": 0.25, "df": 20.0, "low": 0.125, "high": 1.125, "residual": 0.03,
    "claim": True, "reason": "",
}  # fmt: skip
RESERVED = (
    "corrected", "shift", "inflation", "mc_sd", "rate_sd", "se", "df", "low", "high", "residual",
)  # fmt: skip
GIVEN = {
    "motif-census": [EFFECT],
    "typed-triads": [{"motif": "030T", "a": "e", "b": "i", "c": "e", "count": 3}],
    "typed-census": [
        {
            "motif": "030C", "A": "e", "B": "a:b", "C": "50%", "null": "er",
            "ensemble": "canonical", "observed": 0, "expected": 2.5, "log_ratio": -math.inf,
            "se": 0.25, "df": 40.0,
            "rule": "V", "low": NAN, "high": -0.5, "p": 0.01, "p_adjusted": 0.125, "mde": 0.75,
        },
        {
            "motif": "201", "A": "e", "B": "e", "C": "i", "null": "degree", "ensemble": "hard",
            "observed": 3, "expected": 0.5, "log_ratio": 1.75, "se": NAN, "df": NAN, "rule": "",
            "low": NAN, "high": NAN, "p": NAN, "p_adjusted": NAN, "mde": NAN,
        },
    ],
    "error-curve": [
        {
            "motif": "030C", "null": "degree", "ensemble": "hard", "error": "missed", "level": 0.1,
            "draws": 10, "defined": 1, "observed": 7.5, "expected": 9.25, "log_ratio": NAN,
            "spread": NAN, "connections": 180.5, "neurons": 30.0,
        }
    ],
    "error-correction": [
        CORRECTED,
        CORRECTED | dict.fromkeys(RESERVED, NAN) | {
            "motif": "030C", "observed": 0, "raw": -math.inf, "claim": False, "reason": "too few",
        },
    ],
    "comparison": [
        {
            "motif": "030T", "verdict": "DIVERGENT", "p_inv": 0.9, "p_div": 0.01, "q_inv": 0.95,
            "q_div": 0.02, "smallest_margin": 1.5, "mde": 1.75, "reason": "R", "whole": "DIVERGENT",
            "confounded": None, "observed:made/all": 40, "log_ratio:made/all": 0.5,
            "se:made/all": 0.25, "df:made/all": 20.0, "rule:made/all": "V", "observed:b/c": 0,
            "log_ratio:b/c": -math.inf, "se:b/c": NAN, "df:b/c": None, "rule:b/c": "",
        }
    ],
    "four-node-census": [
        {"code": 5, "shape": "w", "edges": "0->1 0->2", "count": 9, "se": NAN, "method": "exact"},
        {"code": 0, "shape": "empty", "edges": "", "count": -1, "se": 2.5, "method": "hybrid"},
    ],
    "circuit-statistics": [STATISTIC, REFUSED],
}  # fmt: skip
WANTED = {
    "motif-census": [
        {
            "uid": "030T:degree:hard", "motif": "030T", "null": "degree", "ensemble": "hard",
            "observed": 7, "rule": "V", "expected": 5.5, "sd": 1.0, "logRatio": 0.24, "z": 1.5,
            "se": 0.1, "df": 12.0, "high": 0.4, "p": 0.2, "pHolm": 1.0,
        }
    ],
    "typed-triads": [
        {"uid": "030T:e:i:e", "motif": "030T", "classes": ["e", "i", "e"], "count": 3}
    ],
    "typed-census": [
        {
            "uid": "030C:e:a%3Ab:50%25:er:canonical", "motif": "030C",
            "classes": ["e", "a:b", "50%"], "by": "polarity", "null": "er",
            "ensemble": "canonical", "observed": 0, "expected": 2.5, "se": 0.25,
            "df": 40.0, "rule": "V", "high": -0.5, "p": 0.01, "pAdjusted": 0.125, "mde": 0.75,
        },
        {
            "uid": "201:e:e:i:degree:hard", "motif": "201", "classes": ["e", "e", "i"],
            "by": "polarity", "null": "degree", "ensemble": "hard", "observed": 3,
            "expected": 0.5, "logRatio": 1.75,
        },
    ],
    "error-curve": [
        {
            "uid": "030C", "motif": "030C", "null": "degree", "ensemble": "hard",
            "error": "missed", "level": 0.1, "draws": 10, "defined": 1, "observed": 7.5,
            "expected": 9.25, "connections": 180.5, "neurons": 30.0,
        }
    ],
    "error-correction": [
        {
            "uid": "030T", "motif": "030T", "null": "er", "ensemble": "canonical", "miss": 0.1,
            "observed": 40, "raw": 0.5, "corrected": 0.625, "by": "kernel", "shift": 0.125,
            "inflation": 1.25, "mcSd": 0.0, "rateSd": 0.0625, "se": 0.25, "df": 20.0,
            "low": 0.125, "high": 1.125, "residual": 0.03, "claim": True, "spuriousShare": 0.0,
        },
        {
            "uid": "030C", "motif": "030C", "null": "er", "ensemble": "canonical", "miss": 0.1,
            "observed": 0, "by": "kernel", "claim": False, "reason": "too few",
            "spuriousShare": 0.0,
        },
    ],
    "comparison": [
        {
            "uid": "030T", "motif": "030T", "claim": "DIVERGENT", "scope": "set", "margin": 1.25,
            "circuits": 2, "unit": "circuit", "null": "degree", "ensemble": "hard", "pInv": 0.9,
            "pDiv": 0.01, "qInv": 0.95, "qDiv": 0.02, "smallestMargin": 1.5, "mde": 1.75,
            "reason": "R", "whole": "DIVERGENT",
        }
    ],
    "four-node-census": [
        {
            "uid": "5", "code": 5, "shape": "w", "edges": ["0->1", "0->2"], "count": 9,
            "method": "exact",
        },
        {
            "uid": "0", "code": 0, "shape": "empty", "edges": [], "count": -1, "se": 2.5,
            "method": "hybrid",
        },
    ],
    "circuit-statistics": [
        {
            "uid": "clustering:cycle", "name": "clustering", "of": "cycle", "value": 0.25,
            "expected": 0.1, "expectedBy": "er", "why": "fewer than 10 neurons",
            "title": "T", "unit": "share", "definition": "D.", "reference": "F",
            "doi": "10.1/x",
        },
        {
            "uid": "clustering:", "name": "clustering", "expectedBy": "er", "title": "T",
            "unit": "share", "definition": "D.", "reference": "F", "doi": "10.1/x",
            "refused": "it would take 2 days",
        },
    ],
}  # fmt: skip
KEY = "a" * 64
PARAMETERS = {"miss": 0.1, "spurious_share": 0.0, "by": "polarity"}
COMPARISON = {
    "circuits": ["b/c", "made/all"], "versions": ["w", "v"], "scope": "set", "unit": "circuit",
    "margin": 1.25, "null": "degree", "ensemble": "hard",
}  # fmt: skip


def record(analysis, refused=None):
    return AnalysisRecord(
        key=KEY, analysis=analysis, circuit="made/all", dataset="made", version="v",
        parameters=COMPARISON if analysis == "comparison" else PARAMETERS, seed=3, code_version="c",
        created="2026-01-01T00:00:00+00:00", encoding_type=analysis, encoding_version="1",
        seconds=0.5, refused=refused,
    )  # fmt: skip


@pytest.mark.parametrize("analysis", WANTED)
def test_rows_of_nodes(analysis):
    found = result_rows(record(analysis), pd.DataFrame(GIVEN[analysis]))
    assert found == [row | {"uid": f"{KEY}:{row['uid']}"} for row in WANTED[analysis]]
    (label,) = [one for one in LABELS if one.name == RESULTS[analysis]]
    assert {name for row in found for name in row} - {"uid"} <= set(label.properties)


def test_a_verdict_is_over_circuits_with_the_effect_of_each():
    compared = record("comparison")
    assert versions_of(compared) == {"b/c": "w", "made/all": "v"}
    assert versions_of(record("typed-census")) == {"made/all": "v"}
    found = compared_rows(compared, pd.DataFrame(GIVEN["comparison"]))
    wanted = {
        "made/all": {"observed": 40, "logRatio": 0.5, "se": 0.25, "df": 20.0, "rule": "V"},
        "b/c": {"observed": 0},
    }
    assert found == {f"{KEY}:030T": wanted}
    (declared,) = [one for one in RELATIONSHIPS if one.name == "Over"]
    assert set(wanted["made/all"]) == set(declared.properties)
    assert "datasetVersion" not in analysis_properties(compared)
    assert told_apart("comparison", analysis_properties(compared)["parameters"]) == (
        "circuits=['b/c', 'made/all']", "ensemble=hard", "margin=1.25", "null=degree",
    )  # fmt: skip


def test_a_refusal_has_no_rows_and_says_why():
    refused = record("typed-triads", refused="one class")
    assert result_rows(refused, pd.DataFrame()) == []
    assert participation_rows(record("participation", refused="x"), pd.DataFrame()) == []
    assert analysis_properties(refused)["refused"] == "one class"
    assert analysis_properties(record("typed-triads")) == {
        "key": KEY, "analysis": "typed-triads", "codeVersion": "c", "seed": 3,
        "datasetVersion": "v", "parameters": ["miss=0.1", "spurious_share=0.0", "by=polarity"],
    }  # fmt: skip


def test_participation_is_by_neuron_and_not_observed_is_absent():
    table = pd.DataFrame({"neuron_id": [2**53 + 1, 7]})
    for place, motif in enumerate(PARTICIPATION):
        table[motif] = pd.array([place, None], dtype="Int64")
    found = participation_rows(record("participation"), table)
    names = list(PARTICIPATION.values())
    assert found == [
        {"uid": f"made:{2**53 + 1}", "counts": dict(zip(names, range(13), strict=True))},
        {"uid": "made:7", "counts": {}},
    ]
    (declared,) = [one for one in RELATIONSHIPS if one.name == "InCircuit"]
    assert set(declared.properties) == set(names)


def test_results_that_stay_beside_the_graph_are_no_rows():
    with pytest.raises(UsageError, match="'statistics' do not go into the graph"):
        label_of(record("statistics"))
    with pytest.raises(UsageError, match="no nodes"):
        result_rows(record("participation"), pd.DataFrame())


def test_some_results_of_a_circuit_are_told_apart_by_parameters():
    given = ["nulls=['er']", "by=a=b", "bye=1"]
    assert told_apart("typed-census", given) == ("by=a=b",)
    assert told_apart("motif-census", given) == ()
    level = ["level=0.1", "draws=10", "null=er", "error=missed", "ensemble=canonical"]
    assert told_apart("error-curve", level) == (
        "ensemble=canonical", "error=missed", "level=0.1", "null=er",
    )  # fmt: skip
    assert set(SEVERAL) < set(RESULTS)
