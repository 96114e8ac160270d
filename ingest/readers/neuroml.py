"""NeuroML v2 networks, in XML or as libNeuroML writes them into HDF5.

A connection of a projection or of a continuousProjection is a synapse; what scales its conductance
is a measure, never a count. Electrical connections have no direction and are left out, with a
caveat that says how many. Layouts are not drawn, included files not opened.
Format: NeuroML_v2.3.1.xsd of github.com/NeuroML/NeuroML2; in HDF5, numbers of cells are float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest import neuroml_hdf5, neuroml_xml
from ingest.populations import network_tables
from ingest.probe import Probe
from ingest.readers import RawTables, SourceFiles, reading, register
from ingest.report import Report
from schemas.errors import UsageError


def recognise(probe: Probe) -> dict[str, Any] | None:
    """Options for XML whose root is neuroml, of whatever version, and for its HDF5 form."""
    if probe.is_xml("neuroml") or probe.is_xml("networkml"):
        return {}
    found = any(f"{name}/".startswith("neuroml/network/") for name in probe.hdf5_names)
    return {} if found else None


@register("neuroml", recognise=recognise, what="NeuroML v2 network")
def read_neuroml(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Read the chemical connections of one network.

    Parameters
    ----------
    files : SourceFiles
    options : mapping
        `connections`: name of the file; `network`, optional: id of the one that is meant, where
        an XML file holds several.

    Returns
    -------
    RawTables
        One neuron per cell, with its population as `type`, its cell model as `component`,
        properties of the population as columns, and its location. Beside a connection, where the
        file says them, `weight_of_source` (scale of the conductance) and `delay_ms`; a connection
        that says neither has 1 and 0, as the standard means it.

    Raises
    ------
    InputError
        If the file is damaged, has a document type or entities, is of another version, holds no
        network or several, or a connection leads nowhere; in XML every problem with its line.
    UsageError
        If a neuron table is given.
    """
    name = str(options["connections"])
    if options.get("neurons"):
        raise UsageError(
            "a NeuroML file tells its neurons itself",
            remedy="leave the neuron table out; properties of a population become columns",
        )
    report = Report()
    with files.open(name) as stream:
        is_hdf5 = stream.read(len(neuroml_hdf5.MAGIC)) == neuroml_hdf5.MAGIC
        stream.seek(0)
        if is_hdf5:
            with reading(name, neuroml_hdf5.EXPECTED):
                network = neuroml_hdf5.read_hdf5(stream)
        else:
            with reading(name, neuroml_xml.EXPECTED):
                network = neuroml_xml.read_xml(stream, name, options.get("network"), report)
    return network_tables(name, network, report)
