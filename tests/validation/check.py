"""What a check reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One finding.

    Attributes
    ----------
    what : str
    found, wanted : str
    ok : bool
    """

    what: str
    found: str
    wanted: str
    ok: bool
