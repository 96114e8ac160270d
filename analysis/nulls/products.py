"""Products of probability matrices, a band of rows at a time.

Probabilities that follow from a few numbers for each neuron vary smoothly from neuron to neuron,
so the matrices of fitted nulls have a numerical rank of a few dozen whatever the size of the
circuit. Written as a tall times a wide factor, their products cost K² · rank operations instead of
K³. The factors are checked against the matrix; a matrix without such factors is multiplied as it
is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

STEP = 32  # of ranks that are tried
MOST = 160  # rank
WORTH = 4  # only matrices this many times larger than the rank
SMALLEST = 256  # of fewer classes products cost little
EXACT = 1e-12  # share of the matrix that factors may miss


@dataclass(frozen=True, eq=False)
class Factors:
    """A matrix as left · right: shapes (K, r) and (r, K); `left` None stands for the identity."""

    left: Matrix | None
    right: Matrix


def factors(matrix: Matrix) -> Factors:
    """Factor a square matrix to the precision of its numbers, if a low rank allows it.

    The range is found by products with random vectors (Halko, Martinsson & Tropp 2011,
    DOI 10.1137/090771806); they are the same at every call.
    """
    k = matrix.shape[0]
    rng = np.random.default_rng(0)
    probe = rng.standard_normal((k, 4))
    missed = matrix @ probe
    enough = EXACT * float(np.linalg.norm(missed))
    left, right = np.zeros((k, 0)), np.zeros((0, k))
    for _ in range(0 if k < SMALLEST else min(MOST, k // WORTH) // STEP):
        reached = matrix @ rng.standard_normal((k, STEP))
        for _ in range(2):  # once more, for what is left by rounding
            reached -= left @ (left.T @ reached)
            reached, _ = np.linalg.qr(reached)
        further = reached.T @ matrix
        left, right = np.concatenate([left, reached], 1), np.concatenate([right, further])
        missed -= reached @ (further @ probe)
        if float(np.linalg.norm(missed)) <= enough:
            return Factors(left, right)
    return Factors(None, matrix)


class Product:
    """X · diag(sizes) · Y for matrices given by their factors.

    Parameters
    ----------
    x, y : Factors
    sizes : float64, shape (K,)
    among : int64, optional
        Classes that the sum runs over; default all.
    """

    def __init__(
        self, x: Factors, y: Factors, sizes: Matrix, among: npt.NDArray[np.int64] | None = None
    ) -> None:
        # Where every class is one neuron there is nothing to weigh, and no copy to make.
        weighted = x.right if (sizes == 1).all() else x.right * sizes
        left, right = y.left, y.right
        if among is not None:
            weighted = weighted[:, among]
            if left is None:
                right = right[among]
            else:
                left = left[among]
        middle = weighted if left is None else weighted @ left
        self._left = middle if x.left is None else x.left @ middle
        self._right = right

    def band(self, start: int, stop: int) -> Matrix:
        """Return rows start … stop − 1 from column `start` on."""
        return self._left[start:stop] @ self._right[:, start:]
