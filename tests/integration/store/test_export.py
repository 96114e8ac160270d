"""Exported files: neo4j-admin takes them as they are, and our reader reads them back."""

import os
import subprocess

import pandas as pd
import pytest

from schemas.errors import UsageError
from store.bulk import export
from store.local import LocalServer
from store.verify import verify
from tests.circuits_made import publish, random_tables
from tests.integration.store.conftest import connect
from tests.integration.store.test_projection import fill

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("store")]


def admin(server, folder):
    """A `neo4j-admin` on the PATH of a shell, made of the jars of the local server."""
    installation = server.installation
    script = folder / "neo4j-admin"
    command = " ".join(f"'{part}'" for part in [*installation._java(), *installation._class_path()])
    script.write_text(
        f'#!/bin/sh\nexec {command} org.neo4j.server.startup.Neo4jAdminCommand "$@"\n'
    )
    script.chmod(0o755)
    return script


def test_script_imports_the_same_graph(lake, lent, tmp_path):
    fill(lake)
    lent(tmp_path / "home")
    server = LocalServer(tmp_path / "home" / "server")
    server.ensure()
    server.stop()
    folder = tmp_path / "ex port" / "files"
    names = export(lake, lake.datasets(), folder)
    assert "import.sh" in names
    assert {p.name for p in folder.iterdir()} == set(names)
    assert [p.name for p in folder.parent.iterdir()] == ["files"]
    environment = os.environ | server.installation._environment()
    environment["NEO4J_ADMIN"] = str(admin(server, tmp_path))

    def run(*arguments: str):
        return subprocess.run(
            ["sh", str(folder / "import.sh"), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    refused = run()
    assert refused.returncode != 0
    assert "--overwrite-destination" in refused.stdout + refused.stderr
    done = run("neo4j", "--overwrite-destination=true")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    server.ensure()
    try:
        graph = connect(server)
        graph.prepare()
        found = {check.dataset: (check.state, check.problems) for check in verify(graph, lake)}
        assert found == {name: ("same", []) for name in lake.datasets()}
        graph.close()
    finally:
        server.stop()


def test_headers_are_those_of_neuprint(lake, tmp_path):
    publish(lake, random_tables(n=30, m=200))
    export(lake, ["made"], tmp_path / "files")
    neurons = pd.read_csv(tmp_path / "files" / "neurons-made.csv")
    connections = pd.read_csv(tmp_path / "files" / "ConnectsTo-made.csv")
    assert {":ID", "bodyId:long", "type:string", "instance:string", ":LABEL"} - {
        *neurons.columns
    } <= {"instance:string"}
    assert list(connections.columns) == [":START_ID", "weight:long", ":END_ID"]
    tables = lake.tables("made")
    assert connections["weight:long"].sum() == tables.connections["weight"].sum()
    assert set(neurons["bodyId:long"]) == set(tables.neurons["neuron_id"])


def test_folder_in_use_and_unknown_dataset_are_refused(lake, tmp_path):
    publish(lake, random_tables(n=30, m=200))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        export(lake, ["made"], tmp_path / "full")
    with pytest.raises(UsageError, match="not in the lake: nothing"):
        export(lake, ["made", "nothing"], tmp_path / "new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["full", "lake"]
