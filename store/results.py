"""Computed results in the lake: one record and one table per key.

Layout: `<root>/results/<first two digits>/<key>.{parquet,json}`; the record is written last, so
that a table without one does not count.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.records import AnalysisRecord
from store.ensembles import Batches
from store.files import staged_folder, sync


class Results:
    """The results below one directory.

    Parameters
    ----------
    root : Path
        Directory of the lake.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / "results"

    def get(self, key: str) -> tuple[AnalysisRecord, pd.DataFrame] | None:
        """Return record and table of `key`, None if it was not computed or is damaged."""
        try:
            known = _read(self._path(key, "json"))
            return known, pq.read_table(self._path(key, "parquet")).to_pandas()
        except (FileNotFoundError, ValueError):  # pydantic's and Arrow's errors are ValueErrors
            return None

    def put(self, record: AnalysisRecord, frame: pd.DataFrame) -> None:
        """Store a result; an earlier one of the same key is replaced by the same numbers."""
        table, description = self._path(record.key, "parquet"), self._path(record.key, "json")
        table.parent.mkdir(parents=True, exist_ok=True)
        with staged_folder(self._root) as folder:
            pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / table.name)
            (folder / description.name).write_text(
                record.model_dump_json(indent=2), encoding="utf-8"
            )
            sync(folder)
            (folder / table.name).replace(table)
            (folder / description.name).replace(description)

    def batches(self, key: str) -> Batches:
        """Where finished batches of a result stay until it is complete."""
        return Batches(self._root, key)

    def find(self, circuit: str | None = None, analysis: str | None = None) -> list[AnalysisRecord]:
        """Return the records of a circuit or of an analysis, newest first."""
        found = []
        for path in self._folder.glob("??/[!.]*.json"):
            with contextlib.suppress(FileNotFoundError, ValueError):
                found.append(_read(path))
        chosen = [
            record
            for record in found
            if circuit in (None, record.circuit) and analysis in (None, record.analysis)
        ]
        return sorted(chosen, key=lambda record: (record.created, record.key), reverse=True)

    def _path(self, key: str, suffix: str) -> Path:
        return self._folder / key[:2] / f"{key}.{suffix}"


def _read(path: Path) -> AnalysisRecord:
    return AnalysisRecord.model_validate_json(path.read_text(encoding="utf-8"))
