"""`Circuit`: a neuron table and connections in compressed rows, pre → post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from schemas.errors import InputError, Problem

if TYPE_CHECKING:
    import networkx as nx
    from scipy.sparse import csr_array

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Circuit:
    """A circuit in arrays; nothing in it can be changed.

    Attributes
    ----------
    name : str
    neurons : DataFrame
        One row per neuron, row order = node index.
    indptr : int64, shape (n + 1,)
        The targets of neuron i are `indices[indptr[i]:indptr[i + 1]]`, sorted.
    indices : int32, shape (m,)
    weights : int32, shape (m,)
        Number of synapses of each connection.
    attributes : mapping of str to str
        Facts that travel along: dataset, version, species, evidence …
    """

    name: str
    neurons: pd.DataFrame
    indptr: IntArray
    indices: npt.NDArray[np.int32]
    weights: npt.NDArray[np.int32]
    attributes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("indptr", "indices", "weights"):
            view = getattr(self, name).view()  # the caller's own array stays as it is
            view.setflags(write=False)
            object.__setattr__(self, name, view)
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))

    @classmethod
    def from_edges(
        cls,
        name: str,
        n: int,
        pre: npt.ArrayLike,
        post: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
        *,
        neurons: pd.DataFrame | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> Circuit:
        """Make a circuit of n neurons from connections between node indices.

        Parallel connections are summed, self-connections dropped.

        Parameters
        ----------
        name : str
        n : int
            Number of neurons.
        pre, post : int, shape (k,)
            Node indices.
        weights : int, shape (k,), optional
            Number of synapses; default one each.
        neurons : DataFrame, optional
            Neuron table of n rows; default numbered neurons.
        attributes : mapping, optional

        Raises
        ------
        ValueError
            If an index is out of range or no whole number, a weight is no whole number or beyond
            int32, or shapes differ.
        """
        rows, columns = _whole(pre, "a node index"), _whole(post, "a node index")
        counts = np.ones(rows.size, np.int64) if weights is None else _whole(weights, "a weight")
        if not rows.size == columns.size == counts.size:
            raise ValueError("pre, post and weights differ in length")
        if rows.size and (
            min(rows.min(), columns.min()) < 0 or max(rows.max(), columns.max()) >= n
        ):
            raise ValueError(f"a node index lies outside 0 … {n - 1}")
        apart = rows != columns
        keys = rows[apart] * n + columns[apart]
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        # Whole numbers throughout: a sum that does not fit is an error, never another number.
        summed = np.add.reduceat(counts[apart][order], first) if first.size else first
        if summed.size and not 0 <= summed.min() <= summed.max() <= np.iinfo(np.int32).max:
            raise ValueError("the weight of a connection lies outside 0 … 2,147,483,647")
        keys = keys[first]
        indptr = np.zeros(n + 1, np.int64)
        np.cumsum(np.bincount(keys // max(n, 1), minlength=n), out=indptr[1:])
        if neurons is None:
            neurons = pd.DataFrame({"neuron_id": np.arange(n, dtype=np.int64)})
        return cls(
            name,
            neurons,
            indptr,
            (keys % max(n, 1)).astype(np.int32),
            summed.astype(np.int32),
            attributes or {},
        )

    @classmethod
    def from_tables(
        cls,
        name: str,
        neurons: pd.DataFrame,
        connections: pd.DataFrame,
        attributes: Mapping[str, str] | None = None,
    ) -> Circuit:
        """Make a circuit from tables with neuron ids.

        Raises
        ------
        InputError
            If there are no neurons, ids repeat, or a connection names an unknown neuron.
        """
        table = neurons.reset_index(drop=True)
        ids = table["neuron_id"].to_numpy(dtype=np.int64)
        order = np.argsort(ids, kind="stable")
        ranked = ids[order]
        if ids.size == 0:
            raise _unusable(name, "no neurons", "at least one neuron")
        if (ranked[1:] == ranked[:-1]).any():
            raise _unusable(name, "neuron ids repeat", "distinct ids")
        ends = []
        for column in ("pre", "post"):
            wanted = connections[column].to_numpy(dtype=np.int64)
            place = np.minimum(np.searchsorted(ranked, wanted), ids.size - 1)
            if (ranked[place] != wanted).any():
                unknown = wanted[ranked[place] != wanted][0]
                raise _unusable(name, f"unknown neuron {unknown}", "ids of the neuron table")
            ends.append(order[place])
        return cls.from_edges(
            name,
            ids.size,
            ends[0],
            ends[1],
            connections["weight"].to_numpy(),
            neurons=table,
            attributes=attributes,
        )

    @property
    def n(self) -> int:
        """Number of neurons."""
        return self.indptr.size - 1

    @property
    def m(self) -> int:
        """Number of connections: ordered pairs, whatever their number of synapses."""
        return self.indices.size

    @property
    def density(self) -> float:
        """Share of ordered pairs that are connected; nan below two neurons."""
        return self.m / (self.n * (self.n - 1)) if self.n > 1 else float("nan")

    @property
    def neuron_ids(self) -> IntArray:
        """Ids in row order."""
        return self.neurons["neuron_id"].to_numpy(dtype=np.int64)

    def sources(self) -> npt.NDArray[np.int32]:
        """Presynaptic node index of every connection, shape (m,)."""
        return np.repeat(np.arange(self.n, dtype=np.int32), np.diff(self.indptr))

    def dense(self, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[Any]:
        """Binary adjacency matrix, shape (n, n), row = pre."""
        matrix = np.zeros((self.n, self.n), dtype)
        matrix[self.sources(), self.indices] = 1
        return matrix

    def subset(self, mask: npt.NDArray[np.bool_], name: str | None = None) -> Circuit:
        """Return the circuit of the neurons where `mask` (shape (n,)) holds."""
        place = np.cumsum(mask) - 1
        source = self.sources()
        inside = mask[source] & mask[self.indices]
        return Circuit.from_edges(
            name or self.name,
            int(mask.sum()),
            place[source[inside]],
            place[self.indices[inside]],
            self.weights[inside],
            neurons=self.neurons[mask].reset_index(drop=True),
            attributes=self.attributes,
        )

    def to_scipy(self) -> csr_array:
        """Sparse matrix of weights, shape (n, n), row = pre."""
        from scipy.sparse import csr_array

        return csr_array(
            (self.weights.copy(), self.indices.copy(), self.indptr.copy()), (self.n, self.n)
        )

    def to_networkx(self) -> nx.DiGraph:
        """Directed graph whose nodes are neuron ids with the neuron table as attributes."""
        import networkx as nx

        graph = nx.DiGraph(name=self.name)
        ids = self.neuron_ids.tolist()
        facts = self.neurons.to_dict("records")
        graph.add_nodes_from(
            (body, {str(k): v for k, v in row.items() if k != "neuron_id" and not pd.isna(v)})
            for body, row in zip(ids, facts, strict=True)
        )
        triples = zip(
            self.sources().tolist(), self.indices.tolist(), self.weights.tolist(), strict=True
        )
        graph.add_weighted_edges_from((ids[a], ids[b], w) for a, b, w in triples)
        return graph

    def to_pandas(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return copies of the neuron table and of the connections (pre, post, weight)."""
        ids = self.neuron_ids
        connections = pd.DataFrame(
            {
                "pre": ids[self.sources()],
                "post": ids[self.indices],
                "weight": self.weights.copy(),
            }
        )
        return self.neurons.copy(), connections

    def __repr__(self) -> str:
        return f"Circuit({self.name!r}, {self.n:,} neurons, {self.m:,} connections)"


def _whole(values: npt.ArrayLike, what: str) -> IntArray:
    """Return whole numbers as int64; a fraction or a number too large is not cut silently."""
    given = np.asarray(values).ravel()
    whole = given.dtype.kind in "iub" or (
        given.dtype.kind == "f" and bool((given == np.floor(given)).all())
    )
    if given.size and not whole:
        raise ValueError(f"{what} is no whole number")
    if given.dtype.kind in "uf" and given.size and given.max() >= 2**63:
        raise ValueError(f"{what} is too large")
    return given.astype(np.int64)


def _unusable(name: str, what: str, expected: str) -> InputError:
    remedy = "give a circuit with neurons whose connections stay among them"
    return InputError([Problem(file=name, what=what, expected=expected, remedy=remedy)])
