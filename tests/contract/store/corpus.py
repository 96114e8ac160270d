"""Statements with answers that Python computes from the same small graph, not from a server.

The graph: cells with a kind (E or I), a size that may be absent and a name; weighted arrows between
them, among them a reciprocal pair, feed-forward loops, a three-cycle, and a cell without arrows.
"""

from itertools import permutations

import networkx as nx

CELLS = {
    1: ("E", 3.5, "a"),
    2: ("E", 1.25, "b"),
    3: ("I", None, "c"),
    4: ("E", 0.0, "d"),
    5: ("I", -2.0, "ä"),
    6: ("E", 7.0, "f"),
    7: ("I", 7.0, "g'\""),
    8: ("E", None, "h"),
}
ARROWS = {
    (1, 2): 5, (2, 1): 3, (2, 3): 1, (1, 3): 4, (3, 4): 2, (4, 1): 7,
    (4, 5): 1, (5, 4): 9, (5, 6): 2, (6, 7): 6, (7, 5): 8, (2, 6): 10,
}  # fmt: skip
FILL = (
    "UNWIND $cells AS c CREATE (:Cell {id: c[0], kind: c[1], size: c[2], name: c[3]})",
    (
        "UNWIND $arrows AS e MATCH (a:Cell {id: e[0]}) MATCH (b:Cell {id: e[1]}) "
        "CREATE (a)-[:To {w: e[2]}]->(b)"
    ),
)  # fmt: skip
VALUES = {
    "cells": [[k, *facts] for k, facts in CELLS.items()],
    "arrows": [[a, b, w] for (a, b), w in ARROWS.items()],
}
GRAPH = nx.DiGraph(list(ARROWS))
GRAPH.add_nodes_from(CELLS)
KIND = {k: facts[0] for k, facts in CELLS.items()}
SIZE = {k: facts[1] for k, facts in CELLS.items()}
NAME = {k: facts[2] for k, facts in CELLS.items()}
OUT = {k: sorted(b for a, b in ARROWS if a == k) for k in CELLS}
INN = {k: sorted(a for a, b in ARROWS if b == k) for k in CELLS}
E = [k for k in CELLS if KIND[k] == "E"]
I = [k for k in CELLS if KIND[k] == "I"]  # noqa: E741 (the kind's name)
KNOWN = [s for s in SIZE.values() if s is not None]


def trails(length, start=None):
    """Trails: no arrow twice, cells may be met again (Cypher's rule for variable lengths)."""
    found = [[edge] for edge in ARROWS if start in (None, edge[0])]
    for _ in range(length - 1):
        found = [
            [*trail, edge] for trail in found for edge in ARROWS
            if edge[0] == trail[-1][1] and edge not in trail
        ]  # fmt: skip
    return found


def one(value):
    return [(value,)]


def column(values):
    return [(value,) for value in values]


def matches(*arrows: str):
    """Ways to lay arrows between named places on different arrows of the graph."""
    names = sorted({name for arrow in arrows for name in arrow})
    count = 0
    stack = [({}, 0)]
    while stack:
        placed, at = stack.pop()
        if at == len(arrows):
            used = [(placed[a], placed[b]) for a, b in arrows]
            count += len(set(used)) == len(used) and len(placed) == len(names)
            continue
        a, b = arrows[at]
        for x, y in ARROWS:
            if placed.get(a, x) == x and placed.get(b, y) == y:
                stack.append(({**placed, a: x, b: y}, at + 1))
    return count


