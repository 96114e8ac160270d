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
        Share of ordered pairs that are connected.
    mutual, one_way, unconnected : int
        Unordered pairs by kind.
    reciprocity : float
        Share of connections whose reverse exists too.
    reciprocity_over_er : float
        Mutual pairs over their expectation C(n, 2) p².
    in_degree_cv, out_degree_cv : float
        Coefficients of variation.
    degree_correlation : float
        Pearson correlation of in- and out-degree.
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


def pair_statistics(circuit: Circuit) -> PairStatistics:
    """Compute the pair statistics of a circuit."""
    counts = dyad_counts(circuit)
    out, inn = counts[:, 0] + counts[:, 2], counts[:, 1] + counts[:, 2]
    n, m = circuit.n, circuit.m
    mutual, one_way = int(counts[:, 2].sum()) // 2, int(counts[:, 0].sum())
    pairs = n * (n - 1) // 2
    by_chance = pairs * circuit.density**2 if n > 1 else 0.0
    return PairStatistics(
        neurons=n,
        connections=m,
        density=circuit.density,
        mutual=mutual,
        one_way=one_way,
        unconnected=pairs - mutual - one_way,
        reciprocity=2 * mutual / m if m else float("nan"),
        reciprocity_over_er=mutual / by_chance if by_chance else float("nan"),
        in_degree_cv=_variation(inn),
        out_degree_cv=_variation(out),
        degree_correlation=_correlation(inn, out),
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
        Columns pre, post, pairs (ordered pairs of neurons), connections, synapses, probability.
    """
    labels = circuit.neurons[column].astype("string").fillna("(none)")
    codes, values = pd.factorize(labels, sort=True)
    sizes = np.bincount(codes, minlength=len(values))
    pairs = np.outer(sizes, sizes) - np.diag(sizes)
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
