"""What each kind of error does to a circuit.

Losses are told by the chance with which each connection survives; the expectations of the tests are
those of these chances.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.frame import FrameError
from analysis.reconstruction.errors import ANY, ErrorModel, error
from schemas.errors import UsageError

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
AXES = ("soma_x", "soma_y", "soma_z")


def kept(circuit: Circuit, weights: npt.NDArray[np.int64]) -> Circuit:
    """Return the circuit with other numbers of synapses, shape (m,); 0 takes a connection away."""
    there = weights > 0
    indptr = np.zeros(circuit.n + 1, np.int64)
    np.cumsum(np.bincount(circuit.sources()[there], minlength=circuit.n), out=indptr[1:])
    return Circuit(
        circuit.name,
        circuit.neurons,
        indptr,
        circuit.indices[there],
        weights[there].astype(np.int32),
        circuit.attributes,
        circuit.observed,
    )


def thinned(circuit: Circuit, loss: float | Floats, rng: np.random.Generator) -> Circuit:
    """Lose each connection by itself, with one chance or one for each, shape (m,)."""
    return kept(circuit, np.where(rng.random(circuit.m) >= loss, circuit.weights, 0))


def need_weights(circuit: Circuit, _: ErrorModel) -> None:
    """Refuse a circuit that does not tell how many synapses a connection has.

    Raises
    ------
    UsageError
    """
    if circuit.m and circuit.weights.max() <= 1:
        raise UsageError(
            f"the connections of {circuit.name} carry no number of synapses",
            remedy="follow `missed` instead, which loses whole connections",
        )


def need_classes(circuit: Circuit, model: ErrorModel) -> None:
    """Refuse a circuit without the classes that a loss depends on.

    Raises
    ------
    UsageError
    """
    labels = circuit.neurons.get(model.column)
    named = {name for pair in model.rates for name in pair} - {ANY}
    if labels is None or not (named <= set(labels.dropna().astype(str))):
        raise UsageError(
            f"the neurons of {circuit.name} are not told apart by {model.column}: "
            f"{', '.join(sorted(named))}",
            remedy="give a neuron table with that column, or follow `missed` or `axon`",
        )


def need_places(circuit: Circuit, _: ErrorModel) -> None:
    """Refuse a circuit of which a soma position is missing.

    Raises
    ------
    UsageError
    """
    if not set(AXES) <= set(circuit.neurons) or circuit.neurons[list(AXES)].isna().any(axis=None):
        raise UsageError(
            f"not every neuron of {circuit.name} has a soma position",
            remedy="give a neuron table with soma_x, soma_y, soma_z in µm, or follow `sampling`",
        )


def need_whole_frame(circuit: Circuit, _: ErrorModel) -> None:
    """Refuse a circuit of which some pairs were not observable.

    Raises
    ------
    FrameError
    """
    if not circuit.frame.complete:
        raise FrameError(
            f"neurons of {circuit.name} cannot be merged: not every pair was observable",
            remedy="merge the neurons that have outputs and inputs (analysis.frame.observable)",
        )


@error(
    "truncation",
    order=10,
    level="the share of the block's volume that is cut off, alike on all sides",
    needs=need_places,
)
def truncation(
    circuit: Circuit, level: float, model: ErrorModel, rng: np.random.Generator
) -> Circuit:
    """Lose the neurons and the synapses outside of a smaller block.

    The block is the box around all somata. Synapses lie around the soma of their target (`reach`),
    inside of the block; those that would lie outside of the smaller one are lost.
    """
    inside, chance = truncated(circuit, level, model.reach)
    smaller = circuit.subset(inside)
    chance = chance[inside][smaller.indices]
    return kept(smaller, rng.binomial(smaller.weights, chance))


def truncated(circuit: Circuit, level: float, reach: float) -> tuple[Bools, Floats]:
    """Return which neurons a smaller block holds, and the chance of each one's input synapses.

    Returns
    -------
    inside : bool, shape (n,)
    chance : float64, shape (n,)
        That an input synapse inside of the block is inside of the smaller one.
    """
    from scipy.special import ndtr

    place = circuit.neurons[list(AXES)].to_numpy(float)
    low, high = place.min(0), place.max(0)
    cut = (1 - (1 - level) ** (1 / 3)) / 2 * (high - low)
    inside = ((place >= low + cut) & (place <= high - cut)).all(1)
    flat = high == low  # a plane of somata has no sides to cut

    def within(first: Floats, last: Floats) -> Floats:
        share: Floats = ndtr((last - place) / reach) - ndtr((first - place) / reach)
        return np.where(flat, 1.0, share)

    chance: Floats = (within(low + cut, high - cut) / within(low, high)).prod(1)
    return inside, chance


@error("sampling", order=20, level="the share of the neurons that are not in the data")
def sampling(circuit: Circuit, level: float, _: ErrorModel, rng: np.random.Generator) -> Circuit:
    """Lose neurons chosen at random, with all their connections."""
    left = circuit.n - round(level * circuit.n)
    chosen = np.zeros(circuit.n, np.bool_)
    chosen[rng.choice(circuit.n, left, replace=False)] = True
    return circuit.subset(chosen)


def _beta(level: float, spread: float, size: int, rng: np.random.Generator) -> Floats:
    """Draw shares with the mean `level` and the SD spread·sqrt(level(1 − level))."""
    strength = 1 / spread**2 - 1
    drawn: Floats = rng.beta(level * strength, (1 - level) * strength, size)
    return drawn


@error("axon", order=30, level="the mean share of an axon's connections that are missed")
def axon(circuit: Circuit, level: float, model: ErrorModel, rng: np.random.Generator) -> Circuit:
    """Lose outputs, of some neurons more than of others (`spread`)."""
    loss = _beta(level, model.spread, circuit.n, rng)
    return thinned(circuit, loss[circuit.sources()], rng)


@error("dendrite", order=31, level="the mean share of a dendrite's connections that are missed")
def dendrite(
    circuit: Circuit, level: float, model: ErrorModel, rng: np.random.Generator
) -> Circuit:
    """Lose inputs, of some neurons more than of others (`spread`)."""
    loss = _beta(level, model.spread, circuit.n, rng)
    return thinned(circuit, loss[circuit.indices], rng)


@error("split", order=40, level="the share of the axons that are split", most=1.0)
def split(circuit: Circuit, level: float, _: ErrorModel, rng: np.random.Generator) -> Circuit:
    """Lose what hangs on a fragment: of a split axon any share of its connections, half on average.

    The fragment has no soma, so it is no neuron and its connections are in no circuit.
    """
    lost = np.where(rng.random(circuit.n) < level, rng.random(circuit.n), 0.0)
    return thinned(circuit, lost[circuit.sources()], rng)


@error("missed", order=50, level="the share of the connections that are missed")
def missed(circuit: Circuit, level: float, _: ErrorModel, rng: np.random.Generator) -> Circuit:
    """Lose each connection by itself."""
    return thinned(circuit, level, rng)


@error(
    "classes",
    order=51,
    level="the share of the connections of inhibitory neurons that are missed",
    needs=need_classes,
)
def classes(circuit: Circuit, level: float, model: ErrorModel, rng: np.random.Generator) -> Circuit:
    """Lose connections with a chance that depends on the classes of their ends (`rates`)."""
    return thinned(circuit, class_loss(circuit, level, model), rng)


def class_loss(circuit: Circuit, level: float, model: ErrorModel) -> Floats:
    """Chance that each connection is missed, shape (m,).

    Raises
    ------
    UsageError
        If it would be more than 1.
    """
    names = circuit.neurons[model.column].astype("object").astype(str)
    code, places = np.unique(names.to_numpy(), return_inverse=True)
    table = np.zeros((code.size, code.size))
    for i, a in enumerate(code):
        for j, b in enumerate(code):
            known = ((a, b), (a, ANY), (ANY, b), (ANY, ANY))
            table[i, j] = next((model.rates[pair] for pair in known if pair in model.rates), 0.0)
    loss: Floats = level * table[places[circuit.sources()], places[circuit.indices]]
    if loss.size and loss.max() > 1:
        raise UsageError(f"a class would lose {loss.max():.0%} of its connections")
    return loss


@error("synapses", order=60, level="the share of the synapses that are missed", needs=need_weights)
def synapses(circuit: Circuit, level: float, _: ErrorModel, rng: np.random.Generator) -> Circuit:
    """Lose each synapse by itself; a connection is lost with its last one."""
    return kept(circuit, rng.binomial(circuit.weights, 1 - level))


@error("spurious", order=70, level="spurious connections, per connection that is there", most=1.0)
def spurious(circuit: Circuit, level: float, _: ErrorModel, rng: np.random.Generator) -> Circuit:
    """Connect pairs that are not connected, each with the same chance, by one synapse.

    Raises
    ------
    UsageError
        If there are not so many pairs without a connection.
    """
    absent = circuit.frame.pairs - circuit.m
    chance = spurious_rate(circuit, level)
    pre, post = absent_pairs(circuit, int(rng.binomial(absent, chance)), rng)
    return Circuit.from_edges(
        circuit.name,
        circuit.n,
        np.concatenate([circuit.sources(), pre]),
        np.concatenate([circuit.indices, post]),
        np.concatenate([circuit.weights, np.ones(pre.size, np.int32)]),
        neurons=circuit.neurons,
        attributes=circuit.attributes,
        frame=circuit.observed,
    )


def spurious_rate(circuit: Circuit, level: float) -> float:
    """Chance g of an unconnected observable pair, from spurious connections per connection.

    Raises
    ------
    UsageError
        If it would be more than 1.
    """
    absent = circuit.frame.pairs - circuit.m
    if level * circuit.m > absent:
        raise UsageError(
            f"{circuit.name} has {absent:,} pairs without a connection, too few for "
            f"{level * circuit.m:,.0f} spurious ones"
        )
    return level * circuit.m / absent if absent else 0.0


def absent_pairs(circuit: Circuit, number: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw distinct observable pairs without a connection, every set of them alike."""
    n, frame = circuit.n, circuit.frame
    linked = circuit.sources().astype(np.int64) * n + circuit.indices
    if frame.tested is not None:
        tested = frame.tested[:, 0] * n + frame.tested[:, 1]
        found = rng.choice(tested[~np.isin(tested, linked)], number, replace=False)
        return found // n, found % n
    first, second = np.flatnonzero(frame.sources), np.flatnonzero(frame.targets)
    found = np.empty(0, np.int64)
    while found.size < number:  # in the order of drawing, so that none is preferred
        more = 2 * (number - found.size) + 8
        pre, post = rng.choice(first, more), rng.choice(second, more)
        drawn = (pre * n + post)[pre != post]
        found = np.concatenate([found, drawn[~np.isin(drawn, linked)]])
        found = found[np.sort(np.unique(found, return_index=True)[1])]
    found = found[:number]
    return found // n, found % n


