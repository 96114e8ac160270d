"""The one module in which tables of any source become tables of ours.

Columns and types of `schemas.tables`; words of a source become terms of the vocabularies, whatever
their capital letters, by name, label or CURIE. A word that is in none is counted, and stays: in a
column `<column>_raw`, and as `type` where it was a cell class and there is no type. Parallel
connections are summed, self-connections treated by the manifest's policy; measures of a connection
(`ingest.measures`) follow it in columns of their own.

`cortical_depth` of a soma is 0 at the pia and 1 at the white matter. It is there only where a
reader knows axis and both boundaries from the dataset's documentation, and null otherwise: neither
the extremes of a dataset nor those of its layers are the boundaries of the cortex. It is not cut
off, so that somata in the white matter have more than 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.matrices import LARGEST
from ingest.measures import of_pairs
from ingest.pathways import harmonise_pathways
from ingest.readers import RawTables
from schemas.errors import InputError, Problem
from schemas.records import DatasetManifest, Polarity
from schemas.tables import CONNECTION_FIELDS, NEURON_FIELDS, CircuitTables
from schemas.vocabularies import vocabulary

TERMS_OF = {"cell_class": "cell_classes", "layer": "layers", "area": "areas"}
SIDES = {"l": "left", "left": "left", "r": "right", "right": "right", "c": "center",
         "m": "center", "center": "center", "centre": "center", "middle": "center"}  # fmt: skip
POLARITIES = {"exc": "excitatory", "e": "excitatory", "inh": "inhibitory", "i": "inhibitory",
              **{polarity.value: polarity.value for polarity in Polarity}}  # fmt: skip
ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_TEXT = ("type", "instance", "cell_class", "polarity", "layer", "area", "side", "module")
_POSITION = ("soma_x", "soma_y", "soma_z", "cortical_depth")


@dataclass(frozen=True)
class Harmonised:
    """Tables in our terms, and what was done to get there.

    Attributes
    ----------
    tables : CircuitTables
    dropped_self_loops : int
        Rows of connections from a neuron to itself that were left out.
    merged_parallel : int
        Rows that were added to another row of the same pair.
    unmapped : dict
        Column → {word that is no known term: number of neurons}.
    """

    tables: CircuitTables
    dropped_self_loops: int
    merged_parallel: int
    unmapped: dict[str, dict[str, int]]


def harmonise(raw: RawTables, manifest: DatasetManifest) -> Harmonised:
    """Bring raw tables, already validated row by row, into our terms.

    Parameters
    ----------
    raw : RawTables
    manifest : DatasetManifest
        Gives area and layer where the source does not say them for each neuron.

    Raises
    ------
    InputError
        If parallel connections add up to more than 32 bits hold.
    """
    connections, dropped, merged = _connections(raw, manifest)
    neurons, unmapped = _neurons(raw, manifest)
    pathways = None
    if raw.pathways is not None:
        pathways, strange = harmonise_pathways(raw.pathways)
        unmapped |= strange
    tested = raw.tested
    if tested is not None:
        tested = tested[["pre", "post"]].drop_duplicates().sort_values(["pre", "post"])
        tested = tested[tested["pre"] != tested["post"]].reset_index(drop=True)
    tables = CircuitTables(neurons, connections, pathways=pathways, tested=tested)
    return Harmonised(tables, dropped, merged, unmapped)


def _connections(raw: RawTables, manifest: DatasetManifest) -> tuple[pd.DataFrame, int, int]:
    pre = raw.connections["pre"].to_numpy(dtype=np.int64)
    post = raw.connections["post"].to_numpy(dtype=np.int64)
    weight = raw.connections["weight"].to_numpy(dtype=np.int64)
    kept: slice | npt.NDArray[np.bool_] = slice(None)
    dropped = 0
    if manifest.self_loops == "drop":
        apart = pre != post
        dropped = int((~apart).sum())
        if dropped:
            kept = apart
            pre, post, weight = pre[kept], post[kept], weight[kept]
    measures = {
        name: raw.connections[name].to_numpy(dtype=np.float64)[kept]
        for name in raw.connections.columns
        if name not in CONNECTION_FIELDS
    }
    if not _sorted(pre, post):
        order = np.lexsort((post, pre))
        pre, post, weight = pre[order], post[order], weight[order]
        measures = {name: values[order] for name, values in measures.items()}
    first = np.ones(pre.size, np.bool_)
    first[1:] = (pre[1:] != pre[:-1]) | (post[1:] != post[:-1])
    starts = np.flatnonzero(first)
    merged = int(pre.size - starts.size)
    summed = weight
    if merged:
        pre, post, summed = pre[starts], post[starts], np.add.reduceat(weight, starts)
        measures = {name: of_pairs(name, rows, starts) for name, rows in measures.items()}
    if manifest.weight == "binary":
        summed = np.minimum(summed, 1)
    _check_sums(raw, pre, post, summed)
    columns = {"pre": pre, "post": post, "weight": summed.astype(np.int32)}
    return pd.DataFrame(columns | measures), dropped, merged


def _sorted(pre: npt.NDArray[np.int64], post: npt.NDArray[np.int64]) -> bool:
    later = (pre[1:] > pre[:-1]) | ((pre[1:] == pre[:-1]) & (post[1:] >= post[:-1]))
    return bool(later.all())


def _check_sums(
    raw: RawTables,
    pre: npt.NDArray[np.int64],
    post: npt.NDArray[np.int64],
    summed: npt.NDArray[np.int64],
) -> None:
    beyond = np.flatnonzero(summed > LARGEST)
    if beyond.size:
        pair = int(beyond[0])
        raise InputError(
            [
                Problem(
                    file=raw.connections_file,
                    column="weight",
                    what=f"the rows {pre[pair]} → {post[pair]} add up to {summed[pair]:,}",
                    expected=f"at most {LARGEST:,} synapses in a connection",
                    remedy="weights are numbers of synapses; keep other measures in a column of "
                    "their own",
                )
            ],
            found=int(beyond.size),
        )


def _neurons(
    raw: RawTables, manifest: DatasetManifest
) -> tuple[pd.DataFrame, dict[str, dict[str, int]]]:
    if raw.neurons is None:
        ids = np.unique(raw.connections[["pre", "post"]].to_numpy(dtype=np.int64))
        given = pd.DataFrame({"neuron_id": ids})
    else:
        given = raw.neurons.reset_index(drop=True)
    table = pd.DataFrame({"neuron_id": given["neuron_id"].to_numpy(dtype=np.int64)})
    for column in _TEXT:
        table[column] = _text(given, column)
    for column in _POSITION:
        table[column] = given[column].astype(np.float64) if column in given else np.nan
    for column, value in (("area", manifest.area), ("layer", manifest.layer)):
        if column not in given and value is not None:
            table[column] = value
    unmapped: dict[str, dict[str, int]] = {}
    extras = given[[name for name in given.columns if name not in NEURON_FIELDS]]
    for column in ("cell_class", "layer", "area", "side", "polarity"):
        words = table[column]
        table[column], strange = _terms(words, column)
        if strange.any():
            unmapped[column] = {str(k): int(v) for k, v in words[strange].value_counts().items()}
            extras = extras.assign(**{f"{column}_raw": words})
            if column == "cell_class":
                untyped = strange & table["type"].isna()
                table["type"] = table["type"].mask(untyped, words)
    classes = vocabulary("cell_classes")
    unknown = Polarity.UNKNOWN.value
    polarity = [
        said or (classes[kind]["polarity"] if kind else unknown)
        for said, kind in zip(table["polarity"], table["cell_class"], strict=True)
    ]
    table["polarity"] = pd.Series(polarity, dtype=object)
    table = pd.concat([table[list(NEURON_FIELDS)], extras], axis=1)
    return table.sort_values("neuron_id", ignore_index=True), unmapped


def _text(given: pd.DataFrame, column: str) -> pd.Series[str]:
    """Return a column of text with None where there is none."""
    if column not in given:
        return pd.Series([None] * len(given), dtype=object)
    text = given[column].astype("string").str.strip().fillna("")
    return pd.Series([cell or None for cell in text], dtype=object)


def _terms(words: pd.Series[str], column: str) -> tuple[pd.Series[str], pd.Series[bool]]:
    """Return the term of every word, None where there is none, and which words have none."""
    if not words.notna().any():
        return words, words.notna()
    known = _dictionary(column)
    distinct = {word: known.get(_folded(word, column)) for word in words.dropna().unique()}
    terms = pd.Series([None if word is None else distinct[word] for word in words], dtype=object)
    return terms, words.notna() & terms.isna()


@cache
def _dictionary(column: str) -> Mapping[str, str]:
    """Folded word → term."""
    if column == "side":
        return SIDES
    if column == "polarity":
        return POLARITIES
    rows = vocabulary(TERMS_OF[column])
    by_other = {row[key]: name for name, row in rows.items() for key in ("label", "curie")}
    every = by_other | {name: name for name in rows}  # a name goes before another one's label
    return {_folded(word, column): name for word, name in every.items() if word}


def _folded(word: str, column: str) -> str:
    folded = " ".join(word.casefold().split())
    return _folded_layer(folded) if column == "layer" else folded


def _folded_layer(word: str) -> str:
    """Bring `4`, `IV`, `Layer 4`, `L2_3`, `layer ii/iii` to one form; leave other words alone."""
    match = re.fullmatch(r"(?:l|layer)?[ _]?([1-6]|[iv]+)(?:[ /_-]?([1-6]|[iv]+))?", word)
    if match is None:
        return word
    parts = [ROMAN.get(part, part) for part in match.groups() if part]
    return "l" + "/".join(parts)
