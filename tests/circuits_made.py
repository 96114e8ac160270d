"""Small datasets of known content for tests of the store."""

from typing import Any

import numpy as np
import pandas as pd

from schemas.records import DatasetManifest
from schemas.tables import PATHWAY_FIELDS, CircuitTables
from store.lake import Lake

SOURCES: list[Any] = []


def manifest(name: str = "made", **changes: Any) -> DatasetManifest:
    """Return the manifest of a made dataset; `changes` replace fields."""
    given: dict[str, Any] = {
        "dataset": name,
        "title": f"Made {name}",
        "description": "Made for tests.",
        "individual": {"species": "mouse", "name": "one"},
        "evidence": "simulated",
        "source": {"kind": "file", "paths": ["made.csv"]},
        "reader": {"format": "edge_list"},
        "circuits": [{"name": "all", "title": "All"}],
        "completeness": "complete",
        "licence": "none",
        "citation": {"text": "made"},
    }
    return DatasetManifest.model_validate(given | changes)


def neurons(ids: Any, **columns: Any) -> pd.DataFrame:
    """Return a neuron table."""
    return pd.DataFrame({"neuron_id": np.array(ids, dtype=np.int64)} | columns)


def connections(edges: Any) -> pd.DataFrame:
    """Return a table of connections from (pre, post, weight)."""
    rows = list(edges)
    return pd.DataFrame(
        {
            "pre": np.array([row[0] for row in rows], dtype=np.int64),
            "post": np.array([row[1] for row in rows], dtype=np.int64),
            "weight": np.array([row[2] for row in rows], dtype=np.int32),
        }
    )


def random_tables(n: int = 30, m: int = 200, seed: int = 1, first: int = 1) -> CircuitTables:
    """Return n neurons and m distinct connections without loops."""
    rng = np.random.default_rng(seed)
    codes = rng.choice(n * (n - 1), size=m, replace=False)
    pre, rest = np.divmod(codes, n - 1)
    post = rest + (rest >= pre)
    table = neurons(
        np.arange(first, first + n),
        type=[f"t{k % 3}" for k in range(n)],
        cell_class=["excitatory" if k % 2 else "inhibitory" for k in range(n)],
        polarity=["excitatory" if k % 2 else "inhibitory" for k in range(n)],
        soma_x=np.linspace(0.0, 1.0, n),
        soma_y=np.zeros(n),
        soma_z=np.zeros(n),
    )
    weights = rng.integers(1, 9, m)
    return CircuitTables(table, connections(zip(pre + first, post + first, weights, strict=True)))


def pathways(rows: Any) -> pd.DataFrame:
    """Return a table of pathways from rows of some of its columns, as the lake holds it."""
    given = list(rows)
    made: dict[str, Any] = {}
    for name, kind in PATHWAY_FIELDS.items():
        cells = [row.get(name) for row in given]
        plain = str(kind) in {"int64", "double"}
        dtype = {"int64": "Int64", "double": "float64"}.get(str(kind), object)
        made[name] = pd.array(cells, dtype=dtype) if plain else pd.Series(cells, dtype=object)
    return pd.DataFrame(made).sort_values(["pre_type", "post_type", "doi"], ignore_index=True)


def publish(lake: Lake, tables: CircuitTables, name: str = "made", **changes: Any) -> str:
    """Publish a made dataset and return its version."""
    provenance = lake.publish(
        manifest(name, **changes), tables, sources=SOURCES, reader="edge_list", code_version="test"
    )
    return provenance.version
