"""Published tables: studies are formed as documented, impossible figures are told."""

import numpy as np
import pytest

from ingest.readers.pair_recordings import read_classes, read_pathways, read_statistical
from ingest.statistical import draw_probability
from schemas.errors import InputError

NEURONS = """class,type,cell_class,count,layer,area,doi
E,Exc,l4-excitatory,50,L4,s1-barrel,10.1/n
I,Inh,inhibitory,10,L4,s1-barrel,10.1/n
"""
HEADER = "pre_class,post_class,found,tested,probability,doi,note\n"
PAIRS = (
    HEADER
    + """E,E,10,40,0.25,10.1/a,
E,E,5,20,,10.1/a,
E,E,,94,0.26,10.1/b,
E,I,,,0.5,10.1/a,
I,E,3,9,,10.1/a,
I,I,0,30,0,10.1/a,
"""
)
OPTIONS = {
    "neurons": "neurons.csv",
    "pairs": "pairs.csv",
    "replicates": 3,
    "seed": 11,
    "tested_where_unpublished": 30,
}


@pytest.fixture
def tables(folder):
    folder.write("neurons.csv", NEURONS)
    folder.write("pairs.csv", PAIRS)
    return folder


def studies(files):
    return read_pathways(files, "pairs.csv", ["E", "I"], assumed_tests=30)


def test_rows_of_one_doi_are_pooled_and_others_are_not(tables):
    pair = studies(tables)["E", "E"]
    assert [(s.doi, s.found, s.tested) for s in pair] == [
        ("10.1/a", 15, 60),
        ("10.1/b", pytest.approx(0.26 * 94), 94),
    ]


def test_probability_without_counts_gets_the_assumed_tests(tables):
    (study,) = studies(tables)["E", "I"]
    assert (study.found, study.tested) == (15, 30)


def test_classes_and_places(tables):
    classes, places = read_classes(tables, "neurons.csv")
    assert [(c.name, c.count) for c in classes] == [("E", 50), ("I", 10)]
    assert places["E"] == ("L4", "s1-barrel")


def test_reader_gives_labelled_replicates(tables):
    result = read_statistical(tables, OPTIONS)
    neurons = result.neurons
    assert len(neurons) == 180
    assert neurons["module"].unique().tolist() == ["r1", "r2", "r3"]
    assert neurons.groupby("polarity").size().to_dict() == {"excitatory": 150, "inhibitory": 30}
    assert set(neurons["layer"]) == {"L4"}
    again = read_statistical(tables, OPTIONS)
    assert result.connections.equals(again.connections)


def test_rows_are_kept_as_pathways(tables):
    kept = read_statistical(tables, OPTIONS).pathways
    assert len(kept) == 6
    first = kept.iloc[0]
    assert first[["pre_type", "post_type", "found", "tested"]].tolist() == ["Exc", "Exc", 10, 40]
    assert first[["pre_class", "post_layer", "pre_cells"]].tolist() == ["l4-excitatory", "L4", 50]
    assert kept["found"].isna().tolist() == [False, False, True, True, False, False]
    tables.write("pairs.csv", worded(PAIRS))
    kept = read_statistical(tables, OPTIONS).pathways
    assert kept["pre_type"].tolist() == ["word"] * 6
    assert kept["pre_cells"].isna().all()  # a part of a class perhaps: its cells are not counted


def worded(table):
    """Give a table of pairs the publication's words."""
    head, *rows = table.splitlines()
    return "\n".join([f"{head},pre_type,post_type", *(f"{row},word,Inh" for row in rows), ""])


FIXED = {key: value for key, value in OPTIONS.items() if not key.startswith("tested")} | {
    "fixed": True
}


def test_fixed_probabilities_are_taken_as_they_stand(tables):
    """One study without counts is the probability itself; one with counts is still drawn."""
    found = read_pathways(tables, "pairs.csv", ["E", "I"], assumed_tests=None)
    (study,) = found["E", "I"]
    assert (study.fixed, study.found / study.tested) == (True, 0.5)
    assert not found["I", "E"][0].fixed
    rng = np.random.default_rng(1)
    assert {draw_probability(study, rng) for _ in range(20)} == {0.5}
    tables.write("pairs.csv", HEADER + "E,E,,,1,10.1/a,\nE,I,,,0,10.1/a,\n"
                 "I,E,,,0,10.1/a,\nI,I,,,1,10.1/a,\n")  # fmt: skip
    made = read_statistical(tables, FIXED)
    assert len(made.connections) == 3 * (50 * 49 + 10 * 9)


def test_a_share_of_the_cells_of_some_classes_is_drawn(tables):
    tables.write("pairs.csv", PAIRS.replace("I,I,0,30,0,10.1/a,\n", ""))
    with pytest.raises(InputError, match="no figure for I → I"):
        read_statistical(tables, OPTIONS)
    made = read_statistical(tables, OPTIONS | {"classes": ["E"], "share_of_cells": 0.5})
    assert made.neurons.groupby("replicate").size().to_dict() == {1: 25, 2: 25, 3: 25}
    assert set(made.neurons["type"]) == {"Exc"}
    assert len(made.pathways) == 5  # what is published stays, drawn or not


@pytest.mark.parametrize("share", [1_000_000, 0.001])
def test_too_many_and_too_few_cells_are_told(tables, share):
    with pytest.raises(InputError, match="neurons to be drawn in all"):
        read_statistical(tables, OPTIONS | {"share_of_cells": share})


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("E,E,50,40,,10.1/a,", "impossible"),
        ("E,E,-1,40,,10.1/a,", "impossible"),
        ("E,E,1,0,,10.1/a,", "impossible"),
        ("E,E,,40,1.4,10.1/a,", "impossible"),
        ("E,E,,40,,10.1/a,", "neither counts"),
        ("E,E,4,,,10.1/a,", "unknown number of tests"),
        ("E,E,x,40,,10.1/a,", "no number"),
        ("E,E,nan,40,inf,10.1/a,", "impossible"),
        ("E,E,10,40,0.30,10.1/a,", "not the printed probability"),
        ("E,E,10,40,,,", "no DOI"),
        ("E,X,10,40,,10.1/a,", "no class 'X'"),
    ],
)
def test_impossible_figures(tables, row, word):
    tables.write("pairs.csv", PAIRS + row + "\n")
    with pytest.raises(InputError) as caught:
        studies(tables)
    (problem,) = caught.value.problems
    assert (problem.file, problem.row) == ("pairs.csv", 8)
    assert word in problem.what


def test_all_missing_pairs_are_told_at_once(tables):
    tables.write("pairs.csv", HEADER + "E,E,10,40,,10.1/a,\n")
    with pytest.raises(InputError) as caught:
        studies(tables)
    assert [p.what for p in caught.value.problems] == [
        "no figure for E → I",
        "no figure for I → E",
        "no figure for I → I",
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (NEURONS.replace(",50,", ",0,"), "0 neurons"),
        (NEURONS.replace("I,Inh", "E,Inh"), "occurs twice"),
        (NEURONS.replace(",50,", ",many,"), "'many'"),
        (NEURONS.splitlines()[0] + "\n", "no class"),
        (NEURONS.replace("cell_class", "kind"), "missing"),
    ],
)
def test_bad_classes(tables, text, word):
    tables.write("neurons.csv", text)
    with pytest.raises(InputError, match=word):
        read_classes(tables, "neurons.csv")
