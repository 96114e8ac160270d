"""Members of archives: those that are wanted, from an address, a mirror or the user's disk."""

import functools
import hashlib
import http.server
import io
import tarfile
import threading
import zipfile

import pytest

from ingest import network, sources
from ingest.archives import is_archive, members, unpack
from ingest.catalogue import read_manifest
from ingest.own import manifest_text, understand
from ingest.sources import Trust, provide
from schemas.errors import InputError
from schemas.records import RemoteFile, UrlSource
from tests.contract.ingest.written import matrix_excel, matrix_npz
from tests.reading import prepare_file
from tests.unit.ingest.test_sources import content_of, manifest

EDGES = b"pre,post,weight\n1,2,3\n2,1,1\n"
NEURONS = b"neuron_id,type\n1,E\n2,I\n"
NAME = "made_up/data.zip"


def zipped(path, content):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, given in content.items():
            archive.writestr(name, given)
    return path


def tarred(path, content, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, given in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(given)
            archive.addfile(member, io.BytesIO(given))
    return path


WRITERS = {
    "zip": zipped,
    "tar.gz": tarred,
    "tar": functools.partial(tarred, mode="w:"),
}


@pytest.fixture(params=WRITERS)
def written(request, tmp_path):
    """A function that writes an archive of one kind."""
    return functools.partial(WRITERS[request.param], tmp_path / "file")


class TestUnpacking:
    """Of any kind of archive only what is wanted, byte for byte."""

    def test_members_are_listed_and_unpacked(self, written, tmp_path):
        big = bytes(range(256)) * 20_000
        path = written({"a/edges.csv": EDGES, "b/big.bin": big, "b/empty": b""})
        assert is_archive(path)
        assert {m.name: m.bytes for m in members(path)} == {
            "a/edges.csv": len(EDGES),
            "b/big.bin": len(big),
            "b/empty": 0,
        }
        found = unpack(path, ["b/big.bin", "a/edges.csv"], tmp_path / "out")
        assert list(found) == ["b/big.bin", "a/edges.csv"]
        assert found["b/big.bin"].read_bytes() == big
        assert found["a/edges.csv"].read_bytes() == EDGES
        assert len([p for p in (tmp_path / "out").rglob("*") if p.is_file()]) == 2

    def test_progress_is_told(self, written, tmp_path):
        told = []
        path = written({"x": bytes(3 * 2**20)})
        unpack(path, ["x"], tmp_path, progress=lambda *said: told.append(said))
        assert told[0] == ("unpack x", 1, 3)
        assert told[-1] == ("unpack x", 3, 3)

    def test_a_missing_member_is_told_with_its_like(self, written, tmp_path):
        path = written({"a/edges.csv": EDGES, "b": b"x"})
        with pytest.raises(InputError, match=r"no member 'edges.csv'.*one of a/edges.csv\n"):
            unpack(path, ["edges.csv"], tmp_path)

    def test_what_only_happens_to_be_an_archive_is_none(self, tmp_path):
        assert not is_archive(matrix_excel(tmp_path)[0])
        assert not is_archive(matrix_npz(tmp_path)[0])
        (tmp_path / "plain").write_bytes(EDGES)
        assert not is_archive(tmp_path / "plain")


class TestOfTheUser:
    """`isocortex ingest FILE.zip`: the file that can only be meant, or the one that is named."""

    def test_the_one_file_is_read(self, written):
        path = written({"README.txt": b"pre,post\n", "__MACOSX/._e.csv": b"x", "e.csv": EDGES})
        made, done = prepare_file(path)
        assert made.source.members == ["e.csv"]
        assert made.reader.options["connections"] == "e.csv"
        assert made.caveats == []
        assert done.tables.connections.to_numpy().tolist() == [[1, 2, 3], [2, 1, 1]]
        assert [one.name for one in done.sources] == [path.name]
        assert done.sources[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()

    def test_of_several_the_one_with_connections(self, written):
        path = written({"d/neurons.csv": NEURONS, "d/edges.csv": EDGES})
        made, _ = prepare_file(path)
        assert made.source.members == ["d/edges.csv"]
        assert "d/neurons.csv" in made.caveats[0]

    def test_a_neuron_table_beside_the_archive(self, written, tmp_path):
        (tmp_path / "n.csv").write_bytes(NEURONS)
        _, done = prepare_file(written({"edges.csv": EDGES}), tmp_path / "n.csv")
        assert done.tables.neurons["type"].tolist() == ["E", "I"]

    def test_two_that_may_be_meant_are_listed(self, written):
        path = written({"a.csv": EDGES, "b.csv": EDGES})
        with pytest.raises(InputError, match=r"a.csv, b.csv[\s\S]*--member NAME"):
            prepare_file(path)
        made, _ = prepare_file(path, member="b.csv")
        assert made.source.members == ["b.csv"]

    def test_a_member_of_a_plain_file_is_refused(self, tmp_path):
        (tmp_path / "e.csv").write_bytes(EDGES)
        with pytest.raises(InputError, match="cannot be unpacked"):
            prepare_file(tmp_path / "e.csv", member="x")

    def test_its_manifest_reads_the_same(self, written, tmp_path):
        path = written({"d/neurons.csv": NEURONS, "d/edges.csv": EDGES})
        made, _ = understand(path, species="rat")
        own = tmp_path / f"{made.dataset}.toml"
        own.write_text(manifest_text(made, tmp_path, evidence=True))
        again = read_manifest(own)
        assert again.source.members == ["d/edges.csv"]
        assert again.reader == made.reader


@pytest.fixture
def address(tmp_path, monkeypatch):
    """A web server of this machine, the folder it serves and what it was asked for."""
    monkeypatch.setattr(sources, "_closed", network.Closed())
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    folder, asked = tmp_path / "www", []
    folder.mkdir()

    class Told(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *said: object) -> None:
            asked.append(said[1])

    handler = functools.partial(Told, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder, asked
    server.shutdown()
    server.server_close()
    thread.join()


def dataset(url, sha256=None, size=None, wanted=("d/edges.csv",)):
    file = RemoteFile(
        name=NAME,
        url=f"{url}/data.zip",
        sha256=sha256 or "unknown",
        bytes=size,
        members=list(wanted),
    )
    plain = manifest(UrlSource(files=[RemoteFile(name="x", url=url, sha256="0" * 64, bytes=1)]))
    return plain.model_copy(update={"source": UrlSource(files=[file]), "optional": not sha256})


class TestAtAnAddress:
    """The archive is fetched once and checked; its members are what the reader gets."""

    def test_it_is_fetched_once_and_accepted_as_any_file(self, address, tmp_path):
        url, folder, asked = address
        path = zipped(folder / "data.zip", {"d/edges.csv": EDGES, "d/other.pkl": b"x"})
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        with pytest.raises(InputError, match=f"(?s){digest}.*--accept-checksum"):
            provide(dataset(url), cache=tmp_path / "c", mirror=None)
        assert not list((tmp_path / "c").rglob("edges.csv"))  # nothing unpacked unseen
        for trust in (Trust(accept=True), Trust({NAME: digest})):
            files, facts = provide(dataset(url), cache=tmp_path / "c", mirror=None, trust=trust)
            assert files.names == ["d/edges.csv"]
            assert content_of(files, "d/edges.csv") == EDGES
            assert (facts[0].name, facts[0].sha256) == (NAME, digest)
        assert len([said for said in asked if "GET" in str(said)]) == 1
        zipped(folder / "data.zip", {"d/edges.csv": EDGES + b"3,1,1\n"})
        with pytest.raises(InputError, match="another sha256"):
            provide(dataset(url), cache=tmp_path / "n", mirror=None, trust=Trust({NAME: digest}))

    def test_a_mirror_holds_it_too(self, tmp_path):
        (tmp_path / "m/made_up").mkdir(parents=True)
        path = zipped(tmp_path / "m" / NAME, {"d/edges.csv": EDGES})
        digest, size = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size
        known = dataset("http://127.0.0.1:1", digest, size)
        files, _ = provide(known, cache=tmp_path / "c", mirror=tmp_path / "m")
        assert content_of(files, "d/edges.csv") == EDGES

    def test_a_member_that_is_not_there_names_the_archive(self, tmp_path):
        (tmp_path / "m/made_up").mkdir(parents=True)
        path = zipped(tmp_path / "m" / NAME, {"d/edges.csv": EDGES})
        digest, size = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size
        known = dataset("http://127.0.0.1:1", digest, size, ["d/nodes.csv"])
        with pytest.raises(InputError) as caught:
            provide(known, cache=tmp_path / "c", mirror=tmp_path / "m")
        (problem,) = caught.value.problems
        assert problem.file == NAME
        assert "d/nodes.csv" in problem.what

    @pytest.mark.parametrize("member", ["/etc/passwd", "../x.csv", "a/../../x", "a\\b.csv"])
    def test_a_manifest_cannot_name_what_is_outside(self, member):
        with pytest.raises(ValueError, match="no path inside of an archive"):
            RemoteFile(name=NAME, url="http://x/y", sha256="unknown", members=[member])
