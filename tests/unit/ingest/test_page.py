"""The page of the datasets says what the manifests say."""

from pathlib import Path

import pytest

from ingest import catalog_manifests
from ingest.page import datasets_page

PAGE = Path(__file__).parents[3] / "docs" / "datasets.md"


def test_the_page_is_current():
    made = datasets_page(catalog_manifests().values())
    assert PAGE.read_text(encoding="utf-8") == made, "run python -m ingest.page docs/datasets.md"


@pytest.mark.parametrize("name", catalog_manifests())
def test_a_section_for_every_dataset(name):
    manifest = catalog_manifests()[name]
    page = datasets_page([manifest])
    for said in (manifest.title, manifest.licence, manifest.citation.text, manifest.evidence.value):
        assert said in page
    for caveat in manifest.caveats:
        assert f"- {' '.join(caveat.split())}" in page
    for cut in manifest.circuits:
        assert f"| `{cut.name}` |" in page
    if manifest.expected:
        assert f"{manifest.expected.connections:,} connections" in page
