"""What the shipped queries should answer, by pandas and networkx."""

import math
from itertools import pairwise

import networkx as nx

from tests.circuits_made import manifest
from tests.contract.store.recipe_tables import (
    CHANGES,
    CIRCUITS,
    EFFECTS,
    FOUR,
    HEADLINES,
    MOTIFS,
    NULLS,
    PATHWAYS,
    REFUSED,
    STATISTICS,
    best,
    curve,
    digraph,
    facts,
    joined,
    participation,
    triples,
    typed,
    typed_effects,
)


def answer_partners():
    graph = digraph()
    out = sorted((-d["weight"], m) for _, m, d in graph.out_edges(1, data=True))
    inn = sorted((-d["weight"], m) for m, _, d in graph.in_edges(1, data=True))
    rows = [("input", m, -w) for w, m in inn] + [("output", m, -w) for w, m in out]
    return ["direction", "body", "weight"], rows


def answer_downstream():
    graph, ways, weight = digraph(), {}, {}
    for b in graph.successors(1):
        for c in graph.successors(b):
            if c != 1:
                ways[c] = ways.get(c, 0) + 1
                least = min(graph[1][b]["weight"], graph[b][c]["weight"])
                weight[c] = weight.get(c, 0) + least
    order = sorted(ways, key=lambda c: (-weight[c], c))[:25]
    return ["body", "ways", "weight"], [(c, ways[c], weight[c]) for c in order]


def answer_shortest():
    graph = digraph()
    found = sorted(map(list, nx.all_shortest_paths(graph, 1, 2)))
    weights = [[graph[x][y]["weight"] for x, y in pairwise(p)] for p in found]
    return ["bodies", "steps", "weights"], [
        (p, len(p) - 1, w) for p, w in zip(found, weights, strict=True)
    ]


def answer_strongest():
    rows = []
    for name in CIRCUITS:
        found = joined(name)
        found = found[found["type_pre"] == "t1"]
        rows += [(name, *r) for r in found[["pre", "post", "weight"]].itertuples(index=False)]
    rows.sort(key=lambda r: (-r[3], r[0], r[1], r[2]))
    return ["dataset", "pre", "post", "weight"], rows[:25]


def answer_hubs():
    graph = digraph()
    order = sorted(graph, key=lambda n: (-graph.degree(n), n))
    return ["body", "targets", "sources"], [
        (n, graph.out_degree(n), graph.in_degree(n)) for n in order[:25]
    ]


def answer_convergence():
    found = joined()
    found = found[found["type_post"] == "t1"].groupby("post")["weight"].agg(["size", "sum", "max"])
    rows = [(n, r["size"], r["sum"], r["max"] / r["sum"]) for n, r in found.iterrows()]
    return ["body", "inputs", "weight", "heaviest_share"], sorted(rows, key=lambda r: (-r[1], r[0]))


def answer_inhibitory():
    rows = []
    for post, part in joined().groupby("post"):
        bad = part.loc[part["polarity_pre"] == "inhibitory", "weight"].sum()
        rows.append((post, part["weight"].sum(), bad, bad / part["weight"].sum()))
    rows.sort(key=lambda r: (-r[3], -r[1], r[0]))
    return ["body", "weight", "inhibitory", "share"], rows[:25]


def answer_classes():
    rows = [
        (a, b, len(p), p["weight"].sum(), p["weight"].mean())
        for (a, b), p in joined().groupby(["cell_class_pre", "cell_class_post"])
    ]
    rows.sort(key=lambda r: (-r[2], r[0], r[1]))
    return ["pre_class", "post_class", "connections", "synapses", "mean_weight"], rows


def answer_probability():
    size, found = facts()["type"].value_counts(), joined()
    rows = []
    for a in size.index:
        for b in size.index:
            m = int(((found["type_pre"] == a) & (found["type_post"] == b)).sum())
            pairs = int(size[a] * (size[b] - (a == b)))
            rows.append((a, b, m, pairs, m / pairs))
    rows.sort(key=lambda r: (-r[4], r[0], r[1]))
    return ["pre_type", "post_type", "connections", "pairs", "probability"], rows


def answer_reciprocal():
    graph = digraph()
    rows = [
        (a, b, graph[a][b]["weight"], graph[b][a]["weight"])
        for a, b in graph.edges if a < b and graph.has_edge(b, a)
    ]  # fmt: skip
    rows.sort(key=lambda r: (-min(r[2:]), r[0], r[1]))
    return ["a", "b", "a_to_b", "b_to_a"], rows[:50]


