"""H01, human temporal cortex: the c3 graph of Salova & Kovács with layers and cell types.

Layer and cell type come from the release's table of somata, joined by segment id of the c3
segmentation; 15,649 of 15,730 neurons are found there, the others keep null labels.
`polarity` follows the cell type: pyramidal, spiny stellate and other spiny neurons are
excitatory, interneurons inhibitory, everything else is unknown. Cells the release classifies as
glia stay in the table (their `type` says so), as in the published graph.

DOI: 10.1162/netn_a_00428 (graph), 10.1126/science.adk4858 (volume and labels).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from ingest.columns import typed
from ingest.readers import RawTables, SourceFiles, register
from ingest.readers.salova_graph import GET_AGAIN, read_connections, read_info
from ingest.report import Report
from ingest.tables import read_table

LABEL_COLUMNS = {"segment id": "int64", "cortical layer": "string", "cell type": "string"}
LAYERS = {**{f"Layer {k}": f"L{k}" for k in range(1, 7)}, "White matter": "WM"}
CLASS_OF_TYPE = {
    "pyramidal neuron": "pyramidal",
    "spiny stellate neuron": "spiny-stellate",
    "excitatory/spiny neuron with atypical tree": "excitatory",
    "interneuron": "inhibitory",
    "unclassified neuron": "neuron",
}
POLARITY_OF_CLASS = {
    "pyramidal": "excitatory",
    "spiny-stellate": "excitatory",
    "excitatory": "excitatory",
    "inhibitory": "inhibitory",
}


@register("h01_c3")
def read_h01_c3(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the graph, its neurons and the label table named in `options`.

    Parameters
    ----------
    files : SourceFiles
        The dataset's files.
    options : mapping
        `neurons`, `connections`, `labels`: names of the three files.

    Raises
    ------
    InputError
        If a file is damaged, lacks columns, or the tables do not belong together.
    """
    info, info_table = read_info(files, str(options["neurons"]))
    connections, edge_table = read_connections(
        files, str(options["connections"]), info["neuron_id"]
    )
    labels = read_labels(files, str(options["labels"]))
    joined = info.merge(
        labels, how="left", left_on="neuron_id", right_on="segment id", validate="1:1"
    )
    kind = joined["cell type"].replace("", None)
    cell_class = kind.map(CLASS_OF_TYPE)
    neurons = pd.DataFrame(
        {
            "neuron_id": joined["neuron_id"],
            "type": kind,
            "cell_class": cell_class,
            "polarity": cell_class.map(POLARITY_OF_CLASS),
            "layer": joined["cortical layer"].map(LAYERS),
            "area": "temporal",
            "soma_x": joined["soma_x"],
            "soma_y": joined["soma_y"],
            "soma_z": joined["soma_z"],
        }
    )
    return RawTables(
        neurons=neurons,
        connections=connections,
        connections_file=str(options["connections"]),
        neurons_file=str(options["neurons"]),
        connection_rows=edge_table.rows,
        neuron_rows=info_table.rows,
    )


def _says(cells: list[str], what: str, place: int) -> str:
    return f"{cells[place]!r} {what}"


def read_labels(files: SourceFiles, name: str) -> pd.DataFrame:
    """Read layer and cell type by segment id.

    Raises
    ------
    InputError
        If the file is damaged, a layer is none of the known ones, or a segment occurs twice.
    """
    table = read_table(files, name)
    labels = typed(table, LABEL_COLUMNS, remedy=GET_AGAIN)
    report = Report()
    for column, bad, what, expected in (
        (
            "cortical layer",
            ~labels["cortical layer"].isin(list(LAYERS)).to_numpy(dtype=bool),
            "is no known layer",
            ", ".join(LAYERS),
        ),
        (
            "segment id",
            labels["segment id"].duplicated().to_numpy(),
            "occurs more than once",
            "one row per segment",
        ),
    ):
        report.cells(
            bad,
            partial(_says, [str(cell) for cell in labels[column]], what),
            file=name,
            rows=table.rows,
            column=column,
            expected=expected,
            remedy="use the label table of the c3 release",
        )
    report.settle()
    return labels
