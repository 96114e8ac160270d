"""Pathways: what is known of connections from one type of neuron to another.

A pathway is no circuit: it tells how probable a connection is, how many synapses it has and how
both change with distance, but of no single neuron. Readers give the columns that their source has;
here they become `schemas.tables.PATHWAY_FIELDS`, complete, in our terms and checked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyarrow

from schemas.tables import PATHWAY_FIELDS
from schemas.vocabularies import vocabulary

LISTS = ("distance_um", "probability_at")
KEY = ["pre_type", "post_type", "doi"]


def _share(values: pd.Series[float]) -> pd.Series[bool]:
    return values.between(0, 1)


def _positive(values: pd.Series[float]) -> pd.Series[bool]:
    return (values >= 0) & np.isfinite(values)


def _found_among_tested(frame: pd.DataFrame) -> pd.Series[bool]:
    """Whether found ≤ tested; a percentage may have its number of tests and no count of hits."""
    return (frame["found"].fillna(0) <= frame["tested"].fillna(0)).astype(bool)


def _one_probability_a_distance(frame: pd.DataFrame) -> pd.Series[bool]:
    pairs = zip(frame["distance_um"], frame["probability_at"], strict=True)
    return pd.Series([_curve(where, what) for where, what in pairs], frame.index, dtype=bool)


def _curve(distances: list[float] | None, probabilities: list[float] | None) -> bool:
    """Whether these are probabilities at increasing distances, or neither is given."""
    if distances is None or probabilities is None:
        return distances is None and probabilities is None
    where, what = np.asarray(distances), np.asarray(probabilities)
    if not where.size == what.size > 0:
        return False
    increasing = where[0] >= 0 and (np.diff(where) > 0).all() and np.isfinite(where).all()
    return bool(increasing and ((what >= 0) & (what <= 1)).all())


def _says_something(frame: pd.DataFrame) -> pd.Series[bool]:
    """Whether a row has a figure, and not only the names of its types."""
    figures = ["found", "probability", "connections", "synapses", "synapses_per_cell"]
    return frame[figures].notna().any(axis=1)


def _column(name: str, kind: pyarrow.DataType) -> pa.Column:
    if pyarrow.types.is_string(kind):
        return pa.Column(object, nullable=name not in KEY[:2])
    if pyarrow.types.is_integer(kind):
        return pa.Column("Int64", pa.Check.ge(0), nullable=True)
    if pyarrow.types.is_list(kind):
        return pa.Column(object, nullable=True)
    check = _share if name == "probability" else _positive
    return pa.Column("float64", pa.Check(check, name=check.__name__, ignore_na=True), nullable=True)


PATHWAYS = pa.DataFrameSchema(
    {name: _column(name, kind) for name, kind in PATHWAY_FIELDS.items()},
    checks=[
        pa.Check(_found_among_tested, name="found ≤ tested"),
        pa.Check(_one_probability_a_distance, name="a probability at every increasing distance"),
        pa.Check(_says_something, name="at least one figure"),
    ],
    strict=True,
)


def harmonise_pathways(given: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, dict[str, int]]]:
    """Bring pathways of a reader into `PATHWAY_FIELDS`.

    Parameters
    ----------
    given : DataFrame
        Some of the columns of `PATHWAY_FIELDS`; classes and layers are names of the vocabularies.

    Returns
    -------
    pathways : DataFrame
        All columns, sorted by type and DOI.
    unmapped : dict
        Column → {word that is no name of its vocabulary: number of pathways}; they become null.
    """
    table = pd.DataFrame(
        {name: _values(given, name, kind) for name, kind in PATHWAY_FIELDS.items()}
    )
    unmapped = {}
    for end in ("pre", "post"):
        for column, terms in ((f"{end}_class", "cell_classes"), (f"{end}_layer", "layers")):
            strange = table[column].notna() & ~table[column].isin(list(vocabulary(terms)))
            if strange.any():
                counted = table.loc[strange, column].value_counts()
                unmapped[column] = {str(word): int(count) for word, count in counted.items()}
                table[column] = table[column].mask(strange, None)
    return table.sort_values(KEY, kind="stable", ignore_index=True), unmapped


def _values(given: pd.DataFrame, name: str, kind: pyarrow.DataType) -> Any:
    """One column with nulls where the source has nothing."""
    if name not in given:
        column: Any = [None] * len(given)
    else:
        column = [None if _missing(cell) else cell for cell in given[name]]
    if pyarrow.types.is_integer(kind):
        return pd.array(column, dtype="Int64")
    if pyarrow.types.is_floating(kind):
        return np.array([np.nan if cell is None else cell for cell in column], np.float64)
    made = np.empty(len(column), dtype=object)
    for place, cell in enumerate(column):
        listed = cell is not None and pyarrow.types.is_list(kind)
        made[place] = [float(value) for value in cell] if listed else cell
    return made


def _missing(cell: Any) -> bool:
    return cell is None or (not isinstance(cell, list) and bool(pd.isna(cell)))
