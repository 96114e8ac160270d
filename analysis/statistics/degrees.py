"""Correlations of in- and out-degree: `degree_correlation` and `sample_degree_correlation`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.circuit import Circuit
from analysis.nulls.dyads import dyad_counts
from analysis.statistics import statistic
from analysis.statistics.estimates import GROUPS, JACKKNIFE, NAN, Estimate, jackknife
from analysis.statistics.needs import DEGREES, WHOLE
from analysis.statistics.pairs import pair_statistics

SAMPLES = (2, 4, 8, 12)
PER_SECOND = 2e7  # connections


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife."""
    return (GROUPS + 1) * (circuit.m + circuit.n) / PER_SECOND


@statistic(
    "degree_correlation",
    title="In/out-degree correlation",
    definition="Pearson correlation of the number of inputs and of outputs, over neurons.",
    doi="10.1038/s41467-021-22856-z",
    reference="Klinger et al. 2021",
    needs=DEGREES,
    unit="correlation, −1 to 1",
    meaning="whether neurons with many inputs also have many outputs",
    error=JACKKNIFE,
    cost=cost,
)
def degree_correlation(circuit: Circuit, seed: int) -> Estimate:
    """Compute the correlation."""
    return Estimate(
        jackknife(circuit, lambda part: {"": pair_statistics(part).degree_correlation}, seed)
    )


@statistic(
    "sample_degree_correlation",
    title="Sample degree correlation",
    definition="Pearson correlation of in- and out-degree within random samples of N neurons, over "
    "all samples and their neurons; it depends on density and on reciprocal, convergent, divergent "
    "and chain pairs of connections only, so recordings of a few neurons estimate it. That agrees "
    "with the paper's abstract, all of it that could be read here: a statistic of parameters that "
    "small samples estimate. The paper's formula was not compared.",
    doi="10.1523/JNEUROSCI.0984-17.2017",
    reference="Vegué, Perin & Roxin 2017",
    needs=WHOLE,
    unit="correlation, −1 to 1",
    meaning="what recordings of N neurons at a time would show of the degree correlation",
    error=JACKKNIFE,
    cost=cost,
)
def sample_degree_correlation(circuit: Circuit, seed: int) -> Estimate:
    """Compute the correlation for each sample size."""
    return Estimate(jackknife(circuit, sample_correlations, seed))


def sample_correlations(circuit: Circuit) -> Mapping[str, float]:
    """Return the correlation for each of `SAMPLES`, exactly over all samples.

    A sample of N neurons holds each other neuron's connections with N − 1 partners, so with the
    probabilities p of a connection, r of a mutual pair, and c of two connections of one neuron
    (in–in, out–out or in–out) to different partners, all over the circuit:
    Cov = (N − 1)(r − p²) + (N − 1)(N − 2)(c_io − p²), and likewise for the variances.
    """
    n = circuit.n
    names = [f"samples of {size}" for size in SAMPLES]
    if n < max(SAMPLES) or circuit.m == 0:
        return dict.fromkeys(names, NAN)
    counts = dyad_counts(circuit).astype(np.float64)
    out, into, mutual = counts[:, 0] + counts[:, 2], counts[:, 1] + counts[:, 2], counts[:, 2]
    p = circuit.m / (n * (n - 1))
    triples = n * (n - 1) * (n - 2)
    both = mutual.sum() / (n * (n - 1))
    chain = (out * into - mutual).sum() / triples
    convergent, divergent = ((d * (d - 1)).sum() / triples for d in (into, out))
    found = {}
    for name, size in zip(names, SAMPLES, strict=True):
        near, far = size - 1, (size - 1) * (size - 2)
        covariance = near * (both - p * p) + far * (chain - p * p)
        spreads = [near * (p - p * p) + far * (c - p * p) for c in (convergent, divergent)]
        product = spreads[0] * spreads[1]
        found[name] = float(covariance / np.sqrt(product)) if product > 1e-24 else NAN
    return found
