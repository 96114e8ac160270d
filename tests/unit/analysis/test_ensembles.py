"""An ensemble is the same whoever draws its batches, in whatever order, interrupted or not."""

import math
import pickle
import random
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
)
from functools import partial

import numpy as np
import pytest

from analysis.circuit import Circuit
from analysis.effects import effect_table
from analysis.frame import Frame
from analysis.motifs import MAN
from analysis.nulls import ensembles
from analysis.nulls.ensembles import (
    BATCH,
    COLUMNS,
    HELD,
    Source,
    hold,
    sample_ensemble,
    worth_sampling,
)
from analysis.nulls.hard import HARD, Chain, hard_names, sample_censuses
from schemas.errors import UsageError, WorkersUnavailable
from tests.contract.analysis.test_nulls import labelled
from tests.unit.analysis.graphs import circuit_of, degenerate, heavy

SAMPLES = 2 * BATCH + 20


@pytest.fixture(scope="module")
def circuit():
    return labelled(heavy(40, 1))


class Work(Future):
    """A batch that is drawn when somebody waits for it."""

    def draw(self):
        self.set_result(pickle.loads(pickle.dumps(self.task())))


class Crew(Executor):
    """Draws one batch at a time, a random one, when it is waited for; may fail at some point."""

    def __init__(self, fail_after: float, error: type[BaseException]) -> None:
        self.left, self.error = fail_after, error
        self.jobs, self.most, self.order = [], 0, random.Random(3)

    def submit(self, function, /, *args: object):
        job = Work()
        job.task = partial(function, *args)
        self.jobs.append(job)
        self.most = max(self.most, len(self.open()))
        return job

    def open(self):
        return [job for job in self.jobs if not job.done()]

    def wait(self, _jobs, return_when):
        assert return_when == FIRST_COMPLETED
        if self.left <= 0:
            raise self.error
        self.left -= 1
        job = self.order.choice(self.open())
        job.draw()
        return type("Waited", (), {"done": {job}})


@pytest.fixture
def shuffled(monkeypatch):
    """Return a function that makes a `Crew`."""

    def make(fail_after=math.inf, error=KeyboardInterrupt):
        crew = Crew(fail_after, error)
        monkeypatch.setattr(ensembles, "wait", crew.wait)
        return crew

    return make


@pytest.mark.parametrize("null", hard_names())
def test_same_numbers_whoever_draws(circuit, null, shuffled):
    serial = sample_ensemble(circuit, null, SAMPLES, 7)
    assert serial.counts.shape == (SAMPLES, len(MAN))
    elsewhere = sample_ensemble(circuit, null, SAMPLES, 7, executor=shuffled())
    assert np.array_equal(elsewhere.counts, serial.counts)
    assert elsewhere.diagnostics == serial.diagnostics
    other = sample_ensemble(circuit, null, SAMPLES, 8)
    assert not np.array_equal(other.counts, serial.counts)


def test_threads_and_a_circuit_that_the_workers_hold(circuit):
    serial = sample_ensemble(circuit, "degree", SAMPLES, 7).counts
    with ThreadPoolExecutor(2) as executor:
        assert np.array_equal(
            sample_ensemble(circuit, "degree", SAMPLES, 7, executor=executor).counts, serial
        )
        for other in (heavy(30, 2), circuit):  # the one that is held last counts
            hold(other)
            held = sample_ensemble(circuit, "degree", SAMPLES, 7, executor=executor, shipped=HELD)
    assert np.array_equal(held.counts, serial)


def test_more_samples_begin_with_those_of_fewer(circuit):
    many = sample_ensemble(circuit, "reciprocal", SAMPLES, 7).counts
    for fewer in (10, BATCH, BATCH + 1):
        assert np.array_equal(sample_ensemble(circuit, "reciprocal", fewer, 7).counts, many[:fewer])


def test_batches_nulls_and_seeds_have_streams_of_their_own(circuit):
    drawn = [
        Source(circuit, null).batch(index, 5, seed)[:, :-1].tobytes()
        for null in HARD
        for index in range(3)
        for seed in (0, 1)
    ]
    assert len(set(drawn)) == len(drawn)


def test_no_more_batches_at_once_than_asked_for(circuit, shuffled):
    crew = shuffled()
    sample_ensemble(circuit, "degree", 6 * BATCH, 7, executor=crew, at_once=2)
    assert (len(crew.jobs), crew.most) == (6, 2)


