"""Every glyph is the triad that its code says."""

import xml.etree.ElementTree as ET

import networkx as nx
import pytest

from analysis.motifs import MAN
from analysis.motifs.naming import triad_of
from dashboard.views.glyphs import ARROWS, NAMES, glyph, label


def state(arrows, pair):
    return (pair in arrows) + 2 * (pair[::-1] in arrows)


@pytest.mark.parametrize("motif", MAN)
def test_arrows_are_the_triad(motif):
    arrows = ARROWS[motif]
    assert len(set(arrows)) == len(arrows)
    assert triad_of(state(arrows, "ab"), state(arrows, "bc"), state(arrows, "ac")) == motif
    graph = nx.DiGraph([tuple(arrow) for arrow in arrows])
    graph.add_nodes_from("abc")
    assert nx.triad_type(graph) == motif


@pytest.mark.parametrize("motif", MAN)
def test_svg_draws_the_arrows(motif):
    drawn = ET.fromstring(glyph(motif, 24))
    space = {"s": "http://www.w3.org/2000/svg"}
    groups = drawn.findall("s:g", space)
    assert sorted(g.get("data-arrow") for g in groups) == sorted(ARROWS[motif])
    assert len(drawn.findall("s:circle", space)) == 3
    assert drawn.get("aria-label") == label(motif)
    places = [(float(c.get("cx")), float(c.get("cy"))) for c in drawn.findall("s:circle", space)]
    place = dict(zip("abc", places, strict=True))
    for group in groups:
        pre, post = group.get("data-arrow")
        tip = [float(v) for v in group.find("s:polygon", space).get("points").split()[0].split(",")]

        def distance(node, tip=tip):
            return (tip[0] - place[node][0]) ** 2 + (tip[1] - place[node][1]) ** 2

        assert distance(post) < distance(pre), "the head points at the postsynaptic neuron"


def test_arrowheads_survive_24_px():
    drawn = ET.fromstring(glyph("030T", 24))
    points = drawn.find(".//{http://www.w3.org/2000/svg}polygon").get("points")
    xs, ys = zip(*[map(float, p.split(",")) for p in points.split()], strict=True)
    scale = 24 / float(drawn.get("viewBox").split()[2])
    assert max(max(xs) - min(xs), max(ys) - min(ys)) * scale >= 4


def test_all_are_named():
    assert set(ARROWS) == set(NAMES) == set(MAN)
    assert label("030T") == "030T, feed-forward loop"
