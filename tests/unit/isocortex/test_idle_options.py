"""An option that would change nothing is refused, with the reason; nothing is computed then."""

import pytest
from typer.testing import CliRunner

from isocortex.cli import app

IDLE = [
    (("census", "e.csv", "--method", "exact"), "--method changes nothing without --size 4"),
    (("census", "e.csv", "--by", "type"), "--by changes nothing without --typed"),
    (("census", "e.csv", "--measure", "size"), "--measure changes nothing without --weighted"),
    (("census", "e.csv", "--within", "type"), "--within changes nothing without --weighted"),
    (
        ("census", "e.csv", "--nulls", "er,block", "--workers", "2"),
        "--workers changes nothing where no hard ensemble is sampled",
    ),
    (
        ("census", "e.csv", "--hard-limit", "2", "--samples", "20", "--cluster", "tcp://here:1"),
        "--samples and --cluster change nothing where no hard ensemble is sampled",
    ),
    (
        ("census", "e.csv", "--nulls", "er", "--weighted", "--workers", "2"),
        "--workers changes nothing where no hard ensemble is sampled",
    ),
    (("find", "030T", "e.csv", "--count", "--limit", "3"), "--limit changes nothing with --count"),
    (
        ("find", "030T", "e.csv", "--cypher", "--by", "graph", "--timeout", "3"),
        "--by and --timeout change nothing with --cypher",
    ),
    (
        ("robustness", "e.csv", "--null", "er", "--samples", "20"),
        "--samples changes nothing where no hard ensemble is sampled",
    ),
    (
        ("ingest", "worm-witvliet-8", "--evidence", "em_dense", "--neurons", "n.csv"),
        "--neurons and --evidence change nothing with a dataset of the catalog",
    ),
    (
        ("ingest", "mine.toml", "--self-loops", "keep"),
        "--self-loops changes nothing with a manifest",
    ),
    (("ingest", "e.csv", "--accept-checksum"), "--accept-checksum changes nothing with a file"),
    (("ingest", "e.csv", "--init", "--json"), "--json changes nothing with --init"),
    (("cite", "worm-witvliet-8", "--json", "--bibtex"), "--bibtex changes nothing with --json"),
    (
        ("query", "RETURN 1", "--templates", "--limit", "3"),
        "CYPHER and --limit change nothing with --templates",
    ),
]
SOUND = [
    ("census", "e.csv", "--size", "4", "--method", "exact", "--samples", "10", "--nulls", "degree"),
    ("census", "e.csv", "--nulls", "er", "--weighted", "--samples", "10"),
    ("census", "e.csv", "--nulls", "er", "--hard-limit", "5"),
    ("find", "030T", "e.csv", "--count"),
    ("query", "--templates", "--json"),
]


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.delenv("NEO4J_URI", raising=False)
    monkeypatch.setenv("ISOCORTEX_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "e.csv").write_text("pre,post,weight\n1,2,3\n2,3,1\n1,3,2\n3,4,1\n4,1,5\n")
    return lambda arguments: CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize(("arguments", "said"), IDLE)
def test_what_changes_nothing_is_refused(run, tmp_path, arguments, said):
    refused = run(arguments)
    assert refused.exit_code == 2
    assert said in " ".join(refused.stderr.split())
    assert "leave" in refused.stderr
    assert refused.stdout == ""
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("arguments", SOUND)
def test_what_changes_something_is_taken(run, arguments):
    done = run(arguments)
    assert done.exit_code == 0, done.stderr
    assert done.stdout


def test_a_command_without_its_idle_option_is_as_before(run):
    assert run(("census", "e.csv", "--nulls", "er", "--json")).exit_code == 0
