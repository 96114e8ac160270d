"""NeuroML v2 in HDF5, as libNeuroML writes it: /neuroml/network/population_… and projection_….

What the columns of a table mean stand in its attributes `column_0`, `column_1` …; numbers of cells
are float32 as everything else in it. Where a projection mixes connections with and without a
weight, the latter stand there with weight and delay 0; they are taken as they stand.
"""

from __future__ import annotations

import re
from typing import Any, BinaryIO

import h5py
import numpy as np
import numpy.typing as npt

from ingest import hdf5
from ingest.populations import ELECTRICAL, PROJECTIONS, Network, Population, Projection

EXPECTED = "NeuroML v2 in HDF5: /neuroml/network/population_… and projection_…"
MAGIC = b"\x89HDF\r\n\x1a\n"
EXACT_FLOAT32 = 2**24
"""From here on a float32 cannot tell neighbouring integers apart."""


def read_hdf5(stream: BinaryIO) -> Network:
    """Return the network of a file; belongs inside `ingest.readers.reading`.

    Raises
    ------
    KeyError
        If a group or table is missing or a link.
    ValueError
        If one is not what it should be.
    """
    network = Network()
    with hdf5.opened(stream) as file:
        group = hdf5.group(file, "neuroml/network")
        for label in group:  # links as well: one that is left out would be a silent loss
            if label.startswith("population_"):
                network.populations.append(_population(hdf5.group(group, label)))
            elif label.startswith("projection_"):
                _projection(network, hdf5.group(group, label))
    return network


def _population(group: h5py.Group) -> Population:
    population = Population(
        _attribute(group, "id"),
        component=_attribute(group, "component") if "component" in group.attrs else None,
        size=_size(group),
        properties={
            key.removeprefix("property:"): _attribute(group, key)
            for key in group.attrs
            if key.startswith("property:")
        },
    )
    table = _table(group, population.name)
    if table is None:
        return population
    values, places = table
    if not places:  # older writers do not name the columns
        places = {name: k for k, name in enumerate(("id", "x", "y", "z")[-values.shape[1] :])}
    if not {"x", "y", "z"} <= places.keys():
        raise ValueError(f"{group.name} has no columns x, y and z")
    population.positions = values[:, [places[axis] for axis in "xyz"]].astype(np.float64)
    if not np.isfinite(population.positions).all():
        raise ValueError(f"a location in {group.name} is no finite number")
    population.cells = np.arange(len(values), dtype=np.int64)
    if "id" in places:
        population.cells = _cells(values[:, places["id"]], group)
    return population


def _projection(network: Network, group: h5py.Group) -> None:
    kind = _attribute(group, "type") if "type" in group.attrs else PROJECTIONS[0]
    if kind not in PROJECTIONS:
        raise ValueError(f"{group.name} is of type {kind[:40]!r}, not {', '.join(PROJECTIONS)}")
    sides = _attribute(group, "presynapticPopulation"), _attribute(group, "postsynapticPopulation")
    called = _attribute(group, "id")
    table = _table(group, called)
    if table is None:  # a projection without connections is written without a table
        return
    values, places = table
    missing = {"pre_cell_id", "post_cell_id"} - places.keys()
    if missing:
        raise ValueError(f"{group.name} has no column {min(missing)}")
    if kind == ELECTRICAL:
        network.electrical += len(values)
        return
    measures = {
        key: values[:, places[key]].astype(np.float64)
        for key in ("weight", "delay")
        if key in places
    }
    if not all(np.isfinite(measure).all() for measure in measures.values()):
        raise ValueError(f"a weight or delay in {group.name} is no finite number")
    network.projections.append(
        Projection(
            f"{kind} {called!r}",
            sides,
            _cells(values[:, places["pre_cell_id"]], group),
            _cells(values[:, places["post_cell_id"]], group),
            weight=measures.get("weight"),
            delay=measures.get("delay"),
            ends=("pre_cell_id", "post_cell_id"),
        )
    )


def _table(group: h5py.Group, called: str) -> tuple[npt.NDArray[Any], dict[str, int]] | None:
    """Return the one table of a group and the places of its named columns, None without one."""
    members = list(group)
    if not members:
        return None
    label = called if called in members else members[0]
    if label != called and len(members) > 1:
        raise ValueError(f"{group.name} holds {len(members)} things and none called {called!r}")
    values = hdf5.array(group, label)
    if values.ndim != 2 or values.dtype.kind not in "iuf":
        raise ValueError(f"{group.name} holds no table of numbers")
    attributes = group[label].attrs
    places: dict[str, int] = {}
    for key in attributes:
        match = re.fullmatch(r"column_(\d{1,4})", key, re.ASCII)
        if match is not None:
            place = int(match[1])
            if place >= values.shape[1]:
                raise ValueError(f"{group.name} has {values.shape[1]} columns, and a {key}")
            places[_attribute(group[label], key)] = place
    return values, places


def _cells(values: npt.NDArray[Any], group: h5py.Group) -> npt.NDArray[np.int64]:
    """Numbers of cells, exactly: beyond 2^24 a float32 may name a neighbour."""
    bad = ~np.isfinite(values) | (values < 0) | (values != np.floor(values))
    if bad.any():
        found = values[int(np.argmax(bad))]
        raise ValueError(f"{group.name} has a cell {found}, not a whole number from 0 on")
    limit = EXACT_FLOAT32 if values.dtype == np.float32 else 2**53
    if values.size and values.max() >= limit:
        raise ValueError(f"{group.name} has a cell beyond {limit:,}, which {values.dtype} rounds")
    return values.astype(np.int64)


def _size(group: h5py.Group) -> int | None:
    if "size" not in group.attrs:
        return None
    text = _attribute(group, "size")
    if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) is None:
        raise ValueError(f"the size of {group.name} is {text[:40]!r}, not a whole number")
    return int(text)


def _attribute(node: h5py.HLObject, key: str) -> str:
    """Return an attribute as text; some writers wrap it into an array of one."""
    value = node.attrs.get(key, h5py.Empty("S1"))
    if isinstance(value, h5py.Empty):
        raise ValueError(f"{node.name} has no {key!r}")
    if isinstance(value, np.ndarray):
        if value.size != 1:
            raise ValueError(f"{key!r} of {node.name} is no single value")
        value = value.reshape(-1)[0]
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