def test_known_batches_are_not_drawn_again(circuit):
    kept = {}
    whole = sample_ensemble(circuit, "degree", SAMPLES, 7, keep=kept.__setitem__)
    assert [rows.shape for rows in kept.values()] == [(BATCH, COLUMNS)] * 2 + [(20, COLUMNS)]
    drawn, steps = {}, []
    again = sample_ensemble(
        circuit, "degree", SAMPLES, 7,
        known={0: kept[0], 2: kept[2]}.get,
        keep=drawn.__setitem__,
        progress=lambda done, total: steps.append((done, total)),
    )  # fmt: skip
    assert list(drawn) == [1]
    assert np.array_equal(drawn[1], kept[1])
    assert np.array_equal(again.counts, whole.counts)
    assert again.diagnostics == whole.diagnostics
    assert steps == [(done, SAMPLES) for done in range(BATCH + 20, SAMPLES + 1)]


@pytest.mark.parametrize(
    "rows", [np.zeros((3, COLUMNS), np.int64), np.zeros((BATCH, COLUMNS)), np.zeros(0, np.int64)]
)
def test_a_known_batch_of_another_shape_is_none(circuit, rows):
    found = sample_ensemble(circuit, "degree", SAMPLES, 7, known={1: rows}.get)
    assert np.array_equal(found.counts, sample_ensemble(circuit, "degree", SAMPLES, 7).counts)


def test_interruption_keeps_what_is_done_and_cancels_the_rest(circuit, shuffled):
    crew, kept = shuffled(fail_after=2), {}

    def keep(index, rows):
        kept[index] = rows
        if len(kept) == 1:  # others end while the first is written
            crew.open()[0].draw()

    with pytest.raises(KeyboardInterrupt):
        sample_ensemble(circuit, "degree", 8 * BATCH, 7, executor=crew, keep=keep)
    assert len(kept) == 3
    assert sum(job.cancelled() for job in crew.jobs) == 5
    resumed = sample_ensemble(circuit, "degree", 8 * BATCH, 7, known=kept.get)
    assert np.array_equal(resumed.counts, sample_ensemble(circuit, "degree", 8 * BATCH, 7).counts)


def test_lost_workers_are_said_to_be_lost(circuit, shuffled):
    kept = {}
    crew = shuffled(fail_after=1, error=BrokenExecutor)
    with pytest.raises(WorkersUnavailable, match="lost"):
        sample_ensemble(circuit, "degree", SAMPLES, 7, executor=crew, keep=kept.__setitem__)
    assert len(kept) == 1


def test_another_version_on_a_worker_is_an_error(circuit, shuffled, monkeypatch):
    monkeypatch.setattr(
        ensembles, "draw_batch", lambda *_: ("0123456789ab", np.zeros((BATCH, COLUMNS), np.int64))
    )
    kept = {}
    with pytest.raises(WorkersUnavailable, match="0123456789ab"):
        sample_ensemble(circuit, "degree", SAMPLES, 7, executor=shuffled(), keep=kept.__setitem__)
    assert not kept


def test_errors_of_a_worker_arrive(circuit, shuffled):
    for executor in (None, shuffled()):
        with pytest.raises(UsageError, match="no hard ensemble"):
            sample_ensemble(circuit, "er", SAMPLES, 7, executor=executor)


@pytest.mark.parametrize("null", HARD)
def test_batches_and_one_long_chain_agree(null):
    """Oracle: the samples of one chain, drawn without batches."""
    circuit = heavy(80, 2, mutual=0.5)
    batched = sample_ensemble(circuit, null, 400, 3)
    chain = sample_censuses(circuit, null, 400, np.random.default_rng(5))
    assert batched.diagnostics["converged"]
    size = np.array([batched.diagnostics["motifs"].get(m, {"ess": 400})["ess"] for m in MAN])
    spread = chain.std(0, ddof=1)
    error = spread * np.sqrt(2 / size)
    assert (np.abs(batched.counts.mean(0) - chain.mean(0)) <= 4 * error + 1e-9).all()
    varies = spread > 0
    ratio = batched.counts.std(0, ddof=1)[varies] / spread[varies]
    assert (np.abs(np.log(ratio)) < 5 / np.sqrt(size[varies])).all()


