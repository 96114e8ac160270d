"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from schemas.errors import UsageError

STAGING = ".staging"


def write_text(path: Path, text: str) -> None:
    """Replace `path` by a file that holds `text`; a reader sees the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    with staged.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    staged.replace(path)


@contextmanager
def staged_folder(root: Path) -> Iterator[Path]:
    """Yield an empty folder in the same file system; it is removed unless it was moved away.

    What killed processes left there is removed first.
    """
    for left in (root / STAGING).glob("*-*"):
        if not psutil.pid_exists(int(left.name.split("-", 1)[0])):
            shutil.rmtree(left, ignore_errors=True)
    folder = root / STAGING / f"{os.getpid()}-{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside `target`; it becomes `target` whole, or not at all.

    Raises
    ------
    UsageError
        If there is such a folder already that is not empty, or it cannot be made.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is not empty", remedy="name a new folder")
    staged = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir()
    except OSError as failure:
        raise UsageError(
            f"{target} cannot be made: {failure.strerror}",
            remedy="name a folder in a place that you may write to",
        ) from None
    try:
        yield staged
        if target.is_dir():
            target.rmdir()
        staged.replace(target)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def sync(folder: Path) -> None:
    """Flush the files of `folder`, and the folder itself, to disk."""
    for path in folder.iterdir():
        if path.is_file():
            flush(path)
    flush(folder)


def flush(path: Path) -> None:
    """Flush one file or folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
