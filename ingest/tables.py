"""Tables of text (CSV, TSV) and of columns (Parquet, Feather) from bytes, whatever they are called.

Text stays text here: what a cell means is decided by `ingest.columns`, which turns digits into
integers exactly. What kind of file it is, is told by its first bytes, not by its name.
"""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
from pyarrow import csv as arrow_csv

from ingest.report import LISTED, Rows, counted_from
from schemas.errors import InputError, Problem

if TYPE_CHECKING:
    from ingest.readers import SourceFiles

SEPARATORS = ",\t;|"
GZIP, PARQUET, ARROW = b"\x1f\x8b", b"PAR1", b"ARROW1"
OTHER_KINDS = {
    b"PK\x03\x04": "a zip archive (perhaps an Excel workbook)",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a numpy array",
    b"MATLAB 5": "a MATLAB file",
    b"SQLite f": "a SQLite database",
    b"%PDF": "a PDF document",
    b"<?xml": "an XML document",
    b"{": "a JSON document",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
# A text table shrinks to a tenth, perhaps a thirtieth; a bomb to a thousandth.
LARGEST_RATIO, ALWAYS_ALLOWED = 100, 64 * 2**20
_PREAMBLE = re.compile(rb"(?:\s*(?:#[^\r\n]*|sep=[^\r\n])(?:\r\n|\n|\r))+")
CHUNK = 2**20
LONGEST_ROW = 2**24
KINDS = "a complete CSV, TSV, Parquet or Feather file"


@dataclass(frozen=True)
class Table:
    """A table and where its rows stand in the file.

    Attributes
    ----------
    name : str
        Name of the file, for messages.
    arrow : pyarrow.Table
        Distinct column names; text columns of text files, typed ones of Parquet and Feather.
    rows : Rows or None
        Row numbers: a text file is counted by its lines from 1, the header being one of them;
        Parquet and Feather by their rows from 1. None for formats without rows.
    """

    name: str
    arrow: pa.Table
    rows: Rows | None

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self.arrow.column_names)

    def __len__(self) -> int:
        return int(self.arrow.num_rows)


def read_table(files: SourceFiles, name: str) -> Table:
    """Read a table from CSV or TSV (also gzipped), Parquet or Feather.

    Raises
    ------
    InputError
        If the file is none of these, is cut off or damaged, is not UTF-8, has rows of different
        lengths, no header, or two columns of one name.
    """
    with files.open(name) as stream:
        content = stream.read()
    return parse_table(content, name)


def parse_table(content: bytes, name: str) -> Table:
    """Read a table from bytes; see `read_table`."""
    if content[:2] == GZIP or name.lower().endswith(".gz"):
        content = gunzip(content, name)
    lower = name.lower()
    if content[:4] == PARQUET or lower.endswith((".parquet", ".pq")):
        table = _columnar(content, name, "Parquet")
    elif content[:6] == ARROW or lower.endswith((".feather", ".arrow")):
        table = _columnar(content, name, "Feather")
    else:
        return _text(content, name)
    return Table(name, table, counted_from(1))


def column_names(path: Path) -> list[str]:
    """Return the names of the columns of a table, without reading its rows.

    Raises
    ------
    InputError
        If it has no readable header.
    """
    with path.open("rb") as stream:
        head = stream.read(CHUNK)
        try:
            if head.startswith(PARQUET):
                return list(pyarrow.parquet.read_schema(stream).names)
            if head.startswith(ARROW):
                return list(pa.ipc.open_file(stream).schema.names)
            if head.startswith(GZIP):
                head = zlib.decompressobj(wbits=31).decompress(head, CHUNK)
        except (pa.ArrowException, OSError, ValueError, zlib.error) as error:
            raise broken(path.name, f"cannot be read: {error}") from None
    return header_names(head, path.name)


def header_names(head: bytes, name: str) -> list[str]:
    """Return the names of the columns of a text table, of its first bytes.

    Raises
    ------
    InputError
        If it has no readable header.
    """
    content, above = _without_preamble(head.removeprefix(b"\xef\xbb\xbf"))
    return _header(content, name, above)[0]


