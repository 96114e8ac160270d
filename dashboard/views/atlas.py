"""The atlas: species × area × layer, what exists there and with which evidence."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dashboard.address import address, link
from dashboard.views.marks import evidence_icon, species_chip
from dashboard.views.numbers import DASH, number, plural
from dashboard.views.palette import EVIDENCE_WORDS
from dashboard.views.svg import element, words
from schemas.records import Evidence
from schemas.vocabularies import vocabulary

MOST_COMPARED = 12


@dataclass(frozen=True)
class AtlasEntry:
    """Circuits of one species, area, layer and evidence class.

    Attributes
    ----------
    circuits : tuple of str
        Names; replicates of one reconstruction are counted apart in `replicates`.
    reconstructions : int
        Circuits, with the replicates of a dataset as one.
    neurons : int
        Neurons of the largest of them.
    """

    species: str
    area: str | None
    layer: str | None
    evidence: str
    circuits: tuple[str, ...]
    replicates: int
    reconstructions: int
    neurons: int


def entries(circuits: pd.DataFrame) -> list[AtlasEntry]:
    """Gather circuits (table of `dashboard.data.circuits`) into the cells of the atlas."""
    order = [kind.value for kind in Evidence]
    found = []
    keys = ["species", "area", "layer", "evidence"]
    for (species, area, layer, evidence), rows in circuits.groupby(keys, dropna=False, sort=False):
        drawn = rows["role"] == "replicate"
        datasets = rows["circuit"].str.partition("/")[0]
        found.append(
            AtlasEntry(
                species=str(species),
                area=area if isinstance(area, str) else None,
                layer=layer if isinstance(layer, str) else None,
                evidence=str(evidence),
                circuits=tuple(rows["circuit"]),
                replicates=int(drawn.sum()),
                reconstructions=int((~drawn).sum()) + datasets[drawn].nunique(),
                neurons=int(rows["neurons"].max()),
            )
        )
    return sorted(found, key=lambda one: order.index(one.evidence))


def places(found: list[AtlasEntry]) -> list[tuple[str | None, str | None]]:
    """Areas and layers that occur, in the order of the vocabularies; unknown ones last."""
    areas, layers = list(vocabulary("areas")), list(vocabulary("layers"))

    def rank(name: str | None, known: list[str]) -> int:
        return known.index(name) if name in known else len(known)

    return sorted(
        {(one.area, one.layer) for one in found},
        key=lambda place: (rank(place[0], areas), rank(place[1], layers)),
    )


def atlas(circuits: pd.DataFrame) -> str:
    """Write the atlas as a table; every entry opens its circuit or compares its circuits.

    Species are the columns, so that the table grows downwards as areas and layers come in.
    """
    found = entries(circuits)
    names = list(vocabulary("species"))
    head = element(
        "tr",
        [element("th", "Area", scope="col"), element("th", "Layer", scope="col")]
        + [element("th", species_chip(species), scope="col") for species in names],
    )
    body = []
    before = None
    for area, layer in places(found):
        label = _area(area)
        cells = [
            element("th", label if label != before else "", scope="row"),
            element("th", words(layer or "all"), scope="row"),
        ]
        before = label
        for species in names:
            place = (species, area, layer)
            here = [one for one in found if (one.species, one.area, one.layer) == place]
            cells.append(element("td", "".join(_entry(one) for one in here) or DASH))
        body.append(element("tr", cells))
    written = element("table", [element("thead", head), element("tbody", body)], class_="atlas")
    return element("div", written, class_="scroll wide")


def _area(area: str | None) -> str:
    label = vocabulary("areas").get(area or "", {}).get("label", area or "several areas")
    return words(label[:1].upper() + label[1:])


def _entry(one: AtlasEntry) -> str:
    if one.reconstructions == 1:
        target = address("circuit", circuit=one.circuits[0])
        what = plural(one.neurons, "neuron")
    else:
        target = address("motifs", circuits=one.circuits[:MOST_COMPARED])
        what = plural(one.reconstructions, "circuit")
    if one.replicates > 1:
        what += f", {number(one.replicates)} replicates"
    tip = f"{EVIDENCE_WORDS[one.evidence]}\n" + "\n".join(one.circuits[:8])
    if len(one.circuits) > 8:
        tip += f"\nand {len(one.circuits) - 8} more"
    return element("div", [evidence_icon(one.evidence), " ", link(target, what)], data_tip=tip)
