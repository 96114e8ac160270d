"""Observation frames: which ordered pairs of neurons could have been seen to be connected.

A pair that was never tested is not an absent connection. In a volume where every neurite was
followed all pairs are observable; in a bipartite release only axon → dendrite; among neurons of
which only some have an axon in the data, only the pairs that begin with one of these; in paired
recordings only the pairs that were tested. A statistic is computed on observable pairs only, and
refused where the frame holds none that could support it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from schemas.errors import UsageError

if TYPE_CHECKING:
    from analysis.circuit import Circuit

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
TRIPLE = 3


class FrameError(UsageError):
    """The frame of a circuit cannot support a statistic."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The observable ordered pairs of n neurons.

    Attributes
    ----------
    sources, targets : bool, shape (n,)
        Neurons whose outputs, and neurons whose inputs, were observed: a pair is observable if its
        first neuron is a source, its second a target, and both differ.
    tested : int64, shape (k, 2), or None
        Where single pairs were tested, these pairs, sorted; `sources` and `targets` are their
        ends. None = all pairs of sources and targets.
    truncated : bool
        Whether neurites leave the volume, so that a connection of an observable pair may lie
        outside of it.
    """

    sources: Bools
    targets: Bools
    tested: Ints | None = None
    truncated: bool = False

    @classmethod
    def whole(cls, n: int, *, truncated: bool = False) -> Frame:
        """Frame in which every pair of n neurons is observable."""
        every = np.ones(n, np.bool_)
        return cls(every, every, None, truncated)

    @classmethod
    def of_pairs(cls, n: int, pre: npt.ArrayLike, post: npt.ArrayLike) -> Frame:
        """Frame of single pairs that were tested; a pair may be given more than once.

        Parameters
        ----------
        n : int
            Number of neurons.
        pre, post : int, shape (k,)
            Node indices of the pairs.

        Raises
        ------
        ValueError
            If an index lies outside 0 … n − 1, or a neuron is paired with itself.
        """
        pairs = np.stack([np.asarray(pre, np.int64), np.asarray(post, np.int64)], axis=1)
        if pairs.size and (pairs.min() < 0 or pairs.max() >= n):
            raise ValueError(f"a node index lies outside 0 … {n - 1}")
        if (pairs[:, 0] == pairs[:, 1]).any():
            raise ValueError("a neuron is paired with itself")
        sources, targets = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
        sources[pairs[:, 0]] = True
        targets[pairs[:, 1]] = True
        return cls(sources, targets, np.unique(pairs, axis=0))

    @property
    def n(self) -> int:
        """Number of neurons."""
        return self.sources.size

    @cached_property
    def complete(self) -> bool:
        """Whether every ordered pair is observable."""
        return self.tested is None and bool(self.sources.all() and self.targets.all())

    @cached_property
    def core(self) -> Bools:
        """Neurons among which all pairs are observable, where that follows from their sides."""
        return self.sources & self.targets

    @cached_property
    def pairs(self) -> int:
        """Number of observable ordered pairs."""
        if self.tested is not None:
            return len(self.tested)
        return int(self.sources.sum()) * int(self.targets.sum()) - int(self.core.sum())

    @cached_property
    def both_ways(self) -> Ints | None:
        """Tested pairs i < j whose reverse was tested too, shape (k, 2); None without such."""
        if self.tested is None:
            return None
        keys = self._keys
        forth = self.tested[self.tested[:, 0] < self.tested[:, 1]]
        return forth[np.isin(forth[:, 1] * self.n + forth[:, 0], keys)]

    @cached_property
    def mutual_pairs(self) -> int:
        """Number of unordered pairs that are observable in both directions."""
        if self.both_ways is not None:
            return len(self.both_ways)
        inside = int(self.core.sum())
        return inside * (inside - 1) // 2

    @cached_property
    def triples(self) -> int:
        """Number of triples of neurons all of whose six pairs are observable."""
        if self.tested is None:
            inside = int(self.core.sum())
            return inside * (inside - 1) * (inside - 2) // 6
        return len(self.tested_triples)

    @cached_property
    def tested_triples(self) -> Ints:
        """Triples i < j < k all of whose pairs were tested both ways, shape (t, 3).

        Raises
        ------
        ValueError
            If the frame is not one of tested pairs.
        """
        if self.both_ways is None:
            raise ValueError("the triples of this frame are those of its core")
        found = list(_triangles(self.n, self.both_ways))
        return np.array(found, np.int64).reshape(-1, TRIPLE)

    def observes(self, pre: npt.ArrayLike, post: npt.ArrayLike) -> Bools:
        """Whether each pair pre → post (node indices, shape (k,)) is observable."""
        first, second = np.asarray(pre, np.int64), np.asarray(post, np.int64)
        if self.tested is not None:
            return np.isin(first * self.n + second, self._keys)
        observed: Bools = self.sources[first] & self.targets[second] & (first != second)
        return observed

    def matrix(self) -> Bools:
        """Whether each ordered pair is observable, shape (n, n)."""
        if self.tested is None:
            seen = np.logical_and.outer(self.sources, self.targets)
            np.fill_diagonal(seen, False)
            return seen
        seen = np.zeros((self.n, self.n), np.bool_)
        seen[self.tested[:, 0], self.tested[:, 1]] = True
        return seen

    def subset(self, mask: Bools) -> Frame:
        """Frame of the neurons where `mask` (shape (n,)) holds."""
        if self.tested is None:
            return Frame(self.sources[mask], self.targets[mask], None, self.truncated)
        place = np.cumsum(mask) - 1
        kept = self.tested[mask[self.tested].all(axis=1)]
        return Frame.of_pairs(int(mask.sum()), place[kept[:, 0]], place[kept[:, 1]])

    def class_pairs(self, classes: Ints, number: int) -> Ints:
        """Count observable ordered pairs by the classes of their ends.

        Parameters
        ----------
        classes : int64, shape (n,)
            Class of every neuron, 0 … number − 1.
        number : int

        Returns
        -------
        int64, shape (number, number)
            Row = class of the first neuron.
        """
        if self.tested is not None:
            pairs = np.zeros((number, number), np.int64)
            np.add.at(pairs, (classes[self.tested[:, 0]], classes[self.tested[:, 1]]), 1)
            return pairs
        first, second, both = (
            np.bincount(classes[side], minlength=number).astype(np.int64)
            for side in (self.sources, self.targets, self.core)
        )
        return np.outer(first, second) - np.diag(both)

    def need_triples(self, name: str, what: str = "triads") -> None:
        """Refuse a statistic of three or more neurons where no triple is observable.

        Raises
        ------
        FrameError
        """
        if self.complete or self.triples:
            return
        if self.tested is not None:
            why = "no three of its neurons were tested pairwise in both directions"
        elif not self.core.any():
            why = "it is bipartite: no neuron has both its outputs and its inputs observed"
        else:
            why = f"only {int(self.core.sum())} of its neurons have outputs and inputs observed"
        raise FrameError(
            f"{name} has no {what} to count: {why}",
            remedy="density, convergence and targets of classes can be compared; recurrent motifs "
            "cannot, since a pair that could not be observed is not an absent connection",
        )

    def words(self) -> str:
        """Say which pairs and triples a statistic is about; empty where all are observable."""
        said = ""
        if self.tested is not None:
            said = (
                f"{self.pairs:,} of {self.n * (self.n - 1):,} pairs were tested, "
                f"{self.mutual_pairs:,} of them both ways, {self.triples:,} triples whole"
            )
        elif not self.complete:
            said = (
                f"outputs of {int(self.sources.sum()):,} and inputs of "
                f"{int(self.targets.sum()):,} of {self.n:,} neurons were observed; triads are "
                f"those among the {int(self.core.sum()):,} with both"
            )
        if self.truncated:
            cut = "neurites leave the volume, so the density is a lower bound"
            said = f"{said}; {cut}" if said else cut
        return said

    def __repr__(self) -> str:
        return f"Frame({self.pairs:,} of {self.n * (self.n - 1):,} pairs)"

    @cached_property
    def _keys(self) -> Ints:
        assert self.tested is not None
        return self.tested[:, 0] * self.n + self.tested[:, 1]


def observable(circuit: Circuit, what: str = "triads") -> Circuit:
    """Return the part of a circuit in which every pair is observable.

    Raises
    ------
    FrameError
        If there are not three such neurons, or single pairs were tested: then no set of neurons
        is complete in itself.
    """
    frame = circuit.frame
    if frame.complete:
        return circuit
    frame.need_triples(circuit.name, what)
    if frame.tested is not None:
        raise FrameError(
            f"{what} of {circuit.name} cannot be counted: single pairs were tested, and they leave "
            "gaps among the neurons",
            remedy="isocortex census counts its triads over the triples that were tested whole",
        )
    return circuit.subset(frame.core)


def _triangles(n: int, pairs: Ints) -> Iterator[tuple[int, int, int]]:
    """Triangles i < j < k of an undirected graph whose edges are given as i < j."""
    later: dict[int, set[int]] = {}
    for i, j in pairs.tolist():
        later.setdefault(i, set()).add(j)
    for i, j in pairs.tolist():
        for k in sorted(later.get(j, ())):
            if k in later[i]:
                yield i, j, k
