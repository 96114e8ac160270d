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
CHUNK = 50_000  # triples whose 64 states are held at once: 26 MB


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
    places = triple_pairs(circuit)
    linked = _linked(circuit)
    counts = _counts(linked[places])
    return dict(zip(MAN, counts.tolist(), strict=True))


def triple_pairs(circuit: Circuit) -> Ints:
    """Place among the tested pairs of each of the six pairs of every triple, shape (t, 6)."""
    frame = circuit.frame
    assert frame.tested is not None
    keys = frame.tested[:, 0] * frame.n + frame.tested[:, 1]
    triples = frame.tested_triples
    ends = [triples[:, a] * frame.n + triples[:, b] for a, b in SIDES]
    return np.searchsorted(keys, np.stack(ends, axis=1))


def independent_moments(
    places: Ints, probability: Floats, rng: np.random.Generator, samples: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Mean (exact) and SD (of samples) of the triads if pairs were connected independently.

    Parameters
    ----------
    places : int64, shape (t, 6)
        Pairs of every triple.
    probability : float64, shape (k,)
        Probability of a connection of every tested pair.
    rng : Generator
    samples : int
        Graphs drawn for the standard deviation.

    Returns
    -------
    expected, sd : dict of str to float
    """
    expected = np.zeros(len(MAN))
    states = (np.arange(STATES)[:, None] >> np.arange(6)) & 1
    for begin in range(0, len(places), CHUNK):
        p = probability[places[begin : begin + CHUNK]]
        chance = np.ones((len(p), STATES))
        for side in range(len(SIDES)):
            chance *= np.where(states[None, :, side] == 1, p[:, None, side], 1 - p[:, None, side])
        expected += np.bincount(_classes(), weights=chance.sum(0), minlength=len(MAN))
    drawn = np.stack([_counts((rng.random(probability.size) < probability)[places])
                      for _ in range(samples)])  # fmt: skip
    spread = drawn.std(0, ddof=1)
    return (
        dict(zip(MAN, expected.tolist(), strict=True)),
        dict(zip(MAN, spread.tolist(), strict=True)),
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


def _counts(linked: npt.NDArray[np.bool_]) -> Ints:
    """Count triads from the connections of every triple, shape (t, 6)."""
    states = linked @ (1 << np.arange(len(SIDES)))
    return np.bincount(_classes()[states], minlength=len(MAN)).astype(np.int64)


@cache
def _classes() -> Ints:
    """Place in `MAN` of each of the 64 states of three labelled neurons."""
    return np.array([MAN.index(triad_of(s & 3, s >> 2 & 3, s >> 4 & 3)) for s in range(STATES)])
