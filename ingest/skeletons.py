"""webKnossos skeletons (NML) as a table of neurons: where they are and how long, never synapses.

A tree is a neuron, called by its name where all names differ, else by its id. Its soma is the node
with a comment that says so. Positions are voxels times the scale (nm per voxel) of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ingest.assemble import NEURON_ID, table_of
from ingest.readers import SourceFiles, reading
from ingest.tables import Table, read_table
from schemas.errors import InputError, Problem

EXPECTED = "webKnossos NML with a scale and at least one tree"
NM_PER_UM = 1000.0
HEAD = 4_096


def read_neurons(files: SourceFiles, name: str) -> Table:
    """Read neurons from a table or from skeletons; the content tells which.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    with files.open(name) as stream:
        head = stream.read(HEAD)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"<things" in head:
        return read_skeletons(files, name)
    return read_table(files, name)


def read_skeletons(files: SourceFiles, name: str) -> Table:
    """Return one row per tree: neuron_id, soma_x, soma_y, soma_z (µm), cable_um, nodes.

    Raises
    ------
    InputError
        If it is no NML, has a document type, no scale, or an edge that leads nowhere.
    """
    trees: list[dict[str, Any]] = []
    scale: npt.NDArray[np.float64] | None = None
    with files.open(name) as stream, reading(name, EXPECTED):
        try:
            comments: dict[int, str] = {}
            for _, element in iterparse(stream, events=("end",), forbid_dtd=True):
                tag = element.tag.rpartition("}")[2]
                if tag == "scale":
                    scale = np.array([float(element.attrib[axis]) for axis in "xyz"])
                elif tag == "comment":
                    comments[int(element.attrib["node"])] = element.get("content", "")
                elif tag == "thing":
                    trees.append(_tree(element))
                    element.clear()
        except DefusedXmlException as error:
            what = f"it holds a document type or entities ({type(error).__name__})"
            remedy = "remove the <!DOCTYPE …> part; NML needs none"
            raise InputError(
                [Problem(file=name, what=what, expected=EXPECTED, remedy=remedy)]
            ) from None
        if scale is None or not (np.isfinite(scale) & (scale > 0)).all():
            raise ValueError("the file gives no scale")
        if not trees:
            raise ValueError("the file has no tree")
        micrometres = scale / NM_PER_UM
        rows = [_measured(tree, micrometres, comments) for tree in trees]
    names = [str(tree["name"]) for tree in trees]
    by_name = all(names) and len(set(names)) == len(names)
    columns: dict[str, list[Any]] = {
        NEURON_ID.ours: names if by_name else [tree["id"] for tree in trees]
    }
    if not by_name:
        columns["instance"] = names
    columns |= {key: [row[key] for row in rows] for key in rows[0]}
    return table_of(name, columns)


def _tree(element: Any) -> dict[str, Any]:
    nodes = {
        int(node.attrib["id"]): [float(node.attrib[axis]) for axis in "xyz"]
        for node in element.iterfind(".//{*}node")
    }
    edges = [
        (int(edge.attrib["source"]), int(edge.attrib["target"]))
        for edge in element.iterfind(".//{*}edge")
    ]
    return {
        "id": int(element.attrib["id"]),
        "name": element.get("name", "").strip(),
        "nodes": nodes,
        "edges": edges,
    }


def _measured(
    tree: Mapping[str, Any], micrometres: npt.NDArray[np.float64], comments: Mapping[int, str]
) -> dict[str, Any]:
    """Soma, length of cable and number of nodes of one tree."""
    nodes = {node: np.array(place) * micrometres for node, place in tree["nodes"].items()}
    if not all(np.isfinite(place).all() for place in nodes.values()):
        raise ValueError(f"a node of tree {tree['id']} has no finite position")
    if any(end not in nodes for edge in tree["edges"] for end in edge):
        raise ValueError(f"an edge of tree {tree['id']} leads to a node that is not there")
    cable = sum(float(np.linalg.norm(nodes[a] - nodes[b])) for a, b in tree["edges"])
    somata = [node for node in nodes if "soma" in comments.get(node, "").lower()]
    if len(somata) > 1:
        raise ValueError(f"tree {tree['id']} has {len(somata)} somata")
    place = nodes[somata[0]].tolist() if somata else [None, None, None]
    return {
        "soma_x": place[0],
        "soma_y": place[1],
        "soma_z": place[2],
        "cable_um": cable,
        "nodes": len(nodes),
    }
