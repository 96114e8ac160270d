"""`isocortex compare`: the motifs of several circuits, the same or not within a margin."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from isocortex import show
from isocortex.commands import Cluster, HardLimit, Json, Processes, Samples, Seed, loaded
from isocortex.comparing import MARGIN, NULL
from isocortex.measure import HARD_SAMPLES
from isocortex.show import DASH, number, stdout, table

if TYPE_CHECKING:
    from rich.table import Table

    from analysis.invariants import Verdict
    from isocortex.comparing import Comparison

LN2 = math.log(2)
MARKS = {"INVARIANT": "=", "DIVERGENT": "≠", "UNDETERMINED": "?"}


def compare(
    circuits: Annotated[
        list[str], typer.Argument(help="Two circuits or more: names, or edge lists.")
    ],
    margin: Annotated[
        float, typer.Option(help="Ratio up to which effects count as the same.")
    ] = MARGIN,
    null: Annotated[str, typer.Option(help="Null beyond which effects are compared.")] = NULL,
    samples: Samples = HARD_SAMPLES,
    hard_limit: HardLimit = None,
    seed: Seed = 0,
    workers: Processes = None,
    cluster: Cluster = None,
    as_json: Json = False,
) -> None:
    """Say which triads are the same in several circuits within a margin, and which are not."""
    from isocortex.comparing import Question, compare_circuits, document
    from isocortex.settings import Settings
    from isocortex.workers import chosen_workers
    from isocortex.workspace import Workspace

    question = Question(margin, null, samples, hard_limit, seed)
    question.check()  # a wrong word is said before a large file is read
    workspace = Workspace(Settings.from_environment())
    with show.progress() as progress, chosen_workers(workers, cluster) as crew:
        given = [loaded(workspace, name, None, quiet=as_json) for name in circuits]
        found = compare_circuits(workspace, given, question, progress, crew)
    if as_json:
        show.json_document(document(found))
    else:
        _show(found)


def _show(found: Comparison) -> None:
    """Print what is claimed, the circuits, one row per triad, and what the words mean."""
    from isocortex import show_convergence

    console = stdout()
    console.print(found.claim, style="bold", markup=False, highlight=False)
    for warning in found.warnings:
        console.print(f"! {warning}", markup=False, highlight=False)
    console.print(_circuits(found))
    console.print(_verdicts(found))
    claims = [verdict.claim.value for verdict in found.verdicts.values()]
    told = ", ".join(f"{name} {claims.count(name)}" for name in MARKS)
    console.print(f"{told}. All {len(claims)} triads together: {found.whole.value}.")
    for reason, motifs in _forced(found.verdicts).items():
        console.print(f"{', '.join(motifs)}: {reason}", style="dim", markup=False, highlight=False)
    for note in _notes(found):
        console.print(note, style="dim", markup=False, highlight=False)
    for record in found.records:
        show_convergence.warnings(record)


def _circuits(found: Comparison) -> Table:
    made = table(
        "",
        ["", "circuit", "species", "individual", "evidence", "neurons", "connections"],
        {"neurons", "connections"},
    )
    rows = zip(found.circuits, found.labels, found.individuals, found.evidence, strict=True)
    for place, (circuit, label, individual, kind) in enumerate(rows, 1):
        made.add_row(
            str(place),
            escape(label),
            circuit.attributes.get("species") or DASH,
            individual or DASH,
            show.evidence(kind) if kind else DASH,
            number(circuit.n),
            number(circuit.m),
        )
    return made


def _verdicts(found: Comparison) -> Table:
    places = [str(place) for place in range(1, len(found.circuits) + 1)]
    tests = ["p same", "p apart", "same from", "apart from"]
    made = table(
        f"log₂(obs/exp) ± SE, {found.question.null} ({found.question.ensemble})",
        ["triad", *places, "verdict", *tests],
        {*places, *tests},
    )
    for motif, verdict in found.verdicts.items():
        given = verdict.estimates
        effects = zip(given.effects.tolist(), given.se.tolist(), strict=True)
        made.add_row(
            motif,
            *(_effect(effect, se) for effect, se in effects),
            f"{MARKS[verdict.claim.value]} {verdict.claim.value}",
            _p(verdict.q_inv),
            _p(verdict.q_div),
            _ratio(verdict.smallest_margin),
            _ratio(verdict.mde),
        )
    return made


def _effect(effect: float, se: float) -> str:
    if math.isnan(effect):
        return DASH
    error = DASH if math.isnan(se) else f"{se / LN2:.2f}"
    return f"{effect / LN2:+.2f} ± {error}".replace("-", "−")


def _p(value: float) -> str:
    if math.isnan(value):
        return DASH
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def _ratio(log: float) -> str:
    return DASH if math.isnan(log) else f"×{number(math.exp(log))}"


def _forced(verdicts: dict[str, Verdict]) -> dict[str, list[str]]:
    """Motifs of which nothing could be tested, by the reason."""
    found: dict[str, list[str]] = {}
    for motif, verdict in verdicts.items():
        if math.isnan(verdict.p_inv):
            found.setdefault(verdict.reason, []).append(motif)
    return found


def _notes(found: Comparison) -> list[str]:
    ratio = f"×{found.question.margin:g}"
    words = (
        f"INVARIANT: every two circuits differ by less than {ratio} (p same < .05). DIVERGENT: two "
        "differ by more (p apart < .05). Else UNDETERMINED, which is no finding. p is adjusted for "
        "the number of triads (BH)."
    )
    decidable = (
        "same from: smallest margin at which equal circuits with these errors are called "
        "INVARIANT in 4 of 5 cases. apart from: smallest difference that is called DIVERGENT as "
        "often. Larger circuits lower both, more circuits neither."
    )
    notes = [words, decidable]
    if found.question.null != NULL:
        notes.append(
            "Circuits of which different shares of the connections were missed are comparable "
            f"beyond {NULL} only."
        )
    return notes
