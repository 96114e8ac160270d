"""Adjacency matrices in Excel workbooks: one sheet of numbers, with or without names around it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

LARGEST = 2**29
"""Bytes of the unpacked workbook."""
EXACT = 10**15
"""Excel keeps 15 digits of a number: an id with more of them is another neuron's."""
SUMS = frozenset({"total", "totals", "sum", "sums", "grand total"})
# A formula whose value is not kept beside it: the program that wrote it never computed it.
_NOT_COMPUTED = re.compile(rb"(?:</f>|<f\s[^>]*/>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")

Rows = list[list[Any]]


def matrix_of(content: bytes) -> tuple[npt.NDArray[np.float64], list[str] | None]:
    """Return the matrix of a workbook, and the names beside its rows if there are any.

    Parameters
    ----------
    content : bytes
        An .xlsx file. One sheet holds numbers; sheets of text alone are passed over.

    Raises
    ------
    ValueError
        If several sheets hold numbers or none does, a cell is no number, names of rows and of
        columns differ, a row adds up the others, or a formula was never computed.
    """
    import openpyxl

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > LARGEST:
            raise ValueError("the workbook is too large for a matrix")
        for member in members:
            if member.filename.startswith("xl/worksheets/") and _NOT_COMPUTED.search(
                archive.read(member)
            ):
                raise ValueError(
                    "a cell holds a formula without its value: open the workbook in Excel, and "
                    "save it"
                )
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        sheets = {
            sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)]
            for sheet in book.worksheets
        }
    finally:
        book.close()
    return _matrix(_sheet_of_numbers(sheets))


def _sheet_of_numbers(sheets: dict[str, Rows]) -> Rows:
    """Return the one sheet with numbers, blank rows left out."""
    numeric = {
        title: [row for row in rows if any(cell is not None for cell in row)]
        for title, rows in sheets.items()
        if any(isinstance(cell, int | float) for row in rows for cell in row)
    }
    if len(numeric) != 1:
        found = ", ".join(numeric) or "none"
        raise ValueError(f"one sheet has to hold numbers; those that do: {found[:200]}")
    return next(iter(numeric.values()))


def _matrix(rows: Rows) -> tuple[npt.NDArray[np.float64], list[str] | None]:
    labels = None
    if any(isinstance(cell, str) for cell in rows[0]) or _is_framed(rows):
        labels = _names([row[0] for row in rows[1:]])
        if labels != _names([cell for cell in rows[0][1:] if cell is not None]):
            raise ValueError(
                "names of rows and of columns are not the same, in the same order (the first row "
                "has to be the names, with nothing above them)"
            )
        if len(set(labels)) != len(labels):
            raise ValueError("a name is there twice")
        rows = [row[1 : len(labels) + 1] for row in rows[1:]]
    numbers = [[0 if cell is None else cell for cell in row] for row in rows]
    for number, row in enumerate(numbers, start=1):
        for cell in row:
            if isinstance(cell, bool) or not isinstance(cell, int | float):
                raise ValueError(f"row {number} of the matrix holds {str(cell)[:40]!r}")
    return np.array(numbers, dtype=np.float64), labels


def _is_framed(rows: Rows) -> bool:
    """Whether numbers around the matrix are names, as pandas writes them: their corner is blank."""
    above, beside = rows[0][1:], [row[0] for row in rows[1:]]
    if rows[0][0] is not None or len(above) < 2:
        return False
    blank = sum(cell is None for row in rows for cell in row)
    if blank == 1:
        return True
    distinct = set(above)
    if None in distinct or len(distinct) != len(above) or distinct != set(beside):
        return False
    if all(row[place] is None for place, row in enumerate(rows) if place < len(row)):
        raise ValueError(
            "its first row and column may be names or numbers of synapses: write a word into "
            "their corner if they are names, else 0"
        )
    return True


def _names(cells: Sequence[Any]) -> list[str]:
    """Return names as text.

    Raises
    ------
    ValueError
        If one is missing, means a sum, or is a number with more digits than Excel keeps.
    """
    names = []
    for cell in cells:
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            if abs(cell) >= EXACT:
                raise ValueError(
                    f"the id {cell} has more digits than Excel keeps: write it as text"
                )
            cell = int(cell) if cell == int(cell) else cell
        name = "" if cell is None else str(cell).strip()
        if not name:
            raise ValueError("a row or a column has no name")
        if name.lower() in SUMS:
            raise ValueError(f"{name!r} is no neuron: leave out what adds up the others")
        names.append(name)
    return names
