"""Results: found by key, replaced whole, damage counts as not computed."""

import subprocess
import sys

import pandas as pd
import pytest

from schemas.records import AnalysisRecord
from store.results import Results

FRAME = pd.DataFrame({"motif": ["030T"], "z": [float("nan")], "observed": [2**40]})


def record(key="a" * 64, circuit="made/all", created="2026-01-01T00:00:00+00:00"):
    return AnalysisRecord(
        key=key,
        analysis="motif-census",
        circuit=circuit,
        dataset="made",
        version="0" * 12,
        parameters={"hard_samples": 200, "nulls": ["er"]},
        seed=0,
        code_version="test",
        created=created,
        encoding_type="motif-census",
        encoding_version="1",
        seconds=0.5,
    )


@pytest.fixture
def results(tmp_path):
    return Results(tmp_path / "lake")


def test_result_comes_back(results):
    assert results.get("a" * 64) is None
    results.put(record(), FRAME)
    known, frame = results.get("a" * 64)
    assert known == record()
    pd.testing.assert_frame_equal(frame, FRAME)


def test_put_again_replaces(results):
    results.put(record(), FRAME)
    results.put(record(), FRAME.assign(observed=[3]))
    assert results.get("a" * 64)[1]["observed"].tolist() == [3]


def test_find_by_circuit_newest_first(results):
    results.put(record("a" * 64, created="2026-01-01T00:00:00+00:00"), FRAME)
    results.put(record("b" * 64, created="2026-01-02T00:00:00+00:00"), FRAME)
    results.put(record("c" * 64, circuit="made/part"), FRAME)
    assert [r.key[0] for r in results.find("made/all")] == ["b", "a"]
    assert [r.key[0] for r in results.find(analysis="motif-census")] == ["b", "c", "a"]
    assert results.find("other") == []


@pytest.mark.parametrize("suffix", ["json", "parquet"])
def test_damaged_result_counts_as_not_computed(results, tmp_path, suffix):
    results.put(record(), FRAME)
    (path,) = (tmp_path / "lake" / "results").rglob(f"*.{suffix}")
    path.write_bytes(path.read_bytes()[:20])
    assert results.get("a" * 64) is None
    results.put(record(), FRAME)
    assert results.get("a" * 64) is not None


def test_table_without_record_does_not_count(results, tmp_path):
    results.put(record(), FRAME)
    (path,) = (tmp_path / "lake" / "results").rglob("*.json")
    path.unlink()
    assert results.get("a" * 64) is None
    assert results.find() == []


def test_killed_writer_leaves_nothing_beside_the_results(results, tmp_path):
    """What it had begun lies in the staging folder, and the next writer clears it."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    leftover = tmp_path / "lake" / ".staging" / f"{dead.pid}-abc"
    leftover.mkdir(parents=True)
    (leftover / "half.parquet").write_bytes(b"half")
    results.put(record(), FRAME)
    assert list((tmp_path / "lake" / ".staging").iterdir()) == []
    assert {path.name for path in (tmp_path / "lake" / "results").rglob("*.*")} == {
        f"{'a' * 64}.json",
        f"{'a' * 64}.parquet",
    }
