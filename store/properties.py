"""From table rows to graph properties: the one place that knows both names."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from schemas.records import CircuitSelection, DatasetManifest, Figure
from schemas.tables import Observed
from schemas.vocabularies import vocabulary

# table column → graph property; absent values become absent properties
NEURON_PROPERTIES = {
    "neuron_id": "bodyId",
    "type": "type",
    "instance": "instance",
    "cell_class": "cellClass",
    "polarity": "polarity",
    "layer": "layer",
    "area": "area",
    "side": "side",
    "module": "module",
    "soma_x": "somaX",
    "soma_y": "somaY",
    "soma_z": "somaZ",
    "cortical_depth": "corticalDepth",
}
PATHWAY_PROPERTIES = {
    "pre_type": "pre",
    "post_type": "post",
    "pre_layer": "preLayer",
    "post_layer": "postLayer",
    "pre_cells": "preCells",
    "post_cells": "postCells",
    "found": "found",
    "tested": "tested",
    "probability": "probability",
    "connections": "connections",
    "synapses": "synapses",
    "synapses_sd": "synapsesSd",
    "synapses_per_cell": "synapsesPerCell",
    "distance_um": "distances",
    "probability_at": "probabilities",
    "doi": "doi",
    "note": "note",
}
PATHWAY_ENDS = {"pre_class": "From", "post_class": "Onto"}  # column → relationship


def uid(dataset: str, neuron_id: int) -> str:
    """Key of a neuron in the graph."""
    return f"{dataset}:{neuron_id}"


def circuit_name(dataset: str, cut: str) -> str:
    """Key of a circuit in the graph."""
    return f"{dataset}/{cut}"


def neuron_rows(dataset: str, neurons: pd.DataFrame) -> list[dict[str, Any]]:
    """Properties of every neuron; only contract columns travel to the graph."""
    columns = [name for name in NEURON_PROPERTIES if name in neurons.columns]
    rows = []
    for values in neurons[columns].itertuples(index=False, name=None):
        row: dict[str, Any] = {"dataset": dataset}
        for column, value in zip(columns, values, strict=True):
            if not missing(value):
                row[NEURON_PROPERTIES[column]] = plain(value)
        row["uid"] = uid(dataset, row["bodyId"])
        rows.append(row)
    return rows


def pathway_rows(dataset: str, pathways: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Properties of every pathway of a dataset, in their order in the lake."""
    if pathways is None:
        return []
    columns = list(PATHWAY_PROPERTIES)
    rows = []
    for number, values in enumerate(pathways[columns].itertuples(index=False, name=None), 1):
        row: dict[str, Any] = {"uid": uid(dataset, number), "dataset": dataset}
        for column, value in zip(columns, values, strict=True):
            if not missing(value):
                listed = column in ("distance_um", "probability_at")
                row[PATHWAY_PROPERTIES[column]] = (
                    list(map(float, value)) if listed else plain(value)
                )
        rows.append(row)
    return rows


def pathway_ends(dataset: str, pathways: pd.DataFrame | None) -> dict[str, list[tuple[str, str]]]:
    """Relationships of pathways to cell classes: type → (uid of the pathway, class)."""
    ends: dict[str, list[tuple[str, str]]] = {kind: [] for kind in PATHWAY_ENDS.values()}
    if pathways is not None:
        for column, kind in PATHWAY_ENDS.items():
            for number, name in enumerate(pathways[column], 1):
                if not missing(name):
                    ends[kind].append((uid(dataset, number), name))
    return ends


def dataset_properties(
    manifest: DatasetManifest, version: str, neurons: int, connections: int, pathways: int
) -> dict[str, Any]:
    """Properties of a Dataset node."""
    properties = {
        "name": manifest.dataset,
        "title": manifest.title,
        "version": version,
        "evidence": manifest.evidence.value,
        "weight": manifest.weight,
        "completeness": manifest.completeness,
        "frame": manifest.frame.kind,
        "synapsePrecision": _value(manifest.errors.precision),
        "synapseRecall": _value(manifest.errors.recall),
        "proofreadAxons": _value(manifest.errors.proofread_axons),
        "sampledNeurons": _value(manifest.errors.sampled_neurons),
        "synapseThreshold": manifest.errors.synapse_threshold,
        "licence": manifest.licence,
        "doi": manifest.citation.doi,
        "citation": manifest.citation.text,
        "neurons": neurons,
        "connections": connections,
        "pathways": pathways,
        "manifest": manifest.digest(),
    }
    return {name: value for name, value in properties.items() if value is not None}


def individual_properties(manifest: DatasetManifest) -> dict[str, Any]:
    """Properties of an Individual node; its name is unique in its species."""
    animal = manifest.individual
    properties = {
        "uid": f"{animal.species}:{animal.name}",
        "name": animal.name,
        "sex": animal.sex,
        "age": animal.age,
        "composite": animal.composite,
    }
    return {name: value for name, value in properties.items() if value is not None}


def species_properties(name: str) -> dict[str, Any]:
    """Properties of a Species node."""
    row = vocabulary("species")[name]
    return {
        "name": name,
        "label": row["label"],
        "scientificName": row["scientific_name"],
        "curie": row["curie"],
        "onCorticalAxis": bool(row["cortical_axis"]),
    }


def term_properties(kind: str, name: str) -> dict[str, Any]:
    """Properties of an Area or a CellClass node from its vocabulary."""
    row = vocabulary(kind)[name]
    properties = {"name": name, "label": row["label"], "curie": row["curie"] or None}
    if kind == "cell_classes":
        properties["polarity"] = row["polarity"]
    return {key: value for key, value in properties.items() if value is not None}


def circuit_properties(
    manifest: DatasetManifest,
    cut: CircuitSelection,
    neurons: pd.DataFrame,
    connections: pd.DataFrame,
    observed: Observed,
) -> dict[str, Any]:
    """Properties of a Circuit node with its density and reciprocity over observable pairs."""
    n, m = len(neurons), len(connections)
    pairs = observed.pairs(n)
    properties: dict[str, Any] = {
        "name": circuit_name(manifest.dataset, cut.name),
        "title": cut.title,
        "dataset": manifest.dataset,
        "species": manifest.individual.species,
        "evidence": manifest.evidence.value,
        "area": cut.area or manifest.area,
        "layer": cut.layer or manifest.layer,
        "role": cut.role,
        "neurons": n,
        "connections": m,
        "observablePairs": pairs,
        "density": m / pairs if pairs else None,
        "reciprocity": _reciprocity(neurons, connections, observed),
    }
    return {name: value for name, value in properties.items() if value is not None}


def missing(value: Any) -> bool:
    """Whether a cell holds nothing."""
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def plain(value: Any) -> Any:
    """Return a numpy scalar as the Python value that the driver takes."""
    return value.item() if hasattr(value, "item") else value


def _value(figure: Figure | None) -> float | None:
    return None if figure is None else figure.value


def _reciprocity(
    neurons: pd.DataFrame, connections: pd.DataFrame, observed: Observed
) -> float | None:
    """Share of connections whose reverse exists, among those whose reverse is observable."""
    forth = pd.MultiIndex.from_frame(connections[["pre", "post"]])
    back = pd.MultiIndex.from_arrays([connections["post"], connections["pre"]])
    answerable = observed.observes(neurons, connections["post"], connections["pre"])
    return float(forth.isin(back)[answerable].mean()) if answerable.any() else None