def answer_shared():
    graph = digraph()
    some = [n for n, t in facts()["type"].items() if t == "t1"]
    rows = [
        (a, b, len(set(graph.predecessors(a)) & set(graph.predecessors(b))))
        for a in some for b in some if a < b
    ]  # fmt: skip
    rows = sorted((r for r in rows if r[2]), key=lambda r: (-r[2], r[0], r[1]))
    return ["a", "b", "shared"], rows[:25]


def answer_between():
    found = joined()
    found = found[(found["module_pre"] == "left") & (found["module_post"] == "right")]
    rows = [
        (a, b, len(p), p["weight"].sum(), p["pre"].nunique(), p["post"].nunique())
        for (a, b), p in found.groupby(["polarity_pre", "polarity_post"])
    ]
    rows.sort(key=lambda r: (-r[2], r[0], r[1]))
    return [
        "pre_polarity", "post_polarity", "connections", "weight", "senders", "receivers",
    ], rows  # fmt: skip


def answer_types():
    found = facts().groupby(["type", "cell_class", "polarity"]).size()
    rows = sorted(((*k, n) for k, n in found.items()), key=lambda r: (-r[3], r[0], r[1]))
    return ["type", "cell_class", "polarity", "neurons"], rows


def answer_across_species():
    rows = {}
    for name, (species, _) in CIRCUITS.items():
        for cell_class, n in facts(name)["cell_class"].value_counts().items():
            rows[cell_class, species] = rows.get((cell_class, species), 0) + n
    return ["cell_class", "species", "neurons"], sorted((*k, n) for k, n in rows.items())


def answer_circuits():
    rows = []
    for name, (_, evidence) in CIRCUITS.items():
        graph, module = digraph(name), facts(name)["module"]
        for cut in ("all", "left", "right"):
            part = graph.subgraph([n for n in graph if cut in ("all", module[n])])
            n, m = part.number_of_nodes(), part.number_of_edges()
            share = nx.overall_reciprocity(part)
            rows.append((evidence, f"{name}/{cut}", n, m, m / n / (n - 1), share))
    label = {"mouse": "mouse", "rat": "rat"}
    rows.sort(key=lambda r: (label[CIRCUITS[r[1].split("/")[0]][0]], r[0], r[1]))
    return ["evidence", "circuit", "neurons", "connections", "density", "reciprocity"], rows


def answer_loops():
    found = triples(digraph(), ("ab", "bc", "ac"), lambda a, b, c: True)
    return ["a", "b", "c"], found


def answer_cycles():
    found = triples(digraph(), ("ab", "bc", "ca"), lambda a, b, c: a < min(b, c))
    return ["a", "b", "c"], found


def answer_effects():
    frame = EFFECTS["aa"].sort_values(["motif", "null", "ensemble"])
    columns = ["motif", "null", "ensemble", "observed", "expected", "sd", "log_ratio"]
    columns += ["se", "low", "high", "rule", "p_holm", "z"]
    names = ["motif", "null_model", "ensemble", "observed", "expected", "sd_of_null", *columns[6:]]
    return names, list(frame[columns].itertuples(index=False, name=None))


def answer_ladder():
    frame = EFFECTS["aa"][EFFECTS["aa"]["motif"] == "030T"]
    frame = frame.assign(rung=frame["null"].map(NULLS.index)).sort_values(["rung", "ensemble"])
    columns = ["null", "ensemble", "observed", "log_ratio"]
    return ["null_model", *columns[1:]], list(frame[columns].itertuples(index=False, name=None))


def answer_across():
    rows = []
    for name, (species, evidence) in CIRCUITS.items():
        r = best(name)
        rows.append(
            (species, evidence, f"{name}/all", r["ensemble"], r["observed"], r["log_ratio"])
        )
    return ["species", "evidence", "circuit", "ensemble", "observed", "log_ratio"], sorted(rows)


def answer_by_species():
    rows = [(*CIRCUITS[name], 1, best(name)["log_ratio"]) for name in CIRCUITS]
    return ["species", "evidence", "circuits", "mean_log_ratio"], sorted(rows)


def answer_range():
    rows = []
    for motif in MOTIFS:
        frame = EFFECTS["aa"]
        chosen = (frame["motif"] == motif) & (frame["null"] == "reciprocal")
        (value,) = frame.loc[chosen & (frame["ensemble"] == "hard"), "log_ratio"]
        rows.append((motif, 1, value, value, 0.0))
    return ["motif", "circuits", "smallest", "largest", "spread"], sorted(rows)


def answer_over():
    rows = [(f"{n}/all", best(n)["ensemble"], best(n)["log_ratio"]) for n in CIRCUITS]
    return ["circuit", "ensemble", "log_ratio"], sorted(rows, key=lambda r: (-r[2], r[0]))


