"""Dense and sparse matrices of synapse counts → rows of connections."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from schemas.errors import InputError, Problem

LARGEST = int(np.iinfo(np.int32).max)
COUNTS = "whole numbers of synapses, 0 where there is no connection"

IntArray = npt.NDArray[np.int64]


def connections_of(
    matrix: npt.NDArray[Any], size: int, file: str, *, remedy: str
) -> tuple[IntArray, IntArray, IntArray]:
    """Return row (pre), column (post) and count of every entry that is not 0.

    Parameters
    ----------
    matrix : array, shape (size, size)
    size : int
        Number of neurons.
    file, remedy : str
        For messages.

    Raises
    ------
    InputError
        If the shape is another, or an entry is no count.
    """
    what = None
    if matrix.shape != (size, size):
        shape = " × ".join(f"{side:,}" for side in matrix.shape)
        what, expected = f"the matrix is {shape}", f"{size:,} × {size:,}, one row for each neuron"
    elif matrix.dtype.kind not in "bui" and matrix.dtype.kind != "f":
        what, expected = f"the entries are {matrix.dtype}", COUNTS
    else:
        pre, post = np.nonzero(matrix)
        values = matrix[pre, post]
        bad = bad_counts(values)
        if not bad.any():
            return pre.astype(np.int64), post.astype(np.int64), values.astype(np.int64)
        first = int(np.argmax(bad))
        what = f"entry [{pre[first]}, {post[first]}] is {values[first]} ({int(bad.sum()):,} such)"
        expected = COUNTS
    raise InputError([Problem(file=file, what=what, expected=expected, remedy=remedy)])


def bad_counts(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Tell which values are no positive whole numbers of at most 32 bits."""
    if values.dtype.kind == "b":
        return np.zeros(values.shape, np.bool_)
    bad: npt.NDArray[np.bool_] = ~((values > 0) & (values <= LARGEST))  # NaN is neither
    if values.dtype.kind == "f":
        bad |= np.where(bad, 0.0, values) % 1 != 0
    return bad
