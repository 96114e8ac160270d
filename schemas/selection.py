"""Choosing neurons by the conditions of a manifest."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import UsageError
from schemas.records import Condition


def kept(neurons: pa.Table, condition: Condition, dataset: str) -> pa.Array:
    """Whether a condition holds for each neuron; a neuron without a value is not kept.

    Raises
    ------
    UsageError
        If there is no such column, or the condition does not suit its type.
    """
    if condition.column not in neurons.column_names:
        raise UsageError(
            f"{dataset} has no neuron column {condition.column!r} to select by",
            remedy=f"it has {', '.join(neurons.column_names)}",
        )
    column = neurons[condition.column]
    chosen = pc.is_valid(column)
    try:
        if condition.isin is not None:
            wanted = pa.array(condition.isin).cast(column.type)
            chosen = pc.and_(chosen, pc.is_in(column, value_set=wanted))
        if condition.minimum is not None:
            chosen = pc.and_(
                chosen, pc.fill_null(pc.greater_equal(column, condition.minimum), False)
            )
        if condition.maximum is not None:
            below = pc.less_equal(column, condition.maximum)
            chosen = pc.and_(chosen, pc.fill_null(below, False))
    except pa.ArrowException:
        raise UsageError(
            f"{dataset}: the condition {condition.model_dump(exclude_none=True)} does not suit "
            f"column {condition.column!r}, which holds {column.type}",
            remedy="correct the manifest",
        ) from None
    return chosen


def all_kept(
    neurons: pa.Table, conditions: Iterable[Condition], dataset: str
) -> npt.NDArray[np.bool_]:
    """Whether all conditions hold for each neuron, shape (n,)."""
    chosen = np.ones(len(neurons), np.bool_)
    for condition in conditions:
        chosen &= kept(neurons, condition, dataset).to_numpy(zero_copy_only=False)
    return chosen
