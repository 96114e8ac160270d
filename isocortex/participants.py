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

Of = Literal["neurons", "connections"]
IDS = {"neurons": ["bodyId"], "connections": ["pre", "post"]}


def participation_table(
    circuit: Circuit, of: Of = "neurons", motifs: Sequence[str] = (), size: int = 3
) -> pd.DataFrame:
    """Count the connected motifs that hold each neuron or connection, exactly.

    Parameters
    ----------
    circuit : Circuit
    of : {"neurons", "connections"}, optional
    motifs : sequence of str, optional
        MAN codes, or canonical codes of motifs of four; default all connected ones.
    size : {3, 4}, optional
        Neurons of a motif. Triads are counted by role, motifs of four by class and for neurons
        only.

    Returns
    -------
    DataFrame
        In the order of the circuit: bodyId, or pre and post, then one column of whole numbers for
        each role (`docs/methods.md`) or canonical code (`docs/four-node.md`). What could not be
        observed is missing (`<NA>`), not 0.

    Raises
    ------
    UsageError
        If a motif is not connected or unknown, or there is no such participation.
    FrameError
        If no triple of neurons was observable.
    """
    from analysis.motifs.participation import connection_participation, neuron_participation
    from analysis.motifs.roles import CONNECTED

    if of not in IDS:
        raise UsageError(
            f"there is no participation of {of!r}", remedy="choose neurons or connections"
        )
    if size == 4:
        return _of_four(circuit, of, motifs)
    if unknown := sorted(set(motifs) - set(CONNECTED)):
        raise UsageError(
            f"{', '.join(unknown)} is no connected triad",
            remedy=f"there are {', '.join(CONNECTED)}",
        )
    count = neuron_participation if of == "neurons" else connection_participation
    found = count(circuit, motifs or CONNECTED)
    return _table(circuit, of, dict(enumerate(found.roles)), found.counts, ~found.observed)


def _of_four(circuit: Circuit, of: Of, motifs: Sequence[str]) -> pd.DataFrame:
    from analysis.motifs.four.classes import CONNECTED, codes, shapes
    from analysis.motifs.four.participation import four_node_participation

    if of != "neurons":
        raise UsageError(
            "motifs of four are counted for neurons, not for connections",
            remedy="leave out --by-connection, or count triads (--size 3)",
        )
    known = {
        str(code): column
        for column, (code, shape) in enumerate(zip(codes(), shapes(), strict=True))
        if shape in CONNECTED
    }
    if unknown := sorted(set(motifs) - set(known)):
        raise UsageError(
            f"{', '.join(unknown)} is the code of no connected motif of four neurons",
            remedy="isocortex census CIRCUIT --size 4 shows codes; docs/four-node.md explains them",
        )
    found = four_node_participation(circuit)
    columns = {known[code]: code for code in known if not motifs or code in motifs}
    return _table(circuit, of, columns, found.counts, ~found.observed)


def _table(
    circuit: Circuit,
    of: Of,
    columns: dict[int, str],
    counts: npt.NDArray[np.int64],
    missing: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    """Make the table of some columns of the counts."""
    ids = circuit.neuron_ids
    named = {"bodyId": ids}
    if of == "connections":
        named = {"pre": ids[circuit.sources()], "post": ids[circuit.indices]}
    cells = {name: pd.array(counts[:, column], dtype="Int64") for column, name in columns.items()}
    if missing.any():
        for column_cells in cells.values():
            column_cells[missing] = pd.NA
    return pd.DataFrame(named | cells)


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
    from isocortex.keeping import code_version

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
