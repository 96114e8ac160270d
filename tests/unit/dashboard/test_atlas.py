"""The atlas and the sentences below it say what is there, once."""

import pandas as pd

from dashboard.views.atlas import atlas, entries, places
from dashboard.views.statements import statements


def test_every_circuit_lies_in_one_entry(circuits):
    found = entries(circuits)
    assert sorted(name for one in found for name in one.circuits) == sorted(circuits["circuit"])
    assert len({(o.species, o.area, o.layer, o.evidence) for o in found}) == len(found)
    v1 = next(o for o in found if (o.species, o.area) == ("mouse", "v1"))
    assert (v1.circuits, v1.replicates, v1.neurons) == (("m/v1", "m/v1b"), 0, 300)
    barrel = next(o for o in found if o.area == "s1-barrel")
    assert (len(barrel.circuits), barrel.replicates, barrel.reconstructions) == (2, 2, 1)


def test_replicates_of_two_datasets_are_two_circuits(circuits):
    barrel = circuits[circuits["area"] == "s1-barrel"]
    other = barrel.assign(circuit=["other/" + name.partition("/")[2] for name in barrel["circuit"]])
    both = pd.concat([circuits, other], ignore_index=True)
    (found,) = [one for one in entries(both) if one.area == "s1-barrel"]
    assert (found.replicates, found.reconstructions) == (4, 2)
    assert "2 circuits, 4 replicates" in atlas(both)


def test_places_follow_the_vocabularies(circuits):
    assert places(entries(circuits)) == [
        ("s1-barrel", "L4"), ("s1", "L6"), ("v1", "L4"), (None, "L4"), (None, None),
    ]  # fmt: skip


def test_species_without_circuits_keep_their_column_with_dashes(circuits):
    text = atlas(circuits)
    rows = text.split("<tr>")[2:]
    assert len(rows) == len(places(entries(circuits)))
    assert "macaque" in text.split("<tr>")[1]
    assert all(row.count("<td") == 7 for row in rows)
    assert sum(row.count("<td>–</td>") for row in rows) == 7 * 5 - 5


def test_names_are_escaped(circuits):
    circuits.loc[0, "circuit"] = 'm/"><script>alert(1)</script>'
    assert "<script>" not in atlas(circuits)


def test_statements_count_hard_ensembles_only(circuits):
    effects = pd.DataFrame(
        [
            ("m/v1", "030T", "reciprocal", "hard", 5.0),
            ("m/v1b", "030T", "reciprocal", "hard", -3.0),
            ("w/all", "030T", "reciprocal", "hard", 0.5),
            ("r/l6", "030T", "reciprocal", "canonical", 9.0),
        ],
        columns=["circuit", "motif", "null", "ensemble", "z"],
    )
    said = [one.text for one in statements(circuits, effects)]
    loop = next(text for text in said if "feed-forward" in text)
    assert "in 1 of 3 circuits, less frequent in 1, inside in 1" in loop
    assert "reciprocal null" in loop
    assert "hard ensemble" in loop
    assert any("1 larger circuit has a canonical expectation only" in text for text in said)
    assert any("No barrel of layer 4 here was measured" in text for text in said)
    assert said[0].startswith("7 circuits of 3 species are here: 4 dense electron microscopy")


def test_statements_without_results(circuits):
    empty = pd.DataFrame(columns=["circuit", "motif", "null", "ensemble", "z"])
    assert not [one for one in statements(circuits, empty) if "frequent" in one.text]