READS = [
    # matching and filtering
    ("MATCH (n:Cell) RETURN count(n)", one(len(CELLS))),
    ("MATCH (n:Nothing) RETURN count(n)", one(0)),
    ("MATCH (n:Cell) RETURN n.id ORDER BY n.id", column(CELLS)),
    ("MATCH (n:Cell) RETURN n.id ORDER BY n.id DESC SKIP 2 LIMIT 3", column([6, 5, 4])),
    ("MATCH (n:Cell {kind: 'I'}) RETURN n.id ORDER BY n.id", column(I)),
    ("MATCH (n:Cell) WHERE n.size > 1 RETURN n.id ORDER BY n.id",
     column(k for k in CELLS if SIZE[k] is not None and SIZE[k] > 1)),
    ("MATCH (n:Cell) WHERE NOT n.size > 1 RETURN n.id ORDER BY n.id",
     column(k for k in CELLS if SIZE[k] is not None and not SIZE[k] > 1)),
    ("MATCH (n:Cell) WHERE n.size IS NULL RETURN n.id ORDER BY n.id",
     column(k for k in CELLS if SIZE[k] is None)),
    ("MATCH (n:Cell) WHERE n.size <> 7 OR n.kind = 'I' RETURN n.id ORDER BY n.id",
     column(k for k in CELLS if (SIZE[k] is not None and SIZE[k] != 7) or KIND[k] == "I")),
    ("MATCH (n:Cell) WHERE n.id IN [1, 3, 99] RETURN n.id ORDER BY n.id", column([1, 3])),
    ("MATCH (n:Cell) WHERE n.name STARTS WITH 'g' RETURN n.name", one("g'\"")),
    ("MATCH (n:Cell) WHERE n.name = 'ä' RETURN n.id", one(5)),
    ("MATCH (n:Cell) WHERE n.name =~ '[a-c]' RETURN n.id ORDER BY n.id", column([1, 2, 3])),
    ("MATCH (n:Cell) WHERE n.kind = 'E' XOR n.id < 4 RETURN n.id ORDER BY n.id",
     column(k for k in CELLS if (KIND[k] == "E") != (k < 4))),
    ("MATCH (n:Cell) WHERE n.id % 3 = 1 WITH n ORDER BY n.id RETURN collect(n.id)", one([1, 4, 7])),
    ("MATCH (n:Cell) WHERE NOT (n)--() RETURN n.id", one(8)),
    ("MATCH (a:Cell)-[e:To]->(b) RETURN count(e)", one(len(ARROWS))),
    ("MATCH (a)-[e:To]-(b) RETURN count(e)", one(2 * len(ARROWS))),
    ("MATCH (a:Cell {id: 1})-[:To]->(b) RETURN b.id ORDER BY b.id", column(OUT[1])),
    ("MATCH (a:Cell {id: 1})<-[:To]-(b) RETURN b.id ORDER BY b.id", column(INN[1])),
    ("MATCH (:Cell {kind: 'E'})-[e]->(:Cell {kind: 'I'}) RETURN count(e)",
     one(sum(KIND[a] == "E" and KIND[b] == "I" for a, b in ARROWS))),
    ("MATCH (a)-[e:To]->(b) WHERE e.w >= 7 RETURN a.id, b.id, e.w ORDER BY e.w, a.id",
     sorted(((a, b, w) for (a, b), w in ARROWS.items() if w >= 7), key=lambda r: (r[2], r[0]))),
    ("MATCH (a)-[e:Other]->(b) RETURN count(e)", one(0)),
    # aggregation
    ("MATCH (n:Cell) RETURN n.kind, count(*) ORDER BY n.kind", [("E", len(E)), ("I", len(I))]),
    ("MATCH (n:Cell) RETURN count(n.size), sum(n.size), min(n.size), max(n.size)",
     [(len(KNOWN), sum(KNOWN), min(KNOWN), max(KNOWN))]),
    ("MATCH (n:Cell) RETURN round(avg(n.size), 6)", one(round(sum(KNOWN) / len(KNOWN), 6))),
    ("MATCH (n:Cell) RETURN count(DISTINCT n.size)", one(len(set(KNOWN)))),
    ("MATCH (n:Cell) WITH n.kind AS k, collect(n.id) AS ids RETURN k, size(ids) ORDER BY k",
     [("E", len(E)), ("I", len(I))]),
    ("MATCH (a)-[e:To]->() RETURN a.id, sum(e.w) AS s ORDER BY s DESC, a.id LIMIT 3",
     sorted(((a, sum(ARROWS[a, b] for b in OUT[a])) for a in CELLS if OUT[a]),
            key=lambda r: (-r[1], r[0]))[:3]),
    ("MATCH ()-[e:To]->() RETURN percentileDisc(e.w, 0.5)",
     one(sorted(ARROWS.values())[len(ARROWS) // 2 - 1])),
    ("MATCH (n:Cell) WHERE n.id > 99 RETURN count(n), sum(n.id), collect(n.id), max(n.id)",
     [(0, 0, [], None)]),
    ("MATCH (n:Cell) WITH n.id AS k ORDER BY n.name RETURN head(collect(k)), last(collect(k))",
     [(1, 5)]),
    ("MATCH (n:Cell) RETURN n.kind AS k, max(n.size) AS m ORDER BY m DESC, k",
     [("E", 7.0), ("I", 7.0)]),
    # optional, WITH, UNWIND
    ("MATCH (n:Cell) OPTIONAL MATCH (n)-[e:To]->(m) RETURN n.id, count(m) ORDER BY n.id",
     [(k, len(OUT[k])) for k in CELLS]),
    ("OPTIONAL MATCH (n:Nothing) RETURN n", one(None)),
    ("MATCH (n:Cell {id: 8}) OPTIONAL MATCH (n)-->(m) RETURN n.id, m", [(8, None)]),
    ("MATCH (n:Cell) WITH n WHERE n.kind = 'I' WITH n.id AS k ORDER BY k LIMIT 2 RETURN sum(k)",
     one(3 + 5)),
    ("MATCH (n:Cell)-->(m) WITH n, count(m) AS d WHERE d > 1 RETURN n.id ORDER BY n.id",
     column(k for k in CELLS if len(OUT[k]) > 1)),
    ("UNWIND [3, 1, 2] AS x RETURN x ORDER BY x", column([1, 2, 3])),
    ("UNWIND [] AS x RETURN x", []),
    ("UNWIND null AS x RETURN x", []),
    ("UNWIND [[1, 2], [3]] AS l UNWIND l AS x RETURN sum(x)", one(6)),
    ("UNWIND $ids AS k MATCH (n:Cell {id: k}) RETURN n.name", column(["b", "a"])),
    ("WITH 1 AS x, 2 AS y WITH x + y AS z RETURN z * 2", one(6)),
    ("WITH [1, 2, 3] AS l RETURN l[0], l[-1], l[1..], l[5]", [(1, 3, [2, 3], None)]),
    ("MATCH (n:Cell) WITH DISTINCT n.kind AS k RETURN k ORDER BY k", column(["E", "I"])),
    # lists, maps, comprehensions
    ("RETURN [x IN range(1, 6) WHERE x % 2 = 0 | x * x]", one([4, 16, 36])),
    ("RETURN reduce(s = 0, x IN [1, 2, 3] | s + x)", one(6)),
    (("RETURN all(x IN [1, 2] WHERE x > 0), any(x IN [1, 2] WHERE x > 1), "
     "none(x IN [] WHERE x), single(x IN [1, 2] WHERE x = 1)"), [(True, True, True, True)]),
    ("MATCH (n:Cell {id: 1}) RETURN [(n)-[:To]->(m) WHERE m.kind = 'E' | m.id]",
     one([b for b in OUT[1] if KIND[b] == "E"])),
    ("MATCH (n:Cell {id: 2}) RETURN n {.id, .kind, two: n.id * 2}",
     one({"id": 2, "kind": "E", "two": 4})),
    ("MATCH (n:Cell {id: 3}) RETURN n {.*}", one({"id": 3, "kind": "I", "name": "c"})),
    ("RETURN {a: 1, b: {c: [2]}}.b.c[0]", one(2)),
    ("RETURN keys({b: 1, a: 2})", one(["a", "b"])),
    ("RETURN reverse([1, 2]), tail([1, 2]), size([1, [2, 3]]), [1] + 2 + [3]",
     [([2, 1], [2], 2, [1, 2, 3])]),
    ("RETURN range(0, 10, 5), 2 IN [1, null], 1 IN [1, null]", [([0, 5, 10], None, True)]),
    ("RETURN [1, 2] = [1, 2], [1, null] = [1, null], {a: 1} = {a: 1}", [(True, None, True)]),
    # arithmetic, text, null
    ("RETURN 7 / 2, 7 % 3, 7.0 / 2, 2 ^ 3, -7 / 2, -7 % 3", [(3, 1, 3.5, 8.0, -3, -1)]),
    ("RETURN 9223372036854775807, -9223372036854775807 - 1", [(2**63 - 1, -(2**63))]),
    ("RETURN null = null, null <> 1, null AND false, null OR true, NOT null",
     [(None, None, False, True, None)]),
    ("RETURN coalesce(null, 2, 3), CASE WHEN null THEN 1 ELSE 2 END", [(2, 2)]),
    ("RETURN CASE 3 WHEN 1 THEN 'a' WHEN 3 THEN 'b' END", one("b")),
    ("RETURN toUpper('ä'), size('äé'), substring('abc', 1), split('a,b', ','), trim(' x ')",
     [("Ä", 2, "bc", ["a", "b"], "x")]),
    ("RETURN replace('aba', 'a', 'x'), left('abc', 2), right('abc', 1), reverse('abc')",
     [("xbx", "ab", "c", "cba")]),
    ("RETURN toInteger('12'), toInteger('x'), toFloat('1.5'), toString(3), toBoolean('true')",
     [(12, None, 1.5, "3", True)]),
    ("RETURN 'a' < 'b', 1 < 1.5, 'a' + 1", [(True, True, "a1")]),
    ("RETURN abs(-3), sign(-2.5), floor(1.7), ceil(1.2), round(2.5), sqrt(9.0)",
     [(3, -1, 1.0, 2.0, 3.0, 3.0)]),
    (("RETURN date('2026-03-01') > date('2026-02-28'), date('2026-02-28') + duration('P1D') = "
     "date('2026-03-01')"), [(True, True)]),
    (("RETURN date('2026-11-27').year, date('2026-11-27').dayOfWeek, "
     "duration.inDays(date('2026-01-01'), date('2026-11-27')).days"), [(2026, 5, 330)]),
    ("RETURN datetime('2026-01-02T03:04:05Z').epochSeconds", one(1767323045)),
    ("RETURN point.distance(point({x: 0, y: 0}), point({x: 3, y: 4}))", one(5.0)),
    # paths
    ("MATCH (a:Cell {id: 1})-[:To*2]->(b) RETURN count(*)", one(len(trails(2, 1)))),
    ("MATCH (a:Cell {id: 1})-[:To*1..3]->(b) RETURN count(*)",
     one(sum(len(trails(k, 1)) for k in (1, 2, 3)))),
    ("MATCH (a:Cell)-[:To*3]->(b) RETURN count(*)", one(len(trails(3)))),
    ("MATCH (a:Cell {id: 1})-[:To*0..1]->(b) RETURN b.id ORDER BY b.id",
     column(sorted([1, *OUT[1]]))),
    ("MATCH (a:Cell)-[:To*4]->(a) RETURN count(*)",
     one(sum(t[0][0] == t[-1][1] for t in trails(4)))),
    ("MATCH (a:Cell {id: 1})-[:To*]->(b) RETURN count(DISTINCT b)",
     one(len(nx.descendants(GRAPH, 1)) + 1)),
    (("MATCH (a:Cell {id: 1}) MATCH (b:Cell {id: 7}) MATCH p = shortestPath((a)-[:To*]->(b)) "
     "RETURN length(p), [n IN nodes(p) | n.id]"), [(3, nx.shortest_path(GRAPH, 1, 7))]),
    (("MATCH (a:Cell {id: 3}) MATCH (b:Cell {id: 6}) MATCH p = allShortestPaths((a)-[:To*]->(b)) "
     "RETURN count(p), min(length(p))"),
     [(len(list(nx.all_shortest_paths(GRAPH, 3, 6))), nx.shortest_path_length(GRAPH, 3, 6))]),
    (("MATCH (a:Cell {id: 1}) MATCH (b:Cell {id: 8}) "
     "RETURN EXISTS { MATCH shortestPath((a)-[:To*]->(b)) }"), one(False)),
    (("MATCH p = (:Cell {id: 2})-[:To]->(:Cell {id: 6}) RETURN length(p), "
     "[e IN relationships(p) | e.w]"), [(1, [10])]),
    ("MATCH (a:Cell {id: 4})-[e:To*2]->(b) WHERE all(x IN e WHERE x.w > 1) RETURN count(*)",
     one(sum(all(ARROWS[x] > 1 for x in t) for t in trails(2, 4)))),
    ("MATCH (a:Cell {id: 1}) (()-[:To]->()){2} (b) RETURN count(*)", one(len(trails(2, 1)))),
    # subqueries
    ("MATCH (n:Cell) WHERE EXISTS { (n)-[:To]->(:Cell {kind: 'I'}) } RETURN n.id ORDER BY n.id",
     column(k for k in CELLS if any(KIND[b] == "I" for b in OUT[k]))),
    ("MATCH (n:Cell) WHERE NOT EXISTS { (n)<-[:To]-() } RETURN n.id ORDER BY n.id",
     column(k for k in CELLS if not INN[k])),
    ("MATCH (n:Cell) RETURN n.id, COUNT { (n)<-[:To]-() } AS d ORDER BY d DESC, n.id LIMIT 2",
     sorted(((k, len(INN[k])) for k in CELLS), key=lambda r: (-r[1], r[0]))[:2]),
    ("MATCH (n:Cell {id: 4}) RETURN COLLECT { MATCH (n)-[:To]->(m) RETURN m.id ORDER BY m.id }",
     one(OUT[4])),
    (("MATCH (n:Cell {kind: 'I'}) CALL (n) { MATCH (n)-[e:To]->(m) RETURN m.id AS best "
     "ORDER BY e.w DESC LIMIT 1 } RETURN n.id, best ORDER BY n.id"),
     [(k, max(OUT[k], key=lambda b, k=k: ARROWS[k, b])) for k in I]),
    (("CALL () { MATCH (n:Cell {kind: 'E'}) RETURN n.id AS k UNION MATCH (n:Cell {id: 1}) "
     "RETURN n.id AS k } RETURN count(k)"), one(len(E))),
    ("MATCH (n:Cell {id: 1}) RETURN n.id AS k UNION ALL MATCH (n:Cell {id: 1}) RETURN n.id AS k",
     column([1, 1])),
    ("MATCH (n:Cell {id: 1}) RETURN n.id AS k UNION MATCH (n:Cell {id: 1}) RETURN n.id AS k",
     one(1)),
    # motifs: relationships of one pattern differ (trail semantics), nodes need not
    ("MATCH (a:Cell)-[:To]->(b)-[:To]->(a) RETURN count(*)",
     one(sum((b, a) in ARROWS for a, b in ARROWS))),
    ("MATCH (a:Cell)-[:To]->(b:Cell)-[:To]->(a) WHERE a.id < b.id RETURN a.id, b.id ORDER BY a.id",
     sorted((a, b) for a, b in ARROWS if a < b and (b, a) in ARROWS)),
    ("MATCH (a:Cell)-[:To]->(b)-[:To]->(c) RETURN count(*)", one(matches("ab", "bc"))),
    ("MATCH (a:Cell)-[:To]->(b)<-[:To]-(c) RETURN count(*)", one(matches("ab", "cb"))),
    ("MATCH (a:Cell)-[:To]->(b), (b)-[:To]->(c), (a)-[:To]->(c) RETURN count(*)",
     one(matches("ab", "bc", "ac"))),
    ("MATCH (a:Cell)-[:To]->(b)-[:To]->(c)-[:To]->(a) RETURN count(*)",
     one(matches("ab", "bc", "ca"))),
    (("MATCH (a:Cell)-[:To]->(b)-[:To]->(c)-[:To]->(a) WHERE a.id < b.id AND a.id < c.id "
     "RETURN count(*)"), one(matches("ab", "bc", "ca") // 3)),
    (("MATCH (a:Cell)-[:To]->(b)-[:To]->(c), (a)-[:To]->(c) WHERE NOT (b)-[:To]->(a) AND NOT "
     "(c)-[:To]->(b) AND NOT (c)-[:To]->(a) RETURN count(*)"),
     one(sum(all(p in ARROWS for p in ((a, b), (b, c), (a, c)))
             and not any(p in ARROWS for p in ((b, a), (c, b), (c, a)))
             for a, b, c in permutations(CELLS, 3)))),
    ("MATCH (a:Cell)-[:To]->(b)-[:To]->(c)-[:To]->(d) RETURN count(*)",
     one(matches("ab", "bc", "cd"))),
    ("MATCH (a:Cell)-[:To]->(b) MATCH (b)-[:To]->(c) RETURN count(*)",
     one(sum(b == c for _, b in ARROWS for c, _ in ARROWS))),
    ("MATCH (a:Cell), (b:Cell) WHERE a.id < b.id AND NOT (a)-[:To]-(b) RETURN count(*)",
     one(sum(a < b and (a, b) not in ARROWS and (b, a) not in ARROWS
             for a in CELLS for b in CELLS))),
]  # fmt: skip
PARAMETERS = {"ids": [2, 1]}

# Statements of one transaction that is rolled back; the last one's answer counts.
WRITES = [
    (["CREATE (:Cell {id: 9})", "MATCH (n:Cell) RETURN count(n)"], one(len(CELLS) + 1)),
    (["MATCH (n:Cell {id: 1}) SET n.size = 9", "MATCH (n:Cell {id: 1}) RETURN n.size"], one(9)),
    (["MATCH (n:Cell {id: 1}) SET n += {size: null, x: 1}",
      "MATCH (n:Cell {id: 1}) RETURN n {.*}"], one({"id": 1, "kind": "E", "name": "a", "x": 1})),
    (["MATCH (n:Cell {id: 1}) SET n = {id: 1}", "MATCH (n:Cell {id: 1}) RETURN keys(n)"],
     one(["id"])),
    (["MATCH (n:Cell {id: 1}) REMOVE n.size SET n:Big", "MATCH (n:Big) RETURN n.size"], one(None)),
    (["MATCH (n:Cell {id: 1}) REMOVE n:Cell", "MATCH (n:Cell) RETURN count(n)"],
     one(len(CELLS) - 1)),
    (["MATCH (n:Cell {id: 8}) DELETE n", "MATCH (n:Cell) RETURN count(n)"], one(len(CELLS) - 1)),
    (["MATCH (n:Cell {id: 1}) DETACH DELETE n", "MATCH ()-[e:To]->() RETURN count(e)"],
     one(len(ARROWS) - len(OUT[1]) - len(INN[1]))),
    (["MATCH ()-[e:To]->() WHERE e.w > 5 DELETE e", "MATCH ()-[e:To]->() RETURN count(e)"],
     one(sum(w <= 5 for w in ARROWS.values()))),
    (["MERGE (n:Cell {id: 1})", "MATCH (n:Cell) RETURN count(n)"], one(len(CELLS))),
    (["MERGE (n:Cell {id: 10}) ON CREATE SET n.new = true ON MATCH SET n.new = false",
      "MATCH (n:Cell {id: 10}) RETURN n.new"], one(True)),
    (["MERGE (n:Cell {id: 2}) ON CREATE SET n.new = true ON MATCH SET n.new = false",
      "MATCH (n:Cell {id: 2}) RETURN n.new"], one(False)),
    (["MATCH (a:Cell {id: 1}), (b:Cell {id: 2}) MERGE (a)-[:To]->(b)",
      "MATCH ()-[e:To]->() RETURN count(e)"], one(len(ARROWS))),
    (["MATCH (a:Cell {id: 1}), (b:Cell {id: 8}) MERGE (a)-[:To]->(b)",
      "MATCH ()-[e:To]->() RETURN count(e)"], one(len(ARROWS) + 1)),
    (["UNWIND range(11, 20) AS k CREATE (:Cell {id: k})",
      "MATCH (n:Cell) WHERE n.id > 10 RETURN sum(n.id)"], one(sum(range(11, 21)))),
    (["FOREACH (k IN [21, 22] | CREATE (:Cell {id: k}))",
      "MATCH (n:Cell) WHERE n.id > 20 RETURN count(n)"], one(2)),
    (["MATCH (n:Cell {kind: 'I'}) CALL (n) { CREATE (n)-[:Made]->(:Copy {id: n.id}) }",
      "MATCH (:Cell)-[:Made]->(c:Copy) RETURN c.id ORDER BY c.id"], column(I)),
    (["MATCH (a)-[e:To]->(b) SET e.w = -e.w", "MATCH ()-[e:To]->() RETURN sum(e.w)"],
     one(-sum(ARROWS.values()))),
]  # fmt: skip
