"""Dense reconstruction of mouse barrel cortex, layer 4 (the L4dense2019 HDF5 files).

Three files lie beside each other: `synapses.hdf5` tells which axon reaches which dendrite,
`axons.hdf5` and `dendrites.hdf5` what these are (also as `…_v2.hdf5`). Written by MATLAB: numbers
count from 1, 0 means none, vectors may have two axes, and what a class number means stands in the
attributes of the dataset.

The graph is bipartite, axon → dendrite: axon fragments are not attached to somata, so that a graph
of neurons is not in the release. Synapses without an axon or a dendrite are left out.

Written after the published layout, not yet tried on the published files. DOI:
10.1126/science.aay3134.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest import hdf5
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, reading, register
from schemas.records import Condition, Evidence, ObservationFrame

SYNAPSES = "synapses.hdf5 of L4dense2019: /synapses/preAxonId, postDendriteId"
DENDRITES_FROM = 1_000_000_000
"""Added to the number of a dendrite, so that no axon has the same id."""
POLARITY = {
    "corticocortical": "excitatory",
    "thalamocortical": "excitatory",
    "inhibitory": "inhibitory",
}


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for the synapses, with the files of axons and dendrites beside them."""
    if not {"synapses/preAxonId", "synapses/postDendriteId"} <= probe.hdf5_names:
        return None
    version = re.search(r"_v\d+", probe.path.stem)
    endings = [f"{version.group()}.hdf5" if version else ".hdf5", ".hdf5", "_v2.hdf5"]
    options: dict[str, Any] = {}
    for part in ("axons", "dendrites"):
        for ending in endings:
            beside = probe.path.with_name(part + ending)
            if beside.is_file():
                options[part] = beside
                break
    return options


@register(
    "l4dense",
    recognise=recognise,
    what="L4dense2019 synapses, axon to dendrite",
    evidence=Evidence.EM_DENSE,
)
def read_l4dense(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the connections from axons to dendrites.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the file of synapses; `axons`, `dendrites`, optional: names of the
        other two.

    Returns
    -------
    RawTables
        `part` is axon or dendrite, `type` its class, `neuron` the number of the neuron that a
        dendrite belongs to where the release says; a row per synapse, with `asi_area_um2`.

    Raises
    ------
    InputError
        If a file is damaged or laid out otherwise, or a synapse names an axon that is not there.
    """
    name = str(options["connections"])
    with files.open(name) as stream, reading(name, SYNAPSES), hdf5.opened(stream) as file:
        group = hdf5.group(file, "synapses")
        axon = hdf5.integers(group, "preAxonId").ravel()
        dendrite = hdf5.integers(group, "postDendriteId").ravel()
        area = np.full(axon.size, np.nan)
        if "asiArea" in group:
            area = hdf5.array(group, "asiArea").ravel().astype(np.float64)
        if np.isinf(area).any():
            raise ValueError("an area is infinite")
        if not axon.size == dendrite.size == area.size:
            raise ValueError("its columns are of different lengths")
        if axon.size and min(axon.min(), dendrite.min()) < 0:
            raise ValueError("a number is negative")
        if axon.size and max(axon.max(), dendrite.max()) >= DENDRITES_FROM:
            raise ValueError("a number is beyond any axon or dendrite")
    attached = (axon > 0) & (dendrite > 0)
    axon, dendrite, area = axon[attached], dendrite[attached], area[attached]
    neurons = pd.concat(
        [
            _parts(files, options.get("axons"), "axon", axon, 0),
            _parts(files, options.get("dendrites"), "dendrite", dendrite, DENDRITES_FROM),
        ],
        ignore_index=True,
    )
    connections = pd.DataFrame({"pre": axon, "post": dendrite + DENDRITES_FROM, "weight": 1})
    if np.isfinite(area).any():
        connections["asi_area_um2"] = area
    return RawTables(
        neurons,
        connections,
        connections_file=name,
        neurons_file=str(options.get("axons") or name),
        weight="synapse_count",
        frame=ObservationFrame(
            kind="bipartite",
            truncated=True,
            sources=[Condition(column="part", isin=["axon"])],
            targets=[Condition(column="part", isin=["dendrite"])],
        ),
    )


def _parts(
    files: SourceFiles, name: Any, part: str, used: npt.NDArray[np.int64], offset: int
) -> pd.DataFrame:
    """Axons or dendrites that have synapses, with their classes if the file is there."""
    ids = np.unique(used)
    made: dict[str, Any] = {"neuron_id": ids + offset, "part": part}
    if name is not None:
        expected = f"{part}s.hdf5 of L4dense2019: /{part}s/class"
        with (
            files.open(str(name)) as stream,
            reading(str(name), expected),
            hdf5.opened(stream) as file,
        ):
            group = hdf5.group(file, f"{part}s")
            codes = hdf5.integers(group, "class").ravel()
            words = _words(group["class"])
            if ids.size and ids[-1] > codes.size:
                raise ValueError(f"a synapse names {part} {ids[-1]:,} of {codes.size:,}")
            made["type"] = [words.get(int(code)) for code in codes[ids - 1]]
            if "neuronId" in group:
                owner = hdf5.integers(group, "neuronId").ravel()[ids - 1]
                made["neuron"] = pd.array(np.where(owner > 0, owner, 0), dtype="Int64")
                made["neuron"][owner <= 0] = pd.NA
    frame = pd.DataFrame(made)
    if part == "axon" and "type" in frame:
        frame["polarity"] = [POLARITY.get(str(word)) for word in frame["type"]]
    return frame


def _words(dataset: h5py.Dataset) -> dict[int, str]:
    """Class number → name, from the attributes; MATLAB's own begin with its name."""
    found = {}
    for word, code in dataset.attrs.items():
        number = np.asarray(code)
        if not word.startswith("MATLAB") and number.size == 1 and number.dtype.kind in "iu":
            found[int(number.ravel()[0])] = str(word)
    return found
