"""`er`: every connection with the same probability."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.nulls import null
from analysis.nulls.cells import tested_states
from analysis.nulls.dyads import DyadModel, independent
from analysis.nulls.parameters import Parameters


def tested(circuit: Circuit) -> npt.NDArray[np.float64]:
    """Chances of the states of every pair tested both ways, shape (d, 4)."""
    return tested_states(circuit, np.zeros(circuit.frame.pairs, np.int64))


def parameters(_circuit: Circuit) -> Parameters:
    """All pairs are one cell."""
    return Parameters("connections", np.zeros((1, 1), np.int32))


@null("er", rung=0, keeps="the number of connections", tested=tested, parameters=parameters)
def fit(circuit: Circuit) -> DyadModel:
    """Erdős–Rényi: p = m / (n (n − 1))."""
    density = circuit.density if circuit.n > 1 else 0.0
    return independent(np.zeros(circuit.n, np.int64), np.array([[density]]))
