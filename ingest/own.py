"""Files and manifests of the user's own: what a file is, and a manifest to say the rest in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import tomlkit
from tomlkit.items import Table as TomlTable

from ingest.archives import is_archive
from ingest.catalogue import read_manifest
from ingest.inside import recognise_inside
from ingest.recognise import Recognised, recognise
from ingest.sources import readable
from schemas.records import (
    CircuitSelection,
    Citation,
    DatasetManifest,
    Evidence,
    FileSource,
    Individual,
    Reader,
)
from schemas.vocabularies import vocabulary

SelfLoops = Literal["drop", "keep", "error"]
NOT_STATED = "not stated"
NAMED = 6  # other members of an archive that are named


def understand(
    path: Path,
    neurons: Path | None = None,
    *,
    name: str | None = None,
    species: str = "mouse",
    evidence: Evidence | None = None,
    self_loops: SelfLoops = "drop",
    member: str | None = None,
) -> tuple[DatasetManifest, Recognised]:
    """Tell what a file is, without reading it whole.

    Parameters
    ----------
    path : Path
        File of connections, of any format of docs/formats.md, or an archive that holds one.
    neurons : Path or None, optional
        Neuron table.
    name : str, optional
        Name of the dataset; default from the file name.
    species : str, optional
    evidence : Evidence, optional
        How the connections are known; default what the format implies, else simulated.
    self_loops : str, optional
        What becomes of connections from a neuron to itself.
    member : str, optional
        Member of the archive that is meant; default the one that can only be.

    Raises
    ------
    InputError
        If a path is no readable file, or an archive does not tell which member is meant.
    """
    dataset = slug(name or path.name.split(".")[0])
    readable([p for p in (path, neurons) if p is not None])
    others: list[str] = []
    if member is not None or is_archive(path):
        known, others = recognise_inside(path, member, neurons)
    else:
        known = recognise(path, neurons)
    if "species" in known.options:  # the file holds several
        known.options["species"] = species
    inside = f"{known.members[0]} in " if known.members else ""
    manifest = DatasetManifest(
        dataset=dataset,
        title=name or path.name,
        description=f"Read from {inside}{path.name} ({known.what}).",
        individual=Individual(name=dataset, species=species),
        evidence=evidence or known.evidence or Evidence.SIMULATED,
        source=FileSource(paths=[str(p) for p in known.files], members=known.members),
        reader=Reader(format=known.format, options=known.options),
        self_loops=self_loops,
        circuits=[CircuitSelection(name="all", title=name or path.name)],
        completeness=NOT_STATED,
        caveats=[_not_read(path, others)] if others else [],
        licence=NOT_STATED,
        citation=Citation(text="own data"),
    )
    return manifest, known


def _not_read(archive: Path, others: list[str]) -> str:
    """Say what of an archive was left alone: perhaps the neurons are in there."""
    more = f" and {len(others) - NAMED:,} more" if len(others) > NAMED else ""
    return (
        f"{archive.name} also holds {', '.join(others[:NAMED])}{more}, not read: to give a table "
        "of neurons, unpack it and add --neurons."
    )


def slug(text: str) -> str:
    """Make a dataset name of any text: small letters, digits and hyphens."""
    made = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-")
    return made if len(made) > 1 else f"circuit-{made or 'unnamed'}"


def read_own_manifest(path: Path) -> DatasetManifest:
    """Read a manifest of the user's; the paths in it begin at its folder.

    Raises
    ------
    InputError
        If it is no manifest, or wrong; every wrong field is named.
    """
    readable([path])
    manifest = read_manifest(path)
    if not isinstance(manifest.source, FileSource):
        return manifest
    whole = {given: str((path.parent / given).resolve()) for given in manifest.source.paths}
    options = {
        key: whole.get(value, value) if isinstance(value, str) else value
        for key, value in manifest.reader.options.items()
    }
    return manifest.model_copy(
        update={
            "source": FileSource(paths=list(whole.values()), members=manifest.source.members),
            "reader": manifest.reader.model_copy(update={"options": options}),
        }
    )


def manifest_text(manifest: DatasetManifest, folder: Path, *, evidence: bool) -> str:
    """Write a manifest to be completed: what is known, and by each field what belongs there.

    Parameters
    ----------
    manifest : DatasetManifest
        What was understood of a file.
    folder : Path
        Where the manifest is going to lie; paths begin there.
    evidence : bool
        Whether the evidence is known; if not, it is left to be filled in.
    """
    species, areas = ", ".join(vocabulary("species")), ", ".join(vocabulary("areas"))
    layers = ", ".join(vocabulary("layers"))
    text = tomlkit.document()
    text.add(tomlkit.comment("A dataset of your own. Complete it, then: isocortex ingest FILE"))
    text.add("dataset", tomlkit.item(manifest.dataset))
    text.add("title", tomlkit.item(manifest.title))
    text.add("description", tomlkit.item(manifest.description))
    _say(text, f"one of {', '.join(Evidence)}")
    text.add("evidence", tomlkit.item(manifest.evidence.value if evidence else ""))
    _say(text, "synapse_count, contact_count, section_count or binary")
    text.add("weight", tomlkit.item(manifest.weight))
    _say(text, "connections from a neuron to itself: drop, keep or error")
    text.add("self_loops", tomlkit.item(manifest.self_loops))
    _say(text, f'area = "s1-barrel"    # one of {areas}')
    _say(text, f'layer = "L4"    # one of {layers}')
    _say(text, "What is missing: proofreading, cut axons, neurons that were not traced.")
    text.add("completeness", tomlkit.item(manifest.completeness))
    _say(text, "What a reader must know before use, one sentence each.")
    text.add("caveats", tomlkit.item(list(manifest.caveats)))
    text.add("licence", tomlkit.item(manifest.licence))
    text.add("individual", _individual(manifest, species))
    text.add("frame", _frame(manifest))
    text.add("errors", _errors())
    text.add("source", _table({"kind": "file", "paths": _below(manifest, folder)}))
    assert isinstance(manifest.source, FileSource)
    if manifest.source.members:
        text["source"].add("members", list(manifest.source.members))
    text.add("reader", _table({"format": manifest.reader.format}))
    options = {
        key: _relative(value, folder) if isinstance(value, str) else value
        for key, value in manifest.reader.options.items()
    }
    text["reader"].add("options", _table(options))
    circuits = tomlkit.aot()
    for cut in manifest.circuits:
        circuit = _table({"name": cut.name, "title": cut.title})
        circuit.add(
            tomlkit.comment(
                'where = [{ column = "layer", isin = ["L4"] }]    # default: all neurons'
            )
        )
        circuits.append(circuit)
    text.add("circuits", circuits)
    citation = _table({"text": manifest.citation.text})
    citation.add(tomlkit.comment('doi = "10.…"'))
    text.add("citation", citation)
    return tomlkit.dumps(text)


def _say(text: tomlkit.TOMLDocument, words: str) -> None:
    text.add(tomlkit.comment(words))


def _table(values: dict[str, Any]) -> TomlTable:
    made = tomlkit.table()
    for key, value in values.items():
        made.add(key, value)
    return made


def _individual(manifest: DatasetManifest, species: str) -> TomlTable:
    made = _table({"name": manifest.individual.name})
    made.add(tomlkit.comment(f"one of {species}"))
    made.add("species", manifest.individual.species)
    made.add(tomlkit.comment("female, male, hermaphrodite or unknown"))
    made.add("sex", manifest.individual.sex)
    made.add(tomlkit.comment('age = "P28"'))
    return made


def _frame(manifest: DatasetManifest) -> TomlTable:
    made = tomlkit.table()
    for line in (
        "Which pairs of neurons could have been seen to be connected:",
        "volume: all; block: all, but neurites leave the block; outputs: those that begin with",
        "one of `sources`; bipartite: from `sources` onto `targets`; pairs: those that were tested",
        'sources = [{ column = "axon", isin = ["proofread"] }]',
    ):
        made.add(tomlkit.comment(line))
    made.add("kind", manifest.frame.kind)
    for side in ("sources", "targets"):
        conditions = getattr(manifest.frame, side)
        if conditions:
            made.add(side, [one.model_dump(exclude_none=True) for one in conditions])
    if manifest.frame.truncated:
        made.add("truncated", True)
    return made


def _errors() -> TomlTable:
    made = tomlkit.table()
    for line in (
        "What is known of its errors, shares from 0 to 1, each with its source:",
        'precision = { value = 0.96, source = "…", doi = "10.…" }    # of detected synapses',
        "recall, proofread_axons, sampled_neurons likewise; synapse_threshold = 2",
    ):
        made.add(tomlkit.comment(line))
    return made


def _below(manifest: DatasetManifest, folder: Path) -> list[str]:
    source = manifest.source
    assert isinstance(source, FileSource)
    return [_relative(path, folder) for path in source.paths]


def _relative(path: str, folder: Path) -> str:
    """Path as seen from a folder, where it lies in or below it."""
    whole = Path(path).resolve()
    if Path(path).exists() and whole.is_relative_to(folder.resolve()):
        return str(whole.relative_to(folder.resolve()))
    return str(whole) if Path(path).exists() else path
