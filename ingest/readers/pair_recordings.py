"""Published class sizes and paired recordings → replicates of a statistical reconstruction.

The tables are those of `ingest/published/` (see the README there); how they become circuits is
told in `ingest.statistical`. The rows of the second table are kept as pathways: what the circuits
were drawn from stays beside them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from ingest.columns import typed
from ingest.readers import RawTables, SourceFiles, register
from ingest.statistical import NeuronClass, Study, reconstruct
from ingest.tables import read_table
from schemas.errors import InputError, Problem
from schemas.vocabularies import vocabulary

NEURON_COLUMNS = ("class", "type", "cell_class", "count", "layer", "area", "doi")
PAIR_COLUMNS = ("pre_class", "post_class", "found", "tested", "probability", "doi", "note")
REMEDY = "correct the table after the publication"
LARGEST_CIRCUIT = 50_000
"""Every ordered pair is drawn: more neurons than a barrel holds ten times are a slip of the pen."""
ROUNDING = 0.0051
"""Published percentages are rounded to a whole percent."""


@register("statistical")
def read_statistical(files: SourceFiles, options: Mapping[str, Any]) -> RawTables:
    """Draw replicates of a circuit from published figures.

    Parameters
    ----------
    files : SourceFiles
        The published tables.
    options : mapping
        `neurons`, `pairs`: names of the two tables; `replicates` (int); `seed` (int);
        `tested_where_unpublished` (int): number of tests assumed behind a probability that was
        published without counts, or `fixed` (true): such probabilities are taken as they stand;
        `classes` (list, optional): the classes that are drawn, default all;
        `share_of_cells` (float, optional): share of the published number of neurons of every
        class that is drawn. Probabilities stay as they are.

    Returns
    -------
    RawTables
        Neurons with the columns `replicate` (int) and `module` ("r1", "r2", …), connections of
        weight 1, and the rows of `pairs` as pathways.

    Raises
    ------
    InputError
        If a table is damaged, a figure impossible, or a class pair without any figure.
    """
    published, places = read_classes(files, str(options["neurons"]))
    chosen = options.get("classes", [block.name for block in published])
    share = float(options.get("share_of_cells", 1))
    classes = [
        replace(block, count=round(share * block.count))
        for block in published
        if block.name in chosen
    ]
    _check_size(classes, str(options["neurons"]))
    studies = read_pathways(
        files,
        str(options["pairs"]),
        [block.name for block in published],
        assumed_tests=None if options.get("fixed") else int(options["tested_where_unpublished"]),
        needed=[block.name for block in classes],
    )
    drawn = reconstruct(
        classes, studies, replicates=int(options["replicates"]), seed=int(options["seed"])
    )
    neurons = drawn.neurons
    block = neurons.pop("block")
    polarity = neurons["cell_class"].map(
        {name: row["polarity"] for name, row in vocabulary("cell_classes").items()}
    )
    neurons = neurons.assign(
        polarity=polarity,
        layer=block.map({name: layer for name, (layer, _) in places.items()}),
        area=block.map({name: area for name, (_, area) in places.items()}),
        module="r" + neurons["replicate"].astype(str),
    )
    return RawTables(
        neurons=neurons,
        connections=drawn.connections,
        connections_file=str(options["pairs"]),
        neurons_file=str(options["neurons"]),
        pathways=published_pathways(files, str(options["pairs"]), published, places),
    )


def published_pathways(
    files: SourceFiles,
    name: str,
    classes: list[NeuronClass],
    places: Mapping[str, tuple[str, str]],
) -> pd.DataFrame:
    """Return the rows of a table of pairs as pathways, with the publication's words as types.

    Without such words the types are the classes. Layers are those of the classes; numbers of cells
    are given where a row means a whole class.
    """
    table = read_table(files, name)
    words = [column for column in ("pre_type", "post_type") if column in table.columns]
    rows = typed(table, dict.fromkeys((*PAIR_COLUMNS, *words), "string"), remedy=REMEDY)
    blocks = {block.name: block for block in classes}
    for end in ("pre", "post"):
        if f"{end}_type" not in words:
            rows[f"{end}_type"] = [blocks[str(label)].type for label in rows[f"{end}_class"]]
    made = rows[["pre_type", "post_type", "doi", "note"]].replace("", None)
    for column in ("found", "tested", "probability"):
        made[column] = pd.to_numeric(rows[column].replace("", None))
    for end in ("pre", "post"):
        of_row = [blocks[str(block)] for block in rows[f"{end}_class"]]
        made[f"{end}_class"] = [block.cell_class for block in of_row]
        made[f"{end}_layer"] = [places[block.name][0] or None for block in of_row]
        whole = zip(of_row, rows[f"{end}_type"], strict=True)
        made[f"{end}_cells"] = [b.count if b.type == kind else None for b, kind in whole]
    return made


def _check_size(classes: list[NeuronClass], name: str) -> None:
    total = sum(block.count for block in classes)
    if not 0 < total <= LARGEST_CIRCUIT:
        expected = f"between 1 and {LARGEST_CIRCUIT:,}"
        raise InputError(
            [_problem(name, None, "count", f"{total:,} neurons to be drawn in all", expected)]
        )


def read_classes(
    files: SourceFiles, name: str
) -> tuple[list[NeuronClass], dict[str, tuple[str, str]]]:
    """Read the blocks in file order, and the layer and area of each.

    Raises
    ------
    InputError
        If the table is damaged, names a class twice or has a size below 1.
    """
    kinds = dict.fromkeys(NEURON_COLUMNS, "string") | {"count": "int64"}
    table = typed(read_table(files, name), kinds, remedy=REMEDY)
    problems = []
    if not len(table):
        problems.append(_problem(name, 2, None, "there is no class", "one row per class"))
    for row, (label, count) in enumerate(zip(table["class"], table["count"], strict=True), 2):
        if count < 1:
            problems.append(_problem(name, row, "count", f"{count} neurons", "1 or more"))
        if row > 2 and label in set(table["class"][: row - 2]):
            problems.append(
                _problem(name, row, "class", f"{label!r} occurs twice", "one row per class")
            )
    if problems:
        raise InputError(problems)
    classes = [
        NeuronClass(str(row["class"]), str(row["type"]), str(row["cell_class"]), int(row["count"]))
        for row in table.to_dict("records")
    ]
    places = {
        str(row["class"]): (str(row["layer"]), str(row["area"])) for row in table.to_dict("records")
    }
    return classes, places


def read_pathways(
    files: SourceFiles,
    name: str,
    classes: list[str],
    *,
    assumed_tests: int | None,
    needed: list[str] | None = None,
) -> dict[tuple[str, str], list[Study]]:
    """Read the studies of every ordered class pair; rows of one DOI are added up.

    Parameters
    ----------
    files : SourceFiles
        The published tables.
    name : str
        Which of them.
    classes : list of str
        Names of the blocks.
    assumed_tests : int or None
        Number of tests behind a probability without counts; None takes it as it stands.
    needed : list of str, optional
        Blocks of which every ordered pair needs a study; default all.

    Returns
    -------
    dict
        (pre, post) → studies in file order.

    Raises
    ------
    InputError
        Every impossible figure, unknown class and missing class pair, in one report.
    """
    table = typed(read_table(files, name), dict.fromkeys(PAIR_COLUMNS, "string"), remedy=REMEDY)
    problems: list[Problem] = []
    studies: dict[tuple[str, str], dict[str, Study]] = {}
    for row, cells in enumerate(table.to_dict("records"), 2):
        pair = (str(cells["pre_class"]), str(cells["post_class"]))
        unknown = [label for label in pair if label not in classes]
        figures = _figures(cells, assumed_tests)
        if unknown:
            what = f"there is no class {unknown[0]!r}"
            problems.append(_problem(name, row, "pre_class", what, ", ".join(classes)))
        elif isinstance(figures, str):
            expected = "0 ≤ found ≤ tested, or a probability between 0 and 1, and a DOI"
            problems.append(_problem(name, row, None, figures, expected))
        else:
            doi = str(cells["doi"])
            of_pair = studies.setdefault(pair, {})
            before = of_pair.get(doi, Study(doi, 0.0, 0.0))
            fixed = assumed_tests is None and not str(cells["tested"]).strip()
            of_pair[doi] = Study(doi, before.found + figures[0], before.tested + figures[1], fixed)
    if not problems:
        problems = [
            _problem(
                name, None, None, f"no figure for {pre} → {post}", "a row for every class pair"
            )
            for pre in needed or classes
            for post in needed or classes
            if (pre, post) not in studies
        ]
    if problems:
        raise InputError(problems)
    return {pair: list(of_pair.values()) for pair, of_pair in studies.items()}


def _figures(cells: Mapping[Any, Any], assumed_tests: int | None) -> tuple[float, float] | str:
    """Found and tested of one row, or what is wrong with it."""
    try:
        found, tested, probability = (
            float(str(cells[key])) if str(cells[key]).strip() else math.nan
            for key in ("found", "tested", "probability")
        )
    except ValueError:
        return "found, tested or probability is no number"
    if not str(cells["doi"]).strip():
        return "the figure has no DOI"
    if math.isnan(tested):
        tested = float(1 if assumed_tests is None else assumed_tests)
        if not math.isnan(found):
            return "connections were found among an unknown number of tests"
    if math.isnan(found):
        if math.isnan(probability):
            return "the row has neither counts nor a probability"
        found = probability * tested
    if not 0 <= found <= tested or tested <= 0:
        return f"{found:g} found among {tested:g} tested is impossible"
    if not math.isnan(probability) and abs(found / tested - probability) > ROUNDING:
        return f"{found:g} of {tested:g} is not the printed probability {probability:g}"
    return found, tested


def _problem(file: str, row: int | None, column: str | None, what: str, expected: str) -> Problem:
    return Problem(
        file=file,
        row=row,
        column=column,
        what=what,
        expected=expected,
        remedy=REMEDY,
    )
