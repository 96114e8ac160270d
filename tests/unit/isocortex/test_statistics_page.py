"""docs/statistics.md says what the registry says."""

from pathlib import Path

import pytest

from analysis.statistics import statistics
from isocortex.statistics_page import statistics_page

PAGE = Path(__file__).parents[3] / "docs" / "statistics.md"


def test_the_page_is_current():
    made = statistics_page(statistics().values())
    assert PAGE.read_text(encoding="utf-8") == made, (
        "run python -m isocortex.statistics_page docs/statistics.md"
    )


@pytest.mark.parametrize("name", statistics())
def test_a_section_for_every_statistic(name):
    one = statistics()[name]
    page = statistics_page([one])
    for said in (f"## `{name}`", one.definition, one.needs.words, one.error, one.doi):
        assert said in page
