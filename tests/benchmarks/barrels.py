"""Graphs that the benchmarks measure on; made here, from a seed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from analysis.circuit import Circuit


@lru_cache(maxsize=2)
def barrel(n: int = 2_000) -> Circuit:
    """Like layer 4 of a barrel: distance-dependent, density .235, reciprocity .45."""
    rng = np.random.default_rng(1)
    place = rng.random((n, 3)) * (300, 300, 200)
    distance = np.sqrt(((place[:, None] - place[None]) ** 2).sum(-1))
    chance = np.exp(-distance / 90)
    chance[: 3 * n // 20] *= 1.4  # inhibitory cells connect more
    np.fill_diagonal(chance, 0)
    answered = 0.17
    for _ in range(30):  # to the density wanted, with pairs answered and chances capped
        capped = np.minimum(chance, 0.95)
        made = capped + capped.T * answered * (1 - capped)
        chance *= 0.2355 * n * (n - 1) / made.sum()
    linked = rng.random((n, n)) < np.minimum(chance, 0.95)
    linked |= linked.T & (rng.random((n, n)) < answered)
    np.fill_diagonal(linked, False)
    return Circuit.from_edges(f"barrel {n}", n, *np.nonzero(linked))


@lru_cache(maxsize=3)
def brain(n: int = 130_000, m: int = 3_700_000) -> Circuit:
    """Like a fly's brain in size and in its heavy tail."""
    rng = np.random.default_rng(2)
    out = rng.lognormal(0, 1, n)
    into = out**0.7 * rng.lognormal(0, 0.5, n)
    pairs = int(m * (1.1 if m / n**2 > 5e-4 else 1.006))  # some are drawn twice
    pre = rng.choice(n, pairs, p=out / out.sum())
    post = rng.choice(n, pairs, p=into / into.sum())
    keys = np.unique(pre * n + post)
    keys = rng.permutation(keys[keys // n != keys % n])[:m]
    return Circuit.from_edges("brain", n, keys // n, keys % n)
