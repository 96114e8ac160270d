"""Batches are kept whole until their result is complete."""

import os

import numpy as np
import pytest

from store.ensembles import LONGEST_KEPT, Batches

ROWS = np.arange(36, dtype=np.int64).reshape(2, 18)


def test_batches_come_back_as_they_were(tmp_path):
    batches = Batches(tmp_path, "a" * 64)
    assert batches.get("degree", 0) is None
    batches.put("degree", 0, ROWS)
    batches.put("degree", 10, ROWS + 1)
    batches.put("reciprocal", 0, ROWS + 2)
    for null, index, more in (("degree", 0, 0), ("degree", 10, 1), ("reciprocal", 0, 2)):
        found = batches.get(null, index)
        assert np.array_equal(found, ROWS + more)
        assert found.dtype == np.int64
    assert batches.get("degree", 1) is None
    assert Batches(tmp_path, "b" * 64).get("degree", 0) is None
    assert list((tmp_path / ".staging").iterdir()) == []


@pytest.mark.parametrize("left", [0, 1, 64, 127, 200])
def test_half_a_file_does_not_count(tmp_path, left):
    batches = Batches(tmp_path, "a" * 64)
    batches.put("degree", 0, ROWS)
    (path,) = tmp_path.rglob("*.npy")
    path.write_bytes(path.read_bytes()[:left])
    assert batches.get("degree", 0) is None


def test_code_in_a_file_is_not_run(tmp_path):
    batches = Batches(tmp_path, "a" * 64)
    batches.put("degree", 0, ROWS)
    (path,) = tmp_path.rglob("*.npy")
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert batches.get("degree", 0) is None


def test_drop_removes_its_own_and_what_nobody_came_back_for(tmp_path):
    mine, other, old = (Batches(tmp_path, letter * 64) for letter in "abc")
    for batches in (mine, other, old):
        batches.put("degree", 0, ROWS)
    folder = tmp_path / "ensembles" / ("c" * 64)
    then = folder.stat().st_mtime - LONGEST_KEPT - 1
    os.utime(folder, (then, then))
    mine.drop()
    mine.drop()
    assert [batches.get("degree", 0) is None for batches in (mine, other, old)] == [
        True, False, True,
    ]  # fmt: skip
