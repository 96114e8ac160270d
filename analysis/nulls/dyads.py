"""Canonical ensembles of independent dyads, by classes of interchangeable neurons.

Neurons of one class have the same probabilities, so matrices are K × K for K classes: one class
under `er`, one for each distinct pair of degrees under `degree`. Everything is exact; only
repetition is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.nulls.stream import State, stream, uniform
from schemas.errors import UsageError

Matrix = npt.NDArray[np.float64]
LARGEST = 12_000


class NullUnavailable(UsageError):
    """A circuit lacks what a null needs: positions, degrees, or a size that can be computed."""


@dataclass(frozen=True, eq=False)
class DyadModel:
    """Independent dyads: each pair of neurons is none, one-way (either way) or mutual.

    Attributes
    ----------
    classes : int64, shape (n,)
        Class of every neuron.
    sizes : int64, shape (K,)
        Number of neurons in every class.
    one_way : float64, shape (K, K)
        Probability that a neuron of class a connects to one of class b and not back.
    mutual : float64, shape (K, K), symmetric
        Probability that both connect.
    """

    classes: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    one_way: Matrix
    mutual: Matrix

    @property
    def n(self) -> int:
        """Number of neurons."""
        return self.classes.size

    @cached_property
    def _moments(self) -> tuple[dict[str, float], dict[str, float]]:
        from analysis.nulls.moments import triad_moments

        return triad_moments(self)

    @property
    def expected(self) -> dict[str, float]:
        """Expected count of every triad, MAN code → number."""
        return self._moments[0]

    @property
    def sd(self) -> dict[str, float]:
        """Standard deviation of every triad count between graphs of the ensemble."""
        return self._moments[1]

    def degrees(self) -> Matrix:
        """Return expected one-way out-, one-way in- and mutual degrees, shape (n, 3)."""
        pairs = self.sizes[None, :] - np.eye(self.sizes.size)
        by_class = np.stack(
            [
                (pairs * self.one_way).sum(1),
                (pairs * self.one_way.T).sum(1),
                (pairs * self.mutual).sum(1),
            ],
            axis=1,
        )
        found: Matrix = by_class[self.classes]
        return found

    def sample(self, rng: np.random.Generator) -> Circuit:
        """Draw one graph of the ensemble."""
        pre, post = _draw(self.classes, self.one_way, self.mutual, stream(rng))
        return Circuit.from_edges("sample", self.n, pre, post)


@kernel
def _draw(
    classes: npt.NDArray[np.int64], one_way: Matrix, mutual: Matrix, state: State
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Draw the state of every pair; sources and targets of the connections."""
    n = classes.size
    pre, post = np.empty(4 * n, np.int32), np.empty(4 * n, np.int32)
    m = 0
    for i in range(n):
        if m + 2 * n > pre.size:
            pre = np.concatenate((pre, np.empty(pre.size, np.int32)))
            post = np.concatenate((post, np.empty(post.size, np.int32)))
        a = classes[i]
        for j in range(i + 1, n):
            b = classes[j]
            draw = uniform(state)
            forth = one_way[a, b]
            back = forth + one_way[b, a]
            both = back + mutual[a, b]
            if draw >= both:
                continue
            if draw < forth or draw >= back:
                pre[m], post[m] = i, j
                m += 1
            if draw >= forth:
                pre[m], post[m] = j, i
                m += 1
    return pre[:m], post[:m]


def independent(classes: npt.NDArray[np.int64], probability: Matrix) -> DyadModel:
    """Ensemble in which both directions are independent, from K × K connection probabilities."""
    check_size(probability.shape[0])
    sizes = np.bincount(classes, minlength=probability.shape[0]).astype(np.int64)
    one_way = probability * (1 - probability.T)
    return DyadModel(classes, sizes, one_way, probability * probability.T)


def check_size(classes: int) -> None:
    """Refuse matrices that do not fit a workstation's memory.

    Raises
    ------
    NullUnavailable
        If there are more classes of neurons than `LARGEST`.
    """
    if classes > LARGEST:
        raise NullUnavailable(
            f"this null needs matrices of {classes:,} × {classes:,} neurons",
            remedy=f"compare with er, or cut a circuit of at most {LARGEST:,} neurons",
        )


def dyad_counts(circuit: Circuit) -> npt.NDArray[np.int64]:
    """Return one-way out-, one-way in- and mutual degree of every neuron, shape (n, 3)."""
    from analysis.motifs import lists

    starts, sources = lists.transpose(circuit.indptr, circuit.indices)
    return np.stack(lists.dyad_degrees(circuit.indptr, circuit.indices, starts, sources), axis=1)