def test_a_chain_too_short_is_found_out(monkeypatch):
    """With a thousandth of the attempts the start is remembered."""
    circuit = heavy(80, 2, mutual=0.5)
    advance = Chain.advance
    monkeypatch.setattr(Chain, "advance", lambda self, attempts: advance(self, attempts // 1_000))
    found = sample_ensemble(circuit, "degree", 200, 1).diagnostics
    assert found["converged"] is False
    assert found["rhat"] > 1.2


def test_acceptance_by_hand():
    """Two connections without a common neuron: a switch is accepted, the same one twice is not."""
    apart = circuit_of(4, [(0, 1), (2, 3)])
    found = sample_ensemble(apart, "reciprocal", 2_000, 1).diagnostics
    assert found["acceptance"] == pytest.approx(0.9 * 0.5, abs=0.03)
    # In trades the two meet in one pairing of three, and change their targets every other time.
    found = sample_ensemble(apart, "degree", 2_000, 1).diagnostics
    assert found["acceptance"] == pytest.approx(1 / 3 * 0.5, abs=0.02)
    complete = sample_ensemble(degenerate()["complete"], "degree", 200, 1).diagnostics
    assert (complete["acceptance"], complete["converged"]) == (0, True)


def test_independent_draws_have_no_diagnostics(circuit):
    for null in hard_names():
        found = sample_ensemble(circuit, null, 10, 1).diagnostics
        assert (found is not None) == (null in HARD)


@pytest.mark.parametrize("name", degenerate())
def test_degenerate_circuits(name):
    for null in HARD:
        found = sample_ensemble(degenerate()[name], null, SAMPLES, 1)
        assert found.counts.shape == (SAMPLES, len(MAN))
        assert found.diagnostics is not None


def test_circuits_travel_whole(circuit):
    copy = pickle.loads(pickle.dumps(circuit))
    assert (copy.name, dict(copy.attributes)) == (circuit.name, dict(circuit.attributes))
    assert copy.neurons.equals(circuit.neurons)
    for name in ("indptr", "indices", "weights"):
        assert np.array_equal(getattr(copy, name), getattr(circuit, name))
        assert not getattr(copy, name).flags.writeable


def test_effect_table_does_not_depend_on_the_sampler(circuit, shuffled):
    crew = shuffled()

    def sampler(circuit, null, samples, seed, *, progress=None):
        return sample_ensemble(circuit, null, samples, seed, progress=progress, executor=crew)

    options = {"nulls": ["degree", "distance"], "hard_samples": SAMPLES, "seed": 4}
    assert effect_table(circuit, **options, sampler=sampler).equals(
        effect_table(circuit, **options)
    )
    assert len(crew.jobs) == 6


def random_circuit(n, m, frame=None):
    """n neurons and about m connections, drawn without looking at every pair."""
    rng = np.random.default_rng(0)
    pre, post = rng.integers(0, n, (2, m))
    keys = np.unique((pre * n + post)[pre != post])
    return Circuit.from_edges("random", n, keys // n, keys % n, frame=frame)


@pytest.mark.parametrize(
    ("n", "m", "wanted"),
    [
        (1_000, 300_000, ["degree", "reciprocal"]),  # as ever, whatever it takes
        (3_300, 7_800, ["degree", "reciprocal"]),
        (2_000, 100_000, ["degree", "reciprocal"]),
        (2_000, 300_000, ["degree"]),  # trades are quicker than switches
        (2_000, 600_000, []),
        (19_000, 40_000, ["degree", "reciprocal"]),
        (21_000, 40_000, []),  # more than a chain holds
    ],
)
def test_hard_ensembles_are_sampled_by_their_cost(n, m, wanted):
    circuit = random_circuit(n, m)
    assert worth_sampling(circuit, ("er", "degree", "reciprocal")) == wanted
    assert worth_sampling(circuit, ("degree",)) == wanted[:1], "whatever is compared beside"
    assert worth_sampling(circuit, ("degree",), n) == ["degree"], "a limit in neurons is one"
    assert worth_sampling(circuit, ("degree",), n - 1) == []


def test_the_cost_of_a_deal_goes_with_pairs():
    circuit = random_circuit(3_000, 5_000)
    names = ("distance", "degree", "block_reciprocal")
    assert worth_sampling(circuit, names) == ["degree"]
    assert worth_sampling(circuit, names, 3_000) == list(names)


def test_only_neurons_with_outputs_and_inputs_count():
    there = np.arange(3_000) < 900
    pre, post = np.nonzero(np.eye(3_000, k=1, dtype=bool) & there[:, None])
    frame = Frame(there, np.ones(3_000, np.bool_))
    part = Circuit.from_edges("part", 3_000, pre, post, frame=frame)
    assert worth_sampling(part, ("distance",)) == ["distance"]
    assert worth_sampling(part, ("distance",), 900) == ["distance"]
    assert worth_sampling(part, ("distance",), 899) == []


def test_effects_of_a_large_sparse_circuit_have_p():
    circuit = random_circuit(1_200, 3_000)
    table = effect_table(circuit, nulls=["degree"], hard_samples=20)
    assert set(table["ensemble"]) == {"canonical", "hard"}
    limited = effect_table(circuit, nulls=["degree"], hard_samples=20, hard_limit=1_000)
    assert set(limited["ensemble"]) == {"canonical"}
    assert table[table["ensemble"] == "hard"]["p"].notna().any()
