"""Statistical reconstruction: circuits drawn from published counts and paired recordings.

Where nobody has published a connectome, two kinds of figures are still known: how many neurons
of each class a barrel holds, and how many connections were found among the pairs tested. This
module turns them into circuits, several *replicates* of each, so that what the figures leave
open shows as a difference between replicates.

How the probability of a class pair is drawn
--------------------------------------------
Laboratories disagree by far more than their sampling errors (rat layer 4, excitatory to
excitatory: 6 % to 36 %), because they differ in age, slice, distance and criterion, and no
sample size says which of them is right. Pooling the counts would hide this: it gives one narrow
posterior between the studies, at a value none of them saw. Therefore a replicate is "the barrel
as one of these studies saw it":

1. Rows of one DOI and one class pair are one study; their counts are added.
2. For each class pair the studies are shuffled and dealt to the replicates, one each, and
   shuffled again when all are used. Every study is equally likely in every replicate; dealing
   instead of drawing only makes sure that few replicates still show the spread.
3. The probability of the replicate is drawn from that study's posterior under Jeffreys' prior,
   Beta(found + ½, tested − found + ½).

The spread between replicates so contains both the sampling error within a study and the
disagreement between studies, without assuming a shape for the latter. With a single study only
the former is there, which the manifest has to say. Class pairs are dealt independently.

A published probability without its counts enters with an assumed number of tests (an option of
the reader, chosen small: a smaller number widens the posterior). A table of a model whose author
states no uncertainty is *fixed* instead: its probabilities are taken as they stand, and replicates
differ by chance alone.

Given the probabilities, every ordered pair of neurons is connected independently, without self
connections and without regard to distance. A circuit is therefore *block-random by
construction*: apart from chance it has no motif effect beyond the `block` null. It is a
reference for calibration and for what the counts alone imply, not evidence about motifs.

Numbers of neurons are the published means in every replicate, not draws: replicates then differ
by their probabilities alone, and censuses of the same size can be compared.

Only `Generator.random` is used, and the Beta draw inverts the distribution function, so that a
seed gives the same circuit with every version of numpy that keeps PCG64.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.special import betaincinv

IDS_PER_REPLICATE = 1_000_000
"""Neuron ids are replicate · 1,000,000 + index, so that a replicate can be read off an id."""

PAIRS_PER_CHUNK = 4_000_000
"""Random numbers held at once: 32 MB."""


@dataclass(frozen=True)
class NeuronClass:
    """A block: its name in the pair table, its labels, its size in every replicate."""

    name: str
    type: str
    cell_class: str
    count: int


@dataclass(frozen=True)
class Study:
    """What one publication found for one class pair; counts may be fractional if derived.

    Attributes
    ----------
    doi : str
        DOI of the publication.
    found, tested : float
        Connections found among directed pairs tested.
    fixed : bool
        Whether found / tested is the probability itself, and no estimate of it.
    """

    doi: str
    found: float
    tested: float
    fixed: bool = False

    @property
    def posterior(self) -> tuple[float, float]:
        """Parameters (a, b) of the Beta posterior under Jeffreys' prior."""
        return self.found + 0.5, self.tested - self.found + 0.5

    @property
    def mean(self) -> float:
        """Posterior mean of the connection probability."""
        a, b = self.posterior
        return a / (a + b)


Pathways = Mapping[tuple[str, str], Sequence[Study]]


@dataclass(frozen=True)
class Reconstruction:
    """Replicates of one circuit.

    Attributes
    ----------
    neurons : DataFrame
        neuron_id (int64), replicate (int64, from 1), block, type, cell_class; one row per
        neuron.
    connections : DataFrame
        pre, post (int64), weight (int32, always 1).
    probabilities : DataFrame
        replicate, pre_class, post_class, doi, probability: what was drawn.
    """

    neurons: pd.DataFrame
    connections: pd.DataFrame
    probabilities: pd.DataFrame


def deal_studies(studies: int, replicates: int, seed: np.random.SeedSequence) -> list[int]:
    """Deal `studies` cards to `replicates` players, shuffling whenever the pack is used up.

    Returns
    -------
    list of int
        Index of the study of each replicate. Earlier replicates do not depend on how many
        follow.
    """
    rng = np.random.default_rng(seed)
    dealt: list[int] = []
    while len(dealt) < replicates:
        dealt.extend(np.argsort(rng.random(studies), kind="stable").tolist())
    return dealt[:replicates]


def draw_probability(study: Study, rng: np.random.Generator) -> float:
    """Draw a connection probability from the posterior of `study` by inversion.

    That of a fixed study is what it states.
    """
    if study.fixed:
        return study.found / study.tested
    a, b = study.posterior
    return float(betaincinv(a, b, rng.random()))


