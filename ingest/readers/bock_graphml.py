"""Bock et al. 2011, mouse visual cortex: targets of characterised pyramidal cells, as GraphML.

The graph of NeuroData (`mouse_visual.cortex_2`): nodes are cells and pieces of cells. `type1` tells
the characterised pyramidal cells, whose axons were followed, from their targets, of which some were
traced to a cell body and others are fragments of dendrites; `type2` tells excitatory from
inhibitory targets. Only the outputs of the characterised cells were observable: an edge that begins
elsewhere contradicts that, and is an error of the file or of its direction.

Written after a description of the graph, not yet tried on the published file. DOI:
10.1038/nature09802.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, register
from ingest.readers.graphml import read_graphml
from schemas.errors import InputError, Problem
from schemas.records import Condition, Evidence, ObservationFrame

CHARACTERISED = "characterised pyramidal cell"
# Words of `type1`, whatever else stands there, and of `type2`.
PARTS = {"character": CHARACTERISED, "cell body": "cell body", "dendri": "dendritic fragment"}
POLARITY = {"excit": "excitatory", "inhib": "inhibitory"}
FRAME = ObservationFrame(
    kind="outputs",
    truncated=True,
    sources=[Condition(column="part", isin=[CHARACTERISED])],
)


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for GraphML whose nodes have these two types."""
    named = all(f'"{name}"'.encode() in probe.head for name in ("type1", "type2"))
    return {} if named and probe.is_xml("graphml") else None


@register(
    "bock_graphml",
    recognise=recognise,
    what="GraphML of Bock et al. 2011, outputs of characterised cells",
    evidence=Evidence.EM_SPARSE,
)
def read_bock(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the graph.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the file.

    Returns
    -------
    RawTables
        `part` tells characterised cells, cell bodies and dendritic fragments apart.

    Raises
    ------
    InputError
        If it is no such graph, or a node is of another kind.
    """
    raw = read_graphml(files, options)
    name, neurons = str(options["connections"]), raw.neurons
    missing = [one for one in ("type1", "type2") if neurons is None or one not in neurons]
    if neurons is None or missing:
        raise InputError([_problem(name, "type1", "nodes have no such attribute")])
    kind = neurons["type1"].fillna("").astype(str)
    part = _meaning(kind, PARTS)
    unknown = kind[part.isna()]
    if len(unknown):
        what = f"a node of kind {unknown.iloc[0][:40]!r}"
        raise InputError([_problem(name, "type1", what)], found=len(unknown))
    polarity = _meaning(neurons["type2"].fillna("").astype(str), POLARITY)
    polarity = polarity.mask(part.eq(CHARACTERISED), "excitatory")
    pyramidal = part.map({CHARACTERISED: "pyramidal"})
    made = neurons.assign(type=kind, part=part, polarity=polarity, cell_class=pyramidal)
    return replace(raw, neurons=made.drop(columns="type1"), frame=FRAME)


def _meaning(words: pd.Series[str], known: Mapping[str, str]) -> pd.Series[Any]:
    """Return what the words mean, None for others."""
    found = pd.Series(None, index=words.index, dtype=object)
    for word, meaning in known.items():
        found = found.mask(found.isna() & words.str.lower().str.contains(word), meaning)
    return found


def _problem(file: str, attribute: str, what: str) -> Problem:
    return Problem(
        file=file,
        column=attribute,
        what=what,
        expected="characterised pyramidal cells, cell bodies and dendritic fragments",
        remedy="give the unchanged file of NeuroData, or read it as plain GraphML by a manifest",
    )
