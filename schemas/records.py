"""Records that describe datasets, circuits, results and where they came from.

Every record is a pydantic model, so that a manifest a biologist wrote by hand is checked
field by field, and so that the same definition is exported as JSON Schema.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*[a-z0-9]$", max_length=63)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Curie = Annotated[str, StringConstraints(pattern=r"^(NCBITaxon|UBERON|CL):[0-9]+$")]


class Record(BaseModel):
    """Base of all records: immutable, and unknown fields are errors, not silently dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Evidence(StrEnum):
    """How a connection is known. Classes are never pooled (DESIGN §4)."""

    EM_DENSE = "em_dense"
    EM_SPARSE = "em_sparse"
    PAIRED_RECORDING = "paired_recording"
    STATISTICAL = "statistical"
    MODEL = "model"
    SIMULATED = "simulated"


class Polarity(StrEnum):
    """Effect of a neuron on its targets."""

    EXCITATORY = "excitatory"
    INHIBITORY = "inhibitory"
    UNKNOWN = "unknown"


class Species(Record):
    """A species with its NCBI taxonomy identifier."""

    name: Slug
    label: str
    scientific_name: str
    curie: Curie
    on_cortical_axis: bool = Field(
        description="True for mammals compared along mouse → human; False for outgroups."
    )


class Individual(Record):
    """One animal, or a composite of several (then `composite` is true)."""

    name: str
    species: Slug
    sex: Literal["female", "male", "hermaphrodite", "unknown"] = "unknown"
    age: str | None = None
    composite: bool = False
    note: str | None = None


class WheelSource(Record):
    """Data shipped inside one pinned wheel of the Python package index."""

    kind: Literal["wheel"] = "wheel"
    distribution: str
    version: str
    sha256: Sha256
    members: list[str] = Field(min_length=1)


class RemoteFile(Record):
    """One file at a public address, also acceptable from a mirror with the same checksum.

    If it is an archive, `members` are read of it, and the reader gets them under their names there;
    the checksum is that of the archive.
    """

    name: str = Field(description="Path below the mirror directory, `<dataset>/<file>`.")
    members: list[str] = Field(
        default_factory=list, description="Members of a zip, tar or tar.gz archive that are read."
    )
    url: str | None = None
    made_from: str | None = Field(
        default=None,
        description="Where the original stands from which this file was written: the file itself "
        "is at no address, and comes from a mirror only.",
    )
    sha256: Sha256 | Literal["unknown"] = Field(
        description="`unknown` in optional datasets only: the person who ingests has to accept "
        "the file, and its checksum is kept."
    )
    bytes: int | None = Field(default=None, ge=1)

    @property
    def origin(self) -> str:
        """Where it comes from, for people."""
        return self.url or f"a file made from {self.made_from}"

    @model_validator(mode="after")
    def _comes_from_somewhere(self) -> RemoteFile:
        if (self.url is None) == (self.made_from is None):
            raise ValueError(f"{self.name} has an address, or an original it was made from")
        return self

    @model_validator(mode="after")
    def _members_are_inside(self) -> RemoteFile:
        for member in self.members:
            if member.startswith("/") or "\\" in member or ".." in member.split("/"):
                raise ValueError(f"{member!r} is no path inside of an archive")
        return self

    @model_validator(mode="after")
    def _pinned_files_have_a_size(self) -> RemoteFile:
        if self.sha256 != "unknown" and self.bytes is None:
            raise ValueError(f"{self.name} has a checksum and so a known number of bytes")
        return self


class UrlSource(Record):
    """Files fetched by address, or found in the directory named by ISOCORTEX_MIRROR."""

    kind: Literal["url"] = "url"
    files: list[RemoteFile] = Field(min_length=1)
    tables: list[str] = Field(
        default_factory=list, description="Tables of `ingest/published/` that are read beside them."
    )


class PublishedSource(Record):
    """Published figures retyped into `ingest/published/`, each with its DOI."""

    kind: Literal["published"] = "published"
    tables: list[str] = Field(min_length=1)


class FileSource(Record):
    """The user's own files; of an archive among them the member that is read."""

    kind: Literal["file"] = "file"
    paths: list[str] = Field(min_length=1)
    members: list[str] = Field(
        default_factory=list, description="Members that are read of the first path, an archive."
    )


Source = Annotated[
    WheelSource | UrlSource | PublishedSource | FileSource, Field(discriminator="kind")
]


class Reader(Record):
    """Which reader turns the bytes into tables, and its options."""

    format: str
    options: dict[str, Any] = Field(default_factory=dict)


class Condition(Record):
    """One condition on a neuron column; a neuron is kept if all conditions hold."""

    column: str
    isin: list[str | int] | None = None
    minimum: float | None = None
    maximum: float | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if self.isin is None and self.minimum is None and self.maximum is None:
            raise ValueError(f"condition on {self.column!r} needs `isin`, `minimum` or `maximum`")
        return self


