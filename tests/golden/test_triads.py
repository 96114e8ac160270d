"""The two rat microcircuits have the 13 triad counts that were published for them.

Counts: table `motifs.csv.gz` of the package neuromotifs 0.1.0a2 (Gal et al. 2017,
DOI 10.1038/nn.4576), rows of the original graph.
"""

import gzip
import io

import pandas as pd
import pytest

from analysis.motifs import triad_census
from ingest.sources import provide
from schemas.errors import SourceUnavailable
from schemas.records import WheelSource
from tests.conftest import out_of_reach

pytestmark = pytest.mark.network

MEMBER = "neuromotifs/data/nmc/motifs.csv.gz"
WHEEL = WheelSource(
    kind="wheel",
    distribution="neuromotifs",
    version="0.1.0a2",
    sha256="ef9e738402a989e798199a27cbc4d4ef990116ae7342305be95ff7a6c2db9b95",
    members=[MEMBER],
)
# Motifs 1 … 13 of the table.
ORDER = (
    "021C", "021U", "021D", "030T", "111U", "111D", "030C",
    "201", "120C", "120U", "120D", "210", "300",
)  # fmt: skip


@pytest.fixture(scope="module")
def published(prepared, download_cache):
    manifest, _ = prepared("rat-l6-lbc")
    manifest = manifest.model_copy(update={"source": WHEEL})
    try:
        files, _ = provide(manifest, cache=download_cache, mirror=None)
    except SourceUnavailable as missing:
        out_of_reach(str(missing))
    with files.open(MEMBER) as stream:
        return pd.read_csv(io.BytesIO(gzip.decompress(stream.read())))


@pytest.mark.parametrize(
    ("name", "label"),
    [("rat-l5-ttpc2/l5-ttpc2", "L5_TTPC2"), ("rat-l6-lbc/l6-lbc", "L6_LBC")],
)
@pytest.mark.parametrize("kernel", ["bitset", "sparse"])
def test_published_counts(circuit, published, name, label, kernel):
    counts = triad_census(circuit(name), kernel=kernel)
    assert [counts[code] for code in ORDER] == _row(published, label)


def _row(table, label):
    (row,) = table[(table["celltype"] == label) & (table["model"] == "bb")].to_dict("records")
    return [row[f"motif_{k}"] for k in range(1, 14)]
