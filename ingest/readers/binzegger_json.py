"""Cat primary visual cortex, type to type: synapses onto a neuron, by the type they come from.

The table of Binzegger, Douglas & Martin 2004 as JSON: for every type of neuron and every layer that
its dendrites reach, the number of synapses of one neuron there and the percentage of them from each
presynaptic type. Here a pathway has the sum over the layers, and `note` says the layers.

DOI: 10.1523/JNEUROSCI.1400-04.2004.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ingest.readers import RawTables, SourceFiles, pathways_alone, reading, register

DOI = "10.1523/JNEUROSCI.1400-04.2004"
WHAT = "the table of Binzegger et al. 2004 as JSON"
NUMBER = "number of synapses per neuron"
LAYERS = {"1": "L1", "23": "L2/3", "4": "L4", "5": "L5", "6": "L6", "": None}
# Kind of cell by what its name begins with; the longest beginning decides.
CLASSES = {
    "nb": "inhibitory",  # smooth cells that are not basket cells
    "b": "basket",
    "p": "pyramidal",
    "ss": "spiny-stellate",
    "TC": "excitatory",  # relay cells of the thalamus
    "TI": "inhibitory",
    "TRN": "inhibitory",
}
ROUNDING = 0.5
"""The percentages are rounded to a tenth: those of a layer add up to 100 ± this."""


@register("binzegger_json")
def read_binzegger(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the table named in `options`.

    Parameters
    ----------
    files : SourceFiles
        The dataset's files.
    options : mapping
        `table`: name of the file.

    Returns
    -------
    RawTables
        Pathways alone, one for every presynaptic type of every postsynaptic type.

    Raises
    ------
    InputError
        If the file is damaged, or the percentages of a layer do not add up.
    """
    name = str(options["table"])
    with files.open(name) as stream, reading(name, WHAT):
        rows = [
            row for post, facts in json.load(stream)["data"].items() for row in _onto(post, facts)
        ]
        if not rows:
            raise ValueError("there is no type of neuron in it")
        pathways = pd.DataFrame(rows)
    return pathways_alone(pathways.assign(doi=DOI), name)


def _onto(post: str, facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Pathways onto one type."""
    by_layer = {LAYERS[layer]: dict(shares) for layer, shares in facts["syn_dict"].items()}
    sizes = {layer: float(shares.pop(NUMBER)) for layer, shares in by_layer.items()}
    for layer, shares in by_layer.items():
        total = math.fsum(shares.values())
        if abs(total - 100) > ROUNDING or min(shares.values()) < 0:
            raise ValueError(f"the shares of {post} in {layer} add up to {total:g} %")
    for pre in next(iter(by_layer.values())):
        parts = {layer: sizes[layer] * by_layer[layer][pre] / 100 for layer in by_layer}
        said = [f"{count:.4g} in {layer}" for layer, count in parts.items() if layer and count]
        yield {
            "pre_type": pre,
            "post_type": post,
            "pre_class": _class(pre),
            "post_class": _class(post),
            "pre_layer": _layer(pre),
            "post_layer": _layer(post),
            "synapses_per_cell": math.fsum(parts.values()),
            "note": "synapses on dendrites: " + ", ".join(said) if said else None,
        }


def _class(label: str) -> str | None:
    fitting = [start for start in CLASSES if label.startswith(start)]
    return CLASSES[max(fitting, key=len)] if fitting else None


def _layer(label: str) -> str | None:
    """Layer of the somata: `p6(L4)` lie in layer 6 and reach layer 4."""
    digits = "".join(c for c in label.split("(")[0] if c.isdigit())
    return LAYERS[digits]
