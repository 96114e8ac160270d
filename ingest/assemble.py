"""From a table of connections and one of neurons, of whatever format, to raw tables.

Readers of user formats bring their file into two `Table`s and leave the rest to this module: which
column is meant, ids or names, weights and other measures, the neurons' own columns.

Ids are 64-bit integers or names. They are taken as numbers if at least half of all cells of all id
columns look like numbers; each of the others is then an error, because a number with a slip of the
pen must not turn a whole circuit into one of names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingest.columns import (
    NUMBER,
    IntArray,
    Names,
    all_of,
    find,
    integers,
    labels,
    numbers,
    plainly,
    text_of,
    whatever,
)
from ingest.measures import is_measure
from ingest.readers import RawTables, WeightKind
from ingest.report import Report
from ingest.tables import Table
from schemas.errors import InputError, Problem

PRE = Names(
    "pre",
    ("bodyId_pre", "pre_pt_root_id", "pre_root_id", "source_node_id", "@source_node"),
    ("source", "presynaptic", "pre_id", "from", "i"),
)
POST = Names(
    "post",
    ("bodyId_post", "post_pt_root_id", "post_root_id", "target_node_id", "@target_node"),
    ("target", "postsynaptic", "post_id", "to", "j"),
)
WEIGHT = Names("weight", ("syn_count",), ("n_synapses", "synapses", "count", "contacts"))
NEURON_ID = Names(
    "neuron_id",
    ("bodyId", "root_id", "pt_root_id", "node_id", "gid"),
    ("id", "neuron", "name"),
)
LABELS = (
    Names("type", ("cell_type", "primary_type", "mtype")),
    Names("instance"),
    Names("cell_class"),
    Names("polarity", ("synapse_class", "ei")),
    Names("layer"),
    Names("area"),
    Names("side", ("somaSide",)),
    Names("module"),
)
POSITION = (
    Names("soma_x", (), ("x",)),
    Names("soma_y", (), ("y",)),
    Names("soma_z", (), ("z",)),
    Names("cortical_depth"),
)
# What pandas makes of an index, and `ingest.tables` of a column without a name.
_ROW_NUMBERS = re.compile(r"column_\d+|__index_level_\d+__|Unnamed: \d+|index")
_LIKELY_WEIGHT = re.compile(
    r".*(?:weight|strength|counts?|synapses|contacts|values?|n_?syns?|num_?syns?|nr_?syns?)|w"
)
KINDS = frozenset({"type", "kind", "synapse_type", "syn_type", "connection_type", "edge_type"})
ELECTRICAL = frozenset({"electrical", "gap junction", "gap junctions", "gap_junction", "gap", "ej"})
TRUTHS = frozenset({"true", "false", ""})
# What R, pandas, spreadsheets and databases write for a value that they do not have.
MISSING = frozenset({"NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "None", "NULL", "null"})


def assemble(
    edges: Table,
    given: Table | None,
    *,
    strangers: bool = False,
    measures: Sequence[str] = (),
    counts: WeightKind | None = None,
) -> RawTables:
    """Make raw tables of a table of connections and, perhaps, one of neurons.

    Parameters
    ----------
    edges : Table
        A row per connection or per synapse; columns as in `PRE`, `POST`, `WEIGHT`, and measures.
    given : Table or None
        A row per neuron; columns as in `NEURON_ID`, `LABELS`, `POSITION`, and the source's own.
    strangers : bool, optional
        Whether neurons that are in `edges` only are added to the given ones without labels.
    measures : sequence of str, optional
        Columns of `edges` that are measures although their names do not say so.
    counts : str or None, optional
        What the weight counts; if it is not said and there is no weight, rows that repeat no pair
        are connections, and others synapses.

    Returns
    -------
    RawTables
        Neurons are the given ones, else those that occur; names become ids in sorted order and
        are kept in `instance`. Without a weight every row counts one.

    Raises
    ------
    InputError
        Every problem of both tables, with row and column.
    """
    ends = [str(find(edges.columns, names, edges.name, required=True)) for names in (PRE, POST)]
    weight_column = find(edges.columns, WEIGHT, edges.name)
    others = [column for column in edges.columns if column not in (*ends, weight_column)]
    measured = [column for column in others if column in measures or is_measure(column)]
    if weight_column is None:
        unknown = [column for column in others if column not in measured]
        check_unread(edges.name, unknown, row=1, alone=not measured)
    for column in others:
        if column.lower() in KINDS and column not in measured:
            check_chemical(edges.name, column, text_of(edges, column).unique().to_pylist())
    id_columns = [(edges, column) for column in ends]
    if given is not None:
        own = str(find(given.columns, NEURON_ID, given.name, required=True))
        id_columns.append((given, own))
    report = Report()
    names = None
    if _are_numbers(id_columns):
        ids = [_ids(table, column, report) for table, column in id_columns]
    else:
        ids, names = _numbered(id_columns, report)
    weight = np.ones(len(edges), np.int64)
    if weight_column is not None:
        weight = integers(
            edges,
            weight_column,
            report,
            expected="a positive whole number of synapses",
            remedy="weights are numbers of synapses; leave unconnected pairs out, and keep other "
            "measures in a column of their own",
            fits=lambda values: values > 0,
        )
    columns: dict[str, Any] = {"pre": ids[0], "post": ids[1], "weight": weight}
    columns |= {measure: numbers(edges, measure, report) for measure in measured}
    neurons = None
    if given is not None:
        neurons = _neurons(given, id_columns[2][1], ids[2], report)
        if strangers:
            unseen = np.setdiff1d(np.concatenate(ids[:2]), ids[2])
            neurons = pd.concat([neurons, pd.DataFrame({"neuron_id": unseen})], ignore_index=True)
    elif names is not None:
        neurons = pd.DataFrame({"neuron_id": np.arange(1, len(names) + 1, dtype=np.int64)})
    if neurons is not None and names is not None and "instance" not in neurons:
        neurons["instance"] = [names[number - 1] for number in neurons["neuron_id"]]
    report.settle()
    connections = pd.DataFrame(columns)
    if counts is None and weight_column is None:
        repeated = bool(connections.duplicated(["pre", "post"]).any())
        counts = "synapse_count" if repeated else "binary"
    return RawTables(
        neurons,
        connections,
        weight=counts,
        connections_file=edges.name,
        neurons_file=edges.name if given is None else given.name,
        connection_rows=edges.rows,
        neuron_rows=None if given is None else given.rows,
    )


def neuron_table(given: Table) -> pd.DataFrame:
    """Return neurons in our columns from a table of neurons alone.

    Raises
    ------
    InputError
        Every problem of the table.
    """
    own = str(find(given.columns, NEURON_ID, given.name, required=True))
    report = Report()
    names = None
    if _are_numbers([(given, own)]):
        ids = _ids(given, own, report)
    else:
        (ids,), names = _numbered([(given, own)], report)
    neurons = _neurons(given, own, ids, report)
    report.settle()
    if names is not None and "instance" not in neurons:
        neurons["instance"] = [names[number - 1] for number in ids]
    return neurons


def check_unread(
    file: str, columns: Sequence[str], *, row: int | None = None, alone: bool = False
) -> None:
    """Refuse to leave unread what is likely to be the weight, where no weight was found.

    Parameters
    ----------
    file : str
    columns : sequence of str
        What is known neither as an end nor as a weight or a measure.
    row : int, optional
        Row of the header.
    alone : bool, optional
        Whether a single column is likely to be the weight whatever its name: where there is
        nothing else beside the ids.

    Raises
    ------
    InputError
        With the column that may be the weight.
    """
    others = [column for column in columns if not _ROW_NUMBERS.fullmatch(column)]
    likely = [column for column in others if _LIKELY_WEIGHT.fullmatch(column.lower())]
    if alone and len(columns) == 1:
        likely = others
    if likely:
        raise InputError(
            [
                Problem(
                    file=file,
                    row=row,
                    column=likely[0],
                    what="the column is not known",
                    expected=str(WEIGHT),
                    remedy="rename it to 'weight' if it holds numbers of synapses, or to what it "
                    "measures with its unit (contact_area_um2); else remove it, and every row "
                    "counts as one synapse",
                )
            ]
        )


def check_chemical(file: str, column: str, kinds: Iterable[Any]) -> None:
    """Refuse connections of which some are electrical: they would be added to the chemical ones.

    Parameters
    ----------
    file, column : str
    kinds : iterable
        What the column holds.

    Raises
    ------
    InputError
        With the word that means an electrical connection.
    """
    found = sorted({str(kind) for kind in kinds if str(kind).strip().lower() in ELECTRICAL})
    if found:
        remedy = "leave out the rows of electrical connections, which have no direction"
        what = f"some rows hold {found[0]!r}, and would be added to the others"
        expected = "chemical synapses only"
        raise InputError(
            [Problem(file=file, column=column, what=what, expected=expected, remedy=remedy)]
        )


def _ids(table: Table, column: str, report: Report) -> IntArray:
    """Ids that are numbers; a root id of 0 is no cell, but a place where no segment was found."""
    if not column.lower().endswith("root_id"):
        return integers(table, column, report)
    return integers(
        table,
        column,
        report,
        expected="the root id of a cell; a root id is 0 where no segment was found",
        remedy="leave out what is not attached to a segment; write ids in full, as digits only",
        fits=lambda values: values != 0,
    )


def _are_numbers(id_columns: Sequence[tuple[Table, str]]) -> bool:
    """Whether ids are meant as numbers; see the head of this module."""
    texts = []
    for table, column in id_columns:
        kind = table.arrow.column(column).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        textual = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        if not textual and not pa.types.is_integer(kind):
            return True  # floats, truth values: `integers` says what is wrong
        texts.append(text_of(table, column))
    if all(plainly(text) is not None for text in texts):
        return True
    filled = all_of(texts, lambda cells: pc.not_equal(cells, ""))
    numeric = all_of(texts, lambda cells: pc.match_substring_regex(cells, NUMBER))
    return 2 * numeric >= filled


def _numbered(
    id_columns: Sequence[tuple[Table, str]], report: Report
) -> tuple[list[IntArray], list[str]]:
    """Give neurons with names the numbers from 1, in sorted order of the names."""
    texts = [text_of(table, column) for table, column in id_columns]
    every = [name for name in pa.concat_arrays(texts).unique().to_pylist() if name not in MISSING]
    if {name.lower() for name in every} <= TRUTHS:
        table, column = id_columns[0]
        report.whole(
            table.name,
            f"columns {column!r} and others hold true and false only",
            "ids or names of neurons",
            "rename the columns that hold the ids to 'pre' and 'post'",
        )
    names = sorted(name for name in every if name)
    made: list[IntArray] = []
    for (table, column), text in zip(id_columns, texts, strict=True):
        places = pc.index_in(text, value_set=pa.array(names, pa.string()))
        report.cells(
            places.is_null().to_numpy(zero_copy_only=False),
            partial(_no_name, text),
            file=table.name,
            rows=table.rows,
            column=column,
            expected="the name of a neuron",
            remedy="complete the row or remove it",
        )
        filled: npt.NDArray[np.int64] = pc.fill_null(places, 0).to_numpy(zero_copy_only=False)
        made.append(filled.astype(np.int64) + 1)
    return made, names


def _no_name(text: pa.StringArray, place: int) -> str:
    found = text[place].as_py()
    return f"found {found!r}, which means no value" if found else "the cell is empty"


def _neurons(table: Table, id_column: str, ids: IntArray, report: Report) -> pd.DataFrame:
    """Neuron table in our column names; columns of the source's own follow unchanged."""
    made: dict[str, Any] = {"neuron_id": ids}
    used = {id_column}
    for known in LABELS:
        column = find([c for c in table.columns if c not in used], known, table.name)
        if column is not None:
            made[known.ours] = labels(table, column)
            used.add(column)
    for known in POSITION:
        column = find([c for c in table.columns if c not in used], known, table.name)
        if column is not None:
            made[known.ours] = numbers(table, column, report)
            used.add(column)
    for column in table.columns:
        if column not in used and column not in made and not _ROW_NUMBERS.fullmatch(column):
            made[column] = whatever(table, column)
    return pd.DataFrame(made)


def table_of(name: str, columns: Mapping[str, Sequence[Any]]) -> Table:
    """Make a table of values that came from a format without rows (GraphML, JSON).

    A column whose values are of several types becomes text, lists and records become JSON.

    Parameters
    ----------
    name : str
        Name of the file.
    columns : mapping of str to sequence
        None where there is no value.
    """
    made = {}
    for column, given in columns.items():
        values = [json.dumps(v) if isinstance(v, list | dict) else v for v in given]
        try:
            made[column] = pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            made[column] = pa.array([None if v is None else str(v) for v in values], pa.string())
    return Table(name, pa.table(made), None)
