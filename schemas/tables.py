"""Contracts of the tables that travel between the rooms.

Ids are int64 and never pass through a float; `weight` is int32; positions are µm.
The pyarrow schemas are what the lake stores; the pandera models are what validation checks.
Neuron tables may carry further columns of the source, connections further measures (float64) under
names with their units; the other tables are closed. Pathways tell of types of neurons, not of
single ones; only their two types are required, the rest is null where it was not published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

NEURON_FIELDS: dict[str, pa.DataType] = {
    "neuron_id": pa.int64(),
    "type": pa.string(),  # the source's own cell type label, kept as it is
    "instance": pa.string(),  # a name for this one cell, unique in the individual where known
    "cell_class": pa.string(),  # name in vocab/cell_classes.tsv
    "polarity": pa.string(),  # excitatory | inhibitory | unknown
    "layer": pa.string(),  # name in vocab/layers.tsv
    "area": pa.string(),  # name in vocab/areas.tsv
    "side": pa.string(),  # left | right | center
    "module": pa.string(),  # replicated unit within the individual: barrel, tile, column
    "soma_x": pa.float64(),
    "soma_y": pa.float64(),
    "soma_z": pa.float64(),
    "cortical_depth": pa.float64(),  # 0 = pia, 1 = white matter; only where both are documented
}
CONNECTION_FIELDS: dict[str, pa.DataType] = {
    "pre": pa.int64(),
    "post": pa.int64(),
    "weight": pa.int32(),
}
SYNAPSE_FIELDS: dict[str, pa.DataType] = {
    "synapse_id": pa.int64(),
    "pre": pa.int64(),
    "post": pa.int64(),
    "x": pa.float64(),
    "y": pa.float64(),
    "z": pa.float64(),
}
PATHWAY_FIELDS: dict[str, pa.DataType] = {
    "pre_type": pa.string(),  # the source's own label, as in the column `type` of neurons
    "post_type": pa.string(),
    "pre_class": pa.string(),  # name in vocab/cell_classes.tsv
    "post_class": pa.string(),
    "pre_layer": pa.string(),  # name in vocab/layers.tsv
    "post_layer": pa.string(),
    "pre_cells": pa.int64(),
    "post_cells": pa.int64(),
    "found": pa.int64(),
    "tested": pa.int64(),
    "probability": pa.float64(),
    "connections": pa.float64(),
    "synapses": pa.float64(),
    "synapses_sd": pa.float64(),
    "synapses_per_cell": pa.float64(),
    "distance_um": pa.list_(pa.float64()),
    "probability_at": pa.list_(pa.float64()),
    "doi": pa.string(),
    "note": pa.string(),
}
TESTED_FIELDS: dict[str, pa.DataType] = {
    "pre": pa.int64(),
    "post": pa.int64(),
}
TABLE_FIELDS = {
    "neurons": NEURON_FIELDS,
    "connections": CONNECTION_FIELDS,
    "synapses": SYNAPSE_FIELDS,
    "pathways": PATHWAY_FIELDS,
    "tested": TESTED_FIELDS,
}
# What a column holds, for those who get the tables as files.
COLUMN_MEANINGS = {
    "neuron_id": "identifier of the neuron, a 64-bit integer",
    "type": "cell type as the source has it",
    "instance": "name of this one cell",
    "cell_class": "cell class that is comparable across species",
    "polarity": "effect on its targets: excitatory, inhibitory or unknown",
    "layer": "cortical layer",
    "area": "brain area",
    "side": "left, right or center",
    "module": "replicated unit within the individual: barrel, tile, column, cluster",
    "soma_x": "soma position in µm",
    "soma_y": "soma position in µm",
    "soma_z": "soma position in µm",
    "cortical_depth": "soma depth, 0 at the pia and 1 at the white matter, where it is known",
    "pre": "presynaptic neuron",
    "post": "postsynaptic neuron",
    "weight": "number of synapses",
    "pre_type": "presynaptic cell type as the source has it",
    "post_type": "postsynaptic cell type as the source has it",
    "pre_class": "presynaptic cell class that is comparable across species",
    "post_class": "postsynaptic cell class that is comparable across species",
    "pre_layer": "cortical layer of the presynaptic somata",
    "post_layer": "cortical layer of the postsynaptic somata",
    "pre_cells": "number of presynaptic cells",
    "post_cells": "number of postsynaptic cells",
    "found": "connections found among the tested pairs",
    "tested": "ordered pairs tested",
    "probability": "probability that a cell of one type connects to one of the other",
    "connections": "mean number of connections between all cells of the two types",
    "synapses": "mean number of synapses in a connection",
    "synapses_sd": "its standard deviation between connections",
    "synapses_per_cell": "mean number of synapses onto one postsynaptic cell from all presynaptic",
    "distance_um": "distances between somata in µm for which probabilities are given",
    "probability_at": "probability of a connection at each of these distances",
    "doi": "work it is published in",
    "note": "what to know before use",
}
_ENDS = [
    {"fields": [end], "reference": {"resource": "neurons", "fields": ["neuron_id"]}}
    for end in ("pre", "post")
]
# Keys of the tables, as the Frictionless table schema writes them.
TABLE_KEYS: dict[str, dict[str, Any]] = {
    "neurons": {"primaryKey": ["neuron_id"]},
    "connections": {"primaryKey": ["pre", "post"], "foreignKeys": _ENDS},
    "tested": {"primaryKey": ["pre", "post"], "foreignKeys": _ENDS},
}
SIDES = ("left", "right", "center")


@dataclass(frozen=True)
class CircuitTables:
    """Harmonised tables of one dataset.

    Attributes
    ----------
    neurons : DataFrame
        One row per neuron, columns of `NEURON_FIELDS` first, then the source's own.
    connections : DataFrame
        One row per ordered pair (pre, post), columns of `CONNECTION_FIELDS`.
    synapses : DataFrame or None
        One row per synapse where the source has them.
    pathways : DataFrame or None
        One row per pathway, from a type of neuron to another, where the source has them.
    tested : DataFrame or None
        One row per ordered pair that was tested, where single pairs were; others say nothing.
    """

    neurons: pd.DataFrame
    connections: pd.DataFrame
    synapses: pd.DataFrame | None = None
    pathways: pd.DataFrame | None = None
    tested: pd.DataFrame | None = None


@dataclass(frozen=True)
class Observed:
    """Which ordered pairs of the neurons of a circuit were observable.

    Attributes
    ----------
    sources, targets : bool, shape (n,), or None
        Neurons whose outputs, and neurons whose inputs, were observed; None = all.
    tested : DataFrame or None
        Columns pre, post: the pairs that were tested, where single pairs were.
    truncated : bool
        Whether neurites leave the volume.
    """

    sources: npt.NDArray[np.bool_] | None = None
    targets: npt.NDArray[np.bool_] | None = None
    tested: pd.DataFrame | None = None
    truncated: bool = False

    def pairs(self, n: int) -> int:
        """Count the observable ordered pairs of n neurons."""
        if self.tested is not None:
            return len(self.tested)
        every = np.ones(n, np.bool_)
        sources, targets = (every if s is None else s for s in (self.sources, self.targets))
        return int(sources.sum()) * int(targets.sum()) - int((sources & targets).sum())

    def observes(
        self, neurons: pd.DataFrame, pre: pd.Series[int], post: pd.Series[int]
    ) -> npt.NDArray[np.bool_]:
        """Whether each pair pre → post of neuron ids is observable."""
        if self.tested is not None:
            known = pd.MultiIndex.from_frame(self.tested[["pre", "post"]])
            inside: npt.NDArray[np.bool_] = pd.MultiIndex.from_arrays([pre, post]).isin(known)
            return inside
        ids = neurons["neuron_id"].to_numpy()
        seen = np.ones(len(pre), np.bool_)
        for ends, side in ((pre, self.sources), (post, self.targets)):
            if side is not None:
                seen &= ends.isin(ids[side]).to_numpy()
        return seen


def arrow_schema(table: str, frame: pd.DataFrame) -> pa.Schema:
    """Arrow schema of `frame` as a `table` of ours: contract fields first, extras inferred."""
    fields = TABLE_FIELDS[table]
    listed = [pa.field(name, dtype) for name, dtype in fields.items() if name in frame.columns]
    extras = [name for name in frame.columns if name not in fields]
    if extras:
        inferred = pa.Schema.from_pandas(frame[extras], preserve_index=False)
        listed += [inferred.field(name) for name in extras]
    return pa.schema(listed)
