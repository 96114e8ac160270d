"""Provenance that leaves the house: citations, data packages, crates."""

import json

import pandas as pd
import pytest
from pybtex.database import parse_string
from rocrate.rocrate import ROCrate

from isocortex import citing
from isocortex.packages import write_datapackage, write_rocrate
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.errors import UsageError
from schemas.tables import COLUMN_MEANINGS, TABLE_FIELDS, CircuitTables
from tests.circuits_made import connections, neurons, publish, random_tables

WORKS = {
    "citation": {
        "text": "Some & Body 2020 J. Cells 3:4",
        "doi": "10.1/a_b",
        "authors": ["Some", "Body"],
        "year": 2020,
        "journal": "J. Cells",
        "volume": "3",
        "pages": "4",
    },
    "references": [
        {"text": "The Large Consortium 2021", "authors": ["Large Consortium"], "year": 2021},
        {"text": "Some & Body 2020 again", "doi": "10.1/c", "authors": ["Some"], "year": 2020},
    ],
}


@pytest.fixture
def workspace(tmp_path):
    found = Workspace(Settings.from_environment({"ISOCORTEX_HOME": str(tmp_path / "home")}))
    publish(found.lake, random_tables(), **WORKS)
    return found


def test_bibtex_reads_back(workspace):
    published = citing.cited(workspace, ["made", "mouse-barrel-c2", "rat-barrel"])
    entries = parse_string(citing.bibtex(published), "bibtex").entries
    assert {"some2020", "some2020b", "largeconsortium2021", "isocortex"} <= set(entries)
    first = entries["some2020"]
    assert first.type == "article"
    assert [str(person) for person in first.persons["author"]] == ["Some", "Body"]
    # an underscore is written as LaTeX has it
    assert {
        name: first.fields[name].replace("\\_", "_") for name in ("doi", "volume", "pages", "year")
    } == {
        "doi": "10.1/a_b",
        "volume": "3",
        "pages": "4",
        "year": "2020",
    }
    lefort = [entry for key, entry in entries.items() if key.startswith("lefort2009")]
    assert len(lefort) == 1, "a work behind two datasets stands once"
    assert entries["largeconsortium2021"].type == "misc"


def test_text_and_document(workspace):
    published = citing.cited(workspace, ["made", "made/all", "mouse-kasthuri"])
    assert [one.manifest.dataset for one in published] == ["made", "mouse-kasthuri"]
    text = citing.text(published)
    assert "Some & Body 2020 J. Cells 3:4, doi:10.1/a_b" in text
    assert "not ingested here" in text.split("mouse-kasthuri", 1)[1]
    made, catalog = citing.document(published)
    assert made["version"] == workspace.lake.latest("made")
    assert catalog["version"] is None
    assert [work["text"] for work in made["works"]][:2] == [
        WORKS["citation"]["text"],
        WORKS["references"][0]["text"],
    ]


def test_unknown_circuit_is_refused(workspace):
    with pytest.raises(UsageError, match="no circuit or file is called 'mad'"):
        citing.cited(workspace, ["made", "mad"])


def test_every_work_of_the_catalog_can_be_cited(workspace):
    from ingest.catalogue import catalog_manifests

    names = list(catalog_manifests())
    published = citing.cited(workspace, names)
    assert [one.manifest.dataset for one in published] == names
    works = {work.doi or work.text for one in published for work in one.works}
    assert len(parse_string(citing.bibtex(published), "bibtex").entries) == len(works) + 1


