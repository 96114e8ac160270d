"""isocortex: a comparative connectomics database.

The library for notebooks is small and typed::

    import isocortex as ic
    ic.datasets()                              # what there is
    circuit = ic.circuit("worm-witvliet-8")    # or a file: ic.circuit("edges.csv")
    ic.census(circuit)                         # motif effects against the null ladder
    ic.compare([circuit, "worm-witvliet-7"])   # which motifs are the same, and which are not
    ic.by_class(circuit)                       # triads by the classes of their neurons
    ic.typed_effects(circuit)                  # those against the null ladder
    ic.describe(circuit)                       # cycles, clustering, modules, hubs and others
    ic.find("A -> B; B -> A", "worm-witvliet-8")   # where a motif lies; ic.count: how often
    ic.participation(circuit)                  # triads of every neuron, by its role
    ic.robustness(circuit)                     # effects over levels of reconstruction error
    ic.query("MATCH (c:Circuit) RETURN c.name")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "__version__",
    "by_class",
    "census",
    "circuit",
    "compare",
    "count",
    "datasets",
    "describe",
    "find",
    "participation",
    "query",
    "robustness",
    "typed_effects",
]

if TYPE_CHECKING:
    from isocortex.comparing import compare
    from isocortex.library import (
        by_class,
        census,
        circuit,
        count,
        datasets,
        describe,
        find,
        participation,
        query,
        robustness,
        typed_effects,
    )


def __getattr__(name: str) -> Any:
    # Loaded on first use: `import isocortex` must stay quick for the command line.
    if name == "compare":
        from isocortex import comparing

        return comparing.compare
    if name in __all__:
        from isocortex import library

        return getattr(library, name)
    raise AttributeError(f"module 'isocortex' has no attribute {name!r}")
