"""`trophic_incoherence`: how far connections are from all leading one level up."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.statistics import statistic
from analysis.statistics.estimates import GROUPS, JACKKNIFE, NAN, Estimate, jackknife
from analysis.statistics.needs import WHOLE

Floats = npt.NDArray[np.float64]
TOLERANCE = 1e-11
SMALL = 600  # neurons for which a solution that does not settle is computed outright
PER_SECOND = 1e7  # connections


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife."""
    return (GROUPS + 1) * (circuit.m + circuit.n) / PER_SECOND


@statistic(
    "trophic_incoherence",
    title="Trophic incoherence",
    definition="F₀: mean over connections of (difference of the trophic levels of their ends "
    "− 1)², with the levels that make it least.",
    doi="10.1098/rsos.201138",
    reference="MacKay, Johnson & Sansom 2020",
    needs=WHOLE,
    unit="0 (layered, feedforward) to 1 (no direction)",
    meaning="how little the connections agree on one direction",
    error=JACKKNIFE,
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Compute F₀."""
    return Estimate(jackknife(circuit, lambda part: {"": trophic_incoherence(part)}, seed))


def trophic_incoherence(circuit: Circuit) -> float:
    """Return F₀; nan without connections."""
    if circuit.m == 0:
        return NAN
    level = trophic_levels(circuit)
    steps = level[circuit.indices] - level[circuit.sources()]
    return float(((steps - 1) ** 2).mean())


def trophic_levels(circuit: Circuit) -> Floats:
    """Return the trophic level of every neuron, shape (n,), up to a constant of each component.

    They solve Λ h = d_in − d_out, with Λ the Laplacian of A + Aᵀ; every connection counts once,
    whatever its number of synapses.
    """
    from scipy.sparse import csr_array, diags_array
    from scipy.sparse.linalg import cg

    n = circuit.n
    linked = csr_array((np.ones(circuit.m), circuit.indices.copy(), circuit.indptr.copy()), (n, n))
    both = (linked + linked.T).tocsr()
    out = np.diff(circuit.indptr).astype(np.float64)
    into = np.bincount(circuit.indices, minlength=n).astype(np.float64)
    degree = out + into
    laplacian = (diags_array(degree) - both).tocsr()
    scaling = diags_array(1 / np.maximum(degree, 1))
    level, unsettled = cg(laplacian, into - out, rtol=TOLERANCE, maxiter=20 * n + 1_000, M=scaling)
    if unsettled:
        if n > SMALL:
            raise ArithmeticError("the trophic levels did not settle")
        level = np.linalg.lstsq(laplacian.toarray(), into - out, rcond=None)[0]
    levels: Floats = level
    return levels
