"""Bad archives: cut off, bombs, names that lead outside, passwords, links; one clear error each."""

import gzip
import io
import re
import struct
import tarfile
import zipfile

import numpy as np
import pytest

from ingest.archives import members, unpack
from schemas.errors import InputError
from tests.reading import prepare_file
from tests.unit.ingest.refusing import rejected
from tests.unit.ingest.test_archives import EDGES, WRITERS, tarred, zipped

BOMB = 80 * 2**20


def renamed(content, name, new):
    """Put another name of the same length into a zip archive, in both places."""
    assert len(name) == len(new)
    return content.replace(name, new)


def zip_of(tmp_path, content=None):
    return zipped(tmp_path / "x.zip", content or {"a/edges.csv": EDGES * 99, "b.bin": b"b" * 999})


def traversal(tmp_path):
    path = zip_of(tmp_path, {"aa/edges.csv": EDGES})
    path.write_bytes(renamed(path.read_bytes(), b"aa/edges.csv", b"../edges.csv"))
    return path


def absolute(tmp_path):
    path = zip_of(tmp_path, {"aa/edges.csv": EDGES})
    path.write_bytes(renamed(path.read_bytes(), b"aa/edges.csv", b"/a/edges.csv"))
    return path


def drive(tmp_path):
    path = zip_of(tmp_path, {"aa/edges.csv": EDGES})
    path.write_bytes(renamed(path.read_bytes(), b"aa/edges.csv", b"C:/edges.csv"))
    return path


def backslashes(tmp_path):
    path = zip_of(tmp_path, {"a/..x/edges.csv": EDGES})
    path.write_bytes(renamed(path.read_bytes(), b"a/..x/edges.csv", b"a\\..\\.edges.csv"))
    return path


LISTED, HEAD = b"PK\x01\x02", b"PK\x03\x04"  # of a member: in the list, and before its bytes


def rewritten(tmp_path, content, *numbers: tuple[bytes, int, int], kind="<I"):
    """An archive with other numbers, each (mark, bytes from there, number)."""
    path = zip_of(tmp_path, {"edges.csv": content})
    damaged = bytearray(path.read_bytes())
    for mark, place, number in numbers:
        struct.pack_into(kind, damaged, damaged.index(mark) + place, number)
    path.write_bytes(damaged)
    return path


def encrypted(tmp_path):
    """Set the bit of encryption, as archives with a password have it."""
    path = zip_of(tmp_path, {"edges.csv": EDGES})
    content = bytearray(path.read_bytes())
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.index(magic) + at
        content[place] |= 1
    path.write_bytes(content)
    return path


def other_method(tmp_path):
    """A method of compression that is not known."""
    return rewritten(tmp_path, EDGES, (HEAD, 8, 97), (LISTED, 10, 97), kind="<H")


def later_version(tmp_path):
    """Needs a version of zip that is not there yet; zipfile says so before anything else."""
    path = zip_of(tmp_path, {"edges.csv": EDGES})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 229
    path.write_bytes(content)
    return path


def wrong_sum(tmp_path):
    return rewritten(tmp_path, EDGES, (LISTED, 16, 12345), (HEAD, 14, 12345))


def size_too_small(tmp_path):
    """The list says that there are ten bytes."""
    return rewritten(tmp_path, EDGES * 9, (LISTED, 24, 10))


def size_too_large(tmp_path):
    return rewritten(tmp_path, EDGES * 9, (LISTED, 24, 10_000))


def moved(tmp_path):
    """The list leads to a place at which no member begins."""
    return rewritten(tmp_path, EDGES, (LISTED, 42, 7))


