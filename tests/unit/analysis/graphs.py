"""Graphs for tests: small ones by name, larger ones like a barrel or like a fly's brain."""

import numpy as np

from analysis.circuit import Circuit


def circuit_of(n, edges):
    """Make a circuit of n neurons from pairs."""
    pre = [a for a, _ in edges]
    post = [b for _, b in edges]
    return Circuit.from_edges("test", n, np.array(pre, np.int64), np.array(post, np.int64))


def degenerate():
    """Name → circuit: the shapes at which formulas break."""
    everyone = [(a, b) for a in range(6) for b in range(6) if a != b]
    return {
        "no neuron": circuit_of(0, []),
        "one neuron": circuit_of(1, []),
        "two apart": circuit_of(2, []),
        "two one-way": circuit_of(2, [(0, 1)]),
        "two mutual": circuit_of(2, [(0, 1), (1, 0)]),
        "three apart": circuit_of(3, []),
        "empty": circuit_of(7, []),
        "complete": circuit_of(6, everyone),
        "star out": circuit_of(7, [(0, k) for k in range(1, 7)]),
        "star in": circuit_of(7, [(k, 0) for k in range(1, 7)]),
        "3-cycle": circuit_of(3, [(0, 1), (1, 2), (2, 0)]),
        "ring of pairs": circuit_of(
            6, [(a, b) for k in range(6) for a, b in ((k, (k + 1) % 6), ((k + 1) % 6, k))]
        ),
        "tournament": circuit_of(6, [(a, b) for a in range(6) for b in range(a + 1, 6)]),
    }


def spatial(n, seed, density=0.1, reciprocity=0.3):
    """Connections that fall off with distance, some of them answered."""
    rng = np.random.default_rng(seed)
    place = rng.random((n, 3))
    distance = np.sqrt(((place[:, None] - place[None]) ** 2).sum(-1))
    chance = np.exp(-distance / 0.3)
    np.fill_diagonal(chance, 0)
    chance = np.minimum(0.95, chance * density * n * (n - 1) / chance.sum())
    linked = rng.random((n, n)) < chance
    linked |= linked.T & (rng.random((n, n)) < reciprocity)
    np.fill_diagonal(linked, False)
    return Circuit.from_edges("spatial", n, *np.nonzero(linked))


def heavy(n, seed, mean_degree=8.0, spread=0.8, mutual=0.3):
    """Log-normal strengths, correlated in and out; some connections answered."""
    rng = np.random.default_rng(seed)
    out = rng.lognormal(0, spread, n)
    into = out**0.6 * rng.lognormal(0, spread / 2, n)
    odds = np.outer(out, into)
    odds *= mean_degree * n / odds.sum()
    linked = rng.random((n, n)) < odds / (1 + odds)
    linked |= linked.T & (rng.random((n, n)) < mutual)
    np.fill_diagonal(linked, False)
    return Circuit.from_edges("heavy", n, *np.nonzero(linked))


def uniform(n, seed, density):
    """Every connection with the same probability."""
    rng = np.random.default_rng(seed)
    linked = rng.random((n, n)) < density
    np.fill_diagonal(linked, False)
    return Circuit.from_edges("uniform", n, *np.nonzero(linked))
