"""Bad matrices of numpy, scipy, MATLAB and Excel: one clear error each, little memory and time."""

import io
import zipfile

import h5py
import numpy as np
import openpyxl
import pandas as pd
import pytest
import scipy.io
import scipy.sparse

from tests.reading import prepare_file
from tests.unit.ingest.refusing import rejected

SQUARE = np.array([[0, 1, 0], [0, 0, 2], [3, 0, 0]], float)
MATRICES = {
    "not square": (np.zeros((2, 3)), "no square matrix"),
    "one number": (np.array(5.0), "no square matrix"),
    "a row": (np.arange(4.0), "no square matrix"),
    "three dimensions": (np.zeros((2, 2, 2)), "no square matrix"),
    "one by one": (np.ones((1, 1)), "no square matrix"),
    "nothing": (np.zeros((0, 0)), "no square matrix"),
    "no connection": (np.zeros((3, 3)), "3 neurons and no connection"),
    "diagonal only": (np.eye(3), "itself"),
    "nan": (np.where(SQUARE == 2, np.nan, SQUARE), "nan"),
    "infinity": (np.where(SQUARE == 2, np.inf, SQUARE), "inf"),
    "complex": (SQUARE.astype(complex), "complex128"),
    "text": (SQUARE.astype(str), "<U32"),
    "dates": (SQUARE.astype("M8[s]"), "datetime64"),
}


@pytest.mark.parametrize("case", MATRICES)
@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_matrices(tmp_path, case, kind):
    content, word = MATRICES[case]
    path = tmp_path / f"m.{kind}"
    np.save(path, content) if kind == "npy" else np.savez(path, W=content)
    assert word in str(rejected(path))


def test_where_in_a_matrix(tmp_path):
    np.save(tmp_path / "m.npy", MATRICES["nan"][0])
    problem = rejected(tmp_path / "m.npy")
    assert (problem.row, problem.column) == (2, "3")


def test_pickles_are_never_loaded(tmp_path):
    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return (exec, ("raise SystemExit('a pickle was loaded')",))

    np.save(tmp_path / "m.npy", np.array([[Bomb()] * 2] * 2, object), allow_pickle=True)
    assert "cannot be read" in rejected(tmp_path / "m.npy").what
    np.savez(tmp_path / "m.npz", W=np.array([[Bomb()] * 2] * 2, object))
    assert "cannot be read" in rejected(tmp_path / "m.npz").what


def test_several_matrices(tmp_path):
    np.savez(tmp_path / "m.npz", chemical=SQUARE, electrical=SQUARE)
    problem = rejected(tmp_path / "m.npz")
    assert "several square matrices" in problem.what
    assert "chemical 3×3" in problem.what


def npy_header(shape):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "<f8", "fortran_order": False, "shape": shape}
    )
    return stream.getvalue()


@pytest.mark.parametrize("shape", [(10**6, 10**6), (2**40, 2**40), (-1, -1), (3, 3)])
def test_headers_that_promise_too_much(tmp_path, shape):
    (tmp_path / "m.npy").write_bytes(npy_header(shape) + b"\0" * 16)
    assert "cannot be read" in rejected(tmp_path / "m.npy").what


def test_a_zip_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.readers.matrix.UNPACKED", 10_000_000)
    np.savez_compressed(tmp_path / "m.npz", W=np.zeros((2_000, 2_000)))
    assert (tmp_path / "m.npz").stat().st_size < 100_000
    assert "unpacks to more than 10,000,000 bytes" in rejected(tmp_path / "m.npz").what


