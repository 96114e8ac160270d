"""Pair statistics of a circuit, and triads expected from pairs alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.circuit import Circuit
from analysis.motifs import MAN
from analysis.nulls.dyads import dyad_counts


@dataclass(frozen=True)
class PairStatistics:
    """Counts and ratios over pairs of neurons; a ratio is nan where it is not defined.

    Attributes
    ----------
    neurons, connections : int
    density : float
        Share of the observable ordered pairs that are connected.
    mutual, one_way, unconnected : int
        Unordered pairs by kind, among those that are observable in both directions.
    reciprocity : float
        Share of connections whose reverse exists too, among those whose reverse is observable.
    reciprocity_over_er : float
        Mutual pairs over their expectation if the pairs observable in both directions were
        connected with the density among them, independently: C(n, 2) p² where all are.
    in_degree_cv, out_degree_cv : float
        Coefficients of variation.
    degree_correlation : float
        Pearson correlation of in- and out-degree.
    observable_pairs : int
        Ordered pairs that could have been observed.
    """

    neurons: int
    connections: int
    density: float
    mutual: int
    one_way: int
    unconnected: int
    reciprocity: float
    reciprocity_over_er: float
    in_degree_cv: float
    out_degree_cv: float
    degree_correlation: float
    observable_pairs: int


def pair_statistics(circuit: Circuit) -> PairStatistics:
    """Compute the pair statistics of a circuit."""
    frame = circuit.frame
    counts = dyad_counts(circuit)
    out, inn = counts[:, 0] + counts[:, 2], counts[:, 1] + counts[:, 2]
    source = circuit.sources()
    # A connection counts here if its reverse could have been seen.
    answerable = circuit.m if frame.complete else int(frame.observes(circuit.indices, source).sum())
    mutual, pairs = int(counts[:, 2].sum()) // 2, frame.mutual_pairs
    one_way = answerable - 2 * mutual
    by_chance = answerable**2 / (4 * pairs) if pairs else 0.0
    sides = (
        (inn, out) if frame.complete else (inn[frame.targets], out[frame.sources])
    )  # a neuron whose outputs were not observed has no out-degree
    both = frame.core
    return PairStatistics(
        neurons=circuit.n,
        connections=circuit.m,
        density=circuit.density,
        mutual=mutual,
        one_way=one_way,
        unconnected=pairs - mutual - one_way,
        reciprocity=2 * mutual / answerable if answerable else float("nan"),
        reciprocity_over_er=mutual / by_chance if by_chance else float("nan"),
        in_degree_cv=_variation(sides[0]),
        out_degree_cv=_variation(sides[1]),
        degree_correlation=_correlation(inn[both], out[both]),
        observable_pairs=frame.pairs,
    )


def block_table(circuit: Circuit, column: str) -> pd.DataFrame:
    """Tabulate connections between classes of neurons.

    Parameters
    ----------
    circuit : Circuit
    column : str
        Column of the neuron table that holds the classes; missing labels are one class, `(none)`.

    Returns
    -------
    DataFrame
        Columns pre, post, pairs (observable ordered pairs of neurons), connections, synapses,
        probability.
    """
    labels = circuit.neurons[column].astype("string").fillna("(none)")
    codes, values = pd.factorize(labels, sort=True)
    pairs = circuit.frame.class_pairs(codes, len(values))
    found, synapses = np.zeros_like(pairs), np.zeros_like(pairs)
    place = codes[circuit.sources()], codes[circuit.indices]
    np.add.at(found, place, 1)
    np.add.at(synapses, place, circuit.weights)
    names = list(values)
    return pd.DataFrame(
        {
            "pre": np.repeat(names, len(names)),
            "post": names * len(names),
            "pairs": pairs.ravel(),
            "connections": found.ravel(),
            "synapses": synapses.ravel(),
            "probability": np.divide(
                found, pairs, out=np.full(pairs.shape, np.nan), where=pairs > 0
            ).ravel(),
        }
    )


# Labelled versions of each triad, with the probability of ONE direction for a one-way pair.
_VERSIONS = dict(
    zip(
        ("003", "012", "102", "021D", "021U", "021C", "111D", "111U",
         "201", "030T", "030C", "120D", "120C", "120U", "210", "300"),
        (1, 6, 3, 3, 3, 6, 6, 6, 3, 6, 2, 3, 6, 3, 6, 1),
        strict=True,
    )
)  # fmt: skip


def triads_from_pairs(triples: int, pairs: Mapping[str, int]) -> dict[str, float]:
    """Return the triads expected among `triples` triples if pairs were independent.

    Parameters
    ----------
    triples : int
        Number of triples that were tested.
    pairs : mapping
        Numbers of `mutual`, `one_way` and `unconnected` pairs that were tested.

    Returns
    -------
    dict of str to float
        MAN code → expected count, in the order of `MAN`.

    References
    ----------
    Song et al. 2005, PLoS Biology 3:e68, DOI 10.1371/journal.pbio.0030068.
    """
    total = sum(pairs.values())
    mutual = pairs["mutual"] / total
    one_way = pairs["one_way"] / total / 2
    none = pairs["unconnected"] / total
    expected = {}
    for code in MAN:
        m, a, e = (int(digit) for digit in code[:3])
        expected[code] = triples * _VERSIONS[code] * mutual**m * one_way**a * none**e
    return expected


def _variation(degrees: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    mean = degrees.mean() if degrees.size else 0.0
    return float(degrees.std() / mean) if mean else float("nan")


def _correlation(
    x: np.ndarray[tuple[int], np.dtype[np.int64]], y: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> float:
    if x.size < 2 or x.std() == 0 or y.std() == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])
