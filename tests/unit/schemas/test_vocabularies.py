"""Vocabularies carry well-formed CURIEs of the right ontology and no duplicates."""

import re

import pytest

from schemas.records import Polarity
from schemas.vocabularies import VOCABULARIES, vocabulary

ONTOLOGY = {
    "species": "NCBITaxon",
    "areas": "UBERON",
    "layers": "UBERON",
    "cell_classes": "CL",
}


@pytest.mark.parametrize("name", VOCABULARIES)
def test_curies_are_of_the_right_ontology(name):
    for term, row in vocabulary(name).items():
        curie = row["curie"]
        assert curie == "" or re.fullmatch(rf"{ONTOLOGY[name]}:\d{{4,7}}", curie), (term, curie)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_curies_are_distinct(name):
    curies = [row["curie"] for row in vocabulary(name).values() if row["curie"]]
    assert len(curies) == len(set(curies))


def test_polarity_of_cell_classes_is_known():
    for row in vocabulary("cell_classes").values():
        assert row["polarity"] in set(Polarity)


def test_unknown_vocabulary_is_refused():
    with pytest.raises(KeyError, match="species, areas"):
        vocabulary("colours")
