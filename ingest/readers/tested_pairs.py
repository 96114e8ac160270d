"""Paired recordings: a table with one row per ordered pair of neurons that was tested.

A column says whether a connection was found. Pairs without a row were not tested, which is not the
same as unconnected: the reader returns the tested pairs beside the connections. Numbers of cells
often begin anew in every slice; a column of the cluster then makes them different neurons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingest.assemble import POST, PRE, assemble
from ingest.columns import Names, find, text_of
from ingest.measures import is_measure
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, register
from ingest.report import Report
from ingest.tables import Table, read_table
from schemas.errors import InputError
from schemas.records import Evidence, ObservationFrame

CONNECTED = Names("connected", ("has_synapse",), ("is_connected", "connection_found"))
CLUSTER = Names("cluster", ("ext_id", "experiment_id"), ("slice", "slice_id", "experiment"))
FOUND = frozenset({"true", "t", "yes", "y", "1"})
NOT_FOUND = frozenset({"false", "f", "no", "n", "0"})


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for a table of tested pairs."""
    try:
        known = [find(probe.columns, names, probe.path.name) for names in (PRE, POST, CONNECTED)]
    except InputError:
        return None
    return {} if all(known) else None


@register(
    "tested_pairs",
    recognise=recognise,
    what="paired recordings, one row per pair that was tested",
    evidence=Evidence.PAIRED_RECORDING,
)
def read_tested_pairs(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read tested pairs and the connections among them.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the table, with `pre`, `post`, `connected` and, optional, `cluster`
        and measures; `neurons`, optional: name of a table of neurons.

    Returns
    -------
    RawTables
        A connection for every row in which one was found, weight 1; `tested` holds every row's
        pair. With clusters a neuron is called `cluster/cell`, and `module` is its cluster.

    Raises
    ------
    InputError
        Every problem of the tables, with row and column.
    """
    given = read_table(files, str(options["connections"]))
    column = str(find(given.columns, CONNECTED, given.name, required=True))
    report = Report()
    found = _truths(given, column, report)
    cluster = find(given.columns, CLUSTER, given.name)
    pairs = given if cluster is None else _in_clusters(given, cluster, report)
    report.settle()
    own = read_table(files, str(options["neurons"])) if options.get("neurons") else None
    ends = [str(find(pairs.columns, names, pairs.name, required=True)) for names in (PRE, POST)]
    kept = [name for name in pairs.columns if name in ends or is_measure(name)]
    rows = Table(pairs.name, pairs.arrow.select(kept), pairs.rows)
    raw = assemble(rows, own, counts="binary")
    tested = raw.connections[["pre", "post"]]
    _check_pairs(tested, raw, found, report, clusters=cluster is not None)
    report.settle()
    places = np.flatnonzero(found)
    numbers = raw.connection_rows
    return replace(
        raw,
        neurons=_neurons(raw, tested, with_clusters=cluster is not None and own is None),
        connections=raw.connections[found].reset_index(drop=True),
        connection_rows=None if numbers is None else lambda at: numbers(places[at]),
        tested=tested,
        frame=ObservationFrame(kind="pairs"),
    )


def _truths(table: Table, column: str, report: Report) -> npt.NDArray[np.bool_]:
    """Whether a connection was found, for every row."""
    if pa.types.is_boolean(table.arrow.schema.field(column).type):
        words = pc.cast(table.arrow.column(column), pa.string())
    else:
        words = pa.chunked_array([text_of(table, column)])
    text = pc.utf8_lower(pc.fill_null(words, "")).combine_chunks().to_pylist()
    report.cells(
        np.array([word not in FOUND | NOT_FOUND for word in text], np.bool_),
        lambda place: f"found {text[place]!r}" if text[place] else "the cell is empty",
        file=table.name,
        rows=table.rows,
        column=column,
        expected="true or false: whether the test found a connection",
        remedy="leave out the rows of pairs that were not tested",
    )
    return np.array([word in FOUND for word in text], np.bool_)


def _in_clusters(table: Table, column: str, report: Report) -> Table:
    """Name every cell after its cluster, so that cell 1 of one slice is not that of another."""
    clusters = text_of(table, column)
    report.cells(
        pc.equal(clusters, "").to_numpy(zero_copy_only=False),
        lambda _: "the cell is empty",
        file=table.name,
        rows=table.rows,
        column=column,
        expected="the cluster in which the pair was tested",
        remedy="complete the row, or remove the column if cells have distinct ids",
    )
    arrow = table.arrow
    for names in (PRE, POST):
        end = str(find(table.columns, names, table.name, required=True))
        cells = text_of(table, end)
        joined = pc.if_else(
            pc.equal(cells, ""), "", pc.binary_join_element_wise(clusters, cells, "/")
        )
        place = arrow.column_names.index(end)
        arrow = arrow.set_column(place, end, joined)
    return Table(table.name, arrow, table.rows)


def _check_pairs(
    tested: pd.DataFrame,
    raw: RawTables,
    found: npt.NDArray[np.bool_],
    report: Report,
    *,
    clusters: bool,
) -> None:
    """Report neurons paired with themselves, and pairs that are there twice."""
    report.cells(
        (tested["pre"] == tested["post"]).to_numpy(),
        lambda _: "a neuron is paired with itself",
        file=raw.connections_file,
        rows=raw.connection_rows,
        column="post",
        expected="two different neurons",
        remedy="remove the row",
    )
    known = tested.assign(found=found)
    results = known.groupby(["pre", "post"])["found"].transform("nunique")
    report.cells(
        (results > 1).to_numpy(),
        lambda _: "the pair is there twice, once connected and once not",
        file=raw.connections_file,
        rows=raw.connection_rows,
        column="connected",
        expected="one result for a pair",
        remedy="decide for one of the rows, and remove the other",
    )
    report.cells(
        (tested.duplicated() & (results == 1)).to_numpy() & (not clusters),
        lambda _: "the pair is there twice",
        file=raw.connections_file,
        rows=raw.connection_rows,
        column="post",
        expected="one row for a pair",
        remedy="if numbers of cells begin anew in every slice, call the slice's column 'cluster'; "
        "else remove the row",
    )


def _neurons(raw: RawTables, tested: pd.DataFrame, *, with_clusters: bool) -> pd.DataFrame:
    """Every neuron that was tested, whether or not it has a connection."""
    if raw.neurons is None:
        return pd.DataFrame({"neuron_id": np.unique(tested.to_numpy())})
    neurons = raw.neurons
    if with_clusters:
        neurons = neurons.assign(module=neurons["instance"].str.rpartition("/")[0])
    return neurons
