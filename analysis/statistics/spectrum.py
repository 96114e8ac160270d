"""`spectral_radius`: the largest eigenvalue of the matrix of connections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.circuit import Circuit
from analysis.statistics import statistic
from analysis.statistics.components import strong_components
from analysis.statistics.estimates import GROUPS, JACKKNIFE, NAN, Estimate, jackknife
from analysis.statistics.needs import WHOLE

SMALL = 200  # neurons of a component whose eigenvalues are all computed
PER_SECOND = 1e7  # connections


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife."""
    return (GROUPS + 1) * (circuit.m / PER_SECOND + circuit.n / 1e5)


@statistic(
    "spectral_radius",
    title="Spectral radius",
    definition="Largest absolute eigenvalue of the matrix of connections (all counted positive), "
    "the same over the mean degree, and that of the matrix of synapse numbers.",
    doi="10.1103/PhysRevLett.97.188104",
    reference="Rajan & Abbott 2006",
    needs=WHOLE,
    unit="eigenvalue; ratio, 1 = random",
    meaning="how strongly activity is amplified on its way round",
    error=JACKKNIFE,
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Compute the radii."""
    return Estimate(jackknife(circuit, _radii, seed))


def spectral_radius(circuit: Circuit, *, weighted: bool = False) -> float:
    """Return the largest absolute eigenvalue of a circuit's matrix; 0 without cycles.

    Parameters
    ----------
    circuit : Circuit
    weighted : bool, optional
        Whether entries are numbers of synapses; default ones.

    Notes
    -----
    It is the largest of those of the strongly connected components. Each of these is irreducible,
    so that its radius is its eigenvalue of largest real part (Perron–Frobenius).
    """
    matrix = circuit.to_scipy().astype(np.float64)
    if not weighted:
        matrix.data[:] = 1
    labels = strong_components(circuit)
    sizes = np.bincount(labels, minlength=1)
    radius = 0.0
    for component in np.flatnonzero(sizes > 1):
        members = np.flatnonzero(labels == component)
        radius = max(radius, _perron(matrix[members][:, members]))
    return radius


def _perron(block: Any) -> float:
    from scipy.sparse.linalg import eigs

    n = block.shape[0]
    if n <= SMALL:
        return float(np.linalg.eigvals(block.toarray()).real.max())
    start = np.ones(n) / np.sqrt(n)  # given, so that the same circuit has the same digits
    found = eigs(block, k=1, which="LR", v0=start, return_eigenvectors=False, tol=1e-10)
    return float(found.real.max())


def _radii(circuit: Circuit) -> Mapping[str, float]:
    radius = spectral_radius(circuit)
    mean_degree = circuit.m / circuit.n if circuit.n else NAN
    return {
        "connections": radius if circuit.n else NAN,
        "relative to mean degree": radius / mean_degree if mean_degree else NAN,
        "synapses": spectral_radius(circuit, weighted=True) if circuit.n else NAN,
    }
