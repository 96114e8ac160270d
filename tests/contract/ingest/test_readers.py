"""What every reader in the registry promises (`ingest.readers`)."""

import os

import numpy as np
import pandas as pd
import pytest

from ingest.harmonize import harmonise
from ingest.pathways import PATHWAYS, harmonise_pathways
from ingest.readers import RawTables, SourceFiles, get_reader, readers
from ingest.validate import check_rows, check_tables
from schemas.errors import InputError, UsageError
from schemas.tables import PATHWAY_FIELDS
from tests.contract.ingest.cases import formats, params

TEXT = ("type", "instance", "cell_class", "polarity", "layer", "area", "side", "module")
# The last rows are cells of the male's tail, and rows of this table may be of any length.
RAGGED_BY_NATURE = ("cect/data/all_cell_info.csv", 0.99)
POSITION = ("soma_x", "soma_y", "soma_z")


def test_every_reader_is_under_contract():
    assert formats() == set(readers())


@pytest.mark.parametrize("name", params())
class TestReader:
    """One reader on the bytes of one dataset."""

    @pytest.fixture
    def case(self, make, name):
        return make(name)

    @pytest.fixture
    def raw(self, case):
        return case.raw

    def test_connections_are_exact(self, raw):
        assert isinstance(raw, RawTables)
        assert list(raw.connections.columns[:3]) == ["pre", "post", "weight"]
        assert raw.connections["pre"].dtype == raw.connections["post"].dtype == np.int64
        assert raw.connections["weight"].dtype.kind in "iu"
        assert len(raw.connections) or len(raw.pathways)

    def test_pathways_are_in_our_columns(self, case, raw):
        """A dataset without circuits has pathways alone, others may have some beside them."""
        assert case.manifest.pathways_alone == (not len(raw.connections))
        if raw.pathways is not None:
            assert set(raw.pathways) <= set(PATHWAY_FIELDS)
            assert raw.pathways[["pre_type", "post_type"]].notna().all(axis=None)
            table, unmapped = harmonise_pathways(raw.pathways)
            assert list(table) == list(PATHWAY_FIELDS)
            assert len(PATHWAYS.validate(table)) == len(raw.pathways)
            assert unmapped == {}

    def test_neurons_are_in_our_columns(self, raw):
        neurons = raw.neurons
        assert neurons["neuron_id"].dtype == np.int64
        assert neurons["neuron_id"].is_unique
        assert np.isin(raw.connections[["pre", "post"]], neurons["neuron_id"]).all()
        for column in set(TEXT) & set(neurons):
            assert all(isinstance(c, str) for c in neurons[column].dropna())
            assert (neurons[column].dropna() != "").all()
        for column in set(POSITION) & set(neurons):
            assert neurons[column].dtype == np.float64

    def test_positions_are_micrometres(self, raw):
        """A piece of cortex is between 50 µm and 50 mm wide; in nm or voxels it would not be."""
        there = [column for column in POSITION if column in raw.neurons]
        if there and len(raw.neurons) > 100:
            widths = raw.neurons[there].max() - raw.neurons[there].min()
            assert widths.between(50, 50_000).all()

    def test_it_passes_the_job(self, case, raw):
        check_rows(raw, case.manifest)
        tables = harmonise(raw, case.manifest).tables
        reduced = "seed" in case.options or case.manifest.expected is None
        check_tables(tables, case.manifest.model_copy(update={"expected": None}))
        if not reduced:
            check_tables(tables, case.manifest)

    def test_same_bytes_same_tables(self, case, raw):
        again = case.read()
        pd.testing.assert_frame_equal(again.connections, raw.connections)
        pd.testing.assert_frame_equal(again.neurons, raw.neurons)
        if raw.pathways is not None:
            pd.testing.assert_frame_equal(again.pathways, raw.pathways)

    def test_files_on_disk_are_read_the_same_and_left_alone(self, case, raw, tmp_path, monkeypatch):
        paths = {}
        for number, (file, content) in enumerate(case.files.items()):
            paths[file] = tmp_path / f"{number}"
            paths[file].write_bytes(content)
            paths[file].chmod(0o400)
        monkeypatch.chdir(tmp_path)
        before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
        pd.testing.assert_frame_equal(case.read(paths).connections, raw.connections)
        assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
        for file, path in paths.items():
            assert path.read_bytes() == case.files[file]

    @pytest.mark.parametrize("share", [0, 0.001, 0.25, 0.5, 0.75, 0.99])
    def test_truncated_files_are_refused(self, case, share):
        for file, content in case.files.items():
            if (file, share) != RAGGED_BY_NATURE:
                refused(case, file, truncated(content, share))

    def test_foreign_bytes_are_refused(self, case):
        noise = np.random.default_rng(1).bytes(5_000)
        for file in case.files:
            for content in (noise, b"PK\x03\x04" + noise, b"\x89HDF\r\n\x1a\n" + noise,
                            b"PAR1" + noise + b"PAR1", b"ARROW1" + noise, b"\x1f\x8b" + noise,
                            b"[]", b'{"nodes": 1}', b"<xml/>", b"a,b\n1,2\n", b"\n" * 99,
                            b"0 1\n1 0\n"):  # fmt: skip
                refused(case, file, content)

    def test_a_file_that_the_manifest_does_not_list_is_told(self, case):
        with pytest.raises(UsageError, match="the source has no file"):
            case.read({})


def truncated(content, share):
    """Cut off a file; a text table after the first cell of a row, where the cut can be seen."""
    end = int(len(content) * share)
    row = content.rfind(b"\n", 0, end) + 1
    separator = content.find(b",", row)
    is_text = b"\0" not in content[:1_000] and not content.startswith((b"{", b"\x1f\x8b"))
    return content[: separator + 1] if is_text and row and separator > 0 else content[:end]


def refused(case, file, content):
    """One InputError that names a file of the dataset, and nothing else."""
    with pytest.raises(InputError) as caught:
        read_and_check(case, {**case.files, file: content})
    for problem in caught.value.problems:
        assert problem.file in case.files
        assert problem.what
        assert problem.remedy


def read_and_check(case, files):
    raw = case.read(files)
    check_rows(raw, case.manifest)
    done = harmonise(raw, case.manifest)
    try:
        check_tables(done.tables, case.manifest)
    except InputError as error:  # it speaks of tables, not of a file
        raise InputError([p.__class__(**{**vars(p), "file": next(iter(files))})
                          for p in error.problems]) from None  # fmt: skip


def test_unknown_formats_are_told():
    with pytest.raises(UsageError, match="no format is called 'nrrd'"):
        get_reader("nrrd")


def test_source_files_list_their_names():
    files = SourceFiles({"a": b"1", "b": b"2"})
    assert files.names == ["a", "b"]
    assert os.fspath(files.open("b").read().decode()) == "2"
