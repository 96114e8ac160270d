"""What is known of errors is said once, short, and with its sources in the document."""

from ingest import catalog_manifests
from isocortex.known_errors import document, line, lines, of_manifest
from schemas.records import ErrorModel, Figure

HALF = Figure(value=0.5, source="somebody")


def test_nothing_known_is_said_once():
    assert ErrorModel().short() == "not known"
    assert line(document(ErrorModel(), None)) == "Errors: not known."
    assert line(document(ErrorModel(), "All of it. And more.")) == "Errors: not known. All of it."


def test_figures_are_short_and_those_missing_are_named_together():
    some = ErrorModel(precision=HALF, synapse_threshold=2)
    assert some.short() == (
        "synapse precision 50 %, synapse threshold 2; not known: synapse recall, proofread axons, "
        "neurons in the dataset"
    )
    whole = ErrorModel(precision=HALF, recall=HALF, proofread_axons=HALF, sampled_neurons=HALF)
    assert "not known" not in whole.short()


def test_the_words_are_those_of_the_manifest():
    """The same names as where each figure is told with its source."""
    for manifest in catalog_manifests().values():
        told = manifest.errors.words()
        for name, said in told.items():
            if said not in ("not known", "none known"):
                assert name in manifest.errors.short()


def test_the_document_has_sources_and_what_is_complete():
    manifest = catalog_manifests()["mouse-microns-mm3"]
    found = of_manifest(manifest)
    assert found["precision"]["value"] == 0.96
    assert found["precision"]["doi"]
    assert found["synapse_threshold"] is None
    assert found["words"] == manifest.errors.short()
    assert " ".join(manifest.completeness.split()) == found["completeness"]


def test_a_list_says_those_with_figures_and_the_rest_together():
    known, unknown = document(ErrorModel(recall=HALF), ""), document(ErrorModel(), "")
    rows = [
        {"circuit": "a/x", "errors": known},
        {"circuit": "b/x", "errors": unknown},
        {"circuit": "a/y", "errors": known},
        {"dataset": "c", "errors": unknown},
    ]
    found = lines(rows)
    assert len(found) == 2
    assert found[0].startswith("Errors: a: synapse recall 50 %; not known: ")
    assert found[1] == "Errors: all others: not known."
    assert lines(rows[1:2]) == ["Errors: all: not known."]
    assert lines([]) == []
