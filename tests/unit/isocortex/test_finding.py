"""Motif queries from the command line and the library; the page on them is run."""

import inspect
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import isocortex as ic
from isocortex import finding
from isocortex.cli import app
from schemas.errors import UsageError
from schemas.patterns import PatternError, read
from store.lake import Lake
from tests.circuits_made import publish, random_tables
from tests.motifs_asked import asked_circuit

PAGE = (Path(__file__).parents[3] / "docs" / "motif-queries.md").read_text(encoding="utf-8")


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def at_home(monkeypatch, tmp_path):
    """The files of the page, in the directory where commands run."""
    for name in ("NEO4J_URI", "ISOCORTEX_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ISOCORTEX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    edges, neurons = blocks("csv")
    Path("edges.csv").write_text(edges)
    Path("neurons.csv").write_text(neurons)
    return tmp_path


def run(*arguments: str, given=None):
    return CliRunner().invoke(app, ["find", *arguments], input=given)


@pytest.fixture
def in_lake(at_home):
    """A dataset of the lake; there is no graph."""
    tables = random_tables(n=30, m=200, seed=4)
    tables.neurons["hair"] = ["long", "short"] * 15
    cut = {"name": "all", "title": "All"}
    targets = {"name": "part", "title": "Part", "where": [{"column": "type", "isin": ["t0"]}]}
    publish(Lake(at_home / "home" / "lake"), tables, circuits=[cut, targets])
    return "made/all"


def test_commands_of_the_page_say_what_it_says(at_home):
    import shlex

    number = 0
    for block in blocks("console"):
        for part in re.split(r"^\$ isocortex find ", block, flags=re.MULTILINE)[1:]:
            command, *lines = part.strip().split("\n")
            shown = run(*shlex.split(command))
            said = [" ".join(line.split()) for line in (shown.stdout + shown.stderr).split("\n")]
            for line in lines:
                assert line in said, command
                number += 1
            assert shown.exit_code == (2 if lines[0].startswith("error") else 0)
    assert number > 12


def test_library_of_the_page(at_home):
    (block,) = blocks("python")
    lines = [line for line in block.split("\n") if line.startswith(("ic.", "int("))]
    found, counted, number = (eval(line.split("  #")[0], {"ic": ic}) for line in lines)
    assert found.to_dict("list") == {"A": [1], "B": [2]}
    assert found.attrs == {
        "induced": False, "counted": "subgraphs", "path": "matcher", "complete": True,
    }  # fmt: skip
    assert (counted.count, counted.induced, counted.path) == (2, True, "census")
    assert number == 2


def test_patterns_of_the_page_are_read():
    sizes = [read(block).size for block in blocks("motif")]
    assert sizes == [3, 3]


def test_statement_of_the_page_is_what_is_made():
    (block,) = blocks("cypher")
    circuit = asked_circuit(1)
    object.__setattr__(circuit, "name", "worm-witvliet-8/neurons")
    object.__setattr__(circuit, "attributes", {"version": "01578a9d85c5"})
    text = re.search(r"^is `(.*)`\.$", PAGE, re.MULTILINE)[1]
    made = finding.statement(finding.question(text, circuit, in_lake=True), limit=1000)
    values = [f"// ${name} = {json.dumps(value)}" for name, value in made.values.items()]
    assert block == made.text + "\n".join(values) + "\n"


def test_answers_as_json(at_home):
    found = json.loads(run("A -> B; B -> C; A -> C", "edges.csv", "--json").stdout)
    assert found["format"] == "isocortex.find/1"
    assert found["instances"] == [{"A": 1, "B": 2, "C": 3}, {"A": 2, "B": 1, "C": 3}]
    assert (found["induced"], found["counted"], found["path"]) == (False, "subgraphs", "matcher")
    assert found["complete"] is True
    counted = json.loads(run("030C", "edges.csv", "--count", "--json").stdout)
    assert (counted["motif"], counted["count"], counted["symmetries"]) == ("030C", 2, 3)
    assert (counted["induced"], counted["path"]) == (True, "census")
    assert "instances" not in counted
    short = json.loads(run("A -> B", "edges.csv", "--limit", "3", "--json").stdout)
    assert (len(short["instances"]), short["complete"]) == (3, False)
    wrong = run("A ->", "edges.csv", "--json")
    assert wrong.exit_code == 2
    assert json.loads(wrong.stderr)["error"] == "PatternError"


def test_pattern_from_a_file_and_from_stdin(at_home):
    Path("pair.motif").write_text("# a pair\nA -> B\nB -> A\n")
    for given in (run("pair.motif", "edges.csv"), run("-", "edges.csv", given="A->B B->A")):
        assert given.stdout.startswith("1 subgraph of")
    assert run("gone.motif", "edges.csv").exit_code == 2


def test_every_way_counts_the_same(at_home):
    circuit = asked_circuit(3, n=12)
    for text in ("A -> B; B -> C", "4:42", "210"):
        counts = {ic.count(text, circuit, by=by).count for by in ("auto", "census", "matcher")}
        assert len(counts) == 1
        assert len(ic.find(text, circuit, limit=10**6)) in counts


def test_ways_that_cannot_answer_say_why(in_lake):
    circuit = asked_circuit(3)
    with pytest.raises(UsageError, match="no circuit of the lake"):
        ic.find("A -> B", circuit, by="graph")
    with pytest.raises(UsageError, match="does not say where"):
        ic.find("A -> B", circuit, by="census")
    with pytest.raises(PatternError, match="asks for attributes"):
        ic.count("A -> B; B -> C; A.type = x", circuit, by="census")
    with pytest.raises(UsageError, match="have no hair"):
        ic.find("A -> B; A.hair = long", in_lake, by="graph")
    with pytest.raises(PatternError, match=r"030T is induced(.|\n)*A -> B; A -> C; B -> C"):
        ic.count("030T", circuit, induced=False)


def test_what_the_graph_lacks_is_found_in_the_arrays(in_lake):
    found = ic.find("A -> B; A.hair = long", in_lake)
    assert found.attrs["path"] == "matcher"
    assert (found["A"] % 2 == 1).all()


def test_cypher_needs_no_server(in_lake):
    shown = run("A -> B [weight > 2]; A.type = t1", in_lake, "--cypher")
    assert shown.exit_code == 0
    assert '// $value1 = "t1"' in shown.stdout
    made = json.loads(run("A -> B", in_lake, "--cypher", "--count", "--json").stdout)
    assert made["statement"].endswith("RETURN count(*) AS count\n")
    assert made["parameters"]["circuit"] == in_lake
    assert run("A -> B", "edges.csv", "--cypher").exit_code == 2


def test_a_value_that_no_neuron_has_is_named(at_home):
    shown = run("A -> B; A.type = PV", "edges.csv", "--neurons", "neurons.csv").stdout
    assert "No neuron can be A: none has type = PV; there are PC, IN" in shown


def test_names_that_look_like_markup_are_shown_as_they_are(at_home):
    text = Path("neurons.csv").read_text().replace("PC", "[bold]x")
    Path("neurons.csv").write_text(text)
    shown = run("A -> B [weight >= 7]", "edges.csv", "--neurons", "neurons.csv").stdout
    assert "A -> B [weight >= 7]" in shown
    assert "[bold]x (2)" in shown


def test_library_says_its_defaults():
    for function in (ic.find, ic.count):
        given = inspect.signature(function).parameters
        assert given["induced"].default is None
        assert given["each_once"].default is True
