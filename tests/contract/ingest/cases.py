"""For every format one dataset to read: real bytes where a wheel or the mirror has them."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from ingest import catalog_manifests
from ingest.readers import SourceFiles, get_reader
from ingest.sources import provide
from schemas.errors import SourceUnavailable
from schemas.records import DatasetManifest
from tests.contract.ingest.written import WRITERS
from tests.reading import prepare_file

REAL = {
    "antennal_lobe": "fly-al-hemibrain",
    "barrel_map": "mouse-barrel-map",
    "binzegger_json": "cat-v1-binzegger",
    "cect_json": "worm-witvliet-1",
    "conntility_h5": "rat-s1-l23",
    "flywire_escape": "fly-escape-flywire",
    "h01_c3": "human-h01",
    "kasthuri_xls": "mouse-kasthuri",
    "labelled_matrix": "larva-mb-left",
    "larva_brain": "larva-brain",
    "microns_l23": "mouse-microns-l23",
    "microns_mm3": "mouse-microns-mm3",
    "nbs1_matrix": "rat-nbs1-r0c10",
    "netpyne_pathways": "rat-s1-pathways",
    "netsci_csv": "rat-l6-lbc",
    "statistical": "mouse-barrel-c2",
}
MIRRORED = (
    "barrel_map", "binzegger_json", "h01_c3", "kasthuri_xls", "larva_brain", "microns_l23",
    "microns_mm3", "nbs1_matrix", "netpyne_pathways",
)  # fmt: skip
SMALL = {
    "replicates": 2,  # of the statistical reconstruction: the format is the same
}


@dataclass
class Case:
    """One dataset: its manifest, its bytes, the options that its reader gets."""

    manifest: DatasetManifest
    files: dict[str, bytes]
    options: dict[str, object]

    @cached_property
    def raw(self):
        """Tables of the untouched bytes."""
        return self.read()

    def read(self, files=None):
        given = self.files if files is None else files
        return get_reader(self.manifest.reader.format)(SourceFiles(given), self.options)


def formats():
    """Names of the readers that have a case."""
    return {reader for reader, _ in WRITERS.values()} | set(REAL)


def params():
    """Return one parameter per case, marked with what it needs."""
    marks = dict.fromkeys(MIRRORED, pytest.mark.mirror)
    return [pytest.param(name, marks=marks.get(name, ())) for name in (*WRITERS, *REAL)]


def make_case(name, cache: Path, mirror: Path | None, scratch: Path) -> Case:
    """Get the bytes of a case.

    Raises
    ------
    SourceUnavailable
        If they cannot be had.
    """
    if name in WRITERS:
        manifest, _ = prepare_file(*WRITERS[name][1](scratch))
    else:
        manifest = catalog_manifests()[REAL[name]]
    found, _ = provide(manifest, cache=cache, mirror=mirror)
    files = {}
    for file in found.names:
        with found.open(file) as stream:
            files[file] = stream.read()
    options = dict(manifest.reader.options)
    if manifest.seed is not None:
        options |= {"seed": manifest.seed, **SMALL}
    return Case(manifest, files, options)


def unavailable(missing: SourceUnavailable):
    """Skip, or fail where nothing may be skipped."""
    if os.environ.get("ISOCORTEX_NO_SKIP") == "1":
        pytest.fail(str(missing))
    pytest.skip(str(missing))
