"""Files without a published checksum: none is taken unseen, and none in its place later."""

import hashlib

import h5py
import pytest

from ingest import catalog_manifests, network, sources
from ingest.job import prepare
from ingest.sources import ON_FIRST_USE, Trust, provide
from isocortex import importing, pipeline
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.errors import InputError, SourceUnavailable
from schemas.records import RemoteFile, UrlSource
from tests.contract.ingest.written import conntility, l4dense
from tests.unit.ingest.test_sources import CONTENT, DIGEST, content_of, manifest, put, served

__all__ = ["served"]
NAME = "made_up/edges.csv"


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(sources, "_closed", network.Closed())
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def unpinned(url="http://127.0.0.1:1/edges.csv"):
    """Return a dataset of one file without a checksum."""
    pinned = manifest(UrlSource(files=[RemoteFile(name=NAME, url=url, sha256=DIGEST, bytes=1)]))
    source = UrlSource(files=[RemoteFile(name=NAME, url=url, sha256="unknown")])
    return pinned.model_copy(update={"source": source, "optional": True})


def test_a_file_nobody_accepted_is_refused_with_its_checksum(tmp_path, served):
    with pytest.raises(InputError) as caught:
        provide(unpinned(served), cache=tmp_path / "cache", mirror=None)
    (problem,) = caught.value.problems
    assert problem.file == NAME
    assert DIGEST in problem.what
    assert f"{len(CONTENT)} bytes" in problem.what
    assert "--accept-checksum" in problem.remedy


def test_an_accepted_file_is_fetched_once_and_its_checksum_told(tmp_path, served):
    with pytest.raises(InputError):
        provide(unpinned(served), cache=tmp_path / "cache", mirror=None)
    (tmp_path / "www" / "edges.csv").unlink()  # what was shown is what is accepted
    accepted = Trust(accept=True)
    files, facts = provide(unpinned(served), cache=tmp_path / "cache", mirror=None, trust=accepted)
    assert content_of(files) == CONTENT
    assert facts[0].sha256 == DIGEST
    assert facts[0].origin.endswith(ON_FIRST_USE)


def test_an_accepted_checksum_counts_from_then_on(tmp_path, served):
    known = Trust({NAME: DIGEST})
    files, facts = provide(unpinned(served), cache=tmp_path / "cache", mirror=None, trust=known)
    assert content_of(files) == CONTENT
    assert facts[0].sha256 == DIGEST
    (tmp_path / "www" / "edges.csv").write_bytes(b"another")
    with pytest.raises(InputError) as caught:
        provide(unpinned(served), cache=tmp_path / "new", mirror=None, trust=known)
    (problem,) = caught.value.problems
    assert problem.expected == DIGEST
    assert "when its checksum was accepted" in problem.remedy
    put(tmp_path / "mirror", b"another")
    with pytest.raises(InputError, match=hashlib.sha256(b"another").hexdigest()):
        provide(unpinned(served), cache=tmp_path / "c", mirror=tmp_path / "mirror", trust=known)


def test_a_file_in_the_mirror_has_to_be_accepted_too(tmp_path):
    put(tmp_path / "mirror")
    with pytest.raises(InputError, match=DIGEST):
        provide(unpinned(), cache=tmp_path / "cache", mirror=tmp_path / "mirror")


def test_acceptance_does_not_weaken_a_pinned_checksum(tmp_path):
    put(tmp_path / "mirror", b"another")
    pinned = manifest(
        UrlSource(
            files=[RemoteFile(name=NAME, url="http://127.0.0.1:1/x", sha256=DIGEST, bytes=13)]
        )
    )
    for trust in (Trust(accept=True), Trust({NAME: hashlib.sha256(b"another").hexdigest()})):
        with pytest.raises(InputError, match="put the original file there"):
            provide(pinned, cache=tmp_path / "cache", mirror=tmp_path / "mirror", trust=trust)


def test_only_optional_datasets_may_lack_a_checksum():
    given = unpinned().model_dump()
    with pytest.raises(ValueError, match="must be optional"):
        type(unpinned()).model_validate(given | {"optional": False})
    with pytest.raises(ValueError, match="known number of bytes"):
        RemoteFile(name=NAME, url="http://a.example/x", sha256=DIGEST)
    for both in ({}, {"url": "http://a.example/x", "made_from": "y"}):
        with pytest.raises(ValueError, match="an address, or an original"):
            RemoteFile(name=NAME, sha256=DIGEST, bytes=3, **both)


def test_a_file_without_an_address_comes_from_a_mirror_only(tmp_path):
    made = RemoteFile(name=NAME, made_from="a pickle", sha256=DIGEST, bytes=len(CONTENT))
    alone = manifest(UrlSource(files=[made]))
    with pytest.raises(SourceUnavailable, match="made from a pickle") as caught:
        provide(alone, cache=tmp_path / "cache", mirror=None)
    assert "ISOCORTEX_MIRROR" in caught.value.remedy
    put(tmp_path / "mirror")
    _, facts = provide(alone, cache=tmp_path / "cache", mirror=tmp_path / "mirror")
    assert facts[0].origin == "mirror of a file made from a pickle"


