"""Synapses in Parquet, far more than fit into memory → connections in Parquet.

The rows are read in slices of whole row groups; each slice is grouped by DuckDB and written apart,
split by presynaptic neuron; then every split is merged on its own. A slice that is finished is not
read again, so that an interrupted job resumes. Conditions are applied to each synapse on the way,
and what each of them leaves out is counted.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.assemble import NEURON_ID, POST, PRE
from ingest.columns import IN_FULL, find, integers
from ingest.conditions import Choice, Condition, check_sums, may_be
from ingest.job import Progress
from ingest.report import Report
from ingest.sources import provide_files
from ingest.tables import read_table
from schemas.errors import InputError, Problem, UsageError

SLICE_ROWS = 8_000_000
SPLIT_ROWS = 8_000_000
BATCH_ROWS = 1_048_576
# Fates of a synapse; a condition is called by its own text.
KEPT, UNASSIGNED, STRANGER, SELF = "kept", "unassigned", "strangers", "self"


@dataclass
class Tally:
    """What was counted.

    Attributes
    ----------
    synapses : int
        Rows read.
    fates : dict of str to int
        Synapses that were kept, were unassigned (an end is empty or 0), end at a neuron that is
        not in the neuron table (strangers), from a neuron to itself (self), or fail a condition;
        the first that applies, in this order with the conditions after `unassigned`.
    connections, weak : int
        Connections written, and those with fewer synapses than the minimum.
    resumed : int
        Slices that were there from an interrupted job.
    """

    synapses: int = 0
    fates: dict[str, int] = field(default_factory=dict)
    connections: int = 0
    weak: int = 0
    resumed: int = 0


@dataclass(frozen=True)
class _Slice:
    path: Path
    groups: tuple[int, ...]
    rows: int


@dataclass(frozen=True)
class _Columns:
    pre: str
    post: str


def connections_of(
    sources: Sequence[Path],
    target: Path,
    choice: Choice | None = None,
    *,
    neurons: Path | None = None,
    memory: str = "3GB",
    threads: int = 2,
    progress: Progress | None = None,
) -> Tally:
    """Count the synapses of every connection.

    Parameters
    ----------
    sources : sequence of Path
        Parquet files, one row per synapse, with the presynaptic and the postsynaptic neuron under
        any name that a connection table may use.
    target : Path
        Parquet file to make: `pre`, `post`, `weight` (synapses), and the sums. While it is made,
        what is finished stands in a folder `<target>.part`.
    choice : Choice, optional
    neurons : Path or None, optional
        Neuron table; synapses count if both ends are in it.
    memory : str, optional
        What DuckDB may take; beyond it, it uses the disk.
    threads : int, optional
    progress : callable, optional

    Returns
    -------
    Tally

    Raises
    ------
    InputError
        If a file is missing, damaged, or lacks a column; nothing stays behind.
    UsageError
        If the target is there already, a file is named twice, or an option is impossible.
    """
    choice = choice or Choice()
    if target.exists():
        raise UsageError(f"{target} is there already", remedy="name a new file, or move it away")
    twice = [str(p) for p, count in Counter(p.resolve() for p in sources).items() if count > 1]
    if twice:
        raise UsageError(
            f"{twice[0]} is named twice: its synapses would count twice",
            remedy="name every file once",
        )
    check_sums(choice.sums)
    plans = {path: _columns(path, choice) for path in sources}
    slices = [piece for path in sources for piece in _slices(path)]
    splits = max(1, -(-sum(piece.rows for piece in slices) // SPLIT_ROWS))
    work = target.with_name(f"{target.name}.part")
    with duckdb.connect() as database:
        # its own bar would go to standard output, which carries the answer
        database.execute("SET enable_progress_bar = false")
        try:
            database.execute("SET memory_limit = ?", [memory])
        except duckdb.Error:
            raise UsageError(f"{memory!r} is no amount of memory", remedy="write 3GB") from None
        database.execute("SET threads = ?", [threads])
        database.execute("SET temp_directory = ?", [str(work / "spilled")])
        database.execute("SET preserve_insertion_order = false")
        if neurons is not None:
            _load_neurons(database, neurons)
        _prepare(work, _plan(sources, choice, neurons, splits))
        try:
            tally = Tally()
            for number, piece in enumerate(slices):
                if progress is not None:
                    progress("synapses", tally.synapses, sum(one.rows for one in slices))
                done = work / f"slice-{number:05d}"
                if done.exists():
                    tally.resumed += 1
                else:
                    reduce = _reduction(plans[piece.path], choice, cells=neurons is not None)
                    _write_slice(database, piece, plans[piece.path], choice, reduce, done)
                fates = json.loads((done / "fates.json").read_text())
                tally.fates = dict(Counter(tally.fates) + Counter(fates))
                tally.synapses += piece.rows
            _merge(database, work, choice, splits, tally, progress)
        except InputError:
            shutil.rmtree(work, ignore_errors=True)
            raise
        (work / "connections.parquet").replace(target)
    shutil.rmtree(work, ignore_errors=True)
    return tally


def _columns(path: Path, choice: Choice) -> _Columns:
    """Find the columns of a file and check their types; only its footer is read."""
    with _told(path):
        schema = pq.read_schema(path)
    pre = find(schema.names, PRE, str(path), required=True) or ""
    post = find(schema.names, POST, str(path), required=True) or ""
    problems = [
        _problem(path, f"its type is {schema.field(name).type}", "64-bit integers", IN_FULL, name)
        for name in (pre, post)
        if not pa.types.is_integer(schema.field(name).type)
    ]
    numeric = {c.column for c in choice.conditions if c.sign != "="} | set(choice.sums)
    for name in sorted(numeric | {c.column for c in choice.conditions}):
        if name not in schema.names:
            found = f"there is no such column; found {', '.join(schema.names)[:200]}"
            remedy = "name a column of the file"
            problems.append(_problem(path, found, "a column of synapses", remedy, name))
        elif name in numeric and not _is_number(schema.field(name).type):
            found = f"its type is {schema.field(name).type}"
            remedy = "name a column of numbers, or use = with labels"
            problems.append(_problem(path, found, "numbers", remedy, name))
        elif any(
            not may_be(c, schema.field(name).type) for c in choice.conditions if c.column == name
        ):
            found = f"no value of the type {schema.field(name).type} is written so"
            remedy = "compare fractions with >= and <=, truth values with true or false"
            problems.append(_problem(path, found, "labels or whole numbers", remedy, name))
    used = sorted({pre, post} | numeric | {c.column for c in choice.conditions})
    lowered = Counter(name.lower() for name in used)
    problems += [
        _problem(
            path,
            "another column differs from it in capital letters only",
            "a name of its own",
            "rename one of them",
            name,
        )
        for name in used
        if lowered[name.lower()] > 1
    ]
    if problems:
        raise InputError(problems)
    return _Columns(pre, post)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _slices(path: Path) -> Iterator[_Slice]:
    """Split a file into runs of row groups."""
    footer = pq.read_metadata(path)
    groups: list[int] = []
    rows = 0
    for group in range(footer.num_row_groups):
        size = footer.row_group(group).num_rows
        if groups and rows + size > SLICE_ROWS:
            yield _Slice(path, tuple(groups), rows)
            groups, rows = [], 0
        groups.append(group)
        rows += size
    if groups:
        yield _Slice(path, tuple(groups), rows)


def _load_neurons(database: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Make the table `cells` of the ids in a neuron table."""
    files, _ = provide_files([path])
    table = read_table(files, str(path))
    column = find(table.columns, NEURON_ID, str(path), required=True) or ""
    report = Report()
    ids = integers(table, column, report)
    report.settle()
    database.register("given", pa.table({"id": ids}))
    database.execute("CREATE TEMP TABLE cells AS SELECT DISTINCT id FROM given")
    database.unregister("given")


