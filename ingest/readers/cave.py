"""CAVE tables (MICrONS, FlyWire): synapses, and a table of cell types or nuclei.

One row is a synapse; neurons of the synapses that the cell table does not know stay, without a
type. A root id of 0 means that no segment was found: such rows cannot be used and are an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ingest.assemble import assemble
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, register
from ingest.tables import Table, read_table

ENDS = ("pre_pt_root_id", "post_pt_root_id")
# Positions are voxels of a resolution that the table does not state: not taken for µm.
POINT = "pt_position"
LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for a table of synapses."""
    return {} if set(ENDS) <= set(probe.columns) else None


@register("cave", recognise=recognise, what="CAVE synapse table, one row per synapse")
def read_cave(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read synapses and, if there is one, a cell table.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the synapse table; `neurons`, optional: name of the cell table,
        with `pt_root_id` and any of `cell_type`, `classification_system`, `pt_position` (kept in
        voxels).

    Raises
    ------
    InputError
        Every problem of both tables, with row and column.
    """
    synapses = read_table(files, str(options["connections"]))
    given = read_table(files, str(options["neurons"])) if options.get("neurons") else None
    return assemble(
        _of_cells(synapses),
        None if given is None else _without_points(given),
        strangers=True,
        counts="synapse_count",
    )


def _of_cells(synapses: Table) -> Table:
    """Leave out where a synapse is and which number it has: neither is its weight."""
    kept = [name for name in synapses.columns if name != "id" and not name.endswith(POINT)]
    return Table(synapses.name, synapses.arrow.select(kept), synapses.rows)


def _without_points(table: Table) -> Table:
    """Split points given as lists into three columns of voxels."""
    arrow = table.arrow
    for column in table.columns:
        kind = arrow.schema.field(column).type
        if column.endswith(POINT) and any(is_list(kind) for is_list in LISTS):
            points = arrow.column(column).to_pylist()
            arrow = arrow.drop_columns([column])
            for axis, letter in enumerate("xyz"):
                values = [
                    float(p[axis])
                    if p is not None and len(p) == 3 and p[axis] is not None
                    else np.nan
                    for p in points
                ]
                made = pa.array(values, pa.float64(), from_pandas=True)
                arrow = arrow.append_column(f"{column}_{letter}_voxel", made)
    return Table(table.name, arrow, table.rows)
