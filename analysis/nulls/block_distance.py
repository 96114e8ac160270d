"""`block_distance`: connection probability by cell class of source and target, and by distance.

The classes are those of `block` and the bins those of `distance`, so whatever these two keep is
kept here too, and what each pair of classes has at every distance besides.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.nulls import block, null
from analysis.nulls.cells import Cells, cell_model, tested_states
from analysis.nulls.distance import BINS, check, pair_bins, tested_bins
from analysis.nulls.dyads import DyadModel
from analysis.nulls.parameters import Parameters


def exact(circuit: Circuit) -> Cells:
    """Cells of the hard form: connections are kept by classes and distance bin."""
    return Cells.of_connections(circuit, _cells(circuit))


def _tested_cells(circuit: Circuit) -> npt.NDArray[np.int64]:
    """Cell of every tested pair, shape (k,), by the classes of its ends and its distance."""
    return block.tested_cells(circuit) * BINS + tested_bins(circuit)


def tested(circuit: Circuit) -> npt.NDArray[np.float64]:
    """Chances of the states of every pair tested both ways, shape (d, 4)."""
    return tested_states(circuit, _tested_cells(circuit))


def parameters(circuit: Circuit) -> Parameters:
    """Return a cell for the connections of every ordered pair of classes in every bin."""
    return Parameters("connections", _cells(circuit))


@null(
    "block_distance",
    rung=3,
    keeps="the number of connections from every cell class to every other at every distance",
    needs=check,
    exact=exact,
    tested=tested,
    parameters=parameters,
)
def fit(circuit: Circuit) -> DyadModel:
    """Fit the model: for every pair the density of the pairs of its classes and distance bin.

    Raises
    ------
    NullUnavailable
        If a neuron has no soma position, or there are more than `distance.LARGEST` neurons.
    """
    return cell_model(circuit, _cells(circuit))


def _cells(circuit: Circuit) -> npt.NDArray[np.int32]:
    """Cell of every ordered pair, shape (n, n)."""
    bins = pair_bins(circuit)
    classes = block.block_labels(circuit).astype(np.int32)
    number = np.int32(classes.max(initial=0) + 1)
    bins += (classes[:, None] * number + classes[None, :]) * np.int32(BINS)
    return bins
