"""Published class sizes and paired recordings → replicates of a statistical reconstruction.

The tables are those of `ingest/published/` (see the README there); how they become circuits is
told in `ingest.statistical`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

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
        published without counts.

    Returns
    -------
    RawTables
        Neurons with the columns `replicate` (int) and `module` ("r1", "r2", …), connections of
        weight 1.

    Raises
    ------
    InputError
        If a table is damaged, a figure impossible, or a class pair without any figure.
    """
    classes, places = read_classes(files, str(options["neurons"]))
    pathways = read_pathways(
        files,
        str(options["pairs"]),
        [block.name for block in classes],
        assumed_tests=int(options["tested_where_unpublished"]),
    )
    drawn = reconstruct(
        classes, pathways, replicates=int(options["replicates"]), seed=int(options["seed"])
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
    total = int(table["count"].sum())
    if total > LARGEST_CIRCUIT:
        what = f"{total:,} neurons in all"
        problems.append(_problem(name, None, "count", what, f"at most {LARGEST_CIRCUIT:,}"))
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
    files: SourceFiles, name: str, classes: list[str], *, assumed_tests: int
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
    assumed_tests : int
        Number of tests behind a probability without counts.

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
            of_pair[doi] = Study(doi, before.found + figures[0], before.tested + figures[1])
    if not problems:
        problems = [
            _problem(
                name, None, None, f"no figure for {pre} → {post}", "a row for every class pair"
            )
            for pre in classes
            for post in classes
            if (pre, post) not in studies
        ]
    if problems:
        raise InputError(problems)
    return {pair: list(of_pair.values()) for pair, of_pair in studies.items()}


def _figures(cells: Mapping[Any, Any], assumed_tests: int) -> tuple[float, float] | str:
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
        tested = float(assumed_tests)
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
