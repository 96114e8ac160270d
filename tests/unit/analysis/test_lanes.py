"""Pairs taken 32 at a time: vectors against numpy, and every way through against the others."""

from itertools import pairwise

import numpy as np
import pytest

from analysis.compiled import line_kernel
from analysis.nulls import bands as bands_module
from analysis.nulls import get_null
from analysis.nulls.bands import Bands
from analysis.nulls.dyads import DyadModel
from analysis.nulls.products import Factors
from analysis.uncertainty import effect_variances, slopes
from analysis.uncertainty.fitted import expectation
from analysis.uncertainty.kinds import all_cells, typed
from analysis.uncertainty.lanes import aligned, runs
from analysis.uncertainty.pairs import contributions
from analysis.uncertainty.typed import TypedNull
from analysis.uncertainty.vectors import (
    LANES,
    bits,
    everywhere,
    item,
    positive,
    row,
    set_row,
    shared_by_kind,
    total,
)
from tests.contract.analysis.test_nulls import labelled
from tests.unit.analysis.graphs import heavy, spatial


@line_kernel
def combine(given, word, found):
    x, y = row(given, 0), row(given, LANES + 3)
    set_row(found, 0, x + y)
    set_row(found, LANES, x - y * everywhere(item(given, 7)))
    set_row(found, 2 * LANES, positive(x))
    set_row(found, 3 * LANES, bits(word))
    return total(x)


@line_kernel
def share(mine, theirs, words, found):
    shared_by_kind(mine, 6, theirs, 2 * 3 * LANES, words, found, 16 * LANES)


def test_operations_are_those_of_numpy():
    given = np.random.default_rng(1).standard_normal((3, LANES))
    found, word = aligned(4, LANES), np.uint64(0x9E37_79B9_7F4A_7C15)
    summed = combine(given, word, found)
    x, y = given[0], given.ravel()[LANES + 3 :][:LANES]
    assert summed == pytest.approx(x.sum())
    assert (found[0] == x + y).all()
    assert found[1] == pytest.approx(x - y * given[0, 7])
    assert (found[2] == np.maximum(x, 0)).all()
    assert found[3].tolist() == [int(word) >> lane & 1 for lane in range(LANES)]


@pytest.mark.parametrize("words", [0, 1, 5])
def test_shared_partners_are_counted_by_kind(words):
    rng = np.random.default_rng(words)
    mine = rng.integers(0, 1 << 63, (9, 3), dtype=np.uint64)
    theirs = rng.integers(0, 1 << 63, (9, 3, LANES), dtype=np.uint64)
    found = np.full((2, 4, 4, LANES), -1.0)
    share(mine, theirs, words, found)
    assert (found[0] == -1).all()
    assert (found[1, 0] == -1).all()
    assert (found[1, :, 0] == -1).all()
    for x in range(3):
        for y in range(3):
            both = mine[2 : 2 + words, x, None] & theirs[2 : 2 + words, y]
            wanted = [sum(int(word).bit_count() for word in lane) for lane in both.T]
            assert found[1, x + 1, y + 1].tolist() == wanted


def test_runs_have_one_label_and_are_short():
    labels = np.repeat([2, 0, 1, 0], [40, 1, LANES, 70])
    starts = runs(labels)
    assert starts.tolist() == [0, 32, 40, 41, 73, 105, 137, 143]
    assert all(len(set(labels[a:b])) == 1 for a, b in pairwise(starts))
    assert runs(labels[:0]).tolist() == [0]


@pytest.mark.parametrize("null", ["degree", "distance"])
def test_labels_may_alternate(null):
    """Runs of one neuron, bits that begin within a word: the numbers of sorted labels."""
    circuit = labelled(spatial(150, 3, 0.12, 0.3))
    labels = np.random.default_rng(0).integers(0, 3, 150)
    fitted, cells = get_null(null).fit(circuit), all_cells(3)[::3]
    of_each = np.ix_(fitted.classes, fitted.classes)
    model = DyadModel(
        np.arange(150), np.ones(150, np.int64), fitted.one_way[of_each], fitted.mutual[of_each]
    )
    parameters = get_null(null).parameters(circuit)
    if parameters.cells is not None:
        parameters = type(parameters)(parameters.kind, parameters.cells[of_each].copy())
    kinds, counts = typed(cells, 3), np.full(len(cells), 100.0)
    mixed = Bands(model, labels, 3)
    order = np.argsort(labels, kind="stable")
    classes = np.argsort(order)
    these = np.ix_(order, order)
    sorted_model = DyadModel(classes, model.sizes, model.one_way[these], model.mutual[these])
    sorted_parameters = parameters
    if parameters.cells is not None:
        sorted_parameters = type(parameters)(parameters.kind, parameters.cells[these].copy())
    found = []
    for one, bands, own in (
        (model, mixed, parameters),
        (sorted_model, Bands(sorted_model, labels[order], 3), sorted_parameters),
    ):
        expected = expectation(bands, own, kinds)
        slope = slopes.slopes(bands, own, expected)
        found += [
            contributions(circuit, one, bands, own, expected, slope, counts, path, kinds)
            for path in ("dense", "sparse")
        ]
    for other in found[1:]:
        assert (other.observed == found[0].observed).all()
        assert other.influence == pytest.approx(found[0].influence, abs=1e-7)
        assert other.square == pytest.approx(found[0].square, rel=1e-5)


@pytest.mark.parametrize("null", ["degree", "reciprocal"])
def test_errors_do_not_depend_on_factors(null, monkeypatch):
    """Matrices of low rank, whole, or made anew block by block: the same numbers."""
    circuit = spatial(420, 13, 0.1, 0.3)
    model = get_null(null).fit(circuit)
    assert model.sizes.size > 256
    assert slopes.factors(model.one_way * (1 - model.one_way)).left is not None
    usual = effect_variances(circuit, get_null(null), model)
    monkeypatch.setattr(bands_module, "factors", lambda matrix: Factors(None, matrix))
    monkeypatch.setattr(slopes, "factors", lambda matrix: Factors(None, matrix))
    for block, held in ((10**6, 10**6), (5_000, 10**6), (5_000, 0)):
        monkeypatch.setattr(slopes, "BLOCK", block)
        monkeypatch.setattr(slopes, "HELD", held)
        for motif, one in effect_variances(circuit, get_null(null), model).items():
            if motif != "mutual":  # kept by `reciprocal`: rounding is all there is
                assert one.decomposed == pytest.approx(usual[motif].decomposed, rel=1e-8)
                assert one.df == pytest.approx(usual[motif].df, rel=1e-8)


def test_counts_alone_are_the_means_of_variances():
    circuit = labelled(heavy(120, 4, 9.0, 0.5))
    labels = np.arange(120) % 5 % 2
    null = get_null("block_distance")
    split = TypedNull(null.fit(circuit), labels, 2)
    kinds = typed(all_cells(2), 2)
    parameters = null.parameters(circuit)
    cells = np.ascontiguousarray(parameters.cells[np.ix_(split._of, split._of)])
    means = expectation(split._bands, type(parameters)(parameters.kind, cells), kinds).total
    assert list(split.expected().values()) == pytest.approx(means, rel=1e-9)
