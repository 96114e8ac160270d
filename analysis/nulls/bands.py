"""What the dyads of a canonical ensemble are expected to complete, a band of rows at a time.

The expected number of third neurons that complete a triad over a dyad follows from nine products
of the matrices of one-way (U) and mutual (M) probabilities. Those of a few rows are held at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analysis.nulls.products import Factors, Matrix, Product, factors

if TYPE_CHECKING:
    from analysis.nulls.dyads import DyadModel

Vector = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
BAND = 300_000  # entries of one band of a product: nine stay in the third cache
Products = tuple[Matrix, ...]


class Bands:
    """The nine products of a model, by bands, apart for every label that a third neuron may have.

    Parameters
    ----------
    model : DyadModel
    labels : int64, shape (K,), optional
        Label of the neurons of every class, 0 … L − 1; default all have the same.
    number : int, optional
        L.

    Attributes
    ----------
    one_way, back, mutual : float64, shape (K, K)
        U, its transpose and M.
    out, into, both : float64, shape (L, K)
        Sums of their rows over all partners of a neuron that have a label.
    own_one_way, own_mutual : float64, shape (K,)
        Their diagonals.
    sizes : float64, shape (K,)
    labels : int64, shape (K,)
    """

    def __init__(self, model: DyadModel, labels: Labels | None = None, number: int = 1) -> None:
        self.sizes = model.sizes.astype(np.float64)
        self.labels = np.zeros(self.sizes.size, np.int64) if labels is None else labels
        among = [self.labels == label for label in range(number)]
        u, m = np.ascontiguousarray(model.one_way), np.ascontiguousarray(model.mutual)
        v = np.ascontiguousarray(u.T)
        self.one_way, self.back, self.mutual = u, v, m
        self.own_one_way, self.own_mutual = np.diag(u).copy(), np.diag(m).copy()
        self.out, self.into, self.both = (
            np.stack([x @ (self.sizes * some) - np.diag(x) * some for some in among])
            for x in (u, v, m)
        )
        of_u, of_m = factors(u), factors(m)
        of_v = Factors(None, v) if of_u.left is None else Factors(of_u.right.T, of_u.left.T)
        if np.array_equal(u, v):
            of_v = of_u
        pairs = (
            (of_u, of_u),  # UU
            (of_v, of_v),  # (UU)ᵀ
            (of_u, of_v),  # UUᵀ
            (of_v, of_u),  # UᵀU
            (of_u, of_m),  # UM
            (of_m, of_v),  # (UM)ᵀ
            (of_m, of_u),  # MU
            (of_v, of_m),  # (MU)ᵀ
            (of_m, of_m),  # MM
        )
        # Where U is symmetric, as under `distance`, only four of the nine differ.
        self._order = [(id(x), id(y)) for x, y in pairs]
        over = [None] if number == 1 else [np.flatnonzero(some) for some in among]
        self._different = {
            (id(x), id(y)): [Product(x, y, self.sizes, some) for some in over] for x, y in pairs
        }
        self._number = number
        self._kept = of_u, of_v, of_m  # what the ids stand for

    def __iter__(self) -> Iterator[tuple[int, int, Products]]:
        """Yield first row, row after the last, and the nine products from column `first` on.

        In the order UU, (UU)ᵀ, UUᵀ, UᵀU, UM, (UM)ᵀ, MU, (MU)ᵀ, MM, each of shape (L, rows,
        columns).
        """
        step = max(8, BAND // max(1, self.sizes.size * self._number))
        for start in range(0, self.sizes.size, step):
            stop = min(start + step, self.sizes.size)
            bands = {which: _stacked(of, start, stop) for which, of in self._different.items()}
            yield start, stop, tuple(bands[which] for which in self._order)


def _stacked(products: list[Product], start: int, stop: int) -> Matrix:
    """Return a band of the product over every label, shape (L, rows, columns)."""
    if len(products) == 1:  # no copy
        return products[0].band(start, stop)[None]
    return np.stack([product.band(start, stop) for product in products])
