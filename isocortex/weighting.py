"""Weighted triads of a circuit: which weights, compared with what."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from isocortex.show import number, stdout, table
from schemas.errors import UsageError
from schemas.tables import CONNECTION_FIELDS

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from isocortex.workspace import Workspace

Progress = Callable[[str, int, int], None]
FIELDS = ("intensity", "mean_intensity", "coherence", "expected", "sd", "z", "p")


@dataclass(frozen=True)
class Weighting:
    """What triads are weighed with.

    Attributes
    ----------
    measure : str, optional
        Column of the connections; default the dataset's weights.
    within : str, optional
        Column of the neurons: weights are dealt within pairs of its classes.
    samples, seed : int
        Of the null.
    """

    measure: str | None = None
    within: str | None = None
    samples: int = 200
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Weighed:
    """Weighted triads.

    Attributes
    ----------
    weights : str
        What the weights are: `synapse_count`, or the name of a measure with its unit.
    by : Weighting
    triads : DataFrame
        As of `analysis.motifs.weighted.weighted_census`.
    """

    weights: str
    by: Weighting
    triads: pd.DataFrame


def weigh(
    workspace: Workspace, circuit: Circuit, by: Weighting, progress: Progress | None = None
) -> Weighed:
    """Sum intensity and coherence of the triads of a circuit.

    Raises
    ------
    UsageError
        If the circuit has no such weights, or no such classes.
    """
    from analysis.motifs.weighted import NULL, weighted_census

    name = by.measure or circuit.attributes.get("weight", "synapse_count")
    if name == "binary":
        raise UsageError(
            f"{circuit.name} has no weights: it only says which neurons are connected",
            remedy="name a measure of its connections with --measure, if it has one",
        )
    values = None if by.measure is None else _measured(workspace, circuit, by.measure)
    groups = None if by.within is None else _classes(circuit, by.within)

    def tell(done: int, samples: int) -> None:
        if progress is not None:
            progress(f"null {NULL}", done, samples)

    triads = weighted_census(
        circuit, values, samples=by.samples, groups=groups, seed=by.seed, progress=tell
    )
    return Weighed(name, by, triads)


def _measured(
    workspace: Workspace, circuit: Circuit, measure: str
) -> npt.NDArray[np.float64] | None:
    """Return a measure of every connection, in the circuit's order; None for its own weights."""
    if measure == circuit.attributes.get("weight"):
        return None
    if not circuit.attributes.get("dataset"):
        raise UsageError(
            f"measures of a file are read when it is ingested, {measure!r} is not known yet",
            remedy="isocortex ingest the file, then take its circuit",
        )
    called = f"{circuit.name}@{circuit.attributes['version']}"
    _, manifest, cut, version = workspace.locate(called)
    _, connections = workspace.lake.circuit_tables(manifest.dataset, cut.name, version)
    known = [str(name) for name in connections if name not in CONNECTION_FIELDS]
    if measure not in known:
        has = f"there are {', '.join(known)}" if known else "there is none beside the weight"
        raise UsageError(
            f"the connections of {circuit.name} have no measure {measure!r}", remedy=has
        )
    ids = circuit.neuron_ids
    wanted = pd.MultiIndex.from_arrays([ids[circuit.sources()], ids[circuit.indices]])
    values = connections.set_index(["pre", "post"])[measure].reindex(wanted)
    return values.to_numpy(np.float64)


def _classes(circuit: Circuit, column: str) -> npt.NDArray[np.int64]:
    if column not in circuit.neurons:
        raise UsageError(
            f"the neurons of {circuit.name} have no column {column!r}",
            remedy=f"there are {', '.join(map(str, circuit.neurons.columns))}",
        )
    return pd.factorize(circuit.neurons[column], use_na_sentinel=False)[0].astype(np.int64)


def document(weighed: Weighed) -> dict[str, Any]:
    """Build the `weighted` part of the JSON document of a census (`docs/cli.md`)."""
    from analysis.motifs.weighted import NULL

    return {
        "weights": weighed.weights,
        "null": NULL,
        "within": weighed.by.within,
        "samples": weighed.by.samples,
        "seed": weighed.by.seed,
        "triads": {
            row["motif"]: {"count": int(row["count"])}
            | {name: float(row[name]) if math.isfinite(row[name]) else None for name in FIELDS}
            for row in weighed.triads.to_dict("records")
        },
    }


def show_weighed(weighed: Weighed) -> None:
    """Print the weighted triads."""
    from analysis.motifs.weighted import NULL

    columns = ["triad", "count", "mean intensity", "coherence", "observed/expected", "z", "p"]
    made = table(
        f"Intensity and coherence of triads, weights: {weighed.weights}", columns, set(columns[1:])
    )
    for row in weighed.triads.to_dict("records"):
        ratio = row["intensity"] / row["expected"] if row["expected"] > 0 else None
        values = [row["mean_intensity"], row["coherence"], ratio, row["z"], row["p"]]
        made.add_row(row["motif"], number(int(row["count"])), *map(number, values))
    stdout().print(made)
    within = weighed.by.within
    dealt = f"connections between the same {within}" if within else "all connections"
    stdout().print(
        "Intensity: geometric mean of a triad's weights; coherence: that over the arithmetic mean. "
        f"Null {NULL} (hard, {weighed.by.samples} samples): the wiring stays, weights are dealt "
        f"anew among {dealt}; p: share of samples at least as intense.",
        style="dim",
    )