def test_paths_in_a_zip_lead_nowhere(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    with zipfile.ZipFile(inside / "m.npz", "w") as archive:
        archive.writestr("../../evil.npy", npy_header((2, 2)) + bytes(32))
        archive.writestr("/tmp/evil.npy", npy_header((2, 2)) + bytes(32))
    assert rejected(inside / "m.npz")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["inside", "m.npz"]


SPARSE = {
    "index outside": {"indices": np.array([1, 2, 9])},
    "negative index": {"indices": np.array([1, 2, -1])},
    "ends run backwards": {"indptr": np.array([0, 2, 1, 3])},
    "ends beyond": {"indptr": np.array([0, 1, 2, 9])},
    "too few ends": {"indptr": np.array([0, 3])},
    "data too short": {"data": np.ones(2)},
    "no square": {"shape": np.array([3, 4])},
    "huge shape": {"shape": np.array([2**40, 2**40])},
    "unknown format": {"format": np.array(b"xyz")},
    "indices of floats": {"indices": np.array([1.5, 2, 0])},
}


@pytest.mark.parametrize("case", SPARSE)
def test_sparse_matrices(tmp_path, case):
    good = scipy.sparse.csr_matrix(SQUARE)
    arrays = {
        "indices": good.indices, "indptr": good.indptr, "data": good.data,
        "shape": np.array(good.shape), "format": np.array(b"csr"),
    }  # fmt: skip
    np.savez(tmp_path / "s.npz", **(arrays | SPARSE[case]))
    assert rejected(tmp_path / "s.npz")


MAT = {
    "no matrix": {"name": "barrel"},
    "several": {"a": SQUARE, "b": SQUARE},
    "cells": {"a": np.array([["x", 1]], dtype=object)},
    "struct": {"a": {"W": SQUARE}},
    "not square": {"a": np.zeros((2, 3))},
    "nan": {"a": np.full((2, 2), np.nan)},
    "complex": {"a": SQUARE * 1j},
    "text": {"a": np.array([["ab", "cd"], ["ef", "gh"]])},
}


@pytest.mark.parametrize("case", MAT)
def test_matlab(tmp_path, case):
    scipy.io.savemat(tmp_path / "m.mat", MAT[case])
    assert rejected(tmp_path / "m.mat")


@pytest.mark.parametrize(
    "content", [b"MATLAB 5.0", b"MATLAB 5.0" + bytes(118), b"MATLAB 5.0" + b"\xff" * 300]
)
def test_broken_matlab(tmp_path, content):
    (tmp_path / "m.mat").write_bytes(content)
    assert "cannot be read" in rejected(tmp_path / "m.mat").what


def test_a_neuron_table_of_another_length(tmp_path):
    np.save(tmp_path / "m.npy", SQUARE)
    (tmp_path / "n.csv").write_text("id,type\n1,a\n2,b\n")
    problem = rejected(tmp_path / "m.npy", tmp_path / "n.csv")
    assert problem.file.endswith("n.csv")
    assert "2 neurons" in problem.what
    assert "3, one for each row" in problem.expected


def test_a_neuron_table_with_a_neuron_twice(tmp_path):
    np.save(tmp_path / "m.npy", SQUARE)
    (tmp_path / "n.csv").write_text("id,type\n1,a\n2,b\n1,c\n")
    problem = rejected(tmp_path / "m.npy", tmp_path / "n.csv")
    assert (problem.row, problem.column) == (4, "neuron_id")


EXCEL = {
    "nothing": [],
    "text among numbers": [[0, 1], ["x", 0]],
    "names that differ": [[None, "a", "b"], ["a", 0, 1], ["c", 1, 0]],
    "names in another order": [[None, "a", "b"], ["b", 0, 1], ["a", 1, 0]],
    "name twice": [[None, "a", "a"], ["a", 0, 1], ["a", 1, 0]],
    "row too short": [[0, 1, 1], [1, 0]],
    "text in a named one": [[None, "a", "b"], ["a", 0, "n.d."], ["b", 1, 0]],
    "truth values": [[False, True], [True, False]],
    "not square": [[0, 1, 2], [1, 0, 2]],
    "a row of sums": [[None, "a", "Total"], ["a", 0, 1], ["Total", 2, 3]],
    "ids beyond Excel": [["id", 10**17, 3 * 10**17], [10**17, 0, 1], [3 * 10**17, 1, 0]],
    "numbers that may be names": [[None, 3, 5], [3, None, 1], [5, 2, None]],
    "other ids beside than above": [[None, 1, 2], [3, 0, 1], [4, 1, 0]],
    "a formula never computed": [[0, "=1+1"], [1, 0]],
}


@pytest.mark.parametrize("case", EXCEL)
def test_excel(tmp_path, case):
    book = openpyxl.Workbook()
    for row in EXCEL[case]:
        book.active.append(row)
    book.save(tmp_path / "m.xlsx")
    assert rejected(tmp_path / "m.xlsx")


def test_sheets_of_numbers_beside_each_other(tmp_path):
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("inhibitory")):
        sheet.append([0, 1])
        sheet.append([2, 0])
    book.create_sheet("legend").append(["row = presynaptic"])
    book.save(tmp_path / "m.xlsx")
    assert "Sheet, inhibitory" in rejected(tmp_path / "m.xlsx").what
    book.remove(book["Sheet"])
    book.save(tmp_path / "m.xlsx")
    assert prepare_file(tmp_path / "m.xlsx")[1].tables.connections["weight"].tolist() == [1, 2]


