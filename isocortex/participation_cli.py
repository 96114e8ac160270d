"""`isocortex participation CIRCUIT`: which neurons and connections make the motifs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from isocortex import show
from isocortex.commands import CircuitName, Json, NeuronTable, loaded
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.errors import UsageError

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from isocortex.participants import Of

SHOWN = 15
MOTIFS = {3: "triads", 4: "connected motifs of four"}
LABELS = ("instance", "type", "cell_class")


def participation(
    circuit: CircuitName,
    neurons: NeuronTable = None,
    motif: Annotated[
        list[str] | None,
        typer.Option(help="Only this triad (MAN code) or motif of four (code), repeatable."),
    ] = None,
    size: Annotated[
        int, typer.Option(min=3, max=4, help="Neurons of a motif; 4 counts by class, not role.")
    ] = 3,
    by_connection: Annotated[
        bool, typer.Option("--by-connection", help="Count for connections, not for neurons.")
    ] = False,
    top: Annotated[
        int | None, typer.Option(min=1, help="Only the N that are in most of the triads.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="File to write, .csv or .parquet.")] = None,
    as_json: Json = False,
) -> None:
    """Count the motifs that hold each neuron, or each connection, by its role; exact."""
    from isocortex.participants import document, most_involved, participation_table, write_table

    of: Of = "connections" if by_connection else "neurons"
    if as_json and output is not None:
        raise UsageError("--json and --output contradict each other")
    workspace = Workspace(Settings.from_environment())
    given = loaded(workspace, circuit, neurons, quiet=as_json)
    whole = participation_table(given, of, motif or (), size)
    limit = top or (None if as_json or output is not None else SHOWN)
    table = most_involved(whole, of, limit)
    if as_json:
        show.json_document(document(given, table, of, len(whole), size))
    elif output is not None:
        write_table(table, output)
        show.stderr().print(f"{show.number(len(table))} rows written to {output}")
    else:
        _show(given, table, of, size, summed=not motif)
        _foot(whole, of, len(table), size)


def _show(circuit: Circuit, table: pd.DataFrame, of: Of, size: int, *, summed: bool) -> None:
    """Print rows; `summed` over the roles of each triad, or the classes of each shape of four."""
    from isocortex.participants import IDS, involved

    counts = table.drop(columns=IDS[of])
    if summed:
        groups = [_group(str(name), size) for name in counts]
        counts = counts.T.groupby(groups, sort=False).sum(min_count=1).T
    known = circuit.neurons.set_index("neuron_id")
    labels = [name for name in LABELS if name in known and known[name].notna().any()]
    titles = labels if of == "neurons" else [f"{end} {name}" for end in IDS[of] for name in labels]
    columns = [*IDS[of], *titles, *counts.columns, "all"]
    made = show.table(
        f"{circuit.name}: {MOTIFS[size]} of the {of} that are in most of them",
        columns,
        {*IDS[of], *counts.columns, "all"},
    )
    for row, total in enumerate(involved(table, of).tolist()):
        ends = [int(table[name].iloc[row]) for name in IDS[of]]
        said = [_said(known.at[end, name]) for end in ends for name in labels]
        cells = [_cell(count) for count in counts.iloc[row].tolist()]
        made.add_row(*map(str, ends), *said, *cells, _cell(None if total < 0 else total))
    show.stdout().print(made)


def _group(column: str, size: int) -> str:
    if size == 3:
        return column.partition(":")[0]
    from analysis.motifs.four.classes import codes, shapes

    return shapes()[codes().index(int(column))]


def _foot(whole: pd.DataFrame, of: Of, shown: int, size: int) -> None:
    missing = int(whole.iloc[:, -1].isna().sum())
    console = show.stdout()
    if missing:
        console.print(
            f"{show.number(missing)} of {show.number(len(whole))} {of} have no triple whose pairs "
            "were all observable: their counts are missing, not 0."
        )
    hint = "`--motif 030T` shows roles" if size == 3 else "`--motif CODE` shows one class"
    where = "Roles: docs/methods.md" if size == 3 else "Codes: docs/four-node.md"
    console.print(
        f"{show.number(shown)} of {show.number(len(whole))} {of}, counted exactly. {hint}, "
        f"`--output FILE.csv` and `--json` give all. {where}.",
        style="dim",
    )


def _said(value: object) -> str:
    return str(value) if isinstance(value, str) else show.DASH


def _cell(value: int | None) -> str:
    return show.DASH if value is None or pd.isna(value) else show.number(int(value))
