"""Allen Synaptic Physiology database (SQLite): pairs of cells that were tested by paired recording.

Tables that are read, by the schema in the source code of the release (AllenInstitute/aisynphys):
`slice` (species), `experiment` (cells patched together), `cell`, `pair` (ordered pairs, with or
without a synapse) and `synapse`; `cortical_cell_location`, where it is there.

A row of `pair` is no test by itself. As in the analysis of the release, a pair counts as tested if
its presynaptic cell fired more than ten spikes under conditions in which a synapse of its kind
could be seen: `n_ex_test_spikes` of an excitatory cell, `n_in_test_spikes` of an inhibitory one,
both of a cell of unknown kind. The kind is `cell_class_nonsynaptic`: the other class of a cell
makes use of the synapses that were found, and would bias probabilities of connection.

Written after the published schema, not yet tried on the published file. DOI:
10.1126/science.abj5861.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, register
from ingest.report import Report
from ingest.sqlite import flag_cells, integers, numbers, opened, select, texts
from schemas.errors import InputError, Problem
from schemas.records import Evidence, ObservationFrame

EXPECTED = "a synaptic physiology database with slice, experiment, cell, pair and synapse"
TABLES = frozenset({"slice", "experiment", "cell", "pair", "synapse"})
LOCATION = "cortical_cell_location"
COLUMNS = {
    "slice": {"id": True, "species": True},
    "experiment": {"id": True, "ext_id": True, "slice_id": True, "target_region": False},
    "cell": {
        "id": True, "experiment_id": True, "ext_id": True, "cell_class_nonsynaptic": True,
        "cell_class": False, "cre_type": False, "target_layer": False, "position": False,
        "depth": False,
    },
    "pair": {
        "id": True, "pre_cell_id": True, "post_cell_id": True, "has_synapse": True,
        "n_ex_test_spikes": True, "n_in_test_spikes": True, "distance": False,
        "lateral_distance": False, "vertical_distance": False,
    },
    "synapse": {"id": True, "pair_id": True},
    LOCATION: {"id": True, "cell_id": True, "cortical_layer": False},
}  # fmt: skip
MORE_SPIKES_THAN = 10
"""Test spikes behind a pair that counts as tested, as in the analysis of the release."""
CLASSES = {"ex": "excitatory", "in": "inhibitory"}
AREAS = {"visp": "v1", "tcx": "temporal"}
NO_TYPE = ("", "unknown", "none")
SPIKES = ("n_ex_test_spikes", "n_in_test_spikes")
DISTANCES = ("distance", "lateral_distance", "vertical_distance")
UM_PER_M = 1e6
BoolArray = npt.NDArray[np.bool_]


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for a database with these tables; which species is meant, the user says."""
    return {"species": "mouse"} if probe.sqlite_tables >= TABLES else None


