"""`feedback_arcs`: the connections that run against the best order of the neurons."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.motifs import lists
from analysis.statistics import statistic
from analysis.statistics.estimates import (
    DELETE_ONE,
    NAN,
    UNDEFINED,
    Estimate,
    Part,
    delete_one,
)
from analysis.statistics.needs import WHOLE

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
ORDERS = 10
PER_SECOND = 5e7  # connections


def cost(circuit: Circuit) -> float:
    """Seconds."""
    return ORDERS * (circuit.m + 10 * circuit.n) / PER_SECOND


@statistic(
    "feedback_arcs",
    title="Feedback-arc share",
    definition="Share of the connections that lead back in an order of the neurons made greedily "
    "to have few of them, the fewest of 10 orders whose ties are broken at random: an upper bound "
    "of the smallest share there is.",
    doi="10.1016/0020-0190(93)90079-O",
    reference="Eades, Lin & Smyth 1993",
    needs=WHOLE,
    unit="share, 0 (feedforward) to 0.5",
    meaning="how many connections must be cut to leave no loop",
    error=f"{DELETE_ONE}; the order is taken as given, which matters to second order only",
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Compute the share."""
    if circuit.m == 0:
        return Estimate((Part("", NAN, NAN, UNDEFINED),))
    place = best_order(circuit, seed)
    pre, post = circuit.sources(), circuit.indices
    back = place[pre] > place[post]
    ends, back_ends = (
        np.bincount(pre[kept], minlength=circuit.n) + np.bincount(post[kept], minlength=circuit.n)
        for kept in (np.ones(circuit.m, np.bool_), back)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        without = (back.sum() - back_ends) / (circuit.m - ends)
    share = float(back.mean())
    return Estimate((Part("", share, *delete_one(share, without)),))


def feedback_share(circuit: Circuit, seed: int = 0) -> float:
    """Return the share of connections that lead back; nan without connections."""
    if circuit.m == 0:
        return NAN
    place = best_order(circuit, seed)
    return float((place[circuit.sources()] > place[circuit.indices]).mean())


def best_order(circuit: Circuit, seed: int = 0) -> Ints:
    """Return the place of every neuron in the order with fewest connections back, shape (n,)."""
    columns = lists.transpose(circuit.indptr, circuit.indices)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 7]))
    orders = [
        _greedy_order(circuit.indptr, circuit.indices, *columns, rng.permutation(circuit.n))
        for _ in range(ORDERS)
    ]
    return min(
        orders, key=lambda place: int((place[circuit.sources()] > place[circuit.indices]).sum())
    )


@kernel
def _greedy_order(
    indptr: Ints, indices: Places, starts: Ints, sources: Places, dealt: Ints
) -> Ints:
    """Place of every neuron in an order with few connections that lead back, shape (n,).

    Sinks go to the end, sources to the beginning; else the neuron whose outputs exceed its inputs
    most goes to the beginning. Neurons wait in piles by that difference; within a pile the order
    is that in which they came, at first that of `dealt`.
    """
    n = indptr.size - 1
    out, into = np.diff(indptr), np.diff(starts)
    widest = 0
    for v in range(n):
        widest = max(widest, out[v] + into[v])
    middle = widest + 1
    sink, source = 2 * widest + 3, 2 * widest + 4  # piles beside those of differences
    heads = np.full(2 * widest + 5, -1, np.int64)
    after, before = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    pile = np.full(n, -1, np.int64)
    place = np.full(n, -1, np.int64)
    for r in range(n):
        v = dealt[r]
        p = sink if out[v] == 0 else source if into[v] == 0 else middle + out[v] - into[v]
        pile[v] = p
        after[v] = heads[p]
        if heads[p] >= 0:
            before[heads[p]] = v
        heads[p] = v
    first, last, top = 0, n - 1, 2 * widest + 2
    while first <= last:
        if heads[sink] >= 0:
            v = heads[sink]
            place[v] = last
            last -= 1
        elif heads[source] >= 0:
            v = heads[source]
            place[v] = first
            first += 1
        else:
            while heads[top] < 0:
                top -= 1
            v = heads[top]
            place[v] = first
            first += 1
        heads[pile[v]] = after[v]
        if after[v] >= 0:
            before[after[v]] = -1
        for side in range(2):
            begin = indptr[v] if side == 0 else starts[v]
            end = indptr[v + 1] if side == 0 else starts[v + 1]
            for k in range(begin, end):
                u = np.int64(indices[k] if side == 0 else sources[k])
                if place[u] >= 0:
                    continue
                if side == 0:
                    into[u] -= 1
                else:
                    out[u] -= 1
                p = sink if out[u] == 0 else source if into[u] == 0 else middle + out[u] - into[u]
                if before[u] >= 0:
                    after[before[u]] = after[u]
                else:
                    heads[pile[u]] = after[u]
                if after[u] >= 0:
                    before[after[u]] = before[u]
                pile[u] = p
                before[u], after[u] = -1, heads[p]
                if heads[p] >= 0:
                    before[heads[p]] = u
                heads[p] = u
                if p < sink:
                    top = max(top, p)
    return place
