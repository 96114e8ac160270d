"""Real Chromium, real results: pages open, links reproduce, files come back, nothing complains."""

import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from dashboard.registry import pages
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.network,
    pytest.mark.xdist_group("job"),
]
CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
PLACES = {
    entry.path.stem: "" if place == 0 else entry.path.stem for place, entry in enumerate(pages())
}
WORM, RAT, FLY = "worm-witvliet-8/neurons", "rat-l6-lbc/l6-lbc", "larva-mb-left/mushroom-body"
STATES = {
    "motifs": f"?circuits={WORM}&circuits={RAT}",
    "query": "?run=yes",
    "circuit": f"?circuit={WORM}",
}


@pytest.mark.parametrize(
    ("size", "theme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop-light", "phone-dark"]
)
@pytest.mark.parametrize("name", PLACES)
def test_page_opens(visit, name, size, theme):
    window = visit(size, theme)
    page = window.go(PLACES[name] + STATES.get(name, ""))
    question = next(entry.question for entry in pages() if entry.path.stem == name)
    assert page.locator("h1").inner_text() == question
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.evaluate(CONTRAST) == []
    ground = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 200) == (theme == "dark")


def test_way_through(visit):
    """From the atlas to a circuit, its motifs, one number, and the same number in the graph."""
    window = visit()
    page = window.go()
    page.get_by_text("463 neurons").click()
    page.wait_for_selector("text=How is this circuit wired?")
    window.idle()
    assert window.url() == f"circuit?circuit={RAT}"
    page.get_by_text("Motifs of this circuit").click()
    page.wait_for_selector("h1:has-text('Which triads')")
    window.idle()
    assert window.url() == f"motifs?circuits={RAT}"
    row = page.locator(f'g[data-open="{RAT}~030T~reciprocal~hard"]').first
    row.click()
    page.wait_for_selector("[role=dialog]")
    window.idle()
    assert window.url().endswith(f"open={RAT}~030T~reciprocal~hard")
    dialog = page.locator("[role=dialog]")
    said = dialog.locator("table.facts").inner_text()
    assert "The null's spread" in said
    observed = re.search(r"Observed\s+(\d+)", said).group(1)
    line = pd.read_csv(io.StringIO(window.saved(dialog.get_by_text("This row, CSV"))))
    assert str(line["observed"].iloc[0]) == observed
    dialog.get_by_text("Ask the graph for this number").click()
    page.wait_for_selector("h1:has-text('What does the graph say?')")
    window.idle()
    page.wait_for_selector("[data-testid=stDownloadButton]")
    answer = json.loads(window.saved(page.get_by_role("button", name="JSON")))
    assert answer["rows"][0][0] == int(observed)


@pytest.mark.parametrize(
    "target",
    [
        f"circuit?circuit={FLY}&view=Degrees",
        f"circuit?circuit={WORM}&view=Cells&cell=12&most=30",
        f"motifs?circuits={FLY}&circuits={WORM}&null=degree",
        f"motifs?circuits={WORM}&across=One+triad+everywhere&motif=030C",
        f"motifs?circuits={WORM}&circuits={FLY}&where={FLY}&of=210&draw=3",
        "datasets?dataset=worm-witvliet-8",
        "query?q=MATCH+%28n%3ANeuron%29+RETURN+count%28n%29+AS+total&run=yes",
    ],
)
def test_a_link_shows_the_same_view(visit, target):
    first = visit()
    page = first.go(target)
    assert first.url().count("&") == target.count("&"), "no part of the address was dropped"
    seen = page.locator(".stMainBlockContainer").inner_text()
    again = visit().go(page.url.removeprefix(f"{first.address}/"))
    assert clean(again.locator(".stMainBlockContainer").inner_text()) == clean(seen)


def test_somata_are_drawn(visit):
    page = visit().go(f"circuit?circuit={RAT}&view=Somata")
    page.wait_for_selector(".js-plotly-plot .legendtext", timeout=60_000)
    assert "463 of 463 somata have a position" in page.locator("h3").all_inner_texts()


def clean(text: str) -> str:
    return re.sub(r"in [\d.\u2009×⁻¹⁰²³⁴⁵⁶⁷⁸⁹]+ s", "", text)


def test_choices_reach_the_address(visit):
    window = visit()
    page = window.go(f"circuit?circuit={WORM}")
    page.get_by_role("radio", name="Cells").or_(page.get_by_text("Cells", exact=True)).first.click()
    window.idle()
    assert "view=Cells" in window.url()
    page.locator("g[data-open^='cell:']").first.click()
    page.wait_for_selector("text=strongest first")
    window.idle()
    assert "cell=" in window.url()
    page.get_by_role("link", name="Motifs", exact=True).click()
    page.wait_for_selector("h1:has-text('Which triads')")
    window.idle()
    assert f"circuits={WORM}" in window.url(), "the chosen circuit travels along"
    page.get_by_role("link", name="Circuit", exact=True).click()
    page.wait_for_selector("h1:has-text('How is this circuit')")
    window.idle()
    assert f"circuit={WORM}" in window.url(), "the chosen circuit travels along"


