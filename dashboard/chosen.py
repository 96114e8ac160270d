"""A selection of cells: which ones, and as files that leave the dashboard."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.circuit import Circuit

GROUPING = ("cell_class", "type", "layer", "polarity", "area", "side", "module")
MOST_GROUPS = 60
MISSING = "(none)"


def groupings(neurons: pd.DataFrame) -> list[str]:
    """Columns that tell neurons apart: at least two values, few enough to choose from."""
    return [
        name
        for name in GROUPING
        if name in neurons and 2 <= neurons[name].nunique(dropna=False) <= MOST_GROUPS
    ]


def values(neurons: pd.DataFrame, column: str) -> list[str]:
    """Values of a column, the most frequent first."""
    return list(neurons[column].astype("string").fillna(MISSING).value_counts().index)


def degrees(circuit: Circuit) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Out- and in-degree of every neuron, each of shape (n,)."""
    return np.diff(circuit.indptr), np.bincount(circuit.indices, minlength=circuit.n)


def choose(
    circuit: Circuit,
    *,
    column: str | None = None,
    wanted: list[str] | None = None,
    around: int | None = None,
    most: int = 80,
) -> tuple[Circuit, int]:
    """Choose cells: of some classes, or one cell and its partners; the best connected first.

    Parameters
    ----------
    circuit : Circuit
    column, wanted : str and list of str, optional
        Keep neurons whose `column` is one of `wanted`; empty keeps all.
    around : int, optional
        Neuron id; keeps this cell and its partners.
    most : int, optional
        Largest number of cells.

    Returns
    -------
    selection : Circuit
    left_out : int
        Cells that fit but were left out because of `most`.
    """
    kept = np.ones(circuit.n, dtype=bool)
    if column and wanted:
        labels = circuit.neurons[column].astype("string").fillna(MISSING)
        kept &= labels.isin(wanted).to_numpy(dtype=bool)
    out, inn = degrees(circuit)
    weight = (out + inn).astype(float)
    if around is not None:
        (place,) = np.flatnonzero(circuit.neuron_ids == around)[:1].tolist() or [None]
        if place is not None:
            senders = circuit.sources()[circuit.indices == place]
            takers = circuit.indices[circuit.indptr[place] : circuit.indptr[place + 1]]
            partners = np.zeros(circuit.n, dtype=bool)
            partners[senders] = partners[takers] = partners[place] = True
            kept &= partners
            kept[place], weight[place] = True, np.inf
    found = int(kept.sum())
    if found > most:
        ranked = np.lexsort((np.arange(circuit.n), -np.where(kept, weight, -1.0)))
        kept = np.zeros(circuit.n, dtype=bool)
        kept[ranked[:most]] = True
    return circuit.subset(kept), max(0, found - most)


def neurons_csv(circuit: Circuit) -> str:
    """Write the neuron table as CSV; ids stay whole numbers."""
    return circuit.neurons.to_csv(index=False)


def connections_csv(circuit: Circuit) -> str:
    """Write connections as CSV: pre, post, weight."""
    return circuit.to_pandas()[1].to_csv(index=False)


def graphml(circuit: Circuit) -> bytes:
    """Write a selection as GraphML, with the neuron table as attributes of the nodes.

    A missing value is an absent attribute; ids are the names of the nodes and stay exact.
    """
    import networkx as nx

    graph = circuit.to_networkx()
    for _, facts in graph.nodes(data=True):
        for name, value in list(facts.items()):
            if pd.isna(value):
                del facts[name]
            elif isinstance(value, np.generic):
                facts[name] = value.item()
    out = io.BytesIO()
    nx.write_graphml(graph, out)
    return out.getvalue()
