"""Pathways: complete and in our terms, whatever a reader gives; impossible figures are told."""

import json

import numpy as np
import pandas as pd
import pandera.errors
import pytest

from ingest.harmonize import harmonise
from ingest.pathways import PATHWAYS, harmonise_pathways
from ingest.readers import RawTables, SourceFiles, pathways_alone
from ingest.readers.binzegger_json import read_binzegger
from ingest.readers.netpyne_pathways import CURVE, DISTANCES, read_netpyne_pathways
from ingest.validate import check_rows, check_tables
from schemas.errors import InputError
from schemas.tables import PATHWAY_FIELDS, arrow_schema
from tests.circuits_made import manifest

ROW = {"pre_type": "a", "post_type": "b", "probability": 0.25, "doi": "10.1/x"}
ALONE = {"circuits": [], "expected": {"neurons": 0, "connections": 0, "pathways": 1}}


def made(**changes: object):
    return harmonise_pathways(pd.DataFrame([ROW | changes]))


def test_what_a_source_lacks_is_null():
    table, unmapped = made()
    assert list(table) == list(PATHWAY_FIELDS)
    assert unmapped == {}
    (row,) = PATHWAYS.validate(table).to_dict("records")
    given = {name for name, value in row.items() if not (value is None or pd.isna(value))}
    assert given == set(ROW)
    assert arrow_schema("pathways", table).names == list(PATHWAY_FIELDS)


def test_terms_are_those_of_the_vocabularies():
    table, unmapped = made(pre_class="basket", post_class="ufo", pre_layer="L4", post_layer="L9")
    assert table.loc[0, ["pre_class", "pre_layer"]].tolist() == ["basket", "L4"]
    assert table.loc[0, ["post_class", "post_layer"]].isna().all()
    assert unmapped == {"post_class": {"ufo": 1}, "post_layer": {"L9": 1}}


def test_rows_are_sorted_and_lists_kept():
    rows = [
        ROW | {"pre_type": "z", "distance_um": [10, 20.0], "probability_at": [0.5, 0]},
        ROW | {"distance_um": None, "probability_at": None},
    ]
    table, _ = harmonise_pathways(pd.DataFrame(rows))
    assert table["pre_type"].tolist() == ["a", "z"]
    assert table["distance_um"].tolist() == [None, [10.0, 20.0]]
    assert table["probability_at"].tolist() == [None, [0.5, 0.0]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"probability": 1.01},
        {"probability": -0.01},
        {"found": 5, "tested": 4},
        {"found": 5},
        {"found": -1, "tested": 4},
        {"pre_cells": -3},
        {"synapses": -1.0},
        {"synapses": np.inf},
        {"connections": -1.0},
        {"pre_type": None},
        {"probability": None},
        {"distance_um": [10.0, 10.0], "probability_at": [0.1, 0.1]},
        {"distance_um": [-1.0, 10.0], "probability_at": [0.1, 0.1]},
        {"distance_um": [10.0, 20.0], "probability_at": [0.1]},
        {"distance_um": [10.0], "probability_at": None},
        {"distance_um": [10.0], "probability_at": [1.5]},
        {"distance_um": [10.0], "probability_at": [np.nan]},
        {"distance_um": [], "probability_at": []},
    ],
    ids=str,
)
def test_impossible_figures_are_refused(wrong):
    with pytest.raises(pandera.errors.SchemaErrors):
        PATHWAYS.validate(made(**wrong)[0], lazy=True)


@pytest.mark.parametrize(
    "sound",
    [
        {"found": 0, "tested": 4},
        {"tested": 94},  # a percentage and its sample size
        {"probability": None, "synapses_per_cell": 0.0},
        {"distance_um": [0.0, 20.0], "probability_at": [1.0, 0.0]},
    ],
    ids=str,
)
def test_sound_figures_pass(sound):
    assert len(PATHWAYS.validate(made(**sound)[0], lazy=True)) == 1


def test_a_dataset_of_pathways_alone_passes_the_job():
    raw, about = pathways_alone(pd.DataFrame([ROW]), "made.csv"), manifest(**ALONE)
    check_rows(raw, about)
    tables = harmonise(raw, about).tables
    check_tables(tables, about)
    assert (len(tables.neurons), len(tables.connections), len(tables.pathways)) == (0, 0, 1)


def test_pathways_that_are_wrong_are_told_by_the_job():
    raw = pathways_alone(pd.DataFrame([ROW | {"probability": 2.0}]), "made.csv")
    tables = harmonise(raw, manifest(**ALONE)).tables
    with pytest.raises(InputError, match="made pathways"):
        check_tables(tables, manifest(**ALONE))


def test_another_number_of_pathways_is_told():
    raw = pathways_alone(pd.DataFrame([ROW, ROW | {"pre_type": "c"}]), "made.csv")
    tables = harmonise(raw, manifest(**ALONE)).tables
    with pytest.raises(InputError, match=r"2 pathways.*1 pathways \(golden counts\)"):
        check_tables(tables, manifest(**ALONE))


