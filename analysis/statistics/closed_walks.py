"""`closed_walks`: Klinger's r₍₅₎, closed walks of five steps relative to the density."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.statistics import statistic
from analysis.statistics.estimates import GROUPS, JACKKNIFE, NAN, Estimate, jackknife
from analysis.statistics.needs import WHOLE
from analysis.statistics.walks import closed_fives, seconds

STEPS = 5


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife, for all neurons and the excitatory ones."""
    one = seconds(circuit)
    excitatory = _excitatory(circuit)
    if excitatory is not None:
        one += seconds(circuit.subset(excitatory))
    return (GROUPS + 1) * one


@statistic(
    "closed_walks",
    title="Closed walks of five steps, r₍₅₎",
    definition="tr A⁵ / (n p)⁵ of the matrix of connections A among n neurons of density p; also "
    "among the excitatory neurons alone, where polarity is known.",
    doi="10.1038/s41467-021-22856-z",
    reference="Klinger et al. 2021",
    needs=WHOLE,
    unit="ratio, 1 = random",
    meaning="how much recurrence exceeds that of a random circuit of the same density",
    error=JACKKNIFE,
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Compute the ratios."""
    return Estimate(jackknife(circuit, _ratios, seed))


def relative_fives(circuit: Circuit) -> float:
    """Return tr A⁵ / (n p)⁵; nan without connections."""
    if circuit.m == 0:
        return NAN
    return closed_fives(circuit) / (circuit.n * circuit.density) ** STEPS


def _ratios(circuit: Circuit) -> Mapping[str, float]:
    found = {"all neurons": relative_fives(circuit)}
    excitatory = _excitatory(circuit)
    if excitatory is not None:
        found["excitatory"] = relative_fives(circuit.subset(excitatory))
    return found


def _excitatory(circuit: Circuit) -> npt.NDArray[np.bool_] | None:
    """Mask of the excitatory neurons; None where these are none or all."""
    if "polarity" not in circuit.neurons:
        return None
    mask = (circuit.neurons["polarity"] == "excitatory").fillna(False).to_numpy(np.bool_)
    return mask if 0 < mask.sum() < circuit.n else None
