"""Triads over tested pairs: only triples all of whose six pairs were tested are counted.

Multi-patch recordings test some pairs of a cluster of neurons. A triple of which one pair was not
tested is no triad without that connection, so it is left out, from what is observed as from what a
null expects.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.motifs.naming import triad_of
from analysis.motifs.triads import MAN

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# The six ordered pairs of a triple (0, 1, 2), in the order of their bits.
SIDES = ((0, 1), (1, 0), (1, 2), (2, 1), (0, 2), (2, 0))
STATES = 64
CHUNK = 20_000  # triples whose states are held at once: 41 MB


def tested_census(circuit: Circuit) -> dict[str, int]:
    """Count the 16 induced triads among the triples that were tested whole.

    Parameters
    ----------
    circuit : Circuit
        With a frame of tested pairs.

    Returns
    -------
    dict of str to int
        MAN code → count, in the order of `MAN`; the counts sum to `circuit.frame.triples`.

    Raises
    ------
    FrameError
        If no triple was tested whole.
    """
    circuit.frame.need_triples(circuit.name)
    counts = np.bincount(_classes()[triple_states(circuit)], minlength=len(MAN))
    return dict(zip(MAN, counts.tolist(), strict=True))


def triple_pairs(circuit: Circuit) -> Ints:
    """Place among the tested pairs of each of the six pairs of every triple, shape (t, 6)."""
    frame = circuit.frame
    assert frame.tested is not None
    keys = frame.tested[:, 0] * frame.n + frame.tested[:, 1]
    triples = frame.tested_triples
    ends = [triples[:, a] * frame.n + triples[:, b] for a, b in SIDES]
    return np.searchsorted(keys, np.stack(ends, axis=1))


def triple_states(circuit: Circuit) -> Ints:
    """State of every tested triple, shape (t,): bit k tells whether `SIDES[k]` is connected."""
    states: Ints = _linked(circuit)[triple_pairs(circuit)] @ (1 << np.arange(len(SIDES)))
    return states


def triple_dyads(circuit: Circuit) -> Ints:
    """Place among `frame.both_ways` of the pairs 01, 12 and 02 of every triple, shape (t, 3)."""
    frame = circuit.frame
    assert frame.both_ways is not None
    keys = frame.both_ways[:, 0] * frame.n + frame.both_ways[:, 1]
    triples = frame.tested_triples
    ends = [triples[:, a] * frame.n + triples[:, b] for a, b in SIDES[::2]]
    return np.searchsorted(keys, np.stack(ends, axis=1))


def dyad_moments(dyads: Ints, chance: Floats) -> tuple[dict[str, float], dict[str, float]]:
    """Mean and SD of the triads if the states of pairs were independent, both exact.

    The variance is that of `analysis.nulls.moments`, enumerated: any two triples share at most one
    pair.

    Parameters
    ----------
    dyads : int64, shape (t, 3)
        Pairs 01, 12 and 02 of every triple, as rows of `chance`.
    chance : float64, shape (d, 4)
        Probability that a pair is unconnected, connected forth only, back only, both ways.

    Returns
    -------
    expected, sd : dict of str to float
    """
    used, places = np.unique(dyads, return_inverse=True)
    chance, places = chance[used], places.reshape(dyads.shape)
    kinds = np.eye(len(MAN))[_classes()].reshape(4, 4, 4, len(MAN))  # states of 02, 12, 01
    expected, within = np.zeros((2, len(MAN)))
    gain = np.zeros((*chance.shape, len(MAN)))
    for begin in range(0, len(places), CHUNK):
        sides = places[begin : begin + CHUNK].T
        p, q, r = chance[sides]
        after_r = np.einsum("tz,zyxc->tyxc", r, kinds)
        given = (
            np.einsum("ty,tyxc->txc", q, after_r),
            np.einsum("tx,tyxc->tyc", p, after_r),
            np.einsum("tx,ty,zyxc->tzc", p, q, kinds, optimize=True),
        )
        mean = np.einsum("tx,txc->tc", p, given[0])
        expected += mean.sum(0)
        within += (mean * (1 - mean)).sum(0)
        for side, states, known in zip(sides, (p, q, r), given, strict=True):
            within -= np.einsum("ts,tsc->c", states, (known - mean[:, None, :]) ** 2)
            np.add.at(gain, side, known)
    total = np.einsum("ds,dsc->dc", chance, gain)
    variance = np.einsum("ds,dsc->c", chance, (gain - total[:, None, :]) ** 2) + within
    return (
        dict(zip(MAN, expected.tolist(), strict=True)),
        dict(zip(MAN, np.sqrt(np.maximum(variance, 0)).tolist(), strict=True)),
    )


def _linked(circuit: Circuit) -> npt.NDArray[np.bool_]:
    """Whether each tested pair is connected, shape (k,)."""
    frame = circuit.frame
    assert frame.tested is not None
    found = circuit.sources().astype(np.int64) * circuit.n + circuit.indices
    linked: npt.NDArray[np.bool_] = np.isin(
        frame.tested[:, 0] * frame.n + frame.tested[:, 1], found
    )
    return linked


@cache
def _classes() -> Ints:
    """Place in `MAN` of each of the 64 states of three labelled neurons."""
    return np.array([MAN.index(triad_of(s & 3, s >> 2 & 3, s >> 4 & 3)) for s in range(STATES)])