def gunzip(content: bytes, name: str) -> bytes:
    """Decompress gzip, up to a size that a table may have.

    Raises
    ------
    InputError
        If it is cut off or damaged, or unpacks to more than 100 times its size and 64 MiB.
    """
    most = max(ALWAYS_ALLOWED, LARGEST_RATIO * len(content))
    parts: list[bytes] = []
    total = 0
    rest = content
    try:
        while rest:  # a gzip file may have several members
            unpacker = zlib.decompressobj(wbits=31)
            while rest and not unpacker.eof:
                part = unpacker.decompress(rest, CHUNK)
                rest = unpacker.unconsumed_tail
                total += len(part)
                if total > most:
                    raise broken(name, f"unpacks to more than {most >> 20:,} MiB")
                parts.append(part)
            if not unpacker.eof:
                raise broken(name, "ends in the middle of the gzip stream")
            rest = unpacker.unused_data.lstrip(b"\0")  # padding is allowed
    except zlib.error as error:
        raise broken(name, f"is no complete gzip file: {error}") from None
    if not content:
        raise broken(name, "is empty")
    return b"".join(parts)


def broken(name: str, what: str, *, row: int | None = None, expected: str = KINDS) -> InputError:
    """Error for a file that cannot be read as what it should be."""
    remedy = "give the complete file, in one of the formats of docs/formats.md"
    return InputError([Problem(file=name, row=row, what=what, expected=expected, remedy=remedy)])


