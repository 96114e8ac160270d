"""What the terminal says about files of one's own: what was understood, what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from isocortex.show import evidence, number, stderr, stdout

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.conditions import Choice
    from ingest.job import Prepared
    from ingest.recognise import Recognised
    from ingest.synapses import Tally
    from isocortex.pipeline import DatasetOutcome
    from isocortex.workspace import Workspace
    from schemas.records import DatasetManifest

MOST_WORDS = 6  # words without a term that are named


def understood(
    manifest: DatasetManifest, known: Recognised, prepared: Prepared, *, kept: bool = True
) -> None:
    """Say on the error stream what a file was taken for and what was done with its rows.

    A circuit that is not kept needs no evidence: then only what the format implies is said.
    """
    console = stderr()

    def line(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    line(f"{known.files[0].name}: {known.words()}")
    neurons, connections = prepared.tables.neurons, prepared.tables.connections
    filled = [c for c in neurons.columns[1:] if neurons[c].notna().any() and c != "polarity"]
    about = f" with {', '.join(map(str, filled))}" if filled else ""
    line(f"  {number(len(neurons))} neurons{about}")
    measures = [str(c) for c in connections.columns[3:]]
    beside = f"; beside it {', '.join(measures)}" if measures else ""
    line(f"  {number(len(connections))} connections, weight = {manifest.weight}{beside}")
    done = {
        "rows of a neuron with itself, left out": prepared.dropped_self_loops,
        "rows added to another row of their pair": prepared.merged_parallel,
    }
    for what, count in done.items():
        if count:
            line(f"  {what}: {number(count)}")
    for column, words in prepared.unmapped.items():
        named = ", ".join(f"{word!r} ({number(n)})" for word, n in list(words.items())[:MOST_WORDS])
        more = f" and {len(words) - MOST_WORDS} more" if len(words) > MOST_WORDS else ""
        line(f"  {column} without a term, kept as {column}_raw: {named}{more}")
    for caveat in manifest.caveats:
        line(f"  {caveat}")
    stated = kept or known.evidence is not None
    said = evidence(manifest.evidence.value) if stated else "evidence not stated"
    species = f"{manifest.individual.species}, " if kept else ""
    seen = manifest.frame.words() + (" (assumed)" if manifest.frame.kind == "volume" else "")
    line(f"  taken as: {species}{said}; observable: {seen}")
    if kept:
        line("  to say it otherwise: --species, --evidence, --self-loops, or a manifest (--init)")


def ingested(workspace: Workspace, outcome: DatasetOutcome) -> None:
    """Tell what an ingest did, and under which licence data of the catalog are."""
    from ingest import catalog_manifests
    from ingest.sources import ON_FIRST_USE

    size = workspace.lake.counts(outcome.dataset, outcome.version)
    parts = {"neurons": size.neurons, "connections": size.connections, "pathways": size.pathways}
    after = f"isocortex census {outcome.dataset}"
    if not size.pathways:
        del parts["pathways"]
    elif not size.neurons:
        parts = {"pathways": size.pathways}
        after = f"isocortex query --template pathways --param dataset={outcome.dataset}"
    said = ", ".join(f"{number(count)} {what}" for what, count in parts.items())
    for one in workspace.lake.provenance(outcome.dataset, outcome.version).sources:
        if outcome.state == "new" and one.origin.endswith(ON_FIRST_USE):
            stderr().print(
                f"{one.name}: no published checksum; sha256 {one.sha256} accepted and kept",
                soft_wrap=True,
            )
    if outcome.dataset in catalog_manifests():
        licence = workspace.lake.manifest(outcome.dataset, outcome.version).licence
        stderr().print(f"licence: {licence}", markup=False, highlight=False, soft_wrap=True)
    stdout().print(f"{outcome.dataset}@{outcome.version}: {said} ({outcome.state}); next: {after}")


def synapses(target: Path, choice: Choice, tally: Tally) -> None:
    """Tell what became of the synapses of a table."""
    meaning = {
        "kept": "kept",
        "unassigned": "with an end that is empty or 0",
        "strangers": "with an end that is not in the neuron table",
        "self": "of a neuron with itself, left out",
    }
    console = stderr()
    if tally.resumed:
        console.print(f"resumed: {number(tally.resumed)} slices were there", highlight=False)
    console.print(f"{number(tally.synapses)} synapses", highlight=False)
    for fate, count in tally.fates.items():
        words = meaning.get(fate, f"fail {fate}")
        console.print(f"  {number(count)} {words}", markup=False, highlight=False)
    if choice.minimum > 1:
        words = f"of fewer than {choice.minimum} synapses, left out"
        console.print(f"  {number(tally.weak)} connections {words}", highlight=False)
    stdout().print(
        f"{target}: {number(tally.connections)} connections; next: isocortex census {target}",
        soft_wrap=True,
    )


def document(workspace: Workspace, outcome: DatasetOutcome) -> dict[str, Any]:
    """Public JSON form of an ingest (`docs/cli.md`)."""
    manifest = workspace.lake.manifest(outcome.dataset, outcome.version)
    made = workspace.lake.provenance(outcome.dataset, outcome.version)
    return vars(outcome) | {
        "reader": manifest.reader.format,
        "weight": manifest.weight,
        "evidence": manifest.evidence.value,
        "species": manifest.individual.species,
        "frame": manifest.frame.kind,
        "dropped_self_loops": made.dropped_self_loops,
        "merged_parallel": made.merged_parallel,
        "unmapped": made.unmapped,
    }
