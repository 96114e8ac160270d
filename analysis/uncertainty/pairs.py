"""What neurons and pairs contribute to the effect of a motif, refit of the null included.

The effect is log(T/E) with E fitted to the circuit. A pair contributes its share of the observed
instances, less its share of the expected ones, less what its own state shifts the fit by: with
T_ij, E_ij the counts over the pair, Q_ij = T_ij/T − E_ij/E − R_ij. Only Σ Q_ij² and the sums over
the pairs of each neuron are kept, so memory is that of the bit rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.nulls.bands import Bands
from analysis.nulls.dyads import DyadModel
from analysis.nulls.parameters import Parameters
from analysis.uncertainty.bases import fitted_of
from analysis.uncertainty.dense import dense_contributions
from analysis.uncertainty.fitted import Expectation
from analysis.uncertainty.kinds import Kinds, untyped
from analysis.uncertainty.lanes import band_of, means_of
from analysis.uncertainty.slopes import Slopes
from analysis.uncertainty.sparse import sparse_contributions

Floats = npt.NDArray[np.float64]
Path = Literal["dense", "sparse"]

# Seconds, as measured: of the dense path for a neuron cubed and for a pair; of the sparse path for
# a step between neighbours and for a pair that is reached.
CUBE, PAIR, STEP, REACHED = 4e-12, 4e-8, 3e-9, 6e-8


@dataclass(frozen=True, eq=False)
class Contributions:
    """Sums over pairs; the last axis are C kinds of instances.

    Attributes
    ----------
    observed : float64, shape (n, C)
        T_i: instances that a neuron is part of.
    influence : float64, shape (n, C)
        Σ_j Q_ij.
    square : float64, shape (C,)
        Σ_{i<j} Q_ij².
    """

    observed: Floats
    influence: Floats
    square: Floats


def contributions(
    circuit: Circuit,
    model: DyadModel,
    bands: Bands,
    parameters: Parameters,
    expected: Expectation,
    slopes: Slopes,
    counts: Floats,
    path: Path | None = None,
    kinds: Kinds | None = None,
) -> Contributions:
    """Run through all pairs of neurons, class by class.

    Parameters
    ----------
    circuit : Circuit
        All of whose pairs are observable.
    model, bands, parameters, expected, slopes
        The fitted null.
    counts : float64, shape (C,)
        T of every kind.
    path : str, optional
        `dense` (bit rows of all neurons) or `sparse` (pairs that share a neighbour); default the
        quicker one. The numbers are the same.
    kinds : Kinds, optional
        Of the labels of the bands; default `MOTIFS`.
    """
    kinds = kinds or untyped()
    order = np.argsort(model.classes, kind="stable")
    fitted = fitted_of(parameters, expected, slopes, counts, kinds)
    means = means_of(bands)
    rows = (band_of(bands, *band) for band in bands)
    if (path or quicker(circuit)) == "dense":
        observed, influence, square = dense_contributions(
            circuit, model.classes, order, rows, means, fitted
        )
    else:
        observed, influence, square = sparse_contributions(
            circuit, model.classes, order, rows, means, bands.sizes, fitted
        )
    observed /= np.maximum(kinds.pairs - 1, 1)  # a neuron of a triad sees it in two pairs
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    return Contributions(observed[place], influence[place], square)


def quicker(circuit: Circuit) -> Path:
    """Path that takes less time, from what each has to count."""
    dense, sparse = seconds(circuit)
    return "dense" if dense <= sparse else "sparse"


def seconds(circuit: Circuit) -> tuple[float, float]:
    """Estimate the time of the dense and of the sparse path, s, from the circuit alone."""
    n = circuit.n
    degrees = np.diff(circuit.indptr) + np.bincount(circuit.indices, minlength=n)
    steps = float((degrees.astype(np.float64) ** 2).sum()) / 2
    return n**3 * CUBE + n**2 / 2 * PAIR, steps * STEP + min(steps, n**2 / 2) * REACHED
