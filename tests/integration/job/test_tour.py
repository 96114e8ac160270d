"""The notebook in docs/ runs from top to bottom, and README's statements answer."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = [pytest.mark.server, pytest.mark.network, pytest.mark.xdist_group("job")]

ROOT = Path(__file__).parents[3]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_notebook_runs(small, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("NEO4J_", "ISOCORTEX_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ISOCORTEX_HOME", str(small.home))
    notebook = nbformat.read(ROOT / "docs" / "tour.ipynb", as_version=4)
    NotebookClient(notebook, timeout=240, kernel_name="python3").execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) >= 8
    for cell in code:
        assert [output.output_type for output in cell.outputs] == ["execute_result"], cell.source


def readme_statements() -> list[tuple[str, dict[str, str]]]:
    text = (ROOT / "README.md").read_text()
    found = []
    for statement, rest in re.findall(r"isocortex query '([^']+)'([^\n`]*)", text):
        found.append((statement, dict(re.findall(r"--param (\w+)=(\S+)", rest))))
    return found


def test_readme_has_the_four_statements():
    assert len(readme_statements()) == 4


@pytest.mark.parametrize("place", range(4))
def test_readme_statement_answers(small, place):
    statement, parameters = readme_statements()[place]
    arguments = [
        part for name, value in parameters.items() for part in ("--param", f"{name}={value}")
    ]
    document = small.json("query", statement, *arguments)
    assert document["columns"]
    if '"L4"' not in statement:  # the small home has no layer 4 circuit
        assert document["rows"]
