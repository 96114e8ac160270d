"""Read a file as `isocortex ingest FILE` does, without a lake."""

from pathlib import Path
from typing import Any

from ingest.job import Prepared, prepare_understood
from ingest.own import understand
from schemas.records import DatasetManifest


def prepare_file(
    path: Path, neurons: Path | None = None, **said: Any
) -> tuple[DatasetManifest, Prepared]:
    """Read and validate a circuit of the user's; `said` is what the options of the command say."""
    return prepare_understood(*understand(path, neurons, **said))
