"""Node-link JSON of networkx (`node_link_data`), old and new names of the list of edges."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ingest.graphs import graph_tables
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, reading, register
from schemas.errors import InputError, Problem

EXPECTED = "node-link JSON of a directed graph: nodes with an id, edges or links with their ends"
LISTS = ("edges", "links")


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for a JSON object with nodes and edges."""
    keys = probe.json_keys
    return {} if "nodes" in keys and any(name in keys for name in LISTS) else None


@register("node_link", recognise=recognise, what="networkx node-link JSON graph")
def read_node_link(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read a directed graph; attributes of nodes become columns of neurons.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the file.

    Raises
    ------
    InputError
        If it is no such JSON, is undirected, or has an id of the wrong kind.
    """
    name = str(options["connections"])
    with files.open(name) as stream, reading(name, EXPECTED):
        content = json.load(stream)
        if all(key in content for key in LISTS):
            raise ValueError("it has both edges and links: only one of them can be meant")
        listed = content[next(key for key in LISTS if key in content)]
        nodes = [(_id(node["id"]), _rest(node, "id")) for node in content["nodes"]]
        edges = [
            (_id(edge["source"]), _id(edge["target"]), _rest(edge, "source", "target", "key"))
            for edge in listed
        ]
        if len({node for node, _ in nodes}) != len(nodes):
            raise ValueError("a node is there twice")
    if content.get("directed") is not True:
        raise InputError(
            [
                Problem(
                    file=name,
                    what="the graph is undirected",
                    expected=EXPECTED,
                    remedy="write a DiGraph: every connection has a direction, pre to post",
                )
            ]
        )
    return graph_tables(name, nodes, edges)


def _id(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"{json.dumps(value)[:40]} is no id: write ids as integers or names")
    return value


def _rest(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key not in names}
