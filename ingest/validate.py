"""Contracts of tables: all failures of a dataset in one report.

Rows are checked as they came, so that a message can name the row of the file; the harmonised tables
are checked against their pandera models, so that no reader can break a contract unnoticed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.errors
import pandera.pandas as pa
import pyarrow

from ingest.matrices import LARGEST
from ingest.pathways import PATHWAYS
from ingest.readers import RawTables
from ingest.report import LISTED, Report
from schemas.errors import Problem
from schemas.records import DatasetManifest, ExpectedCounts, Polarity
from schemas.selection import all_kept
from schemas.tables import CONNECTION_FIELDS, SIDES, CircuitTables

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

NEURONS = pa.DataFrameSchema(
    {
        "neuron_id": pa.Column("int64", unique=True),
        "polarity": pa.Column(object, pa.Check.isin(list(Polarity))),
        "side": pa.Column(object, pa.Check.isin(SIDES), nullable=True),
        **{
            name: pa.Column(object, nullable=True)
            for name in ("type", "instance", "cell_class", "layer", "area", "module")
        },
        **{
            name: pa.Column("float64", pa.Check(np.isfinite, ignore_na=True), nullable=True)
            for name in ("soma_x", "soma_y", "soma_z")
        },
        # A share of the way from pia to white matter; µm in this column would be far beyond.
        "cortical_depth": pa.Column("float64", pa.Check.in_range(-1, 3), nullable=True),
    },
    strict=False,
)


def _ordered(connections: pd.DataFrame) -> bool:
    """Whether rows are sorted by (pre, post) and no pair is there twice, in linear time."""
    pre, post = connections["pre"].to_numpy(), connections["post"].to_numpy()
    later = (pre[1:] > pre[:-1]) | ((pre[1:] == pre[:-1]) & (post[1:] > post[:-1]))
    return bool(later.all())


def _measured(connections: pd.DataFrame) -> bool:
    others = [column for column in connections.columns if column not in CONNECTION_FIELDS]
    return all(
        connections[column].dtype == np.float64 and not np.isinf(connections[column]).any()
        for column in others
    )


CONNECTIONS = pa.DataFrameSchema(
    {
        "pre": pa.Column("int64"),
        "post": pa.Column("int64"),
        "weight": pa.Column("int32", pa.Check.ge(1)),
    },
    checks=[
        pa.Check(_ordered, name="sorted by (pre, post), every pair once"),
        pa.Check(_measured, name="further columns are float64, none infinite"),
    ],
)


def check_rows(raw: RawTables, manifest: DatasetManifest) -> None:
    """Check the rows of a source: weights, ids, references, self-connections, emptiness.

    Raises
    ------
    InputError
        All failures, with file, row and column.
    """
    report = Report()
    rows = raw.connections
    pre, post = rows["pre"].to_numpy(np.int64), rows["post"].to_numpy(np.int64)
    weight = rows["weight"].to_numpy()

    def flag(
        bad: BoolArray, column: str, values: npt.NDArray[Any], expected: str, remedy: str
    ) -> None:
        report.cells(
            bad,
            lambda place: f"found {values[place]}",
            file=raw.connections_file,
            rows=raw.connection_rows,
            column=column,
            expected=expected,
            remedy=remedy,
        )

    flag(
        (weight < 1) | (weight > LARGEST),
        "weight",
        weight,
        f"a number of synapses between 1 and {LARGEST:,}",
        "leave unconnected pairs out; keep other measures in a column of their own",
    )
    apart = pre != post
    if manifest.self_loops == "error":
        flag(
            ~apart,
            "post",
            post,
            "two different neurons",
            "remove the self-connection, or set self_loops to drop or keep",
        )
    if raw.neurons is not None:
        ids = raw.neurons["neuron_id"].to_numpy(np.int64)
        report.cells(
            pd.Series(ids).duplicated().to_numpy(),
            lambda place: f"neuron {_called(raw.neurons, place)} is there already",
            file=raw.neurons_file,
            rows=raw.neuron_rows,
            column="neuron_id",
            expected="every neuron once",
            remedy="remove one of the rows",
        )
        known = np.unique(ids)
        for column, ends in (("pre", pre), ("post", post)):
            flag(
                ~_among(ends, known),
                column,
                ends,
                f"an id of {raw.neurons_file}",
                "add the neuron to the neuron table, or remove the connection",
            )
    alone = manifest.pathways_alone and raw.pathways is not None and len(raw.pathways) > 0
    if not len(rows) and not alone:
        neurons = 0 if raw.neurons is None else len(raw.neurons)
        what = f"it has {neurons:,} neurons and no connection" if neurons else "it is empty"
        report.add([_whole(raw.connections_file, what, "at least one connection")], 1)
    elif len(rows) and manifest.self_loops == "drop" and not apart.any():
        what = "every row connects a neuron with itself"
        report.add([_whole(raw.connections_file, what, "at least one other connection")], 1)
    if raw.tested is not None:
        tests = pd.MultiIndex.from_frame(raw.tested[["pre", "post"]])
        flag(
            ~pd.MultiIndex.from_arrays([pre, post]).isin(tests),
            "post",
            post,
            "a pair that was tested",
            "list every tested pair, the connected ones too",
        )
    report.settle()


def check_tables(tables: CircuitTables, manifest: DatasetManifest) -> None:
    """Check harmonised tables against their contracts and the manifest's golden counts.

    Raises
    ------
    InputError
        All failures.
    """
    report = Report()
    for name, schema, frame in (
        ("neurons", NEURONS, tables.neurons),
        ("connections", CONNECTIONS, tables.connections),
        ("pathways", PATHWAYS, tables.pathways),
    ):
        if frame is None:
            continue
        try:
            schema.validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            cases = errors.failure_cases
            problems = [
                Problem(
                    file=f"{manifest.dataset} {name}",
                    row=None if pd.isna(case.index) else int(case.index) + 1,
                    column=None if case.column is None else str(case.column),
                    what=f"{case.failure_case!r} fails {case.check}",
                    expected="what schemas/tables.py declares",
                    remedy="correct the reader or its options",
                )
                for case in cases.head(LISTED).itertuples(index=False)
            ]
            report.add(problems, len(cases))
    _check_frame(report, tables, manifest)
    _check_counts(report, tables, manifest)
    report.settle()


def _check_counts(report: Report, tables: CircuitTables, manifest: DatasetManifest) -> None:
    """Report golden counts that the tables do not have."""
    expected = manifest.expected
    pathways = 0 if tables.pathways is None else len(tables.pathways)
    found = ExpectedCounts(
        neurons=len(tables.neurons), connections=len(tables.connections), pathways=pathways
    )
    if expected is not None and found != expected:
        problem = _whole(manifest.dataset, _sizes(found), f"{_sizes(expected)} (golden counts)")
        report.add([problem], 1)


def _sizes(counts: ExpectedCounts) -> str:
    said = f"{counts.neurons:,} neurons and {counts.connections:,} connections"
    return f"{said}, {counts.pathways:,} pathways" if counts.pathways else said


def _check_frame(report: Report, tables: CircuitTables, manifest: DatasetManifest) -> None:
    """Report connections of pairs that could not be observed: they contradict the frame."""
    frame = manifest.frame
    if (frame.kind == "pairs") != (tables.tested is not None):
        what = "pairs were tested one by one" if tables.tested is not None else "no tested pairs"
        remedy = "correct the frame in the manifest"
        report.whole(manifest.dataset, what, f"what a frame {frame.kind!r} says", remedy)
    sides = {"pre": frame.sources, "post": frame.targets}
    for column, conditions in sides.items():
        if not conditions:
            continue
        wanted = sorted({condition.column for condition in conditions})
        listed = [name for name in wanted if name in tables.neurons]
        if listed != wanted:
            listed = [str(name) for name in tables.neurons]  # the error names them all
        neurons = pyarrow.Table.from_pandas(tables.neurons[listed], preserve_index=False)
        seen = tables.neurons["neuron_id"].to_numpy()[
            all_kept(neurons, conditions, manifest.dataset)
        ]
        ends = tables.connections[column].to_numpy()
        unseen = ends[~_among(ends, np.sort(seen))]
        if unseen.size:
            side = "outputs" if column == "pre" else "inputs"
            report.whole(
                f"{manifest.dataset} connections",
                f"neuron {unseen[0]} has {side}, which by its frame ({frame.kind}) were not seen",
                f"connections of observable pairs only; {unseen.size:,} are not",
                "correct the frame in the manifest, or remove these connections",
            )


def _among(values: IntArray, known: IntArray) -> BoolArray:
    """Whether each value is one of the sorted `known`."""
    if not known.size:
        return np.zeros(values.shape, np.bool_)
    if int(known[-1]) - int(known[0]) == known.size - 1:  # without gaps: no need to search
        inside: BoolArray = (values >= known[0]) & (values <= known[-1])
        return inside
    places = np.minimum(np.searchsorted(known, values), known.size - 1)
    return np.asarray(known[places] == values, dtype=np.bool_)


def _called(neurons: pd.DataFrame | None, place: int) -> str:
    """Return the name of a neuron if it has one, else its id, as a message says it."""
    if neurons is None:
        return str(place)
    # by column: a row of numbers alone would be floats, and the id a neighbour's
    name = neurons["instance"].iloc[place] if "instance" in neurons else None
    return str(neurons["neuron_id"].iloc[place]) if pd.isna(name) else repr(name)


def _whole(file: str, what: str, expected: str) -> Problem:
    return Problem(file=file, what=what, expected=expected, remedy="give the complete file")
