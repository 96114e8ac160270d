"""GraphML, as networkx, igraph, Gephi, Cytoscape and Motif Studio write it.

Document type declarations are refused before anything is expanded: entities can make a small file
unpack to gigabytes or read other files of the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ingest.graphs import graph_tables
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, reading, register
from schemas.errors import InputError, Problem

EXPECTED = "GraphML with one directed graph"


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for a file that begins as GraphML does."""
    if probe.is_xml("graphml"):
        return {}
    return {} if probe.has_doctype and not probe.is_xml("neuroml") else None


@register("graphml", recognise=recognise, what="GraphML graph")
def read_graphml(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read a directed graph; attributes of nodes become columns of neurons.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the file.

    Raises
    ------
    InputError
        If it is no well-formed GraphML, has a document type or entities, is undirected, nested or
        has hyperedges.
    """
    name = str(options["connections"])
    parser = _GraphML(name)
    with files.open(name) as stream, reading(name, EXPECTED):
        try:
            for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
                parser.take(event, element)
        except DefusedXmlException as error:
            raise parser.error(
                f"it holds a document type or entities ({type(error).__name__})",
                "remove the <!DOCTYPE …> part; GraphML needs none",
            ) from None
    return parser.tables()


class _GraphML:
    """Collects nodes and edges while the elements go by, so that no tree is kept."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.keys: dict[str, tuple[str, str]] = {}
        self.defaults: dict[str, dict[str, str]] = {"node": {}, "edge": {}}
        self.nodes: dict[str, dict[str, Any]] = {}
        self.edges: list[tuple[str, str, dict[str, Any]]] = []
        self.graphs = 0
        self.depth = 0
        self.directed = True

    def take(self, event: str, element: Element) -> None:
        """Take a start or an end of an element."""
        tag = element.tag.rpartition("}")[2]
        if event == "start":
            if tag == "graph":
                self._open_graph(element)
            elif tag == "hyperedge":
                self._fail("it has hyperedges", "write every connection as an edge")
            return
        if tag == "key":
            self._key(element)
        elif tag == "node":
            node = element.attrib["id"]
            if node in self.nodes:
                self._fail(f"node {node!r} is there twice", "give every node an id of its own")
            self.nodes[node] = self._data(element, "node")
            element.clear()
        elif tag == "edge":
            if element.get("directed", "true" if self.directed else "false") != "true":
                self._fail("an edge is undirected", "give every connection its direction")
            ends = element.attrib["source"], element.attrib["target"]
            self.edges.append((*ends, self._data(element, "edge")))
            element.clear()

    def tables(self) -> RawTables:
        """Return what was collected."""
        if self.graphs != 1:
            self._fail(f"it holds {self.graphs} graphs", "write one graph to a file")
        return graph_tables(self.name, list(self.nodes.items()), self.edges)

    def _open_graph(self, element: Element) -> None:
        self.graphs += 1
        if self.graphs > 1:
            self._fail("it holds several graphs", "write one graph to a file")
        self.directed = element.get("edgedefault") == "directed"

    def _key(self, element: Element) -> None:
        target = element.get("for", "all")
        label = element.get("attr.name", element.attrib["id"])
        self.keys[element.attrib["id"]] = target, label
        default = element.find("{*}default")
        for kind in ("node", "edge"):
            if default is not None and default.text and target in (kind, "all"):
                self.defaults[kind][label] = default.text

    def _data(self, element: Element, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = dict(self.defaults[kind])
        for part in element.iterfind("{*}data"):
            if part.attrib["key"] not in self.keys:
                self._fail(
                    f"no <key> above the graph declares the data {part.attrib['key']!r}",
                    "add the <key> with the attribute's name",
                )
            _, label = self.keys[part.attrib["key"]]
            if part.text is not None and part.text.strip():
                found[label] = part.text.strip()
        return found

    def error(self, what: str, remedy: str) -> InputError:
        """Error about the file."""
        return InputError([Problem(file=self.name, what=what, expected=EXPECTED, remedy=remedy)])

    def _fail(self, what: str, remedy: str) -> NoReturn:
        raise self.error(what, remedy)
