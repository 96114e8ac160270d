"""Column of V1 in the MICrONS volume: neurons and synapses of a proofread network (version 1718).

Four CSV files of the published archive, by the code that writes and reads them
(deangeckt/spine-connectivity-ensembles on GitHub): `connectome_neurons.csv` and
`connectome_synapses.csv`, one row per neuron and per synapse between two of them;
`allen_v1_column_types_slanted_ref.csv` with positions of the somata in voxels of 4 × 4 × 40 nm;
`proofreading_status_and_strategy.csv`, which axons were proofread.

What is derived here, and how:

- `layer`: excitatory types are named after their layer. Inhibitory cells are put into L4 if their
  soma lies between the 10 % and the 90 % quantile of the depth of all 4P somata of the table, and
  into no layer otherwise.
- `cortical_depth`: as in `ingest.readers.microns_mm3`; the volume and its coordinates are the same.

Written after the published code, not yet tried on the published file. DOI: 10.5281/zenodo.21104425.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.columns import integers, labels, numbers, require, text_of
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, register
from ingest.readers.microns_mm3 import (
    BAND,
    CLASS_OF_TYPE,
    INHIBITORY_TYPES,
    LAYER_OF_TYPE,
    WHITE_MATTER_UM,
    depth_um,
)
from ingest.report import Report
from ingest.tables import Table, broken, read_table
from schemas.records import Evidence

GET_AGAIN = "give the unchanged files of the published archive"
VOXEL_UM = np.array([0.004, 0.004, 0.040])
POINT = r"^\[\s*-?[0-9.]+[\s,]+-?[0-9.]+[\s,]+-?[0-9.]+\s*\]$"
POLARITY = {
    "E": "excitatory", "ClfType.excitatory": "excitatory",
    "I": "inhibitory", "ClfType.inhibitory": "inhibitory",
}  # fmt: skip
TRUE, FALSE = ("t", "true", "1", "yes"), ("f", "false", "0", "no")
KEPT = ("volume", "axon_length", "dendrite_length")
COUNTED = {"pre": "num_of_outgoing_synapses", "post": "num_of_incoming_synapses"}
BESIDE = {
    "types": "allen_v1_column_types_slanted_ref.csv",
    "proofreading": "proofreading_status_and_strategy.csv",
}
MARKS = frozenset({"pre_id", "post_id", "pre_clf_type", "post_mtype_type"})


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for the synapses, if the neurons lie beside them."""
    if not set(probe.columns) >= MARKS:
        return None
    neurons = probe.path.with_name("connectome_neurons.csv")
    if not neurons.is_file():
        return None  # an edge list like others
    options = {"neurons": neurons}
    for part, name in BESIDE.items():
        for folder in (probe.path.parent, probe.path.parent.parent / "raw_tables"):
            if (folder / name).is_file():
                options.setdefault(part, folder / name)
    return options


