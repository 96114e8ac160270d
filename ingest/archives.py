"""Members of zip and tar archives, unpacked to disk one by one.

An archive is a stranger's file: its names may lead out of the folder, its sizes may be lies, a
small one may unpack to more than a disk holds. So nothing of it is unpacked but the members that
are wanted, under names of ours; sizes are bounded by what comes out, not by what is written about
it, and an archive with a name that leads outside is refused as a whole.
"""

from __future__ import annotations

import gzip
import io
import shutil
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, NoReturn, cast

from ingest.tables import ALWAYS_ALLOWED, GZIP, LARGEST_RATIO
from schemas.errors import InputError, Problem

Progress = Callable[[str, int, int], None]
EXPECTED = "a complete zip, tar or tar.gz archive"
GET_AGAIN = "give the complete, unchanged archive, or unpack it and give the file"
MOST_MEMBERS = 100_000
MIB = 2**20
LARGEST_READ = 64 * MIB
"""At once: what a header of a tar archive may ask for."""
NAMED = 12  # members that are named in a message
NOT_A_ZIP = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error, EOFError)
"""What zipfile raises about what is none, or a damaged one."""
ZIP, TAR_MAGIC, TAR_MAGIC_AT = b"PK\x03\x04", b"ustar", 257


@dataclass(frozen=True)
class Member:
    """One file of an archive.

    Attributes
    ----------
    name : str
        Path inside the archive, with `/` between its parts.
    bytes : int
        Its size unpacked, as the archive says.
    """

    name: str
    bytes: int


def is_archive(path: Path) -> bool:
    """Whether a file is a zip, tar or tar.gz archive, by its first bytes.

    Formats that only happen to be zip archives (numpy's, Excel's) are none.
    """
    with path.open("rb") as stream:
        head = stream.read(TAR_MAGIC_AT + len(TAR_MAGIC))
    if head.startswith(ZIP):
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
        except NOT_A_ZIP:
            return False  # what else it may be is said by who reads it
        office = "[Content_Types].xml" in names
        return not office and not all(name.endswith(".npy") for name in names)
    if head.startswith(GZIP):
        try:
            with gzip.open(path) as unpacked:
                head = unpacked.read(TAR_MAGIC_AT + len(TAR_MAGIC))
        except (OSError, EOFError, zlib.error):
            return False
    return head[TAR_MAGIC_AT:] == TAR_MAGIC


def members(path: Path, called: str | None = None) -> list[Member]:
    """List the files of an archive.

    Parameters
    ----------
    path : Path
    called : str, optional
        Its name for messages.

    Raises
    ------
    InputError
        If it is damaged, holds too many members, two of one name, or a name that leads outside.
    """
    with _opened(path, called or str(path)) as archive:
        return [Member(name, archive.size(one)) for name, one in archive.files.items()]


def beginnings(path: Path, wanted: Iterable[str], size: int) -> dict[str, bytes]:
    """Return the first bytes of members; see `unpack`."""
    found = {}
    with _opened(path, str(path)) as archive:
        for member in wanted:
            with archive.open(archive.files[member]) as stream:
                found[member] = stream.read(size)
    return found


def unpack(
    path: Path,
    wanted: Sequence[str],
    folder: Path,
    *,
    called: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Path]:
    """Unpack members of an archive.

    Parameters
    ----------
    path : Path
        The archive.
    wanted : sequence of str
        Names of members.
    folder : Path
        Where they go, under names of ours; what is there of another run is replaced.
    called : str, optional
        Name of the archive for messages.
    progress : callable, optional
        Called with (what, MiB done, MiB in all).

    Returns
    -------
    dict
        Name of the member → file.

    Raises
    ------
    InputError
        If the archive is damaged or unsafe, or a member is missing, encrypted, no file, or unpacks
        to more than 100 times its size and 64 MiB.
    """
    name = called or str(path)
    found = {}
    with _opened(path, name) as archive:
        for number, member in enumerate(wanted):
            if member not in archive.files:
                near = [one for one in archive.files if one.endswith(PurePosixPath(member).name)]
                _fail(
                    name,
                    f"there is no member {member!r}",
                    f"one of {_listed(near or archive.files)}",
                    "name a member that is there",
                )
            target = folder / str(number) / PurePosixPath(member).name
            _copy(archive, member, target, name, progress)
            found[member] = target
    return found


