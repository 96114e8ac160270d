"""Soma positions of one mouse barrel → replicates of a statistical reconstruction on them.

`l4info` of the MATLAB file has a row for every neuron of layer 4: x, y (µm from the middle of the
barrel, in the plane of the cortex), depth (µm below the pia), and a type: 1 star pyramid, 2 spiny
stellate, 3 fast spiking, 4 regular spiking non-pyramidal. Its authors stretched the positions of a
mouse barrel to the size of a rat's; `shrink` brings them back. The wiring is that of
`ingest.statistical`: it knows the two classes and no distance.

DOI: 10.1007/s12021-022-09576-5 (positions).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.io

from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.readers.pair_recordings import published_pathways, read_pathways
from ingest.statistical import NeuronClass, reconstruct

WHAT = "a MATLAB file with l4info: x, y, depth and type (1 to 4) of every neuron"
TYPES = ("star pyramid", "spiny stellate", "fast spiking", "regular spiking non-pyramidal")
EXCITATORY = 2
"""The first so many types are excitatory."""
PLACES = {"E": ("L4", "s1-barrel"), "I": ("L4", "s1-barrel")}


@register("barrel_map")
def read_barrel_map(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Draw replicates of the wiring among neurons at the positions of the map.

    Parameters
    ----------
    files : SourceFiles
        The map and the published table.
    options : mapping
        `map`, `pairs`: names of the two; `shrink` (three numbers): what x, y and depth are divided
        by; `replicates`, `seed`, `tested_where_unpublished` (int): see the format `statistical`.

    Returns
    -------
    RawTables
        The same somata in every replicate, excitatory ones first, in the order of the map.

    Raises
    ------
    InputError
        If a file is damaged, a type unknown or two neurons lie at one place.
    """
    somata, kind = read_map(files, str(options["map"]))
    somata = somata / np.asarray(options["shrink"], np.float64)
    inhibits = kind >= EXCITATORY
    order = np.argsort(inhibits, kind="stable")
    somata, kind = somata[order], kind[order]
    classes = [
        NeuronClass("E", "E", "l4-excitatory", int((~inhibits).sum())),
        NeuronClass("I", "I", "inhibitory", int(inhibits.sum())),
    ]
    name = str(options["pairs"])
    studies = read_pathways(
        files, name, ["E", "I"], assumed_tests=int(options["tested_where_unpublished"])
    )
    replicates = int(options["replicates"])
    drawn = reconstruct(classes, studies, replicates=replicates, seed=int(options["seed"]))
    neurons = drawn.neurons.drop(columns="block").assign(
        type=np.tile(np.array(TYPES, object)[kind], replicates),
        module="r" + drawn.neurons["replicate"].astype(str),
        layer="L4",
        area="s1-barrel",
    )
    for axis, values in zip("xyz", somata.T, strict=True):
        neurons[f"soma_{axis}"] = np.tile(values, replicates)
    return RawTables(
        neurons=neurons,
        connections=drawn.connections,
        connections_file=name,
        neurons_file=str(options["map"]),
        pathways=published_pathways(files, name, classes, PLACES),
    )


def read_map(
    files: SourceFiles, name: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Read position (n × 3, µm, as in the file) and number of the type (from 0) of every neuron.

    Raises
    ------
    InputError
        If the file is damaged or laid out otherwise.
    """
    with files.open(name) as stream, reading(name, WHAT):
        found = scipy.io.loadmat(io.BytesIO(stream.read()))  # to the end: a cut file is damaged
        table = np.asarray(found["l4info"], np.float64)
        if table.ndim != 2 or table.shape[1] != 4 or not len(table):
            raise ValueError(f"l4info is {' × '.join(map(str, table.shape))}")
        if not np.isfinite(table).all():
            raise ValueError("l4info has empty cells")
        if not np.isin(table[:, 3], range(1, len(TYPES) + 1)).all():
            raise ValueError("l4info has unknown types")
        if pd.DataFrame(table[:, :3]).duplicated().any():
            raise ValueError("two neurons lie at one place")
        return table[:, :3], table[:, 3].astype(np.int64) - 1
