"""The lake: versions by content, published whole or not at all, ids exact."""

import errno
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from schemas.errors import UsageError
from schemas.tables import CircuitTables
from store.lake import Lake, LakeError
from tests.circuits_made import connections, manifest, neurons, publish, random_tables

EXTREMES = [-(2**63), -1, 0, 2**53 + 1, 2**63 - 1]


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


def test_empty_lake_has_nothing(lake):
    assert lake.datasets() == []
    assert lake.latest("made") is None
    assert lake.versions("made") == []
    with pytest.raises(UsageError, match="isocortex ingest made"):
        lake.tables("made")


def test_tables_come_back_as_they_were(lake):
    tables = random_tables()
    version = publish(lake, tables)
    assert lake.datasets() == ["made"]
    assert lake.latest("made") == version
    back = lake.tables("made")
    pd.testing.assert_frame_equal(
        back.neurons, tables.neurons.sort_values("neuron_id", ignore_index=True)
    )
    pd.testing.assert_frame_equal(
        back.connections, tables.connections.sort_values(["pre", "post"], ignore_index=True)
    )
    assert back.synapses is None
    assert lake.counts("made").neurons == 30
    assert lake.counts("made").connections == 200


def test_ids_are_exact_to_the_extremes(lake):
    edges = [(a, b, 2**31 - 1) for a in EXTREMES for b in EXTREMES if a != b]
    publish(lake, CircuitTables(neurons(EXTREMES), connections(edges)))
    back = lake.tables("made")
    assert back.neurons["neuron_id"].tolist() == EXTREMES
    assert list(zip(back.connections["pre"], back.connections["post"], strict=True)) == [
        (a, b) for a, b, _ in sorted(edges)
    ]
    assert back.connections["pre"].dtype == np.int64
    assert set(back.connections["weight"]) == {2**31 - 1}


def test_integers_with_gaps_stay_integers_and_leave_the_ids_alone(lake):
    parent = pd.array([2**53 + 1, None, -5], dtype="Int64")
    small = pd.array([1, None, 3], dtype="Int16")
    table = neurons([1, 2, 3], parent=parent, small=small, note=["a", None, ""])
    publish(lake, CircuitTables(table, connections([(1, 2, 1)])))
    back = lake.tables("made").neurons
    assert back["parent"].dtype == pd.Int64Dtype()
    assert back["parent"].tolist()[0] == 2**53 + 1
    assert back["parent"].isna().tolist() == [False, True, False]
    assert back["small"].dtype == pd.Int16Dtype()
    assert back["neuron_id"].dtype == np.int64
    assert back["note"].isna().tolist() == [False, True, False]
    assert back["note"].tolist()[2] == ""


def test_version_ignores_the_order_of_rows_but_nothing_else(lake):
    tables = random_tables()
    shuffled = CircuitTables(
        tables.neurons.sample(frac=1, random_state=1), tables.connections.sample(frac=1)
    )
    version = lake.version_of(manifest(), tables)
    assert lake.version_of(manifest(), shuffled) == version
    heavier = tables.connections.copy()
    heavier.loc[0, "weight"] += 1
    assert lake.version_of(manifest(), CircuitTables(tables.neurons, heavier)) != version
    renamed = tables.neurons.assign(type="x")
    assert lake.version_of(manifest(), CircuitTables(renamed, tables.connections)) != version
    moved = tables.neurons.assign(soma_x=tables.neurons["soma_x"] + 1e-9)
    assert lake.version_of(manifest(), CircuitTables(moved, tables.connections)) != version
    assert lake.version_of(manifest(evidence="model"), tables) != version


def test_text_moved_between_cells_is_another_version(lake):
    one = CircuitTables(neurons([1, 2], type=["ab", "c"]), connections([(1, 2, 1)]))
    two = CircuitTables(neurons([1, 2], type=["a", "bc"]), connections([(1, 2, 1)]))
    gap = CircuitTables(neurons([1, 2], type=["abc", None]), connections([(1, 2, 1)]))
    empty = CircuitTables(neurons([1, 2], type=["abc", ""]), connections([(1, 2, 1)]))
    versions = {lake.version_of(manifest(), tables) for tables in (one, two, gap, empty)}
    assert len(versions) == 4


def test_version_does_not_depend_on_how_pandas_holds_a_column(lake):
    plain = CircuitTables(neurons([1, 2], type=["a", "b"]), connections([(1, 2, 1)]))
    held = plain.neurons.assign(type=pd.Categorical(["a", "b"]), extra=["x", "y"])
    other = plain.neurons.assign(extra=pd.array(["x", "y"], dtype="string[pyarrow]"))
    assert lake.version_of(manifest(), CircuitTables(held, plain.connections)) == lake.version_of(
        manifest(), CircuitTables(other, plain.connections)
    )


_VERSION = (
    "from store.lake import Lake; from pathlib import Path;"
    "from tests.circuits_made import manifest, random_tables;"
    "print(Lake(Path('x')).version_of(manifest(), random_tables()))"
)


def test_version_is_the_same_in_every_process(lake):
    expected = lake.version_of(manifest(), random_tables())
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", _VERSION],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == expected


def test_old_versions_are_kept(lake):
    first = publish(lake, random_tables(seed=1))
    second = publish(lake, random_tables(seed=2))
    assert lake.latest("made") == second
    assert set(lake.versions("made")) == {first, second}
    before = lake.tables("made", first).connections
    assert not before.equals(lake.tables("made").connections)
    assert publish(lake, random_tables(seed=1)) == first  # back to the old one
    assert lake.latest("made") == first


