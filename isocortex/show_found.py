"""Instances of motifs in the terminal, and the Cypher that finds them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import typer
from rich.text import Text

from isocortex.show import json_document, number, stdout, table

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from isocortex.finding import Instances, MotifCount, Question
    from store.motifs import Statement

MOST_SHOWN = 25
LONGEST_TITLE = 72
MOST_VALUES = 6  # of an attribute, as examples
_PATHS = {
    "census": "the exact census, which looks at none of them",
    "matcher": "a search of the arrays",
    "graph": "the graph",
}


def cypher(statement: Statement, *, as_json: bool) -> None:
    """Print a statement; its parameters follow as comments, a line each."""
    if as_json:
        json_document({"statement": statement.text, "parameters": statement.values})
        return
    typer.echo(statement.text.rstrip())
    for name, value in statement.values.items():
        typer.echo(f"// ${name} = {json.dumps(value, ensure_ascii=False)}")


def counted(asked: Question, found: MotifCount) -> None:
    """Print a count and what was counted."""
    stdout().print(Text(_said(asked, found.count)), style="bold")
    _explain(asked, found.path, "counted")
    if not found.count:
        _nobody(asked)
    if found.symmetries > 1:
        other = found.count * found.symmetries if asked.once else found.count // found.symmetries
        kind = "placement" if asked.once else "subgraph"
        stdout().print(
            f"The pattern has {found.symmetries} symmetries: these are {_plural(other, kind)}.",
            style="dim",
        )


def instances(asked: Question, found: Instances) -> None:
    """Print instances, one a row: who each name of the pattern is."""
    shown = found.table.head(MOST_SHOWN)
    names = _names(asked.circuit)
    first = "" if found.complete else "The first "
    stdout().print(Text(first + _said(asked, len(found.table))), style="bold")
    made = table("", list(shown.columns), set())
    for row in shown.itertuples(index=False, name=None):
        made.add_row(*(Text(names.loc[body]) for body in row))
    if not shown.empty:
        stdout().print(made)
    if len(found.table) > len(shown):
        stdout().print(
            f"{number(len(shown))} of {number(len(found.table))} are shown; `--json` has all.",
            style="dim",
        )
    if not found.complete:
        stdout().print("There are more: `--limit`, or `--count` for how many.", style="dim")
    _explain(asked, found.path, "listed")
    if found.table.empty:
        _nobody(asked)


def _nobody(asked: Question) -> None:
    """Name the conditions that no neuron meets, with values that there are."""
    from analysis.motifs.matching import meeting

    neurons = asked.circuit.neurons
    for name, condition in asked.pattern.conditions:
        column = neurons[condition.attribute]
        if not meeting(column, [condition]).any():
            known = ", ".join(map(str, column.value_counts().index[:MOST_VALUES]))
            stdout().print(
                Text(
                    f"No neuron can be {name}: none has {condition.attribute} "
                    f"{condition.operator} {condition.value}; there are {known}, for example."
                )
            )


def _said(asked: Question, how_many: int) -> str:
    what = _plural(how_many, asked.counted.removesuffix("s"))
    kind = ", induced" if asked.pattern.induced else ", not induced"
    name = " ".join(asked.text.split())
    if len(name) > LONGEST_TITLE:
        name = f"{name[:LONGEST_TITLE]}…"
    return f"{what} of {name}{kind}, in {asked.circuit.name}"


def _plural(how_many: int, one: str) -> str:
    return f"{number(how_many)} {one}{'' if how_many == 1 else 's'}"


def _explain(asked: Question, path: str, done: str) -> None:
    if asked.pattern.induced:
        said = "Induced: pairs that the pattern does not connect are unconnected."
    else:
        said = "Not induced: other connections among the neurons may be there."
    each = (
        f"Each is {done} once, whatever names its neurons could have"
        if asked.once
        else f"Every way to give the names is {done}"
    )
    stdout().print(f"{said} {each}. Answered by {_PATHS[path]}.", style="dim")
    observed = asked.circuit.frame.words()
    if observed:
        stdout().print(f"Observed: {observed}.", style="dim")


def _names(circuit: Circuit) -> pd.Series[str]:
    """Say what each neuron is called: its id, and its own name or type where it has one."""
    neurons = circuit.neurons
    ids = neurons["neuron_id"].astype(str)
    called = pd.Series("", index=neurons.index, dtype=object)
    for column in ("instance", "type", "cell_class"):
        if column in neurons:
            own = neurons[column].astype(object).where(neurons[column].notna(), "").astype(str)
            called = called.where(called != "", own)
    said = ids.where(called == "", called + " (" + ids + ")")
    return pd.Series(said.to_numpy(), index=neurons["neuron_id"].to_numpy())
