"""The contract of the statistics: what every one of them, and any that is added, must keep."""

import math
import re

import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.frame import Frame, FrameError
from analysis.statistics import (
    LIMIT,
    TooCostly,
    get_statistic,
    in_words,
    statistics,
)
from analysis.statistics import needs as kinds
from schemas.errors import UsageError
from tests.contract.analysis.test_nulls import labelled
from tests.unit.analysis.graphs import degenerate, heavy, spatial, uniform

# What draws: its value may depend on the seed and on the order of the neurons, by this share.
DRAWS = {"feedback_arcs": 0.03, "modularity": 0.03, "small_world": 0.03}
NAMES = list(statistics())


@pytest.fixture(params=NAMES)
def one(request):
    return get_statistic(request.param)


def relabelled(circuit, seed):
    """Return the same circuit with its neurons in another order."""
    order = np.random.default_rng(seed).permutation(circuit.n)
    place = np.argsort(order)
    return Circuit.from_edges(
        circuit.name,
        circuit.n,
        place[circuit.sources()],
        place[circuit.indices],
        circuit.weights,
        neurons=circuit.neurons.iloc[order].reset_index(drop=True),
    )


def weighted(circuit, seed=0):
    """Give connections numbers of synapses."""
    rng = np.random.default_rng(seed)
    return Circuit.from_edges(
        circuit.name,
        circuit.n,
        circuit.sources(),
        circuit.indices,
        rng.integers(1, 9, circuit.m),
        neurons=circuit.neurons.assign(
            polarity=np.where(np.arange(circuit.n) % 5, "excitatory", "inhibitory")
        ),
    )


REAL = weighted(labelled(heavy(70, 3)))


def framed(circuit, sources, targets):
    """Keep the observable connections of a circuit whose neurons were observed in part."""
    frame = Frame(sources, targets)
    seen = frame.observes(circuit.sources(), circuit.indices)
    return Circuit.from_edges(
        "framed",
        circuit.n,
        circuit.sources()[seen],
        circuit.indices[seen],
        neurons=circuit.neurons,
        frame=frame,
    )


def paired(circuit, seed=1):
    """Test half of the pairs one by one."""
    rng = np.random.default_rng(seed)
    tested = rng.random((circuit.n, circuit.n)) < 0.5
    np.fill_diagonal(tested, False)
    frame = Frame.of_pairs(circuit.n, *np.nonzero(tested))
    seen = tested[circuit.sources(), circuit.indices]
    return Circuit.from_edges(
        "paired",
        circuit.n,
        circuit.sources()[seen],
        circuit.indices[seen],
        neurons=circuit.neurons,
        frame=frame,
    )


def test_an_unknown_name_is_an_error():
    with pytest.raises(UsageError, match="no statistic is called 'beauty'"):
        get_statistic("beauty")


def test_the_registry_holds_what_was_asked_for():
    assert {
        "simple_cycles", "closed_walks", "directed_simplices", "common_neighbours",
        "sample_degree_correlation", "degree_correlation", "clustering", "rich_club",
        "small_world", "trophic_incoherence", "feedback_arcs", "strongly_connected",
        "spectral_radius", "modularity", "distance_dependence",
    } <= set(NAMES)  # fmt: skip
    assert sorted(NAMES) == NAMES


