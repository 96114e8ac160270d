"""`distance`: connection probability by the distance between somata.

Pairs are binned by distance, equally many pairs to a bin, and every pair of a bin is connected with
the bin's density. No law of decay is assumed.

There are up to 30 bins, enough that probability varies little within one and few enough that each
is estimated from many pairs. On made circuits of 60 … 1,000 neurons in 300 × 300 × 200 µm whose
connections fall off steeply (e-fold in 60 µm, density .03 and .1) and hold nothing else, what 30
bins miss of the means of 030T, 030C and 120D within a bin is ≤ .03 in log (20 bins: .05, 10: .12);
of 300, which needs six near connections, .16. The densities estimated from one circuit shift these
means by ≤ .02 at 100 neurons and ≤ .10 at 60 (100 bins: .06 and .23). A bin holds at least 50
ordered pairs, so circuits of fewer than 40 neurons have fewer bins.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.nulls import null
from analysis.nulls.cells import Cells, cell_model, tested_states
from analysis.nulls.dyads import DyadModel, NullUnavailable
from analysis.nulls.parameters import Parameters

Floats = npt.NDArray[np.float64]

BINS = 30
FEWEST = 50  # ordered pairs of one bin
LARGEST = 8_000  # neurons: matrices of all pairs, with products that cost n³
AXES = ("soma_x", "soma_y", "soma_z")


def check(circuit: Circuit) -> None:
    """Refuse circuits without positions, or too large for matrices of all pairs.

    Raises
    ------
    NullUnavailable
    """
    soma_positions(circuit)
    if circuit.n > LARGEST and circuit.frame.tested is None:
        raise NullUnavailable(
            f"nulls of distance need matrices of all pairs, and are computed up to {LARGEST:,} "
            f"neurons, not {circuit.n:,}",
            remedy="compare with er, block, degree, reciprocal or block_reciprocal, or cut a "
            "smaller circuit",
        )


def exact(circuit: Circuit) -> Cells:
    """Cells of the hard form: the connections of every bin are kept exactly."""
    return Cells.of_connections(circuit, pair_bins(circuit))


def tested_bins(circuit: Circuit) -> npt.NDArray[np.int64]:
    """Distance bin of every tested pair, shape (k,)."""
    pairs = circuit.frame.tested
    assert pairs is not None
    places = soma_positions(circuit)
    apart = np.sqrt(((places[pairs[:, 0]] - places[pairs[:, 1]]) ** 2).sum(1))
    return np.asarray(np.searchsorted(bin_edges(apart), apart), np.int64)


def tested(circuit: Circuit) -> npt.NDArray[np.float64]:
    """Chances of the states of every pair tested both ways, shape (d, 4)."""
    return tested_states(circuit, tested_bins(circuit))


def parameters(circuit: Circuit) -> Parameters:
    """Return a cell for the connections of every bin."""
    return Parameters("connections", pair_bins(circuit))


@null(
    "distance",
    rung=2,
    keeps="the number of connections at every distance",
    needs=check,
    exact=exact,
    tested=tested,
    parameters=parameters,
)
def fit(circuit: Circuit) -> DyadModel:
    """Fit the model: the density of its distance bin for every pair.

    Raises
    ------
    NullUnavailable
        If a neuron has no soma position, or there are more than `LARGEST` neurons.
    """
    return cell_model(circuit, pair_bins(circuit))


def soma_positions(circuit: Circuit) -> Floats:
    """Soma positions in µm, shape (n, 3).

    Raises
    ------
    NullUnavailable
        If a neuron has none.
    """
    places = np.full((circuit.n, len(AXES)), np.nan)
    for column, axis in enumerate(AXES):
        if axis in circuit.neurons:
            places[:, column] = circuit.neurons[axis].to_numpy(np.float64, na_value=np.nan)
    missing = int((~np.isfinite(places)).any(axis=1).sum())
    if missing:
        raise NullUnavailable(
            f"{missing:,} of {circuit.n:,} neurons of {circuit.name} have no soma position, so "
            "the distance of their pairs is not known",
            remedy="give soma_x, soma_y and soma_z (µm) in the neuron table, cut a circuit of the "
            "neurons that have them, or leave distance and block_distance out",
        )
    return places


def pair_bins(circuit: Circuit) -> npt.NDArray[np.int32]:
    """Distance bin of every ordered pair, shape (n, n); the diagonal means nothing.

    Raises
    ------
    NullUnavailable
        As `check`.
    """
    check(circuit)
    places = soma_positions(circuit)
    square = np.zeros((circuit.n, circuit.n))
    for axis in places.T:
        square += np.subtract.outer(axis, axis) ** 2
    apart = np.sqrt(square, out=square)
    edges = bin_edges(apart[circuit.frame.matrix()])
    bins = np.empty(apart.shape, np.int32)
    for row, distances in zip(bins, apart, strict=True):
        row[:] = np.searchsorted(edges, distances)
    return bins


def bin_edges(distances: Floats) -> Floats:
    """Upper edges of all bins but the last, such that they hold equally many of `distances`.

    Parameters
    ----------
    distances : float64, shape (k,)
        Of observable ordered pairs, µm.

    Returns
    -------
    float64, shape (bins − 1,)
        An edge belongs to the bin below it. Equal distances share a bin, so there may be fewer.
    """
    bins = min(BINS, distances.size // FEWEST)
    if bins <= 1:
        return np.zeros(0)
    ranks = np.arange(1, bins) / bins
    edges: Floats = np.unique(np.quantile(distances, ranks, method="inverted_cdf"))
    return edges
