"""Where state lives and which server is used; all of it from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from schemas.errors import UsageError


@dataclass(frozen=True)
class Settings:
    """What the environment says.

    Attributes
    ----------
    home : Path
        Directory of all state (`ISOCORTEX_HOME`, else the platform's user data directory).
    mirror : Path or None
        Directory that holds `<dataset>/<file>` (`ISOCORTEX_MIRROR`).
    neo4j_uri : str or None
        Bolt address of a server of one's own (`NEO4J_URI`); None = the local child.
    neo4j_user, neo4j_password, neo4j_database : str
        `NEO4J_USER`, `NEO4J_PASSWORD`, `NEO4J_DATABASE`; used with `neo4j_uri` only.
    """

    home: Path
    mirror: Path | None
    neo4j_uri: str | None
    neo4j_user: str
    neo4j_password: str
    neo4j_database: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the environment.

        Raises
        ------
        UsageError
            If `ISOCORTEX_MIRROR` is set and is not a directory.
        """
        env = os.environ if environment is None else environment
        home = env.get("ISOCORTEX_HOME")
        mirror = env.get("ISOCORTEX_MIRROR")
        if mirror and not Path(mirror).expanduser().is_dir():
            raise UsageError(
                f"ISOCORTEX_MIRROR is {mirror!r}, which is not a directory",
                remedy="set it to a directory that holds <dataset>/<file>, or unset it",
            )
        return cls(
            home=Path(home).expanduser().resolve() if home else _default_home(),
            mirror=Path(mirror).expanduser().resolve() if mirror else None,
            neo4j_uri=env.get("NEO4J_URI") or None,
            neo4j_user=env.get("NEO4J_USER", "neo4j"),
            neo4j_password=env.get("NEO4J_PASSWORD", ""),
            neo4j_database=env.get("NEO4J_DATABASE", "neo4j"),
        )

    @property
    def lake(self) -> Path:
        """Directory of the lake: datasets and results."""
        return self.home / "lake"

    @property
    def cache(self) -> Path:
        """Directory of downloads; it may be deleted at any time."""
        return self.home / "cache"

    @property
    def server(self) -> Path:
        """Directory of the local Neo4j."""
        return self.home / "server"


def _default_home() -> Path:
    return Path(platformdirs.user_data_dir("isocortex", appauthor=False))
