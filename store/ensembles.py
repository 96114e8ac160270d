"""Finished batches of an ensemble, kept until the result that they belong to is complete.

Layout: `<root>/ensembles/<key>/<null>-<batch>.npy`, one file per batch, which appears whole or not
at all. A batch is what a killed computation need not do again; it is never an answer.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from store.files import flush, staged_folder

LONGEST_KEPT = 30 * 24 * 3600.0  # seconds; nobody came back, or the code has another version

Ints = npt.NDArray[np.int64]


class Batches:
    """The finished batches of one result.

    Parameters
    ----------
    root : Path
        Directory of the lake.
    key : str
        Of the result.
    """

    def __init__(self, root: Path, key: str) -> None:
        self._root = root
        self._folder = root / "ensembles" / key

    def get(self, null: str, index: int) -> Ints | None:
        """Return the rows of a batch, None if it was not finished or is damaged."""
        try:
            rows: Ints = np.load(self._path(null, index), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return rows

    def put(self, null: str, index: int, rows: Ints) -> None:
        """Keep the rows of a batch."""
        path = self._path(null, index)
        with staged_folder(self._root) as folder:
            np.save(folder / path.name, rows, allow_pickle=False)
            flush(folder / path.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            # Another process may complete the result now: then nobody needs the batch.
            with contextlib.suppress(FileNotFoundError):
                (folder / path.name).replace(path)

    def drop(self) -> None:
        """Remove the batches: the result is complete. Others that nobody came back for go too."""
        shutil.rmtree(self._folder, ignore_errors=True)
        for left in self._folder.parent.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - left.stat().st_mtime > LONGEST_KEPT:
                    shutil.rmtree(left, ignore_errors=True)

    def _path(self, null: str, index: int) -> Path:
        return self._folder / f"{null}-{index}.npy"
