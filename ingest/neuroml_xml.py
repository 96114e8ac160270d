"""NeuroML v2 in XML: cells and connections of a network, line by line.

A document type is refused before anything is expanded: entities can make a small file unpack to
gigabytes or read other files of the machine. Files that are included are not opened either.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NoReturn

import numpy as np
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from ingest.columns import NUMBER
from ingest.populations import ELECTRICAL, PROJECTIONS, Network, Population, Projection
from ingest.report import LISTED, Report
from schemas.errors import InputError, Problem

EXPECTED = "NeuroML v2 with a network"
CHUNK = 2**16
NETWORKS = ("network", "networkWithTemperature")
WITHOUT_PROJECTION = ("synapticConnection", "synapticConnectionWD", "explicitConnection")
# `pop[3]`, `../pop/3/component`, and the bare number that continuous connections may have.
REFERENCE = re.compile(
    r"(?:(?:\.\./)?(?P<population>[^/\[\]]+)(?:\[(?P<place>\d{1,18})\]|/(?P<cell>\d{1,18})"
    r"(?:/[A-Za-z_]\w*)?/?)|(?P<bare>\d{1,18}))",
    re.ASCII,
)
DURATION = re.compile(rf"(?P<number>{NUMBER.strip('^$')})\s*(?P<unit>s|ms|us)", re.ASCII)
MILLISECONDS = {"s": 1e3, "ms": 1.0, "us": 1e-3}


def read_xml(stream: BinaryIO, name: str, wanted: Any, report: Report) -> Network:
    """Return the one network of a file; belongs inside `ingest.readers.reading`.

    Parameters
    ----------
    stream : binary stream
    name : str
        Name of the file.
    wanted : str or None
        Id of the network that is meant, where there are several.
    report : Report
        Takes what is wrong with single elements, each with its line.

    Raises
    ------
    InputError
        If there is a document type, another version, no network or several.
    """
    document = _Document(name, report)
    parser = DefusedXMLParser(target=document, forbid_dtd=True)
    # The parser underneath knows the line; elements that are made of it do not.
    document.expat = parser.parser
    try:
        while chunk := stream.read(CHUNK):
            parser.feed(chunk)
        parser.close()
    except DefusedXmlException as error:
        document.fail(
            f"it holds a document type or entities ({type(error).__name__})",
            "remove the <!DOCTYPE …> part; NeuroML needs none",
        )
    return document.only(wanted)


@dataclass
class _Connections:
    """A projection that is being read: columns that grow."""

    name: str
    sides: tuple[str, str]
    ends: tuple[str, str]
    row: int
    electrical: bool = False
    pre: list[int] = field(default_factory=list)
    post: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)
    delay: list[float] = field(default_factory=list)
    weighted: bool = False
    delayed: bool = False

    def made(self) -> Projection:
        """Columns as arrays."""
        return Projection(
            self.name,
            self.sides,
            np.array(self.pre, np.int64),
            np.array(self.post, np.int64),
            weight=np.array(self.weight, np.float64) if self.weighted else None,
            delay=np.array(self.delay, np.float64) if self.delayed else None,
            rows=np.array(self.rows, np.int64),
            ends=self.ends,
            row=self.row,
        )


class _Document:
    """Collects cells and connections while the elements go by, so that no tree is kept.

    What an element means depends on how deep it lies: networks are children of the root, and
    populations and projections theirs. Cell models may have children of the same names.
    """

    def __init__(self, name: str, report: Report) -> None:
        self.name = name
        self.report = report
        self.expat: Any = None
        self.depth = 0
        self.gap_junctions: set[str] = set()
        self.networks: dict[str, Network] = {}
        self.network: Network | None = None
        self.population: Population | None = None
        self.numbers: list[int] = []
        self.places: list[tuple[float, float, float]] = []
        self.located = True
        self.open: _Connections | None = None
        self.loose: dict[tuple[str, str], _Connections] = {}

    @property
    def row(self) -> int:
        """Line of the element that is being read."""
        return int(self.expat.CurrentLineNumber)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        space, _, label = tag.rpartition("}")
        depth, self.depth = self.depth, self.depth + 1
        if depth == 0:
            self._root(space.removeprefix("{"), label)
        elif depth == 1 and label in NETWORKS:
            called = attributes.get("id", "")
            if called in self.networks:
                self.fail(f"network {called!r} is there twice", "give every network an id")
            self.network = self.networks[called] = Network()
        elif depth == 1 and label == "gapJunction":
            self.gap_junctions.add(attributes.get("id", ""))
        elif self.network is None:
            return
        elif depth == 2:
            self._part(self.network, label, attributes)
        elif depth == 3 and self.population is not None:
            self._of_population(self.population, label, attributes)
        elif depth == 3 and self.open is not None:
            if "onnection" in label:  # notes and annotations may lie beside them
                self._connection(self.network, self.open, attributes)
        elif depth == 4 and self.population is not None and label == "location":
            self._location(attributes)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        self.depth -= 1
        if self.depth == 3 and not self.located:
            self.bad(
                "location",
                f"instance {self.numbers[-1]} has no location",
                'a location with x, y and z, as in <location x="1" y="2" z="3"/>',
                "add it, or give the population a size and no instances",
            )
            self.places.append((0.0, 0.0, 0.0))
            self.located = True
        elif self.depth == 2:
            self._finish()
        elif self.depth == 1 and self.network is not None:
            self.network.projections += [group.made() for group in self.loose.values()]
            self.loose = {}
            self.network = None

    def only(self, wanted: Any) -> Network:
        """Return the one network, or the one that is wanted."""
        found = {k: v for k, v in self.networks.items() if wanted in (None, k)}
        if not self.networks:
            self.fail(
                "it holds no network",
                "give the file that holds the <network>; files that it includes are not opened",
            )
        if len(found) != 1:
            self.fail(
                f"it holds {len(found)} networks{f' {wanted!r}' if wanted else ''} "
                f"({', '.join(self.networks)[:200]})",
                "write the one that is meant into a file of its own, or name it in the manifest",
            )
        return next(iter(found.values()))

    def fail(self, what: str, remedy: str) -> NoReturn:
        """Raise an error about the file as a whole."""
        raise InputError([Problem(file=self.name, what=what, expected=EXPECTED, remedy=remedy)])

    def bad(self, column: str | None, what: str, expected: str, remedy: str) -> None:
        """Report a problem of the element that is being read."""
        listed = len(self.report.problems) < LISTED
        problem = Problem(self.name, what, expected, remedy, row=self.row, column=column)
        self.report.add([problem] if listed else [], 1)

    def _root(self, space: str, label: str) -> None:
        if label != "neuroml" or (space and not space.endswith("neuroml2")):
            called = f"<{label}>" + (f" of {space[:80]}" if space else "")
            self.fail(
                f"its root is {called}", "give NeuroML version 2; older files can be converted"
            )

    def _part(self, network: Network, label: str, attributes: dict[str, str]) -> None:
        """Take a population, a projection, or a connection that lies in none."""
        if label == "population":
            said = attributes.get("size")
            size = None if said is None else self._whole(said, "size")
            self.population = Population(
                self._text(attributes, "id", "population"),
                component=attributes.get("component"),
                size=size,
                row=self.row,
                sound=said is None or size is not None,
            )
        elif label in PROJECTIONS:
            sides = (
                self._text(attributes, "presynapticPopulation", label),
                self._text(attributes, "postsynapticPopulation", label),
            )
            ends = ("preCellId", "postCellId") if label == "projection" else ("preCell", "postCell")
            called = f"{label} {attributes.get('id', '')!r}"
            electrical = label == ELECTRICAL or self._is_gap(attributes)
            self.open = _Connections(called, sides, ends, self.row, electrical)
        elif label in WITHOUT_PROJECTION and self._is_gap(attributes):
            network.electrical += 1
        elif label in WITHOUT_PROJECTION:
            places = [self._reference(attributes, end, None) for end in ("from", "to")]
            pre, post = places
            if pre is not None and post is not None:
                sides = pre[0], post[0]
                fresh = _Connections(label, sides, ("from", "to"), self.row)
                self._keep(self.loose.setdefault(sides, fresh), pre[1], post[1], attributes)

    def _is_gap(self, attributes: dict[str, str]) -> bool:
        """Whether the synapse is a gap junction, which older files put into plain projections."""
        return attributes.get("synapse") in self.gap_junctions

    def _of_population(
        self, population: Population, label: str, attributes: dict[str, str]
    ) -> None:
        """Take an instance or a property."""
        if label == "instance":
            said, number = attributes.get("id"), len(self.numbers)
            if said is not None and (given := self._whole(said, "id")) is not None:
                number = given
            population.sound &= said is None or number == given
            self.numbers.append(number)
            self.located = False
        elif label == "property" and "tag" in attributes:
            population.properties[attributes["tag"]] = attributes.get("value", "")

    def _location(self, attributes: dict[str, str]) -> None:
        x, y, z = (self._number(attributes.get(axis, ""), axis) for axis in "xyz")
        if not self.located:
            self.places.append((x, y, z))
            self.located = True

    def _connection(
        self, network: Network, group: _Connections, attributes: dict[str, str]
    ) -> None:
        """Take a connection of a projection, of whatever kind."""
        if group.electrical:
            network.electrical += 1
            return
        pre = self._reference(attributes, group.ends[0], group.sides[0])
        post = self._reference(attributes, group.ends[1], group.sides[1])
        if pre is not None and post is not None:
            self._keep(group, pre[1], post[1], attributes)

    def _keep(self, group: _Connections, pre: int, post: int, attributes: dict[str, str]) -> None:
        weight, delay = attributes.get("weight"), attributes.get("delay")
        group.pre.append(pre)
        group.post.append(post)
        group.rows.append(self.row)
        group.weight.append(1.0 if weight is None else self._number(weight, "weight"))
        group.delay.append(0.0 if delay is None else self._duration(delay))
        group.weighted |= weight is not None
        group.delayed |= delay is not None

    def _finish(self) -> None:
        """Take the end of a population or a projection."""
        if self.network is not None and self.population is not None:
            if self.numbers:
                self.population.cells = np.array(self.numbers, np.int64)
                self.population.positions = np.array(self.places, np.float64)
            self.network.populations.append(self.population)
        if self.network is not None and self.open is not None and not self.open.electrical:
            self.network.projections.append(self.open.made())
        self.population, self.open, self.numbers, self.places = None, None, [], []

    def _reference(
        self, attributes: dict[str, str], end: str, population: str | None
    ) -> tuple[str, int] | None:
        """Return the population and number of the cell that an attribute names, None if bad."""
        text = attributes.get(end, "")
        match = REFERENCE.fullmatch(text)
        if match is None or (match["bare"] is not None and population is None):
            self.bad(
                end,
                f"found {text[:60]!r}",
                f"a cell, as {population or 'pop'}[3] or ../{population or 'pop'}/3/component",
                "name the population and the number of the cell in it",
            )
            return None
        of = match["population"] or population
        if population is not None and of != population:
            self.bad(
                end,
                f"found {text[:60]!r}",
                f"a cell of population {population!r}, as its projection says",
                "correct the cell, or move the connection to another projection",
            )
            return None
        return str(of), int(match["place"] or match["cell"] or match["bare"])

    def _text(self, attributes: dict[str, str], key: str, label: str) -> str:
        if not attributes.get(key):
            self.bad(key, f"a {label} has no {key}", "its name", f"write {key} into the {label}")
        return attributes.get(key, "")

    def _whole(self, text: str, key: str) -> int | None:
        if re.fullmatch(r"\s*[0-9]{1,18}\s*", text, re.ASCII):
            return int(text)
        self.bad(key, f"found {text[:40]!r}", "a whole number, 0 or more", "correct the number")
        return None

    def _number(self, text: str, key: str) -> float:
        if re.fullmatch(NUMBER, text.strip()) and math.isfinite(float(text)):
            return float(text)
        self.bad(key, f"found {text[:40]!r}", "a finite number", "correct the number")
        return 0.0

    def _duration(self, text: str) -> float:
        match = DURATION.fullmatch(text.strip())
        if match is not None and math.isfinite(float(match["number"])):
            return float(match["number"]) * MILLISECONDS[match["unit"]]
        self.bad("delay", f"found {text[:40]!r}", "a time, as 5ms", "write a number and ms or s")
        return 0.0
