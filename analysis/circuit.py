"""`Circuit`: a neuron table and connections in compressed rows, pre → post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.frame import Frame
from schemas.errors import InputError, Problem
from schemas.tables import Observed

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
    observed : Frame, optional
        The ordered pairs that could have been observed; default all. Ask `frame` for it.
    """

    name: str
    neurons: pd.DataFrame
    indptr: IntArray
    indices: npt.NDArray[np.int32]
    weights: npt.NDArray[np.int32]
    attributes: Mapping[str, str] = field(default_factory=dict)
    observed: Frame | None = None

    def __post_init__(self) -> None:
        for name in ("indptr", "indices", "weights"):
            view = getattr(self, name).view()  # the caller's own array stays as it is
            view.setflags(write=False)
            object.__setattr__(self, name, view)
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))
        self._check_frame()

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to a worker process: a mapping that cannot be changed cannot be pickled."""
        parts = (self.name, self.neurons, self.indptr, self.indices, self.weights)
        return Circuit, (*parts, dict(self.attributes), self.observed)

    def _check_frame(self) -> None:
        if self.frame.n != self.n:
            raise ValueError(f"the frame is of {self.frame.n} neurons, the circuit of {self.n}")
        if self.frame.complete:
            return
        unseen = ~self.frame.observes(self.sources(), self.indices)
        if unseen.any():
            place = int(np.flatnonzero(unseen)[0])
            ids = self.neuron_ids[[self.sources()[place], self.indices[place]]]
            raise _unusable(
                self.name,
                f"the connection {ids[0]} → {ids[1]} is of a pair that was not observable",
                "connections of observable pairs only",
                "add the pair to those that were tested, or correct the frame of the manifest",
            )

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
        frame: Frame | None = None,
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
        frame : Frame, optional
            Observable pairs; default all.

        Raises
        ------
        InputError
            If a connection is of a pair that was not observable.
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
            frame,
        )

    @classmethod
    def from_tables(
        cls,
        name: str,
        neurons: pd.DataFrame,
        connections: pd.DataFrame,
        attributes: Mapping[str, str] | None = None,
        observed: Observed | None = None,
    ) -> Circuit:
        """Make a circuit from tables with neuron ids.

        Parameters
        ----------
        name : str
        neurons, connections : DataFrame
        attributes : mapping, optional
        observed : Observed, optional
            Which pairs were observable; default all.

        Raises
        ------
        InputError
            If there are no neurons, ids repeat, a connection names an unknown neuron or a pair
            that was not observable.
        """
        table = neurons.reset_index(drop=True)
        ids = table["neuron_id"].to_numpy(dtype=np.int64)
        order = np.argsort(ids, kind="stable")
        ranked = ids[order]
        if ids.size == 0:
            raise _unusable(name, "no neurons", "at least one neuron")
        if (ranked[1:] == ranked[:-1]).any():
            raise _unusable(name, "neuron ids repeat", "distinct ids")
        pre, post = (
            _places(name, ids, order, connections[column].to_numpy(np.int64))
            for column in ("pre", "post")
        )
        frame = None
        if observed is not None and observed.tested is not None:
            tested = observed.tested
            tests = (
                _places(name, ids, order, tested[column].to_numpy(np.int64))
                for column in ("pre", "post")
            )
            frame = Frame.of_pairs(ids.size, *tests)
        elif observed is not None:
            every = np.ones(ids.size, np.bool_)
            sources, targets = (
                every if side is None else side for side in (observed.sources, observed.targets)
            )
            frame = Frame(sources, targets, None, observed.truncated)
        return cls.from_edges(
            name,
            ids.size,
            pre,
            post,
            connections["weight"].to_numpy(),
            neurons=table,
            attributes=attributes,
            frame=frame,
        )

    @property
    def n(self) -> int:
        """Number of neurons."""
        return self.indptr.size - 1

    @property
    def m(self) -> int:
        """Number of connections: ordered pairs, whatever their number of synapses."""
        return self.indices.size

    @cached_property
    def frame(self) -> Frame:
        """The ordered pairs that could have been observed."""
        return Frame.whole(self.n) if self.observed is None else self.observed

    @property
    def density(self) -> float:
        """Share of the observable ordered pairs that are connected; nan where there is none."""
        return self.m / self.frame.pairs if self.frame.pairs else float("nan")

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
        # Rows and their targets stay in order, so nothing has to be sorted anew.
        ends = np.zeros(int(mask.sum()) + 1, np.int64)
        np.cumsum(np.bincount(place[source[inside]], minlength=ends.size - 1), out=ends[1:])
        return Circuit(
            name or self.name,
            self.neurons[mask].reset_index(drop=True),
            ends,
            place[self.indices[inside]].astype(np.int32),
            self.weights[inside],
            self.attributes,
            self.frame.subset(mask),
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


def _places(name: str, ids: IntArray, order: IntArray, wanted: IntArray) -> IntArray:
    """Row of every wanted neuron; `order` sorts the ids."""
    ranked = ids[order]
    place = np.minimum(np.searchsorted(ranked, wanted), ids.size - 1)
    unknown = ranked[place] != wanted
    if unknown.any():
        raise _unusable(name, f"unknown neuron {wanted[unknown][0]}", "ids of the neuron table")
    found: IntArray = order[place]
    return found


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


def _unusable(
    name: str,
    what: str,
    expected: str,
    remedy: str = "give a circuit with neurons whose connections stay among them",
) -> InputError:
    return InputError([Problem(file=name, what=what, expected=expected, remedy=remedy)])
