"""`block`: connection probability by cell class of source and target."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.circuit import Circuit
from analysis.nulls import null
from analysis.nulls.cells import tested_states
from analysis.nulls.dyads import DyadModel, independent
from analysis.nulls.parameters import Parameters

# The finest labelling that the neuron table has; a circuit without any is one block.
LABELS = ("cell_class", "type", "polarity")
MOST_BLOCKS = 32


def tested_cells(circuit: Circuit) -> npt.NDArray[np.int64]:
    """Cell of every tested pair, shape (k,), by the classes of its ends."""
    pairs = circuit.frame.tested
    assert pairs is not None
    classes = block_labels(circuit)
    number = classes.max(initial=0) + 1
    return np.asarray(classes[pairs[:, 0]] * number + classes[pairs[:, 1]], np.int64)


def tested(circuit: Circuit) -> npt.NDArray[np.float64]:
    """Chances of the states of every pair tested both ways, shape (d, 4)."""
    return tested_states(circuit, tested_cells(circuit))


def class_cells(circuit: Circuit) -> npt.NDArray[np.int32]:
    """Cell of every ordered pair of classes, shape (K, K)."""
    number = int(block_labels(circuit).max(initial=0)) + 1
    return np.arange(number**2, dtype=np.int32).reshape(number, number)


def parameters(circuit: Circuit) -> Parameters:
    """Return a cell for the connections of every ordered pair of classes."""
    return Parameters("connections", class_cells(circuit))


@null(
    "block",
    rung=1,
    keeps="the number of connections from every cell class to every other",
    tested=tested,
    parameters=parameters,
)
def fit(circuit: Circuit) -> DyadModel:
    """Stochastic block model with the neurons' own labels as blocks.

    Blocks are `cell_class` where it tells neurons apart, else `type` (up to 32 of them), else
    `polarity`, else all neurons are one block and the null equals `er`. Neurons without a label
    form a block of their own.
    """
    classes = block_labels(circuit)
    number = int(classes.max()) + 1 if classes.size else 1
    found = np.zeros((number, number))
    np.add.at(found, (classes[circuit.sources()], classes[circuit.indices]), 1)
    possible = circuit.frame.class_pairs(classes, number)
    share = np.divide(found, possible, out=np.zeros_like(found), where=possible > 0)
    return independent(classes, share)


def block_labels(circuit: Circuit) -> npt.NDArray[np.int64]:
    """Block of every neuron, shape (n,)."""
    for column in LABELS:
        if column not in circuit.neurons:
            continue
        labels = circuit.neurons[column]
        codes, values = pd.factorize(labels.astype("string").fillna("(none)"), sort=True)
        if 1 < len(values) <= MOST_BLOCKS:
            return np.asarray(codes, dtype=np.int64)
    return np.zeros(circuit.n, np.int64)
