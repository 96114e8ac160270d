"""What a null has parameters for: needed to tell how its fit follows the circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Kind = Literal["degrees", "dyad_degrees", "connections", "dyads"]


@dataclass(frozen=True, eq=False)
class Parameters:
    """The numbers of a circuit that a null holds at their mean, one parameter for each.

    Attributes
    ----------
    kind : str
        `degrees`: out- and in-degree of every neuron. `dyad_degrees`: one-way out-, one-way in- and
        mutual degree of every neuron. `connections`: of every cell of ordered pairs. `dyads`:
        one-way and mutual pairs of every cell, where the cell of a pair turned around is another
        or itself.
    cells : int32, shape (K, K), or None
        Cell of every ordered pair of classes of the null's `DyadModel`.
    """

    kind: Kind
    cells: npt.NDArray[np.int32] | None = None