def test_datapackage_is_valid_and_loses_nothing(workspace, tmp_path):
    from frictionless import Package

    import isocortex as ic

    target = tmp_path / "out"
    assert write_datapackage(workspace, "made", target) == [
        "connections.csv",
        "datapackage.json",
        "neurons.csv",
    ]
    package = Package(str(target / "datapackage.json"))
    report = package.validate()
    assert report.valid, report.flatten(["type", "message"])
    described = json.loads((target / "datapackage.json").read_text())
    assert described["isocortex"]["circuit"] == "made/all"
    assert described["version"] == workspace.lake.latest("made")
    assert {source["path"] for source in described["sources"] if "path" in source} == {
        "https://doi.org/10.1/a_b",
        "https://doi.org/10.1/c",
    }
    edges, cells = workspace.lake.circuit_tables("made", "all", workspace.lake.latest("made"))[::-1]
    pd.testing.assert_frame_equal(pd.read_csv(target / "connections.csv"), edges, check_dtype=False)
    pd.testing.assert_frame_equal(
        pd.read_csv(target / "neurons.csv")[["neuron_id", "cell_class"]],
        cells[["neuron_id", "cell_class"]],
        check_dtype=False,
    )
    again = ic.circuit(target / "connections.csv")
    assert (
        ic.census(again).observed.tolist() == ic.census(workspace.circuit("made")).observed.tolist()
    )


def test_package_that_was_changed_is_found_out(workspace, tmp_path):
    from frictionless import Package

    target = tmp_path / "out"
    write_datapackage(workspace, "made", target)
    with (target / "connections.csv").open("a") as file:
        file.write("1,77,1\n")
    assert not Package(str(target / "datapackage.json")).validate().valid


def test_crate_opens_and_says_where_the_files_come_from(workspace, tmp_path):
    target = tmp_path / "crate"
    write_rocrate(workspace, "made/all", target)
    crate = ROCrate(target)
    assert crate.name == "All (Made made)"
    assert crate.root_dataset["version"] == workspace.lake.latest("made")
    tables = {entity["name"]: entity for entity in crate.data_entities}
    assert set(tables) == {"neurons", "connections"}
    from hashlib import sha256

    for entity in tables.values():
        content = (target / entity.id).read_bytes()
        assert entity["sha256"] == sha256(content).hexdigest()
    assert crate.root_dataset["about"]["name"] == "Mus musculus"
    action = crate.dereference("#ingest")
    assert {entity.id for entity in action["result"]} == {"neurons.csv", "connections.csv"}


def test_ids_beyond_the_floats_stay_exact(workspace, tmp_path):
    wide = 864691135000000001
    publish(
        workspace.lake,
        CircuitTables(neurons([wide, wide + 1]), connections([(wide, wide + 1, 3)])),
        name="wide",
    )
    write_datapackage(workspace, "wide", tmp_path / "out")
    assert (
        (tmp_path / "out" / "connections.csv")
        .read_text()
        .splitlines()[1]
        .startswith(f"{wide},{wide + 1}")
    )


@pytest.mark.parametrize("write", [write_datapackage, write_rocrate])
def test_a_folder_that_is_not_empty_is_left_alone(workspace, tmp_path, write):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        write(workspace, "made", tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["mine.txt"]


@pytest.mark.parametrize("write", [write_datapackage, write_rocrate])
def test_nothing_half_written_stays(workspace, tmp_path, write, monkeypatch):
    def fail(*_: object, **__: object):
        raise OSError("disk full")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(OSError, match="disk full"):
        write(workspace, "made", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_every_column_of_the_tables_has_a_meaning():
    for fields in (TABLE_FIELDS["neurons"], TABLE_FIELDS["connections"]):
        assert set(fields) <= set(COLUMN_MEANINGS)


def test_an_earlier_version_is_cited_and_written(workspace, tmp_path):
    first = workspace.lake.latest("made")
    before = len(workspace.lake.circuit_tables("made", "all", first)[1])
    publish(workspace.lake, random_tables(m=150, seed=5), **WORKS)
    second = workspace.lake.latest("made")
    cited = citing.cited(workspace, [f"made@{first}", "made", f"made/all@{second}"])
    assert [(one.version, one.circuits) for one in cited] == [
        (first, ["made/all"]),
        (second, ["made/all", "made/all"]),
    ]
    write_datapackage(workspace, f"made@{first}", tmp_path / "package")
    written = json.loads((tmp_path / "package" / "datapackage.json").read_text())
    assert written["version"] == first
    assert first != second
    assert len(pd.read_csv(tmp_path / "package" / "connections.csv")) == before
    with pytest.raises(UsageError, match="made has no version 'other'"):
        citing.cited(workspace, ["made@other"])
