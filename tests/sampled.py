"""Censuses of hard samples drawn one after the other, without batches: an oracle of ensembles."""

import numpy as np

from analysis.motifs import MAN, triad_census
from analysis.nulls.hard import sample_graphs


def sample_censuses(circuit, null, samples, rng):
    """Triad counts in the order of `MAN`, shape (samples, 16), along one chain or stream."""
    counts = np.empty((samples, len(MAN)), np.int64)
    for row, graph in zip(counts, sample_graphs(circuit, null, samples, rng), strict=True):
        row[:] = list(triad_census(graph).values())
    return counts