class TestEveryStatistic:
    """The contract."""

    def test_says_what_it_is(self, one):
        assert re.fullmatch(r"[a-z][a-z_]+", one.name)
        assert one.title[0].isupper()
        assert one.definition[0].isupper() or one.definition.startswith(("tr ", "F₀"))
        assert one.definition.endswith(".")
        assert re.fullmatch(r"10\.\d{4,5}/\S+", one.doi)
        assert re.search(r"(19|20)\d\d", one.reference)
        assert one.meaning
        assert one.unit
        assert one.error
        assert one.needs in vars(kinds).values()
        assert one.expects in ("", "er", "degree")

    def test_same_seed_same_numbers(self, one):
        first, second = one.compute(REAL, 5), one.compute(REAL, 5)
        assert repr(first) == repr(second)  # nan is nan

    def test_order_of_neurons_does_not_matter(self, one):
        here = one.compute(REAL)
        for seed in (1, 2):
            there = one.compute(relabelled(REAL, seed))
            assert [p.of for p in there.parts] == [p.of for p in here.parts]
            for a, b in zip(here.parts, there.parts, strict=True):
                if a.of == "modules":
                    assert abs(a.value - b.value) <= 3
                    continue
                share = DRAWS.get(one.name, 1e-9)
                assert b.value == pytest.approx(a.value, rel=share, nan_ok=True), a.of
                assert b.expected == pytest.approx(a.expected, rel=1e-5, nan_ok=True), a.of

    def test_errors_are_finite_or_reasoned(self, one):
        for circuit in (REAL, labelled(spatial(60, 4)), labelled(uniform(40, 5, 0.9))):
            for part in one.compute(circuit).parts:
                if math.isfinite(part.standard_error):
                    assert part.standard_error > 0
                    assert part.why == ""
                    assert math.isfinite(part.value)
                else:
                    assert part.why

    @pytest.mark.parametrize("name", degenerate())
    def test_degenerate_circuits_give_a_value_or_a_refusal(self, one, name):
        circuit = labelled(degenerate()[name])
        found = one.compute(circuit)
        assert found.parts
        for part in found.parts:
            assert not math.isinf(part.value)
            assert part.why or math.isfinite(part.standard_error)

    def test_part_names_are_distinct(self, one):
        names = [part.of for part in one.compute(REAL).parts]
        assert len(set(names)) == len(names)
        assert all(names) or names == [""]

    def test_connections_of_neurons_that_were_observed_in_part(self, one):
        """What is about whole circuits is about the neurons with outputs and inputs."""
        rng = np.random.default_rng(2)
        part = framed(REAL, rng.random(70) < 0.8, rng.random(70) < 0.8)
        found = one.compute(part)
        assert any(math.isfinite(value.value) for value in found.parts)
        if one.needs is kinds.WHOLE:
            core = part.subset(part.frame.core)
            assert core.frame.complete
            assert repr(found) == repr(one.compute(core))

    def test_bipartite_frames_are_refused_or_respected(self, one):
        sources = np.arange(70) < 30
        circuit = framed(REAL, sources, ~sources)
        if one.needs in (kinds.ANY, kinds.PLACED):
            assert one.compute(circuit).parts
            return
        with pytest.raises(FrameError) as refused:
            one.compute(circuit)
        assert refused.value.remedy

    def test_paired_recordings_are_refused_or_respected(self, one):
        circuit = paired(REAL)
        if one.needs in (kinds.ANY, kinds.PLACED, kinds.BOTH_WAYS):
            assert one.compute(circuit).parts
            return
        with pytest.raises(FrameError, match="single pairs were tested"):
            one.compute(circuit)

    def test_what_would_take_too_long_is_refused_with_the_estimate(self, one):
        seconds = one.seconds(REAL)
        assert 0 < seconds < 10
        with pytest.raises(TooCostly, match="would take about") as refused:
            one.compute(REAL, limit=seconds / 2)
        assert "--statistic" in refused.value.remedy
        assert seconds < LIMIT

    def test_the_estimate_grows_with_the_circuit(self, one):
        assert one.seconds(labelled(heavy(700, 1))) > one.seconds(REAL)


def test_positions_are_needed_for_distance():
    with pytest.raises(UsageError, match="have no soma position"):
        get_statistic("distance_dependence").compute(heavy(20, 1))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.25, "0.2 s"), (40, "40 s"), (600, "10 min"), (7_200, "2 h"), (1e6, "12 days")],
)
def test_times_are_said_in_words(seconds, said):
    assert in_words(seconds) == said
