"""The circuit card: what a circuit is, before any number about it."""

from __future__ import annotations

from analysis.frame import Frame
from analysis.statistics import PairStatistics
from dashboard.address import address, link
from dashboard.data import DatasetEntry
from dashboard.views.marks import evidence_badge, species_chip
from dashboard.views.numbers import DASH, number, percent, plural
from dashboard.views.origin import doi_text
from dashboard.views.svg import element, prose, words
from schemas.records import CircuitSelection
from schemas.vocabularies import vocabulary


def card(
    name: str,
    entry: DatasetEntry,
    cut: CircuitSelection,
    pairs: PairStatistics,
    frame: Frame,
) -> str:
    """Write the card of the circuit called `name`, with what was observable of it."""
    manifest = entry.manifest
    area = vocabulary("areas").get(cut.area or manifest.area or "", {})
    head = element(
        "div",
        [
            element("span", words(cut.title), class_="title"),
            species_chip(manifest.individual.species),
            evidence_badge(manifest.evidence),
            element("span", words(area.get("label", ""))),
            element("span", words(cut.layer or manifest.layer or "")),
        ],
        class_="head",
    )
    grid = _grid(
        {
            "Neurons": number(pairs.neurons),
            "Connections": number(pairs.connections),
            "Density": percent(pairs.density)
            + element("small", f"of {plural(pairs.observable_pairs, 'observable pair')}"),
            "Reciprocity": percent(pairs.reciprocity)
            + element("small", f"{number(pairs.reciprocity_over_er)} × independent"),
            "Degree variation": f"{number(pairs.in_degree_cv)} in"
            + element("small", f"{number(pairs.out_degree_cv)} out (CV)"),
            "In–out correlation": number(pairs.degree_correlation),
            "Weight counts": words(manifest.weight.replace("_", " ")),
            "Version": element("code", words(entry.provenance.version)),
        }
    )
    caveats = [text for text in (cut.caveat, *manifest.caveats) if text]
    folded = element(
        "details",
        element("summary", f"{plural(len(caveats), 'caveat')}, citation and licence")
        + "".join(element("p", prose(text)) for text in caveats)
        + element(
            "p",
            f"{words(manifest.citation.text)} {doi_text(manifest.citation.doi)} "
            f"Licence: {words(manifest.licence)}.",
        ),
        class_="quiet",
    )
    more = element(
        "p",
        link(address("motifs", circuits=[name]), "Motifs of this circuit")
        + " · "
        + link(address("datasets", dataset=manifest.dataset), "Provenance of the dataset"),
        class_="caveat",
    )
    complete = element("p", prose(manifest.completeness), class_="caveat")
    seen = element(
        "p",
        words(f"Observable: {manifest.frame.words()} {frame.words()}".strip()),
        class_="caveat",
    )
    return element(
        "div",
        head + grid + complete + seen + folded + more,
        class_="card",
        data_circuit=name,
    )


def _grid(values: dict[str, str]) -> str:
    cells = "".join(
        element("div", element("dt", words(name)) + element("dd", value or DASH))
        for name, value in values.items()
    )
    return element("dl", cells, class_="grid")
