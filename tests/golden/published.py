"""The table of published triad counts of the rat microcircuits and of their null models.

Table `motifs.csv.gz` of the package neuromotifs 0.1.0a2 (MIT): the model column (Gal et al. 2017,
DOI 10.1038/nn.4576) has one row for the circuit (`bb`) and 1,000 graphs of each of five nulls.
"""

import gzip
import io
from pathlib import Path

import pandas as pd

from ingest import catalog_manifests
from ingest.sources import provide
from schemas.errors import SourceUnavailable
from schemas.records import WheelSource
from tests.reach import out_of_reach

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


def published_motifs(cache: Path) -> pd.DataFrame:
    """Read the table; columns motif_1 … motif_13 as MAN codes, model, celltype and others."""
    manifest = catalog_manifests()["rat-l6-lbc"].model_copy(update={"source": WHEEL})
    try:
        files, _ = provide(manifest, cache=cache, mirror=None)
    except SourceUnavailable as missing:
        out_of_reach(str(missing))
    with files.open(MEMBER) as stream:
        table = pd.read_csv(io.BytesIO(gzip.decompress(stream.read())))
    return table.rename(columns={f"motif_{k}": code for k, code in enumerate(ORDER, start=1)})
