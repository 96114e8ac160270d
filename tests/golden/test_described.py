"""Statistics of worms and mushroom bodies are those worked out before with other code.

Figures carry two digits; feedback arcs were those of one greedy order, here of the best of ten.
"""

import pytest

from analysis.statistics.closed_walks import relative_fives
from analysis.statistics.feedback import feedback_share
from analysis.statistics.trophic import trophic_incoherence

pytestmark = pytest.mark.network

# circuit: closed walks of five steps, trophic incoherence, share of feedback arcs
KNOWN = {
    "worm-witvliet-1/neurons": (2.84, 0.44, 0.153),
    "worm-witvliet-8/neurons": (1.21, 0.61, 0.246),
    "worm-cook-hermaphrodite/two-letter-names": (3.71, 0.73, 0.309),
    "larva-mb-left/mushroom-body": (8.7, 0.71, 0.32),
    "larva-mb-right/mushroom-body": (10.0, 0.73, 0.32),
}


@pytest.mark.parametrize("name", KNOWN)
def test_walks_levels_and_feedback(circuit, name):
    walks, incoherence, feedback = KNOWN[name]
    one = circuit(name)
    assert relative_fives(one) == pytest.approx(walks, rel=0.006)
    assert trophic_incoherence(one) == pytest.approx(incoherence, abs=0.006)
    share = feedback_share(one)
    assert feedback - 0.01 < share < feedback + 0.006
