"""From the errors that a dataset states, of synapses, to errors of connections.

A connection of w synapses is missed if all of them are: (1 − r)^w for the recall r. How many had w
synapses is not seen, since the counts are thinned themselves; but of a thinned count the number of
zeros follows from the others. With N_k connections seen with k synapses and q = (1 − r)/r,

    lost = N_1 q − N_2 q² + N_3 q³ − …

is unbiased (Good & Toulmin 1956, DOI 10.1093/biomet/43.1-2.45), and f = lost / (lost + seen). It
converges for r > ½. False synapses, (1 − p) of all for the precision p, are taken to fall on the
observable pairs at random; nearly all then make a connection of one synapse of an unconnected pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from schemas.records import ErrorModel as StatedModel
from schemas.records import Figure

HALF = 0.5
LARGEST_WEIGHT = 40  # q^40 is nothing


@dataclass(frozen=True)
class Stated:
    """Error rates of the connections of one circuit.

    Attributes
    ----------
    miss : float or None
        f, the share of the connections that were missed; None where it cannot be told.
    miss_sd : float
        SD of f: half of what it differs by over the stated range of the recall, and the counts.
    spurious : float
        g, the chance that an unconnected observable pair is connected.
    spurious_share : float
        Spurious connections, as a share of those that were seen.
    how : tuple of str
        Sentences: what it was derived from.
    unknown : tuple of str
        Sentences: errors that are known to be there and are not in f and g.
    """

    miss: float | None
    miss_sd: float
    spurious: float
    spurious_share: float
    how: tuple[str, ...]
    unknown: tuple[str, ...]


def given_rates(circuit: Circuit, miss: float, spurious: float = 0.0) -> Stated:
    """Return rates of connections that are known by other means.

    Parameters
    ----------
    circuit : Circuit
    miss : float
        f.
    spurious : float, optional
        Spurious connections, as a share of those that were seen.
    """
    false = spurious * circuit.m
    empty = circuit.frame.pairs - circuit.m + false
    rate = false / empty if empty else 0.0
    said = [f"{miss:.1%} of the connections missed, as given"]
    if spurious:
        said.append(f"{spurious:.1%} of those seen spurious, as given")
    return Stated(miss, 0.0, rate, spurious, tuple(said), _unknown(circuit, StatedModel()))


def derive(circuit: Circuit, errors: StatedModel, weight: str = "synapse_count") -> Stated | None:
    """Derive error rates of connections from what is stated about synapses.

    Parameters
    ----------
    circuit : Circuit
        With its numbers of synapses.
    errors : schemas.records.ErrorModel
        Of the dataset's manifest.
    weight : str, optional
        What a weight counts (`DatasetManifest.weight`); unless it is synapses, every connection is
        taken to have one, so that f is the largest possible.

    Returns
    -------
    Stated or None
        None where neither recall nor precision is stated.
    """
    if errors.recall is None and errors.precision is None:
        return None
    counts = _counts(circuit, weight)
    how, share, rate = _spurious(circuit, counts, errors.precision)
    counts[1] = max(0.0, counts[1] - share * circuit.m)
    miss, miss_sd, said = _missed(counts, errors, weight)
    return Stated(miss, miss_sd, rate, share, (*said, *how), _unknown(circuit, errors))


def lost_connections(counts: npt.ArrayLike, recall: float) -> float:
    """Unbiased estimate of the connections of which no synapse was seen.

    Parameters
    ----------
    counts : float, shape (k + 1,)
        Number of connections seen with 0 (ignored), 1, …, k synapses.
    recall : float
        Chance that a synapse is seen, above ½.
    """
    seen = np.asarray(counts, float)
    powers = (-(1 - recall) / recall) ** np.arange(seen.size)
    return float(-(seen[1:] * powers[1:]).sum())


def _counts(circuit: Circuit, weight: str) -> npt.NDArray[np.float64]:
    """Count the connections with 0, 1, 2 … synapses."""
    if weight != "synapse_count":
        return np.array([0.0, circuit.m])
    weights = np.minimum(circuit.weights, LARGEST_WEIGHT)
    return np.bincount(weights, minlength=2).astype(float)


def _spurious(
    circuit: Circuit, counts: npt.NDArray[np.float64], precision: Figure | None
) -> tuple[tuple[str, ...], float, float]:
    """Say how, and return spurious connections as a share of those seen, and g."""
    if precision is None:
        return ("no precision stated: spurious connections taken to be none",), 0.0, 0.0
    pairs, single = circuit.frame.pairs, float(counts[1])
    absent = pairs - circuit.m
    synapses = float((counts * np.arange(counts.size)).sum())
    rate = 1 - exp(-(1 - precision.value) * synapses / pairs) if pairs else 0.0
    made, capped = rate * absent, ""
    if made > single:
        made, rate = single, single / (absent + single)
        capped = ", all that have one synapse"
    share = made / circuit.m if circuit.m else 0.0
    said = (
        f"synapse precision {precision.value:g}: {share:.2%} of the connections spurious{capped}, "
        "if false synapses fall on pairs at random"
    )
    return (said,), share, rate


def _missed(
    counts: npt.NDArray[np.float64], errors: StatedModel, weight: str
) -> tuple[float | None, float, tuple[str, ...]]:
    """Return f, its SD and how it was derived; f is None where it cannot be."""
    recall = errors.recall
    if recall is None:
        return None, 0.0, ("no recall stated: the share of missed connections is not known",)
    if errors.synapse_threshold is not None and errors.synapse_threshold > 1:
        why = f"connections of fewer than {errors.synapse_threshold} synapses were left out"
        return None, 0.0, (f"{why}, so those of which none was seen cannot be told",)
    lowest = recall.value if recall.low is None else recall.low
    if lowest <= HALF:
        why = f"a synapse recall of {lowest:g}"
        return None, 0.0, (f"{why}: what was missed cannot be told from what was seen",)
    seen = float(counts[1:].sum())
    if seen == 0:
        return None, 0.0, ("no connection was seen",)

    def share(value: float) -> float:
        lost = max(0.0, lost_connections(counts, value))
        return lost / (lost + seen)

    miss = share(recall.value)
    bounds = [share(b) for b in (recall.low, recall.high) if b is not None]
    stated = (max([*bounds, miss]) - min([*bounds, miss])) / 2
    powers = ((1 - recall.value) / recall.value) ** (2 * np.arange(counts.size))
    # Of the estimate from the counts, and of how many happened to be lost.
    sampled = sqrt(float((counts * powers)[1:].sum()) + miss / (1 - miss) * seen)
    sampled *= (1 - miss) ** 2 / seen
    said = f"synapse recall {recall.value:g}: {miss:.2%} of the connections missed"
    if weight != "synapse_count":
        said += " at most, as if each had one synapse (their numbers are not in the data)"
    return miss, sqrt(stated**2 + sampled**2), (said,)


def _unknown(circuit: Circuit, errors: StatedModel) -> tuple[str, ...]:
    said = []
    if errors.proofread_axons is not None and errors.proofread_axons.value < 1:
        said.append(
            f"{1 - errors.proofread_axons.value:.1%} of the axons were not proofread: what they "
            "miss is not known, so f is a lower bound"
        )
    if circuit.frame.truncated:
        said.append("neurites leave the volume: connections outside of it are missed and not in f")
    return tuple(said)
