"""Three made datasets and their results, and the same as pandas tables and networkx graphs."""

import math
from dataclasses import replace
from itertools import combinations

import networkx as nx
import pandas as pd

from schemas.graph import PARTICIPATION
from tests.circuits_made import pathways, random_tables

N = 24
CIRCUITS = {"aa": ("mouse", "em_dense"), "bb": ("rat", "em_dense"), "cc": ("mouse", "model")}
MOTIFS, NULLS = ("030T", "030C", "201"), ("er", "block", "degree", "reciprocal")


def tables(seed):
    made = random_tables(n=N, m=130, seed=seed)
    made.neurons["instance"] = [f"n{k}" for k in range(N)]
    made.neurons["module"] = ["left" if k < N // 2 else "right" for k in range(N)]
    return made


TABLES = {name: tables(seed) for seed, name in enumerate(CIRCUITS, start=5)}
PATHWAYS = {
    name: [
        {
            "pre_type": f"t{a}", "post_type": f"t{b}", "pre_class": ("excitatory", None)[a % 2],
            "post_class": ("inhibitory", "excitatory")[b % 2], "pre_layer": "L4",
            "post_layer": ("L4", "L2/3")[b % 2], "pre_cells": 10 + a, "post_cells": 20 + b,
            "found": a, "tested": 10 * b + a, "probability": None if a == b else share * (a + b),
            "synapses": 1.5 + b, "synapses_per_cell": 100.0 - 10 * a - b,
            "distance_um": [25.0, 50.0, 75.0], "probability_at": [share, share / 2, 0.0],
            "doi": f"10.1/{name}", "note": None if a else "first",
        }
        for a in range(3) for b in range(3)
    ]
    for name, share in (("aa", 0.05), ("bb", 0.0625))
}  # fmt: skip
TABLES |= {name: replace(TABLES[name], pathways=pathways(rows)) for name, rows in PATHWAYS.items()}
HALVES = [
    {"name": side, "title": side, "where": [{"column": "module", "isin": [side]}]}
    for side in ("left", "right")
]
CHANGES = {
    name: {
        "individual": {"species": species, "name": f"animal {name}"},
        "evidence": evidence,
        "area": "s1",
        "layer": "L4",
        "circuits": [{"name": "all", "title": "All"}, *HALVES],
    }
    for name, (species, evidence) in CIRCUITS.items()
}


def effects(dataset):
    """Effects that no two circuits share; canonical for all, hard for two of the datasets."""
    rows = []
    for i, motif in enumerate(MOTIFS):
        for j, null in enumerate(NULLS):
            for ensemble in ("canonical", "hard") if dataset != "bb" and j > 1 else ("canonical",):
                observed = 20 + 7 * i + 3 * j + ord(dataset[0])
                expected = 100.0 + 11 * j - 5 * i + (3 if ensemble == "hard" else 0)
                ratio = math.log(observed / expected)
                z = (observed - expected) / 4.0
                rows.append((motif, null, ensemble, observed, expected, 4.0, ratio, z))
    columns = ["motif", "null", "ensemble", "observed", "expected", "sd", "log_ratio", "z"]
    made = pd.DataFrame(rows, columns=columns)
    ratio = made["log_ratio"]
    errors = {"se": 0.05, "df": 30.0, "rule": "J1", "p": 0.01, "p_holm": 0.04, "mde": 0.14}
    return made.assign(low=ratio - 0.1, high=ratio + 0.1, **errors)


EFFECTS = {name: effects(name) for name in CIRCUITS}
FOUR = {
    name: pd.DataFrame(
        [
            (0, "empty", "", 5000 + k, math.nan, "exact"),
            (101, "cycle", "0->1 0->2 1->3 2->3", 30 - 4 * k, math.nan, "exact"),
            (102, "cycle", "0->1 2->0 1->3 2->3", 10 + k, math.nan, "exact"),
            (103, "cycle", "0->1 0->2 1->3 3->2", 0, math.nan, "exact"),
        ],
        columns=["code", "shape", "edges", "count", "se", "method"],
    )
    for k, name in enumerate(("aa", "bb"))
} | {
    "cc": pd.DataFrame(
        [(101, "cycle", "0->1 0->2 1->3 2->3", 700, 26.5, "hybrid")],
        columns=["code", "shape", "edges", "count", "se", "method"],
    )
}  # fmt: skip
HEADLINES = {  # column of the template → statistic, what of it
    "density": ("density", ""),
    "reciprocity": ("reciprocity", "share"),
    "clustering": ("clustering", "all"),
    "degree_correlation": ("degree_correlation", ""),
    "modularity": ("modularity", "directed"),
    "small_world": ("small_world", "small-world-ness"),
    "spectral_radius": ("spectral_radius", "relative to mean degree"),
    "trophic_incoherence": ("trophic_incoherence", ""),
    "feedback_arcs": ("feedback_arcs", ""),
    "strongly_connected": ("strongly_connected", "neurons in the largest"),
}


def statistics(dataset):
    """Values that no two circuits share; two are refused in one of them."""
    rows = []
    for k, (name, of) in enumerate([*HEADLINES.values(), ("clustering", "cycle")]):
        refused = f"{name} would take about 2 days" if dataset == "cc" and k in (4, 5) else ""
        value = math.nan if refused else 0.5 + k + ord(dataset[0]) / 1000
        error = math.nan if refused or k == 1 else 0.01 * (k + 1)
        rows.append((name, "" if refused else of, value, error, value / 2, refused))
    made = pd.DataFrame(
        rows, columns=["statistic", "of", "value", "standard_error", "expected", "refused"]
    )
    return made.assign(
        title="T", unit="share", definition="D.", expected_by="er", reference="R", doi="10.1/s",
        why="", note="",
    )  # fmt: skip


STATISTICS = {name: statistics(name) for name in CIRCUITS}
REFUSED = "typed triads: all neurons of cc/all are of one class"


def participation():
    """Count by the triads of networkx, three neurons after three neurons."""
    graph = digraph()
    counts = pd.DataFrame(0, index=list(graph), columns=list(PARTICIPATION), dtype="Int64")
    for triple in combinations(graph, 3):
        motif = nx.triad_type(graph.subgraph(triple))
        if motif in counts:
            counts.loc[list(triple), motif] += 1
    return counts.rename_axis("neuron_id").reset_index()


def typed():
    """Count feed-forward loops and three-cycles by class, and a triad of symmetric ends."""
    graph, of_class = digraph(), facts()["cell_class"]
    counts = {}
    for motif, arrows in (("030T", ("ab", "bc", "ac")), ("030C", ("ab", "bc", "ca"))):
        for triple in triples(graph, arrows, lambda a, b, c: True):
            key = motif, *(of_class[n] for n in triple)
            counts[key] = counts.get(key, 0) + 1
    rows = [(*key, n) for key, n in counts.items()]
    return pd.DataFrame(rows, columns=["motif", "a", "b", "c", "count"])


def typed_effects():
    """Effects of which half depart from a null, canonical and, of one null, hard."""
    rows = []
    for i, motif in enumerate(MOTIFS):
        for j, classes in enumerate((("e", "e", "i"), ("e", "i", "e"), ("i", "e", "e"))):
            for null, hard in (("er", False), ("degree", False), ("degree", True)):
                ensemble = "hard" if hard else "canonical"
                observed, expected = (5 * i + j) * (j < 2), 4.0 + 2 * j + hard
                ratio = math.log(observed / expected) if observed else -math.inf
                adjusted = 0.001 if (i + j + hard) % 3 else math.nan if j else 0.5
                rows.append((motif, *classes, null, ensemble, observed, expected, ratio, adjusted))
    columns = ["motif", *"ABC", "null", "ensemble", "observed", "expected", "log_ratio"]
    made = pd.DataFrame(rows, columns=[*columns, "p_adjusted"])
    errors = {"se": 0.05, "df": 30.0, "rule": "V", "p": 0.01, "mde": 0.14}
    return made.assign(low=made["log_ratio"] - 0.1, high=made["log_ratio"] + 0.1, **errors)


def curve():
    """Level → effects of 030C and 201, of which none is defined at the last."""
    found = {}
    for level in (0.2, 0.0, 0.1):
        rows = [
            (motif, 10.0 * k - 40 * level, 8.0 * k, k - level if level < 0.2 else math.nan)
            for k, motif in enumerate(("030C", "201"), 1)
        ]
        made = pd.DataFrame(rows, columns=["motif", "observed", "expected", "log_ratio"])
        found[level] = made.assign(
            null="degree", ensemble="hard", error="missed", level=level, draws=10 if level else 1,
            defined=10, spread=level / 8, connections=130 * (1 - level), neurons=24.0,
        )  # fmt: skip
    return found


def corrected():
    """Corrected effects of two triads; of one nothing is claimed."""
    rows = [("201", 30, 0.5, 0.625, 0.25, 1.0, ""), ("030C", 2, -0.5, *[math.nan] * 3, "too few")]
    columns = ["motif", "observed", "raw", "corrected", "low", "high", "reason"]
    made = pd.DataFrame(rows, columns=columns)
    return made.assign(
        null="degree", ensemble="hard", by="simex", shift=0.125, inflation=1.5, mc_sd=0.01,
        rate_sd=0.02, se=0.2, df=30.0, residual=0.05, claim=made["reason"] == "",
    )  # fmt: skip


def verdicts():
    """Verdicts over the circuits of two datasets; one rests on nothing."""
    rows = [
        ("201", "INVARIANT", 0.01, 0.99, 1.1, 1.5, "same", 0.5, 0.25),
        ("030C", "UNDETERMINED", *[math.nan] * 4, "too few", math.nan, -0.75),
    ]
    columns = ["motif", "verdict", "q_inv", "q_div", "smallest_margin", "mde", "reason"]
    made = pd.DataFrame(rows, columns=[*columns, "log_ratio:aa/all", "log_ratio:bb/all"])
    made = made.assign(whole="UNDETERMINED", confounded=False, p_inv=0.01, p_div=0.9)
    for name in ("aa/all", "bb/all"):
        figures = {"observed": 12, "se": 0.1, "df": 20.0, "rule": "V"}
        made = made.assign(**{f"{one}:{name}": value for one, value in figures.items()})
    return made


def digraph(name="aa"):
    made = nx.DiGraph()
    made.add_nodes_from(TABLES[name].neurons["neuron_id"].tolist())
    edges = TABLES[name].connections
    made.add_weighted_edges_from(
        edges[["pre", "post", "weight"]].itertuples(index=False, name=None)
    )
    return made


def facts(name="aa"):
    return TABLES[name].neurons.set_index("neuron_id")


def joined(name="aa"):
    """Connections with the facts of both sides."""
    table = TABLES[name].neurons.add_suffix("_pre")
    other = TABLES[name].neurons.add_suffix("_post")
    return (
        TABLES[name].connections.merge(table, left_on="pre", right_on="neuron_id_pre")
        .merge(other, left_on="post", right_on="neuron_id_post")
    )  # fmt: skip


def induced(graph, arrows, triple):
    pairs = {(x, y) for x in triple for y in triple if x != y and graph.has_edge(x, y)}
    return pairs == {(triple["abc".index(p[0])], triple["abc".index(p[1])]) for p in arrows}


def triples(graph, arrows, canonical):
    nodes = list(graph)
    return sorted(
        (a, b, c)
        for a in nodes for b in nodes for c in nodes
        if len({a, b, c}) == 3 and canonical(a, b, c) and induced(graph, arrows, (a, b, c))
    )  # fmt: skip


def best(name, motif="030T", null="reciprocal"):
    frame = EFFECTS[name]
    rows = frame[(frame["motif"] == motif) & (frame["null"] == null)]
    return rows.sort_values("ensemble", ascending=False).iloc[0]
