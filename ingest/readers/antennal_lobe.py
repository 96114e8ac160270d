"""Local neurons of a fly's antennal lobe: rows of connections with the names of both sides.

A row is a connection within one neuropil, with the number of its synapses and, for a check, the
number of synapses that the target has from all local neurons. Rows of a pair in several neuropils
are added up. Types and names are those of the hemibrain; `ln_class` is the shape of the arbour as
the table's author gives it (broad, regional, sparse, patchy).

DOI: 10.7554/eLife.57443 (hemibrain).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ingest.columns import typed
from ingest.readers import RawTables, SourceFiles, register
from ingest.report import Report
from ingest.tables import read_table

REMEDY = "take the table from the pinned wheel"
ENDS = {
    f"{end}_{what}": "int64" if what == "bodyId" else "string"
    for end in ("source", "target")
    for what in ("bodyId", "name", "cell_type", "class")
}
COUNTS = {"ln_synaptic_weight": "int64", "total_LN_input_for_target": "int64"}


@register("antennal_lobe")
def read_antennal_lobe(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the table named in `options`.

    Parameters
    ----------
    files : SourceFiles
        The dataset's files.
    options : mapping
        `connections`: name of the file; `side`: hemisphere whose lobe it is.

    Raises
    ------
    InputError
        If the table is damaged, or the synapses of a target do not add up.
    """
    name = str(options["connections"])
    table = read_table(files, name)
    rows = typed(table, {**ENDS, **COUNTS}, remedy=REMEDY)
    found = rows.groupby("target_bodyId")["ln_synaptic_weight"].transform("sum")
    report = Report()
    report.cells(
        (found != rows["total_LN_input_for_target"]).to_numpy(),
        lambda place: f"found {rows['total_LN_input_for_target'].iloc[place]:,}",
        file=name,
        rows=table.rows,
        column="total_LN_input_for_target",
        expected="the sum of the synapses onto the target",
        remedy=REMEDY,
    )
    report.settle()
    connections = pd.DataFrame(
        {
            "pre": rows["source_bodyId"],
            "post": rows["target_bodyId"],
            "weight": rows["ln_synaptic_weight"],
        }
    )
    sides = [_side(rows, end) for end in ("source", "target")]
    neurons = pd.concat(sides).drop_duplicates(ignore_index=True)
    return RawTables(
        neurons=neurons.assign(cell_class="interneuron", side=options.get("side")),
        connections=connections,
        connections_file=name,
        neurons_file=name,
        connection_rows=table.rows,
    )


def _side(rows: pd.DataFrame, end: str) -> pd.DataFrame:
    """Neurons of one side of the connections."""
    return pd.DataFrame(
        {
            "neuron_id": rows[f"{end}_bodyId"],
            "type": rows[f"{end}_cell_type"],
            "hemibrain_name": rows[f"{end}_name"],  # not unique, so not `instance`
            "ln_class": rows[f"{end}_class"].str.removeprefix("ALLN_"),
        }
    )
