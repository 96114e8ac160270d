"""The page of the datasets says what the manifests say."""

from pathlib import Path

import pytest

from ingest import catalog_manifests
from ingest.page import datasets_page

PAGE = Path(__file__).parents[3] / "docs" / "datasets.md"


def test_the_page_is_current():
    made = datasets_page(catalog_manifests().values())
    assert PAGE.read_text(encoding="utf-8") == made, "run python -m ingest.page docs/datasets.md"


def test_what_is_optional_or_not_shipped_says_so():
    page = datasets_page(catalog_manifests().values())
    optional = [name for name, manifest in catalog_manifests().items() if manifest.optional]
    assert optional
    for name in optional:
        assert f"| [{name}](#{name}), optional |" in page
        assert f"`isocortex ingest {name}` brings it in" in page
    assert "`l4dense2019/synapses.hdf5` (checksum not published) from <https://" in page
    after = page.split("## Looked at, not shipped")[1]
    assert "FlyWire antennal lobe" in after
    assert "CC BY-NC" in after
    assert "escape circuit" not in after


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
    if manifest.pathways_alone:
        assert f"{manifest.expected.pathways:,} pathways" in page
        assert "| circuit | what |" not in page
    elif manifest.expected:
        assert f"{manifest.expected.connections:,} connections" in page