def _plan(
    sources: Sequence[Path], choice: Choice, neurons: Path | None, splits: int
) -> dict[str, Any]:
    """Everything on which the finished slices depend."""
    return {
        "files": [[str(p.resolve()), p.stat().st_size, p.stat().st_mtime_ns] for p in sources],
        "neurons": None if neurons is None else sha256(neurons.read_bytes()).hexdigest(),
        "conditions": [asdict(condition) for condition in choice.conditions],
        "sums": list(choice.sums),
        "splits": splits,
        "slice_rows": SLICE_ROWS,
    }


def _prepare(work: Path, plan: dict[str, Any]) -> None:
    """Keep the slices of an interrupted job if it was the same job."""
    note = work / "plan.json"
    written = json.dumps(plan, default=list, indent=1)
    if not note.is_file() or note.read_text(encoding="utf-8") != written:
        shutil.rmtree(work, ignore_errors=True)
    try:
        work.mkdir(parents=True, exist_ok=True)
        note.write_text(written, encoding="utf-8")
    except OSError as failure:
        raise UsageError(
            f"{work} cannot be made: {failure.strerror}",
            remedy="name a file in a place that you may write to",
        ) from None


def _reduction(columns: _Columns, choice: Choice, *, cells: bool) -> tuple[str, list[Any]]:
    """Return the statement that groups the synapses of a slice, and its parameters."""
    pre, post = _quoted(columns.pre), _quoted(columns.post)
    cases = [f"WHEN coalesce({pre}, 0) = 0 OR coalesce({post}, 0) = 0 THEN '{UNASSIGNED}'"]
    parameters: list[Any] = []
    for condition in choice.conditions:
        cases.append(f"WHEN NOT coalesce({_holds(condition)}, false) THEN ?")
        as_numbers = [float(value) for value in condition.values if condition.sign != "="]
        parameters += [*(as_numbers or condition.values), str(condition)]
    if cells:
        inside = "IN (SELECT id FROM cells)"
        cases.append(f"WHEN NOT ({pre} {inside} AND {post} {inside}) THEN '{STRANGER}'")
    cases.append(f"WHEN {pre} = {post} THEN '{SELF}'")
    # An empty cell adds nothing to a sum; a sum of nothing is empty.
    sums = "".join(f", sum({_quoted(name)}) AS {_quoted(name)}" for name in choice.sums)
    return (
        f"""
        CREATE OR REPLACE TEMP TABLE grouped AS
        SELECT fate, CASE WHEN fate = '{KEPT}' THEN pre END AS pre,
            CASE WHEN fate = '{KEPT}' THEN post END AS post, count(*) AS weight{sums}
        FROM (
            SELECT {pre}::BIGINT AS pre, {post}::BIGINT AS post,
                CASE {" ".join(cases)} ELSE '{KEPT}' END AS fate
                {"".join(f", {_quoted(name)}" for name in choice.sums)}
            FROM slice
        ) GROUP BY ALL
        """,
        parameters,
    )


