// Motifs of four neurons in two circuits
// in: Circuits and species compared
// All classes of one shape, each with its share of that shape in either circuit; se is of a count that was estimated.
// $first = "larva-mb-left/mushroom-body" name of a circuit
// $second = "larva-mb-right/mushroom-body" name of another
// $shape = "cycle" star, path, cycle, paw, diamond, clique, …
MATCH (:Circuit {name: $first})-[:Measured]->(f:FourNodeMotif {shape: $shape})
WITH collect(f) AS ones, toFloat(sum(f.count)) AS first_total
MATCH (:Circuit {name: $second})-[:Measured]->(g:FourNodeMotif {shape: $shape})
WITH ones, first_total, collect(g) AS others, toFloat(sum(g.count)) AS second_total
UNWIND ones AS f
UNWIND others AS g
WITH f, g, first_total, second_total WHERE f.code = g.code
RETURN f.code AS code, f.edges AS edges, f.count AS first, f.se AS first_se,
       CASE first_total WHEN 0 THEN null ELSE f.count / first_total END AS first_share,
       g.count AS second, g.se AS second_se,
       CASE second_total WHEN 0 THEN null ELSE g.count / second_total END AS second_share
ORDER BY first DESC, code
