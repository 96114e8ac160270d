"""Tables of participation: one row per neuron or connection, one column per role or class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from schemas.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.circuit import Circuit
    from analysis.motifs.participation import Participation

Of = Literal["neurons", "connections"]
IDS = {"neurons": ["bodyId"], "connections": ["pre", "post"]}


def participation_table(
    circuit: Circuit, of: Of = "neurons", motifs: Sequence[str] = ()
) -> pd.DataFrame:
    """Count the connected triads that hold each neuron or connection, by its role.

    Parameters
    ----------
    circuit : Circuit
    of : {"neurons", "connections"}, optional
    motifs : sequence of str, optional
        MAN codes; default all 13 connected triads.

    Returns
    -------
    DataFrame
        In the order of the circuit: bodyId, or pre and post, then one column of whole numbers for
        each role (`docs/methods.md`). What could not be observed is missing (`<NA>`), not 0.

    Raises
    ------
    UsageError
        If a motif is no connected triad, or `of` is neither of the two.
    FrameError
        If no triple of neurons was observable.
    """
    from analysis.motifs.participation import connection_participation, neuron_participation
    from analysis.motifs.roles import CONNECTED

    if of not in IDS:
        raise UsageError(
            f"there is no participation of {of!r}", remedy="choose neurons or connections"
        )
    if unknown := sorted(set(motifs) - set(CONNECTED)):
        raise UsageError(
            f"{', '.join(unknown)} is no connected triad",
            remedy=f"there are {', '.join(CONNECTED)}",
        )
    count = neuron_participation if of == "neurons" else connection_participation
    return _table(circuit, of, count(circuit, motifs or CONNECTED))


def _table(circuit: Circuit, of: Of, found: Participation) -> pd.DataFrame:
    ids = circuit.neuron_ids
    named = {"bodyId": ids}
    if of == "connections":
        named = {"pre": ids[circuit.sources()], "post": ids[circuit.indices]}
    missing = ~found.observed
    counts = {
        role: pd.array(found.counts[:, column], dtype="Int64")
        for column, role in enumerate(found.roles)
    }
    if missing.any():
        for column in counts.values():
            column[missing] = pd.NA
    return pd.DataFrame(named | counts)


def involved(table: pd.DataFrame, of: Of) -> npt.NDArray[np.int64]:
    """Add up the counts of each row; −1 where they are missing."""
    counts = table.drop(columns=IDS[of])
    total = np.zeros(len(table), np.int64)
    for name in counts:
        total += counts[name].fillna(0).to_numpy(np.int64)
    total[counts.iloc[:, 0].isna().to_numpy()] = -1
    return total


def most_involved(table: pd.DataFrame, of: Of, top: int | None = None) -> pd.DataFrame:
    """Sort the rows: those in most triads first, then by id, what is missing last.

    Parameters
    ----------
    table : DataFrame
        As of `participation_table`.
    of : {"neurons", "connections"}
    top : int, optional
        How many rows to keep; default all.
    """
    keys = [table[name].to_numpy() for name in reversed(IDS[of])]
    order = np.lexsort([*keys, -involved(table, of)])
    kept: pd.DataFrame = table.iloc[order[:top]].reset_index(drop=True)
    return kept


def document(
    circuit: Circuit, table: pd.DataFrame, of: Of, whole: int, size: int
) -> dict[str, Any]:
    """Build the public JSON document (`docs/cli.md`).

    Parameters
    ----------
    circuit : Circuit
    table : DataFrame
        The rows to tell.
    of : {"neurons", "connections"}
    whole : int
        How many rows there are in all.
    size : int
        Neurons of a motif.
    """
    from isocortex.measure import code_version

    lists = [[None if pd.isna(x) else int(x) for x in table[name].tolist()] for name in table]
    return {
        "format": "isocortex.participation/1",
        "circuit": circuit.name,
        "of": of,
        "size": size,
        of: whole,
        "version": circuit.attributes.get("version") or None,
        "code_version": code_version(),
        "columns": list(table.columns),
        "rows": [list(row) for row in zip(*lists, strict=True)],
    }


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV or Parquet, by the suffix of the file.

    Raises
    ------
    UsageError
        If the suffix is another, or the file cannot be written.
    """
    writers = {
        ".csv": lambda: table.to_csv(path, index=False),
        ".parquet": lambda: table.to_parquet(path, index=False, compression="zstd"),
    }
    write = writers.get(path.suffix.lower())
    if write is None:
        raise UsageError(
            f"the format of {path} is not known by its name",
            remedy="end it in .csv or .parquet",
        )
    try:
        write()
    except OSError as failure:
        raise UsageError(f"{path} cannot be written: {failure.strerror}") from None
