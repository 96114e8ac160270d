"""Effects as the pages show them: log₂, the null's own band, which ensemble is taken."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.nulls import nulls
from analysis.uncertainty.rungs import ENSEMBLES, LEVEL
from dashboard.views.statements import BAND

LADDER = tuple(nulls())
Effect = Mapping[Hashable, Any]  # one row of `shown`
_IDENTITY = ("circuit", "motif", "null", "ensemble")


def shown(effects: pd.DataFrame) -> pd.DataFrame:
    """Add what is drawn to a table of `dashboard.data.effects`.

    Returns
    -------
    DataFrame
        With columns log2 (of observed over expected; nan where either is zero), log2_low and
        log2_high (95 % interval of the effect; low is −inf where nothing was observed), band_low
        and band_high (the null's mean ± twice its own spread on the same axis; low is −inf where
        it reaches zero), state: `over`, `under` or `inside` this band, missing where the null has
        no spread, and departs: `over`, `under` or `inside` by the adjusted p, missing without one.
    """
    expected = effects["expected"].to_numpy(dtype=float)
    reach = BAND * effects["sd"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.log2(np.clip(1 - reach / expected, 0, None))
        high = np.log2(1 + reach / expected)
    z = effects["z"].to_numpy(dtype=float)
    state = np.select([z > BAND, z < -BAND, np.isfinite(z)], ["over", "under", "inside"], "")
    ratio, least, most, p = (
        effects[column].to_numpy(dtype=float) for column in ("log_ratio", "low", "high", "p_holm")
    )
    # Where none was observed, or none in any sample, there is no ratio, but fewer or more.
    way = np.where(effects["observed"].to_numpy(dtype=float) > expected, "over", "under")
    departs = np.select([p < LEVEL, p >= LEVEL], [way, "inside"], "")
    return effects.assign(
        log2=ratio / np.log(2),
        log2_low=least / np.log(2),
        log2_high=most / np.log(2),
        band_low=low,
        band_high=high,
        state=pd.Series(state, index=effects.index).replace("", None),
        departs=pd.Series(departs, index=effects.index).replace("", None),
    )


def best(effects: pd.DataFrame, null: str) -> pd.DataFrame:
    """Rows of one null: the hard ensemble of each circuit where it was sampled, else canonical."""
    rows = effects[effects["null"] == null]
    rank = rows["ensemble"].map({name: place for place, name in enumerate(ENSEMBLES)})
    first = rank.groupby(rows["circuit"]).transform("min")
    return rows[rank == first]


def limit(effects: pd.DataFrame) -> float:
    """Half width of a symmetric axis that holds every effect: a whole number from 1 to 12."""
    finite = effects["log2"].abs()
    finite = finite[np.isfinite(finite)]
    return float(min(12.0, max(1.0, np.ceil(finite.max())))) if len(finite) else 1.0


def reference_evidence(evidence: pd.Series) -> str:
    """Evidence class that most of the circuits share; the others are confounded with it."""
    return str(evidence.mode().iloc[0])


def by_place(effects: pd.DataFrame) -> dict[tuple[str, str], Effect]:
    """Rows of one null by (circuit, motif)."""
    return {(row["circuit"], row["motif"]): row for row in effects.to_dict("records")}


def identity(effect: Effect) -> str:
    """Name of one number in the address."""
    return "~".join(str(effect[column]) for column in _IDENTITY)


def find(effects: pd.DataFrame, name: str) -> Effect | None:
    """Return the row that `identity` names, None if there is none."""
    for row in effects.to_dict("records"):
        if identity(row) == name:
            return row
    return None
