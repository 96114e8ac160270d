"""Files of one's own on their way into the lake; the graph is elsewhere (tests/integration)."""

import pytest

from isocortex import importing
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.errors import UsageError
from schemas.records import Evidence
from tests.contract.ingest.written import WRITERS


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