def test_published_tables_come_beside_files(tmp_path):
    put(tmp_path / "mirror")
    remote = RemoteFile(name=NAME, url="http://127.0.0.1:1/x", sha256=DIGEST, bytes=len(CONTENT))
    both = manifest(UrlSource(files=[remote], tables=["mouse_barrel_l4_pairs.csv"]))
    files, facts = provide(both, cache=tmp_path / "cache", mirror=tmp_path / "mirror")
    assert files.names == ["mouse_barrel_l4_pairs.csv", NAME]
    assert [fact.name for fact in facts] == [NAME, "mouse_barrel_l4_pairs.csv"]


@pytest.fixture
def dense(tmp_path, served, monkeypatch):
    """A home, the catalog's L4dense dataset at addresses of this machine, and what is served."""
    folder = tmp_path / "www"
    l4dense(folder)
    known = catalog_manifests()["mouse-l4dense"]
    address = served.removesuffix("edges.csv")
    files = [
        file.model_copy(update={"url": address + file.name.split("/")[1]})
        for file in known.source.files
    ]
    here = known.model_copy(update={"source": known.source.model_copy(update={"files": files})})
    monkeypatch.setattr("ingest.catalog_manifests", lambda: {here.dataset: here})
    settings = Settings.from_environment({"ISOCORTEX_HOME": str(tmp_path / "home")})
    return Workspace(settings), here, folder


def test_l4dense_is_ingested_once_it_is_accepted(dense):
    workspace, here, folder = dense
    with pytest.raises(InputError) as caught:
        pipeline.ingest_dataset(workspace, here)
    assert [problem.file for problem in caught.value.problems] == [
        "l4dense2019/synapses.hdf5", "l4dense2019/axons.hdf5", "l4dense2019/dendrites.hdf5",
    ]  # fmt: skip
    assert workspace.lake.datasets() == []

    outcome = pipeline.ingest_dataset(workspace, here, accept_checksum=True)
    assert outcome.state == "new"
    made = workspace.lake.provenance("mouse-l4dense")
    for source in made.sources:
        served_file = folder / source.name.split("/")[1]
        assert source.sha256 == hashlib.sha256(served_file.read_bytes()).hexdigest()
        assert source.origin.endswith(ON_FIRST_USE)
    neurons, connections = workspace.lake.circuit_tables("mouse-l4dense", "neuropil")
    assert neurons.groupby("part").size().to_dict() == {"axon": 3, "dendrite": 2}
    assert connections["weight"].sum() == 4
    assert workspace.lake.circuit_observed("mouse-l4dense", "neuropil").pairs(5) == 6

    # other code reads it again: the accepted checksums count, without being accepted anew
    assert pipeline.ingest_dataset(workspace, here).state == "unchanged"
    changed = here.model_copy(update={"title": "Another title"})
    assert pipeline.ingest_dataset(workspace, changed).state == "unchanged"
    for path in (workspace.settings.cache / "files").rglob("*.hdf5"):
        path.write_bytes(b"altered")
    (folder / "axons.hdf5").write_bytes(b"altered")
    with pytest.raises(InputError, match="when its checksum was accepted"):
        pipeline.ingest_dataset(workspace, here)


def test_the_catalogs_matrix_of_all_neurons_is_read(tmp_path):
    """The one of two matrices that has a row per connection, at the place the manifest says."""
    here = catalog_manifests()["mouse-microns-v1181"]
    (remote,) = here.source.files
    file, _ = conntility(tmp_path)
    with h5py.File(file, "r+") as opened:
        opened.move("connectivity/full_matrix", "connectivity/condensed")
        opened.copy("connectivity/condensed", "connectivity/full")
        opened["connectivity/full/edges/block0_values"][:] = 1
    path = tmp_path / "mirror" / remote.name
    path.parent.mkdir(parents=True)
    file.rename(path)
    made = prepare(here, cache=tmp_path / "c", mirror=tmp_path / "mirror", trust=Trust(accept=True))
    assert made.tables.connections["weight"].max() > 1
    assert made.tables.neurons["polarity"].isin(["excitatory", "inhibitory", "unknown"]).all()


def test_the_main_job_leaves_optional_datasets_alone(tmp_path):
    workspace = Workspace(Settings.from_environment({"ISOCORTEX_HOME": str(tmp_path)}))
    chosen = [manifest.dataset for manifest in pipeline.choose((), workspace)]
    optional = {name for name, one in catalog_manifests().items() if one.optional}
    named = {"fly-al-hemibrain", "fly-escape-flywire", "mouse-l4dense", "mouse-microns-v1181"}
    assert named <= optional
    assert set(chosen) == set(catalog_manifests()) - optional
    (asked_for,) = pipeline.choose(["fly-al-hemibrain"], workspace)
    assert asked_for.optional


def test_accepting_is_passed_on_by_the_command(tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from isocortex.cli import app

    seen = []

    def ingest(workspace, what, progress, *, accept_checksum):
        seen.append((str(what), accept_checksum))
        raise SourceUnavailable("out of reach")

    monkeypatch.setattr(importing, "ingest_named", ingest)
    monkeypatch.setattr(importing, "ingest_manifest", ingest)
    monkeypatch.setenv("ISOCORTEX_HOME", str(tmp_path))
    for what in ("mouse-l4dense", "own.toml"):
        for option in ([], ["--accept-checksum"]):
            assert CliRunner().invoke(app, ["ingest", what, *option]).exit_code != 0
    assert seen == [
        (what, accepted) for what in ("mouse-l4dense", "own.toml") for accepted in (False, True)
    ]
