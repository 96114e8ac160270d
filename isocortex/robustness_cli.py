"""`isocortex robustness`: effects over levels of error, and corrected for the circuit's own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from isocortex import show
from isocortex.commands import CircuitName, Json, NeuronTable, loaded, refuse_idle
from isocortex.show import number, stdout, table

if TYPE_CHECKING:
    import pandas as pd

    from analysis.circuit import Circuit
    from isocortex.error_curves import Robustness

LN2 = math.log(2)


def robustness(
    context: typer.Context,
    circuit: CircuitName,
    neurons: NeuronTable = None,
    null: Annotated[
        str, typer.Option(help="Null of the effects: reciprocal, degree or er.")
    ] = "reciprocal",
    error: Annotated[
        str,
        typer.Option(
            help="missed, spurious, synapses, axon, dendrite, split, merge, classes, threshold, "
            "truncation or sampling."
        ),
    ] = "missed",
    levels: Annotated[
        str, typer.Option(help="Levels of the error, separated by commas.")
    ] = "0,.05,.1,.2",
    draws: Annotated[int, typer.Option(min=2, help="Circuits drawn at every level.")] = 10,
    samples: Annotated[
        int, typer.Option(min=10, help="Samples of the hard ensemble of each.")
    ] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything that is drawn.")] = 0,
    recall: Annotated[
        float | None, typer.Option(help="Synapse recall, in place of the manifest's.")
    ] = None,
    precision: Annotated[
        float | None, typer.Option(help="Synapse precision, in place of the manifest's.")
    ] = None,
    miss: Annotated[
        float | None, typer.Option(help="Share of the connections missed, if that is known.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Follow motif effects over more error, and correct them for the circuit's own errors."""
    from analysis.reconstruction.effects import ensemble_of
    from isocortex.error_curves import HARD_LIMIT, Question, Rates, answer, document, levels_of
    from isocortex.settings import Settings
    from isocortex.workspace import Workspace

    question = Question(null, error, levels_of(levels), draws, samples, seed)
    question.check()  # a wrong word is said before a large file is read
    rates = Rates(recall, precision, miss)
    rates.check()
    workspace = Workspace(Settings.from_environment())
    with show.progress() as progress:
        given = loaded(workspace, circuit, neurons, quiet=as_json)
        if ensemble_of(null, given.n, HARD_LIMIT) != "hard":
            refuse_idle(
                context, f"where no hard ensemble is sampled, as of {given.name}", "samples"
            )
        found = answer(workspace, given, question, rates, progress)
    if as_json:
        show.json_document(document(given, found))
    else:
        _show(given, found)


def _show(circuit: Circuit, found: Robustness) -> None:
    """Print the curve, then what is known of the circuit's own errors and the corrected effects."""
    from analysis.reconstruction.errors import get_kind

    question, console = found.question, stdout()
    ensemble = found.curve[0][0].parameters["ensemble"]
    console.print(
        f"[bold]{circuit.name}[/bold]: {number(circuit.n)} neurons, {number(circuit.m)} connections"
    )
    console.print(_curve(found, f"{question.null} ({ensemble})"))
    console.print(
        f"{question.error}: the level is {get_kind(question.error).level}. Mean of up to "
        f"{question.draws} draws ± SD between them.",
        style="dim",
    )
    if found.last_level is not None:
        console.print(
            f"Beyond a level of {found.last_level:.3g} no claim holds under {question.null}"
            + (" (the circuit's own errors included)." if found.stated else "."),
            style="dim",
        )
    if found.stated is None or found.correction is None:
        console.print(
            "Its own errors: none stated. Say --miss, or --recall and --precision, to correct."
        )
    else:
        for sentence in (*found.stated.how, *found.stated.unknown):
            console.print(f"Its own errors: {sentence}", markup=False, highlight=False)
        if found.stated.unknown:
            console.print("What follows holds for the errors that are known, and for no others.")
        _corrected(found.correction[1])
    record = found.curve[0][0]
    console.print(f"seed {record.seed}, code {record.code_version}", style="dim")


def _curve(found: Robustness, title: str) -> object:
    heads = []
    for _, rows in found.curve:
        level = float(rows["level"].iloc[0])
        beyond = found.last_level is not None and level > found.last_level
        heads.append(f"{level:g}" + (" (no claim)" if beyond else ""))
    made = table(
        f"log₂(obs/exp), {title}, more {found.question.error}",
        ["triad", *heads],
        set(heads),
    )
    for place, motif in enumerate(found.curve[0][1]["motif"]):
        cells = []
        for _, rows in found.curve:
            row = rows.iloc[place]
            text = number(float(row["log_ratio"]) / LN2)
            if row["draws"] > 1:
                text += f" ± {number(float(row['spread']) / LN2)}"
            cells.append(text)
        made.add_row(str(motif), *cells)
    return made


def _corrected(rows: pd.DataFrame) -> None:
    from isocortex.show import DASH

    if not rows["claim"].any() and rows["reason"].nunique() == 1:
        stdout().print(f"Not corrected: {rows['reason'].iloc[0]}.", markup=False, highlight=False)
        return
    by = {
        "kernel": "corrected by the inverse of the exact triad kernel",
        "simex": "corrected by linear extrapolation to no errors (SIMEX)",
        "none": "left as they are: counts and expectation thin alike",
    }[str(rows["by"].iloc[0])]
    heads = ["raw", "corrected", "shift", "SD ×", "95 % interval", "left over"]
    made = table(f"log₂(obs/exp), {by}", ["triad", *heads, "no claim"], set(heads))
    for row in rows.to_dict("records"):
        raw, corrected, shift, low, high, left = (
            number(float(row[name]) / LN2)
            for name in ("raw", "corrected", "shift", "low", "high", "residual")
        )
        interval = DASH if math.isnan(row["low"]) else f"{low} … {high}"
        made.add_row(
            str(row["motif"]),
            raw,
            *(
                (corrected, shift, number(float(row["inflation"])), interval, f"≤ {left}")
                if row["claim"]
                else (DASH,) * 5
            ),
            str(row["reason"]),
        )
    stdout().print(made)
    stdout().print(
        "SD ×: how much wider the correction makes the interval. Left over: the largest mean shift "
        "that remained in circuits of known truth (under reciprocal, if larger, the shift that "
        "SIMEX would make here); it is not in the interval.",
        style="dim",
    )
