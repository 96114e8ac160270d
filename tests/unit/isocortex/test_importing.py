"""Files of one's own on their way into the lake; the graph is elsewhere (tests/integration)."""

import pytest

from isocortex import importing
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.errors import InputError, UsageError
from schemas.records import Evidence
from tests.circuits_made import publish, random_tables
from tests.contract.ingest.written import WRITERS
from tests.unit.ingest.test_archives import EDGES, zipped


def test_what_a_format_leaves_out_is_kept_said_and_no_change(tmp_path, monkeypatch, capsys):
    """A caveat comes from the file: reading the same file again makes no new version."""
    from isocortex.show_ingest import understood

    monkeypatch.setattr(importing, "_project", lambda *_: None)
    path, _ = WRITERS["neuroml-xml"][1](tmp_path)
    workspace = Workspace(Settings.from_environment({"ISOCORTEX_HOME": str(tmp_path / "home")}))
    given = importing.Given(None, "model", "mouse", Evidence.MODEL, "drop")
    first = importing.ingest_file(workspace, path, given, tell=understood)
    assert first.state == "new"
    (caveat,) = workspace.lake.manifest("model", first.version).caveats
    assert "gap junctions" in caveat
    assert caveat in capsys.readouterr().err
    told = []
    again = importing.ingest_file(workspace, path, given, tell=lambda *_: told.append(1))
    assert told == []  # it was not read
    assert (again.state, again.version) == ("unchanged", first.version)


def workspace_of(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "_project", lambda *_: None)
    return Workspace(Settings.from_environment({"ISOCORTEX_HOME": str(tmp_path / "home")}))


def test_a_member_of_an_archive_is_kept_by_its_archive(tmp_path, monkeypatch):
    workspace = workspace_of(tmp_path, monkeypatch)
    path = zipped(tmp_path / "data.zip", {"a.csv": EDGES, "b.csv": EDGES + b"5,6,1\n"})
    given = importing.Given(None, "mine", "mouse", Evidence.MODEL, "drop", "b.csv")
    first = importing.ingest_file(workspace, path, given)
    assert workspace.lake.counts("mine", first.version).connections == 3
    kept = workspace.lake.manifest("mine", first.version).source
    assert (kept.paths, kept.members) == ([str(path)], ["b.csv"])
    assert importing.ingest_file(workspace, path, given).state == "unchanged"
    other = importing.Given(None, "mine", "mouse", Evidence.MODEL, "drop", "a.csv")
    second = importing.ingest_file(workspace, path, other)
    assert second.state == "new"
    assert workspace.lake.counts("mine", second.version).connections == 2


def test_the_manifest_of_a_member_is_ingested_as_it_is(tmp_path, monkeypatch):
    workspace = workspace_of(tmp_path, monkeypatch)
    path = zipped(tmp_path / "data.zip", {"d/edges.csv": EDGES})
    given = importing.Given(None, "mine", "mouse", Evidence.MODEL)
    written = importing.write_manifest(path, given, tmp_path)
    text = written.read_text()
    assert 'paths = ["data.zip"]' in text
    assert 'members = ["d/edges.csv"]' in text
    outcome = importing.ingest_manifest(workspace, written)
    assert workspace.lake.counts("mine", outcome.version).connections == 2
    assert importing.ingest_manifest(workspace, written).state == "unchanged"


def test_of_a_database_each_species_is_a_dataset(tmp_path, monkeypatch):
    workspace = workspace_of(tmp_path, monkeypatch)
    path, _ = WRITERS["synphys"][1](tmp_path)
    for species, tested in (("mouse", 5), ("human", 2)):
        given = importing.Given(None, f"{species}-pairs", species)
        outcome = importing.ingest_file(workspace, path, given)
        manifest = workspace.lake.manifest(outcome.dataset, outcome.version)
        assert manifest.individual.species == species
        observed = workspace.circuit(outcome.dataset).frame
        assert observed.pairs == tested


def test_a_bad_archive_changes_nothing(tmp_path, monkeypatch):
    workspace = workspace_of(tmp_path, monkeypatch)
    path = zipped(tmp_path / "data.zip", {"a.csv": EDGES})
    given = importing.Given(None, "mine", "mouse", Evidence.MODEL)
    first = importing.ingest_file(workspace, path, given)
    zipped(path, {"../a.csv": EDGES})
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "home").rglob("*")}
    with pytest.raises(InputError, match="would lie outside"):
        importing.ingest_file(workspace, path, given)
    assert workspace.lake.latest("mine") == first.version
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "home").rglob("*")} == before


def test_an_earlier_version_can_be_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "_project", lambda *_: None)
    workspace = Workspace(Settings.from_environment({"ISOCORTEX_HOME": str(tmp_path / "home")}))
    given = importing.Given(name="mine", evidence=Evidence.EM_DENSE)
    path = tmp_path / "edges.csv"
    versions = []
    for rows in ("1,2\n", "1,2\n2,1\n"):
        path.write_text("pre,post\n" + rows)
        versions.append(importing.ingest_file(workspace, path, given).version)
    for name, edges in (("mine", 2), (f"mine@{versions[0]}", 1), (f"mine/all@{versions[1]}", 2)):
        circuit = workspace.circuit(name)
        assert circuit.name == "mine/all"
        assert circuit.indices.size == edges
    assert workspace.circuit(f"mine@{versions[0]}").attributes["version"] == versions[0]
    with pytest.raises(UsageError, match="has no version") as caught:
        workspace.circuit("mine@../x")
    assert versions[0] in caught.value.remedy
    with pytest.raises(UsageError, match="no circuit"):
        workspace.circuit("yours@1")


def test_the_licence_of_catalog_data_is_said(tmp_path, monkeypatch, capsys):
    from isocortex.pipeline import DatasetOutcome
    from isocortex.show_ingest import ingested

    workspace = workspace_of(tmp_path, monkeypatch)
    for name in ("fly-escape-flywire", "mine"):
        version = publish(workspace.lake, random_tables(), name=name, licence="CC BY-NC 4.0 [data]")
        ingested(workspace, DatasetOutcome(name, "new", version))
        said = capsys.readouterr()
        assert said.err == ("licence: CC BY-NC 4.0 [data]\n" if name != "mine" else "")
        assert said.out.startswith(f"{name}@{version}: 30 neurons, 200 connections (new)")