def draw_connections(
    pre: int, post: int, probability: float, rng: np.random.Generator, *, same_class: bool
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Connect every ordered pair of two classes independently with one probability.

    Parameters
    ----------
    pre, post : int
        Sizes of the two classes.
    probability : float
        Probability of every connection.
    rng : Generator
        Source of randomness; pre · post numbers are taken from it whatever the chunk size.
    same_class : bool
        True if both are the same neurons: then no neuron connects to itself.

    Returns
    -------
    tuple of two int64 arrays
        Indices within the presynaptic and within the postsynaptic class, sorted.
    """
    rows = max(1, PAIRS_PER_CHUNK // max(1, post))
    sources: list[npt.NDArray[np.int64]] = []
    targets: list[npt.NDArray[np.int64]] = []
    for start in range(0, pre, rows):
        stop = min(start + rows, pre)
        hit = rng.random((stop - start, post)) < probability
        if same_class:
            hit[np.arange(stop - start), np.arange(start, stop)] = False
        source, target = np.nonzero(hit)
        sources.append(source + start)
        targets.append(target)
    empty = np.empty(0, dtype=np.int64)
    return np.concatenate([empty, *sources]), np.concatenate([empty, *targets])


def reconstruct(
    classes: Sequence[NeuronClass], pathways: Pathways, *, replicates: int, seed: int
) -> Reconstruction:
    """Draw `replicates` circuits from class sizes and studies of every class pair.

    Parameters
    ----------
    classes : sequence of NeuronClass
        The blocks, in the order in which neurons are numbered.
    pathways : mapping of (pre, post) to studies
        At least one study for every ordered pair of classes.
    replicates : int
        How many circuits; the first ones do not depend on how many follow.
    seed : int
        Entropy of the root `SeedSequence`.

    Raises
    ------
    KeyError
        If a class pair has no study.
    ValueError
        If a circuit has more neurons than `IDS_PER_REPLICATE`.
    """
    sizes = [block.count for block in classes]
    if sum(sizes) > IDS_PER_REPLICATE:
        raise ValueError(f"{sum(sizes):,} neurons do not fit into {IDS_PER_REPLICATE:,} ids")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    pairs = [(i, j) for i in range(len(classes)) for j in range(len(classes))]
    dealing, *replicate_seeds = np.random.SeedSequence(seed).spawn(1 + replicates)
    hands = {
        pair: deal_studies(len(pathways[_names(classes, pair)]), replicates, child)
        for pair, child in zip(pairs, dealing.spawn(len(pairs)), strict=True)
    }
    drawn: list[tuple[int, str, str, str, float]] = []
    sources: list[npt.NDArray[np.int64]] = []
    targets: list[npt.NDArray[np.int64]] = []
    for replicate, replicate_seed in enumerate(replicate_seeds, start=1):
        base = replicate * IDS_PER_REPLICATE
        for pair, child in zip(pairs, replicate_seed.spawn(len(pairs)), strict=True):
            i, j = pair
            study = pathways[_names(classes, pair)][hands[pair][replicate - 1]]
            rng = np.random.default_rng(child)
            probability = draw_probability(study, rng)
            source, target = draw_connections(
                sizes[i], sizes[j], probability, rng, same_class=i == j
            )
            sources.append(source + (base + starts[i]))
            targets.append(target + (base + starts[j]))
            drawn.append((replicate, *_names(classes, pair), study.doi, probability))
    pre, post = _by_source(np.concatenate(sources), np.concatenate(targets))
    connections = pd.DataFrame({"pre": pre, "post": post, "weight": np.ones(len(pre), np.int32)})
    columns = ["replicate", "pre_class", "post_class", "doi", "probability"]
    return Reconstruction(
        _neurons(classes, replicates), connections, pd.DataFrame(drawn, columns=columns)
    )


def _by_source(
    pre: npt.NDArray[np.int64], post: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Sort by source in linear time; the blocks of a source have their targets in order already."""
    shape = int(pre.max(initial=0)) + 1, int(post.max(initial=0)) + 1
    rows = coo_array((np.ones(pre.size, np.int8), (pre, post)), shape=shape).tocsr()
    sizes = np.diff(rows.indptr)
    return np.repeat(np.arange(sizes.size), sizes), rows.indices.astype(np.int64)


def _names(classes: Sequence[NeuronClass], pair: tuple[int, int]) -> tuple[str, str]:
    return classes[pair[0]].name, classes[pair[1]].name


def _neurons(classes: Sequence[NeuronClass], replicates: int) -> pd.DataFrame:
    sizes = [block.count for block in classes]
    total = sum(sizes)
    block = np.repeat(np.arange(len(classes)), sizes)
    replicate = np.repeat(np.arange(1, replicates + 1, dtype=np.int64), total)
    index = np.tile(np.arange(total, dtype=np.int64), replicates)
    labels = {
        name: np.tile(
            np.array([getattr(c, field) for c in classes], dtype=object)[block], replicates
        )
        for name, field in (("block", "name"), ("type", "type"), ("cell_class", "cell_class"))
    }
    return pd.DataFrame(
        {"neuron_id": replicate * IDS_PER_REPLICATE + index, **labels, "replicate": replicate}
    )
