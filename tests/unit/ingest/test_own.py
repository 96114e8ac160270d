"""Manifests of one's own: written for a file, completed, read again."""

import tomllib

import pytest

from ingest.job import prepare, prepare_understood
from ingest.own import manifest_text, read_own_manifest, understand
from schemas.errors import InputError, UsageError
from schemas.records import Condition, Evidence, FileSource, ObservationFrame
from tests.contract.ingest.written import WRITERS

EDGES = "source,target,n_synapses\n1,2,3\n2,1,1\n2,3,4\n"


def written(folder, path, neurons=None, evidence=None):
    manifest, known = understand(path, neurons, evidence=evidence)
    manifest, prepared = prepare_understood(manifest, known)
    sure = evidence is not None or known.evidence is not None
    target = folder / f"{manifest.dataset}.toml"
    target.write_text(manifest_text(manifest, folder, evidence=sure), encoding="utf-8")
    return target, manifest, prepared


@pytest.mark.parametrize("name", WRITERS)
def test_a_written_manifest_is_the_dataset(tmp_path, name):
    """Every format: the manifest that was written gives the tables that the file gave."""
    path, neurons = WRITERS[name][1](tmp_path)
    target, manifest, before = written(tmp_path, path, neurons, evidence=Evidence.MODEL)
    again = read_own_manifest(target)
    assert again.model_dump(exclude={"source", "reader"}) == manifest.model_dump(
        exclude={"source", "reader"}
    )
    done = prepare(again, cache=tmp_path / "cache")
    assert done.tables.connections.equals(before.tables.connections)
    assert done.tables.neurons.equals(before.tables.neurons)
    assert [s.sha256 for s in done.sources] == [s.sha256 for s in before.sources]
    assert (tmp_path / "cache").exists() is False


def test_paths_begin_at_the_manifest(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    edges = tmp_path / "data" / "edges.csv"
    edges.write_text(EDGES)
    target, _, _ = written(tmp_path, edges, evidence=Evidence.EM_DENSE)
    assert tomllib.loads(target.read_text())["source"]["paths"] == ["data/edges.csv"]
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    monkeypatch.chdir(moved)
    manifest = read_own_manifest(target)
    assert isinstance(manifest.source, FileSource)
    assert manifest.source.paths == [str(edges)]
    assert manifest.reader.options["connections"] == str(edges)


def test_evidence_that_is_not_known_has_to_be_filled_in(tmp_path):
    edges = tmp_path / "edges.csv"
    edges.write_text(EDGES)
    target, _, _ = written(tmp_path, edges)
    with pytest.raises(InputError, match=r"edges\.toml, column 'evidence'"):
        read_own_manifest(target)
    target.write_text(target.read_text().replace('evidence = ""', 'evidence = "em_sparse"'))
    assert read_own_manifest(target).evidence is Evidence.EM_SPARSE


def test_evidence_that_a_format_implies(tmp_path):
    path, neurons = WRITERS["tested_pairs"][1](tmp_path)
    target, manifest, _ = written(tmp_path, path, neurons)
    assert read_own_manifest(target).evidence is manifest.evidence is Evidence.PAIRED_RECORDING
    assert understand(WRITERS["graphml"][1](tmp_path)[0])[1].evidence is None


def test_a_frame_with_sides_and_figures_of_errors(tmp_path):
    (tmp_path / "edges.csv").write_text(EDGES)
    (tmp_path / "neurons.csv").write_text("neuron_id,axon\n1,traced\n2,traced\n3,cut\n")
    target, _, _ = written(
        tmp_path, tmp_path / "edges.csv", tmp_path / "neurons.csv", evidence=Evidence.EM_SPARSE
    )
    text = target.read_text()
    framed = text.replace(
        'kind = "volume"',
        'kind = "outputs"\nsources = [{ column = "axon", isin = ["traced"] }]',
    )
    told = 'recall = { value = 0.8, low = 0.7, high = 0.9, source = "counted", doi = "10.1/x" }'
    target.write_text(framed.replace("[errors]", f"[errors]\n{told}"))
    manifest = read_own_manifest(target)
    assert manifest.errors.words()["synapse recall"] == "80 % (70–90 %): counted, doi:10.1/x"
    assert manifest.errors.words()["synapse precision"] == "not known"
    assert len(prepare(manifest, cache=tmp_path).tables.connections) == 3
    target.write_text(framed.replace('isin = ["traced"]', 'isin = ["cut"]'))
    with pytest.raises(InputError, match="neuron 1 has outputs, which by its frame"):
        prepare(read_own_manifest(target), cache=tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('kind = "volume"', 'kind = "outputs"'), "takes sources or targets: sources"),
        (('kind = "volume"', 'kind = "dense"'), "frame.kind"),
        (('species = "mouse"', 'species = "mousse"'), "'mousse' is no known term"),
        (("[errors]", "[errors]\nrecall = { value = 89, source = 'x' }"), "between 0 and 1"),
        (('dataset = "edges"', 'dataset = "other"'), "rename the file"),
        (("[source]", "[sauce]"), "sauce"),
        (("[source]", "[source"), "a TOML file"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_said(tmp_path, change, says):
    (tmp_path / "edges.csv").write_text(EDGES)
    target, _, _ = written(tmp_path, tmp_path / "edges.csv", evidence=Evidence.MODEL)
    target.write_text(target.read_text().replace(*change))
    with pytest.raises(InputError, match=r"edges\.toml") as caught:
        read_own_manifest(target)
    assert says in str(caught.value)


def test_a_pairs_frame_without_tests_is_refused(tmp_path):
    (tmp_path / "edges.csv").write_text(EDGES)
    target, _, _ = written(tmp_path, tmp_path / "edges.csv", evidence=Evidence.MODEL)
    target.write_text(target.read_text().replace('kind = "volume"', 'kind = "pairs"'))
    with pytest.raises(InputError, match="no tested pairs"):
        prepare(read_own_manifest(target), cache=tmp_path)


def test_a_missing_manifest_is_told(tmp_path):
    with pytest.raises(InputError, match=r"nothing\.toml"):
        read_own_manifest(tmp_path / "nothing.toml")


def test_a_frame_by_a_column_that_is_not_there(tmp_path):
    (tmp_path / "e.csv").write_text("pre,post\n1,2\n")
    (tmp_path / "n.csv").write_text("neuron_id,role\n1,axon\n2,dendrite\n")
    manifest, known = understand(tmp_path / "e.csv", tmp_path / "n.csv")
    frame = ObservationFrame(kind="outputs", sources=[Condition(column="rol", isin=["axon"])])
    with pytest.raises(UsageError, match="'rol'") as caught:
        prepare_understood(manifest.model_copy(update={"frame": frame}), known)
    assert "role" in caught.value.remedy
