"""Synapse tables larger than memory: counts as pandas has them, resumed, and clear refusals."""

import itertools
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from ingest import synapses
from ingest.conditions import Choice, Condition
from ingest.synapses import connections_of
from isocortex.cli import app
from schemas.errors import InputError, UsageError

BASE = 864_691_135_000_000_000


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Several slices, row groups and splits out of little tables."""
    monkeypatch.setattr(synapses, "SLICE_ROWS", 250)
    monkeypatch.setattr(synapses, "SPLIT_ROWS", 300)


def table(rows=2_000, seed=0):
    rng = np.random.default_rng(seed)
    pre = np.where(rng.random(rows) < 0.05, 0, BASE + rng.integers(0, 12, rows))
    frame = pd.DataFrame(
        {
            "pre_pt_root_id": pre,
            "post_pt_root_id": BASE + rng.integers(0, 12, rows),
            "score": np.where(rng.random(rows) < 0.1, np.nan, rng.integers(0, 100, rows)),
            "region": rng.choice(["VISp", "VISl", None], rows),
            "size": rng.integers(1, 1000, rows),
        }
    )
    return frame.astype({"region": "string"})


def write(path, frame, group=100):
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, row_group_size=group)
    return path


def by_pandas(frame, minimum=1):
    """The same by another way."""
    ends = frame[["pre_pt_root_id", "post_pt_root_id"]].set_axis(["pre", "post"], axis=1)
    kept = ends.assign(size=frame["size"])[(ends.pre != 0) & (ends.pre != ends.post)]
    grouped = kept.groupby(["pre", "post"]).agg(weight=("size", "size"), size=("size", "sum"))
    return grouped[grouped.weight >= minimum].reset_index()


def read(path):
    return pd.read_parquet(path).sort_values(["pre", "post"], ignore_index=True)


def test_counts_and_sums_as_pandas_has_them(tmp_path):
    frame = table()
    parts = [
        write(tmp_path / "a.parquet", frame[:900]),
        write(tmp_path / "b.parquet", frame[900:], group=1_000),
    ]
    neurons = tmp_path / "cells.csv"
    known = [BASE + k for k in range(10)]
    pd.DataFrame({"root_id": known}).to_csv(neurons, index=False)
    choice = Choice((Condition.read("score>=40"), Condition.read("region=VISp|x")), ("size",), 3)
    tally = connections_of(parts, tmp_path / "out.parquet", choice, neurons=neurons)
    wanted = frame[(frame.score >= 40) & (frame.region == "VISp").fillna(False)]
    both = wanted.pre_pt_root_id.isin(known) & wanted.post_pt_root_id.isin(known)
    expected = by_pandas(wanted[both], minimum=3)
    pd.testing.assert_frame_equal(read(tmp_path / "out.parquet"), expected, check_dtype=False)
    assert pq.read_schema(tmp_path / "out.parquet").field("pre").type == pa.int64()
    assert tally.connections == len(expected)
    assert tally.weak == len(by_pandas(wanted[both])) - len(expected)
    assert sum(tally.fates.values()) == tally.synapses == len(frame)
    assigned = frame[frame.pre_pt_root_id != 0]
    assert tally.fates["unassigned"] == len(frame) - len(assigned)
    assert tally.fates["score>=40"] == (~(assigned.score >= 40)).sum()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.parquet",
        "b.parquet",
        "cells.csv",
        "out.parquet",
    ]


@settings(max_examples=25, deadline=None)
@given(
    ends=st.lists(
        st.tuples(st.sampled_from([-(2**63), 0, 1, 2, 2**63 - 1]), st.integers(1, 3)), max_size=60
    ),
    group=st.integers(1, 60),
)
def test_any_ids_in_any_row_groups(tmp_path_factory, ends, group):
    folder = tmp_path_factory.mktemp("any")
    pre, post = ([row[k] for row in ends] for k in (0, 1))
    made = pa.table({"pre": pa.array(pre, pa.int64()), "post": pa.array(post, pa.int64())})
    pq.write_table(made, folder / "s.parquet", row_group_size=group)
    connections_of([folder / "s.parquet"], folder / "o.parquet")
    counted = pd.Series(ends).value_counts() if ends else {}
    found = pd.read_parquet(folder / "o.parquet")
    expected = {pair: n for pair, n in dict(counted).items() if pair[0] not in {0, pair[1]}}
    assert {(r.pre, r.post): r.weight for r in found.itertuples()} == expected


def test_an_interrupted_job_goes_on(tmp_path, monkeypatch):
    source = write(tmp_path / "a.parquet", table())
    undisturbed = connections_of([source], tmp_path / "first.parquet")
    whole, calls = synapses._write_slice, itertools.count()

    def breaks(*arguments: object):
        if next(calls) == 4:
            raise KeyboardInterrupt
        whole(*arguments)

    monkeypatch.setattr(synapses, "_write_slice", breaks)
    with pytest.raises(KeyboardInterrupt):
        connections_of([source], tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()
    tally = connections_of([source], tmp_path / "out.parquet")
    assert tally.resumed == 4
    assert tally.fates == undisturbed.fates
    assert tally.connections == undisturbed.connections
    pd.testing.assert_frame_equal(read(tmp_path / "out.parquet"), read(tmp_path / "first.parquet"))
    assert not (tmp_path / "out.parquet.part").exists()


def test_another_job_does_not_take_up_the_slices(tmp_path, monkeypatch):
    source = write(tmp_path / "a.parquet", table())

    def breaks(*_: object):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(synapses, "_merge", breaks)
        with pytest.raises(KeyboardInterrupt):
            connections_of([source], tmp_path / "out.parquet")
    choice = Choice((Condition.read("score>=40"),))
    tally = connections_of([source], tmp_path / "out.parquet", choice)
    assert tally.resumed == 0
    connections_of([source], tmp_path / "again.parquet", choice)
    pd.testing.assert_frame_equal(read(tmp_path / "out.parquet"), read(tmp_path / "again.parquet"))


def test_bad_neuron_tables(tmp_path):
    source = write(tmp_path / "a.parquet", table())
    cells = tmp_path / "cells.csv"
    for content, words in [(None, "no such file"), ("x\n1\n", "column"), ("id\n1.5\n", "row 2")]:
        if content:
            cells.write_text(content)
        with pytest.raises(InputError, match=words):
            connections_of([source], tmp_path / "out.parquet", neurons=cells)
        assert not list(tmp_path.glob("out*"))


def damaged(path):
    content = bytearray(write(path, table()).read_bytes())
    content[200:5_000] = bytes(4_800)
    path.write_bytes(content)


def cut(path):
    content = write(path, table()).read_bytes()
    path.write_bytes(content[: len(content) // 2])


BAD = {
    "missing": (lambda _: None, (), "no such file"),
    "cut short": (cut, (), "complete Parquet file"),
    "damaged pages": (damaged, (), "complete Parquet file"),
    "a CSV table": (lambda p: p.write_text("pre,post\n1,2\n"), (), "complete Parquet file"),
    "empty": (lambda p: p.write_bytes(b""), (), "complete Parquet file"),
    "no such end": (lambda p: write(p, table().drop(columns="post_pt_root_id")), (), "'post'"),
    "ids as floats": (
        lambda p: write(p, table().astype({"pre_pt_root_id": float})),
        (),
        "type is double",
    ),
    "ids as text": (
        lambda p: write(p, table().astype({"pre_pt_root_id": str})),
        (),
        "64-bit integers",
    ),
    "beyond 64 bits": (
        lambda p: pq.write_table(
            pa.table({"pre": pa.array([1, 2**64 - 1], pa.uint64()), "post": [2, 3]}), p
        ),
        (),
        "18446744073709551615",
    ),
    "unknown column": (lambda p: write(p, table()), ("depth>=1",), "column 'depth'"),
    "threshold of labels": (lambda p: write(p, table()), ("region>=1",), "column 'region'"),
    "sum of labels": (lambda p: write(p, table()), ("+region",), "column 'region'"),
    "two that may be meant": (
        lambda p: write(p, table().assign(pre_root_id=1)),
        (),
        "may be any of",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_end_in_one_clear_error(tmp_path, case):
    make, asked, words = BAD[case]
    make(tmp_path / "s.parquet")
    good = write(tmp_path / "good.parquet", table())
    choice = Choice(
        tuple(Condition.read(text) for text in asked if text[0] != "+"),
        tuple(text[1:] for text in asked if text[0] == "+"),
    )
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(InputError) as caught:
        connections_of([good, tmp_path / "s.parquet"], tmp_path / "out.parquet", choice)
    assert words in str(caught.value)
    assert all(problem.remedy for problem in caught.value.problems)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "text", ["score", "score>50", "score>=high", "score>=1|2", ">=3", "", "score==3", "score>=nan"]
)
def test_what_is_no_condition(text):
    with pytest.raises(UsageError):
        Condition.read(text)


@pytest.mark.parametrize(
    ("condition", "word"),
    [
        ("score=50", "type double"),
        ("valid=True", "type bool"),
        ("SIZE>=1", "capital letters"),
    ],
)
def test_conditions_that_could_never_hold(tmp_path, condition, word):
    frame = pd.DataFrame({"pre": [1], "post": [2], "score": [50.0], "valid": [True]})
    path = write(tmp_path / "s.parquet", frame.assign(size=1, SIZE=2))
    choice = Choice((Condition.read(condition), Condition.read("size>=1")))
    with pytest.raises(InputError, match=word):
        connections_of([path], tmp_path / "c.parquet", choice)


@pytest.mark.parametrize(
    ("files", "sums", "memory", "word"),
    [
        (2, (), "1GB", "named twice"),
        (1, ("split",), "1GB", "'split' means something else"),
        (1, ("Weight",), "1GB", "'weight' means something else"),
        (1, ("size", "size"), "1GB", "'size' is there twice"),
        (1, (), "three", "no amount of memory"),
    ],
)
def test_options_that_would_count_wrongly(tmp_path, files, sums, memory, word):
    frame = pd.DataFrame({"pre": [1], "post": [2], "size": [1], "split": [1], "Weight": [1]})
    path = write(tmp_path / "s.parquet", frame)
    with pytest.raises(UsageError, match=word):
        connections_of([path] * files, tmp_path / "c.parquet", Choice((), sums), memory=memory)
    assert [p.name for p in tmp_path.iterdir()] == ["s.parquet"]


def test_a_target_that_is_there_is_left_alone(tmp_path):
    source = write(tmp_path / "a.parquet", table())
    (tmp_path / "out.parquet").write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        connections_of([source], tmp_path / "out.parquet")
    assert (tmp_path / "out.parquet").read_text() == "mine"


def test_from_the_command_line_to_a_census(tmp_path):
    frame = table()
    source, target = write(tmp_path / "a.parquet", frame), tmp_path / "it's.parquet"
    done = CliRunner().invoke(
        app,
        [
            "synapses",
            str(source),
            "--to",
            str(target),
            "--add-up",
            "size",
            "--minimum",
            "2",
            "--json",
        ],
    )
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    expected = by_pandas(frame, minimum=2)
    assert told["connections"] == len(expected)
    counted = CliRunner().invoke(app, ["census", str(target), "--nulls", "er", "--json"])
    assert counted.exit_code == 0, counted.stderr
    assert json.loads(counted.stdout)["connections"] == len(expected)


def test_the_terminal_says_what_was_left_out(tmp_path):
    source = write(tmp_path / "a.parquet", table())
    done = CliRunner().invoke(
        app,
        f"synapses {source} --to {tmp_path / 'o.parquet'} --keep score>=40 --minimum 2".split(),
    )
    assert done.exit_code == 0
    assert "fail score>=40" in done.stderr
    assert "of a neuron with itself" in done.stderr
    assert "next: isocortex census" in done.stdout
