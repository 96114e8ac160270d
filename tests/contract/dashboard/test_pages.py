"""What every page keeps to, whatever it shows: one test class, all page files."""

import ast
import json
import shutil
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from analysis.circuit import Circuit
from analysis.frame import Frame
from analysis.motifs import MAN
from analysis.motifs.matching import Placements
from analysis.motifs.named import pattern_of
from dashboard.address import address
from dashboard.registry import pages
from isocortex.error_curves import Question, Rates, answer
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from schemas.patterns.symmetry import Symmetry
from schemas.tables import CircuitTables
from store.lake import Lake
from store.motifs import compile_pattern
from tests.circuits_made import connections, neurons, pathways, publish
from tests.contract.dashboard.conftest import BIG

FRAME = Path(dashboard.__file__).parent / "frame" / "navigation.py"
NAMES = [entry.path.stem for entry in pages()]
SECONDS = 60


def opened(name, **state: str | list[str]):
    """Open a page in the frame, with its state in the address."""
    test = AppTest.from_file(str(FRAME), default_timeout=SECONDS)
    for key, value in state.items():
        test.query_params[key] = value
    test.switch_page(str(Path("..") / "pages" / f"{name}.py"))
    return test.run()


def texts(test: AppTest) -> str:
    blocks = [*test.markdown, *test.caption, *test.info, *test.warning, *test.subheader]
    return "\n".join(block.value for block in blocks)


@pytest.mark.parametrize("name", NAMES)
class TestPage:
    def test_declares_title_and_question(self, name):
        entry = next(entry for entry in pages() if entry.path.stem == name)
        assert entry.title
        assert entry.question.endswith("?")
        assert ast.get_docstring(ast.parse(entry.path.read_text()))

    def test_empty_home_says_what_to_type(self, name, at_home, tmp_path):
        at_home(tmp_path)
        test = opened(name)
        assert not test.exception
        assert test.title[0].value == next(e.question for e in pages() if e.path.stem == name)
        if name == "query":
            test.query_params["run"] = "yes"
            test.run()
            assert not test.exception
        assert "isocortex" in texts(test)
        assert not list(tmp_path.iterdir()), "looking changes nothing"

    def test_runs_on_a_home_with_data(self, name, at_home, made_home):
        at_home(made_home)
        test = opened(name)
        assert not test.exception
        assert test.title[0].value == next(e.question for e in pages() if e.path.stem == name)

    def test_survives_a_stale_address(self, name, at_home, made_home):
        at_home(made_home)
        test = opened(
            name, circuit="gone/gone", circuits=["gone/gone"], dataset="gone", null="gone",
            view="gone", cell="12345678901234567890123", open="a~b~c~d", across="gone",
        )  # fmt: skip
        assert not test.exception


def test_pages_are_found_in_order():
    orders = [entry.order for entry in pages()]
    assert orders == sorted(orders)
    assert NAMES[0] == "front"
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("view", ["Wiring", "Degrees", "Statistics", "Somata", "Cells", "Files"])
@pytest.mark.parametrize("circuit", ["made-up/all", "made-up/l4"])
def test_circuit_views(at_home, made_home, circuit, view):
    at_home(made_home)
    test = opened("circuit", circuit=circuit, view=view)
    assert not test.exception
    assert test.selectbox(key="circuit").value == circuit


def test_circuits_that_were_not_described_say_how(at_home, made_home):
    at_home(made_home)
    test = opened("circuit", circuit="made-up/l4", view="Statistics")
    assert [code.value for code in test.code] == ["isocortex describe made-up/l4"]
    test = opened("circuit", circuit="made-up/all", view="Statistics")
    assert not test.code
    assert any("standard error" in caption.value for caption in test.caption)


def test_opened_cell(at_home, made_home):
    at_home(made_home)
    test = opened("circuit", circuit="made-up/all", view="Cells", cell=str(BIG + 4))
    assert not test.exception
    assert f"Cell {BIG + 4}" in texts(test)


@pytest.mark.parametrize(
    "across", ["Circuits side by side", "Nulls side by side", "One triad everywhere"]
)
def test_motif_views(at_home, made_home, across):
    at_home(made_home)
    test = opened("motifs", circuits=["made-up/all", "made-up/l4"], across=across)
    assert not test.exception
    assert test.multiselect(key="circuits").value == ["made-up/all", "made-up/l4"]


def test_error_curves_say_what_to_type_until_there_are_some(at_home, made_home, tmp_path):
    at_home(made_home)
    test = opened("motifs", circuits=["made-up/l4"])
    assert "isocortex robustness made-up/l4" in texts(test)
    home = tmp_path / "home"
    shutil.copytree(made_home, home)
    workspace = Workspace(Settings.from_environment({"ISOCORTEX_HOME": str(home)}))
    question = Question("degree", levels=(0.0, 0.3), draws=2, samples=10)
    answer(workspace, workspace.circuit("made-up/l4"), question, Rates(miss=0.1))
    at_home(home)
    test = opened("motifs", circuits=["made-up/l4", "made-up/all"])
    assert not test.exception
    assert test.selectbox(key="error").value == "missed connections, degree null"
    assert "isocortex robustness" not in texts(test)
    assert "Not computed for made-up/all" in texts(test)