@cache
def scratch() -> tempfile.TemporaryDirectory[str]:
    """Return a folder of this process, which goes with it."""
    return tempfile.TemporaryDirectory(prefix="isocortex-")


def is_safe(name: str) -> bool:
    """Whether a name in an archive stays inside of it."""
    parts = name.replace("\\", "/").split("/")
    drive = len(parts[0]) == 2 and parts[0][1] == ":"
    return bool(name) and not (name[0] in "/\\" or drive or ".." in parts or "\0" in name)


class _Zip:
    """Members of a zip archive."""

    def __init__(self, path: Path, called: str) -> None:
        self.called = called
        self._archive = zipfile.ZipFile(path)
        listed = self._archive.infolist()
        _check_names([one.filename for one in listed], called)
        self.files: dict[str, Any] = {one.filename: one for one in listed if not one.is_dir()}

    def size(self, member: zipfile.ZipInfo) -> int:
        return member.file_size

    def open(self, member: zipfile.ZipInfo) -> IO[bytes]:
        """Open a member, unless it cannot or must not be read."""
        if member.flag_bits & 0x1:
            _fail(
                self.called,
                f"member {member.filename!r} is encrypted",
                "a member without a password",
                "unpack it with its password, and give the file",
            )
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            _fail_kind(self.called, member.filename)
        return self._archive.open(member)

    def most(self, member: zipfile.ZipInfo) -> int:
        """Bytes that the member may have."""
        return max(ALWAYS_ALLOWED, LARGEST_RATIO * member.compress_size)

    def close(self) -> None:
        self._archive.close()


class _Tar:
    """Members of a tar archive, plain or in gzip.

    Its list stands between the files, so that all of it is unpacked once to know it, within the
    bounds of a bomb.
    """

    def __init__(self, path: Path, called: str) -> None:
        self.called = called
        self._most = path.stat().st_size
        with path.open("rb") as stream:
            packed = stream.read(2) == GZIP
        if packed:
            self._most = max(ALWAYS_ALLOWED, LARGEST_RATIO * self._most)
        # both are closed with the archive
        opened = cast(BinaryIO, (gzip.open if packed else open)(path, "rb"))
        self._stream = _Bounded(opened, self._most, called)
        try:
            self._archive = tarfile.TarFile(fileobj=cast(BinaryIO, self._stream))
            listed = []
            for one in self._archive:
                listed.append(one)
                if len(listed) > MOST_MEMBERS:
                    break
            self._stream.read_rest()  # a cut behind the last member is a cut
        except BaseException:
            self._stream.close()
            raise
        _check_names([one.name for one in listed], called)
        self.files: dict[str, Any] = {one.name: one for one in listed if not one.isdir()}

    def size(self, member: tarfile.TarInfo) -> int:
        return member.size

    def open(self, member: tarfile.TarInfo) -> IO[bytes]:
        """Open a member that is a file; links, devices and files with holes are none."""
        opened = self._archive.extractfile(member) if member.isreg() else None
        if opened is None or member.issparse():
            _fail_kind(self.called, member.name)
        return opened

    def most(self, _: tarfile.TarInfo) -> int:
        """Bytes that the member may have."""
        return self._most

    def close(self) -> None:
        self._archive.close()
        self._stream.close()


