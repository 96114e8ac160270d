"""Controlled vocabularies with CURIEs: species, areas, layers, cell classes.

A TSV per vocabulary under `schemas/vocab/`; the first column is the name used in tables.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

VOCABULARIES = ("species", "areas", "layers", "cell_classes")


@cache
def vocabulary(name: str) -> Mapping[str, Mapping[str, str]]:
    """Return vocabulary `name` as `{term: {column: value}}`, in file order.

    Raises
    ------
    KeyError
        If there is no such vocabulary.
    """
    if name not in VOCABULARIES:
        raise KeyError(f"no vocabulary {name!r}; there are {', '.join(VOCABULARIES)}")
    text = (files("schemas") / "vocab" / f"{name}.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return MappingProxyType({row["name"]: MappingProxyType(row) for row in rows})