def test_names_of_a_sheet_in_another_order_than_the_neurons(tmp_path):
    pd.DataFrame(SQUARE, list("abc"), list("abc")).to_excel(tmp_path / "m.xlsx")
    (tmp_path / "n.csv").write_text("id,type\na,x\nc,y\nb,z\n")
    problem = rejected(tmp_path / "m.xlsx", tmp_path / "n.csv")
    assert (problem.row, problem.column, problem.what) == (3, "id", "found 'c'")


def test_numbers_of_pandas_around_a_matrix_are_names(tmp_path):
    frame = pd.DataFrame(SQUARE.astype(int), [101, 102, 103], [101, 102, 103])
    frame.to_excel(tmp_path / "m.xlsx")
    tables = prepare_file(tmp_path / "m.xlsx")[1].tables
    assert tables.neurons["instance"].tolist() == ["101", "102", "103"]
    assert tables.connections["weight"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("kind", [">i8", ">f4", "f2", "g"])
def test_numbers_of_every_machine(tmp_path, kind):
    np.save(tmp_path / "m.npy", SQUARE.astype(kind))
    edges = prepare_file(tmp_path / "m.npy")[1].tables.connections
    assert edges.to_numpy().tolist() == [[1, 2, 1], [2, 3, 2], [3, 1, 3]]


def test_letters_of_matlab_are_no_matrix(tmp_path):
    with h5py.File(tmp_path / "m.mat", "w", userblock_size=512) as file:
        names = file.create_dataset("names", data=np.full((3, 3), 65, np.uint16))
        names.attrs["MATLAB_class"] = np.bytes_("char")
        file["W"] = SQUARE.T
    content = bytearray((tmp_path / "m.mat").read_bytes())
    content[:10] = b"MATLAB 7.3"
    (tmp_path / "m.mat").write_bytes(content)
    edges = prepare_file(tmp_path / "m.mat")[1].tables.connections
    assert edges.to_numpy().tolist() == [[1, 2, 1], [2, 3, 2], [3, 1, 3]]


def test_a_broken_workbook(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([0, 1])
    book.active.append([1, 0])
    book.save(tmp_path / "m.xlsx")
    whole = (tmp_path / "m.xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    bomb = b'<!DOCTYPE x [<!ENTITY a "a">]>' + members[sheet]
    for changed in (members[sheet][:50], b"", bomb.replace(b"<?xml", b"<!--x--><?xml")):
        with zipfile.ZipFile(tmp_path / "m.xlsx", "w") as archive:
            for name, content in (members | {sheet: changed}).items():
                archive.writestr(name, content)
        assert rejected(tmp_path / "m.xlsx")
