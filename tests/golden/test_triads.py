"""The two rat microcircuits have the 13 triad counts that were published for them."""

import pytest

from analysis.motifs import triad_census
from tests.golden.published import ORDER, published_motifs

pytestmark = pytest.mark.network


@pytest.mark.parametrize(
    ("name", "label"),
    [("rat-l5-ttpc2/l5-ttpc2", "L5_TTPC2"), ("rat-l6-lbc/l6-lbc", "L6_LBC")],
)
@pytest.mark.parametrize("kernel", ["bitset", "sparse"])
def test_published_counts(circuit, download_cache, name, label, kernel):
    table = published_motifs(download_cache)
    row = table[(table["celltype"] == label) & (table["model"] == "bb")].iloc[0]
    counts = triad_census(circuit(name), kernel=kernel)
    assert {code: counts[code] for code in ORDER} == row[list(ORDER)].to_dict()
