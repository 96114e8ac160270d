"""The server's jars, downloaded once and lent to every home of the tests by hard links."""

import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock

from store.jars import provide_jars


def folder() -> Path:
    """Where they are kept between runs: `ISOCORTEX_TEST_JARS`, or with the temporary files."""
    given = os.environ.get("ISOCORTEX_TEST_JARS")
    return Path(given) if given else Path(tempfile.gettempdir()) / "isocortex-test-jars"


def lend(home: Path, lock: Path | None = None) -> None:
    """Put the jars into a home, so that its server downloads nothing.

    `lock` names others than those that isocortex ships.

    Raises
    ------
    ServerError
        If they are neither there nor in reach.
    """
    source = folder() if lock is None else folder().with_name(f"{folder().name}-{lock.stem}")
    source.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(source.with_name(f"{source.name}.lock")):
        provide_jars(source, lock=lock)
    target = home / "server" / "jars"
    target.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.is_file() and not (target / path.name).exists():
            try:
                os.link(path, target / path.name)
            except OSError:  # another file system
                shutil.copyfile(path, target / path.name)