def zip_bomb(tmp_path):
    path = tmp_path / "x.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("edges.csv", "w") as member,
    ):
        for _ in range(BOMB // 2**20):
            member.write(bytes(2**20))
    return tmp_path / "x.zip"


def zip_link(tmp_path):
    link = zipfile.ZipInfo("edges.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    return tmp_path / "x.zip"


def twice(tmp_path):
    path = zip_of(tmp_path, {"a.csv": EDGES, "b.csv": EDGES})
    path.write_bytes(path.read_bytes().replace(b"b.csv", b"a.csv"))
    return path


def no_data(tmp_path):
    return zip_of(tmp_path, {"README": b"x", "picture.png": b"x", "folder/": b""})


def bad_inside(tmp_path):
    return zip_of(tmp_path, {"a/edges.csv": b"pre,post,weight\n1,2,0.5\n"})


def tar_bomb(tmp_path):
    with gzip.open(tmp_path / "x.tar.gz", "wb") as packed:
        header = tarfile.TarInfo("edges.csv")
        header.size = BOMB
        packed.write(header.tobuf())
        for _ in range(BOMB // 2**20):
            packed.write(bytes(2**20))
    return tmp_path / "x.tar.gz"


def tar_header_bomb(tmp_path):
    """A header that asks for four gigabytes of names."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 2**32
    with gzip.open(tmp_path / "x.tar.gz", "wb") as packed:
        packed.write(header.tobuf(tarfile.USTAR_FORMAT) + bytes(10_000))
    return tmp_path / "x.tar.gz"


def tar_link(tmp_path):
    link = tarfile.TarInfo("edges.csv")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.addfile(link)
    return tmp_path / "x.tar"


def tar_device(tmp_path):
    device = tarfile.TarInfo("edges.csv")
    device.type = tarfile.CHRTYPE
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.addfile(device)
    return tmp_path / "x.tar"


def tar_traversal(tmp_path):
    return tarred(tmp_path / "x.tar.gz", {"a/../../edges.csv": EDGES})


def tar_damaged(tmp_path):
    path = tarred(tmp_path / "x.tar.gz", {"edges.csv": EDGES * 999, "b.csv": EDGES})
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    return path


CASES = {
    "traversal": (traversal, "would lie outside"),
    "absolute": (absolute, "would lie outside"),
    "drive": (drive, "would lie outside"),
    "backslashes": (backslashes, "would lie outside"),
    "encrypted": (encrypted, "is encrypted"),
    "other-method": (other_method, "cannot be unpacked"),
    "later-version": (later_version, "is a zip archive"),
    "wrong-sum": (wrong_sum, "CRC"),
    "size-too-small": (size_too_small, "CRC"),
    "size-too-large": (size_too_large, "has 252 bytes"),
    "moved": (moved, "cannot be unpacked"),
    "bomb": (zip_bomb, "unpacks to more than 64 MiB"),
    "link": (zip_link, "is a link"),
    "twice": (twice, "twice"),
    "no-data": (no_data, "no file of a kind that is read"),
    "tar-bomb": (tar_bomb, "unpacks to more than 64 MiB"),
    "tar-header-bomb": (tar_header_bomb, "asks for 4,294,967,296 bytes"),
    "tar-link": (tar_link, "is a link"),
    "tar-device": (tar_device, "is a link, a device"),
    "tar-traversal": (tar_traversal, "would lie outside"),
    "tar-damaged": (tar_damaged, "is no complete gzip file"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", CASES)
def test_refused(tmp_path, case):
    write, says = CASES[case]
    problem = rejected(write(tmp_path))
    assert re.search(says, problem.what), problem.what


def test_what_is_wrong_inside_is_told_of_the_member(tmp_path):
    with pytest.raises(InputError, match=r"a/edges\.csv, row 2, column 'weight'"):
        prepare_file(bad_inside(tmp_path))


def boundaries(content):
    """Places at which a part of a zip archive begins or ends."""
    places = {0, 3, 4, len(content) - 1, len(content) - 22}
    for magic in (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"):
        place = content.find(magic)
        while place >= 0:
            places |= {place, place + 4, place + 30}
            place = content.find(magic, place + 1)
    return sorted(one for one in places if one < len(content))


def test_cut_zip_archives_are_refused(tmp_path):
    content = zip_of(tmp_path).read_bytes()
    for end in boundaries(content):
        path = tmp_path / "cut"
        path.write_bytes(content[:end])
        rejected(path)


def test_cut_tar_archives_are_refused(tmp_path):
    plain = tarred(tmp_path / "x.tar", {"a/edges.csv": EDGES * 99, "b.csv": b"x"}, "w:")
    packed = gzip.compress(plain.read_bytes(), mtime=0)
    for end in range(1, len(packed), max(1, len(packed) // 12)):
        path = tmp_path / "cut"
        path.write_bytes(packed[:end])
        rejected(path)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"PK\x03\x04" + b"x" * 99, b"\x1f\x8b\x08"]
)
def test_what_is_no_archive_is_said(tmp_path, content):
    """Asked for by a manifest: a file of another kind where an archive should be."""
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(InputError, match="cannot be unpacked"):
        members(tmp_path / "x")


def test_a_failure_leaves_no_part_of_a_member(tmp_path):
    path = wrong_sum(tmp_path)
    with pytest.raises(InputError):
        unpack(path, ["edges.csv"], tmp_path / "out")
    assert not (tmp_path / "out/0/edges.csv").exists()


def test_many_members_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.archives.MOST_MEMBERS", 10)
    many = {f"{k}.csv": b"" for k in range(11)}
    for path in (zip_of(tmp_path, many), tarred(tmp_path / "x.tar.gz", many)):
        assert "more than 10 members" in rejected(path).what


def test_a_stream_gives_no_more_than_is_allowed():
    from ingest.archives import _Bounded

    stream = _Bounded(io.BytesIO(bytes(10)), 10, "x")
    with pytest.raises(InputError, match="asks for"):
        stream.read(2**30)
    with pytest.raises(InputError, match="unpacks to more"):
        stream.seek(2**30)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_damage_is_one_error_about_the_archive_or_its_member(tmp_path, kind):
    """Whatever bytes are others: an error, or what the file now says."""
    whole = tmp_path / "whole"
    WRITERS[kind](whole, {"a/edges.csv": EDGES * 200, "b/n.csv": b"neuron_id\n1\n" * 50})
    content = whole.read_bytes()
    draw = np.random.default_rng(7)
    refused = []
    for _ in range(25):
        damaged = bytearray(content)
        for place in draw.integers(0, len(content), draw.integers(1, 9)):
            damaged[place] = int(draw.integers(0, 256))
        path = tmp_path / "damaged"
        path.write_bytes(damaged)
        try:
            prepare_file(path)
        except InputError as error:
            refused += error.problems
    assert len(refused) > 8
    assert all(one.file == str(path) or not one.file.startswith("/") for one in refused)
