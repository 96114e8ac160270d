"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    """Yield an empty folder in the same file system; it is removed unless it was moved away."""
    folder = root / STAGING / f"{os.getpid()}-{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
