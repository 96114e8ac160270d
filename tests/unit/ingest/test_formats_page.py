"""docs/formats.md names what the code reads."""

import re
from pathlib import Path

import pytest

from ingest.assemble import LABELS, NEURON_ID, POSITION, POST, PRE, WEIGHT
from ingest.measures import ADDED, AVERAGED, is_measure
from schemas.errors import InputError
from tests.reading import prepare_file

PAGE = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "names", [PRE, POST, WEIGHT, NEURON_ID, *LABELS, *POSITION], ids=lambda names: names.ours
)
def test_every_name_of_a_column_is_on_the_page(names):
    for name in (names.ours, *names.systems, *names.plain):
        assert f"`{name}`" in PAGE


def test_measures_on_the_page_are_measures():
    part = PAGE[PAGE.index("## Measures") :]
    named = set(re.findall(r"`([a-z_A-Z0-9]+)`", part[: part.index("is kept beside")]))
    assert ADDED | AVERAGED - {"strength_mv", "uepsp_mv"} <= named
    assert all(is_measure(name) for name in named)


def test_the_error_on_the_page_is_what_is_said(tmp_path):
    shown = re.search(r"```\n(edges.csv, row 4,812.*?)```", PAGE, re.DOTALL)[1]
    path = tmp_path / "edges.csv"
    path.write_text("pre,post,weight\n" + "1,2,3\n" * 4_810 + "1,2,2.5\n")
    with pytest.raises(InputError) as caught:
        prepare_file(path)
    assert str(caught.value).removeprefix(f"{tmp_path}/") == shown.strip()
