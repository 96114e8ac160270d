"""Small circuits and tables for the pieces of the pages."""

import numpy as np
import pandas as pd
import pytest

from analysis.circuit import Circuit


@pytest.fixture
def circuit():
    """A random circuit with classes, depths and ids beyond 2⁵³."""
    rng = np.random.default_rng(11)
    n = 120
    matrix = rng.random((n, n)) < 0.08
    np.fill_diagonal(matrix, False)
    pre, post = np.nonzero(matrix)
    classes = rng.choice(["basket", "excitatory", "martinotti", None], n)
    neurons = pd.DataFrame(
        {
            "neuron_id": 864691134875730426 + np.arange(n) * 7,
            "type": rng.choice(["A", "B"], n),
            "instance": None,
            "cell_class": classes,
            "polarity": np.where(classes == "excitatory", "excitatory", "inhibitory"),
            "layer": "L4",
            "soma_x": np.where(rng.random(n) < 0.1, np.nan, rng.random(n)),
            "soma_y": rng.random(n),
            "soma_z": rng.random(n),
        }
    )
    return Circuit.from_edges(
        "made/l4", n, pre, post, rng.integers(1, 9, pre.size), neurons=neurons,
        attributes={"version": "v1"},
    )  # fmt: skip


@pytest.fixture
def circuits():
    """A table of circuits as `dashboard.data.circuits` gives it."""
    rows = [
        ("m/v1", "mouse", "v1", "L4", "em_dense", "circuit", 100),
        ("m/v1b", "mouse", "v1", "L4", "em_dense", "circuit", 300),
        ("b/r1", "mouse", "s1-barrel", "L4", "statistical", "replicate", 50),
        ("b/r2", "mouse", "s1-barrel", "L4", "statistical", "replicate", 50),
        ("r/l6", "rat", "s1", "L6", "model", "circuit", 463),
        ("w/all", "worm", None, None, "em_dense", "circuit", 180),
        ("m/all", "mouse", None, "L4", "em_dense", "circuit", 400),
    ]
    columns = ["circuit", "species", "area", "layer", "evidence", "role", "neurons"]
    return pd.DataFrame(rows, columns=columns)