def _holds(condition: Condition) -> str:
    name = _quoted(condition.column)
    if condition.sign == "=":
        return f"{name}::VARCHAR IN ({', '.join('?' * len(condition.values))})"
    # DuckDB takes NaN for the largest of all numbers.
    return f"({name} {condition.sign} ?::DOUBLE AND NOT isnan({name}::DOUBLE))"


def _write_slice(
    database: duckdb.DuckDBPyConnection,
    piece: _Slice,
    columns: _Columns,
    choice: Choice,
    reduction: tuple[str, list[Any]],
    done: Path,
) -> None:
    """Group one slice into `done`, which appears whole or not at all."""
    names = {columns.pre, columns.post, *choice.sums, *(c.column for c in choice.conditions)}
    staged = done.with_name(f".{done.name}")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    with _told(piece.path), pq.ParquetFile(piece.path) as file:
        schema = pa.schema([file.schema_arrow.field(name) for name in sorted(names)])
        batches = file.iter_batches(
            BATCH_ROWS, row_groups=list(piece.groups), columns=sorted(names)
        )
        reader = pa.RecordBatchReader.from_batches(schema, batches)
        database.register("slice", reader)
        try:
            database.execute(*reduction)
        finally:
            database.unregister("slice")
    fates = database.execute("SELECT fate, sum(weight)::BIGINT FROM grouped GROUP BY fate")
    (staged / "fates.json").write_text(json.dumps(dict(fates.fetchall())), encoding="utf-8")
    splits = json.loads((done.parent / "plan.json").read_text(encoding="utf-8"))["splits"]
    database.execute(
        f"""
        COPY (
            SELECT * EXCLUDE (fate), (hash(pre) % {splits})::INTEGER AS split
            FROM grouped WHERE fate = '{KEPT}'
        ) TO '{_escaped(staged / "splits")}' (FORMAT parquet, PARTITION_BY (split))
        """
    )
    staged.replace(done)


