"""The graph's vocabulary: labels, relationships, constraints (DESIGN §4).

Names follow neuPrint, so that its users' Cypher runs unchanged; ours beside it keep the style.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import takewhile
from typing import Any

from schemas.result_labels import RESULT_LABELS, Label

SCHEMA_VERSION = 4
LOADED_SINCE = 2  # the oldest schema whose datasets are as ours: upgrades change results alone

STAGED = "StagedNeuron"  # neurons of a load that is not complete
RETIRED = "RetiredNeuron"  # neurons of a replaced version that are being deleted

# The connected triads by MAN code → how many hold a neuron, a property of its `InCircuit`.
PARTICIPATION = {
    motif: f"triads{motif}"
    for motif in (
        "021D", "021U", "021C", "111D", "111U", "030T", "030C", "201", "120D", "120U", "120C",
        "210", "300",
    )
}  # fmt: skip
# Computation → label of the nodes that hold its numbers; participation stands on `InCircuit`.
RESULTS: dict[str, str | None] = {
    "motif-census": "MotifStatistic",
    "typed-triads": "TypedMotif",
    "four-node-census": "FourNodeMotif",
    "circuit-statistics": "CircuitStatistic",
    "participation": None,
    "typed-census": "TypedEffect",
    "error-curve": "ErrorCurvePoint",
    "error-correction": "CorrectedEffect",
    "comparison": "Verdict",
}
SEVERAL_CIRCUITS = ("comparison",)  # are about more than one, their numbers not `Measured` on it
# Computations that commands make and a circuit may have several of → the parameters that tell them
# apart. Of several that these do not tell apart, and of all others, the graph has the newest.
SEVERAL: dict[str, tuple[str, ...]] = {
    "typed-census": ("by",),
    "error-curve": ("null", "ensemble", "error", "level"),
    "error-correction": ("null", "ensemble"),
    "comparison": ("circuits", "null", "ensemble", "margin"),
}


@dataclass(frozen=True)
class Relationship:
    """A relationship type between two labels."""

    name: str
    start: str
    end: str
    meaning: str
    properties: dict[str, str] = field(default_factory=dict)


LABELS: tuple[Label, ...] = (
    Label(
        "Species",
        "name",
        {
            "label": "string",
            "scientificName": "string",
            "curie": "string",
            "onCorticalAxis": "boolean",
        },
        "a species",
    ),
    Label(
        "Individual",
        "uid",
        {"name": "string", "sex": "string", "age": "string", "composite": "boolean"},
        "one animal, or a composite of several",
    ),
    Label(
        "Dataset",
        "name",
        {
            "title": "string",
            "version": "string",
            "evidence": "string",
            "weight": "string",
            "completeness": "string",
            "frame": "string, which pairs were observable",
            "synapsePrecision": "float, share",
            "synapseRecall": "float, share",
            "proofreadAxons": "float, share of neurons",
            "sampledNeurons": "float, share of the volume's neurons",
            "synapseThreshold": "integer, least synapses of a connection",
            "licence": "string",
            "doi": "string",
            "citation": "string",
            "neurons": "integer",
            "connections": "integer",
            "pathways": "integer",
            "manifest": "string, checksum of the manifest",
        },
        "one reconstruction of one individual, at the version that is projected",
    ),
    Label(
        "Circuit",
        "name",
        {
            "title": "string",
            "dataset": "string",
            "species": "string",
            "evidence": "string",
            "area": "string",
            "layer": "string",
            "role": "string",
            "neurons": "integer",
            "connections": "integer",
            "observablePairs": "integer, ordered pairs that could be observed",
            "density": "float, of observable pairs",
            "reciprocity": "float, of pairs observable both ways",
        },
        "a named selection of a dataset's neurons",
    ),
    Label("Area", "name", {"label": "string", "curie": "string"}, "a brain area"),
    Label(
        "CellClass",
        "name",
        {"label": "string", "curie": "string", "polarity": "string"},
        "a cell class that is comparable across species",
    ),
    Label(
        "Neuron",
        "uid",
        {
            "bodyId": "integer",
            "type": "string",
            "instance": "string",
            "dataset": "string",
            "cellClass": "string",
            "polarity": "string",
            "layer": "string",
            "area": "string",
            "side": "string",
            "module": "string",
            "somaX": "float",
            "somaY": "float",
            "somaZ": "float",
            "corticalDepth": "float, 0 = pia, 1 = white matter",
        },
        "a neuron; uid = dataset:bodyId; soma in µm",
    ),
    Label(
        "Pathway",
        "uid",
        {
            "dataset": "string",
            "pre": "string, cell type as the source spells it",
            "post": "string, cell type as the source spells it",
            "preLayer": "string",
            "postLayer": "string",
            "preCells": "integer",
            "postCells": "integer",
            "found": "integer, connections among the tested pairs",
            "tested": "integer, ordered pairs",
            "probability": "float, of a connection between two cells",
            "connections": "float, mean number between all cells",
            "synapses": "float, mean number in a connection",
            "synapsesSd": "float, between connections",
            "synapsesPerCell": "float, mean number onto one cell from all of the type",
            "distances": "floats, µm between somata",
            "probabilities": "floats, of a connection at these distances",
            "doi": "string",
            "note": "string",
        },
        "what is known of connections from one type of neuron to another; uid = dataset:number",
    ),
    *RESULT_LABELS,
)

RELATIONSHIPS: tuple[Relationship, ...] = (
    Relationship(
        "ConnectsTo", "Neuron", "Neuron", "pre → post", {"weight": "integer, number of synapses"}
    ),
    Relationship("InDataset", "Neuron", "Dataset", "the neuron belongs to the dataset"),
    Relationship("InDataset", "Circuit", "Dataset", "the circuit is cut from the dataset"),
    Relationship(
        "InCircuit",
        "Neuron",
        "Circuit",
        "the neuron lies in the circuit; triads that hold it, absent where not observed",
        dict.fromkeys(PARTICIPATION.values(), "integer"),
    ),
    Relationship("IsA", "Neuron", "CellClass", "cell class"),
    Relationship("InDataset", "Pathway", "Dataset", "the pathway belongs to the dataset"),
    Relationship("From", "Pathway", "CellClass", "cell class of the presynaptic type"),
    Relationship("Onto", "Pathway", "CellClass", "cell class of the postsynaptic type"),
    Relationship("InArea", "Circuit", "Area", "area of the circuit"),
    Relationship("OfIndividual", "Dataset", "Individual", "whose brain it is"),
    Relationship("OfSpecies", "Individual", "Species", "species of the individual"),
    *(
        Relationship("Measured", "Circuit", label, "a result on the circuit")
        for analysis, label in RESULTS.items()
        if label is not None and analysis not in SEVERAL_CIRCUITS
    ),
    Relationship(
        "Over",
        "Verdict",
        "Circuit",
        "a circuit that was compared, with its effect",
        {
            "observed": "integer",
            "logRatio": "float",
            "se": "float",
            "df": "float",
            "rule": "string",
        },
    ),
    *(
        Relationship("GeneratedBy", label, "Analysis", "the computation that made it")
        for label in RESULTS.values()
        if label is not None
    ),
    Relationship("Used", "Analysis", "Circuit", "a circuit that it is about"),
    Relationship(
        "Used", "Analysis", "Dataset", "the data it read, at `version`", {"version": "string"}
    ),
)


def cypher(name: str) -> str:
    """Return the text of `schemas/cypher/<name>.cypher`."""
    return (files("schemas") / "cypher" / f"{name}.cypher").read_text(encoding="utf-8")


QUERY_GROUPS = (
    "What is there",
    "Single neurons",
    "Wiring of a circuit",
    "Motifs of a circuit",
    "Circuits and species compared",
    "Pathways between cell types",
    "Provenance",
)


@dataclass(frozen=True)
class QueryTemplate:
    """A shipped query.

    Attributes
    ----------
    name : str
        Name of its file.
    title, description : str
        What it answers, and what to know when reading the answer.
    group : str
        One of `QUERY_GROUPS`: the kind of question.
    text : str
        The statement.
    parameters : dict
        Default of each `$name` of the statement.
    meanings : dict
        What each parameter is.
    """

    name: str
    title: str
    description: str
    group: str
    text: str
    parameters: dict[str, Any]
    meanings: dict[str, str]


def query_template(name: str) -> QueryTemplate:
    """Return the template called `name`; its leading comments are title, text and parameters.

    A parameter's line reads `// $name = JSON meaning`, the group's `// in: group`.
    """
    lines = cypher(f"queries/{name}").splitlines()
    head = [line.removeprefix("//").strip() for line in takewhile(_is_comment, lines)]
    parameters: dict[str, Any] = {}
    meanings: dict[str, str] = {}
    for line in head:
        if line.startswith("$"):
            parameter, _, given = line[1:].partition(" = ")
            value, end = json.JSONDecoder().raw_decode(given)
            parameters[parameter] = value
            meanings[parameter] = given[end:].strip()
    prose = [line for line in head if not line.startswith(("$", "in: "))]
    (group,) = [line.removeprefix("in: ") for line in head if line.startswith("in: ")]
    return QueryTemplate(
        name=name,
        title=prose[0],
        description=" ".join(prose[1:]),
        group=group,
        text="\n".join(lines[len(head) :]) + "\n",
        parameters=parameters,
        meanings=meanings,
    )


def _is_comment(line: str) -> bool:
    return line.startswith("//")


def query_names() -> list[str]:
    """Names of the shipped query templates, sorted."""
    folder = files("schemas") / "cypher" / "queries"
    return sorted(
        entry.name.removesuffix(".cypher")
        for entry in folder.iterdir()
        if entry.name.endswith(".cypher")
    )
