"""`block_reciprocal`: mutual and one-way pairs by cell class of their neurons.

Every pair of neurons is mutual, one-way in either direction, or none, with the shares that these
have among the pairs of the same two classes: the dyad census of a stochastic block model (Holland,
Laskey & Leinhardt 1983, DOI 10.1016/0378-8733(83)90021-7). It knows no degrees. What it adds to
`block` is reciprocity.
"""

from __future__ import annotations

import numpy as np

from analysis.circuit import Circuit
from analysis.nulls import null
from analysis.nulls.block import block_labels
from analysis.nulls.cells import Cells
from analysis.nulls.dyads import DyadModel


def exact(circuit: Circuit) -> Cells:
    """Cells of the hard form: mutual and one-way pairs are kept by classes exactly."""
    return Cells.of_dyads(circuit, block_labels(circuit))


@null(
    "block_reciprocal",
    rung=6,
    keeps="the number of mutual and of one-way pairs between every two cell classes",
    exact=exact,
)
def fit(circuit: Circuit) -> DyadModel:
    """Fit the model, with the classes of `block`; pairs observable in both directions count."""
    classes = block_labels(circuit)
    number = int(classes.max(initial=0)) + 1
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