class _Bounded(io.RawIOBase):
    """A stream that refuses to go beyond so many bytes, or to give very many at once."""

    def __init__(self, stream: BinaryIO, most: int, called: str) -> None:
        self._stream, self._most, self._called = stream, most, called

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= LARGEST_READ:
            _fail(self._called, f"a header asks for {size:,} bytes", EXPECTED, GET_AGAIN)
        self._within(self._stream.tell() + size)
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._within(offset)
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def read_rest(self) -> None:
        """Go to the end, to see that it is there."""
        while self._stream.read(MIB):
            self._within(self._stream.tell())

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _within(self, place: int) -> None:
        # what is beyond the end is asked for, too: only places far beyond count
        if place > self._most + LARGEST_READ:
            _too_large(self._called, "it", self._most)


@contextmanager
def _opened(path: Path, called: str) -> Iterator[_Zip | _Tar]:
    """Open an archive; what its parsers raise is an error that names it."""
    with path.open("rb") as stream:
        kind = _Zip if stream.read(4) == ZIP else _Tar
    archive: _Zip | _Tar | None = None
    try:
        archive = kind(path, called)
        yield archive
    except InputError:
        raise
    except (
        *NOT_A_ZIP, tarfile.TarError, zlib.error, RuntimeError, OverflowError, MemoryError,
        KeyError, IndexError,
    ) as error:  # fmt: skip
        said = " ".join(str(error).split())[:200] or type(error).__name__
        _fail(called, f"cannot be unpacked: {said}", EXPECTED, GET_AGAIN)
    finally:
        if archive is not None:
            archive.close()


def _copy(
    archive: _Zip | _Tar, member: str, target: Path, called: str, progress: Progress | None
) -> None:
    """Write a member to a file, which appears whole or not at all."""
    one = archive.files[member]
    most = archive.most(one)
    if archive.size(one) > most:
        _too_large(called, f"member {member!r}", most)
    shutil.rmtree(target.parent, ignore_errors=True)
    target.parent.mkdir(parents=True)
    part = target.with_name(target.name + ".part")
    done, total = 0, archive.size(one)
    with archive.open(one) as source, part.open("wb") as out:
        while content := source.read(MIB):
            done += len(content)
            if done > most:
                break
            out.write(content)
            if progress is not None:
                progress(f"unpack {target.name}", done // MIB, max(1, total // MIB))
    if done > most:
        part.unlink()
        _too_large(called, f"member {member!r}", most)
    if done != total:
        part.unlink()
        _fail(
            called,
            f"member {member!r} has {done:,} bytes",
            f"{total:,} bytes, as the archive says",
            GET_AGAIN,
        )
    part.replace(target)


def _check_names(names: Sequence[str], called: str) -> None:
    if len(names) > MOST_MEMBERS:
        _fail(
            called, f"it holds more than {MOST_MEMBERS:,} members", "fewer members",
            "unpack it, and give the file",
        )  # fmt: skip
    outside = [name for name in names if not is_safe(name)]
    if outside:
        _fail(
            called,
            f"it holds {outside[0][:80]!r}, which would lie outside of it",
            "names inside the archive",
            "do not unpack it; get the archive from its publisher",
        )
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        _fail(
            called, f"it holds {twice[0][:80]!r} twice", "one member of a name",
            "unpack it, and give the file that is meant",
        )  # fmt: skip


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    return (", ".join(found[:NAMED]) or "nothing") + more


def _too_large(called: str, what: str, most: int) -> NoReturn:
    _fail(
        called,
        f"{what} unpacks to more than {most // MIB:,} MiB, {LARGEST_RATIO} times its size",
        "an archive of data",
        "if it is what it should be, unpack it yourself and give the file",
    )


def _fail_kind(called: str, member: str) -> NoReturn:
    _fail(
        called, f"member {member!r} is a link, a device or a file with holes", "a plain file",
        "unpack it yourself, and give the file",
    )  # fmt: skip


def _fail(called: str, what: str, expected: str, remedy: str) -> NoReturn:
    raise InputError([Problem(file=called, what=what, expected=expected, remedy=remedy)])
