"""Expected triads by class under a null, and the variances of their effects.

The classes of interchangeable neurons of a fitted null are split by the labels of the neurons, so
that each has one; probabilities and parameters stay what they are. The kinds of instances are then
triads by label, and all else is as for whole triads.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.motifs.typed import Cell, TypedCensus
from analysis.nulls.bands import Bands
from analysis.nulls.dyads import DyadModel, check_size
from analysis.nulls.parameters import Parameters
from analysis.uncertainty.fitted import expected_counts
from analysis.uncertainty.kinds import all_cells, typed
from analysis.uncertainty.pairs import seconds
from analysis.uncertainty.variance import Variance, kind_variances

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Kind = tuple[str, Cell]

# Seconds, as measured: for a kind and pair of neurons, for a kind and pair of classes, and of the
# linear system of degrees for a kind and pair of classes.
OF_NEURONS, OF_CLASSES, OF_DEGREES = 1.5e-9, 6e-9, 4.5e-9


class TypedNull:
    """A null fitted to a circuit, seen by the labels of the neurons.

    Parameters
    ----------
    model : DyadModel
        Fitted.
    labels : int64, shape (n,)
        Label of every neuron, 0 … L − 1.
    number : int
        L.

    Raises
    ------
    NullUnavailable
        If its classes, split by label, are too many for matrices of them.
    """

    def __init__(self, model: DyadModel, labels: Ints, number: int) -> None:
        classes = model.sizes.size
        distinct, own = np.unique(labels * classes + model.classes, return_inverse=True)
        check_size(distinct.size)
        self._of = distinct % max(1, classes)
        these = np.ix_(self._of, self._of)
        self._number = number
        self._model = DyadModel(
            own.ravel().astype(np.int64),
            np.bincount(own.ravel(), minlength=distinct.size).astype(np.int64),
            model.one_way[these],
            model.mutual[these],
        )
        self._bands = Bands(self._model, distinct // max(1, classes), number)

    def expected(self) -> dict[Kind, float]:
        """Return the expected count of every connected triad by the labels of its places."""
        cells = all_cells(self._number)
        counts = expected_counts(self._bands, typed(cells, self._number))
        return dict(zip(cells, counts.tolist(), strict=True))

    def variances(
        self, circuit: Circuit, parameters: Parameters, census: TypedCensus, cells: Sequence[Kind]
    ) -> dict[Kind, Variance]:
        """Return the variances of log(observed/expected), the null refitted.

        Parameters
        ----------
        circuit : Circuit
            To which the null was fitted, with more than three neurons.
        parameters : Parameters
            Of the null.
        census : TypedCensus
            Of the circuit by the same labels.
        cells : sequence of (str, tuple of int)
            Connected triads by the labels of their places.

        Returns
        -------
        dict
            Cells that do not occur or are not expected are left out.

        Raises
        ------
        ConvergenceError
            If the linear system of a null of degrees is not solved.
        """
        if parameters.cells is not None:
            split = np.ascontiguousarray(parameters.cells[np.ix_(self._of, self._of)])
            parameters = Parameters(parameters.kind, split)
        counts = np.array([census.counts[motif].get(cell, 0) for motif, cell in cells], np.float64)
        kinds = typed(list(cells), self._number)
        return kind_variances(circuit, self._model, self._bands, parameters, kinds, counts)

    def seconds(self, circuit: Circuit, parameters: Parameters, cells: int) -> float:
        """Estimate how long `variances` takes for so many cells, s."""
        n, classes = circuit.n, self._model.sizes.size
        dense, sparse = seconds(circuit)
        dense += self._number * n**2 * OF_NEURONS + cells * n**2 / 2 * OF_NEURONS
        sparse += cells * circuit.m * OF_NEURONS
        of_classes = OF_CLASSES if parameters.cells is not None else OF_DEGREES
        return min(dense, sparse) + cells * classes**2 * of_classes
