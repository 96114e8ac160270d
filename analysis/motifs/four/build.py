"""A circuit as dyads: neurons by rising number of connections, each with partners and states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.motifs import lists

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
States = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Dyads:
    """Connected pairs, under both of their neurons.

    Attributes
    ----------
    starts : int64, shape (n + 1,)
        Partners of neuron u: `partners[starts[u]:starts[u + 1]]`, rising.
    middle : int64, shape (n,)
        Where the partners after u begin.
    partners : int32
    states : uint8
        State of the pair seen from u: 1 forth, 2 back, 3 mutual.
    order : int32, shape (n,)
        Row of the circuit of every neuron here.
    degrees : int64, shape (n, 3)
        Partners by state.
    """

    starts: Ints
    middle: Ints
    partners: Indices
    states: States
    order: Indices
    degrees: Ints

    @property
    def n(self) -> int:
        """Number of neurons."""
        return self.middle.size


def dyads_of(circuit: Circuit) -> Dyads:
    """Collect the dyads of a circuit; hubs come last, so that few partners come after a neuron."""
    columns = lists.transpose(circuit.indptr, circuit.indices)
    falling, order = lists.hub_order(circuit.indptr, columns[0])
    number = (circuit.n - 1 - falling).astype(np.int32)
    order = np.ascontiguousarray(order[::-1])
    counts = lists.dyad_degrees(circuit.indptr, circuit.indices, *columns)
    degrees = np.stack(counts, axis=1)[order]
    starts = np.zeros(circuit.n + 1, np.int64)
    np.cumsum(degrees.sum(1), out=starts[1:])
    middle, partners, states = _collect(
        circuit.indptr, circuit.indices, *columns, number, order, starts
    )
    return Dyads(starts, middle, partners, states, order, degrees)


@kernel
def _collect(
    indptr: Ints,
    indices: Indices,
    columns: Ints,
    sources: Indices,
    number: Indices,
    order: Indices,
    starts: Ints,
) -> tuple[Ints, Indices, States]:
    """Visit neurons in rising order and enter each with its partners: lists come out sorted."""
    n = order.size
    partners = np.empty(starts[n], np.int32)
    states = np.empty(starts[n], np.uint8)
    ends = starts[:n].copy()
    middle = np.zeros(n, np.int64)
    for v in range(n):
        middle[v] = ends[v]  # all smaller ones have been entered
        i = order[v]
        a, a_end, b, b_end = indptr[i], indptr[i + 1], columns[i], columns[i + 1]
        while a < a_end or b < b_end:
            other, forth, back = lists.next_partner(indices, a, a_end, sources, b, b_end)
            a += forth
            b += back
            u = number[other]
            partners[ends[u]] = v
            states[ends[u]] = back + 2 * forth
            ends[u] += 1
    return middle, partners, states
