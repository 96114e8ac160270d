"""A user's own files: understood, kept, changed, and not read twice for nothing."""

import time

import pytest

from tests.contract.ingest.written import synphys
from tests.unit.ingest.test_archives import zipped

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("job")]

EDGES = "source,target,n_synapses\n1,2,3\n2,1,1\n2,3,4\n3,3,1\n1,2,1\n"
PAIRS = "pre,post,connected\n1,2,yes\n2,1,no\n1,3,yes\n3,1,yes\n2,3,no\n3,2,no\n4,1,no\n"


@pytest.fixture
def edges(tmp_path):
    path = tmp_path / "edges.csv"
    path.write_text(EDGES)
    return path


def test_what_was_understood_is_said(small, edges):
    done = small("census", str(edges))
    assert "edge list; pre = 'source', post = 'target', weight = 'n_synapses'" in done.stderr
    assert "rows of a neuron with itself, left out: 1" in done.stderr
    assert "rows added to another row of their pair: 1" in done.stderr
    assert "evidence not stated" in done.stderr
    assert "understood" not in done.stdout


def test_an_unchanged_file_is_not_read_again(small, edges):
    """In under two seconds, and a changed one becomes a new version beside the old."""
    given = ("ingest", str(edges), "--name", "unchanging", "--evidence", "em_dense")
    first = small.json(*given)
    assert (first["state"], first["frame"], first["merged_parallel"]) == ("new", "volume", 1)
    took = []
    for _ in range(3):  # the quickest: what else the machine does is not of interest
        started = time.perf_counter()
        again = small.json(*given)
        took.append(time.perf_counter() - started)
        assert (again["state"], again["version"]) == ("unchanged", first["version"])
    assert min(took) < 2 * (1 + small.slowness())
    other = small.json(*given[:-1], "em_sparse")
    assert (other["state"], other["evidence"]) == ("new", "em_sparse")
    edges.write_text(EDGES + "3,1,2\n")
    changed = small.json(*given)
    assert changed["state"] == "new"
    versions = {first["version"], other["version"], changed["version"]}
    assert len(versions) == 3
    kept = small.home / "lake" / "datasets" / "unchanging"
    assert versions <= {path.name for path in kept.iterdir()}


def test_a_manifest_is_written_completed_and_ingested(small, edges):
    written = small("ingest", str(edges), "--name", "told", "--init", cwd=edges.parent)
    assert "told.toml written" in written.stdout
    manifest = edges.parent / "told.toml"
    refused = small("ingest", str(manifest), check=False)
    assert refused.returncode == 2
    assert "told.toml, column 'evidence'" in refused.stderr
    twice = small("ingest", str(edges), "--name", "told", "--init", cwd=edges.parent, check=False)
    assert twice.returncode == 2
    assert "there is a told.toml already" in twice.stderr
    manifest.write_text(
        manifest.read_text()
        .replace('evidence = ""', 'evidence = "em_dense"')
        .replace('self_loops = "drop"', 'self_loops = "keep"')
    )
    assert small.json("ingest", str(manifest))["dropped_self_loops"] == 0
    assert small.json("ingest", str(manifest))["state"] == "unchanged"
    edges.write_text(EDGES + "3,1,2\n")
    assert small.json("ingest", str(manifest))["state"] == "new"


def test_self_loops_may_be_errors(small, edges):
    refused = small("ingest", str(edges), "--evidence", "em_dense", "--self-loops", "error",
                    check=False)  # fmt: skip
    assert refused.returncode == 2
    assert "edges.csv, row 5" in refused.stderr


def test_tested_pairs_keep_their_frame(small, tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text(PAIRS)
    outcome = small.json("ingest", str(path), "--name", "patched")
    assert (outcome["evidence"], outcome["frame"]) == ("paired_recording", "pairs")
    counted = small.json("census", "patched")
    assert (counted["observable_pairs"], counted["observable_triples"]) == (7, 1)
    assert counted["density"] == pytest.approx(3 / 7)
    assert sum(counted["triads"].values()) == 1
    assert sorted(counted["nulls"]) == ["block", "er"]
    (row,) = small.json(
        "query",
        "MATCH (c:Circuit {name: 'patched/all'})-[:InDataset]->(d) "
        "RETURN c.observablePairs AS pairs, c.density AS density, d.frame AS frame",
    )["rows"]
    assert row == [7, pytest.approx(3 / 7), "pairs"]


def test_tested_pairs_of_a_database_are_in_the_graph(small, tmp_path):
    path, _ = synphys(tmp_path)
    done = small.json("ingest", str(path), "--name", "patched", "--species", "human")
    assert (done["state"], done["frame"], done["species"]) == ("new", "pairs", "human")
    found = small.json(
        "query", "MATCH (:Neuron {dataset: 'patched'})-[c:ConnectsTo]->(n) RETURN n.bodyId AS id"
    )
    assert found["rows"] == [[107]]


def test_a_member_of_an_archive_is_in_the_graph(small, tmp_path):
    path = zipped(tmp_path / "two.zip", {"a.csv": EDGES, "b.csv": "pre,post\n8,9\n"})
    given = ("ingest", str(path), "--name", "inside", "--evidence", "em_dense")
    refused = small(*given, check=False)
    assert refused.returncode == 2
    assert "a.csv, b.csv" in refused.stderr
    done = small.json(*given, "--member", "b.csv")
    assert done["state"] == "new"
    shown = small.json("circuits")
    (row,) = [one for one in shown if one["circuit"] == "inside/all"]
    assert (row["neurons"], row["connections"]) == (2, 1)
    assert row["errors"]["words"] == "not known"
    census = small.json("census", "inside")
    assert census["errors"]["completeness"] == "not stated"
