"""Rows of a query in every format."""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from isocortex.answering import Format, chosen_format, write_answer
from schemas.errors import UsageError


@dataclass
class Answer:
    columns: list
    rows: list
    truncated: bool = False


ANSWER = Answer(
    ["id", "name", "mixed", "node"],
    [
        [9007199254740993, 'a "b", c', 1, {"labels": ["Neuron"], "properties": {"type": "4P"}}],
        [-1, "line\nbreak", "x", None],
        [0, None, True, [1, 2]],
    ],
)


@pytest.mark.parametrize(
    ("given", "output", "as_json", "expected"),
    [
        (None, None, False, Format.TABLE),
        (None, None, True, Format.JSON),
        (Format.CSV, None, False, Format.CSV),
        (None, Path("x.csv"), False, Format.CSV),
        (None, Path("x.PARQUET"), False, Format.PARQUET),
        (Format.JSON, Path("x.txt"), False, Format.JSON),
    ],
)
def test_format_is_as_asked_or_by_name(given, output, as_json, expected):
    assert chosen_format(given, output, as_json=as_json) is expected


@pytest.mark.parametrize(
    ("given", "output", "as_json"),
    [
        (Format.CSV, None, True),
        (Format.PARQUET, None, False),
        (None, Path("x.txt"), False),
    ],
)
def test_contradictions_are_usage(given, output, as_json):
    with pytest.raises(UsageError):
        chosen_format(given, output, as_json=as_json)


def test_json_is_exact_and_alone(capsys):
    write_answer(ANSWER, Format.JSON, None)
    assert json.loads(capsys.readouterr().out) == {
        "columns": ANSWER.columns,
        "rows": ANSWER.rows,
        "truncated": False,
    }


def test_csv_survives_quotes_and_line_breaks(capsys):
    write_answer(ANSWER, Format.CSV, None)
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == ANSWER.columns
    assert rows[1][:3] == ["9007199254740993", 'a "b", c', "1"]
    assert json.loads(rows[1][3])["labels"] == ["Neuron"]
    assert rows[2] == ["-1", "line\nbreak", "x", ""]
    assert rows[3] == ["0", "", "true", "[1, 2]"]


def test_parquet_keeps_ids_and_mixed_columns(tmp_path):
    path = tmp_path / "rows.parquet"
    write_answer(ANSWER, Format.PARQUET, path)
    frame = pd.read_parquet(path)
    assert frame["id"].tolist() == [9007199254740993, -1, 0]
    assert frame["mixed"].tolist() == ["1", "x", "true"]


def test_unwritable_file_is_usage(tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        write_answer(ANSWER, Format.CSV, tmp_path / "absent" / "x.csv")