def test_pictures_and_data_come_as_files(visit):
    window = visit()
    page = window.go(f"motifs?circuits={WORM}&circuits={FLY}")
    picture = window.saved(page.get_by_role("button", name="SVG", exact=True).first)
    drawn = ET.fromstring(picture)
    assert drawn.tag.endswith("svg")
    assert "var(--" not in picture, "colours are written out"
    assert "font-family" in picture
    table = pd.read_csv(io.StringIO(window.saved(page.get_by_role("button", name="CSV").first)))
    assert set(table["circuit"]) == {WORM, FLY}
    assert set(table["ensemble"]) == {"canonical", "hard"}


def test_selection_comes_as_csv_and_graphml(visit):
    window = visit()
    page = window.go(f"circuit?circuit={WORM}&view=Cells&most=20")
    neurons = pd.read_csv(
        io.StringIO(window.saved(page.get_by_role("button", name="Neurons, CSV")))
    )
    connections = pd.read_csv(
        io.StringIO(window.saved(page.get_by_role("button", name="Connections, CSV")))
    )
    text = window.saved(page.get_by_role("button", name="GraphML"))
    graph = nx.parse_graphml(text, node_type=int)
    assert len(neurons) == 20
    assert set(graph.nodes) == set(neurons["neuron_id"])
    assert set(graph.edges) == set(zip(connections["pre"], connections["post"], strict=True))
    assert page.locator("g[data-open^='cell:']").count() == 20


def test_query_limits_and_mistakes(visit):
    window = visit()
    page = window.go("query")
    box = page.get_by_label("Cypher")
    box.fill("MATCH (n:Neuron) RETURN n.bodyId AS body ORDER BY body LIMIT 2000")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_selector("text=Truncated")
    window.idle()
    rows = json.loads(window.saved(page.get_by_role("button", name="JSON")))
    assert rows["truncated"] is True
    assert len(rows["rows"]) == 1000
    box.fill("MATCH (n:Neuron) RETRUN n")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_selector("text=line 1, column")
    box.fill("MATCH (n) DETACH DELETE n")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_selector("[data-testid=stAlert]")
    window.idle()
    assert "write" in page.locator("[data-testid=stAlert]").inner_text().lower()


def test_template_fills_the_fields(visit):
    window = visit()
    page = window.go("query?template=feed-forward-loops&run=yes")
    assert RAT in page.get_by_label("Parameters").input_value()
    page.wait_for_selector("[data-testid=stDataFrame]")
    assert json.loads(window.saved(page.get_by_role("button", name="JSON")))["rows"]


def test_neurons_of_an_answer_open_where_they_lie(visit):
    window = visit()
    target = "query?q=MATCH+%28n%3ANeuron+%7Btype%3A+%27K%27%7D%29+RETURN+n+LIMIT+2&run=yes"
    page = window.go(target)
    page.get_by_text("Neurons in this answer").wait_for()
    page.locator("a[data-open^='circuit?']").first.click()
    page.wait_for_selector("text=strongest first")
    window.idle()
    assert "cell=" in window.url()


def test_print_cuts_nothing(visit):
    page = visit({"width": 794, "height": 1123}).go(f"motifs?circuits={WORM}&circuits={FLY}")
    page.emulate_media(media="print")
    edges = page.locator("svg.figure").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().right)"
    )
    assert len(edges) >= 4
    assert max(edges) <= 794
    assert page.get_by_role("button", name="SVG", exact=True).first.is_hidden()


def test_keyboard_opens_a_number(visit):
    window = visit()
    page = window.go(f"motifs?circuits={FLY}")
    page.locator("g[data-open]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=dialog]")
    page.keyboard.press("Escape")
    page.wait_for_selector("[role=dialog]", state="detached")
    page.wait_for_function("() => !location.search.includes('open=')")  # a busy server comes later


def test_instances_lead_to_their_neurons_and_to_the_graph(visit):
    window = visit()
    page = window.go(f"motifs?circuits={FLY}&of=210")
    page.get_by_text(f"Instances of 210 in {FLY}").wait_for()
    cells = page.locator("a[data-cell]")
    assert cells.count() == 30
    before = cells.evaluate_all("all => all.map(one => one.dataset.cell)")
    page.get_by_role("button", name="Draw others").click()
    window.idle()
    assert "draw=1" in window.url()
    assert cells.evaluate_all("all => all.map(one => one.dataset.cell)") != before
    cell = cells.first.get_attribute("data-cell")
    cells.first.locator("text").click()
    page.wait_for_selector("text=strongest first")
    window.idle()
    assert f"cell={cell}" in window.url()
    page = window.go(f"motifs?circuits={FLY}&of=210")
    page.get_by_text("Ask the graph for 100").click()
    page.wait_for_selector("h1:has-text('What does the graph say?')")
    window.idle()
    page.wait_for_selector("[data-testid=stDownloadButton]")
    answer = json.loads(window.saved(page.get_by_role("button", name="JSON")))
    assert answer["columns"] == ["A", "B", "C"]
    assert len(answer["rows"]) == 100
