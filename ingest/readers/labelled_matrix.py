"""A dense matrix of synapse counts beside a list of labels, as `graspologic` ships them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ingest.matrices import connections_of
from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.readers.salova_graph import GET_AGAIN


@register("labelled_matrix")
def read_labelled_matrix(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read a matrix, row = pre, and one label per row.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `matrix`, `labels`: names of the files; `classes`: label → cell class; `side`, optional.

    Raises
    ------
    InputError
        If a file is damaged or the two do not fit.
    """
    name, labels_name = str(options["matrix"]), str(options["labels"])
    with files.open(name) as stream, reading(name, "numbers separated by blanks", GET_AGAIN):
        lines = [line.split() for line in stream.read().decode("ascii").splitlines()]
        matrix = np.array([line for line in lines if line], dtype=np.float64, ndmin=2)
    with files.open(labels_name) as stream, reading(labels_name, "one label per row", GET_AGAIN):
        labels = stream.read().decode("utf-8").split()
    pre, post, weight = connections_of(matrix, len(labels), name, remedy=GET_AGAIN)
    ids = np.arange(1, len(labels) + 1, dtype=np.int64)
    classes = dict(options["classes"])
    neurons = pd.DataFrame(
        {
            "neuron_id": ids,
            "type": labels,
            "cell_class": [classes.get(label) for label in labels],
            "side": options.get("side"),
        }
    )
    connections = pd.DataFrame({"pre": ids[pre], "post": ids[post], "weight": weight})
    return RawTables(neurons, connections, connections_file=name, neurons_file=labels_name)
