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
BAND = 1_000_000  # entries of one band of a product
Products = tuple[Matrix, ...]


class Bands:
    """The nine products of a model, by bands.

    Parameters
    ----------
    model : DyadModel

    Attributes
    ----------
    one_way, back, mutual : float64, shape (K, K)
        U, its transpose and M.
    out, into, both : float64, shape (K,)
        Sums of their rows over all partners of a neuron.
    own_one_way, own_mutual : float64, shape (K,)
        Their diagonals.
    sizes : float64, shape (K,)
    """

    def __init__(self, model: DyadModel) -> None:
        self.sizes = model.sizes.astype(np.float64)
        u, m = np.ascontiguousarray(model.one_way), np.ascontiguousarray(model.mutual)
        v = np.ascontiguousarray(u.T)
        self.one_way, self.back, self.mutual = u, v, m
        self.own_one_way, self.own_mutual = np.diag(u).copy(), np.diag(m).copy()
        self.out, self.into, self.both = (x @ self.sizes - np.diag(x) for x in (u, v, m))
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
        self._different = {(id(x), id(y)): Product(x, y, self.sizes) for x, y in pairs}
        self._kept = of_u, of_v, of_m  # what the ids stand for

    def __iter__(self) -> Iterator[tuple[int, int, Products]]:
        """Yield first row, row after the last, and the nine products from column `first` on.

        In the order UU, (UU)ᵀ, UUᵀ, UᵀU, UM, (UM)ᵀ, MU, (MU)ᵀ, MM.
        """
        step = max(8, BAND // max(1, self.sizes.size))
        for start in range(0, self.sizes.size, step):
            stop = min(start + step, self.sizes.size)
            bands = {which: product.band(start, stop) for which, product in self._different.items()}
            yield start, stop, tuple(bands[which] for which in self._order)