class CircuitSelection(Record):
    """A named selection of a dataset's neurons and all connections among them."""

    name: Slug
    title: str
    area: Slug | None = None
    layer: str | None = None
    where: list[Condition] = Field(default_factory=list)
    role: Literal["circuit", "module", "replicate"] = "circuit"
    caveat: str | None = None


class ObservationFrame(Record):
    """Which ordered pairs of neurons were observable: a pair never tested is no absent connection.

    `volume`: every pair. `block`: every pair, but neurites leave the block, so that connections of
    observable pairs are missed. `outputs`: pairs that begin with one of `sources`. `bipartite`:
    pairs from `sources` onto `targets`, which have no neuron in common. `pairs`: the pairs of the
    table `tested`.
    """

    kind: Literal["volume", "block", "outputs", "bipartite", "pairs"] = "volume"
    sources: list[Condition] = Field(default_factory=list)
    targets: list[Condition] = Field(default_factory=list)
    truncated: bool = Field(default=False, description="Neurites leave the volume.")
    note: str | None = None

    def words(self) -> str:
        """Say which pairs were observable."""
        said = {
            "volume": "every pair of neurons",
            "block": "every pair, but neurites leave the block: densities are lower bounds",
            "outputs": "pairs that begin with a neuron whose axon is in the data",
            "bipartite": "pairs from a source onto a target; no neuron is both",
            "pairs": "the pairs that were tested, and no others",
        }[self.kind]
        if self.truncated and self.kind != "block":
            said += "; neurites leave the volume: densities are lower bounds"
        return f"{said}. {self.note}" if self.note else said

    @model_validator(mode="after")
    def _sides_suit_the_kind(self) -> ObservationFrame:
        needed = {"outputs": {"sources"}, "bipartite": {"sources", "targets"}}
        given = {side for side in ("sources", "targets") if getattr(self, side)}
        if given != needed.get(self.kind, set()):
            wanted = " and ".join(sorted(needed.get(self.kind, set()))) or "neither of both"
            raise ValueError(f"a frame of kind {self.kind!r} takes sources or targets: {wanted}")
        return self


class Figure(Record):
    """A published or measured number with its range and where it stands."""

    value: float
    low: float | None = None
    high: float | None = None
    source: str
    doi: str | None = None

    def words(self) -> str:
        """Say the share in per cent, its range and its source."""
        bounds = [100 * bound for bound in (self.low, self.high) if bound is not None]
        span = f" ({bounds[0]:g}–{bounds[-1]:g} %)" if bounds else ""
        doi = f", doi:{self.doi}" if self.doi else ""
        return f"{100 * self.value:g} %{span}: {self.source}{doi}"


ERROR_FIGURES = {
    "precision": "synapse precision",
    "recall": "synapse recall",
    "proofread_axons": "proofread axons",
    "sampled_neurons": "neurons in the dataset",
}


class ErrorModel(Record):
    """What is known about the errors of a reconstruction; a figure not given is not known.

    Shares between 0 and 1. Synapses: `precision` is the share of detected synapses that are real,
    `recall` the share of real ones that were detected.
    """

    precision: Figure | None = None
    recall: Figure | None = None
    proofread_axons: Figure | None = Field(
        default=None, description="Share of the neurons whose axon was proofread."
    )
    sampled_neurons: Figure | None = Field(
        default=None, description="Share of the volume's neurons that are in the dataset."
    )
    synapse_threshold: int | None = Field(
        default=None, ge=1, description="Connections of fewer synapses were left out."
    )
    note: str | None = None

    def words(self) -> dict[str, str]:
        """Say each figure with its range and source; what is not known is said too."""
        said = {}
        for field, name in ERROR_FIGURES.items():
            figure = getattr(self, field)
            said[name] = "not known" if figure is None else figure.words()
        least = self.synapse_threshold
        said["synapse threshold"] = (
            "none known" if least is None else f"{least} synapses in a connection"
        )
        return said

    def short(self) -> str:
        """Say the figures on one line without their sources; what is not known is said once."""
        figures = {name: getattr(self, field) for field, name in ERROR_FIGURES.items()}
        known = [f"{name} {100 * one.value:g} %" for name, one in figures.items() if one]
        if self.synapse_threshold is not None:
            known.append(f"synapse threshold {self.synapse_threshold}")
        missing = [name for name, one in figures.items() if one is None]
        if not known:
            return "not known"
        return ", ".join(known) + (f"; not known: {', '.join(missing)}" if missing else "")

    @model_validator(mode="after")
    def _shares(self) -> ErrorModel:
        for name in ("precision", "recall", "proofread_axons", "sampled_neurons"):
            figure = getattr(self, name)
            if figure is None:
                continue
            for value in (figure.value, figure.low, figure.high):
                if value is not None and not 0 <= value <= 1:
                    raise ValueError(f"{name} is a share between 0 and 1, not {value}")
        return self


