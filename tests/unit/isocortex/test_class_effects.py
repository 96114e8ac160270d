"""Triads by class for users: computed once, drawn once, shown with what stands out first."""

import json
import math

import numpy as np
import pytest

import isocortex as ic
from analysis.nulls import ensembles
from isocortex.class_effects import document, measure_typed
from isocortex.measure import Parameters, measure
from isocortex.show_typed import MOST, drawn, typed
from schemas.errors import UsageError
from store.results import Results
from tests.contract.analysis.test_nulls import labelled
from tests.unit.analysis.graphs import spatial

PARAMETERS = Parameters(("er", "degree"), hard_samples=60)


@pytest.fixture(scope="module")
def circuit():
    return labelled(spatial(60, 3, 0.15, 0.3))


def test_result_is_computed_once_and_samples_are_drawn_once(circuit, tmp_path, monkeypatch):
    results = Results(tmp_path)
    record, effects, made = measure_typed(circuit, "cell_class", "1", PARAMETERS, results)
    assert made.keys() == {"degree"}
    assert record.parameters["by"] == "cell_class"
    assert record.diagnostics.keys() == {"degree"}
    alone = measure(circuit, "1", PARAMETERS, None)[1]
    monkeypatch.setattr(ensembles.Source, "batch", None)  # nothing is drawn from here on
    again, same, none = measure_typed(circuit, "cell_class", "1", PARAMETERS, results)
    assert again == record
    assert same.equals(effects)
    assert none == {}
    whole = measure(circuit, "1", PARAMETERS, None, drawn=made)
    assert whole[1].equals(alone)
    assert whole[0].diagnostics == record.diagnostics


def test_interrupted_samples_are_resumed(circuit, tmp_path, monkeypatch):
    results, kept, batch = Results(tmp_path), [], ensembles.Source.batch

    def fails_later(self, index, size, seed, tell, beside):
        if index:
            raise KeyboardInterrupt
        return batch(self, index, size, seed, tell, beside)

    monkeypatch.setattr(ensembles.Source, "batch", fails_later)
    with pytest.raises(KeyboardInterrupt):
        measure_typed(circuit, "cell_class", "1", PARAMETERS, results)

    def counted(self, index, size, seed, tell, beside):
        kept.append(index)
        return batch(self, index, size, seed, tell, beside)

    monkeypatch.setattr(ensembles.Source, "batch", counted)
    resumed = measure_typed(circuit, "cell_class", "1", PARAMETERS, results)[1]
    assert kept == [1]
    assert resumed.equals(measure_typed(circuit, "cell_class", "1", PARAMETERS, None)[1])


def test_document_is_json_and_has_every_cell(circuit):
    record, effects, _ = measure_typed(circuit, "cell_class", "1", PARAMETERS, None)
    told = json.loads(json.dumps(document(record, effects), allow_nan=False))
    assert told["nulls"].keys() == {"er", "degree", "degree_hard"}
    rows = [row for null in told["nulls"].values() for of in null["triads"].values() for row in of]
    assert len(rows) == len(effects)
    for null in told["nulls"]["er"]["triads"].values():
        for row in null:
            assert row["observed"] >= 1 or row["expected"] >= 1
    highest = {row["highest"] for of in told["survives"].values() for row in of}
    assert highest <= {None, "er", "degree"}


def test_library_gives_the_table(circuit):
    found = ic.typed_effects(circuit, "cell_class", nulls="er,block", samples=20)
    assert set(found["null"]) == {"er", "block"}
    with pytest.raises(UsageError, match="have no column 'nothing'"):
        ic.typed_effects(circuit, "nothing")


def test_what_departs_is_shown_first(circuit, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    record, effects, _ = measure_typed(circuit, "cell_class", "1", PARAMETERS, None)
    typed(record, effects)
    shown = capsys.readouterr().out
    hard = effects[effects["ensemble"] == "hard"]
    departing = int((hard["p_adjusted"] < 0.05).sum())
    assert "observed over expected by degree (hard)" in shown
    assert f"{departing} of {len(hard)} triads by class" in " ".join(shown.split())
    assert f"and {len(hard) - MOST} more" in shown
    marks = ["▲" in line or "▼" in line for line in shown.splitlines()[2 : 2 + MOST]]
    assert sum(marks[: min(departing, MOST)]) == min(departing, MOST)


@pytest.mark.parametrize(
    ("motif", "said"),
    [
        ("021D", "x ← y → z"),
        ("111D", "x ↔ y ← z"),
        ("030C", "x → y → z, A ← C"),
        ("120D", "x ← y → z, A ↔ C"),
        ("300", "x ↔ y ↔ z, A ↔ C"),
    ],
)
def test_drawings_are_written_from_a_to_c(motif, said):
    assert drawn(motif, "x", "y", "z") == said


def test_a_cell_never_expected_is_more(circuit):
    """Where the samples have none and the circuit has some, it departs upwards."""
    from analysis.uncertainty.rungs import departs

    row = {"p_holm": 0.01, "log_ratio": math.nan, "observed": 3, "expected": 0.0}
    assert departs(row) is True
    assert departs(row | {"observed": 0}) is False
    assert departs(row | {"p_holm": np.nan}) is None