def test_number_of_the_address_opens(at_home, made_home):
    at_home(made_home)
    test = opened("motifs", circuits=["made-up/l4"], open="made-up/l4~030T~degree~hard")
    assert not test.exception
    assert [button.label for button in test.get("download_button")] == ["This row, CSV"]


@pytest.mark.parametrize("motif", MAN)
def test_instances_are_asked_for_once_each(at_home, made_home, motif):
    """From the dialog and from the section: the same statement, every instance in it once."""
    from dashboard import data, instances

    at_home(made_home)
    circuit = data.arrays("made-up/l4")
    found = instances.instances_address(circuit, motif)
    if motif == "003":
        assert found is None
        return
    page, _, state = found.partition("?")
    assert page == "query"
    pattern = pattern_of(motif)
    made = compile_pattern(
        pattern, circuit=circuit.name, version=circuit.attributes["version"], limit=100
    )
    assert parse_qs(state)["q"] == [made.text]
    assert (" < " in made.text) == (Symmetry(pattern).size > 1)
    half = Frame(np.array([False, True, True]), np.ones(3, np.bool_))
    unseen = Circuit.from_edges("half", 3, [1], [2], frame=half)
    assert instances.instances_address(unseen, motif) is None


def test_instances_of_the_address_are_drawn(at_home, made_home):
    at_home(made_home)
    test = opened(
        "motifs", circuits=["made-up/all", "made-up/l4"], where="made-up/l4", of="210", draw="2"
    )
    assert not test.exception
    assert "Instances of 210 in made-up/l4" in texts(test)
    assert "begin at different neurons" in texts(test)
    test.button(key="others").click().run()
    assert not test.exception
    assert test.query_params["draw"] in ("3", ["3"])


def test_instances_survive_a_stale_address(at_home, made_home):
    at_home(made_home)
    test = opened("motifs", circuits=["made-up/l4"], where="gone/gone", of="003", draw="-x")
    assert not test.exception
    assert "Instances of 030T in made-up/l4" in texts(test)


def test_a_motif_that_is_not_there_is_said_not_to_be(at_home, made_home, monkeypatch):
    from dashboard import instances

    def nothing(*_: object) -> Placements:
        return Placements(("A", "B", "C"), np.zeros((0, 3), np.int64), complete=True)

    at_home(made_home)
    monkeypatch.setattr(instances, "_drawn", nothing)
    test = opened("motifs", circuits=["made-up/l4"], of="300")
    assert not test.exception
    assert "Not one 300 (three mutual pairs) is in made-up/l4" in texts(test)


def test_query_without_server_says_how_to_start_it(at_home, made_home):
    at_home(made_home)
    test = opened("query", run="yes")
    assert not test.exception
    assert "isocortex server start" in texts(test)


def test_query_names_the_line_of_a_bad_parameter(at_home, made_home):
    at_home(made_home)
    test = opened("query", run="yes", p='circuit = "a"\nnonsense')
    assert not test.exception
    assert "line 2" in test.error[0].value


def test_results_of_an_earlier_version_are_not_shown_as_current(at_home, made_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(made_home, home)
    for path in (home / "lake" / "results").rglob("*.json"):
        record = json.loads(path.read_text()) | {"version": "000000000000"}
        path.write_text(json.dumps(record))
    at_home(home)
    test = opened("motifs")
    assert not test.exception
    assert "No circuit has been measured yet" in texts(test)


@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_a_dataset_without_circuits_breaks_no_page(at_home, made_home, tmp_path, name, beside):
    home = tmp_path / "home"
    if beside:
        shutil.copytree(made_home, home)
    figures = pathways([{"pre_type": "a", "post_type": "b", "probability": 0.5, "doi": "10.1/x"}])
    publish(
        Lake(home / "lake"),
        CircuitTables(neurons([]), connections([]), pathways=figures),
        "figures",
        circuits=[],
        expected={"neurons": 0, "connections": 0, "pathways": 1},
    )
    at_home(home)
    test = opened(name, **({"dataset": "figures"} if name == "datasets" else {}))
    assert not test.exception
    if name == "datasets":
        assert "Made figures" in [block.value for block in test.header]
        assert "Nothing has been ingested" not in texts(test)


def test_addresses_are_relative_and_keep_lists():
    assert address("motifs", circuits=["a/b", "c/d"], null="er") == (
        "motifs?circuits=a%2Fb&circuits=c%2Fd&null=er"
    )