class Citation(Record):
    """Where the data are published; only what is certain is given."""

    text: str
    doi: str | None = None
    authors: list[str] = Field(
        default_factory=list, description="Family names; `others` for those not named here."
    )
    year: int | None = None
    journal: str | None = None
    volume: str | None = None
    pages: str | None = None
    about: str | None = Field(default=None, description="What of the dataset it is about.")

    def words(self) -> str:
        """Say the work on one line."""
        about = f" ({self.about})" if self.about else ""
        doi = f", doi:{self.doi}" if self.doi else ""
        return f"{self.text}{about}{doi}"


class ExpectedCounts(Record):
    """Golden counts: ingest refuses data that do not have them."""

    neurons: int
    connections: int
    pathways: int = 0


class DatasetManifest(Record):
    """Everything a person and the ingest job need to know about one dataset."""

    dataset: Slug
    title: str
    description: str
    individual: Individual
    area: Slug | None = None
    layer: str | None = None
    evidence: Evidence
    weight: Literal["synapse_count", "contact_count", "section_count", "binary"] = "synapse_count"
    source: Source
    reader: Reader
    circuits: list[CircuitSelection] = Field(
        default_factory=list, description="None for a dataset of pathways alone."
    )
    projected: list[Condition] = Field(
        default_factory=list,
        description="Neurons that go into the graph; empty = all. The lake always holds all.",
    )
    self_loops: Literal["drop", "keep", "error"] = "drop"
    expected: ExpectedCounts | None = None
    completeness: str
    frame: ObservationFrame = Field(default_factory=ObservationFrame)
    errors: ErrorModel = Field(default_factory=ErrorModel)
    caveats: list[str] = Field(default_factory=list)
    licence: str
    citation: Citation
    references: list[Citation] = Field(
        default_factory=list, description="Further works to cite with the dataset."
    )
    seed: int | None = None
    optional: bool = Field(
        default=False, description="Not part of the main job; ingested when asked for by name."
    )

    @property
    def pathways_alone(self) -> bool:
        """Whether it tells of types of neurons only, and of no single neuron."""
        return not self.circuits

    @model_validator(mode="after")
    def _holds_something(self) -> DatasetManifest:
        if self.pathways_alone and (self.expected is None or not self.expected.pathways):
            raise ValueError("give a circuit, or the number of pathways in `expected`")
        return self

    @model_validator(mode="after")
    def _unknown_checksums_are_optional(self) -> DatasetManifest:
        if isinstance(self.source, UrlSource) and not self.optional:
            open_ends = [file.name for file in self.source.files if file.sha256 == "unknown"]
            if open_ends:
                raise ValueError(f"without a checksum ({open_ends[0]}) a dataset must be optional")
        return self

    @model_validator(mode="after")
    def _circuits_are_distinct(self) -> DatasetManifest:
        names = [circuit.name for circuit in self.circuits]
        if len(set(names)) != len(names):
            raise ValueError(f"circuit names of {self.dataset} are not distinct: {names}")
        return self

    def digest(self) -> str:
        """Checksum of everything in this manifest, to tell whether it changed."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def circuit(self, name: str) -> CircuitSelection:
        """Return the circuit called `name`; raise KeyError with the known names."""
        for candidate in self.circuits:
            if candidate.name == name:
                return candidate
        raise KeyError(
            f"{self.dataset} has no circuit {name!r}; it has {[c.name for c in self.circuits]}"
        )


class SourceFile(Record):
    """One file that was read, with its checksum."""

    name: str
    sha256: Sha256
    bytes: int
    origin: str = Field(description="wheel, url, mirror, file or published, and what exactly.")


class Provenance(Record):
    """What made a dataset version."""

    dataset: Slug
    version: str
    manifest_sha256: Sha256
    sources: list[SourceFile]
    reader: str
    code_version: str
    created: str = Field(description="UTC, ISO 8601; not part of the version.")
    dropped_self_loops: int = 0
    merged_parallel: int = 0
    unmapped: dict[str, dict[str, int]] = Field(default_factory=dict)


class AnalysisRecord(Record):
    """One computed result: same key, same numbers, computed once (DESIGN §6)."""

    key: Sha256
    analysis: str
    circuit: str
    dataset: str
    version: str
    parameters: dict[str, Any]
    seed: int
    code_version: str
    created: str
    encoding_type: str
    encoding_version: str
    seconds: float
    diagnostics: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Convergence of the Markov chains of each hard ensemble, by null.",
    )
    refused: str | None = Field(
        default=None, description="Why there are no numbers; the table is empty then."
    )


CIRCUIT_ID = re.compile(r"^(?P<dataset>[a-z0-9][a-z0-9-]*)(?:/(?P<circuit>[a-z0-9][a-z0-9-]*))?$")

JSON_SCHEMAS: dict[str, type[Record]] = {
    "dataset-manifest": DatasetManifest,
    "provenance": Provenance,
    "analysis": AnalysisRecord,
    "species": Species,
}
