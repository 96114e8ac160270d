"""`er`: every connection with the same probability."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.nulls import null
from analysis.nulls.dyads import DyadModel, independent


def one_cell(circuit: Circuit) -> npt.NDArray[np.int64]:
    """Cell of every tested pair, shape (k,): all pairs are alike."""
    return np.zeros(circuit.frame.pairs, np.int64)


@null("er", rung=0, keeps="the number of connections", tested=one_cell)
def fit(circuit: Circuit) -> DyadModel:
    """Erdős–Rényi: p = m / (n (n − 1))."""
    density = circuit.density if circuit.n > 1 else 0.0
    return independent(np.zeros(circuit.n, np.int64), np.array([[density]]))
