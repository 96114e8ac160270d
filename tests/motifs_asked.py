"""Patterns that the tests of motif queries ask of circuits, in DotMotif's language."""

import numpy as np

from analysis.circuit import Circuit
from tests.circuits_made import neurons

# What the package dotmotif understands as we do; attributes are never missing.
SHARED = {
    "connection": "A -> B",
    "mutual pair": "A -> B\nB -> A",
    "one way": "A -> B\nB !> A",
    "one way, tilde": "A -> B; B ~> A",
    "divergence": "A -> B; A -> C",
    "convergence": "A -> C\nB -> C",
    "chain": "A -> B\nB -> C",
    "feed-forward loop": "A -> B\nB -> C\nA -> C",
    "induced feed-forward loop": "A->B; B->C; A->C; B !> A; C !> B; C !> A",
    "three-cycle": "A -> B\nB -> C\nC -> A # comment",
    "bi-fan": "A -> C; A -> D; B -> C; B -> D",
    "four-cycle": "A -> B; B -> C; C -> D; D -> A; A !> C",
    "two pairs": "A -> B; C -> D",
    "weights": "A -> B [weight >= 3]; B -> C [weight < 4, weight != 2]",
    "weight beside absence": "A -> B [weight == 1]\nB !> A",
    "types": 'A -> B\nA.type = "t1"\nB.type != "t1"',
    "bare words": "A -> B; A.kind = PC; B.kind != PC",
    "bracket keys": 'A -> B\nA["type"] = "t0"\nB[\'type\'] = "t2"',
    "numbers": "A -> B; A.x > 0.5; B.x <= 0.5",
    "contains": 'A -> B; A.type contains "1"; B.type !contains "2"',
    "part of": 'A -> B; A.type in "t0 and t1"; B.type !in "t0 and t1"',
    "compared neurons": "A -> B\nA.x > B.x",
    "same type": "A -> B\nB -> C\nA.type = C.type\nA.type != B.type",
    "compared brackets": 'A -> B; A["x"] < B["x"]',
    "compared weights": "A -> B as ab; B -> C as bc; ab.weight > bc.weight",
    "alias with a value": "A -> B as ab; ab.weight >= 4",
    "alias of a weighted": "A -> B [weight > 1] as ab; B -> A as ba; ab.weight >= ba.weight",
    "macro": "pair(a, b) {\n a -> b\n b -> a\n}\npair(X, Y)\nX -> Z",
    "macro in macro": "e(a, b) { a -> b }\ntri(x, y, z) { e(x, y) e(y, z) e(z, x) }\ntri(A, B, C)",
    "macro with absence": "only(a, b) { a -> b\n b !> a }\nonly(A, B)\nonly(B, C)",
    "macro with weight": "strong(a, b) { a -> b [weight > 2] }\nstrong(A, B)\nB -> A",
    "macro with attribute": 'of(a, b) { a -> b\n a.type = "t1" }\nof(A, B)',
    "alike": 'A -> B; A -> C; B === C; B.type = "t1"',
}
# What only we understand, or understand otherwise: still the same in arrays and in the graph.
OURS = {
    "excitatory": "A -+ B; B -| C",
    "no inhibitory": "A -> B; B !| A",
    "no strong": "A -> B; B !> A [weight >= 4]",
    "list": 'A -> B; A.type in ["t0", "t2"]; B.type !in ["t0"]',
    "connected, not inhibitory": "A -> B; A !| B",
    "twice with weights": "A -> B [weight > 1]; A -> B [weight < 5]",
    "graph's names": 'A -> B; A.cellClass = "excitatory"; B.somaX < 0.5',
    "own attributes compared": "A -> B; A.x > A.y",
    "five": "A -> B; B -> C; C -> D; D -> E; E -> A; A.x < C.x",
    "equal weights": "A -> B as e; A -> C as f; e.weight = f.weight",
    "id": "A -> B; A.id <= 3",
    "other unequal": "A -> B; A.type <> t1",
}


def asked_circuit(seed: int, n: int = 7, density: float = 0.3) -> Circuit:
    """Make a circuit whose neurons have every attribute that the patterns ask for."""
    rng = np.random.default_rng(seed)
    matrix = rng.random((n, n)) < density
    np.fill_diagonal(matrix, False)
    pre, post = np.nonzero(matrix)
    table = neurons(
        rng.permutation(n) + 1,
        type=rng.choice(["t0", "t1", "t2"], n),
        kind=rng.choice(["PC", "IN"], n),
        cell_class=rng.choice(["excitatory", "basket"], n),
        polarity=rng.choice(["excitatory", "inhibitory", "unknown"], n),
        x=rng.random(n).round(2),
        soma_x=rng.random(n),
        soma_y=rng.random(n),
        y=rng.random(n),
    )
    return Circuit.from_edges("asked", n, pre, post, rng.integers(1, 6, pre.size), neurons=table)
