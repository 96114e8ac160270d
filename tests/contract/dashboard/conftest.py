"""A home made in the test: two circuits of one made-up dataset in a lake, with results."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from analysis.circuit import Circuit
from analysis.effects import effect_table
from analysis.statistics import get_statistic
from schemas.records import AnalysisRecord, DatasetManifest, SourceFile
from schemas.tables import CircuitTables
from store.lake import Lake
from store.results import Results

NULLS = ("er", "degree", "block_reciprocal")
DESCRIBED = ("clustering", "density", "strongly_connected")
MANIFEST = {
    "dataset": "made-up",
    "title": "Made up for the page tests",
    "description": "Random connections; nobody's brain.",
    "individual": {"name": "nobody", "species": "mouse"},
    "area": "v1",
    "evidence": "simulated",
    "source": {"kind": "file", "paths": ["made-up.csv"]},
    "reader": {"format": "edge_list"},
    "circuits": [
        {"name": "all", "title": "All neurons"},
        {
            "name": "l4",
            "title": "Layer 4",
            "layer": "L4",
            "where": [{"column": "layer", "isin": ["L4"]}],
        },
    ],
    "completeness": "complete by construction",
    "caveats": ["`neuron_id` means nothing"],
    "licence": "Apache-2.0",
    "citation": {"text": "Nobody"},
}
BIG = 864691134875730426


def tables():
    rng = np.random.default_rng(3)
    n = 70
    neurons = pd.DataFrame(
        {
            "neuron_id": BIG + np.arange(n, dtype=np.int64),
            "type": rng.choice(["A", "B"], n),
            "instance": None,
            "cell_class": rng.choice(["excitatory", "basket"], n),
            "polarity": rng.choice(["excitatory", "inhibitory"], n),
            "layer": rng.choice(["L4", "L5"], n, p=[0.7, 0.3]),
            "area": "v1",
            "side": None,
            "module": None,
            "soma_x": rng.random(n) * 100,
            "soma_y": rng.random(n) * 100,
            "soma_z": rng.random(n) * 100,
        }
    )
    matrix = rng.random((n, n)) < 0.15
    np.fill_diagonal(matrix, False)
    pre, post = np.nonzero(matrix)
    connections = pd.DataFrame(
        {
            "pre": BIG + pre,
            "post": BIG + post,
            "weight": rng.integers(1, 6, pre.size).astype(np.int32),
        }
    )
    return CircuitTables(neurons, connections)


def statistics_table(circuit):
    """Statistics in the columns in which they are stored."""
    rows = []
    for name in DESCRIBED:
        found = get_statistic(name).compute(circuit)
        rows += [{"statistic": name, "note": found.note} | asdict(part) for part in found.parts]
    return pd.DataFrame(rows)


@pytest.fixture(scope="session")
def made_home(tmp_path_factory):
    """Home with a lake and results, made once."""
    home = tmp_path_factory.mktemp("made") / "home"
    lake, results = Lake(home / "lake"), Results(home / "lake")
    manifest = DatasetManifest.model_validate(MANIFEST)
    source = SourceFile(name="made-up.csv", sha256="0" * 64, bytes=10, origin="file made-up.csv")
    made = lake.publish(
        manifest, tables(), sources=[source], reader="edge_list", code_version="0.1.0+test"
    )
    for place, cut in enumerate(manifest.circuits):
        name = f"{manifest.dataset}/{cut.name}"
        circuit = Circuit.from_tables(name, *lake.circuit_tables(manifest.dataset, cut.name))
        record = AnalysisRecord(
            key=f"{place:064x}",
            analysis="motif-census",
            circuit=name,
            dataset=manifest.dataset,
            version=made.version,
            parameters={"nulls": list(NULLS), "hard_samples": 20},
            seed=0,
            code_version="0.1.0+test",
            created="2026-01-01T00:00:00+00:00",
            encoding_type="motif-census",
            encoding_version="1",
            seconds=0.5,
        )
        results.put(record, effect_table(circuit, nulls=NULLS, hard_samples=20))
        if cut.name == "all":  # the other circuit was not described
            kept = {"key": "d" * 64, "analysis": "statistics", "encoding_type": "statistics"}
            parameters = {"statistics": list(DESCRIBED)}
            described = record.model_copy(update=kept | {"parameters": parameters})
            results.put(described, statistics_table(circuit))
    return home


@pytest.fixture
def at_home(monkeypatch):
    """Return a function that makes the dashboard look at a home, and at no server."""

    def look(home):
        for name in ("NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD", "NEO4J_DATABASE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("ISOCORTEX_HOME", str(home))
        st.cache_data.clear()
        st.cache_resource.clear()

    return look
