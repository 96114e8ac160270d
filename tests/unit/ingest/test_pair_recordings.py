"""Published tables: studies are formed as documented, impossible figures are told."""

import pytest

from ingest.readers.pair_recordings import read_classes, read_pathways, read_statistical
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
