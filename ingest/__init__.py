"""Bytes → validated tables: sources, readers, catalog, harmonisation, validation."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from ingest.catalogue import catalog_manifests

__all__ = ["catalog_manifests", "code_version"]


@lru_cache(maxsize=1)
def code_version() -> str:
    """Digest (12 hexadecimal digits) of what turns bytes into tables."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for path in sorted([*root.rglob("*.py"), *root.glob("published/*.csv")]):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
