"""`block_reciprocal`: mutual and one-way pairs by cell class of their neurons.

Every pair of neurons is mutual, one-way in either direction, or none, with the shares that these
have among the pairs of the same two classes: the dyad census of a stochastic block model (Holland,
Laskey & Leinhardt 1983, DOI 10.1016/0378-8733(83)90021-7). It knows no degrees. What it adds to
`block` is reciprocity.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.nulls import null
from analysis.nulls.block import block_labels, class_cells
from analysis.nulls.cells import Cells
from analysis.nulls.dyads import DyadModel
from analysis.nulls.parameters import Parameters


def exact(circuit: Circuit) -> Cells:
    """Cells of the hard form: mutual and one-way pairs are kept by classes exactly."""
    return Cells.of_dyads(circuit, block_labels(circuit))


def tested(circuit: Circuit) -> npt.NDArray[np.float64]:
    """Chances of the states of every pair tested both ways, shape (d, 4)."""
    dyads = circuit.frame.both_ways
    assert dyads is not None
    classes, number = _blocks(circuit)
    linked = circuit.sources().astype(np.int64) * circuit.n + circuit.indices
    forth = np.isin(dyads[:, 0] * circuit.n + dyads[:, 1], linked)
    back = np.isin(dyads[:, 1] * circuit.n + dyads[:, 0], linked)
    a, b = classes[dyads[:, 0]], classes[dyads[:, 1]]
    # Every pair is entered from both of its ends, so those within a class count twice throughout.
    possible, one_way, mutual = np.zeros((3, number, number))
    for here, there, away, home in ((a, b, forth, back), (b, a, back, forth)):
        np.add.at(possible, (here, there), 1)
        np.add.at(one_way, (here, there), away & ~home)
        np.add.at(mutual, (here, there), away & home)
    one_way, mutual = one_way / np.maximum(possible, 1), mutual / np.maximum(possible, 1)
    chance = np.zeros((len(dyads), 4))
    chance[:, 1:] = np.stack([one_way[a, b], one_way[b, a], mutual[a, b]], axis=1)
    chance[:, 0] = 1 - chance.sum(1)
    return chance


def parameters(circuit: Circuit) -> Parameters:
    """Return a cell for the dyads of every two classes, seen from either."""
    return Parameters("dyads", class_cells(circuit))


@null(
    "block_reciprocal",
    rung=6,
    keeps="the number of mutual and of one-way pairs between every two cell classes",
    exact=exact,
    tested=tested,
    parameters=parameters,
)
def fit(circuit: Circuit) -> DyadModel:
    """Fit the model, with the classes of `block`; pairs observable in both directions count."""
    classes, number = _blocks(circuit)
    core = circuit.frame.core
    inside = np.bincount(classes[core], minlength=number)
    # Of ordered pairs: a mutual pair within a class counts twice above and below the line.
    possible = np.maximum(np.outer(inside, inside) - np.diag(inside), 1)
    source, target = circuit.sources().astype(np.int64), circuit.indices.astype(np.int64)
    seen = core[source] & core[target]
    source, target = source[seen], target[seen]
    answered = np.isin(source * circuit.n + target, target * circuit.n + source)
    kinds = classes[source], classes[target]
    one_way, mutual = np.zeros((2, number, number))
    np.add.at(one_way, kinds, ~answered)
    np.add.at(mutual, kinds, answered)
    sizes = np.bincount(classes, minlength=number).astype(np.int64)
    return DyadModel(classes, sizes, one_way / possible, mutual / possible)


def _blocks(circuit: Circuit) -> tuple[npt.NDArray[np.int64], int]:
    classes = block_labels(circuit)
    return classes, int(classes.max(initial=0)) + 1