@register(
    "microns_column",
    recognise=recognise,
    what="MICrONS V1 column, one row per synapse",
    evidence=Evidence.EM_DENSE,
)
def read_microns_column(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the network.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`, `neurons`: names of the tables of synapses and neurons; `types`, optional:
        of the table with positions; `proofreading`, optional: of that with proofread axons.

    Returns
    -------
    RawTables
        One neuron per row of its table, with `mtype`, `axon` (proofread or automated),
        `nucleus_volume`, `axon_length_um` and `dendrite_length_um` beside the columns of every
        dataset; one connection per synapse, with its `size`.

    Raises
    ------
    InputError
        If a file is damaged, lacks columns, or a synapse leads to a neuron that is not there.
    """
    given = read_table(files, str(options["neurons"]))
    neurons = _neurons(given)
    if options.get("types"):
        neurons = _with_somata(neurons, _filled(files, str(options["types"])))
    if options.get("proofreading"):
        proofread = _proofread(_filled(files, str(options["proofreading"])))
        known = neurons["neuron_id"].isin(proofread)
        neurons["axon"] = np.where(known, "proofread", "automated")
    synapses = read_table(files, str(options["connections"]))
    require(synapses, ("pre_id", "post_id", "size"), remedy=GET_AGAIN)
    report = Report()
    ends = {end: integers(synapses, f"{end}_id", report, remedy=GET_AGAIN) for end in COUNTED}
    size = numbers(synapses, "size", report, blank=False)
    report.settle()
    connections = pd.DataFrame({**ends, "weight": np.int64(1), "size": size})
    told = _counts(given)
    return RawTables(
        neurons=neurons,
        connections=connections,
        connections_file=synapses.name,
        neurons_file=given.name,
        weight="synapse_count",
        connection_rows=synapses.rows,
        neuron_rows=given.rows,
        caveats=_caveats(neurons["neuron_id"], connections, told),
    )


def _filled(files: SourceFiles, name: str) -> Table:
    table = read_table(files, name)
    if not len(table):
        raise broken(name, "has no row below its header")
    return table


def _neurons(table: Table) -> pd.DataFrame:
    require(
        table,
        ("root_id", "clf_type", "cell_type", "mtype", *KEPT, *COUNTED.values()),
        remedy=GET_AGAIN,
    )
    report = Report()
    root = integers(table, "root_id", report, remedy=GET_AGAIN)
    word = pd.Series(text_of(table, "clf_type").to_pylist(), dtype=object)
    report.cells(
        ~word.isin(list(POLARITY)).to_numpy(),
        lambda place: f"found {word[place]!r}",
        file=table.name,
        rows=table.rows,
        column="clf_type",
        expected="E or I",
        remedy=GET_AGAIN,
    )
    volume, axon, dendrite = (numbers(table, column, report) for column in KEPT)
    report.settle()
    kind = labels(table, "cell_type")
    return pd.DataFrame(
        {
            "neuron_id": root,
            "type": kind,
            "cell_class": kind.map(CLASS_OF_TYPE),
            "polarity": word.map(POLARITY),
            "layer": kind.map(LAYER_OF_TYPE),
            "mtype": labels(table, "mtype"),
            "nucleus_volume": volume,
            # −1 is written where there was no skeleton
            "axon_length_um": np.where(axon < 0, np.nan, axon),
            "dendrite_length_um": np.where(dendrite < 0, np.nan, dendrite),
        }
    )


def _with_somata(neurons: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Add positions, depth, and the layer of inhibitory cells."""
    require(table, ("pt_root_id", "pt_position"), remedy=GET_AGAIN)
    report = Report()
    root = integers(table, "pt_root_id", report, remedy=GET_AGAIN)
    text = pd.Series(text_of(table, "pt_position").to_pylist(), dtype=object)
    bad = ~text.str.match(POINT).to_numpy(dtype=bool)
    point = text.mask(bad, "[0 0 0]").str.strip("[] ").str.split(r"[\s,]+", regex=True)
    made = np.array(point.to_list(), object).reshape(-1, 3) if len(point) else np.zeros((0, 3))
    voxels = pd.DataFrame(made).apply(pd.to_numeric, errors="coerce").to_numpy(float)
    report.cells(
        bad | np.isnan(voxels).any(axis=1),
        lambda place: f"found {text[place][:40]!r}",
        file=table.name,
        rows=table.rows,
        column="pt_position",
        expected="[x y z] in voxels",
        remedy=GET_AGAIN,
    )
    report.settle()
    soma = pd.DataFrame(voxels * VOXEL_UM, columns=["soma_x", "soma_y", "soma_z"], index=root)
    soma = soma[~soma.index.duplicated(keep=False)]  # which of two somata is meant is not known
    placed = neurons.join(soma, on="neuron_id")
    depth = depth_um(placed)
    of_l4 = depth[placed["type"].eq("4P")].dropna()
    if len(of_l4):
        low, high = np.quantile(of_l4, BAND)
        among = placed["type"].isin(INHIBITORY_TYPES) & depth.between(low, high)
        placed["layer"] = placed["layer"].mask(among, "L4")
    return placed.assign(cortical_depth=depth / WHITE_MATTER_UM)


def _proofread(table: Table) -> npt.NDArray[np.int64]:
    """Root ids of the cells whose axon was proofread."""
    require(table, ("pt_root_id", "status_axon"), remedy=GET_AGAIN)
    report = Report()
    root = integers(table, "pt_root_id", report, remedy=GET_AGAIN)
    word = pd.Series(text_of(table, "status_axon").to_pylist(), dtype=object).str.lower()
    report.cells(
        ~word.isin([*TRUE, *FALSE]).to_numpy(),
        lambda place: f"found {word[place]!r}",
        file=table.name,
        rows=table.rows,
        column="status_axon",
        expected="t or f",
        remedy=GET_AGAIN,
    )
    report.settle()
    return root[word.isin(TRUE).to_numpy()]


def _counts(table: Table) -> dict[str, npt.NDArray[np.int64]]:
    """Numbers of synapses of every neuron at either end, as its own table has them."""
    report = Report()
    found = {end: integers(table, column, report) for end, column in COUNTED.items()}
    report.settle()
    return found


def _caveats(
    ids: pd.Series[int], connections: pd.DataFrame, told: Mapping[str, npt.NDArray[np.int64]]
) -> tuple[str, ...]:
    """Say where the table of synapses is not the one that the table of neurons was counted on."""
    off = np.zeros(len(ids), np.bool_)
    for end in COUNTED:
        counted = connections[end].value_counts().reindex(ids, fill_value=0).to_numpy()
        off |= counted != told[end]
    if not off.any():
        return ()
    said = f"{int(off.sum()):,} neurons have another number of synapses in their own table."
    return (said,)
