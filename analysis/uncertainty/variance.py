"""Variance of the effect of one circuit: neurons, pairs and triples, the null's refit included.

The circuit is seen as drawn: other neurons of the same kind, wired by the same rule, would have
given another effect. Its variance is V1 + V2 + V3, carried by one, two and three neurons. Deleting
one neuron at a time estimates V1 + 2 V2 + 3 V3 (Efron & Stein 1981, DOI 10.1214/aos/1176345462), of
which the part of pairs is taken off and that of triples is put on again; all of it in closed form,
from first derivatives. `docs/methods.md` has the formulas, and how often the intervals hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.motifs.census import triad_census
from analysis.motifs.typed import Cell
from analysis.nulls import Null
from analysis.nulls.bands import Bands
from analysis.nulls.dyads import DyadModel
from analysis.nulls.parameters import Parameters
from analysis.uncertainty.fitted import expectation
from analysis.uncertainty.gains import MOTIFS
from analysis.uncertainty.kinds import PAIR, Kinds, untyped
from analysis.uncertainty.pairs import Contributions, contributions
from analysis.uncertainty.slopes import slopes

Floats = npt.NDArray[np.float64]

FEWEST_NEURONS = 3  # at most so many: nothing is left to compare if one is left out
FEWEST_FREEDOM = 40.0  # degrees of freedom below which J1 alone is taken


@dataclass(frozen=True)
class Variance:
    """Variance of log(T/E), one motif.

    Attributes
    ----------
    observed, expected : float
        T and the canonical E.
    j1, j2, j3 : float
        Of deleted neurons, of pairs, of triples.
    decomposed : float
        V = max(J1 − J2 + J3, J1 / neurons of the motif).
    df : float
        Degrees of freedom of J1 (Satterthwaite), at most n − 1.
    """

    observed: float
    expected: float
    j1: float
    j2: float
    j3: float
    decomposed: float
    df: float

    @property
    def rule(self) -> str:
        """`V` or `J1`: which of the two is taken; few degrees of freedom call for the wider."""
        return "V" if self.df >= FEWEST_FREEDOM else "J1"

    @property
    def value(self) -> float:
        """V*, the variance that is taken: V, or the larger of J1 and V."""
        return self.decomposed if self.rule == "V" else max(self.j1, self.decomposed)


def effect_variances(circuit: Circuit, null: Null, model: DyadModel) -> dict[str, Variance]:
    """Variances of the effects of the 13 connected triads and of the number of mutual pairs.

    Parameters
    ----------
    circuit : Circuit
        All of whose pairs are observable.
    null : Null
        With `parameters`.
    model : DyadModel
        The null fitted to the circuit.

    Returns
    -------
    dict of str to Variance
        MAN code, or `mutual` → variance; motifs that do not occur or are not expected are left out.

    Raises
    ------
    ValueError
        If the null does not say what its parameters are, or there are at most three neurons.
    """
    if null.parameters is None:
        raise ValueError(f"{null.name} does not say what it has parameters for")
    if circuit.n <= FEWEST_NEURONS:
        raise ValueError(f"{circuit.n} neurons are too few to leave one out")
    counts = motif_counts(circuit)
    found = kind_variances(
        circuit, model, Bands(model), null.parameters(circuit), untyped(), counts
    )
    return {motif: one for (motif, _), one in found.items()}


def kind_variances(
    circuit: Circuit,
    model: DyadModel,
    bands: Bands,
    parameters: Parameters,
    kinds: Kinds,
    counts: Floats,
) -> dict[tuple[str, Cell], Variance]:
    """Variances of the effects of any kinds of instances, as `effect_variances`.

    Parameters
    ----------
    circuit : Circuit
        All of whose pairs are observable.
    model, bands, parameters
        The fitted null; its classes have one label each.
    kinds : Kinds
    counts : float64, shape (C,)
        How many of each kind are observed.
    """
    expected = expectation(bands, parameters, kinds)
    slope = slopes(bands, parameters, expected)
    parts = contributions(circuit, model, bands, parameters, expected, slope, counts, kinds=kinds)
    by_neuron = expected.by_class[model.classes]
    deletions = deletion_values(parts, counts, by_neuron, expected.total, kinds)
    return _variances(parts, deletions, counts, expected.total, kinds)


def motif_counts(circuit: Circuit) -> Floats:
    """Observed counts in the order of `MOTIFS`, shape (14,)."""
    census = triad_census(circuit)
    source, target = circuit.sources().astype(np.int64), circuit.indices.astype(np.int64)
    answered = np.isin(source * circuit.n + target, target * circuit.n + source)
    return np.array([answered.sum() / 2 if code == PAIR else census[code] for code in MOTIFS])


def deletion_values(
    parts: Contributions, counts: Floats, by_neuron: Floats, expected: Floats, kinds: Kinds
) -> Floats:
    """Influence on log(T/E) of deleting each neuron with the null refitted, shape (n, C)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share: Floats = parts.observed / counts - by_neuron / expected
    # Σ_j Q_ij = (share in pairs) − r_i, in which a triad counts twice.
    moved = (kinds.neurons - 1) * share - parts.influence
    found: Floats = share - moved
    return found


def _variances(
    parts: Contributions, deletions: Floats, counts: Floats, expected: Floats, kinds: Kinds
) -> dict[tuple[str, Cell], Variance]:
    n = len(deletions)
    found = {}
    for place, (name, neurons) in enumerate(zip(kinds.names, kinds.neurons, strict=True)):
        if not counts[place] > 0 or not expected[place] > 0:
            continue
        deleted = deletions[:, place] - deletions[:, place].mean()
        squares = deleted**2
        total = float(squares.sum())
        j1 = n / (n - 1) * total
        mean = parts.influence[:, place] / n
        # Pairs without what their neurons add: Σ (Q_ij − mean_i − mean_j)².
        inner = (
            parts.square[place]
            - 2 * n * float(mean @ mean)
            + (n - 2) * float(mean @ mean)
            + float(mean.sum()) ** 2
        )
        j2 = max(0.0, float(inner))
        j3 = 0.0 if name[0] == PAIR else 1 / counts[place]
        decomposed = max(j1 - j2 + j3, j1 / neurons)
        excess = float((squares**2).sum()) - total**2 / n
        df = 2 * total**2 / excess if excess > 0 else n - 1.0
        found[name] = Variance(
            float(counts[place]),
            float(expected[place]),
            j1,
            j2,
            float(j3),
            float(decomposed),
            float(min(df, n - 1.0)),
        )
    return found