@register(
    "synphys",
    recognise=recognise,
    what="synaptic physiology database, pairs that were tested",
    evidence=Evidence.PAIRED_RECORDING,
)
def read_synphys(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the pairs of one species.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the database; `species`: mouse or human; `more_spikes_than`,
        optional (int): test spikes beyond which a pair counts as tested, default 10.

    Returns
    -------
    RawTables
        Neurons are the cells of tested pairs: `neuron_id` is their `id` in the database,
        `instance` experiment/cell, `module` the experiment, `type` the cre driver, soma in µm
        in coordinates of the experiment. A connection is a tested pair with a synapse, weight 1,
        with its test spikes and distances of the somata in µm.

    Raises
    ------
    InputError
        If it is no such database, rows refer to others that are not there, a cell is of another
        type, or there is no tested pair of the species.
    """
    name, species = str(options["connections"]), str(options["species"])
    with opened(files, name, EXPECTED) as database:
        stored = {table: select(database, name, table, COLUMNS[table]) for table in sorted(TABLES)}
        there = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (LOCATION,))
        if there.fetchone() is not None:
            stored[LOCATION] = select(database, name, LOCATION, COLUMNS[LOCATION])
    report = Report()
    cells = _cells(stored, name, report)
    pairs = _pairs(stored, cells, name, report)
    report.settle()
    of_species = cells["species"].eq(species)
    pairs = pairs[pairs["pre"].isin(cells.index[of_species])]
    known = pairs["has_synapse"].notna().to_numpy()
    least = int(options.get("more_spikes_than", MORE_SPIKES_THAN))
    probed = _probed(pairs, cells, least)
    tested = pairs[known & probed]
    if not len(tested):
        raise InputError([_nothing(name, species, cells)])
    ends = tested[["pre", "post"]].astype("int64").reset_index(drop=True)
    found = tested["has_synapse"].eq(1).to_numpy(dtype=bool)
    connections = ends.assign(weight=np.int64(1))
    for column in SPIKES:
        connections[column] = tested[column].to_numpy(float)
    for column in DISTANCES:
        connections[f"{column}_um"] = tested[column].to_numpy(float) * UM_PER_M
    neurons = cells.loc[np.unique(ends.to_numpy())].drop(columns="species")
    return RawTables(
        neurons=neurons.reset_index(),
        connections=connections[found].reset_index(drop=True),
        connections_file=name,
        neurons_file=name,
        weight="binary",
        tested=ends,
        frame=ObservationFrame(kind="pairs"),
        caveats=_caveats(pairs, known, probed, least, cells["species"], species),
    )


def _cells(stored: Mapping[str, pd.DataFrame], file: str, report: Report) -> pd.DataFrame:
    """Cells by their id, with what their experiment and slice tell."""
    at = f"{file}:cell"
    slices, experiments, given = stored["slice"], stored["experiment"], stored["cell"]
    for table in ("slice", "experiment", "cell"):
        _check_keys(stored[table], f"{file}:{table}", report)
    _check_reference(experiments, "slice_id", slices, f"{file}:experiment", report)
    _check_reference(given, "experiment_id", experiments, at, report)
    position = _positions(given, at, report)
    depth = numbers(given, "depth", report, at) * UM_PER_M
    word = {
        column: texts(given, column, report, at)
        for column in (
            "ext_id", "cell_class", "cell_class_nonsynaptic", "cre_type", "target_layer",
        )
    }  # fmt: skip
    species = texts(slices, "species", report, f"{file}:slice")
    called = texts(experiments, "ext_id", report, f"{file}:experiment")
    region = texts(experiments, "target_region", report, f"{file}:experiment")
    layer = word["target_layer"]
    if LOCATION in stored:
        layer = _measured_layer(stored[LOCATION], given, file, report).fillna(layer)
    report.settle()
    by_slice = pd.Series(species.str.lower().to_numpy(), index=slices["id"])
    experiment = given["experiment_id"].to_numpy()
    places = pd.Index(experiments["id"]).get_indexer(pd.Index(experiment))
    module = called.fillna(experiments["id"].astype(str)).to_numpy()[places]
    areas = region.str.lower().map(AREAS).fillna(region).to_numpy()[places]
    kind = word["cell_class_nonsynaptic"].map(CLASSES)
    made = pd.DataFrame(
        {
            "neuron_id": given["id"].astype("int64"),
            "type": word["cre_type"].mask(word["cre_type"].str.lower().isin(NO_TYPE), None),
            "instance": module + "/" + word["ext_id"].fillna(given["id"].astype(str)),
            "cell_class": kind,
            "polarity": kind.fillna("unknown"),
            "layer": layer,
            "area": areas,
            "module": module,
            **{f"soma_{axis}": position[:, k] for k, axis in enumerate("xyz")},
            "target_layer": word["target_layer"],
            "cell_class_synaptic": word["cell_class"],
            "depth_in_slice_um": depth,
            "species": by_slice.reindex(experiments["slice_id"]).to_numpy()[places],
        }
    )
    return made.set_index("neuron_id")


def _pairs(
    stored: Mapping[str, pd.DataFrame], cells: pd.DataFrame, file: str, report: Report
) -> pd.DataFrame:
    at, given = f"{file}:pair", stored["pair"]
    _check_keys(given, at, report)
    known = stored["cell"]
    for end in ("pre_cell_id", "post_cell_id"):
        _check_reference(given, end, known, at, report)
    result = integers(given, "has_synapse", report, at)
    flag_cells(~result.isin([0, 1]) & result.notna(), given, "has_synapse", report, at, "0 or 1")
    made = pd.DataFrame({"pre": given["pre_cell_id"], "post": given["post_cell_id"]}, dtype=object)
    made["has_synapse"] = result
    for column in SPIKES:
        made[column] = integers(given, column, report, at).fillna(0)
    for column in DISTANCES:
        made[column] = numbers(given, column, report, at)
    made["stated"] = given["id"].isin(stored["synapse"]["pair_id"])
    report.settle()
    itself = made["pre"].eq(made["post"])
    flag_cells(itself, given, "post_cell_id", report, at, "two different cells")
    twice = made.duplicated(["pre", "post"], keep=False)
    flag_cells(twice, given, "post_cell_id", report, at, "one row for an ordered pair")
    return made


def _probed(pairs: pd.DataFrame, cells: pd.DataFrame, least: int) -> BoolArray:
    """Whether a synapse of the presynaptic cell's kind could have been seen."""
    kind = cells["cell_class"].reindex(pairs["pre"]).to_numpy(object)
    excited = pairs["n_ex_test_spikes"].to_numpy(float) > least
    inhibited = pairs["n_in_test_spikes"].to_numpy(float) > least
    probed: BoolArray = np.select(
        [kind == "excitatory", kind == "inhibitory"], [excited, inhibited], excited & inhibited
    )
    return probed


def _positions(given: pd.DataFrame, at: str, report: Report) -> npt.NDArray[np.float64]:
    """Positions in µm, of JSON lists of two or three numbers in m; NaN where there is none."""
    found = np.full((len(given), 3), np.nan)
    bad = np.zeros(len(given), np.bool_)
    for row, cell in enumerate(given["position"]):
        if cell is None:
            continue
        try:
            point = json.loads(cell)
        except (TypeError, ValueError, RecursionError):
            point = "no JSON"
        if point is None:
            continue
        is_point = isinstance(point, list) and len(point) in (2, 3)
        if not is_point or not all(type(one) in (int, float) for one in point):
            bad[row] = True
            continue
        found[row, : len(point)] = np.array(point, float) * UM_PER_M
        bad[row] = not np.isfinite(found[row, : len(point)]).all()
    flag_cells(bad, given, "position", report, at, "a JSON list of coordinates in m, or nothing")
    return found


def _measured_layer(
    location: pd.DataFrame, cells: pd.DataFrame, file: str, report: Report
) -> pd.Series[Any]:
    layer = texts(location, "cortical_layer", report, f"{file}:{LOCATION}")
    known = pd.Series(layer.to_numpy(), index=location["cell_id"]).dropna()
    known = known[~known.index.duplicated()]
    return pd.Series(known.reindex(cells["id"]).to_numpy(), index=cells.index, dtype=object)


def _check_keys(table: pd.DataFrame, at: str, report: Report) -> None:
    ids = table["id"]
    bad = ~ids.map(lambda one: type(one) is int).astype(bool) | ids.duplicated()
    flag_cells(bad, table, "id", report, at, "a different integer in every row")
    report.settle()


def _check_reference(
    table: pd.DataFrame, column: str, other: pd.DataFrame, at: str, report: Report
) -> None:
    bad = ~table[column].isin(other["id"])
    flag_cells(bad, table, column, report, at, "the id of a row that is there")
    report.settle()


def _nothing(file: str, species: str, cells: pd.DataFrame) -> Problem:
    there = ", ".join(sorted(cells["species"].dropna().unique())) or "none"
    return Problem(
        file=file,
        what=f"it holds no tested pair of {species}; its slices are of: {there}",
        expected="pairs that were tested",
        remedy="name the species with --species, or as `species` under the reader's options",
    )


def _caveats(
    pairs: pd.DataFrame,
    known: BoolArray,
    probed: BoolArray,
    least: int,
    species: pd.Series[Any],
    wanted: str,
) -> tuple[str, ...]:
    """Say what of the database is not in the tables."""
    said = []
    weak = int((known & ~probed).sum())
    if weak:
        said.append(
            f"{weak:,} pairs with {least} or fewer test spikes of the kind needed are not counted "
            "as tested."
        )
    if unknown := int((~known).sum()):
        said.append(f"{unknown:,} pairs without a result are not counted as tested.")
    if odd := int((pairs["stated"] & pairs["has_synapse"].ne(1).fillna(True)).sum()):
        said.append(f"{odd:,} pairs have a row of `synapse` and no `has_synapse`: not connected.")
    others = species[species.ne(wanted)].dropna()
    for other, count in others.value_counts().sort_index().items():
        said.append(
            f"{count:,} cells of {other} are in the database too (ingest --species {other})."
        )
    return tuple(said)
