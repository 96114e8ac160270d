"""What a run computes of every circuit for the graph, beside its motif effects.

Triads by cell class, all classes of four neurons, the statistics of the registry, and the triads
that hold each neuron. Each is kept under a key of its own; what a circuit cannot have, or what
would take too long, is kept as a refusal with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from isocortex.keeping import Computation, once
from schemas.errors import UsageError
from schemas.graph import PARTICIPATION

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from schemas.records import AnalysisRecord
    from store.results import Results

BY = "cell_class"
FOUR_SECONDS = 10.0  # estimated, of an exact census of four neurons; above it is estimated
STATISTIC_SECONDS = 1.5  # estimated, of one statistic; above it is left out
MOST_NEURONS = 20_000  # whose participation goes into the graph


@dataclass(frozen=True)
class Asked:
    """A circuit and what is asked of it.

    Attributes
    ----------
    circuit : Circuit
    version : str
        Of its dataset.
    seed : int
    results : Results or None
        Where results are kept.
    """

    circuit: Circuit
    version: str
    seed: int
    results: Results | None


@dataclass(frozen=True)
class CircuitResult:
    """A kind of result.

    Attributes
    ----------
    analysis, encoding : str
        Name of the analysis (a key of `schemas.graph.RESULTS`), and version of its table.
    parameters : mapping
        Part of the key; limits are among them.
    compute : callable
        Makes the table, or raises `UsageError` where the circuit cannot have it.
    """

    analysis: str
    encoding: str
    parameters: Mapping[str, Any]
    compute: Callable[[Asked], pd.DataFrame]

    def work(self, circuit: str, version: str, seed: int) -> Computation:
        """Name the computation of a circuit."""
        return Computation(
            self.analysis, self.encoding, circuit, version, dict(self.parameters), seed
        )


def circuit_results() -> tuple[CircuitResult, ...]:
    """Return the kinds of results, the quickest first."""
    return (
        CircuitResult("participation", "1", {"most_neurons": MOST_NEURONS}, _participation),
        CircuitResult("typed-triads", "1", {"by": BY}, _typed),
        CircuitResult("four-node-census", "1", {"seconds": FOUR_SECONDS}, _four),
        CircuitResult("circuit-statistics", "1", {"seconds": STATISTIC_SECONDS}, _statistics),
    )


def keep(
    kind: CircuitResult,
    circuit: Circuit,
    version: str,
    seed: int = 0,
    results: Results | None = None,
) -> tuple[AnalysisRecord, pd.DataFrame]:
    """Compute a result of a circuit, or take it from the store; a refusal is a result.

    Parameters
    ----------
    kind : CircuitResult
    circuit : Circuit
    version : str
        Of its dataset.
    seed : int, optional
        Of what is drawn, and of the groups of the jackknife.
    results : Results, optional
        Where results are kept; None computes without keeping.
    """
    asked = Asked(circuit, version, seed, results)
    work = kind.work(circuit.name, version, seed)
    return once(work, circuit, results, lambda: kind.compute(asked), refusable=True)


def _participation(asked: Asked) -> pd.DataFrame:
    """Count the triads that hold each neuron: columns neuron_id and one a connected triad."""
    from analysis.motifs.participation import neuron_participation

    circuit = asked.circuit
    if circuit.n > MOST_NEURONS:
        raise UsageError(
            f"participation: {circuit.name} has {circuit.n:,} neurons, and up to {MOST_NEURONS:,} "
            "go into the graph",
            remedy=f"isocortex participation {circuit.name} --output FILE",
        )
    found = neuron_participation(circuit)
    table = pd.DataFrame({"neuron_id": circuit.neuron_ids})
    for motif, counts in found.motifs().items():
        table[motif] = pd.array(counts, dtype="Int64")
        table.loc[~found.observed, motif] = pd.NA
    return table[["neuron_id", *PARTICIPATION]]


def _typed(asked: Asked) -> pd.DataFrame:
    """Count triads by class: columns motif, a, b, c (classes of its places), count."""
    from isocortex.library import by_class

    found = by_class(asked.circuit, BY)
    if found.classes == ("(none)",):
        raise UsageError(f"typed triads: no neuron of {asked.circuit.name} has a cell class")
    if len(found.classes) < 2:
        raise UsageError(
            f"typed triads: all neurons of {asked.circuit.name} are of one class, "
            f"{', '.join(found.classes)}"
        )
    rows = [
        (motif, *classes, count) for motif in found.counts for classes, count in found.named(motif)
    ]
    return pd.DataFrame(rows, columns=["motif", "a", "b", "c", "count"])


def _four(asked: Asked) -> pd.DataFrame:
    """Count four neurons by class: columns code, shape, edges, count, se, method."""
    from analysis.motifs.four import four_node_census
    from analysis.motifs.four.classes import edges_of, shapes

    found = four_node_census(asked.circuit, seed=asked.seed, seconds=FOUR_SECONDS)
    codes = list(found.counts)
    return pd.DataFrame(
        {
            "code": codes,
            "shape": shapes(),
            "edges": [" ".join(f"{a}->{b}" for a, b in edges_of(code)) for code in codes],
            "count": list(found.counts.values()),
            "se": [found.errors.get(code, float("nan")) for code in codes],
            "method": found.method,
        }
    )


def _statistics(asked: Asked) -> pd.DataFrame:
    """Describe the circuit: one row a value, and one for each statistic that is left out."""
    from analysis.statistics import statistics
    from isocortex.describing import describe

    found = describe(
        asked.circuit, asked.version, None, asked.seed, asked.results, limit=STATISTIC_SECONDS
    )
    missing = [{"statistic": name, "refused": why.message} for name, why in found.missing.items()]
    facts = [
        {
            "statistic": one.name,
            "title": one.title,
            "unit": one.unit,
            "definition": one.definition,
            "expected_by": one.expects,
            "reference": one.reference,
            "doi": one.doi,
        }
        for one in statistics().values()
    ]
    columns = ["statistic", "of", "value", "standard_error", "expected", "why", "note", "refused"]
    rows = [*found.values.to_dict("records"), *missing]
    table = pd.DataFrame(rows, columns=columns).merge(pd.DataFrame(facts), on="statistic")
    words = ["of", "why", "note", "refused"]
    return table.assign(**{name: table[name].fillna("") for name in words})