def answer_provenance():
    rows = [
        (n, CIRCUITS[n][1], results, ["test"])
        for n, results in zip(CIRCUITS, (11, 4, 4), strict=True)
    ]
    return ["dataset", "evidence", "results", "code_versions"], rows


def answer_cite():
    one = manifest("aa", **CHANGES["aa"])
    return ["dataset", "citation", "licence"], [("aa", one.citation.text, one.licence)]


def answer_pathways():
    rows = [
        (r["pre_type"], r["post_type"], r["pre_cells"], r["found"], r["tested"], r["probability"],
         r["synapses"], r["synapses_per_cell"], r["note"])
        for r in PATHWAYS["aa"] if r["post_layer"] == "L2/3"
    ]  # fmt: skip
    rows.sort(key=lambda r: (r[5] is None, -(r[5] or 0), -r[7], r[0]))
    return [
        "pre", "post", "pre_cells", "found", "tested", "probability", "synapses_per_connection",
        "synapses_per_cell", "note",
    ], rows  # fmt: skip


def answer_pathway_distance():
    return ["distance_um", "probability"], [(25.0, 0.0625), (50.0, 0.03125), (75.0, 0.0)]


def answer_pathways_across():
    rows = [
        (*CIRCUITS[name], name, r["pre_type"], r["post_type"], r["probability"], r["doi"])
        for name, given in PATHWAYS.items() for r in given
        if r["pre_class"] == "excitatory" and r["post_class"] == "inhibitory"
    ]  # fmt: skip
    rows.sort(key=lambda r: (r[:5], r[6]))
    return ["species", "evidence", "dataset", "pre", "post", "probability", "doi"], rows


def answer_typed():
    frame = typed()
    frame = frame[frame["motif"] == "030T"]
    rows = [
        (list(r[1:4]), r[4], r[4] / frame["count"].sum())
        for r in frame.itertuples(index=False, name=None)
    ]
    return ["classes", "count", "share"], sorted(rows, key=lambda r: (-r[1], r[0]))


def answer_typed_effects():
    frame = typed_effects().query("motif == '030C' and ensemble == 'hard' and p_adjusted < 0.05")
    rows = [
        ([r.A, r.B, r.C], "hard", r.observed, r.expected, r.log_ratio if r.observed else None)
        for r in frame.itertuples()
    ]
    rows.sort(key=lambda r: (-math.inf if r[4] is None else -abs(r[4]), -r[3], r[0]))
    return ["classes", "ensemble", "observed", "expected", "log_ratio"], rows


def answer_curve():
    rows = []
    for level, frame in sorted(curve().items()):
        (row,) = frame.query("motif == '030C'").to_dict("records")
        effect = row["log_ratio"] if level < 0.2 else None
        rows.append((level, "hard", effect, row["spread"], row["draws"], row["connections"]))
    return ["level", "ensemble", "log_ratio", "spread", "draws", "connections"], rows


def answer_corrected():
    columns = ["motif", "observed", "missed", "raw", "corrected", "low", "high", "no_claim"]
    return columns, [
        ("030C", 2, 0.08, -0.5, None, None, None, "too few"),
        ("201", 30, 0.08, 0.5, 0.625, 0.25, 1.0, None),
    ]


def answer_verdicts():
    names = ["aa/all", "bb/all"]
    columns = ["circuits", "margin", "motif", "verdict", "log_ratios", "p_same", "confounded"]
    return [*columns, "reason"], [
        (names, 1.25, "030C", "UNDETERMINED", [None, -0.75], None, False, "too few"),
        (names, 1.25, "201", "INVARIANT", [0.5, 0.25], 0.01, False, "same"),
    ]


def answer_in_triads():
    frame, cells = participation(), facts()
    rows = [
        (body, cells["instance"][body], cells["cell_class"][body], count)
        for body, count in zip(frame["neuron_id"], frame["030T"], strict=True)
    ]
    rows.sort(key=lambda r: (-r[3], r[0]))
    return ["body", "name", "cell_class", "triads"], rows[:25]


def answer_two_circuits():
    one, other = (FOUR[name].query("shape == 'cycle'") for name in ("aa", "bb"))
    rows = [
        (r.code, r.edges.split(), r.count, r.count / one["count"].sum(), s.count,
         s.count / other["count"].sum(), None)
        for r, s in zip(one.to_records(), other.to_records(), strict=True)
    ]  # fmt: skip
    columns = ["code", "edges", "first", "first_share", "second", "second_share", "second_se"]
    return columns, sorted(rows, key=lambda r: (-r[2], r[0]))