def _merge(
    database: duckdb.DuckDBPyConnection,
    work: Path,
    choice: Choice,
    splits: int,
    tally: Tally,
    progress: Progress | None,
) -> None:
    """Add the slices up, one split of the presynaptic neurons after the other."""
    sums = "".join(f", sum({_quoted(name)}) AS {_quoted(name)}" for name in choice.sums)
    merged = work / "merged"
    shutil.rmtree(merged, ignore_errors=True)
    merged.mkdir()
    for split in range(splits):
        if progress is not None:
            progress("merging", split, splits)
        found = sorted(work.glob(f"slice-*/splits/split={split}/*.parquet"))
        files = [f"'{_escaped(path)}'" for path in found]
        if not files:
            continue
        every = f"""
            SELECT pre, post, sum(weight)::BIGINT AS weight{sums}
            FROM read_parquet([{", ".join(files)}], hive_partitioning = false) GROUP BY pre, post
            """
        part = _escaped(merged / f"{split:04d}.parquet")
        if choice.minimum > 1:
            database.execute(f"CREATE OR REPLACE TEMP TABLE merged AS {every}")
            every = f"FROM merged WHERE weight >= {int(choice.minimum)}"
            tally.weak += _number(database, "SELECT count(*) FROM merged")
        strong = _number(database, f"COPY ({every}) TO '{part}' (FORMAT parquet)")
        tally.connections += strong
        tally.weak -= strong if choice.minimum > 1 else 0
    if any(merged.iterdir()):
        parts = f"read_parquet('{_escaped(merged)}/*.parquet')"
    else:
        empty = "".join(f", 0::DOUBLE AS {_quoted(name)}" for name in choice.sums)
        none = f"SELECT 0::BIGINT AS pre, 0::BIGINT AS post, 0::BIGINT AS weight{empty}"
        parts = f"({none} WHERE false)"
    staged = _escaped(work / "connections.parquet")
    database.execute(f"COPY (FROM {parts}) TO '{staged}' (FORMAT parquet)")


def _number(database: duckdb.DuckDBPyConnection, statement: str) -> int:
    return int(database.execute(statement).fetchall()[0][0])


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what goes wrong with a Parquet file into one clear error."""
    remedy = "get the file again; a CSV table is read by `isocortex ingest`"
    try:
        yield
    except (pa.ArrowInvalid, OSError, duckdb.Error) as error:
        cause = str(error).splitlines()[0][:200]
        if not path.is_file():
            cause, remedy = "there is no such file", "check the name"
        if isinstance(error, duckdb.ConversionException):
            remedy = IN_FULL
        raise InputError([_problem(path, cause, "a complete Parquet file", remedy)]) from None


def _problem(
    path: Path, what: str, expected: str, remedy: str, column: str | None = None
) -> Problem:
    return Problem(file=str(path), what=what, expected=expected, remedy=remedy, column=column)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
