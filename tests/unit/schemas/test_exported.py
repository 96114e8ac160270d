"""What is derived from the schemas is up to date."""

from pathlib import Path

import pytest

from schemas.export import cypher_page, graph_page, json_schemas
from schemas.graph import query_names

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", sorted(json_schemas()))
def test_exported_json_schema_is_current(name):
    assert (ROOT / "schemas" / "json" / name).read_text() == json_schemas()[name], "make schemas"


def test_cypher_page_is_current():
    page = (ROOT / "docs" / "cypher.md").read_text()
    assert page == cypher_page(), "make schemas"
    assert page.count("```cypher") == len(query_names()) >= 25


def test_graph_page_is_current():
    assert (ROOT / "docs" / "graph.md").read_text() == graph_page(), "make schemas"
