"""How far up the ladder of nulls a motif stands out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.nulls import nulls

LEVEL = 0.05
ENSEMBLES = ("hard", "canonical")  # the better one first


@dataclass(frozen=True)
class Survival:
    """Rungs that a motif departs from.

    Attributes
    ----------
    highest : str or None
        The highest null such that the motif departs from it and from every lower one that was
        compared, in the same direction; None if it does not depart from the lowest.
    more : bool or None
        Whether it is more frequent than on these rungs; None without them.
    beyond : tuple of (str, bool)
        Nulls above `highest` that it departs from although it does not from one between, or in the
        other direction; whether it is more frequent than there.
    """

    highest: str | None
    more: bool | None
    beyond: tuple[tuple[str, bool], ...]


def best_ensembles(effects: pd.DataFrame) -> pd.DataFrame:
    """Rows of the better ensemble of every null, hard where it was sampled, in ladder order."""
    order = {name: place for place, name in enumerate(nulls())}
    rank = effects["ensemble"].map({name: place for place, name in enumerate(ENSEMBLES)})
    kept = effects[rank == rank.groupby(effects["null"]).transform("min")]
    return kept.sort_values("null", key=lambda names: names.map(order), kind="stable")


def survived(effects: pd.DataFrame) -> dict[str, Survival]:
    """Say for every motif how far up the ladder it stands out.

    Parameters
    ----------
    effects : DataFrame
        From `analysis.effects.effect_table`. It departs from a null if `p_holm` < .05.

    Returns
    -------
    dict of str to Survival
        Connected triads only.
    """
    found: dict[str, Survival] = {}
    for motif, rows in best_ensembles(effects).groupby("motif", sort=False):
        if rows["p_holm"].notna().any():
            found[str(motif)] = _of_rungs(
                [(str(row["null"]), departs(row)) for row in rows.to_dict("records")]
            )
    return found


def departs(row: Mapping[Any, Any]) -> bool | None:
    """Whether a motif is more (True) or less (False) frequent than under a null, None if neither.

    Parameters
    ----------
    row : mapping
        One row of an effect table.
    """
    if not float(row["p_holm"]) < LEVEL:
        return None
    ratio = float(row["log_ratio"])
    # Where it is not defined none was observed, or none expected.
    return bool(row.get("observed", 0) > 0) if math.isnan(ratio) else ratio > 0


def _of_rungs(rungs: list[tuple[str, bool | None]]) -> Survival:
    more = rungs[0][1]
    steps = 0
    while more is not None and steps < len(rungs) and rungs[steps][1] == more:
        steps += 1
    beyond = tuple((name, way) for name, way in rungs[steps:] if way is not None)
    return Survival(rungs[steps - 1][0] if steps else None, more, beyond)
