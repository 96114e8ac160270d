"""`simple_cycles`: how many directed cycles of two to six neurons there are, each neuron once.

Closed walks of k steps are corrected for those that come to a neuron twice: inclusion and exclusion
over the partitions of the k places into blocks of places at the same neuron, of which those with
two places in sequence in one block vanish, since no neuron connects to itself. What is left are
sums over A, A² and A³ (Alon, Yuster & Zwick 1997), so a count takes two matrix products however
many cycles there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from analysis.circuit import Circuit
from analysis.motifs.triads import MAN
from analysis.statistics import statistic
from analysis.statistics.estimates import GROUPS, JACKKNIFE, Estimate, jackknife
from analysis.statistics.needs import WHOLE
from analysis.statistics.walks import seconds, walk_sums

LENGTHS = (2, 3, 4, 5, 6)


def cost(circuit: Circuit) -> float:
    """Seconds, with the jackknife."""
    return (GROUPS + 1) * seconds(circuit)


@statistic(
    "simple_cycles",
    title="Simple cycles",
    definition="Number of directed cycles of k = 2 … 6 neurons in which no neuron comes twice.",
    doi="10.1007/BF02523189",
    reference="Alon, Yuster & Zwick 1997",
    needs=WHOLE,
    unit="count",
    meaning="loops through which activity can return",
    error=JACKKNIFE,
    expects="er",
    cost=cost,
)
def measure(circuit: Circuit, seed: int) -> Estimate:
    """Count the cycles."""
    expected = {
        name(k): possible(k, circuit.n) * (circuit.density if circuit.n > 1 else 0) ** k
        for k in LENGTHS
    }
    most: Mapping[str, Callable[[int], float]] = {name(k): partial(possible, k) for k in LENGTHS}
    parts = jackknife(
        circuit,
        lambda part: {name(k): float(count) for k, count in simple_cycles(part).items()},
        seed,
        possible=most,
        expected=expected,
    )
    return Estimate(parts)


def name(k: int) -> str:
    """Name of the part that holds the cycles of k neurons."""
    return f"{k} neurons"


def possible(k: int, n: int) -> float:
    """Return the number of directed cycles of k among n neurons that are all connected."""
    number = 1.0
    for taken in range(k):
        number *= max(0, n - taken)
    return number / k


def simple_cycles(circuit: Circuit) -> dict[int, int]:
    """Count the directed cycles of two to six neurons, exactly.

    Parameters
    ----------
    circuit : Circuit

    Returns
    -------
    dict of int to int
        Number of neurons → number of cycles; a cycle counts once wherever it begins.
    """
    s = walk_sums(circuit)
    mutual_triangles = _mutual_closed(circuit) if s.mutual else 0
    rounds = {
        2: s.mutual,
        3: s.three,
        4: s.four - 2 * s.squared + s.mutual,
        5: s.five - 5 * s.met + 5 * s.chords,
        6: s.six
        - 6 * s.round
        - 3 * s.turned
        + 6 * s.long_chords
        + 3 * s.joined
        + 6 * s.crossed
        + 3 * s.fans
        + 4 * s.cubed
        - 12 * s.squared
        + 4 * s.mutual
        - s.three
        - 3 * mutual_triangles,
    }
    return {k: walks // k for k, walks in rounds.items()}


def _mutual_closed(circuit: Circuit) -> int:
    """Return tr M³: six closed walks in every triangle of mutual pairs."""
    from analysis.motifs import triad_census

    return 6 * triad_census(circuit)[MAN[-1]] if circuit.n > 2 else 0
