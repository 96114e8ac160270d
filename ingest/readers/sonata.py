"""SONATA networks (HDF5): edges of one population, with or without a nodes file.

One row of `/edges/<population>` is a synapse, unless an edge group says how many there are
(`nsyns`). `syn_weight` is a conductance in the model's unit: a measure, never a count. Node ids are
those of `/nodes/<population>/node_id`, else the row numbers from 0.
Format: github.com/AllenInstitute/sonata, developer guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest import hdf5
from ingest.assemble import assemble
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.tables import Table
from schemas.errors import InputError, Problem

EDGES = "a SONATA edges file: /edges/<population>/source_node_id and target_node_id"
NODES = "a SONATA nodes file: /nodes/<population>/node_type_id"
MEASURES = ("syn_weight", "delay")


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for an HDF5 file with edges."""
    names = probe.hdf5_names
    found = any(n.startswith("edges/") and n.endswith("/source_node_id") for n in names)
    return {} if found else None


@register("sonata", recognise=recognise, what="SONATA edges")
def read_sonata(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the recurrent edges of one population.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the edges file; `neurons`, optional: name of the nodes file;
        `population`, optional: which population of nodes, or of edges.

    Raises
    ------
    InputError
        If a file is laid out otherwise, or holds several populations and none is chosen.
    """
    name = str(options["connections"])
    wanted = options.get("population")
    with files.open(name) as stream, reading(name, EDGES), hdf5.opened(stream) as file:
        population, group = _recurrent(hdf5.group(file, "edges"), wanted, name)
        edges = pa.table(_edges(group))
        given = None
        if f"nodes/{population}" in file and not options.get("neurons"):
            given = Table(name, pa.table(_nodes(hdf5.group(file, f"nodes/{population}"))), None)
    if options.get("neurons"):
        other = str(options["neurons"])
        with files.open(other) as stream, reading(other, NODES), hdf5.opened(stream) as file:
            given = Table(other, pa.table(_nodes(hdf5.group(file, f"nodes/{population}"))), None)
    return assemble(Table(name, edges, None), given, counts="synapse_count")


def _recurrent(edges: h5py.Group, wanted: Any, name: str) -> tuple[str, h5py.Group]:
    """Choose the edges that begin and end in one population of nodes."""
    found: dict[str, tuple[str, h5py.Group]] = {}
    for label in hdf5.names(edges):
        group = hdf5.group(edges, label)
        ends = [
            _text(group[f"{side}_node_id"].attrs.get("node_population", "nodes"))
            for side in ("source", "target")
        ]
        if ends[0] == ends[1] and wanted in (None, ends[0], label):
            found[label] = ends[0], group
    if len(found) == 1:
        return next(iter(found.values()))
    what = "no edges within one population"
    if found:
        what = "edges " + ", ".join(f"{key} within {nodes}" for key, (nodes, _) in found.items())
    raise InputError(
        [
            Problem(
                file=name,
                what=f"it holds {what}",
                expected="one set of edges, within one population of nodes",
                remedy="write the edges that are meant into a file of their own, or name them in "
                "a manifest (--init; `population` under the reader's options)",
            )
        ]
    )


def _edges(group: h5py.Group) -> dict[str, npt.NDArray[Any]]:
    columns = {
        "pre": hdf5.array(group, "source_node_id"),
        "post": hdf5.array(group, "target_node_id"),
    }
    attributes = _attributes(group, "edge", columns["pre"].size)
    if "nsyns" in attributes:
        columns["weight"] = attributes["nsyns"]
    columns |= {key: attributes[key] for key in MEASURES if key in attributes}
    if len({values.size for values in columns.values()}) != 1:
        raise ValueError("its columns are of different lengths")
    return columns


def _nodes(group: h5py.Group) -> dict[str, Any]:
    kinds = hdf5.array(group, "node_type_id")
    ids = hdf5.array(group, "node_id") if "node_id" in group else np.arange(kinds.size)
    columns: dict[str, Any] = {"node_id": ids, "node_type_id": kinds}
    for key, values in _attributes(group, "node", kinds.size).items():
        if key not in columns:
            columns[key] = values
    if len({len(values) for values in columns.values()}) != 1:
        raise ValueError("its columns are of different lengths")
    return columns


def _attributes(group: h5py.Group, what: str, rows: int) -> dict[str, npt.NDArray[Any]]:
    """Attributes in the order of the rows; None where a row's group has none of that name.

    Raises
    ------
    ValueError
        If there are several groups and it is not said which of them a row belongs to.
    """
    parts = {
        int(key): _columns_of(hdf5.group(group, key)) for key in hdf5.names(group) if key.isdigit()
    }
    place = None
    if parts and f"{what}_group_index" in group:
        place = hdf5.integers(group, f"{what}_group_index")
        if place.size and place.min() < 0:
            raise ValueError(f"{what}_group_index holds negative places")
    if len(parts) < 2:
        found = {
            key: values if place is None else values[place]
            for columns in parts.values()
            for key, values in columns.items()
        }
        return {key: values for key, values in found.items() if values.size == rows}
    if place is None or f"{what}_group_id" not in group:
        raise ValueError(f"its {what}s lie in {len(parts)} groups, and no row says in which")
    member = hdf5.integers(group, f"{what}_group_id")
    if member.size != rows or place.size != rows or not np.isin(member, list(parts)).all():
        raise ValueError(f"its {what}s belong to groups that are not there")
    made: dict[str, npt.NDArray[Any]] = {}
    for number, columns in parts.items():
        own = member == number
        for key, values in columns.items():
            column = made.setdefault(key, np.full(rows, None, dtype=object))
            column[own] = values[place[own]].tolist()
    return made


def _columns_of(inner: h5py.Group) -> dict[str, npt.NDArray[Any]]:
    """Attributes of one group, words of a library put in."""
    found = {}
    for key in hdf5.names(inner):
        if not isinstance(inner[key], h5py.Dataset) or inner[key].ndim != 1:
            continue
        values = hdf5.array(inner, key)
        if "@library" in inner and key in hdf5.group(inner, "@library"):
            words = np.array(hdf5.texts(inner, f"@library/{key}"), dtype=object)
            values = words[hdf5.integers(inner, key)]
        elif values.dtype.kind in "SO":
            values = np.array(hdf5.texts(inner, key), dtype=object)
        found[key] = values
    return found


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
