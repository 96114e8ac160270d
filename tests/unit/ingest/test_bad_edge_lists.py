"""Whatever is wrong with a user's tables: one error with file, row, column and remedy."""

import gzip
import io
import os
import time
import tracemalloc

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from schemas.errors import InputError
from tests.reading import prepare_file

BIG = 864_691_136_000_000_001  # not representable as a float
GOOD = "pre,post,weight\n1,2,3\n2,3,1\n3,1,2\n"
NEURONS = "neuron_id,type,soma_x,soma_y,soma_z\n1,a,0,0,0\n2,b,1,1,1\n3,c,2,2,2\n"


def rejected(
    tmp_path, edges, neurons=None, *, name="edges.csv", neurons_name="neurons.csv", **how: str
):
    """Prepare bad files; return the error after checking what every error must have."""
    path = write(tmp_path / name, edges)
    second = None if neurons is None else write(tmp_path / neurons_name, neurons)
    before = {p: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    with pytest.raises(InputError) as caught:
        prepare_file(path, second, **how)
    error = caught.value
    assert {p: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before
    assert error.exit_code == 2
    assert error.found >= len(error.problems) >= 1
    for problem in error.problems:
        assert problem.file.endswith((name, neurons_name))
        assert problem.what
        assert problem.expected
        assert problem.remedy
    return error


def write(path, content):
    if isinstance(content, pd.DataFrame):
        content.to_parquet(path)
    elif isinstance(content, pa.Table):
        pq.write_table(content, path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8", newline="")
    return path


def edges(*rows: str, header="pre,post,weight"):
    return "\n".join([header, *rows]) + "\n"


def parquet(**columns: object):
    return pa.table(columns)


TEXT_CASES = {
    # what is wrong: (edge list, row, column, words)
    "empty file": ("", 1, None, ["is empty"]),
    "blank lines only": ("\n\n\n", 1, None, ["is empty"]),
    "spaces only": ("   \n  \n", 1, None, ["is empty"]),
    "header only": ("pre,post,weight\n", None, None, ["empty", "at least one connection"]),
    "header without line end": ("pre,post,weight", None, None, ["empty"]),
    "no header": ("1,2,3\n2,3,1\n", 1, None, ["numbers only", "header line"]),
    "unknown columns": ("a,b,weight\n1,2,3\n", 1, "pre", ["no such column", "a, b", "bodyId_pre"]),
    "no post": ("pre,weight\n1,3\n", 1, "post", ["no such column", "target_node_id"]),
    "unknown third column": ("pre,post,strength\n1,2,3\n", 1, "strength", ["not known", "weight"]),
    "conductance for a weight": (
        "source_node_id,target_node_id,syn_weight\n1,2,0.3\n1,2,low\n", 3, "syn_weight", ["'low'"],
    ),
    "two names of one rank": (
        "source,from,post\n1,2,3\n", 1, "pre", ["'source', 'from'", "rename"],
    ),
    "two systems": (
        "bodyId_pre,pre_root_id,post\n1,1,2\n", 1, "pre", ["'bodyId_pre', 'pre_root_id'"],
    ),
    "same name but for a capital": ("Pre,pre,post\n1,1,2\n", 1, "pre", ["'Pre', 'pre'"]),
    "two counts": (
        "pre,post,synapses,count\n1,2,3,4\n", 1, "weight", ["'synapses', 'count'"],
    ),
    "column twice": ("pre,post,weight,weight\n1,2,3,4\n", 1, "weight", ["2 columns", "rename"]),
    "id column twice": ("pre,pre,post\n1,2,3\n", 1, "pre", ["2 columns"]),
    "fractional weight": (edges("1,2,3", "2,3,2.5"), 3, "weight", ["'2.5'", "positive whole"]),
    "weight written as a float": (edges("1,2,3.0"), 2, "weight", ["'3.0'"]),
    "exponent for a weight": (edges("1,2,1e2"), 2, "weight", ["'1e2'"]),
    "thousands separated": (edges('1,2,"1,000"'), 2, "weight", ["'1,000'"]),
    "negative weight": (edges("1,2,3", "2,3,1", "3,1,-2"), 4, "weight", ["'-2'", "leave"]),
    "zero weight": (edges("1,2,0"), 2, "weight", ["'0'"]),
    "weight in words": (edges("1,2,strong"), 2, "weight", ["'strong'"]),
    "weight missing": (edges("1,2,3", "2,3,"), 3, "weight", ["the cell is empty"]),
    "weight nan": (edges("1,2,nan"), 2, "weight", ["'nan'"]),
    "weight beyond int32": (edges("1,2,2147483648"), 2, "weight", ["2147483648", "2,147,483,647"]),
    "weight beyond int64": (edges("1,2,9223372036854775808"), 2, "weight", ["beyond 64 bits"]),
    "sum beyond int32": (
        edges("1,2,2147483647", "3,1,1", "1,2,1"), None, "weight", ["1 → 2", "2,147,483,648"],
    ),
    "id beyond int64": (edges("9223372036854775808,2,3"), 2, "pre", ["beyond 64 bits"]),
    "id below int64": (edges("1,-9223372036854775809,3"), 2, "post", ["beyond 64 bits"]),
    "id of a thousand digits": (edges("1," + "9" * 5_000 + ",3"), 2, "post", ["beyond 64 bits"]),
    "id as 1e18": (edges("1,2,3", "1e18,2,3"), 3, "pre", ["'1e18'", "never pass through a float"]),
    "id as 1.0": (edges("1.0,2,3"), 2, "pre", ["'1.0'"]),
    "id as 8.64E17": (edges("1,8.64691136E17,3"), 2, "post", ["'8.64691136E17'"]),
    "id missing": (edges("1,2,3", ",3,1"), 3, "pre", ["the cell is empty"]),
    "id of blanks": (edges("1,2,3", "  ,3,1"), 3, "pre", ["the cell is empty"]),
    "hexadecimal id": (edges("1,2,3", "2,0x1F,1"), 3, "post", ["'0x1F'"]),
    "a name among numbers": (edges("1,2,3", "2,AVAL,1", "3,1,2"), 3, "post", ["'AVAL'"]),
    "a number with a slip": (edges("1,2,3", "2,3l,1", "3,1,2"), 3, "post", ["'3l'"]),
    "a name missing": (edges("AVAL,AVAR,3", "AVAR,,1"), 3, "post", ["the cell is empty", "name"]),
    "a name that means none": (edges("AVAL,NA,3", "NA,AVAR,1"), 3, "pre", ["'NA'", "no value"]),
    "a name that pandas made": (edges("AVAL,AVAR,3", "AVAL,nan,1"), 3, "post", ["'nan'"]),
    "a root id of 0": (
        edges("7,0,3", header="pre_root_id,post_root_id,syn_count"),
        2, "post_root_id", ["'0'", "no segment"],
    ),
    "a weight of another name": (
        edges("1,a,2,b,3", header="pre,type_pre,post,type_post,w.weight"),
        1, "w.weight", ["not known", "rename"],
    ),
    "gap junctions among synapses": (
        edges("A,B,chemical,3", "A,B,electrical,2", header="pre,post,type,synapses"),
        None, "type", ["'electrical'", "chemical synapses only"],
    ),
    "a weight of another name beside a measure": (
        edges("1,2,3,.5", header="pre,post,num_synapses,contact_area_um2"),
        1, "num_synapses", ["not known"],
    ),
    "truth values for ids": ("pre,post\ntrue,false\nfalse,true\n", None, None, ["true and false"]),
    "self-connections only": (edges("1,1,3", "2,2,1"), None, None, ["itself", "other connection"]),
    "row cut off": (edges("1,2,3", "2,3,1", "3,1")[:-1], 4, None, ["2 cells", "cut off"]),
    "row cut off after the first cell": ("pre,post,weight\n1,2,3\n2", 3, None, ["1 cell"]),
    "too many cells": (edges("1,2,3", "2,3,1,9"), 3, None, ["4 cells", "3 cells"]),
    "too few and too many": (edges("1,2", "2,3,1,9"), 2, None, ["2 cells"]),
    "quote never closed": ('pre,post,weight\n1,2,3\n2,3,"1', 3, None, ["never closed"]),
    "quote never closed early": ('pre,post,weight\n1,"2,3\n2,3,1\n3,1,2\n', 2, None, ["2"]),
    "semicolons and a fraction": ("pre;post;weight\n1;2;3\n2;3;0,5\n", 3, "weight", ["'0,5'"]),
    "tabs and a fraction": ("pre\tpost\tweight\n1\t2\t3\n2\t3\t.5\n", 3, "weight", ["'.5'"]),
    "carriage returns": ("pre,post,weight\r\n1,2,3\r\n2,3,x\r\n", 3, "weight", ["'x'"]),
    "old carriage returns": ("pre,post,weight\r1,2,3\r2,3,x\r", 3, "weight", ["'x'"]),
    "byte order mark": ("\ufeffpre,post,weight\n1,2,x\n", 2, "weight", ["'x'"]),
    "after a blank line": ("pre,post,weight\n1,2,3\n\n\n2,3,x\n", 5, "weight", ["'x'"]),
    "after leading blank lines": ("\n\npre,post,weight\n1,2,x\n", 4, "weight", ["'x'"]),
    "after a line break in quotes": (
        'pre,post,weight,note\n1,2,3,"two\nlines"\n2,3,x,""\n', 4, "weight", ["'x'"],
    ),
    "after separators in quotes": (
        'pre,post,weight,note\n1,2,3,"a,b;c\td"\n2,3,x,y\n', 3, "weight", ["'x'"],
    ),
    "below a comment": ("# of 2015\n\npre,post,weight\n1,2,x\n", 4, "weight", ["'x'"]),
    "below Excel's separator": ("sep=;\npre;post;weight\n1;2;3\n1;2;x\n", 4, "weight", ["'x'"]),
    "comments only": ("# a\n# b\n", 3, None, ["is empty"]),
    "cut off below a comment": ("# a\npre,post\n1,2\n3", 4, None, ["1 cell"]),
    "below a comment and a blank line": ("# a\npre,post\n\n1,x1\n2,2\n3,3\n", 4, "post", ["x1"]),
    "quoted header": ('"pre","post","weight, of it","weight"\n1,2,9,x\n', 2, "weight", ["'x'"]),
    "header over two lines": ('pre,post,"weight\n(n)",weight\n1,2,9,x\n', 3, "weight", ["'x'"]),
}  # fmt: skip


@pytest.mark.parametrize("case", TEXT_CASES)
def test_text(tmp_path, case):
    content, row, column, words = TEXT_CASES[case]
    problem = rejected(tmp_path, content).problems[0]
    assert (problem.row, problem.column) == (row, column)
    for word in words:
        assert word in str(problem)


BYTE_CASES = {
    "UTF-16": (GOOD.encode("utf-16"), 1, "UTF-16"),
    "UTF-16 without mark": (GOOD.encode("utf-16-le"), 1, "NUL"),
    "Latin-1": (edges("Müller,Meier,3").encode("latin-1"), 2, "not UTF-8"),
    "NUL bytes": (b"pre,post,weight\n1,2,3\n2,\x003,1\n", 3, "NUL"),
    "cut inside a character": ("pre,post\nä,ö".encode()[:-1], 2, "not UTF-8"),
    "Excel": (b"PK\x03\x04" + bytes(100), None, "zip archive"),
    "old Excel": (b"\xd0\xcf\x11\xe0" + bytes(100), None, "Excel"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(100), None, "HDF5"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), 3, "NUL"),
}


@pytest.mark.parametrize("case", BYTE_CASES)
def test_bytes(tmp_path, case):
    content, row, word = BYTE_CASES[case]
    problem = rejected(tmp_path, content).problems[0]
    assert problem.row == row
    assert word in problem.what
    assert "UTF-8" in problem.expected


PACKED = gzip.compress(GOOD.encode() * 50, mtime=0)
GZIP_CASES = {
    "cut in the middle": PACKED[: len(PACKED) // 2],
    "cut before the checksum": PACKED[:-6],
    "checksum wrong": PACKED[:-8] + bytes(4) + PACKED[-4:],
    "not packed at all": GOOD.encode(),
    "empty": b"",
    "header only": PACKED[:10],
    "rubbish behind": PACKED + b"rubbish",
    "bomb": gzip.compress(bytes(200_000_000), compresslevel=1),
}


@pytest.mark.parametrize("case", GZIP_CASES)
def test_gzip(tmp_path, case):
    tracemalloc.start()
    try:
        problem = rejected(tmp_path, GZIP_CASES[case], name="edges.csv.gz").problems[0]
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()
    assert any(word in problem.what for word in ("gzip", "empty", "unpacks"))


PARQUET_CASES = {
    "ids as floats": (parquet(pre=[1.0, 2.0], post=[2, 3]), 1, "pre", "double: an id"),
    "ids beyond the float": (parquet(pre=[1, 2], post=[float(BIG), 3.0]), 1, "post", "double"),
    "ids as truth values": (parquet(pre=[True, False], post=[2, 3]), 1, "pre", "bool"),
    "ids as lists": (parquet(pre=[[1], [2]], post=[2, 3]), 1, "pre", "list"),
    "ids as records": (parquet(pre=[{"id": 1}], post=[2]), 1, "pre", "struct"),
    "ids as dates": (
        parquet(pre=pa.array([1, 2], pa.timestamp("s")), post=[2, 3]), 1, "pre", "timestamp",
    ),
    "ids as decimals": (
        parquet(pre=pa.array([1, 2]).cast(pa.decimal128(20)), post=[2, 3]), 1, "pre", "decimal",
    ),
    "ids as bytes": (parquet(pre=[b"\x01", b"\x02"], post=[2, 3]), 1, "pre", "binary"),
    "id missing": (parquet(pre=[1, None, 3], post=[2, 3, 1]), 2, "pre", "empty"),
    "all ids missing": (parquet(pre=pa.nulls(2), post=[2, 3]), 1, "pre", "null"),
    "unsigned beyond int64": (
        parquet(pre=pa.array([1, 2**63], pa.uint64()), post=[2, 3]), 2, "pre", "beyond 64 bits",
    ),
    "text beyond int64": (parquet(pre=["1", str(2**63)], post=["2", "3"]), 2, "pre", "beyond"),
    "weights as floats": (parquet(pre=[1], post=[2], weight=[3.0]), 1, "weight", "double"),
    "weights zero": (parquet(pre=[1, 2], post=[2, 3], weight=[1, 0]), 2, "weight", "'0'"),
    "weight missing": (parquet(pre=[1, 2], post=[2, 3], weight=[1, None]), 2, "weight", "empty"),
    "weights unsigned": (
        parquet(pre=[1], post=[2], weight=pa.array([2**64 - 1], pa.uint64())),
        1, "weight", "beyond",
    ),
    "no rows": (
        parquet(pre=pa.array([], pa.int64()), post=pa.array([], pa.int64())), None, None, "empty",
    ),
    "no such columns": (parquet(a=[1], b=[2]), 1, "pre", "no such column"),
    "column twice": (
        pa.table([[1], [1], [2]], names=["pre", "pre", "post"]), None, "pre", "2 columns",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PARQUET_CASES)
def test_parquet(tmp_path, case):
    content, row, column, word = PARQUET_CASES[case]
    problem = rejected(tmp_path, content, name="edges.parquet").problems[0]
    assert (problem.row, problem.column) == (row, column)
    assert word in problem.what


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_damaged_columnar_files(tmp_path, kind):
    buffer = io.BytesIO()
    table = parquet(pre=[1, 2, 3], post=[2, 3, 1], weight=[1, 1, 1])
    (pq.write_table if kind == "parquet" else pyarrow.feather.write_feather)(table, buffer)
    whole = buffer.getvalue()
    for damaged in (b"", whole[:4], whole[: len(whole) // 2], whole[:-1], whole[:8] + whole[9:]):
        problem = rejected(tmp_path, damaged, name=f"edges.{kind}").problems[0]
        assert "no complete" in problem.what


NEURON_CASES = {
    "neuron twice": (
        NEURONS + "2,d,3,3,3\n", "neurons.csv", 5, "neuron_id", ["neuron 2 is there already"],
    ),
    "unknown neuron": (
        NEURONS.replace("3,c,2,2,2\n", ""), "edges.csv", 4, "pre", ["found 3", "id of"],
    ),
    "text for a position": (
        NEURONS.replace("b,1,", "b,deep,"), "neurons.csv", 3, "soma_x", ["'deep'", "empty"],
    ),
    "nan for a position": (
        NEURONS.replace("b,1,", "b,nan,"), "neurons.csv", 3, "soma_x", ["'nan'", "finite"],
    ),
    "infinity for a position": (
        NEURONS.replace("c,2,2", "c,2,inf"), "neurons.csv", 4, "soma_y", ["'inf'"],
    ),
    "overflow for a position": (
        NEURONS.replace("c,2,2", "c,2,1e999"), "neurons.csv", 4, "soma_y", ["'1e999'"],
    ),
    "no id column": (
        NEURONS.replace("neuron_id", "nummer"), "neurons.csv", 1, "neuron_id", ["no such column"],
    ),
    "two id columns": (
        "bodyId,root_id\n1,1\n2,2\n3,3\n", "neurons.csv", 1, "neuron_id", ["'bodyId', 'root_id'"],
    ),
    "id missing": (NEURONS + ",d,3,3,3\n", "neurons.csv", 5, "neuron_id", ["empty"]),
    "id fractional": (NEURONS + "4.5,d,3,3,3\n", "neurons.csv", 5, "neuron_id", ["'4.5'"]),
    "id a name": (NEURONS + "AVAL,d,3,3,3\n", "neurons.csv", 5, "neuron_id", ["'AVAL'"]),
    "empty table": ("", "neurons.csv", 1, None, ["is empty"]),
    "header only": (NEURONS.split("\n")[0] + "\n", "edges.csv", 2, "pre", ["found 1"]),
    "row cut off": (NEURONS[:-3], "neurons.csv", 4, None, ["4 cells"]),
    "two cell types": (
        "neuron_id,cell_type,mtype\n1,a,b\n2,a,b\n3,a,b\n", "neurons.csv", 1, "type",
        ["'cell_type', 'mtype'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NEURON_CASES)
def test_neuron_table(tmp_path, case):
    neurons, file, row, column, words = NEURON_CASES[case]
    problem = rejected(tmp_path, GOOD, neurons).problems[0]
    assert problem.file.endswith(file)
    assert (problem.row, problem.column) == (row, column)
    for word in words:
        assert word in str(problem)


def test_lists_in_a_neuron_table(tmp_path):
    table = parquet(neuron_id=[1, 2, 3], pt_position=[[1, 2, 3]] * 3)
    error = rejected(tmp_path, GOOD, table, neurons_name="neurons.parquet")
    assert error.problems[0].column == "pt_position"
    assert "list" in error.problems[0].what


def test_nan_and_infinity_in_a_parquet_neuron_table(tmp_path):
    table = parquet(neuron_id=[1, 2, 3], soma_x=[0.0, np.nan, np.inf])
    error = rejected(tmp_path, GOOD, table, neurons_name="neurons.parquet")
    assert [(p.row, p.what) for p in error.problems] == [(2, "found 'nan'"), (3, "found 'inf'")]


def test_missing_positions_are_no_error(tmp_path):
    table = parquet(neuron_id=[1, 2, 3], soma_x=[0.0, None, 2.5])
    path = write(tmp_path / "edges.csv", GOOD)
    _, prepared = prepare_file(path, write(tmp_path / "neurons.parquet", table))
    assert prepared.tables.neurons["soma_x"].isna().tolist() == [False, True, False]


def test_all_problems_of_both_files_in_one_report(tmp_path):
    error = rejected(
        tmp_path, edges("1,2,x", "y,3,1", "3,1,-1"), NEURONS.replace("b,1,", "b,deep,")
    )
    assert [(p.row, p.column) for p in error.problems] == [
        (3, "pre"), (2, "weight"), (4, "weight"), (3, "soma_x"),
    ]  # fmt: skip
    assert error.found == 4


def test_many_problems_are_counted_and_the_first_ones_listed(tmp_path):
    error = rejected(tmp_path, edges(*[f"{k},{k + 1},x" for k in range(1_000)]))
    assert error.found == 1_000
    assert len(error.problems) == 20
    assert [p.row for p in error.problems] == list(range(2, 22))
    assert str(error).endswith("… and 980 more")


@pytest.mark.parametrize("kind", ["csv", "quoted", "parquet"])
def test_one_bad_row_in_a_million(tmp_path, kind):
    rng = np.random.default_rng(1)
    ids = rng.integers(BIG, BIG + 50_000, (1_000_000, 2))
    weight = rng.integers(1, 9, 1_000_000)
    weight[777_777] = -4
    frame = pd.DataFrame({"pre": ids[:, 0], "post": ids[:, 1], "weight": weight})
    name, content = "edges.csv", frame
    if kind == "parquet":
        name = "edges.parquet"
    else:
        content = pa.BufferOutputStream()
        table = pa.Table.from_pandas(frame, preserve_index=False)
        pa.csv.write_csv(table, content)
        content = content.getvalue().to_pybytes().replace(b'"', b"")
        if kind == "quoted":
            content = content.replace(b"\n", b',"a\nb"\n').replace(
                b'pre,post,weight,"a\nb"', b"pre,post,weight,note"
            )
    started = time.process_time()
    error = rejected(tmp_path, content, name=name)
    spent = time.process_time() - started
    row = {"csv": 777_779, "quoted": 2 * 777_777 + 2, "parquet": 777_778}[kind]
    assert [(p.row, p.column) for p in error.problems] == [(row, "weight")]
    assert spent < 6  # 3 s on an idle machine


def test_directory_pipe_device_and_nothing(tmp_path):
    (tmp_path / "edges.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    for path, word in (
        (tmp_path / "edges.csv", "directory"),
        (tmp_path / "pipe.csv", "pipe"),
        (tmp_path / "nothing.csv", "no such file"),
        (type(tmp_path)("/dev/zero"), "device"),
        (tmp_path / ("x" * 300 + ".csv"), "too long"),
    ):
        with pytest.raises(InputError) as caught:
            prepare_file(path)
        assert word in caught.value.problems[0].what


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = write(tmp_path / "edges.csv", GOOD)

    def refuse(*_: object, **__: object):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(InputError) as caught:
        prepare_file(path)
    assert "Permission denied" in caught.value.problems[0].what


def test_both_files_missing_are_told_at_once(tmp_path):
    with pytest.raises(InputError) as caught:
        prepare_file(tmp_path / "a.csv", tmp_path / "b.csv")
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("policy", "connections", "dropped"), [("drop", 3, 2), ("keep", 4, 0), ("error", None, None)]
)
def test_self_connections(tmp_path, policy, connections, dropped):
    content = GOOD + "2,2,5\n2,2,1\n"
    if policy == "error":
        error = rejected(tmp_path, content, self_loops="error")
        assert [(p.row, p.column) for p in error.problems] == [(5, "post"), (6, "post")]
        assert "two different neurons" in str(error)
        return
    _, prepared = prepare_file(write(tmp_path / "edges.csv", content), self_loops=policy)
    assert len(prepared.tables.connections) == connections
    assert prepared.dropped_self_loops == dropped


def test_a_long_id_twice_is_told_exactly(tmp_path):
    neurons = f"neuron_id,x\n{BIG},1.5\n{BIG},2.5\n"
    error = rejected(tmp_path, edges(f"{BIG},{BIG + 1},3"), neurons)
    assert f"neuron {BIG} is there already" in str(error)
