"""Networks of populations and projections (NeuroML) → raw tables.

Cells are numbered from 1, population after population in alphabetical order and within each by the
cell's own number, so that a network has the same ids in whichever file it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.assemble import neuron_table, table_of
from ingest.graphs import OF_SOURCE
from ingest.readers import RawTables
from ingest.report import Report
from schemas.errors import Problem

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

PROJECTIONS = ("projection", "continuousProjection", "electricalProjection")
ELECTRICAL = "electricalProjection"
LARGEST_NETWORK = 5_000_000
"""Cells of a network. A size is a few digits that cost nothing to write: it may be a bomb."""
DELAY = "delay_ms"
POSITION = ("soma_x", "soma_y", "soma_z")
POLARITY_WORDS = frozenset({"e", "i", "exc", "inh", "excitatory", "inhibitory"})


@dataclass
class Population:
    """Cells of one kind.

    Attributes
    ----------
    name : str
    component : str or None
        The cell model.
    size : int or None
        How many cells the file says there are.
    cells : int array, shape (n,), or None
        Numbers of the cells where they are listed; None where the size is all there is.
    positions : float array, shape (n, 3), or None
        In µm, in the order of `cells`.
    properties : dict of str to str
        What else the file says of all its cells.
    row : int or None
        Where in the file.
    sound : bool
        False where a problem of its cells is reported already.
    """

    name: str
    component: str | None = None
    size: int | None = None
    cells: IntArray | None = None
    positions: FloatArray | None = None
    properties: dict[str, str] = field(default_factory=dict)
    row: int | None = None
    sound: bool = True


@dataclass
class Projection:
    """Chemical connections from one population to another; all arrays are of one length.

    Attributes
    ----------
    name : str
    sides : (str, str)
        Populations that it begins and ends in.
    pre, post : int array
        Numbers of the cells in their populations.
    weight, delay : float array or None
        Scale of the synapse's conductance (1 is the synapse as it is) and delay in ms; None where
        no connection says it.
    rows : int array or None
        Where in the file.
    ends : (str, str)
        What the file calls the two cells.
    row : int or None
        Where in the file it begins.
    """

    name: str
    sides: tuple[str, str]
    pre: IntArray
    post: IntArray
    weight: FloatArray | None = None
    delay: FloatArray | None = None
    rows: IntArray | None = None
    ends: tuple[str, str] = ("preCellId", "postCellId")
    row: int | None = None


@dataclass
class Network:
    """What a file says.

    Attributes
    ----------
    populations : list of Population
    projections : list of Projection
    electrical : int
        Number of electrical connections; they have no direction and are not kept.
    """

    populations: list[Population] = field(default_factory=list)
    projections: list[Projection] = field(default_factory=list)
    electrical: int = 0


def network_tables(file: str, network: Network, report: Report) -> RawTables:
    """Make raw tables of a network.

    The population is the neuron's `type`, its properties are columns; `instance` is the cell as
    the file refers to it (`pop[3]`). A connection counts one, its weight is `weight_of_source`.

    Parameters
    ----------
    file : str
        Name of the file.
    network : Network
    report : Report
        Problems that are known already; raised with those found here.

    Raises
    ------
    InputError
        If a population is missing, there twice or of unknown size, or a connection leads to a cell
        that is not there.
    """
    cells, known = _numbered(file, network.populations, report)
    first = dict(zip(cells, _starts(cells), strict=True))
    for projection in network.projections:
        _check_populations(file, projection, cells, report)
        for side in (0, 1):
            _check_cells(file, projection, side, known, report)
    if network.electrical and not any(p.pre.size for p in network.projections):
        report.whole(
            file,
            f"it holds {network.electrical:,} electrical connections and no others",
            "chemical connections, which have a direction",
            "give a network with projections or continuousProjections",
        )
    report.settle()
    ids = {
        side: _joined(
            [
                first[p.sides[k]] + np.searchsorted(cells[p.sides[k]], (p.pre, p.post)[k])
                for p in network.projections
            ],
            np.int64,
        )
        for k, side in enumerate(("pre", "post"))
    }
    connections = pd.DataFrame({**ids, "weight": np.ones(ids["pre"].size, np.int64)})
    for column, found, unsaid in (
        (OF_SOURCE, [p.weight for p in network.projections], 1.0),
        (DELAY, [p.delay for p in network.projections], 0.0),
    ):
        if any(values is not None for values in found):
            sizes = [p.pre.size for p in network.projections]
            connections[column] = _joined(
                [np.full(n, unsaid) if v is None else v for v, n in zip(found, sizes, strict=True)],
                np.float64,
            )
    repeated = bool(connections.duplicated(["pre", "post"]).any())
    gaps = (
        "Chemical synapses only; electrical connections (gap junctions) are left out: "
        f"{network.electrical:,} in the file."
    )
    rows = [p.rows for p in network.projections if p.rows is not None]
    lines = _joined(rows, np.int64)
    return RawTables(
        _neurons(file, network.populations, cells),
        connections,
        connections_file=file,
        neurons_file=file,
        weight="synapse_count" if repeated else "binary",
        connection_rows=(lambda places: lines[places].tolist()) if rows else None,
        caveats=(gaps,) if network.electrical else (),
    )


def _numbered(
    file: str, populations: list[Population], report: Report
) -> tuple[dict[str, IntArray], dict[str, IntArray]]:
    """Numbers of the cells of every population, both in order, and of those without a problem."""
    found: dict[str, IntArray] = {}
    broken = {population.name for population in populations if not population.sound}
    total = 0
    if not populations:
        remedy = "give a file with the cells too; files that it includes are not opened"
        report.whole(file, "it holds no population", "a population of cells", remedy)
    for population in populations:
        said = _said_wrong(population, population.name in found)
        cells = np.zeros(0, np.int64)
        if said is None and population.cells is not None:
            cells = np.sort(population.cells)
            total += cells.size
        elif said is None and population.size is not None:
            total += population.size
            if total <= LARGEST_NETWORK:
                cells = np.arange(population.size, dtype=np.int64)
        if said is not None:
            what, expected, remedy = said
            report.add([Problem(file, what, expected, remedy, row=population.row)], 1)
            broken.add(population.name)
        found.setdefault(population.name, cells)
    if total > LARGEST_NETWORK:
        report.whole(
            file,
            f"its populations have {total:,} cells",
            f"at most {LARGEST_NETWORK:,}, all that this program takes at once",
            "correct the sizes of the populations, or give a part of the network",
        )
        broken |= found.keys()
    ordered = dict(sorted(found.items()))
    return ordered, {name: own for name, own in ordered.items() if name not in broken}


def _said_wrong(population: Population, again: bool) -> tuple[str, str, str] | None:
    """Say what is wrong with a population, what was expected and what to do; None if nothing."""
    name, cells, size = population.name, population.cells, population.size
    if again:
        what = f"population {name!r} is there twice"
        return what, "every population once", "give every population an id of its own"
    if not population.sound:
        return None
    if cells is None and size is None:
        what = f"population {name!r} has neither a size nor instances"
        return what, "the number of its cells", "write size, or an instance for every cell"
    if cells is None:
        return None
    if size is not None and size != cells.size:
        what = f"population {name!r} has {cells.size:,} instances, its size says {size:,}"
        remedy = "give the complete file, or correct the size"
        return what, "as many instances as its size says", remedy
    ordered = np.sort(cells)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if twice.size:
        what = f"instance {twice[0]} of population {name!r} is there twice"
        return what, "every instance once", "give every instance an id of its own"
    return None


def _starts(cells: Mapping[str, IntArray]) -> IntArray:
    """Id of the first cell of every population."""
    sizes = [own.size for own in cells.values()]
    return np.cumsum([1, *sizes], dtype=np.int64)[:-1] if sizes else np.zeros(0, np.int64)


def _check_populations(
    file: str, projection: Projection, cells: Mapping[str, IntArray], report: Report
) -> None:
    """Report populations that a projection leads to and that are not there."""
    for side in dict.fromkeys(projection.sides):
        if side not in cells:
            problem = Problem(
                file=file,
                row=projection.row,
                what=f"{projection.name} leads to population {side!r}, which is not there",
                expected=f"one of {', '.join(cells)[:200] or 'the populations of the file'}",
                remedy="add the population, or correct its name",
            )
            report.add([problem], 1)


def _check_cells(
    file: str, projection: Projection, side: int, known: Mapping[str, IntArray], report: Report
) -> None:
    """Report cells that one side of a projection leads to and that are not there."""
    population, rows = projection.sides[side], projection.rows
    if population not in known:
        return
    own, end = known[population], (projection.pre, projection.post)[side]
    report.cells(
        ~np.isin(end, own),
        lambda place: (
            f"{projection.name} leads to cell {end[place]} of population {population!r}, "
            f"which has {own.size:,} cells"
        ),
        file=file,
        rows=None if rows is None else (lambda places: rows[places].tolist()),
        column=projection.ends[side],
        expected=f"a cell from {own[0]} to {own[-1]}" if own.size else "a cell that is there",
        remedy="correct the number, or add the cell to its population",
    )


def _neurons(
    file: str, populations: list[Population], cells: Mapping[str, IntArray]
) -> pd.DataFrame:
    """One row per cell, in the order of the ids."""
    ordered = sorted(populations, key=lambda population: population.name)
    size = sum(own.size for own in cells.values())

    def spread(values: list[Any]) -> list[Any]:
        """Give every cell what its population has."""
        pairs = zip(values, ordered, strict=True)
        return [value for value, p in pairs for _ in range(cells[p.name].size)]

    columns: dict[str, Any] = {
        "neuron_id": np.arange(1, size + 1, dtype=np.int64),
        "type": spread([p.name for p in ordered]),
        "instance": [f"{p.name}[{cell}]" for p in ordered for cell in cells[p.name].tolist()],
        "component": spread([p.component for p in ordered]),
    }
    if any(p.positions is not None for p in ordered):
        places = np.concatenate([_positions(p, cells[p.name].size) for p in ordered])
        for axis, column in enumerate(POSITION):
            columns[column] = [None if v != v else v for v in places[:, axis].tolist()]
    tags = dict.fromkeys(tag for p in ordered for tag in p.properties)
    for tag in tags:
        values = [p.properties.get(tag) for p in ordered]
        columns[_column_of(tag, values, columns)] = spread(values)
    return neuron_table(table_of(file, columns))


def _positions(population: Population, size: int) -> FloatArray:
    """Positions of the cells in the order of their numbers, NaN where the file has none."""
    if population.positions is None or population.cells is None:
        return np.full((size, 3), np.nan)
    return population.positions[np.argsort(population.cells)]


def _column_of(tag: str, values: list[str | None], taken: Mapping[str, Any]) -> str:
    """Column that a property goes to.

    The population is the type of its neurons; a property `type` is, by custom of the field, E or I.
    """
    if tag == "type" and all(v is None or v.lower() in POLARITY_WORDS for v in values):
        return "polarity"
    return f"property_{tag}" if tag in taken or tag == "type" else tag


def _joined(parts: list[Any], dtype: Any) -> npt.NDArray[Any]:
    """Arrays behind each other, none being an empty one."""
    return np.concatenate(parts).astype(dtype) if parts else np.zeros(0, dtype)
