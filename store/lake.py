"""The Parquet lake: every version of every dataset, the source of truth (DESIGN §3).

Layout: `<root>/datasets/<dataset>/<version>/{neurons,connections,…}.parquet, manifest.json,
provenance.json`, and `<root>/datasets/<dataset>/latest`, which names the current version. A version
is written beside the lake and moved into it, so it is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from schemas.errors import IsocortexError, UsageError
from schemas.records import (
    Condition,
    DatasetManifest,
    ExpectedCounts,
    Provenance,
    SourceFile,
)
from schemas.selection import all_kept, kept
from schemas.tables import CircuitTables, Observed, arrow_schema
from store.files import staged_folder, sync, write_text

_SORTED_BY = {
    "neurons": ["neuron_id"],
    "connections": ["pre", "post"],
    "synapses": ["synapse_id"],
    "pathways": ["pre_type", "post_type", "doi"],
    "tested": ["pre", "post"],
}
# Parts of a manifest that change what a dataset means; a retyped title or description does not.
_MEANING = (
    "dataset",
    "individual",
    "area",
    "layer",
    "evidence",
    "weight",
    "circuits",
    "projected",
    "frame",
)
_PROSE: Any = {
    "individual": {"note"},
    "frame": {"note"},
    "circuits": {"__all__": {"title", "caveat"}},
}
LOCK_SECONDS = 300.0


class LakeError(IsocortexError):
    """The lake cannot be written."""


class Lake:
    """The lake below one directory.

    Parameters
    ----------
    root : Path
        Directory of the lake; made on the first publication.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._datasets = root / "datasets"

    def datasets(self) -> list[str]:
        """Names of the published datasets, sorted."""
        return sorted(path.parent.name for path in self._datasets.glob("*/latest"))

    def latest(self, dataset: str) -> str | None:
        """Return the current version of `dataset`, None if it was never published."""
        try:
            return (self._datasets / dataset / "latest").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def versions(self, dataset: str) -> list[str]:
        """All versions of `dataset`, oldest first."""
        found = list((self._datasets / dataset).glob("*/provenance.json"))
        return [path.parent.name for path in sorted(found, key=lambda p: p.stat().st_mtime)]

    def version_of(self, manifest: DatasetManifest, tables: CircuitTables) -> str:
        """Version of these tables: 12 hexadecimal digits of a hash over their contents.

        The hash covers names, types and values of sorted rows and the parts of the manifest that
        give them meaning; it does not depend on how Parquet encodes them.
        """
        digest = hashlib.sha256()
        meaning = manifest.model_dump(mode="json", include=set(_MEANING), exclude=_PROSE)
        digest.update(json.dumps(meaning, sort_keys=True).encode())
        for name, table in _arrow_tables(tables).items():
            digest.update(name.encode())
            _digest_table(digest, table)
        return digest.hexdigest()[:12]

    def publish(
        self,
        manifest: DatasetManifest,
        tables: CircuitTables,
        *,
        sources: Sequence[SourceFile],
        reader: str,
        code_version: str,
        dropped_self_loops: int = 0,
        merged_parallel: int = 0,
        unmapped: dict[str, dict[str, int]] | None = None,
    ) -> Provenance:
        """Publish a version of a dataset and make it the current one.

        Publishing the same contents again keeps the files and refreshes manifest and provenance.

        Returns
        -------
        Provenance
            What made the version.

        Raises
        ------
        LakeError
            If it cannot be written; the lake shows what it showed before.
        """
        provenance = Provenance(
            dataset=manifest.dataset,
            version=self.version_of(manifest, tables),
            manifest_sha256=manifest.digest(),
            sources=list(sources),
            reader=reader,
            code_version=code_version,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            dropped_self_loops=dropped_self_loops,
            merged_parallel=merged_parallel,
            unmapped=unmapped or {},
        )
        with self._publishing(manifest.dataset) as home:
            target = home / provenance.version
            arrow = _arrow_tables(tables)
            if _is_whole(target, arrow):
                _write_records(target, manifest, provenance)
            else:
                with staged_folder(self.root) as folder:
                    for name, table in arrow.items():
                        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
                    _write_records(folder, manifest, provenance)
                    sync(folder)
                    if target.exists():  # a part of it was lost
                        shutil.rmtree(target)
                    folder.rename(target)
                    sync(home)
            write_text(home / "latest", provenance.version + "\n")
        return provenance

    def manifest(self, dataset: str, version: str | None = None) -> DatasetManifest:
        """Return the manifest that a version was published with."""
        text = (self._folder(dataset, version) / "manifest.json").read_text(encoding="utf-8")
        return DatasetManifest.model_validate_json(text)

    def provenance(self, dataset: str, version: str | None = None) -> Provenance:
        """Return what made a version."""
        text = (self._folder(dataset, version) / "provenance.json").read_text(encoding="utf-8")
        return Provenance.model_validate_json(text)

    def path(self, dataset: str, table: str, version: str | None = None) -> Path:
        """Path of the Parquet file of a table."""
        return self._folder(dataset, version) / f"{table}.parquet"

    def tables(self, dataset: str, version: str | None = None) -> CircuitTables:
        """Read all tables of a version."""
        folder = self._folder(dataset, version)
        frames = {path.stem: _frame(pq.read_table(path)) for path in folder.glob("*.parquet")}
        return CircuitTables(**frames)

    def counts(self, dataset: str, version: str | None = None) -> ExpectedCounts:
        """Count neurons, connections and pathways of a version, without reading them."""
        names = ["neurons", "connections"]
        if self.path(dataset, "pathways", version).is_file():
            names.append("pathways")
        return ExpectedCounts(
            **{n: pq.read_metadata(self.path(dataset, n, version)).num_rows for n in names}
        )

    def circuit_tables(
        self, dataset: str, circuit: str, version: str | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the neurons of a circuit and the connections among them.

        Raises
        ------
        UsageError
            If the dataset has no such circuit.
        """
        manifest = self.manifest(dataset, version)
        try:
            cut = manifest.circuit(circuit)
        except KeyError as unknown:
            raise UsageError(str(unknown.args[0])) from None
        neurons = self._neurons(dataset, version, cut.where)
        connections = pq.read_table(self.path(dataset, "connections", version))
        if cut.where:
            connections = _among(connections, neurons["neuron_id"].combine_chunks())
        return _frame(neurons), _frame(connections)

    def circuit_observed(self, dataset: str, circuit: str, version: str | None = None) -> Observed:
        """Return which pairs of the neurons of a circuit were observable, in their order.

        Raises
        ------
        UsageError
            If the dataset has no such circuit, or its frame names a column that is not there.
        """
        manifest = self.manifest(dataset, version)
        frame = manifest.frame
        neurons = self._neurons(dataset, version, manifest.circuit(circuit).where)
        if frame.kind == "pairs":
            tested = pq.read_table(self.path(dataset, "tested", version))
            return Observed(
                tested=_frame(_among(tested, neurons["neuron_id"].combine_chunks())),
                truncated=frame.truncated,
            )

        def side(conditions: list[Condition]) -> npt.NDArray[np.bool_] | None:
            return all_kept(neurons, conditions, dataset) if conditions else None

        return Observed(
            side(frame.sources),
            side(frame.targets),
            truncated=frame.truncated or frame.kind == "block",
        )

    def projected_tables(
        self, dataset: str, version: str | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the neurons that go into the graph and the connections among them."""
        manifest = self.manifest(dataset, version)
        neurons = self._neurons(dataset, version, manifest.projected)
        connections = pq.read_table(self.path(dataset, "connections", version))
        if manifest.projected:
            connections = _among(connections, neurons["neuron_id"].combine_chunks())
        return _frame(neurons), _frame(connections)

    def pathways(self, dataset: str, version: str | None = None) -> pd.DataFrame | None:
        """Return the pathways of a version, None if it has none."""
        path = self.path(dataset, "pathways", version)
        return _frame(pq.read_table(path)) if path.is_file() else None

    def circuit_counts(
        self, dataset: str, circuit: str, version: str | None = None
    ) -> ExpectedCounts:
        """Count neurons and connections of a circuit; kept beside the version once counted."""
        version = version or self.latest(dataset) or ""
        cache = self._folder(dataset, version) / "circuits.json"
        known = json.loads(cache.read_text(encoding="utf-8")) if cache.is_file() else {}
        if circuit not in known:
            for cut in self.manifest(dataset, version).circuits:
                neurons, connections = self.circuit_tables(dataset, cut.name, version)
                known[cut.name] = {"neurons": len(neurons), "connections": len(connections)}
            with suppress(OSError):  # only a cache: a lake that is read may be read-only
                write_text(cache, json.dumps(known))
        return ExpectedCounts(**known[circuit])

    def projected_circuits(self, dataset: str, version: str | None = None) -> dict[str, int]:
        """Circuits whose neurons are all in the graph, with their numbers of neurons."""
        manifest = self.manifest(dataset, version)
        projected = self._neurons(dataset, version, manifest.projected)["neuron_id"]
        inside = projected.combine_chunks()
        found = {}
        for cut in manifest.circuits:
            own = self._neurons(dataset, version, cut.where)["neuron_id"]
            if len(own) and pc.all(pc.is_in(own, value_set=inside)).as_py():
                found[cut.name] = len(own)
        return found

    def _neurons(
        self, dataset: str, version: str | None, conditions: Iterable[Condition]
    ) -> pa.Table:
        neurons = pq.read_table(self.path(dataset, "neurons", version))
        for condition in conditions:
            neurons = neurons.filter(kept(neurons, condition, dataset))
        return neurons

    def _folder(self, dataset: str, version: str | None) -> Path:
        found = version or self.latest(dataset)
        if found is None:
            raise UsageError(
                f"{dataset} is not in the lake",
                remedy=f"isocortex ingest {dataset}",
            )
        folder = self._datasets / dataset / found
        if not (folder / "provenance.json").is_file():
            raise UsageError(
                f"{dataset} has no version {found}",
                remedy=f"it has {', '.join(self.versions(dataset)) or 'none'}",
            )
        return folder

    @contextmanager
    def _publishing(self, dataset: str) -> Iterator[Path]:
        """Yield the dataset's folder, for one publisher at a time."""
        home = self._datasets / dataset
        try:
            home.mkdir(parents=True, exist_ok=True)
            with FileLock(home / ".lock", timeout=LOCK_SECONDS):
                yield home
        except Timeout:
            raise LakeError(
                f"another process has been publishing {dataset} for {LOCK_SECONDS:.0f} s",
                remedy="let it finish, or end it",
            ) from None
        except (OSError, pa.ArrowException) as failure:
            raise LakeError(
                f"{dataset} cannot be written to the lake {self.root}: {failure}",
                remedy="free space there, or set ISOCORTEX_HOME to a directory you can write to; "
                "what was published before is unharmed",
            ) from failure


def _is_whole(folder: Path, tables: Mapping[str, pa.Table]) -> bool:
    names = [*(f"{name}.parquet" for name in tables), "manifest.json", "provenance.json"]
    return all((folder / name).is_file() for name in names)


def _arrow_tables(tables: CircuitTables) -> dict[str, pa.Table]:
    found = {}
    for name, order in _SORTED_BY.items():
        frame = getattr(tables, name)
        if frame is None:
            continue
        ordered = frame.sort_values(order, kind="stable", ignore_index=True)
        schema = arrow_schema(name, ordered)
        table = pa.Table.from_pandas(ordered[schema.names], schema=schema, preserve_index=False)
        found[name] = _plain_types(table.replace_schema_metadata(None))
    return found


def _plain_types(table: pa.Table) -> pa.Table:
    """Undo what depends on the version of pandas: large strings and dictionaries."""
    fields = []
    for field in table.schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        fields.append(field.with_type(pa.string() if pa.types.is_large_string(kind) else kind))
    return table.cast(pa.schema(fields))


def _digest_table(digest: Any, table: pa.Table) -> None:
    for field in table.schema:
        digest.update(f"{field.name}:{field.type}".encode())
        column = table.column(field.name).combine_chunks()
        digest.update(np.packbits(column.is_null().to_numpy(zero_copy_only=False)).tobytes())
        if pa.types.is_string(field.type):
            text = column.fill_null("")
            digest.update(pc.binary_length(text).to_numpy(zero_copy_only=False).tobytes())
            digest.update("".join(text.to_pylist()).encode())
        elif pa.types.is_boolean(field.type):
            digest.update(column.fill_null(False).to_numpy(zero_copy_only=False).tobytes())
        elif pa.types.is_integer(field.type) or pa.types.is_floating(field.type):
            digest.update(column.fill_null(0).to_numpy(zero_copy_only=False).tobytes())
        else:
            digest.update(json.dumps(column.to_pylist(), default=str).encode())


def _among(connections: pa.Table, members: pa.Array) -> pa.Table:
    inside = pc.and_(
        pc.is_in(connections["pre"], value_set=members),
        pc.is_in(connections["post"], value_set=members),
    )
    return connections.filter(inside)


def _frame(table: pa.Table) -> pd.DataFrame:
    """Convert to pandas; integers with gaps become nullable, since a float would round ids."""
    frame: pd.DataFrame = table.to_pandas()
    for name in table.column_names:
        column = table[name]
        if pa.types.is_integer(column.type) and column.null_count:
            frame[name] = column.to_pandas(types_mapper=_NULLABLE.get)
    return frame


_NULLABLE = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
    pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
}


def _write_records(folder: Path, manifest: DatasetManifest, provenance: Provenance) -> None:
    write_text(folder / "manifest.json", manifest.model_dump_json(indent=2))
    write_text(folder / "provenance.json", provenance.model_dump_json(indent=2))
