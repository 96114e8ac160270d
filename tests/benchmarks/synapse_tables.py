"""Synapses to connections: rows per second and memory at 10⁸ rows, against pandas."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.benchmarks.clock import row

ROWS, PEER_ROWS, NEURONS = 100_000_000, 5_000_000, 75_000
FIRST = 864_691_135_000_000_000
# In a process of its own: the peak of memory is that of this job alone.
JOB = """
import resource, sys, time
from pathlib import Path
from ingest.conditions import Choice, Condition
from ingest.synapses import connections_of
choice = Choice((Condition.read("score>=2"), Condition.read("region=VISp|VISl")), ("size",))
started = time.perf_counter()
tally = connections_of([Path(sys.argv[1])], Path(sys.argv[2]), choice)
assert tally.synapses == int(sys.argv[3])
# kibibytes on Linux
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def run():
    """Wall time of two threads: the disk counts too."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "synapses.parquet", Path(folder) / "connections.parquet"
        _write(source, ROWS)
        done = subprocess.run(
            [sys.executable, "-c", JOB, str(source), str(target), str(ROWS)],
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
            env=os.environ | {"OMP_NUM_THREADS": "2"},
        )
        seconds, peak = map(float, done.stdout.split())
        _write(source, PEER_ROWS)
        started = time.perf_counter()
        _by_pandas(source)
        peer = PEER_ROWS / (time.perf_counter() - started)
    rate = ROWS / seconds
    return [
        row(
            "10⁸ synapses to connections, two conditions, one sum",
            rate,
            "rows/s",
            "≥ 2 M rows/s",
            rate >= 2e6,
            "pandas, 5 M rows in memory",
            rate / peer,
        ),
        row("most memory of it", peak / 1e9, "GB", "< 5 GB", peak < 5e9),
    ]


def _write(path, rows):
    """Pairs are hardly ever repeated, the worst case: nothing shrinks by grouping."""
    rng = np.random.default_rng(1)
    writer = None
    for start in range(0, rows, 5_000_000):
        many = min(5_000_000, rows - start)
        made = pa.table(
            {
                "pre_pt_root_id": rng.integers(0, NEURONS, many) + FIRST,
                "post_pt_root_id": rng.integers(0, NEURONS, many) + FIRST,
                "size": rng.integers(1, 5_000, many).astype(np.int32),
                "score": rng.integers(0, 200, many).astype(np.int16),
                "region": pa.DictionaryArray.from_arrays(
                    rng.integers(0, 4, many).astype(np.int8), ["VISp", "VISl", "VISal", "VISrl"]
                ).cast(pa.string()),
            }
        )
        writer = writer or pq.ParquetWriter(path, made.schema)
        writer.write_table(made, row_group_size=1_000_000)
    writer.close()


def _by_pandas(path):
    table = pd.read_parquet(path)
    kept = table[(table.score >= 2) & table.region.isin(["VISp", "VISl"])]
    return kept.groupby(["pre_pt_root_id", "post_pt_root_id"])["size"].agg(["size", "sum"])