def answer_shape():
    rows = []
    for name, (species, evidence) in CIRCUITS.items():
        counts = FOUR[name].loc[FOUR[name]["shape"] == "cycle", "count"]
        rows.append((species, evidence, f"{name}/all", FOUR[name]["method"].iloc[0],
                     counts.sum(), (counts > 0).sum()))  # fmt: skip
    columns = ["species", "evidence", "circuit", "method", "count", "classes_that_occur"]
    return columns, sorted(rows)


def answer_statistic():
    rows = []
    for name, (species, evidence) in CIRCUITS.items():
        frame = STATISTICS[name]
        for r in frame[frame["statistic"] == "modularity"].to_dict("records"):
            none = bool(r["refused"])
            values = (None if none else r[c] for c in ("value", "standard_error", "expected"))
            rows.append((species, evidence, f"{name}/all", r["of"] or None, *values, "er",
                         r["refused"] or None))  # fmt: skip
    return [
        "species", "evidence", "circuit", "of", "value", "se", "expected", "expected_by", "refused",
    ], sorted(rows, key=lambda r: r[:3])  # fmt: skip


def answer_side_by_side():
    rows = []
    for name, (species, evidence) in CIRCUITS.items():
        frame = STATISTICS[name].set_index(["statistic", "of"])["value"]
        values = [frame.get(key) for key in HEADLINES.values()]
        rows.append((species, evidence, f"{name}/all", *values))
    return ["species", "evidence", "circuit", *HEADLINES], sorted(rows, key=lambda r: r[:3])


def answer_left_out():
    frame = STATISTICS["cc"]
    rows = [("cc/all", "typed-triads", REFUSED)]
    rows += [
        ("cc/all", *r)
        for r in frame.loc[frame["refused"] != "", ["statistic", "refused"]].to_numpy().tolist()
    ]
    return ["circuit", "what", "why"], sorted(rows)


ALL = {"circuit": "aa/all"}
RECIPES = {
    "partners": ({"dataset": "aa", "body": 1}, answer_partners),
    "downstream": ({"dataset": "aa", "body": 1}, answer_downstream),
    "shortest-path": ({"dataset": "aa", "from": 1, "to": 2}, answer_shortest),
    "strongest-connections": ({"type": "t1"}, answer_strongest),
    "hub-neurons": (ALL, answer_hubs),
    "convergence": (ALL | {"type": "t1"}, answer_convergence),
    "inhibitory-input": (ALL, answer_inhibitory),
    "connection-by-class": (ALL, answer_classes),
    "connection-probability": (ALL, answer_probability),
    "reciprocal-pairs": (ALL, answer_reciprocal),
    "shared-inputs": (ALL | {"type": "t1"}, answer_shared),
    "between-circuits": ({"from": "aa/left", "to": "aa/right"}, answer_between),
    "cell-types": (ALL, answer_types),
    "classes-across-species": ({}, answer_across_species),
    "circuits": ({}, answer_circuits),
    "feed-forward-loops": (ALL | {"limit": 5000}, answer_loops),
    "three-cycles": (ALL | {"limit": 5000}, answer_cycles),
    "motif-effects": (ALL, answer_effects),
    "null-ladder": (ALL, answer_ladder),
    "motif-across-circuits": ({}, answer_across),
    "motif-by-species": ({}, answer_by_species),
    "motif-range": ({}, answer_range),
    "over-expressed-l4": ({"z": -1000.0}, answer_over),
    "pathways": ({"dataset": "aa"}, answer_pathways),
    "pathway-by-distance": ({"dataset": "bb", "pre": "t0", "post": "t1"}, answer_pathway_distance),
    "pathways-across-datasets": (
        {"pre_class": "excitatory", "post_class": "inhibitory"},
        answer_pathways_across,
    ),
    "typed-triads": (ALL, answer_typed),
    "typed-effects": (ALL | {"motif": "030C"}, answer_typed_effects),
    "error-curve": (ALL | {"null": "degree"}, answer_curve),
    "corrected-effects": (ALL | {"null": "degree"}, answer_corrected),
    "verdicts": (ALL, answer_verdicts),
    "triads-of-neurons": (ALL, answer_in_triads),
    "four-node-motifs": ({"first": "aa/all", "second": "bb/all"}, answer_two_circuits),
    "four-node-across-circuits": ({}, answer_shape),
    "statistic-across-circuits": ({}, answer_statistic),
    "statistics-side-by-side": ({}, answer_side_by_side),
    "left-out": ({}, answer_left_out),
    "provenance": ({}, answer_provenance),
    "cite": (ALL, answer_cite),
}
