"""Files of one's own on their way into the lake; the graph is elsewhere (tests/integration)."""

from isocortex import importing
from isocortex.settings import Settings
from isocortex.workspace import Workspace
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