@error(
    "merge",
    order=80,
    level="the share of the neurons that are merged, two into one",
    needs=need_whole_frame,
)
def merge(circuit: Circuit, level: float, _: ErrorModel, rng: np.random.Generator) -> Circuit:
    """Join the connections of pairs of neurons chosen at random; the first of a pair remains."""
    pairs = round(level * circuit.n) // 2
    chosen = rng.permutation(circuit.n)[: 2 * pairs].reshape(pairs, 2)
    owner = np.arange(circuit.n)
    owner[chosen[:, 1]] = chosen[:, 0]
    joined = Circuit.from_edges(
        circuit.name,
        circuit.n,
        owner[circuit.sources()],
        owner[circuit.indices],
        circuit.weights,
        neurons=circuit.neurons,
        attributes=circuit.attributes,
        frame=circuit.observed,
    )
    return joined.subset(owner == np.arange(circuit.n))


@error(
    "threshold",
    order=90,
    level="the fewest synapses that make a connection",
    most=1_000,
    none=1.0,
    whole=True,
    needs=need_weights,
)
def threshold(circuit: Circuit, level: float, _: ErrorModel, rng: np.random.Generator) -> Circuit:
    """Leave out connections of fewer synapses."""
    return kept(circuit, np.where(circuit.weights >= level, circuit.weights, 0))