def _columnar(content: bytes, name: str, kind: str) -> pa.Table:
    source = pa.BufferReader(content)
    try:
        if kind == "Parquet":
            opened = pyarrow.parquet.ParquetFile(source)
            _distinct(opened.schema_arrow.names, name, None)
            table = opened.read()
        else:
            table = pyarrow.feather.read_table(source)
            _distinct(table.column_names, name, None)
        table.validate(full=True)  # e.g. text that is not UTF-8, offsets that run backwards
    except (pa.ArrowException, OSError, ValueError, KeyError, MemoryError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise broken(name, f"is no complete {kind} file: {said}") from None
    return table


def _text(content: bytes, name: str) -> Table:
    content, above = _without_preamble(_utf8(content, name))
    names, separator, start, header_row = _header(content, name, above)
    ragged = False

    def note(_: arrow_csv.InvalidRow) -> str:
        nonlocal ragged
        ragged = True
        return "skip"

    body = pa.py_buffer(content).slice(start)
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(body),
            read_options=arrow_csv.ReadOptions(
                column_names=names,
                block_size=LONGEST_ROW,
                # Arrow's threads abort a process that ends soon after (apache/arrow#34314);
                # one thread parses half a gigabyte a second, which is enough.
                use_threads=False,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=note
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            said = str(error).splitlines()[0][:200]
            raise broken(name, f"cannot be read as CSV: {said}") from None
        table = pa.table({column: pa.array([], pa.string()) for column in names})
    if ragged or content.count(b'"') % 2:
        _check_shape(content, name, separator, len(names), above, ragged=ragged)
    rows = _text_rows(content, start, separator, table.num_rows, header_row, above)
    return Table(name, table, rows)


def _utf8(content: bytes, name: str) -> bytes:
    """Return the text without byte order mark, or say where and why it is not UTF-8."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    for magic, kind in OTHER_KINDS.items():
        if content.startswith(magic):
            if b"<things" in content[:CHUNK]:
                kind = "webKnossos skeletons, which have a shape but no synapses"
            what = f"is {kind}, of none of the layouts that are read as connections"
            raise broken(name, what, expected=f"UTF-8 text, or {KINDS}")
    place = content.find(b"\0")
    what = f"byte {place:,} is NUL: the file is binary or UTF-16"
    if place < 0:
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            place, what = error.start, f"byte {error.start:,} is not UTF-8"
        else:
            return content
    raise InputError(
        [
            Problem(
                file=name,
                row=content.count(b"\n", 0, place) + 1,
                what=what,
                expected="UTF-8 text",
                remedy="save the file as UTF-8 (CSV) or as Parquet",
            )
        ]
    )


def _without_preamble(content: bytes) -> tuple[bytes, int]:
    """Take off comments (`# …`) and Excel's `sep=;` above the header; return how many lines."""
    match = _PREAMBLE.match(content)
    above = match.end() if match else 0
    head = content[:above]
    lines = head.count(b"\n") or head.count(b"\r")
    return (content[above:] if above else content), lines


def _header(content: bytes, name: str, above: int) -> tuple[list[str], str, int, int]:
    """Return the column names, the separator, where the rows begin, and the header's last line."""
    # 1 MiB holds any header; a cut inside a character is in no header
    text = io.StringIO(content[:CHUNK].decode("utf-8", errors="ignore"), newline="")
    found: dict[str, tuple[list[str], int, int]] = {}
    for separator in SEPARATORS:
        text.seek(0)
        reader = csv.reader(text, delimiter=separator)
        try:
            cells = next((cells for cells in reader if cells), [])
        except csv.Error as error:
            said = f"has no readable header line: {error}"
            raise broken(name, said, row=above + 1) from None
        found[separator] = cells, text.tell(), above + reader.line_num
    separator = max(SEPARATORS, key=lambda s: len(found[s][0]))
    cells, end, lines = found[separator]
    if not any(cell.strip() for cell in cells):
        what = "has no header line" if content.strip() else "is empty"
        raise broken(name, what, row=above + 1)
    text.seek(0)
    start = len(text.read(end).encode("utf-8"))
    names = [cell.strip() or f"column_{place}" for place, cell in enumerate(cells, start=1)]
    if all(re.fullmatch(r"[+-]?\d+(\.\d+)?", cell) for cell in names):
        raise broken(
            name,
            f"the first line holds numbers only ({', '.join(names)[:60]})",
            row=lines,
            expected="a header line with the names of the columns, e.g. pre,post,weight",
        )
    _distinct(names, name, lines)
    return names, separator, start, lines


def _distinct(names: list[str], file: str, row: int | None) -> None:
    counts = Counter(names)
    repeated = sorted(name for name, count in counts.items() if count > 1)
    if repeated:
        raise InputError(
            [
                Problem(
                    file=file,
                    row=row,
                    column=name,
                    what=f"{counts[name]:,} columns have this name",
                    expected="a name of its own for every column",
                    remedy="rename or remove all but one",
                )
                for name in repeated[:LISTED]
            ],
            found=len(repeated),
        )


def _records(content: bytes, separator: str) -> Iterator[tuple[int, list[str] | None]]:
    """Yield (line on which it begins, cells) of every record; None ends a file within quotes."""
    stream = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
    reader = csv.reader(stream, delimiter=separator, strict=False)
    before = 0
    try:
        for cells in reader:
            if cells:
                yield before + 1, cells
            before = reader.line_num
    except csv.Error:  # a field beyond csv's limit: a quote that is never closed
        yield before + 1, None


def _check_shape(
    content: bytes, name: str, separator: str, width: int, above: int, *, ragged: bool
) -> None:
    """Say which rows have another number of cells than the header, or never end."""
    problems: list[Problem] = []
    found = 0
    last = 1
    for line, cells in _records(content, separator):
        row = above + line
        if cells is None or len(cells) != width:
            found += 1
            if found <= LISTED:
                what = (
                    "a quoted cell is never closed"
                    if cells is None
                    else f"the row has {len(cells)} cell{'s' * (len(cells) != 1)}"
                )
                problems.append(_shape_problem(name, row, what, width))
        last = row
    if not problems and _ends_in_quotes(content, separator):
        problems, found = [_shape_problem(name, last, "a quoted cell is never closed", width)], 1
    if problems:
        raise InputError(problems, found=found)
    if ragged:
        raise broken(name, "cannot be read as CSV: its quotes contradict each other")


def _ends_in_quotes(content: bytes, separator: str) -> bool:
    """Whether the file ends inside a quoted cell.

    A reader that is not strict takes such a cell as ended. A separator and a letter behind the
    text tell: outside quotes the letter is a cell of its own.
    """
    *_, (_, cells) = _records(content + separator.encode() + b"x", separator)
    return cells is None or cells[-1] != "x"


def _shape_problem(name: str, row: int, what: str, width: int) -> Problem:
    return Problem(
        file=name,
        row=row,
        what=what,
        expected=f"{width} cell{'s' * (width != 1)}, one for each column",
        remedy="complete the row; a file that ends in the middle was cut off",
    )


def _text_rows(
    content: bytes, start: int, separator: str, count: int, header_row: int, above: int
) -> Rows:
    """Row numbers of a text table; looked for only when somebody asks."""

    def numbers(places: npt.NDArray[np.int64]) -> list[int]:
        ends = content.count(b"\n", start) or content.count(b"\r", start)
        ends += not content.endswith((b"\n", b"\r"))
        if ends == count:  # neither blank lines nor line breaks within cells
            return [header_row + 1 + int(place) for place in places]
        wanted = set(places.tolist())
        found: dict[int, int] = {}
        for place, (row, _) in enumerate(_records(content, separator), start=-1):
            if place in wanted:
                found[place] = above + row
            if len(found) == len(wanted):
                break
        return [found.get(place, header_row + 1 + place) for place in places.tolist()]

    return numbers
