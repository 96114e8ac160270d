"""Bad input ends with one clear error, and lake and graph are what they were."""

import json
from dataclasses import replace

import pytest

from tests.unit.ingest.test_refused_by_the_command import outside

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("job")]

GOOD = "pre,post,weight\n1,2,3\n2,3,1\n"
BAD = {
    "unknown column": ("from_cell,to_cell\n1,2\n", "pre"),
    "fractional weight": ("pre,post,weight\n1,2,3\n2,3,1.5\n", "row 3, column 'weight'"),
    "negative weight": ("pre,post,weight\n1,2,-3\n", "row 2, column 'weight'"),
    "id beyond int64": ("pre,post\n1,9223372036854775808\n", "row 2, column 'post'"),
    "cut off": ("pre,post,weight\n1,2,3\n2,", "row 3"),
    "empty": ("", "is empty"),
    "wrong encoding": (GOOD.encode("utf-16"), "UTF-8"),
    "archive that leads outside": (outside(), "would lie outside"),
    "broken database": (b"SQLite format 3\0" + bytes(99), "SQLite database"),
}


def everything(command) -> tuple:
    """What the home holds: files of the lake by name and time, and the graph's counts."""
    lake = sorted(
        (str(path.relative_to(command.home)), path.stat().st_mtime_ns)
        for path in (command.home / "lake").rglob("*")
        if path.is_file() and path.suffix != ".lock" and path.name != ".lock"
    )
    graph = command.json("query", "MATCH (n) RETURN labels(n) AS l, count(*) AS k ORDER BY l")
    return lake, graph["rows"]


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_edge_list_changes_nothing(small, tmp_path, name):
    content, place = BAD[name]
    path = tmp_path / "edges.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = everything(small)
    refused = small("ingest", str(path), "--name", "bad", "--evidence", "simulated", check=False)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "edges.csv" in refused.stderr
    assert place in refused.stderr
    assert "→" in refused.stderr
    assert everything(small) == before


def test_bad_neuron_table_changes_nothing(small, tmp_path):
    edges, neurons = tmp_path / "edges.csv", tmp_path / "neurons.csv"
    edges.write_text(GOOD)
    neurons.write_text("neuron_id,type\n1,a\n1,b\n2,a\n")
    before = everything(small)
    refused = small(
        "ingest", str(edges), "--neurons", str(neurons), "--evidence", "simulated", check=False
    )
    assert refused.returncode == 2
    assert "neurons.csv, row 3, column 'neuron_id'" in refused.stderr
    assert "edges.csv, row 3, column 'post'" in refused.stderr
    assert everything(small) == before


@pytest.fixture
def altered_mirror(tmp_path):
    """A mirror whose files are not the catalog's."""
    folder = tmp_path / "mirror" / "microns_mm3"
    folder.mkdir(parents=True)
    for name in (
        "mouse_directed_connectome.csv",
        "mouse_extended_neuron_info.csv",
        "cell_info_1300.feather",
    ):
        (folder / name).write_text("pre,post\n1,2\n")
    return str(folder.parent)


def test_altered_mirror_is_refused(make_command, altered_mirror):
    """A file counts only with the catalog's checksum, wherever it comes from."""
    command = make_command()
    command.environment["ISOCORTEX_MIRROR"] = altered_mirror
    refused = command("ingest", "mouse-microns-mm3", check=False)
    assert refused.returncode == 2
    assert "sha256" in refused.stderr
    assert not list((command.home / "lake").rglob("*.parquet"))
    # nothing was projected, so no server was needed
    assert command.json("server", "status")["state"] == "absent"


def test_a_failed_dataset_does_not_keep_the_others_out(small, altered_mirror):
    before = everything(small)
    with_mirror = replace(
        small, environment=small.environment | {"ISOCORTEX_MIRROR": altered_mirror}
    )
    done = with_mirror("run", "mouse-microns-mm3", "worm-witvliet-8", "--json", check=False)
    assert done.returncode == 2
    states = {row["dataset"]: row for row in json.loads(done.stdout)["datasets"]}
    assert states["worm-witvliet-8"]["state"] == "unchanged"
    assert states["mouse-microns-mm3"]["state"] == "failed"
    assert "sha256" in states["mouse-microns-mm3"]["reason"]
    assert everything(small) == before