def test_a_circuit_still_needs_connections():
    raw = pathways_alone(pd.DataFrame([ROW]), "made.csv")
    with pytest.raises(InputError, match="it is empty"):
        check_rows(raw, manifest())
    empty = RawTables(raw.neurons, raw.connections, connections_file="made.csv")
    with pytest.raises(InputError, match="it is empty"):
        check_rows(empty, manifest(**ALONE))


def test_a_manifest_holds_circuits_or_pathways():
    with pytest.raises(ValueError, match="number of pathways"):
        manifest(circuits=[])
    with pytest.raises(ValueError, match="number of pathways"):
        manifest(circuits=[], expected={"neurons": 5, "connections": 5})


NAMES = ("L4_SS", "L23_NGC-DA")
CELLS = "L4_SS_x L4_SS x 30 40\nL4_SS_y L4_SS y 10 40\nL23_NGC-DA_x L23_NGC-DA x 7 7\n"
HEADER = ("pre", "post", "pmat", "connNumber", "synperconnNumber", "synperconnNumberStd", *CURVE)


def netpyne(rows=None, cells=CELLS):
    full = [(a, b, *("",) * 4, *("",) * 16) for a in NAMES for b in NAMES]
    full = [(a, b, "", "0.0", *rest[2:]) for a, b, *rest in full]
    full[0] = ("L4_SS", "L4_SS", "0.02", "31.5", "3.0", "1.1", *["0.1"] * 15, "0")
    lines = [",".join(HEADER)] + [",".join(row) for row in (full if rows is None else rows(full))]
    files = SourceFiles({"p.csv": "\n".join(lines).encode() + b"\n", "c.txt": cells.encode()})
    return read_netpyne_pathways(files, {"pathways": "p.csv", "cells": "c.txt"})


def test_netpyne_types_layers_and_distances():
    raw = netpyne()
    table, unmapped = harmonise_pathways(raw.pathways)
    assert unmapped == {}
    row = table.set_index(["pre_type", "post_type"]).loc["L4_SS", "L4_SS"]
    assert row[["pre_class", "pre_layer", "pre_cells"]].tolist() == ["spiny-stellate", "L4", 40]
    assert row[["probability", "connections", "synapses", "synapses_sd"]].tolist() == [
        0.02, 31.5, 3.0, 1.1,
    ]  # fmt: skip
    assert row["distance_um"] == list(DISTANCES)
    assert row["probability_at"] == [0.1] * 15 + [0.0]
    assert DISTANCES[:3] == (12.5, 25.0, 50.0)
    assert DISTANCES[-1] == 375.0
    none = table.set_index(["pre_type", "post_type"]).loc["L23_NGC-DA", "L4_SS"]
    assert none["probability"] == 0  # not connected, which is known
    assert none["distance_um"] is None
    assert none[["pre_class", "pre_layer"]].tolist() == ["neurogliaform", "L2/3"]


@pytest.mark.parametrize(
    ("rows", "cells", "match"),
    [
        (lambda r: r[:-1], CELLS, "every ordered pair"),
        (lambda r: [*r, r[0]], CELLS, "every ordered pair"),
        (None, CELLS.replace("L23_NGC-DA", "L1_HAC"), "one of the two files only"),
        (None, CELLS.replace("30 40", "29 40"), "add up to 39"),
        (None, CELLS.replace("10 40", "10 41"), "one number of cells"),
        (None, CELLS + "L4_SS\n", "three names and two numbers"),
        (None, "", "a line for every type|one of the two"),
    ],
)
def test_netpyne_tables_that_do_not_fit_are_refused(rows, cells, match):
    with pytest.raises(InputError, match=match):
        netpyne(rows, cells)


def binzegger(**of_p4: float):
    shares = {"p4": 60.0, "b23": 39.9, "TCs": 0.1} | of_p4
    number = "number of synapses per neuron"
    layers = {
        "4": {number: 1000.0, **shares},
        "1": {number: 500.0, "p4": 0.0, "b23": 0.0, "TCs": 100.0},
    }
    content = json.dumps({"data": {"p4": {"occurrence": 9.2, "syn_dict": layers}}}).encode()
    return read_binzegger(SourceFiles({"t.json": content}), {"table": "t.json"})


def test_binzegger_sums_the_layers():
    table, unmapped = harmonise_pathways(binzegger().pathways)
    assert unmapped == {}
    onto = table.set_index("pre_type")
    assert onto["synapses_per_cell"].to_dict() == {"TCs": 501.0, "b23": 399.0, "p4": 600.0}
    assert onto["pre_layer"].to_dict() == {"TCs": None, "b23": "L2/3", "p4": "L4"}
    assert onto["pre_class"].to_dict() == {"TCs": "excitatory", "b23": "basket", "p4": "pyramidal"}
    assert onto.loc["TCs", "note"] == "synapses on dendrites: 1 in L4, 500 in L1"


def test_binzegger_shares_have_to_add_up():
    with pytest.raises(InputError, match=r"add up to 110"):
        binzegger(p4=70.0)