def test_retyped_prose_keeps_the_version_and_is_refreshed(lake):
    tables = random_tables()
    version = publish(lake, tables)
    again = publish(
        lake,
        tables,
        title="Retyped",
        licence="CC0",
        circuits=[{"name": "all", "title": "Everything", "caveat": "none"}],
        individual={"species": "mouse", "name": "one", "note": "kept well"},
    )
    assert again == version
    assert lake.manifest("made").title == "Retyped"
    assert lake.manifest("made").circuits[0].title == "Everything"
    assert lake.provenance("made").manifest_sha256 == lake.manifest("made").digest()


def test_damaged_version_is_written_anew(lake):
    tables = random_tables()
    version = publish(lake, tables)
    lake.path("made", "connections").unlink()
    assert publish(lake, tables) == version
    assert len(lake.tables("made").connections) == 200


def test_full_disk_changes_nothing(lake, monkeypatch):
    version = publish(lake, random_tables(seed=1))

    def full(table, path, compression):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(LakeError, match="No space left") as failed:
        publish(lake, random_tables(seed=2))
    assert "free space" in str(failed.value)
    assert lake.latest("made") == version
    assert lake.versions("made") == [version]
    assert list((lake.root / ".staging").iterdir()) == []


def test_crash_leaves_no_version_and_the_next_publisher_clears_it(lake):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    leftover = lake.root / ".staging" / f"{dead.pid}-abc"
    leftover.mkdir(parents=True)
    (leftover / "neurons.parquet").write_bytes(b"half")
    alive = lake.root / ".staging" / f"{os.getpid()}-abc"
    alive.mkdir()
    torn = lake.root / "datasets" / "made" / "0123456789ab"
    torn.mkdir(parents=True)
    (torn / "neurons.parquet").write_bytes(b"half")
    assert lake.datasets() == []
    assert lake.versions("made") == []
    publish(lake, random_tables())
    assert not leftover.exists()
    assert alive.exists()
    assert len(lake.versions("made")) == 1


def publish_here(root, seed):
    return publish(Lake(root), random_tables(n=60, m=1500, seed=seed % 2))


def test_concurrent_publishers(lake):
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        versions = list(pool.map(publish_here, [lake.root] * 8, range(8)))
    assert len(set(versions)) == 2
    assert set(lake.versions("made")) == set(versions)
    assert lake.latest("made") in versions
    for version in set(versions):
        assert len(lake.tables("made", version).connections) == 1500
    assert list((lake.root / ".staging").iterdir()) == []


def cut(where):
    return {"name": "part", "title": "Part", "where": [where]}


def test_circuits_are_cut_by_their_conditions(lake):
    tables = random_tables()
    publish(
        lake,
        tables,
        circuits=[cut({"column": "type", "isin": ["t1"]}), {"name": "all", "title": "A"}],
    )
    inside, among = lake.circuit_tables("made", "part")
    assert set(inside["type"]) == {"t1"}
    ids = set(inside["neuron_id"])
    expected = [
        row for row in tables.connections.itertuples() if row.pre in ids and row.post in ids
    ]
    assert len(among) == len(expected) > 0
    counts = lake.circuit_counts("made", "part")
    assert (counts.neurons, counts.connections) == (10, len(expected))
    assert lake.circuit_counts("made", "part") == counts
    with pytest.raises(UsageError, match="no circuit 'other'"):
        lake.circuit_tables("made", "other")


def test_counts_of_a_lake_that_cannot_be_written(lake, monkeypatch):
    publish(lake, random_tables(n=30, m=200))

    def refused(path, text):
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr("store.lake.write_text", refused)
    counts = lake.circuit_counts("made", "all")
    assert (counts.neurons, counts.connections) == (30, 200)


def test_missing_values_meet_no_condition(lake):
    table = neurons([1, 2, 3], layer=["L4", None, "L5"], soma_x=[1.0, np.nan, 3.0])
    tables = CircuitTables(table, connections([(1, 2, 1)]))
    publish(lake, tables, circuits=[cut({"column": "soma_x", "minimum": 0.0, "maximum": 2.0})])
    assert lake.circuit_tables("made", "part")[0]["neuron_id"].tolist() == [1]


@pytest.mark.parametrize(
    ("where", "match"),
    [
        ({"column": "nothing", "isin": ["x"]}, "no neuron column 'nothing'"),
        ({"column": "neuron_id", "isin": ["x"]}, "does not suit column 'neuron_id'"),
        ({"column": "type", "minimum": 1.0}, "does not suit column 'type'"),
    ],
)
def test_condition_that_does_not_suit_is_explained(lake, where, match):
    publish(lake, random_tables(), circuits=[cut(where)])
    with pytest.raises(UsageError, match=match):
        lake.circuit_tables("made", "part")


def test_only_whole_circuits_of_the_projection_are_projected(lake):
    tables = random_tables()
    publish(
        lake,
        tables,
        circuits=[
            cut({"column": "type", "isin": ["t1"]}),
            {"name": "all", "title": "All"},
            {"name": "none", "title": "None", "where": [{"column": "type", "isin": ["t9"]}]},
        ],
        projected=[{"column": "type", "isin": ["t1", "t2"]}],
    )
    assert lake.projected_circuits("made") == {"part": 10}
    inside, among = lake.projected_tables("made")
    assert set(inside["type"]) == {"t1", "t2"}
    assert set(among["pre"]) | set(among["post"]) <= set(inside["neuron_id"])


def test_unknown_version_is_explained(lake):
    version = publish(lake, random_tables())
    with pytest.raises(UsageError, match=f"it has {version}"):
        lake.tables("made", "0" * 12)
